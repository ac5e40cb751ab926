//! Kinds and conversion (language.md 18.1).

use zexus_bytecode::num::{self, NumResult, ParseNumberError};

use super::{arg, rows};
use crate::machine::Machine;
use crate::ops::{finish, float_too_large, num_error, num_of};
use crate::trap::Trap;
use crate::value::{Kind, Value};
use crate::{copy, display, kinds, state};

rows! {
    ROWS in "";
    /// The display form.
    ["string", "str"] (x: Any) gas Text => Plain(string);
    /// The repr form: like the display form, with strings in quotes.
    ["repr"] (x: Any) gas Text => Plain(repr);
    /// The integer of a number, boolean or text.
    ["int"] (x: Any) gas Text => Plain(int);
    /// The float of a number, boolean or text.
    ["float"] (x: Any) gas Text => Plain(float);
    /// Whether `x` counts as true.
    ["bool"] (x: Any) => Plain(truth);
    /// The number of characters, items, entries, integers or members.
    ["len", "length", "size"] (x: Any) => Plain(len);
    /// The name of the kind: `Integer`, or the type's name for an instance.
    ["type"] (x: Any) => Plain(type_of);
    /// The name of the kind in lower case; `data` or `entity` for an instance.
    ["typeof"] (x: Any) => Plain(typeof_);
    /// A deep copy of a list, map or instance; anything else itself.
    ["copy"] (x: Any) gas Deep => Plain(deep_copy);
}

fn string(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    display::display_value(m, arg(args, 0))
}

fn repr(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = display::repr(m, arg(args, 0))?;
    m.string(text)
}

#[cold]
fn cannot(m: &mut Machine, v: Value, to: &str) -> Trap {
    let shown = match m.text(v) {
        Some(text) => format!("'{text}'"),
        None => kinds::type_name(m, v).to_owned(),
    };
    m.error(414, format!("Cannot convert {shown} to {to}"))
}

fn int(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let v = arg(args, 0);
    let result = match v.kind() {
        Kind::Int(_) | Kind::BigInt(_) => return Ok(v),
        Kind::Bool(b) => return Ok(Value::int(i64::from(b))),
        Kind::Float(f) => num::float_to_int(f),
        Kind::Str(s) => match num::parse_int(m.heap.str(s).text()) {
            Ok(n) => Ok(n),
            Err(ParseNumberError::TooLarge) => Err(num::NumError::TooLarge),
            Err(ParseNumberError::Malformed) => return Err(cannot(m, v, "integer")),
        },
        _ => return Err(cannot(m, v, "integer")),
    };
    finish(m, result)
}

fn float(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let v = arg(args, 0);
    let result = match v.kind() {
        Kind::Bool(b) => Ok(f64::from(u8::from(b))),
        Kind::Str(s) => match num::parse_float(m.heap.str(s).text()) {
            Ok(f) => Ok(f),
            Err(ParseNumberError::TooLarge) => return Err(float_too_large(m)),
            Err(ParseNumberError::Malformed) => return Err(cannot(m, v, "float")),
        },
        _ => match num_of(m, v).map(|n| n.to_f64()) {
            Some(Err(num::NumError::TooLarge)) => return Err(float_too_large(m)),
            Some(f) => f,
            None => return Err(cannot(m, v, "float")),
        },
    };
    finish(m, result.map(NumResult::Float))
}

fn truth(_: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::bool(arg(args, 0).truthy()))
}

/// The length of whatever has one.
pub(crate) fn len(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let v = arg(args, 0);
    let len = match v.kind() {
        Kind::Str(s) => u64::from(m.heap.str(s).chars),
        Kind::List(l) => m.heap.list(l).items.len() as u64,
        Kind::Map(r) => m.heap.map(r).map.len() as u64,
        Kind::Range(r) => m.heap.range(r).len(),
        Kind::Enum(e) => m.heap.enumeration(e).members.len() as u64,
        Kind::Bytes(b) => m.heap.bytes_obj(b).0.len() as u64,
        Kind::Live(l) => state::len(m, l)?,
        _ => {
            let kind = kinds::typeof_name(m, v).to_uppercase();
            return Err(m.error(402, format!("len() not supported for {kind}")));
        }
    };
    match i64::try_from(len) {
        Ok(len) => Ok(Value::int(len)),
        // A range may count more than 64 bits of sign can say.
        Err(_) => finish(m, Ok(NumResult::from_i128(i128::from(len)))),
    }
}

fn type_of(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let name = kinds::type_name(m, arg(args, 0)).to_owned();
    m.string(name)
}

fn typeof_(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    m.string(kinds::typeof_name(m, arg(args, 0)))
}

fn deep_copy(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    copy::deep(m, arg(args, 0))
}

/// `from_hex(s)`.
pub(crate) fn from_hex(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let v = arg(args, 0);
    let result = match m.text(v).map(|t| num::parse_hex(t)) {
        Some(Ok(n)) => Ok(n),
        Some(Err(ParseNumberError::TooLarge)) => return Err(num_error(m, num::NumError::TooLarge)),
        _ => return Err(cannot(m, v, "integer")),
    };
    finish(m, result)
}
