//! Operations on values: arithmetic, comparison, members, indexes (language.md chapter 5).
//!
//! 1. Every tier calls these functions, so an operation has one meaning. Operator methods of instances and everything else that
//!    runs code of the program is tried by the tier before: here instances are ordinary operands.
//! 2. Fast paths for integers, floats, lists and maps are inline and do not allocate; the rest is out of line.
//! 3. Nothing here collects, so operands need no rooting.
//! 4. A list or map of the state ([`Kind::Live`]) is read through [`crate::state`].
//!
//! | function | operation |
//! |---|---|
//! | [`binary`], [`add`], [`sub`], [`mul`], [`div`], [`int_div`], [`modulo`], [`pow`], [`neg`] | 5.2, 5.3 |
//! | [`compare`], [`equal`], [`contains`] | 4.1, 5.4, 5.5 |
//! | [`range`] | `a..b`, 5.7 |
//! | [`index`], [`set_index`], [`slice()`] | 5.8 |
//! | [`member`], [`set_member`], [`store_member`] | 5.8, 11.1, 16.3 |
//! | [`not_callable`], [`no_method`], [`mismatch`] | the errors of what the tier does itself |

use zexus_bytecode::num::{self, Num};
use zexus_bytecode::operator::BinOp;

use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};

mod arith;
mod compare;
mod errors;
mod index;
mod keys;
mod member;
mod membership;

pub(crate) use arith::limbs;
pub use arith::{finish, float_too_large, integer_of, num_error, num_of};
pub(crate) use compare::texts_of_equal_length;
pub use compare::{compare, compare_numbers_or_texts, equal};
pub use errors::{
    mismatch, no_method, not_callable, null_index, null_member, out_of_range, sealed, sealed_error,
};
pub(crate) use index::{char_at, place};
pub use index::{entry, index, set_index, slice, slice_bounds};
pub use keys::{REDACTED, bad_key, insert, key_of, key_value, visible};
pub use member::{Check, Member, member, set_member, store_member};
pub use membership::contains;
pub(crate) use membership::position;

macro_rules! fast {
    ($( $(#[$doc:meta])* $name:ident: $op:ident, $checked:ident, $float:tt; )*) => { $(
        $(#[$doc])*
        ///
        /// # Errors
        /// E0402, E0407, and what 5.3 says of other kinds.
        #[inline]
        pub fn $name(m: &mut Machine, a: Value, b: Value) -> Result<Value, Trap> {
            if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
                if let Some(r) = x.$checked(y) {
                    return Ok(Value::int(r));
                }
            } else if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
                return Ok(Value::float(x $float y));
            }
            arith::slow(m, BinOp::$op, a, b)
        }
    )* };
}

fast! {
    /// `a + b`.
    add: Add, checked_add, +;
    /// `a - b`.
    sub: Sub, checked_sub, -;
    /// `a * b`.
    mul: Mul, checked_mul, *;
}

/// `a / b`: always a float.
///
/// # Errors
/// E0402, E0405, E0407.
#[inline]
pub fn div(m: &mut Machine, a: Value, b: Value) -> Result<Value, Trap> {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
        if let Ok(r) = num::div_ints(x, y) {
            return Ok(Value::float(r));
        }
    } else if let (Some(x), Some(y)) = (a.as_float(), b.as_float())
        && y != 0.0
    {
        return Ok(Value::float(x / y));
    }
    arith::slow(m, BinOp::Div, a, b)
}

/// `a div b`: integers only, rounded toward negative infinity.
///
/// # Errors
/// E0402, E0405.
#[inline]
pub fn int_div(m: &mut Machine, a: Value, b: Value) -> Result<Value, Trap> {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int())
        && y > 0
    {
        let (q, r) = (x / y, x % y);
        return Ok(Value::int(if r < 0 { q - 1 } else { q }));
    }
    arith::slow(m, BinOp::IntDiv, a, b)
}

/// `a % b`: zero or of the sign of `b`.
///
/// # Errors
/// E0402, E0406.
#[inline]
pub fn modulo(m: &mut Machine, a: Value, b: Value) -> Result<Value, Trap> {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int())
        && y > 0
    {
        return Ok(Value::int(x.rem_euclid(y)));
    }
    arith::slow(m, BinOp::Mod, a, b)
}

/// `a ** b`.
///
/// # Errors
/// E0402, E0405, E0407, E0408.
pub fn pow(m: &mut Machine, a: Value, b: Value) -> Result<Value, Trap> {
    arith::slow(m, BinOp::Pow, a, b)
}

/// `-a`.
///
/// # Errors
/// E0402 for anything but a number.
#[inline]
pub fn neg(m: &mut Machine, a: Value) -> Result<Value, Trap> {
    if let Some(x) = a.as_int() {
        if let Some(r) = x.checked_neg() {
            return Ok(Value::int(r));
        }
    } else if let Some(x) = a.as_float() {
        return Ok(Value::float(-x));
    }
    arith::neg_slow(m, a)
}

/// Any binary operator whose operands are both evaluated.
///
/// # Errors
/// Those of the operator.
#[inline]
pub fn binary(m: &mut Machine, op: BinOp, a: Value, b: Value) -> Result<Value, Trap> {
    match op {
        BinOp::Add => add(m, a, b),
        BinOp::Sub => sub(m, a, b),
        BinOp::Mul => mul(m, a, b),
        BinOp::Div => div(m, a, b),
        BinOp::IntDiv => int_div(m, a, b),
        BinOp::Mod => modulo(m, a, b),
        BinOp::Pow => pow(m, a, b),
        BinOp::Eq => Ok(Value::bool(equal(m, a, b)?)),
        BinOp::Ne => Ok(Value::bool(!equal(m, a, b)?)),
        BinOp::Lt | BinOp::Le | BinOp::Gt | BinOp::Ge => Ok(Value::bool(compare(m, op, a, b)?)),
        BinOp::In => Ok(Value::bool(contains(m, a, b)?)),
    }
}

/// `a..b`, or `a..=b` if `inclusive` (language.md 5.7).
///
/// # Errors
/// E0402 unless both are integers, E0407 beyond 64 bits.
pub fn range(m: &mut Machine, a: Value, b: Value, inclusive: bool) -> Result<Value, Trap> {
    if let (Kind::Int(start), Kind::Int(end)) = (a.kind(), b.kind()) {
        let Some(end) = end.checked_add(i64::from(inclusive)) else {
            return Err(num_error(m, num::NumError::TooLarge));
        };
        let object = crate::object::RangeObj { start, end: end.max(start) };
        return Ok(Value::range(m.heap.alloc_range(object)?));
    }
    match (num_of(m, a), num_of(m, b)) {
        (Some(Num::Int(_) | Num::Big(_)), Some(Num::Int(_) | Num::Big(_))) => {
            Err(num_error(m, num::NumError::TooLarge))
        }
        _ => Err(mismatch(m, if inclusive { "..=" } else { ".." }, a, b)),
    }
}

#[cfg(test)]
mod tests;
