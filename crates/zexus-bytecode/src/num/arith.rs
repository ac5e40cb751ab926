//! `+ - * / % div`, negation and absolute value (language.md 5.2).

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{Signed, Zero};

use super::rounding::{int_ratio, ratio};
use super::{Integer, MAX_INT_BITS, Num, NumError, NumResult};

/// `a + b`: exact for integers.
///
/// Fails with [`NumError::TooLarge`].
#[inline]
pub fn add(a: Num, b: Num) -> Result<NumResult, NumError> {
    match (a, b) {
        (Num::Int(x), Num::Int(y)) => match x.checked_add(y) {
            Some(sum) => Ok(NumResult::Int(sum)),
            None => Ok(wide(i128::from(x) + i128::from(y))),
        },
        (Num::Float(x), Num::Float(y)) => Ok(NumResult::Float(x + y)),
        _ => add_slow(a, b),
    }
}

/// `a - b`: exact for integers.
///
/// Fails with [`NumError::TooLarge`].
#[inline]
pub fn sub(a: Num, b: Num) -> Result<NumResult, NumError> {
    match (a, b) {
        (Num::Int(x), Num::Int(y)) => match x.checked_sub(y) {
            Some(difference) => Ok(NumResult::Int(difference)),
            None => Ok(wide(i128::from(x) - i128::from(y))),
        },
        (Num::Float(x), Num::Float(y)) => Ok(NumResult::Float(x - y)),
        _ => sub_slow(a, b),
    }
}

/// `a * b`: exact for integers.
///
/// Fails with [`NumError::TooLarge`], which is known before anything is multiplied.
#[inline]
pub fn mul(a: Num, b: Num) -> Result<NumResult, NumError> {
    match (a, b) {
        (Num::Int(x), Num::Int(y)) => match x.checked_mul(y) {
            Some(product) => Ok(NumResult::Int(product)),
            None => Ok(wide(i128::from(x) * i128::from(y))),
        },
        (Num::Float(x), Num::Float(y)) => Ok(NumResult::Float(x * y)),
        _ => mul_slow(a, b),
    }
}

/// `a / b`: a float, the quotient of the exact values rounded once to nearest, ties to even.
///
/// Fails with [`NumError::DivideByZero`], and with [`NumError::TooLarge`] if integers have a quotient outside the range
/// of floats. A quotient of floats may become infinite. A zero quotient has the sign that the rule of signs gives.
#[inline]
pub fn div(a: Num, b: Num) -> Result<f64, NumError> {
    match (a, b) {
        (Num::Int(x), Num::Int(y)) => div_ints(x, y),
        (Num::Float(x), Num::Float(y)) => div_floats(x, y),
        _ => div_slow(a, b),
    }
}

/// `a / b` of two 64-bit integers; see [`div`].
#[inline]
pub fn div_ints(a: i64, b: i64) -> Result<f64, NumError> {
    const EXACT: u64 = 1 << 53;
    if b == 0 {
        Err(NumError::DivideByZero)
    } else if a.unsigned_abs() <= EXACT && b.unsigned_abs() <= EXACT {
        Ok(a as f64 / b as f64)
    } else {
        Ok(int_ratio(a, b))
    }
}

#[inline]
fn div_floats(a: f64, b: f64) -> Result<f64, NumError> {
    if b == 0.0 { Err(NumError::DivideByZero) } else { Ok(a / b) }
}

/// `a div b`: the quotient rounded toward negative infinity.
///
/// Fails with [`NumError::DivideByZero`].
#[inline]
pub fn int_div(a: Integer, b: Integer) -> Result<NumResult, NumError> {
    match (a, b) {
        (_, Integer::Small(0)) => Err(NumError::DivideByZero),
        (Integer::Small(x), Integer::Small(y)) if y != -1 => {
            Ok(NumResult::Int(num_integer::Integer::div_floor(&x, &y)))
        }
        _ => int_div_slow(a, b),
    }
}

/// `a % b`: floored modulo, zero or of the sign of `b`, for integers and floats.
///
/// A zero float takes the sign of `b`, and `x % inf` is `x` or, for a negative `x`, infinite, as in Python.
/// Fails with [`NumError::ModuloByZero`], and with [`NumError::TooLarge`] for an integer outside the range of floats
/// that meets a float.
#[inline]
pub fn modulo(a: Num, b: Num) -> Result<NumResult, NumError> {
    match (a, b) {
        (Num::Int(_), Num::Int(0)) => Err(NumError::ModuloByZero),
        (Num::Int(_), Num::Int(-1)) => Ok(NumResult::Int(0)),
        (Num::Int(x), Num::Int(y)) => Ok(NumResult::Int(x.mod_floor(&y))),
        (Num::Float(x), Num::Float(y)) => modulo_floats(x, y).map(NumResult::Float),
        _ => modulo_slow(a, b),
    }
}

/// `a % b` of two floats; see [`modulo`].
#[inline]
pub fn modulo_floats(a: f64, b: f64) -> Result<f64, NumError> {
    if b == 0.0 {
        return Err(NumError::ModuloByZero);
    }
    let remainder = a % b;
    Ok(if remainder == 0.0 {
        0.0_f64.copysign(b)
    } else if (remainder < 0.0) != (b < 0.0) {
        remainder + b
    } else {
        remainder
    })
}

/// `-a`.
///
/// Never fails in practice: a magnitude keeps its size.
#[inline]
pub fn neg(a: Num) -> Result<NumResult, NumError> {
    match a {
        Num::Int(i) => match i.checked_neg() {
            Some(negated) => Ok(NumResult::Int(negated)),
            None => Ok(wide(-i128::from(i))),
        },
        Num::Float(f) => Ok(NumResult::Float(-f)),
        Num::Big(b) => NumResult::from_big(-b),
    }
}

/// `abs(a)`: the magnitude, of the same kind.
#[inline]
pub fn abs(a: Num) -> Result<NumResult, NumError> {
    match a {
        Num::Float(f) => Ok(NumResult::Float(f.abs())),
        Num::Int(i) => Ok(NumResult::from_i128(i128::from(i).abs())),
        Num::Big(b) => NumResult::from_big(b.abs()),
    }
}

#[cold]
fn wide(i: i128) -> NumResult {
    NumResult::Big(BigInt::from(i))
}

/// Both operands as integers, or else both as floats.
enum Pair<'a> {
    Integers(Integer<'a>, Integer<'a>),
    Floats(f64, f64),
}

fn pair<'a>(a: Num<'a>, b: Num<'a>) -> Result<Pair<'a>, NumError> {
    match (a.integer(), b.integer()) {
        (Some(a), Some(b)) => Ok(Pair::Integers(a, b)),
        _ => Ok(Pair::Floats(a.to_f64()?, b.to_f64()?)),
    }
}

#[cold]
fn add_slow(a: Num, b: Num) -> Result<NumResult, NumError> {
    match pair(a, b)? {
        Pair::Integers(a, b) => NumResult::from_big(a.to_big().as_ref() + b.to_big().as_ref()),
        Pair::Floats(a, b) => Ok(NumResult::Float(a + b)),
    }
}

#[cold]
fn sub_slow(a: Num, b: Num) -> Result<NumResult, NumError> {
    match pair(a, b)? {
        Pair::Integers(a, b) => NumResult::from_big(a.to_big().as_ref() - b.to_big().as_ref()),
        Pair::Floats(a, b) => Ok(NumResult::Float(a - b)),
    }
}

#[cold]
fn mul_slow(a: Num, b: Num) -> Result<NumResult, NumError> {
    match pair(a, b)? {
        // A product has at least one bit less than its factors have together.
        Pair::Integers(a, b) if a.bits() + b.bits() > MAX_INT_BITS + 1 && a.bits() != 0 && b.bits() != 0 => {
            Err(NumError::TooLarge)
        }
        Pair::Integers(a, b) => NumResult::from_big(a.to_big().as_ref() * b.to_big().as_ref()),
        Pair::Floats(a, b) => Ok(NumResult::Float(a * b)),
    }
}

#[cold]
fn div_slow(a: Num, b: Num) -> Result<f64, NumError> {
    match pair(a, b)? {
        Pair::Integers(_, Integer::Small(0)) => Err(NumError::DivideByZero),
        Pair::Integers(a, b) => {
            let quotient = ratio(a.to_big().magnitude(), b.to_big().magnitude())?;
            Ok(if a.is_negative() != b.is_negative() { -quotient } else { quotient })
        }
        Pair::Floats(a, b) => div_floats(a, b),
    }
}

#[cold]
fn int_div_slow(a: Integer, b: Integer) -> Result<NumResult, NumError> {
    NumResult::from_big(a.to_big().div_floor(&b.to_big()))
}

#[cold]
fn modulo_slow(a: Num, b: Num) -> Result<NumResult, NumError> {
    match pair(a, b)? {
        Pair::Integers(a, b) => {
            let b = b.to_big();
            if b.is_zero() {
                return Err(NumError::ModuloByZero);
            }
            NumResult::from_big(a.to_big().mod_floor(&b))
        }
        Pair::Floats(a, b) => modulo_floats(a, b).map(NumResult::Float),
    }
}
