//! Comparison by exact value (language.md 4.1, 5.4).

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_traits::FromPrimitive;

use super::Num;

/// The order of two numbers by their exact values; `None` if one is NaN.
#[inline]
pub fn compare(a: Num, b: Num) -> Option<Ordering> {
    match (a, b) {
        (Num::Int(x), Num::Int(y)) => Some(x.cmp(&y)),
        (Num::Float(x), Num::Float(y)) => x.partial_cmp(&y),
        (Num::Int(x), Num::Float(y)) => compare_int_float(x, y),
        (Num::Float(x), Num::Int(y)) => compare_int_float(y, x).map(Ordering::reverse),
        (Num::Big(x), Num::Big(y)) => Some(x.cmp(y)),
        // A big integer lies outside the range of 64 bits, so its sign decides.
        (Num::Big(x), Num::Int(_)) => Some(sign_order(x)),
        (Num::Int(_), Num::Big(y)) => Some(sign_order(y).reverse()),
        (Num::Big(x), Num::Float(y)) => compare_big_float(x, y),
        (Num::Float(x), Num::Big(y)) => compare_big_float(y, x).map(Ordering::reverse),
    }
}

/// Whether two numbers are equal by their exact values; a NaN equals nothing.
#[inline]
pub fn equal(a: Num, b: Num) -> bool {
    match (a, b) {
        (Num::Int(x), Num::Int(y)) => x == y,
        (Num::Float(x), Num::Float(y)) => x == y,
        _ => compare(a, b) == Some(Ordering::Equal),
    }
}

/// The order of an integer and a float by their exact values; `None` for NaN.
#[inline]
pub fn compare_int_float(a: i64, b: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        None
    } else if b >= LIMIT {
        Some(Ordering::Less)
    } else if b < -LIMIT {
        Some(Ordering::Greater)
    } else {
        let whole = b.trunc();
        // `whole` lies in the range of i64, so the conversion is exact.
        Some(a.cmp(&(whole as i64)).then_with(|| {
            if whole < b {
                Ordering::Less
            } else if whole > b {
                Ordering::Greater
            } else {
                Ordering::Equal
            }
        }))
    }
}

fn sign_order(big: &BigInt) -> Ordering {
    if big.sign() == Sign::Minus { Ordering::Less } else { Ordering::Greater }
}

#[cold]
fn compare_big_float(a: &BigInt, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        None
    } else if b.is_infinite() {
        Some(if b > 0.0 { Ordering::Less } else { Ordering::Greater })
    } else if b.abs() < 9_007_199_254_740_992.0 {
        Some(sign_order(a))
    } else {
        // From 2^53 on every float is whole.
        BigInt::from_f64(b).map(|b| a.cmp(&b))
    }
}
