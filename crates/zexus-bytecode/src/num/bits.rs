//! Bit operations as if in two's complement of unlimited width (language.md chapter 20, module `math`).

use num_bigint::BigInt;

use super::{Integer, MAX_INT_BITS, NumError, NumResult};

macro_rules! bit_operations {
    ($($(#[$doc:meta])* $name:ident $op:tt;)*) => {$(
        $(#[$doc])*
        ///
        /// Fails with [`NumError::TooLarge`] if the result needs more than 4096 bits.
        pub fn $name(a: Integer, b: Integer) -> Result<NumResult, NumError> {
            match (a, b) {
                (Integer::Small(x), Integer::Small(y)) => Ok(NumResult::Int(x $op y)),
                _ => NumResult::from_big(a.to_big().as_ref() $op b.to_big().as_ref()),
            }
        }
    )*};
}

bit_operations! {
    /// `bit_and(a, b)`: the bits that both have.
    bit_and &;
    /// `bit_or(a, b)`: the bits that one of them has.
    bit_or |;
    /// `bit_xor(a, b)`: the bits that exactly one of them has.
    bit_xor ^;
}

/// `bit_not(a)`: `-a - 1`.
///
/// Fails with [`NumError::TooLarge`] if the result needs more than 4096 bits.
pub fn bit_not(a: Integer) -> Result<NumResult, NumError> {
    match a {
        Integer::Small(x) => Ok(NumResult::Int(!x)),
        Integer::Big(x) => NumResult::from_big(!x),
    }
}

/// `shift_left(a, n)`: `a * 2 ** n`.
///
/// Fails with [`NumError::Domain`] for a negative `n` and with [`NumError::TooLarge`], known before shifting.
pub fn shift_left(a: Integer, n: Integer) -> Result<NumResult, NumError> {
    if n.is_negative() {
        return Err(NumError::Domain);
    }
    match n {
        _ if a.bits() == 0 => Ok(NumResult::Int(0)),
        Integer::Small(n) if n.unsigned_abs() <= MAX_INT_BITS - a.bits() => {
            NumResult::from_big(a.to_big().as_ref() << n.unsigned_abs())
        }
        _ => Err(NumError::TooLarge),
    }
}

/// `shift_right(a, n)`: `a` divided by `2 ** n`, rounded toward negative infinity.
///
/// Fails with [`NumError::Domain`] for a negative `n`.
pub fn shift_right(a: Integer, n: Integer) -> Result<NumResult, NumError> {
    if n.is_negative() {
        return Err(NumError::Domain);
    }
    match (a, n) {
        (Integer::Small(x), Integer::Small(n)) => Ok(NumResult::Int(x >> n.min(63))),
        (Integer::Big(x), Integer::Small(n)) if n.unsigned_abs() <= MAX_INT_BITS => {
            let shifted: BigInt = x >> n.unsigned_abs();
            NumResult::from_big(shifted)
        }
        _ => Ok(NumResult::Int(if a.is_negative() { -1 } else { 0 })),
    }
}
