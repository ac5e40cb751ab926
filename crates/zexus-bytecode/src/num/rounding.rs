//! From exact values to floats and from floats to integers (language.md 5.2, 18.2).

use num_bigint::{BigInt, BigUint};
use num_integer::Integer as _;
use num_traits::{FromPrimitive, Pow, ToPrimitive, Zero};

use super::{Integer, Num, NumError, NumResult};

/// The float nearest to `b`, ties to even.
///
/// Fails with [`NumError::TooLarge`] outside the range of floats.
pub fn big_to_f64(b: &BigInt) -> Result<f64, NumError> {
    let magnitude = magnitude_to_f64(b.magnitude())?;
    Ok(if b.sign() == num_bigint::Sign::Minus { -magnitude } else { magnitude })
}

fn magnitude_to_f64(n: &BigUint) -> Result<f64, NumError> {
    let (top, exponent) = top_bits(n, false);
    assemble(top, exponent)
}

/// The float nearest to `a / b`, ties to even; `b` is not zero.
pub(super) fn ratio(a: &BigUint, b: &BigUint) -> Result<f64, NumError> {
    if a.is_zero() {
        return Ok(0.0);
    }
    // Scaled so that the quotient has 66 or 67 bits: more than a float holds, with one to spare for the rounding.
    let shift = 66 + b.bits() as i64 - a.bits() as i64;
    let distance = shift.unsigned_abs();
    let (quotient, remainder) =
        if shift >= 0 { (a << distance).div_rem(b) } else { a.div_rem(&(b << distance)) };
    let (top, exponent) = top_bits(&quotient, !remainder.is_zero());
    assemble(top, exponent - shift)
}

/// The float nearest to `a / b`, ties to even; `b` is not zero.
#[cold]
pub(super) fn int_ratio(a: i64, b: i64) -> f64 {
    let (x, y) = (u128::from(a.unsigned_abs()), u128::from(b.unsigned_abs()));
    if x == 0 {
        return if b < 0 { -0.0 } else { 0.0 };
    }
    let shift = x.leading_zeros();
    let scaled = x << shift;
    // At least 65 bits, of which the float takes 53; the rest only says whether anything is left.
    let (quotient, rest) = (scaled / y, scaled % y);
    let cut = 64 - quotient.leading_zeros();
    let lost = quotient.trailing_zeros() < cut || rest != 0;
    let top = (quotient >> cut) as u64 | u64::from(lost);
    let magnitude = assemble(top, i64::from(cut) - i64::from(shift));
    let magnitude = magnitude.unwrap_or(f64::INFINITY);
    if (a < 0) != (b < 0) { -magnitude } else { magnitude }
}

/// The highest 64 bits of `n` with their exponent; the lowest bit also stands for everything that was cut off.
fn top_bits(n: &BigUint, more: bool) -> (u64, i64) {
    let bits = n.bits();
    let (top, exponent, lost) = if bits > 64 {
        let cut = bits - 64;
        let lost = n.trailing_zeros().is_some_and(|zeros| zeros < cut);
        ((n >> cut).to_u64().unwrap_or(u64::MAX), cut as i64, lost)
    } else {
        let top = n.to_u64().unwrap_or(u64::MAX);
        let up = top.leading_zeros().min(63);
        (top << up, -i64::from(up), false)
    };
    (top | u64::from(lost || more), exponent)
}

/// The float nearest to `top * 2^exponent`, where the highest bit of `top` is set unless it is zero.
fn assemble(top: u64, exponent: i64) -> Result<f64, NumError> {
    const MIN_EXPONENT: i64 = -1022;
    const MAX_EXPONENT: i64 = 1023;
    if top == 0 {
        return Ok(0.0);
    }
    let scale = exponent + 63;
    if scale > MAX_EXPONENT {
        return Err(NumError::TooLarge);
    }
    let below = (MIN_EXPONENT - scale).max(0);
    if below > 53 {
        return Ok(0.0);
    }
    let drop = 11 + below as u32;
    let (kept, rest, half) = if drop == 64 {
        (0, top, 1 << 63)
    } else {
        (top >> drop, top & ((1 << drop) - 1), 1_u64 << (drop - 1))
    };
    let up = rest > half || (rest == half && kept & 1 == 1);
    let mantissa = kept + u64::from(up);
    // A carry out of the mantissa moves into the exponent, which is what it means.
    let bits = if below > 0 { mantissa } else { (((scale + 1022) as u64) << 52) + mantissa };
    let value = f64::from_bits(bits);
    if value.is_finite() { Ok(value) } else { Err(NumError::TooLarge) }
}

/// The integer that remains without the fraction.
///
/// Fails with [`NumError::Domain`] unless `f` is finite.
pub fn float_to_int(f: f64) -> Result<NumResult, NumError> {
    whole_to_int(f.trunc())
}

/// The integer equal to a float without fraction.
fn whole_to_int(f: f64) -> Result<NumResult, NumError> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&f) {
        return Ok(NumResult::Int(f as i64));
    }
    match BigInt::from_f64(f) {
        Some(big) => NumResult::from_big(big),
        None => Err(NumError::Domain),
    }
}

fn by_float(n: Num, rule: fn(f64) -> f64) -> Result<NumResult, NumError> {
    match n {
        Num::Int(i) => Ok(NumResult::Int(i)),
        Num::Big(b) => NumResult::from_big(b.clone()),
        Num::Float(f) => whole_to_int(rule(f)),
    }
}

/// `trunc(n)`: the integer toward zero.
///
/// Fails with [`NumError::Domain`] for a float that is not finite, as do the three functions below.
pub fn trunc(n: Num) -> Result<NumResult, NumError> {
    by_float(n, f64::trunc)
}

/// `floor(n)`: the greatest integer not above `n`.
pub fn floor(n: Num) -> Result<NumResult, NumError> {
    by_float(n, f64::floor)
}

/// `ceil(n)`: the least integer not below `n`.
pub fn ceil(n: Num) -> Result<NumResult, NumError> {
    by_float(n, f64::ceil)
}

/// `round(n)`: the nearest integer, ties to even.
pub fn round(n: Num) -> Result<NumResult, NumError> {
    by_float(n, f64::round_ties_even)
}

/// `round(n, digits)`: an integer if `digits` is 0, otherwise the float nearest to the exact value of `n` rounded to
/// that many decimal places, ties to even.
///
/// Negative digits round to tens, hundreds and so on. Fails with [`NumError::Domain`] for a float that is not finite
/// and with [`NumError::TooLarge`] if the result is outside the range of floats. Source: language.md 18.2.
pub fn round_digits(n: Num, digits: Integer) -> Result<NumResult, NumError> {
    let digits = match digits {
        Integer::Small(0) => return round(n),
        Integer::Small(d) => d,
        Integer::Big(_) if digits.is_negative() => i64::MIN,
        Integer::Big(_) => i64::MAX,
    };
    match n.integer() {
        Some(_) if digits > 0 => n.to_f64(),
        Some(i) => {
            let rounded = round_at(i.to_big().magnitude(), &BigUint::from(1_u8), digits)?;
            Ok(if n.is_negative() && rounded != 0.0 { -rounded } else { rounded })
        }
        None => round_float(n.to_f64()?, digits),
    }
    .map(NumResult::Float)
}

fn round_float(f: f64, digits: i64) -> Result<f64, NumError> {
    // The least float is 2^-1074, so its decimal fraction has 1074 digits and a float of 2^53 and more has none.
    if !f.is_finite() {
        return Err(NumError::Domain);
    }
    if f == 0.0 || digits > 1074 {
        return Ok(f);
    }
    let (mantissa, exponent) = decompose(f.abs());
    let shift = exponent.unsigned_abs();
    let (over, under) = if exponent >= 0 {
        (BigUint::from(mantissa) << shift, BigUint::from(1_u8))
    } else {
        (BigUint::from(mantissa), BigUint::from(1_u8) << shift)
    };
    Ok(round_at(&over, &under, digits)?.copysign(f))
}

/// The float nearest to `over / under` rounded to `digits` decimal places, ties to even.
fn round_at(over: &BigUint, under: &BigUint, digits: i64) -> Result<f64, NumError> {
    // 10^1300 exceeds every number there is, twice over.
    if digits < -1300 {
        return Ok(0.0);
    }
    let power = Pow::pow(BigUint::from(10_u8), digits.unsigned_abs().min(1300));
    let one = BigUint::from(1_u8);
    let (times, by) = if digits > 0 { (&power, &one) } else { (&one, &power) };
    let divisor = under * by;
    let (mut quotient, remainder) = (over * times).div_rem(&divisor);
    let twice: BigUint = remainder << 1;
    if twice > divisor || (twice == divisor && quotient.bit(0)) {
        quotient += 1_u8;
    }
    ratio(&(quotient * by), times)
}

/// A finite float that is not negative, as `mantissa * 2^exponent`.
fn decompose(f: f64) -> (u64, i64) {
    let bits = f.to_bits();
    let (fraction, biased) = (bits & ((1 << 52) - 1), (bits >> 52) as i64);
    if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) }
}
