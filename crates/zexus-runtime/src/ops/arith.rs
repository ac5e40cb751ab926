//! The slow paths of arithmetic, and what `+ - *` mean on other kinds (language.md 5.2, 5.3, 19.4).

use zexus_bytecode::num::{self, Integer, Num, NumError, NumResult};
use zexus_bytecode::operator::BinOp;
use zexus_bytecode::schedule;

use super::errors::mismatch;
use crate::display;
use crate::limits::REPEATED_CHARS;
use crate::machine::Machine;
use crate::object::{BigIntObj, ListObj, StrObj};
use crate::state;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// A value as a numeric operand.
#[inline]
pub fn num_of(m: &Machine, v: Value) -> Option<Num<'_>> {
    match v.kind() {
        Kind::Int(i) => Some(Num::Int(i)),
        Kind::Float(f) => Some(Num::Float(f)),
        Kind::BigInt(b) => Some(Num::Big(&m.heap.bigint(b).0)),
        _ => None,
    }
}

/// A value as an integer operand.
#[inline]
pub fn integer_of(m: &Machine, v: Value) -> Option<Integer<'_>> {
    num_of(m, v).and_then(Num::integer)
}

/// The value of a computed number, or its error.
///
/// # Errors
/// E0405 to E0408.
#[inline]
pub fn finish(m: &mut Machine, result: Result<NumResult, NumError>) -> Result<Value, Trap> {
    match result {
        Ok(NumResult::Int(i)) => Ok(Value::int(i)),
        Ok(NumResult::Float(f)) => Ok(Value::float(f)),
        Ok(NumResult::Big(b)) => Ok(Value::bigint(m.heap.alloc_bigint(BigIntObj(b))?)),
        Err(e) => Err(num_error(m, e)),
    }
}

/// Raises the error of an operation on numbers.
#[cold]
pub fn num_error(m: &mut Machine, e: NumError) -> Trap {
    let code = match e {
        NumError::DivideByZero => 405,
        NumError::ModuloByZero => 406,
        NumError::TooLarge => 407,
        NumError::Domain => 408,
    };
    m.error(code, e.to_string())
}

/// E0407 for a number outside the range of floats.
#[cold]
pub fn float_too_large(m: &mut Machine) -> Trap {
    m.error(407, "number too large for a float")
}

/// What the limbs of two integers cost; nothing while they and the result fit 64 bits.
pub(crate) fn limbs(op: BinOp, a: Integer<'_>, b: Integer<'_>) -> u64 {
    if let (Integer::Small(x), Integer::Small(y)) = (a, b) {
        let fits = match op {
            BinOp::Add => x.checked_add(y).is_some(),
            BinOp::Sub => x.checked_sub(y).is_some(),
            BinOp::Mul => x.checked_mul(y).is_some(),
            BinOp::IntDiv => (x, y) != (i64::MIN, -1),
            BinOp::Pow => {
                y < 0 || x.unsigned_abs() < 2 || x.checked_pow(u32::try_from(y).unwrap_or(u32::MAX)).is_some()
            }
            _ => true,
        };
        if fits {
            return 0;
        }
    }
    match (op, b) {
        (BinOp::Mul | BinOp::Div | BinOp::Mod | BinOp::IntDiv, _) => schedule::int_product_cost(a, b),
        (BinOp::Pow, _) if b.is_negative() || a.bits() < 2 => 0,
        (BinOp::Pow, Integer::Small(n)) => schedule::int_power_cost(a, n as u64),
        (BinOp::Pow, Integer::Big(_)) => u64::MAX,
        _ => schedule::int_linear_cost(a, b),
    }
}

/// Pays, in a metered run, for an operation or comparison of two values if they are integers.
#[inline]
pub(super) fn pay_integers(m: &mut Machine, op: BinOp, a: Value, b: Value) -> Result<(), Trap> {
    if !m.meter.is_metered() {
        return Ok(());
    }
    match (integer_of(m, a), integer_of(m, b)) {
        (Some(x), Some(y)) => {
            let cost = limbs(op, x, y);
            m.charge(cost)
        }
        _ => Ok(()),
    }
}

#[inline(never)]
pub(super) fn slow(m: &mut Machine, op: BinOp, a: Value, b: Value) -> Result<Value, Trap> {
    pay_integers(m, op, a, b)?;
    if let (Some(x), Some(y)) = (num_of(m, a), num_of(m, b)) {
        let result = match op {
            BinOp::Add => num::add(x, y),
            BinOp::Sub => num::sub(x, y),
            BinOp::Mul => num::mul(x, y),
            BinOp::Div => num::div(x, y).map(NumResult::Float),
            BinOp::Mod => num::modulo(x, y),
            BinOp::Pow => num::pow(x, y),
            _ => match (x.integer(), y.integer()) {
                (Some(x), Some(y)) => num::int_div(x, y),
                _ => return Err(mismatch(m, op.text(), a, b)),
            },
        };
        return finish(m, result);
    }
    match op {
        BinOp::Add => join(m, a, b),
        BinOp::Sub => match (a.kind(), b.kind()) {
            (Kind::DateTime(x), Kind::DateTime(y)) => {
                Ok(Value::float((i128::from(x) - i128::from(y)) as f64 / 1e6))
            }
            (Kind::DateTime(t), Kind::Int(_) | Kind::BigInt(_) | Kind::Float(_)) => move_time(m, t, b, -1),
            _ => Err(mismatch(m, "-", a, b)),
        },
        BinOp::Mul => match (a.kind(), b.kind()) {
            (Kind::Str(_), Kind::Int(_) | Kind::BigInt(_)) => repeat(m, a, b),
            (Kind::Int(_) | Kind::BigInt(_), Kind::Str(_)) => repeat(m, b, a),
            _ => Err(mismatch(m, "*", a, b)),
        },
        _ => Err(mismatch(m, op.text(), a, b)),
    }
}

#[cold]
pub(super) fn neg_slow(m: &mut Machine, a: Value) -> Result<Value, Trap> {
    // As `0 - a`: free unless a or the result is beyond 64 bits.
    pay_integers(m, BinOp::Sub, Value::int(0), a)?;
    match num_of(m, a) {
        Some(x) => {
            let result = num::neg(x);
            finish(m, result)
        }
        None => {
            let message = format!("Type mismatch: cannot use - on {}", crate::kinds::type_name(m, a));
            Err(m.error(402, message))
        }
    }
}

/// `+` where not both are numbers.
fn join(m: &mut Machine, a: Value, b: Value) -> Result<Value, Trap> {
    match (a.kind(), b.kind()) {
        (Kind::Str(x), Kind::Str(y)) => {
            let (x, y) = (m.heap.str(x), m.heap.str(y));
            let len = x.len() + y.len();
            m.meter.charge_units(schedule::TEXT, len)?;
            m.heap.room(32 + len as u64)?;
            let joined = x.join(y.text(), y.chars, &mut m.scratch);
            m.heap.shared(joined.shared() as u64);
            Ok(Value::str(m.heap.alloc_str(joined)?))
        }
        (Kind::Str(x), _) => {
            let mut text = display::Text::new(m);
            display::write(m, &mut text, b)?;
            let more = text.finish_after(m, m.heap.str(x).len())?;
            let chars = if more.is_ascii() { more.len() } else { more.chars().count() } as u32;
            m.heap.room(32 + (m.heap.str(x).len() + more.len()) as u64)?;
            let joined = m.heap.str(x).join(&more, chars, &mut m.scratch);
            m.heap.shared(joined.shared() as u64);
            Ok(Value::str(m.heap.alloc_str(joined)?))
        }
        (_, Kind::Str(_)) => {
            let mut text = display::Text::new(m);
            display::write(m, &mut text, a)?;
            display::write(m, &mut text, b)?;
            text.value(m)
        }
        (Kind::Live(l), _) if m.heap.live(l).list => {
            let a = state::snapshot(m, l)?;
            join(m, a, b)
        }
        (_, Kind::Live(l)) if m.heap.live(l).list => {
            let b = state::snapshot(m, l)?;
            join(m, a, b)
        }
        (Kind::List(x), Kind::List(y)) => {
            let len = m.heap.list(x).items.len() + m.heap.list(y).items.len();
            m.charge_units(schedule::LIST_ITEM, len)?;
            m.heap.room(32 + 16 * len as u64)?;
            let mut items = Vec::with_capacity(len);
            items.extend_from_slice(&m.heap.list(x).items);
            items.extend_from_slice(&m.heap.list(y).items);
            Ok(Value::list(m.heap.alloc_list(ListObj { items, sealed: false })?))
        }
        (Kind::DateTime(t), Kind::Int(_) | Kind::BigInt(_) | Kind::Float(_)) => move_time(m, t, b, 1),
        _ => Err(mismatch(m, "+", a, b)),
    }
}

/// `text * count` (E0419 beyond the limit).
fn repeat(m: &mut Machine, text: Value, count: Value) -> Result<Value, Trap> {
    let Kind::Str(s) = text.kind() else { return Err(mismatch(m, "*", text, count)) };
    let count = match count.kind() {
        Kind::Int(n) => n.max(0) as u64,
        Kind::BigInt(b) if m.heap.bigint(b).0.sign() == num_bigint::Sign::Minus => 0,
        _ => u64::MAX,
    };
    let s = m.heap.str(s);
    let (text, chars) = (s.text(), u64::from(s.chars).saturating_mul(count));
    if chars > REPEATED_CHARS {
        return Err(m.error(419, format!("a repeated string may have at most {REPEATED_CHARS} characters")));
    }
    if chars == 0 {
        return m.string("");
    }
    let bytes = text.len() * count as usize;
    m.meter.charge_units(schedule::TEXT, bytes)?;
    m.heap.room(32 + bytes as u64)?;
    let text = text.repeat(count as usize);
    Ok(Value::str(m.heap.alloc_str(StrObj::new(text, chars as u32))?))
}

/// An instant moved by a number of seconds.
fn move_time(m: &mut Machine, time: i64, seconds: Value, sign: i64) -> Result<Value, Trap> {
    let micros = match seconds.kind() {
        Kind::Int(s) => s.checked_mul(1_000_000),
        Kind::Float(f) => {
            let micros = (f * 1e6).round_ties_even();
            (micros.abs() < 9.2e18).then_some(micros as i64)
        }
        _ => None,
    };
    let moved = micros.and_then(|d| d.checked_mul(sign)).and_then(|d| time.checked_add(d));
    match moved {
        Some(t) if crate::datetime::in_bounds(t) => Ok(Value::datetime(t)),
        _ => Err(num_error(m, NumError::Domain)),
    }
}
