//! The listing of a module (bytecode.md 3.1).

use std::fmt::{self, Write};

use crate::constant::Const;
use crate::isa::{Instruction, Operand};
use crate::module::{Function, Module};
use crate::num::format_float;

/// How many characters of a constant are shown.
const WIDTH: usize = 50;

impl Module {
    /// The listing of the module: lines joined by `\n`, without one at the end.
    pub fn disassemble(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_listing(&mut out);
        out.truncate(out.trim_end_matches('\n').len());
        out
    }

    fn write_listing(&self, out: &mut String) -> fmt::Result {
        let (instructions, constants) = (self.len(), self.constants.len());
        writeln!(out, "Bytecode Object ({instructions} instructions, {constants} constants)")?;
        writeln!(out, "{}\n", "=".repeat(60))?;
        if constants > 0 {
            writeln!(out, "Constants:")?;
            for (i, constant) in self.constants.iter().enumerate() {
                writeln!(out, "  {i:>3}: {}", clip(|w| write_text(w, constant)))?;
            }
            out.push('\n');
        }
        writeln!(out, "Instructions:")?;
        for (i, function) in self.functions.iter().enumerate() {
            if i > 0 {
                write_head(out, i, function)?;
            }
            for (pc, instruction) in function.code.iter().enumerate() {
                write_line(out, pc, *instruction)?;
                out.push('\n');
            }
        }
        Ok(())
    }
}

fn write_head(out: &mut String, index: usize, function: &Function) -> fmt::Result {
    write!(out, "\nFunction {index}: ")?;
    write_escaped(out, &function.name, None)?;
    out.push('(');
    for (i, param) in function.params.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_escaped(out, &param.name, None)?;
    }
    writeln!(out, ") ({} instructions)\n{}", function.code.len(), "-".repeat(60))
}

/// The line of a listing that shows an instruction.
pub fn listing_line(pc: u32, instruction: Instruction) -> String {
    let mut out = String::new();
    let _ = write_line(&mut out, pc as usize, instruction);
    out
}

fn write_line(out: &mut String, pc: usize, instruction: Instruction) -> fmt::Result {
    write!(out, "  {pc:>4}  {:<20}", instruction.op())?;
    match instruction.operand() {
        Operand::None => Ok(()),
        operand => write!(out, "  {operand}"),
    }
}

/// The text that `write` makes; beyond 50 characters it is cut to 47 and `...`, and not made any further.
pub(crate) fn clip(write: impl FnOnce(&mut dyn Write) -> fmt::Result) -> String {
    let mut clip = Clip { text: String::new(), room: WIDTH + 1 };
    // It fails when there is no more room, which ends the writing of a large constant early.
    let _ = write(&mut clip);
    if clip.room == 0 {
        let end = clip.text.char_indices().nth(WIDTH - 3).map_or(clip.text.len(), |(at, _)| at);
        clip.text.truncate(end);
        clip.text.push_str("...");
    }
    clip.text
}

struct Clip {
    text: String,
    room: usize,
}

impl Write for Clip {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.room = self.room.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(c);
        }
        if self.room == 0 { Err(fmt::Error) } else { Ok(()) }
    }
}

/// Writes a constant as listings show it.
pub(crate) fn write_text(out: &mut dyn Write, constant: &Const) -> fmt::Result {
    match constant {
        Const::Null => out.write_str("null"),
        Const::Bool(b) => write!(out, "{b}"),
        Const::Int(i) => write!(out, "{i}"),
        Const::Big(i) => write!(out, "{i}"),
        Const::Float(f) => out.write_str(&format_float(*f)),
        Const::Str(text) => {
            out.write_char('\'')?;
            write_escaped(out, text, Some('\''))?;
            out.write_char('\'')
        }
        Const::Bytes(bytes) => {
            out.write_str("0x")?;
            bytes.iter().try_for_each(|b| write!(out, "{b:02x}"))
        }
        Const::List(items) => write_items(out, ['[', ']'], items, |out, item| write_text(out, item)),
        Const::Map(entries) => write_items(out, ['{', '}'], entries, |out, (key, value)| {
            write_text(out, key)?;
            out.write_str(": ")?;
            write_text(out, value)
        }),
        Const::Func(index) => write!(out, "<function {index}>"),
    }
}

/// Writes items between brackets, separated by `, `.
pub(crate) fn write_items<T>(
    out: &mut dyn Write,
    [open, close]: [char; 2],
    items: &[T],
    mut write: impl FnMut(&mut dyn Write, &T) -> fmt::Result,
) -> fmt::Result {
    out.write_char(open)?;
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.write_str(", ")?;
        }
        write(out, item)?;
    }
    out.write_char(close)
}

fn write_escaped(out: &mut dyn Write, text: &str, quote: Option<char>) -> fmt::Result {
    for c in text.chars() {
        match c {
            '\\' if quote.is_some() => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            c if Some(c) == quote => write!(out, "\\{c}")?,
            c if c.is_control() => write!(out, "\\u{{{:x}}}", u32::from(c))?,
            c => out.write_char(c)?,
        }
    }
    Ok(())
}
