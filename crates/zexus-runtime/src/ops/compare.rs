//! `== != < <= > >=` (language.md 4.1, 5.4).

use std::cmp::Ordering;

use zexus_bytecode::num;
use zexus_bytecode::operator::BinOp;
use zexus_bytecode::schedule;

use super::arith::{num_of, pay_integers};
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
    if m.meter.is_metered() {
        pay_equality(m, a, b)?;
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

/// Pays for the comparison of two values that are no containers, in a metered run: texts of equal lengths and integers.
#[cold]
fn pay_equality(m: &mut Machine, a: Value, b: Value) -> Result<(), Trap> {
    match texts_of_equal_length(m, a, b) {
        Some(len) => m.charge_units(schedule::TEXT_COMPARED, len),
        None => pay_integers(m, BinOp::Eq, a, b),
    }
}

/// The bytes that the equality of two texts looks at; `None` for other kinds. It does not matter whether they are one object.
pub(crate) fn texts_of_equal_length(m: &Machine, a: Value, b: Value) -> Option<usize> {
    let (a, b) = match (a.kind(), b.kind()) {
        (Kind::Str(x), Kind::Str(y)) => (m.heap.str(x).len(), m.heap.str(y).len()),
        (Kind::Bytes(x), Kind::Bytes(y)) => (m.heap.bytes_obj(x).0.len(), m.heap.bytes_obj(y).0.len()),
        _ => return None,
    };
    Some(if a == b { a } else { 0 })
}

#[inline(never)]
fn slow(m: &mut Machine, op: BinOp, a: Value, b: Value) -> Result<bool, Trap> {
    match (m.text(a).map(|t| t.len()), m.text(b).map(|t| t.len())) {
        (Some(x), Some(y)) => m.charge_units(schedule::TEXT_COMPARED, x.min(y))?,
        _ => pay_integers(m, op, a, b)?,
    }
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
        return Some(Some(m.heap.str(x).text().cmp(m.heap.str(y).text())));
    }
    Some(num::compare(num_of(m, a)?, num_of(m, b)?))
}
