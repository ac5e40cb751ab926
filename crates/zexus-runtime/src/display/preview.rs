//! The beginning of the repr form, for traces: it costs nothing, changes nothing and never fails.

use rustc_hash::FxHashSet;

use super::{Text, Writer, quote, scalar};
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// The first `most` characters of the repr form. A live list or map of the state shows as `[...]` or `{...}`, because to read it costs.
pub fn preview(m: &Machine, v: Value, most: usize) -> String {
    let mut text = Text { out: String::new(), room: u64::MAX, paid: 0 };
    // Text cannot run out of room; what is there is the beginning in any case.
    let _ = fill(m, &mut text, v, most);
    let end = start(&text.out, most).len();
    text.out.truncate(end);
    text.out
}

fn fill(m: &Machine, text: &mut Text, v: Value, most: usize) -> Result<(), Trap> {
    let mut writer = Writer { text, repr: true, frames: Vec::new(), open: FxHashSet::default() };
    value(m, &mut writer, v, most)?;
    // A character has at most four bytes.
    while writer.text.out.len() <= 4 * most {
        let Some(frame) = writer.frames.last_mut() else { break };
        let (container, at, first) = (frame.v, frame.next, frame.first);
        frame.first = false;
        match writer.step(m, container, at, first)? {
            Some((next, v)) => {
                if let Some(frame) = writer.frames.last_mut() {
                    frame.next = next;
                }
                value(m, &mut writer, v, most)?;
            }
            None => {
                writer.frames.pop();
                writer.open.remove(&(container.tag() as u8, container.bits()));
            }
        }
    }
    Ok(())
}

fn value(m: &Machine, writer: &mut Writer<'_>, v: Value, most: usize) -> Result<(), Trap> {
    match v.kind() {
        Kind::Undef => writer.hidden(),
        Kind::Live(live) => writer.text.push(if m.heap.live(live).list { "[...]" } else { "{...}" }),
        Kind::Str(s) => quote(writer.text, start(m.heap.str(s).text(), most)),
        Kind::Bytes(b) => {
            let bytes = &m.heap.bytes_obj(b).0;
            let hex: String = bytes.iter().take(most).map(|b| format!("{b:02x}")).collect();
            writer.text.push(&format!("<bytes {hex}>"))
        }
        Kind::List(_) | Kind::Map(_) | Kind::Instance(_) | Kind::Enum(_) => writer.begin(m, v),
        _ => scalar(m, writer.text, v),
    }
}

/// The first `most` characters.
fn start(text: &str, most: usize) -> &str {
    match text.char_indices().nth(most) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// A string in double quotes with the escapes of JSON.
pub fn quoted(s: &str) -> String {
    let mut text = Text { out: String::new(), room: u64::MAX, paid: 0 };
    let _ = quote(&mut text, s);
    text.out
}
