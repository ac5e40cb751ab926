//! Functions on integers of module `math` (language.md chapter 20).

use num_bigint::BigInt;
use num_integer::{Integer as _, Roots};

use super::{Integer, MAX_INT_BITS, Num, NumError, NumResult};

/// `isqrt(n)`: the greatest integer whose square is not above `n`.
///
/// Fails with [`NumError::Domain`] below 0.
pub fn isqrt(n: Integer) -> Result<NumResult, NumError> {
    if n.is_negative() {
        return Err(NumError::Domain);
    }
    match n {
        Integer::Small(i) => Ok(NumResult::Int(i.sqrt())),
        Integer::Big(b) => NumResult::from_big(b.sqrt()),
    }
}

/// `gcd(a, b)`: the greatest common divisor, never negative; `gcd(0, 0)` is 0.
pub fn gcd(a: Integer, b: Integer) -> Result<NumResult, NumError> {
    match (a, b) {
        (Integer::Small(x), Integer::Small(y)) => Ok(NumResult::from_i128(i128::from(x).gcd(&i128::from(y)))),
        _ => NumResult::from_big(a.to_big().gcd(&b.to_big())),
    }
}

/// `lcm(a, b)`: the least common multiple, never negative; 0 if one is 0.
///
/// Fails with [`NumError::TooLarge`].
pub fn lcm(a: Integer, b: Integer) -> Result<NumResult, NumError> {
    match (a, b) {
        (Integer::Small(x), Integer::Small(y)) => Ok(NumResult::from_i128(i128::from(x).lcm(&i128::from(y)))),
        _ => NumResult::from_big(a.to_big().lcm(&b.to_big())),
    }
}

/// `factorial(n)`.
///
/// Fails with [`NumError::Domain`] below 0 and with [`NumError::TooLarge`] from 537 on, after bounded work.
pub fn factorial(n: Integer) -> Result<NumResult, NumError> {
    match n {
        _ if n.is_negative() => Err(NumError::Domain),
        Integer::Small(n) if n.unsigned_abs() <= MAX_INT_BITS => {
            let mut product = BigInt::from(1);
            for factor in 2..=n {
                product *= factor;
                if product.bits() > MAX_INT_BITS {
                    return Err(NumError::TooLarge);
                }
            }
            NumResult::from_big(product)
        }
        _ => Err(NumError::TooLarge),
    }
}

/// `sign(n)`: -1, 0 or 1.
///
/// Fails with [`NumError::Domain`] for NaN.
pub fn sign(n: Num) -> Result<NumResult, NumError> {
    match n {
        Num::Float(f) if f.is_nan() => Err(NumError::Domain),
        Num::Int(0) => Ok(NumResult::Int(0)),
        Num::Float(0.0) => Ok(NumResult::Int(0)),
        _ => Ok(NumResult::Int(if n.is_negative() { -1 } else { 1 })),
    }
}
