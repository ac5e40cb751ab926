//! Display and repr form (language.md 4.5, 4.6).
//!
//! Values are walked with a stack of their own, so depth costs no native stack. What is inside itself shows as `[...]` or `{...}`.
//! Every byte is counted against the memory that is left, so a structure that shares parts cannot make more text than fits. In
//! metered runs it is paid for in steps, while it grows.

use rustc_hash::FxHashSet;
use zexus_bytecode::{num, schedule};

use crate::builtins;
use crate::key::Key;
use crate::machine::Machine;
use crate::object::{FunctionObj, Restrictions, TypeForm};
use crate::ops::REDACTED;
use crate::state;
use crate::trap::Trap;
use crate::value::{Kind, Value};

mod preview;

pub use preview::{preview, quoted};

/// Text that is being built, bounded by the memory that is left.
#[derive(Debug)]
pub struct Text {
    out: String,
    room: u64,
    /// Bytes that were paid for.
    paid: usize,
}

impl Text {
    /// Empty text.
    pub fn new(m: &Machine) -> Text {
        Text { out: String::new(), room: m.heap.available(), paid: 0 }
    }

    /// Appends.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    #[inline]
    pub fn push(&mut self, s: &str) -> Result<(), Trap> {
        self.room = self.room.checked_sub(s.len() as u64).ok_or(Trap::MemoryLimit)?;
        self.out.push_str(s);
        Ok(())
    }

    /// Pays for the steps that the text has passed.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`].
    #[inline]
    pub(crate) fn pay(&mut self, m: &mut Machine) -> Result<(), Trap> {
        m.meter.charge_steps(schedule::TEXT, &mut self.paid, self.out.len())
    }

    /// The text, all of it paid for.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`].
    pub fn finish(self, m: &mut Machine) -> Result<String, Trap> {
        self.finish_after(m, 0)
    }

    /// The text, which goes on after `before` bytes; all of it and these are paid for.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`].
    pub(crate) fn finish_after(mut self, m: &mut Machine, before: usize) -> Result<String, Trap> {
        self.pay(m)?;
        m.charge_units(schedule::TEXT, before + self.out.len() - self.paid)?;
        Ok(self.out)
    }

    /// The text as a value.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`], [`Trap::MemoryLimit`].
    pub fn value(self, m: &mut Machine) -> Result<Value, Trap> {
        let text = self.finish(m)?;
        m.string(text)
    }

    /// The text, which is only a part of another one and paid for with that.
    pub(crate) fn into_part(self) -> String {
        self.out
    }
}

/// The display form.
///
/// # Errors
/// [`Trap::MemoryLimit`], and what reading of the state raises.
pub fn display(m: &mut Machine, v: Value) -> Result<String, Trap> {
    let mut text = Text::new(m);
    write(m, &mut text, v)?;
    text.finish(m)
}

/// The display form as a string value; a string is its own.
///
/// # Errors
/// As [`display`].
pub fn display_value(m: &mut Machine, v: Value) -> Result<Value, Trap> {
    if v.as_str().is_some() {
        return Ok(v);
    }
    let text = display(m, v)?;
    m.string(text)
}

/// The repr form.
///
/// # Errors
/// As [`display`].
pub fn repr(m: &mut Machine, v: Value) -> Result<String, Trap> {
    let mut text = Text::new(m);
    Writer::new(&mut text, true).run(m, v)?;
    text.finish(m)
}

/// Appends the display form.
///
/// # Errors
/// As [`display`].
pub fn write(m: &mut Machine, text: &mut Text, v: Value) -> Result<(), Trap> {
    match v.kind() {
        Kind::Str(s) => text.push(m.heap.str(s).text())?,
        Kind::List(_) | Kind::Map(_) | Kind::Instance(_) | Kind::Enum(_) | Kind::Live(_) => {
            Writer::new(text, false).run(m, v)?;
        }
        _ => scalar(m, text, v)?,
    }
    text.pay(m)
}

/// `BUILD_STRING`: the display forms of all values in one string.
///
/// # Errors
/// As [`display`].
pub fn join(m: &mut Machine, values: &[Value]) -> Result<Value, Trap> {
    let mut text = Text::new(m);
    for v in values {
        write(m, &mut text, *v)?;
    }
    text.value(m)
}

/// Steps after which the host is asked whether the run shall stop.
const INTERRUPTION: u32 = 1 << 16;

/// A container that is being written.
struct Frame {
    v: Value,
    /// For lists and instances the next position, for maps the cursor of [`crate::ordered::OrderedMap::entry_from`].
    next: usize,
    first: bool,
}

struct Writer<'a> {
    text: &'a mut Text,
    repr: bool,
    frames: Vec<Frame>,
    /// The containers of `frames`, to find those inside themselves.
    open: FxHashSet<(u8, u64)>,
}

impl Writer<'_> {
    fn new(text: &mut Text, repr: bool) -> Writer<'_> {
        Writer { text, repr, frames: Vec::new(), open: FxHashSet::default() }
    }

    fn run(&mut self, m: &mut Machine, v: Value) -> Result<(), Trap> {
        self.value(m, v)?;
        let mut steps = 0_u32;
        while let Some(frame) = self.frames.last_mut() {
            // Parts that are shared may be written very often before the memory is used up.
            steps = steps.wrapping_add(1);
            if steps.is_multiple_of(INTERRUPTION) && m.host.interrupted() {
                return Err(Trap::Interrupted);
            }
            let (container, at, first) = (frame.v, frame.next, frame.first);
            frame.first = false;
            match self.step(m, container, at, first)? {
                Some((next, v)) => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.next = next;
                    }
                    self.value(m, v)?;
                    self.text.pay(m)?;
                }
                None => {
                    self.frames.pop();
                    self.open.remove(&(container.tag() as u8, container.bits()));
                }
            }
        }
        Ok(())
    }

    /// Writes what stands before the next part of a container and gives the part, `UNDEF` for a redacted one; at the end writes
    /// the closing bracket.
    fn step(
        &mut self,
        m: &Machine,
        container: Value,
        at: usize,
        first: bool,
    ) -> Result<Option<(usize, Value)>, Trap> {
        let between = if first { "" } else { ", " };
        match container.kind() {
            Kind::List(l) => match m.heap.list(l).items.get(at) {
                Some(v) => {
                    self.text.push(between)?;
                    Ok(Some((at + 1, *v)))
                }
                None => self.text.push("]").map(|()| None),
            },
            Kind::Map(r) => {
                let map = m.heap.map(r);
                let Some((next, key, v)) = map.map.entry_from(at) else {
                    return self.text.push("}").map(|()| None);
                };
                self.text.push(between)?;
                self.key(key)?;
                self.text.push(": ")?;
                match key {
                    Key::Str(name) if hidden(map.restricted.as_deref(), name) => {
                        Ok(Some((next, Value::UNDEF)))
                    }
                    _ => Ok(Some((next, *v))),
                }
            }
            Kind::Instance(i) => {
                let object = m.heap.instance(i);
                let ty = m.heap.ty(object.ty);
                let entity = ty.form == TypeForm::Entity;
                let (Some((name, _)), Some(v)) = (ty.fields.get_index(at), object.fields.get(at)) else {
                    return self
                        .text
                        .push(if !entity {
                            ")"
                        } else if first {
                            "}"
                        } else {
                            " }"
                        })
                        .map(|()| None);
                };
                self.text.push(if entity && first { " " } else { between })?;
                self.text.push(name)?;
                self.text.push(if entity { ": " } else { "=" })?;
                if hidden(object.restricted.as_deref(), name) {
                    return Ok(Some((at + 1, Value::UNDEF)));
                }
                Ok(Some((at + 1, *v)))
            }
            Kind::Enum(e) => {
                let object = m.heap.enumeration(e);
                let Some((name, v)) = object.members.get_index(at) else {
                    return self.text.push("}").map(|()| None);
                };
                self.text.push(between)?;
                self.text.push(name)?;
                self.text.push(": ")?;
                Ok(Some((at + 1, *v)))
            }
            _ => Ok(None),
        }
    }

    fn hidden(&mut self) -> Result<(), Trap> {
        if self.repr { self.text.push("\"***\"") } else { self.text.push(REDACTED) }
    }

    fn key(&mut self, key: &Key) -> Result<(), Trap> {
        match key {
            Key::Str(s) if self.repr && !is_name(s) => quote(self.text, s),
            Key::Str(s) => self.text.push(s),
            Key::Int(i) => self.text.push(&i.to_string()),
            Key::Big(b) => self.text.push(&b.to_string()),
            Key::Bool(b) if self.repr => self.text.push(if *b { "[true]" } else { "[false]" }),
            Key::Bool(b) => self.text.push(if *b { "true" } else { "false" }),
        }
    }

    /// Writes a value, or the opening of a container that is then the innermost frame.
    fn value(&mut self, m: &mut Machine, v: Value) -> Result<(), Trap> {
        let v = match v.kind() {
            Kind::Live(l) => state::snapshot(m, l)?,
            _ => v,
        };
        match v.kind() {
            Kind::Undef => return self.hidden(),
            Kind::Str(s) if self.repr => return quote(self.text, m.heap.str(s).text()),
            Kind::Str(s) => return self.text.push(m.heap.str(s).text()),
            Kind::List(_) | Kind::Map(_) | Kind::Instance(_) | Kind::Enum(_) => (),
            _ => return scalar(m, self.text, v),
        }
        self.begin(m, v)
    }

    /// Writes the opening of a container, which is then the innermost frame, unless it is inside itself.
    fn begin(&mut self, m: &Machine, v: Value) -> Result<(), Trap> {
        let list = matches!(v.kind(), Kind::List(_));
        if !self.open.insert((v.tag() as u8, v.bits())) {
            return self.text.push(if list { "[...]" } else { "{...}" });
        }
        self.frames.push(Frame { v, next: 0, first: true });
        match v.kind() {
            Kind::Instance(i) => {
                let ty = m.heap.ty(m.heap.instance(i).ty);
                self.text.push(&ty.name)?;
                self.text.push(if ty.form == TypeForm::Entity { " {" } else { "(" })
            }
            _ => self.text.push(if list { "[" } else { "{" }),
        }
    }
}

/// Whether a rule redacts the field.
pub(crate) fn hidden(rules: Option<&Restrictions>, name: &str) -> bool {
    rules.is_some_and(|r| r.redacts(name))
}

/// Writes a value that has no parts.
fn scalar(m: &Machine, text: &mut Text, v: Value) -> Result<(), Trap> {
    match v.kind() {
        Kind::Bool(b) => text.push(if b { "true" } else { "false" }),
        Kind::Int(i) => text.push(&i.to_string()),
        Kind::BigInt(b) => text.push(&m.heap.bigint(b).0.to_string()),
        Kind::Float(f) => text.push(&num::format_float(f)),
        Kind::DateTime(t) => text.push(&crate::datetime::display(t)),
        Kind::Range(r) => {
            let r = m.heap.range(r);
            text.push(&format!("{}..{}", r.start, r.end))
        }
        Kind::Bytes(b) => {
            let hex: String = m.heap.bytes_obj(b).0.iter().map(|b| format!("{b:02x}")).collect();
            text.push(&format!("<bytes {hex}>"))
        }
        Kind::Builtin(i) => text.push(&format!("<built-in function: {}>", builtins::name(m, i))),
        Kind::Function(f) => function(text, m.heap.function(f)),
        Kind::Type(t) => text.push(&format!("<type {}>", m.heap.ty(t).name)),
        Kind::Contract(c) => text.push(&format!("<contract {}>", m.heap.contract(c).name)),
        Kind::ContractInstance(i) => {
            let name = m.addresses.contract(i).map(|c| m.heap.contract(c).name.clone()).unwrap_or_default();
            text.push(&format!("<contract {name}@{}>", m.addresses.text(i)))
        }
        Kind::Module(r) => text.push(&format!("<module {}>", m.heap.module(r).name)),
        Kind::Task(t) => text.push(&format!("<task {}>", m.heap.task(t).id)),
        Kind::Error(e) => text.push(&m.heap.error(e).message),
        Kind::Channel(_) => text.push("<channel>"),
        Kind::WaitGroup(_) => text.push("<waitgroup>"),
        Kind::Barrier(_) => text.push("<barrier>"),
        Kind::Iter(_) => text.push("<iterator>"),
        _ => text.push("null"),
    }
}

fn function(text: &mut Text, f: &FunctionObj) -> Result<(), Trap> {
    let params: Vec<String> =
        f.info.params.iter().map(|p| format!("{}{}", if p.rest { "..." } else { "" }, p.name)).collect();
    let params = params.join(", ");
    if f.info.name.is_empty() {
        text.push(&format!("lambda({params})"))
    } else {
        text.push(&format!("action({params}) {{\n  ...\n}}"))
    }
}

/// Whether a string key can stand bare in a map literal: an identifier of the language.
fn is_name(s: &str) -> bool {
    let mut bytes = s.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Appends a string in double quotes with the escapes of JSON.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn quote(text: &mut Text, s: &str) -> Result<(), Trap> {
    text.push("\"")?;
    let mut plain = 0;
    for (i, b) in s.bytes().enumerate() {
        let unicode;
        let escape = match b {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            8 => "\\b",
            12 => "\\f",
            0..=31 => {
                unicode = format!("\\u{b:04x}");
                &unicode
            }
            _ => continue,
        };
        text.push(s.get(plain..i).unwrap_or_default())?;
        text.push(escape)?;
        plain = i + 1;
    }
    text.push(s.get(plain..).unwrap_or_default())?;
    text.push("\"")
}

#[cfg(test)]
mod tests;
