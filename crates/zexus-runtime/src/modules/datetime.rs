//! The module `datetime`; all in UTC.

use zexus_bytecode::num::NumError;

use crate::builtins::{arg, rows, text_of};
use crate::datetime::{Civil, in_bounds, parse};
use crate::machine::Machine;
use crate::methods::others;
use crate::ops::{self, num_error};
use crate::trap::Trap;
use crate::value::{Kind, Value};

rows! {
    ROWS in "datetime";
    /// The instant that lies so many seconds after 1970.
    ["from_timestamp"] (s: Number) => Plain(from_timestamp);
    /// The instant that an ISO 8601 text names.
    ["parse"] (s: Str) gas Text => Plain(parse_text);
    /// The instant of a date and time.
    ["make"] (y: Int, mo: Int, d: Int, h: Int = "0", mi: Int = "0", s: Number = "0") => Plain(make);
    /// The text that a format with `%Y %m %d %H %M %S %f %j %a %b %%` gives.
    ["format"] (dt: DateTime, f: Str) gas TextMade => Plain(others::format);
}

fn from_timestamp(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    ops::add(m, Value::datetime(0), arg(args, 0))
}

fn parse_text(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    match parse(&text) {
        Some(t) => Ok(Value::datetime(t)),
        None => Err(m.error(425, "malformed date: expected ISO 8601, such as 2026-01-31T12:00:00Z")),
    }
}

fn make(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let part = |i: usize| match arg(args, i).kind() {
        Kind::Int(n) => n,
        Kind::Null => 0,
        _ => -1,
    };
    let (second, micro) = match arg(args, 5).kind() {
        Kind::Float(f) if (0.0..60.0).contains(&f) => {
            let micros = (f * 1e6).round_ties_even() as i64;
            (micros / 1_000_000, micros % 1_000_000)
        }
        _ => (part(5), 0),
    };
    let civil =
        Civil { year: part(0), month: part(1), day: part(2), hour: part(3), minute: part(4), second, micro };
    match civil.micros() {
        Some(t) if in_bounds(t) => Ok(Value::datetime(t)),
        Some(_) => Err(num_error(m, NumError::Domain)),
        None => Err(m.error(415, "there is no such date or time")),
    }
}
