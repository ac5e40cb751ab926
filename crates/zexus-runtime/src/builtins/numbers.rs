//! Numbers (language.md 18.2).

use zexus_bytecode::num::{self, Integer, Num, NumError, NumResult};
use zexus_bytecode::operator::BinOp;
use zexus_bytecode::schedule;

use super::{arg, convert, given, rows};
use crate::machine::Machine;
use crate::ops::{self, finish, integer_of, num_error, num_of};
use crate::trap::Trap;
use crate::value::{Kind, Value};

rows! {
    ROWS in "";
    /// The magnitude, of the same kind.
    ["abs"] (n: Number) => Plain(abs);
    /// The first least argument, or item of one list.
    ["min"] (x: Any, more: Many) gas Items => Plain(min);
    /// The first greatest argument, or item of one list.
    ["max"] (x: Any, more: Many) gas Items => Plain(max);
    /// The sum; 0 of an empty list.
    ["sum"] (l: List) gas Items => Plain(sum);
    /// The square root, a float.
    ["sqrt"] (n: Number) => Plain(sqrt);
    /// The greatest integer not above `n`.
    ["floor"] (n: Number) => Plain(floor);
    /// The least integer not below `n`.
    ["ceil"] (n: Number) => Plain(ceil);
    /// The nearest integer, ties to even; with digits other than 0 a float.
    ["round"] (n: Number, digits: Int = "0") => Plain(round);
    /// The integers from `a` (0) up to, not including, `b`, as a list; down with a negative step.
    ["range"] (a: Int, b: Int = "", step: Int = "1") gas Each => Plain(range);
    /// The hexadecimal form, such as `"0xff"`.
    ["to_hex"] (n: Int) => Plain(to_hex);
    /// The integer that hexadecimal digits name.
    ["from_hex"] (s: Str) gas Text => Plain(convert::from_hex);
    /// A float in [0, 1), or an integer from 0 to n-1.
    ["random"] (n: Int = "") needs RANDOM => Plain(random);
}

/// Declares functions of one number that [`num`] computes.
macro_rules! of_number {
    ($( $name:ident; )*) => { $(
        pub(crate) fn $name(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
            let result = num_of(m, arg(args, 0)).map_or(Err(NumError::Domain), num::$name);
            finish(m, result)
        }
    )* };
}
pub(crate) use of_number;

of_number! { abs; floor; ceil; }

fn round(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let result = match (num_of(m, arg(args, 0)), args.get(1).and_then(|v| integer_of(m, *v))) {
        (Some(n), Some(digits)) => num::round_digits(n, digits),
        (Some(n), None) => num::round(n),
        _ => Err(NumError::Domain),
    };
    finish(m, result)
}

fn min(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    least(m, args, BinOp::Lt)
}

fn max(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    least(m, args, BinOp::Gt)
}

fn least(m: &mut Machine, args: &[Value], op: BinOp) -> Result<Value, Trap> {
    let one = match args {
        [one] => *one,
        _ => Value::NULL,
    };
    let items = match one.kind() {
        Kind::Live(l) => crate::state::snapshot(m, l)?.as_list(),
        _ => one.as_list(),
    };
    let items = match items {
        Some(l) => m.heap.list(l).items.clone(),
        None => args.to_vec(),
    };
    match first_extreme(m, &items, op)? {
        Some(v) => Ok(v),
        None => Err(m.error(415, "the list has no items")),
    }
}

/// The first item that comes before all others by `op`; `None` if there are none.
pub(crate) fn first_extreme(m: &mut Machine, items: &[Value], op: BinOp) -> Result<Option<Value>, Trap> {
    let Some((first, rest)) = items.split_first() else { return Ok(None) };
    let mut best = *first;
    for v in rest {
        if ops::compare(m, op, *v, best)? {
            best = *v;
        }
    }
    Ok(Some(best))
}

/// The sum of the numbers of a list.
pub(crate) fn sum(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let mut total = Value::int(0);
    let Kind::List(l) = arg(args, 0).kind() else { return Ok(total) };
    let mut i = 0;
    while let Some(v) = m.heap.list(l).items.get(i).copied() {
        if num_of(m, v).is_none() {
            return Err(ops::mismatch(m, "+", total, v));
        }
        total = ops::add(m, total, v)?;
        i += 1;
    }
    Ok(total)
}

fn sqrt(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let root = match num_of(m, arg(args, 0)) {
        Some(n) if !n.is_negative() => match n.to_f64() {
            Ok(f) => Ok(f.sqrt()),
            Err(NumError::TooLarge) => return Err(crate::ops::float_too_large(m)),
            Err(e) => Err(e),
        },
        _ => Err(NumError::Domain),
    };
    finish(m, root.map(NumResult::Float))
}

fn range(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let mut bounds = [0_i64; 3];
    for (bound, v) in bounds.iter_mut().zip(args) {
        *bound = match v.kind() {
            Kind::Int(i) => i,
            _ => return Err(num_error(m, NumError::TooLarge)),
        };
    }
    let (start, end, step) = match args.len() {
        1 => (0, bounds[0], 1),
        2 => (bounds[0], bounds[1], 1),
        _ => (bounds[0], bounds[1], bounds[2]),
    };
    if step == 0 {
        return Err(m.error(415, "the step of a range must not be 0"));
    }
    let (distance, stride) = (i128::from(end) - i128::from(start), i128::from(step));
    let count = if (distance > 0) == (step > 0) && distance != 0 {
        (distance.abs() + stride.abs() - 1) / stride.abs()
    } else {
        0
    };
    m.charge_units(schedule::LIST_ITEM, usize::try_from(count).unwrap_or(usize::MAX))?;
    m.heap.room(u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(16))?;
    let items = (0..count as i64).map(|i| Value::int((i128::from(start) + i128::from(i) * stride) as i64));
    m.list(items.collect())
}

fn to_hex(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = num::to_hex(integer_of(m, arg(args, 0)).unwrap_or(Integer::Small(0)));
    m.string(text)
}

/// `random()`, `random(n)`.
pub(crate) fn random(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let n = match given(args, 0).map(|v| v.kind()) {
        None => return Ok(Value::float(crate::random::generator(m).float())),
        Some(Kind::Int(n)) if n >= 1 => n as u64,
        Some(Kind::BigInt(b)) if m.heap.bigint(b).0.sign() == num_bigint::Sign::Plus => {
            return Err(num_error(m, NumError::TooLarge));
        }
        _ => return Err(m.error(415, "random needs a number of at least 1")),
    };
    Ok(Value::int(crate::random::generator(m).below(n) as i64))
}

/// `clamp(n, lo, hi)`.
pub(crate) fn clamp(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (n, lo, hi) = (arg(args, 0), arg(args, 1), arg(args, 2));
    let order = |m: &Machine, a: Value, b: Value| -> Option<std::cmp::Ordering> {
        let pair: (Num<'_>, Num<'_>) = (num_of(m, a)?, num_of(m, b)?);
        num::compare(pair.0, pair.1)
    };
    if order(m, lo, hi).is_some_and(|o| o.is_gt()) {
        return Err(m.error(415, "the lower bound is above the upper one"));
    }
    if order(m, n, lo).is_some_and(|o| o.is_lt()) {
        return Ok(lo);
    }
    Ok(if order(m, n, hi).is_some_and(|o| o.is_gt()) { hi } else { n })
}
