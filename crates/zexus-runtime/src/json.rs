//! JSON texts of values, and back (language.md chapter 20, module `json`). The canonical form that is hashed is elsewhere.
//!
//! Both directions keep a stack of their own, so depth costs no native stack.

use rustc_hash::FxHashSet;
use zexus_bytecode::num;

use crate::display::{Text, hidden, quote};
use crate::key::Key;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::object::MapObj;
use crate::ops::{REDACTED, num_error};
use crate::state;
use crate::trap::Trap;
use crate::value::{Kind, Value};

mod parse;

pub use parse::parse;

/// A container that is being written.
struct Frame {
    v: Value,
    next: usize,
    first: bool,
}

struct Writer<'a> {
    text: Text,
    indent: Option<&'a str>,
    frames: Vec<Frame>,
    open: FxHashSet<(u8, u64)>,
}

/// The JSON text of a value: on one line with `", "` and `": "`, or with an indentation for each level.
///
/// # Errors
/// E0408 for a float that is not finite, E0510 for what has no JSON form and what contains itself, E0415 if two keys become equal,
/// [`Trap::MemoryLimit`].
pub fn stringify(m: &mut Machine, v: Value, indent: Option<&str>) -> Result<String, Trap> {
    let mut w = Writer { text: Text::new(m), indent, frames: Vec::new(), open: FxHashSet::default() };
    w.value(m, v)?;
    while let Some(frame) = w.frames.last_mut() {
        let (container, at, first) = (frame.v, frame.next, frame.first);
        frame.first = false;
        match w.step(m, container, at, first)? {
            Some((next, v)) => {
                if let Some(frame) = w.frames.last_mut() {
                    frame.next = next;
                }
                w.value(m, v)?;
                w.text.pay(m)?;
            }
            None => {
                w.frames.pop();
                w.open.remove(&(container.tag() as u8, container.bits()));
                if !first {
                    w.line()?;
                }
                w.text.push(if container.as_list().is_some() { "]" } else { "}" })?;
            }
        }
    }
    w.text.finish(m)
}

impl Writer<'_> {
    /// Writes what stands before the next part of a container and gives the part, `UNDEF` for a redacted one.
    fn step(
        &mut self,
        m: &mut Machine,
        container: Value,
        at: usize,
        first: bool,
    ) -> Result<Option<(usize, Value)>, Trap> {
        let part = match container.kind() {
            Kind::List(l) => match m.heap.list(l).items.get(at) {
                Some(v) => (None, at + 1, *v),
                None => return Ok(None),
            },
            Kind::Map(r) => match m.heap.map(r).map.entry_from(at) {
                Some((next, key, v)) => {
                    let redacted =
                        matches!(key, Key::Str(k) if hidden(m.heap.map(r).restricted.as_deref(), k));
                    (Some(key_text(key)), next, if redacted { Value::UNDEF } else { *v })
                }
                None => return Ok(None),
            },
            Kind::Instance(i) => {
                let object = m.heap.instance(i);
                let field = m.heap.ty(object.ty).fields.get_index(at);
                let (Some((name, _)), Some(v)) = (field, object.fields.get(at)) else { return Ok(None) };
                let redacted = hidden(object.restricted.as_deref(), name);
                (Some(name.to_string()), at + 1, if redacted { Value::UNDEF } else { *v })
            }
            _ => return Ok(None),
        };
        if !first {
            self.text.push(if self.indent.is_some() { "," } else { ", " })?;
        }
        self.line()?;
        let (key, next, v) = part;
        if let Some(key) = key {
            quote(&mut self.text, &key)?;
            self.text.push(": ")?;
        }
        Ok(Some((next, v)))
    }

    /// A new line with the indentation of the frames that are open.
    fn line(&mut self) -> Result<(), Trap> {
        let Some(indent) = self.indent else { return Ok(()) };
        self.text.push("\n")?;
        for _ in 0..self.frames.len() {
            self.text.push(indent)?;
        }
        Ok(())
    }

    fn value(&mut self, m: &mut Machine, v: Value) -> Result<(), Trap> {
        let v = match v.kind() {
            Kind::Live(l) => state::snapshot(m, l)?,
            _ => v,
        };
        match v.kind() {
            Kind::Null => self.text.push("null"),
            Kind::Bool(b) => self.text.push(if b { "true" } else { "false" }),
            Kind::Int(i) => self.text.push(&i.to_string()),
            Kind::BigInt(b) => self.text.push(&m.heap.bigint(b).0.to_string()),
            Kind::Float(f) if f.is_finite() => self.text.push(&num::format_float(f)),
            Kind::Float(_) => Err(num_error(m, num::NumError::Domain)),
            Kind::Undef => quote(&mut self.text, REDACTED),
            Kind::Str(s) => quote(&mut self.text, m.heap.str(s).text()),
            Kind::ContractInstance(i) => quote(&mut self.text, &m.addresses.text(i)),
            Kind::List(_) | Kind::Map(_) | Kind::Instance(_) => {
                if !self.open.insert((v.tag() as u8, v.bits())) {
                    return Err(m.error(510, "a value that contains itself has no JSON form"));
                }
                if let Kind::Map(r) = v.kind()
                    && let Some(key) = twice(m.heap.map(r))
                {
                    return Err(m.error(415, format!("the key '{key}' would occur twice")));
                }
                self.text.push(if v.as_list().is_some() { "[" } else { "{" })?;
                self.frames.push(Frame { v, next: 0, first: true });
                Ok(())
            }
            _ => {
                let message = format!("{} has no JSON form", type_name(m, v));
                Err(m.error(510, message))
            }
        }
    }
}

fn key_text(key: &Key) -> String {
    match key {
        Key::Str(s) => s.to_string(),
        Key::Int(i) => i.to_string(),
        Key::Bool(b) => b.to_string(),
        Key::Big(b) => b.to_string(),
    }
}

/// A text that two keys of the map would have.
fn twice(map: &MapObj) -> Option<String> {
    if map.map.keys().all(|k| matches!(k, Key::Str(_))) {
        return None;
    }
    let mut seen = FxHashSet::default();
    map.map.keys().map(key_text).find(|text| !seen.insert(text.clone()))
}

/// The text of an indentation argument: spaces for an integer, a string as it is.
///
/// # Errors
/// E0402 for another kind, E0415 for more than 16 characters.
pub(crate) fn indentation(m: &mut Machine, v: Value) -> Result<Option<String>, Trap> {
    let text = match v.kind() {
        Kind::Null => return Ok(None),
        Kind::Int(n @ 0..=16) => " ".repeat(n as usize),
        Kind::Str(s) if m.heap.str(s).chars <= 16 => m.heap.str(s).text().to_string(),
        Kind::Int(_) | Kind::BigInt(_) | Kind::Str(_) => {
            return Err(m.error(415, "an indentation has 0 to 16 characters"));
        }
        _ => {
            let message = format!(
                "Type mismatch: parameter 'indent' of stringify expects int, got {}",
                type_name(m, v)
            );
            return Err(m.error(402, message));
        }
    };
    Ok(Some(text))
}
