//! The operators on constants, computed as the run time does (language.md 5.2 to 5.5); `None` where it raises.

use std::cmp::Ordering;

use num_bigint::Sign;
use zexus_bytecode::num::{self, Num, NumError, NumResult};
use zexus_bytecode::{Const, Opcode};

/// The longest string that is made, in bytes.
const MOST_BYTES: usize = 1024;

/// How many operands an operator has that this pass computes; 0 for all other instructions.
pub fn operands(op: Opcode) -> usize {
    use Opcode::*;
    match op {
        Neg | Not | Inc | Dec => 1,
        Add | Sub | Mul | Div | Mod | Pow | IntDiv | Eq | Neq | Lt | Gt | Lte | Gte | And | Or => 2,
        _ => 0,
    }
}

/// The result of an operator of one operand.
pub fn unary(op: Opcode, a: &Const) -> Option<Const> {
    match op {
        Opcode::Not => Some(Const::Bool(a.is_falsy())),
        Opcode::Neg => finish(num::neg(number(a)?)),
        Opcode::Inc => binary(Opcode::Add, a, &Const::Int(1)),
        Opcode::Dec => binary(Opcode::Sub, a, &Const::Int(1)),
        _ => None,
    }
}

/// The result of an operator of two operands.
pub fn binary(op: Opcode, a: &Const, b: &Const) -> Option<Const> {
    match op {
        Opcode::And => return Some(Const::Bool(!a.is_falsy() && !b.is_falsy())),
        Opcode::Or => return Some(Const::Bool(!a.is_falsy() || !b.is_falsy())),
        Opcode::Eq => return Some(Const::Bool(equal(a, b))),
        Opcode::Neq => return Some(Const::Bool(!equal(a, b))),
        Opcode::Lt => return Some(Const::Bool(order(a, b)?.is_some_and(Ordering::is_lt))),
        Opcode::Gt => return Some(Const::Bool(order(a, b)?.is_some_and(Ordering::is_gt))),
        Opcode::Lte => return Some(Const::Bool(order(a, b)?.is_some_and(Ordering::is_le))),
        Opcode::Gte => return Some(Const::Bool(order(a, b)?.is_some_and(Ordering::is_ge))),
        _ => (),
    }
    let (Some(x), Some(y)) = (number(a), number(b)) else {
        return match op {
            Opcode::Add => join(a, b),
            Opcode::Mul => repeat(a, b),
            _ => None,
        };
    };
    finish(match op {
        Opcode::Add => num::add(x, y),
        Opcode::Sub => num::sub(x, y),
        Opcode::Mul => num::mul(x, y),
        Opcode::Div => num::div(x, y).map(NumResult::Float),
        Opcode::Mod => num::modulo(x, y),
        Opcode::Pow => num::pow(x, y),
        Opcode::IntDiv => num::int_div(x.integer()?, y.integer()?),
        _ => return None,
    })
}

fn number(c: &Const) -> Option<Num<'_>> {
    match c {
        Const::Int(i) => Some(Num::Int(*i)),
        Const::Big(b) => Some(Num::Big(b)),
        Const::Float(f) => Some(Num::Float(*f)),
        _ => None,
    }
}

fn finish(result: Result<NumResult, NumError>) -> Option<Const> {
    Some(match result.ok()? {
        NumResult::Int(i) => Const::Int(i),
        NumResult::Big(b) => Const::from(b),
        NumResult::Float(f) => Const::Float(f),
    })
}

fn equal(a: &Const, b: &Const) -> bool {
    match (number(a), number(b)) {
        (Some(x), Some(y)) => num::equal(x, y),
        // Without numbers, equal constants are equal values.
        (None, None) => a == b,
        _ => false,
    }
}

/// The order of two numbers, `Some(None)` with a NaN, or of two strings.
fn order(a: &Const, b: &Const) -> Option<Option<Ordering>> {
    match (a, b) {
        // UTF-8 keeps the order of code points.
        (Const::Str(x), Const::Str(y)) => Some(Some(x.cmp(y))),
        _ => Some(num::compare(number(a)?, number(b)?)),
    }
}

/// `+` where one of the operands is a string.
fn join(a: &Const, b: &Const) -> Option<Const> {
    if a.as_str().is_none() && b.as_str().is_none() {
        return None;
    }
    let (x, y) = (display(a)?, display(b)?);
    (x.len() + y.len() <= MOST_BYTES).then(|| Const::from(format!("{x}{y}")))
}

/// `text * count` or `count * text`; a count below zero is zero.
fn repeat(a: &Const, b: &Const) -> Option<Const> {
    let (text, count) = match (a.as_str(), b.as_str()) {
        (Some(text), None) => (text, b),
        (None, Some(text)) => (text, a),
        _ => return None,
    };
    let count = match count {
        Const::Int(n) => usize::try_from(*n).unwrap_or(0),
        Const::Big(n) if n.sign() == Sign::Minus => 0,
        Const::Big(_) => usize::MAX,
        _ => return None,
    };
    let bytes = text.len().saturating_mul(count);
    match bytes {
        0 => Some(Const::from("")),
        1..=MOST_BYTES => Some(Const::from(text.repeat(count))),
        _ => None,
    }
}

/// The display form (language.md 4.5).
fn display(c: &Const) -> Option<String> {
    match c {
        Const::Null => Some("null".to_owned()),
        Const::Bool(b) => Some(b.to_string()),
        Const::Str(text) if text.len() <= MOST_BYTES => Some(text.to_string()),
        _ => finish_text(number(c)?),
    }
}

fn finish_text(n: Num<'_>) -> Option<String> {
    Some(match n {
        Num::Int(i) => i.to_string(),
        // Three bits make less than one digit.
        Num::Big(b) if b.bits() / 4 <= MOST_BYTES as u64 => b.to_string(),
        Num::Big(_) => return None,
        Num::Float(f) => num::format_float(f),
    })
}
