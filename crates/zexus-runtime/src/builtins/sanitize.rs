//! Escaping text for other languages (language.md 18.5).

use super::{arg, text_of};
use crate::display::{Text, display, quote};
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::Value;

/// `sanitize(x, mode)`: the display form of `x`, escaped.
///
/// # Errors
/// E0424 for an unknown mode.
pub(crate) fn sanitize(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let mode = if args.len() > 1 { text_of(m, args, 1) } else { "html".into() };
    // A string is its own display form, and was paid for as an argument.
    let text = match m.text(arg(args, 0)) {
        Some(text) => text.to_string(),
        None => display(m, arg(args, 0))?,
    };
    let mut out = Text::new(m);
    let mut buffer = [0; 4];
    match &*mode {
        "html" => {
            for c in text.chars() {
                out.push(match c {
                    '&' => "&amp;",
                    '<' => "&lt;",
                    '>' => "&gt;",
                    '"' => "&quot;",
                    '\'' => "&#39;",
                    _ => c.encode_utf8(&mut buffer),
                })?;
            }
        }
        "url" => {
            for b in text.bytes() {
                match b {
                    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                        out.push(char::from(b).encode_utf8(&mut buffer))?;
                    }
                    _ => out.push(&format!("%{b:02X}"))?,
                }
            }
        }
        "js" => {
            let mut quoted = Text::new(m);
            quote(&mut quoted, &text)?;
            let quoted = quoted.into_part();
            out.push(quoted.get(1..quoted.len() - 1).unwrap_or_default())?;
        }
        "sql" => out.push(&text.replace('\'', "''"))?,
        "shell" => {
            out.push("'")?;
            out.push(&text.replace('\'', "'\\''"))?;
            out.push("'")?;
        }
        other => {
            let message = format!("unknown mode '{other}' of sanitize");
            return Err(m.error(424, message));
        }
    }
    out.value(m)
}

/// `sanitize_input(s)`: without NUL, with line ends as `\n`.
pub(crate) fn sanitize_input(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    m.string(text.replace('\0', "").replace("\r\n", "\n").replace('\r', "\n"))
}
