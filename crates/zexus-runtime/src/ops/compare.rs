//! `== != < <= > >=` (language.md 4.1, 5.4).

use std::cmp::Ordering;

use zexus_bytecode::num;
use zexus_bytecode::operator::BinOp;

use super::arith::num_of;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// `a == b`, without operator methods of instances.
///
/// # Errors
/// Only what reading of the state raises.
#[inline]
pub fn equal(m: &mut Machine, a: Value, b: Value) -> Result<bool, Trap> {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
        return Ok(x == y);
    }
    match crate::equal::scalars(m, a, b) {
        Some(equal) => Ok(equal),
        None => crate::equal::equal(m, a, b),
    }
}

/// `a < b`, `a <= b`, `a > b` or `a >= b`.
///
/// # Errors
/// E0409 for values without an order.
#[inline]
pub fn compare(m: &mut Machine, op: BinOp, a: Value, b: Value) -> Result<bool, Trap> {
    if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
        return Ok(holds(op, x.cmp(&y)));
    }
    if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
        return Ok(x.partial_cmp(&y).is_some_and(|o| holds(op, o)));
    }
    slow(m, op, a, b)
}

#[inline]
fn holds(op: BinOp, order: Ordering) -> bool {
    match op {
        BinOp::Lt => order.is_lt(),
        BinOp::Le => order.is_le(),
        BinOp::Gt => order.is_gt(),
        _ => order.is_ge(),
    }
}

#[inline(never)]
fn slow(m: &mut Machine, op: BinOp, a: Value, b: Value) -> Result<bool, Trap> {
    let order = match (a.kind(), b.kind()) {
        (Kind::DateTime(x), Kind::DateTime(y)) => Some(x.cmp(&y)),
        _ => match compare_numbers_or_texts(m, a, b) {
            Some(order) => order,
            None => {
                let (op, a, b) = (op.text(), type_name(m, a), type_name(m, b));
                let message = format!("Type mismatch: cannot compare {a} {op} {b}");
                return Err(m.error(409, message));
            }
        },
    };
    Ok(order.is_some_and(|o| holds(op, o)))
}

/// The order of two numbers (`Some(None)` with a NaN) or two strings; `None` if they are neither.
pub fn compare_numbers_or_texts(m: &Machine, a: Value, b: Value) -> Option<Option<Ordering>> {
    if let (Kind::Str(x), Kind::Str(y)) = (a.kind(), b.kind()) {
        // UTF-8 keeps the order of code points.
        return Some(Some(m.heap.str(x).text.cmp(&m.heap.str(y).text)));
    }
    Some(num::compare(num_of(m, a)?, num_of(m, b)?))
}
