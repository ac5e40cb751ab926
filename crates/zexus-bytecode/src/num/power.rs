//! `**` (language.md 5.2).

use num_traits::{One, Pow, ToPrimitive};

use super::{Integer, MAX_INT_BITS, Num, NumError, NumResult, mul};

/// `a ** b`: exact for integers with `b >= 0`, otherwise a float.
///
/// With the integer 2 as exponent it is exactly `a * a`, for floats too. Fails with [`NumError::DivideByZero`] for a
/// zero raised to a negative power, with [`NumError::TooLarge`] (known before anything large is computed), and with
/// [`NumError::Domain`] for a negative base with a fractional exponent.
#[inline]
pub fn pow(a: Num, b: Num) -> Result<NumResult, NumError> {
    match (a, b) {
        (_, Num::Int(2)) => mul(a, a),
        (Num::Int(x), Num::Int(y)) => {
            match u32::try_from(y).ok().and_then(|exponent| x.checked_pow(exponent)) {
                Some(power) => Ok(NumResult::Int(power)),
                None => pow_slow(a, b),
            }
        }
        (Num::Float(x), Num::Float(y)) => pow_floats(x, y).map(NumResult::Float),
        _ => pow_slow(a, b),
    }
}

/// `a ** b` of two floats; see [`pow`].
pub fn pow_floats(a: f64, b: f64) -> Result<f64, NumError> {
    if a == 0.0 && b < 0.0 {
        Err(NumError::DivideByZero)
    } else if a < 0.0 && b.is_finite() && b != b.trunc() {
        Err(NumError::Domain)
    } else {
        Ok(libm::pow(a, b))
    }
}

#[cold]
fn pow_slow(a: Num, b: Num) -> Result<NumResult, NumError> {
    match (a.integer(), b.integer()) {
        (Some(a), Some(b)) if !b.is_negative() => pow_integers(a, b),
        _ => pow_floats(a.to_f64()?, b.to_f64()?).map(NumResult::Float),
    }
}

fn pow_integers(a: Integer, b: Integer) -> Result<NumResult, NumError> {
    let is_odd = match b {
        Integer::Small(y) => y & 1 == 1,
        Integer::Big(y) => y.bit(0),
    };
    match a {
        Integer::Small(0) => return Ok(NumResult::Int(i64::from(b.bits() == 0))),
        Integer::Small(1) => return Ok(NumResult::Int(1)),
        Integer::Small(-1) => return Ok(NumResult::Int(if is_odd { -1 } else { 1 })),
        _ => {}
    }
    let Integer::Small(y) = b else { return Err(NumError::TooLarge) };
    // The power has at least (bits - 1) * y + 1 bits; under this bound it has less than twice the allowed size.
    let exponent = y.to_u64().filter(|y| (a.bits() - 1).saturating_mul(*y) < MAX_INT_BITS);
    match exponent {
        Some(0) => Ok(NumResult::from_i128(i128::one())),
        Some(y) => NumResult::from_big(Pow::pow(a.to_big().as_ref(), y)),
        None => Err(NumError::TooLarge),
    }
}
