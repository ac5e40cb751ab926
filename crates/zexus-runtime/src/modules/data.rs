//! The module `json`, and what the modules `list` and `string` have besides the methods.

use crate::builtins::{arg, given, rows, text_of};
use crate::json;
use crate::machine::Machine;
use crate::ops::num_error;
use crate::trap::Trap;
use crate::value::{Kind, Value};
use zexus_bytecode::num::NumError;
use zexus_bytecode::schedule;

rows! {
    JSON in "json";
    /// The value that a JSON text stands for.
    ["parse"] (s: Str) gas Text => Plain(parse);
    /// The JSON text of a value.
    ["stringify"] (v: Any, indent: Any = "null") gas Text => Plain(stringify);
}

rows! {
    LIST in "list";
    /// A list of the arguments.
    ["of"] (xs: Many) gas Each => Plain(list_of);
    /// A list that has `x` `n` times.
    ["repeat"] (x: Any, n: Int) gas Each => Plain(list_repeat);
}

rows! {
    STRING in "string";
    /// The character with a code point.
    ["from_code"] (n: Int) => Plain(from_code);
}

fn parse(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    json::parse(m, &text)
}

fn stringify(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let indent = match given(args, 1) {
        Some(v) => json::indentation(m, v)?,
        None => None,
    };
    let text = json::stringify(m, arg(args, 0), indent.as_deref())?;
    m.string(text)
}

fn list_of(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    m.charge_units(schedule::LIST_ITEM, args.len())?;
    m.list(args.to_vec())
}

fn list_repeat(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let n = match arg(args, 1).kind() {
        Kind::Int(n) => n.max(0) as u64,
        _ => return Err(num_error(m, NumError::TooLarge)),
    };
    m.charge_units(schedule::LIST_ITEM, n as usize)?;
    m.heap.room(n.saturating_mul(16))?;
    m.list(vec![arg(args, 0); n as usize])
}

fn from_code(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let c = arg(args, 0).as_int().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32);
    match c {
        Some(c) => m.string(&*c.encode_utf8(&mut [0; 4])),
        None => Err(m.error(415, "there is no character with this code point")),
    }
}
