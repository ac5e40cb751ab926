//! Numeric meaning: integers of up to 4096 bits and binary64 floats.
//!
//! 1. Every function is pure and gives the same bits on every platform: floats use the IEEE operations and `libm` only.
//! 2. A result is normalised: a [`NumResult::Big`] never fits an `i64` and never exceeds [`MAX_INT_BITS`].
//! 3. The size of a result is bounded before it is computed, so no operand makes unbounded work.
//! 4. Fast paths for `i64` and `f64` read straight down; everything else is `#[cold]`.
//!
//! Source: language.md 2.5, 4.3–4.5, 5.2, 5.4, 18.1, 18.2, chapter 20.

mod arith;
mod bits;
mod compare;
mod integer;
pub mod math;
mod power;
mod rounding;
mod text;

use std::borrow::Cow;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

pub use arith::{abs, add, div, div_ints, int_div, modulo, modulo_floats, mul, neg, sub};
pub use bits::{bit_and, bit_not, bit_or, bit_xor, shift_left, shift_right};
pub use compare::{compare, compare_int_float, equal};
pub use integer::{factorial, gcd, isqrt, lcm, sign};
pub use power::{pow, pow_floats};
pub use rounding::{big_to_f64, ceil, float_to_int, floor, round, round_digits, trunc};
pub use text::{
    ParseNumberError, format_float, parse_float, parse_hex, parse_int, parse_number, to_hex, write_float,
};

/// Largest number of bits that the magnitude of an integer may have (language.md 4.3).
pub const MAX_INT_BITS: u64 = 4096;

/// A number as an operand: an integer of either size, or a float.
#[derive(Clone, Copy, Debug)]
pub enum Num<'a> {
    /// An integer of 64 bits.
    Int(i64),
    /// An integer that does not fit 64 bits.
    Big(&'a BigInt),
    /// A float.
    Float(f64),
}

/// An integer as an operand, for operations that floats do not have.
#[derive(Clone, Copy, Debug)]
pub enum Integer<'a> {
    /// An integer of 64 bits.
    Small(i64),
    /// An integer that does not fit 64 bits.
    Big(&'a BigInt),
}

/// A computed number; a `Big` never fits an `i64`.
#[derive(Clone, Debug, PartialEq)]
pub enum NumResult {
    /// An integer of 64 bits.
    Int(i64),
    /// An integer beyond 64 bits, of at most [`MAX_INT_BITS`] bits.
    Big(BigInt),
    /// A float.
    Float(f64),
}

/// Why an operation on numbers has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumError {
    /// An integer beyond 4096 bits, or one outside the range of floats where a float is needed (E0407).
    #[error("integer too large")]
    TooLarge,
    /// Division by zero, also `0 ** -1` (E0405).
    #[error("Division by zero")]
    DivideByZero,
    /// Modulo by zero (E0406).
    #[error("Modulo by zero")]
    ModuloByZero,
    /// Outside the domain of floats or of the function (E0408).
    #[error("outside the domain of floats or of the function")]
    Domain,
}

impl NumError {
    /// The code of the error in language.md chapter 23.
    pub fn code(self) -> &'static str {
        match self {
            NumError::TooLarge => "E0407",
            NumError::DivideByZero => "E0405",
            NumError::ModuloByZero => "E0406",
            NumError::Domain => "E0408",
        }
    }
}

impl<'a> Num<'a> {
    /// The integer, or `None` for a float.
    #[inline]
    pub fn integer(self) -> Option<Integer<'a>> {
        match self {
            Num::Int(i) => Some(Integer::Small(i)),
            Num::Big(b) => Some(Integer::Big(b)),
            Num::Float(_) => None,
        }
    }

    /// The nearest float; [`NumError::TooLarge`] for an integer outside the range of floats (language.md 5.2).
    #[inline]
    pub fn to_f64(self) -> Result<f64, NumError> {
        match self {
            Num::Int(i) => Ok(i as f64),
            Num::Big(b) => big_to_f64(b),
            Num::Float(f) => Ok(f),
        }
    }

    /// Whether the number is below zero; false for NaN and for `-0.0`.
    #[inline]
    pub fn is_negative(self) -> bool {
        match self {
            Num::Int(i) => i < 0,
            Num::Big(b) => b.sign() == num_bigint::Sign::Minus,
            Num::Float(f) => f < 0.0,
        }
    }
}

impl<'a> Integer<'a> {
    /// The number of bits of the magnitude; 0 for 0.
    #[inline]
    pub fn bits(self) -> u64 {
        match self {
            Integer::Small(i) => u64::from(64 - i.unsigned_abs().leading_zeros()),
            Integer::Big(b) => b.bits(),
        }
    }

    /// The number of 64-bit limbs of the magnitude, by which gas is counted (bytecode.md 5.3); 0 for 0.
    #[inline]
    pub fn limbs(self) -> u64 {
        self.bits().div_ceil(64)
    }

    /// Whether the integer is below zero.
    #[inline]
    pub fn is_negative(self) -> bool {
        match self {
            Integer::Small(i) => i < 0,
            Integer::Big(b) => b.sign() == num_bigint::Sign::Minus,
        }
    }

    fn to_big(self) -> Cow<'a, BigInt> {
        match self {
            Integer::Small(i) => Cow::Owned(BigInt::from(i)),
            Integer::Big(b) => Cow::Borrowed(b),
        }
    }
}

impl<'a> From<Integer<'a>> for Num<'a> {
    #[inline]
    fn from(i: Integer<'a>) -> Num<'a> {
        match i {
            Integer::Small(i) => Num::Int(i),
            Integer::Big(b) => Num::Big(b),
        }
    }
}

impl NumResult {
    /// The result as an operand.
    #[inline]
    pub fn as_num(&self) -> Num<'_> {
        match self {
            NumResult::Int(i) => Num::Int(*i),
            NumResult::Big(b) => Num::Big(b),
            NumResult::Float(f) => Num::Float(*f),
        }
    }

    /// The integer `b` in its normal form.
    ///
    /// Fails with [`NumError::TooLarge`] beyond [`MAX_INT_BITS`].
    pub fn from_big(b: BigInt) -> Result<NumResult, NumError> {
        match b.to_i64() {
            Some(i) => Ok(NumResult::Int(i)),
            None if b.bits() > MAX_INT_BITS => Err(NumError::TooLarge),
            None => Ok(NumResult::Big(b)),
        }
    }

    /// A wide machine integer in its normal form; it always fits.
    #[inline]
    pub fn from_i128(i: i128) -> NumResult {
        match i64::try_from(i) {
            Ok(small) => NumResult::Int(small),
            Err(_) => NumResult::Big(BigInt::from(i)),
        }
    }
}

impl std::fmt::Display for NumResult {
    /// Writes the display form of language.md 4.5.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NumResult::Int(i) => write!(f, "{i}"),
            NumResult::Big(b) => write!(f, "{b}"),
            NumResult::Float(x) => f.write_str(&format_float(*x)),
        }
    }
}

#[cfg(test)]
mod tests;
