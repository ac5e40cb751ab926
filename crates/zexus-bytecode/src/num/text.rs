//! Numbers as text and text as numbers (language.md 2.5, 4.5, 18.1, 18.2).

use std::fmt::Write;

use num_bigint::BigInt;
use num_traits::Num as _;

use super::{Integer, MAX_INT_BITS, NumError, NumResult};

/// Why a text gives no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseNumberError {
    /// The text does not have the form of a number (E0414 in conversions).
    #[error("malformed number")]
    Malformed,
    /// The number is beyond 4096 bits, or outside the range of floats (E0407).
    #[error("integer too large")]
    TooLarge,
}

/// The display form of a float: the shortest digits that read back the same, `.0` if whole, exponent form below `1e-04`
/// and from `1e+16` on (language.md 4.5).
pub fn format_float(f: f64) -> String {
    let mut text = String::new();
    write_float(&mut text, f);
    text
}

/// Appends the display form of a float to `out`; see [`format_float`].
pub fn write_float(out: &mut String, f: f64) {
    if !f.is_finite() {
        out.push_str(if f.is_nan() {
            "nan"
        } else if f > 0.0 {
            "inf"
        } else {
            "-inf"
        });
        return;
    }
    let magnitude = f.abs();
    let start = out.len();
    // Writing to a string cannot fail. `{:?}` and `{:e}` both give the shortest digits that read back the same.
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        let _ = write!(out, "{f}");
        if f.fract() == 0.0 {
            out.push_str(".0");
        }
        return;
    }
    let _ = write!(out, "{f:e}");
    // Rust writes `1e16` and `1e-5`; the display form has a sign and at least two digits of exponent.
    let Some(at) = out.get(start..).and_then(|text| text.find('e')).map(|at| start + at + 1) else { return };
    let exponent = out.split_off(at);
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent.as_str()),
    };
    out.push(sign);
    if digits.len() < 2 {
        out.push('0');
    }
    out.push_str(digits);
}

/// The integer in a text of decimal digits with an optional sign; white space around it is ignored, as `int(s)` does.
///
/// Takes time linear in the text. Fails with [`ParseNumberError::TooLarge`] beyond 4096 bits.
pub fn parse_int(text: &str) -> Result<NumResult, ParseNumberError> {
    let (negative, digits) = split_sign(text.trim());
    digits_to_int(digits, 10, negative)
}

/// The float nearest to the number in a text; white space around it is ignored, as `float(s)` does.
///
/// The text is a number as in language.md 2.5 with an optional sign. Fails with [`ParseNumberError::TooLarge`] outside
/// the range of floats.
pub fn parse_float(text: &str) -> Result<f64, ParseNumberError> {
    let text = text.trim();
    let float = match parse_number(text)? {
        // `-0` is the float `-0.0`, which the integer 0 cannot tell.
        NumResult::Int(0) if text.starts_with('-') => return Ok(-0.0),
        number => number.as_num().to_f64(),
    };
    float.map_err(|_| ParseNumberError::TooLarge)
}

/// The number in a text written as in language.md 2.5 with an optional sign, without white space around it.
///
/// Takes time linear in the text.
pub fn parse_number(text: &str) -> Result<NumResult, ParseNumberError> {
    let (negative, body) = split_sign(text);
    for (prefix, radix) in [("0x", 16), ("0b", 2)] {
        if let Some(digits) = body.strip_prefix(prefix) {
            let plain = without_separators(digits, radix).ok_or(ParseNumberError::Malformed)?;
            return digits_to_int(&plain, radix, negative);
        }
    }
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let decimal = |digits: &str| without_separators(digits, 10).ok_or(ParseNumberError::Malformed);
    let mut plain = if negative { String::from("-") } else { String::new() };
    if fraction.is_none() || !whole.is_empty() {
        plain.push_str(&decimal(whole)?);
    }
    if fraction.is_none() && exponent.is_none() {
        return digits_to_int(plain.trim_start_matches('-'), 10, negative);
    }
    if let Some(fraction) = fraction {
        plain.push('.');
        plain.push_str(&decimal(fraction)?);
    }
    if let Some(exponent) = exponent {
        let (below, digits) = split_sign(exponent);
        plain.push_str(if below { "e-" } else { "e" });
        plain.push_str(&decimal(digits)?);
    }
    match plain.parse::<f64>() {
        Ok(f) if f.is_finite() => Ok(NumResult::Float(f)),
        Ok(_) => Err(ParseNumberError::TooLarge),
        Err(_) => Err(ParseNumberError::Malformed),
    }
}

/// The integer in a text of hexadecimal digits with an optional sign and an optional `0x`, as `from_hex(s)` reads it.
///
/// Fails with [`ParseNumberError::TooLarge`] beyond 4096 bits.
pub fn parse_hex(text: &str) -> Result<NumResult, ParseNumberError> {
    let (negative, body) = split_sign(text);
    let digits = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X")).unwrap_or(body);
    digits_to_int(digits, 16, negative)
}

/// The hexadecimal form of an integer: `0xff`, `-0xff`.
pub fn to_hex(n: Integer) -> String {
    let sign = if n.is_negative() { "-" } else { "" };
    match n {
        Integer::Small(i) => format!("{sign}0x{:x}", i.unsigned_abs()),
        Integer::Big(b) => format!("{sign}0x{:x}", b.magnitude()),
    }
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Digits of the radix without their single inner `_`, or `None` if they are none.
fn without_separators(digits: &str, radix: u32) -> Option<String> {
    let mut plain = String::with_capacity(digits.len());
    let mut after_digit = false;
    for c in digits.chars() {
        match c {
            '_' if after_digit => after_digit = false,
            c if c.is_digit(radix) => {
                plain.push(c);
                after_digit = true;
            }
            _ => return None,
        }
    }
    after_digit.then_some(plain)
}

/// Converts nothing before the number of digits is known to be bounded, since conversion is quadratic.
fn digits_to_int(digits: &str, radix: u32, negative: bool) -> Result<NumResult, ParseNumberError> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(ParseNumberError::Malformed);
    }
    let significant = digits.trim_start_matches('0');
    // A digit holds at least one bit in base 2 and more than three in the others.
    let most = if radix == 2 { MAX_INT_BITS } else { MAX_INT_BITS / 3 };
    if significant.len() as u64 > most {
        return Err(ParseNumberError::TooLarge);
    }
    if significant.is_empty() {
        return Ok(NumResult::Int(0));
    }
    if significant.len() < 16
        && let Ok(magnitude) = i64::from_str_radix(significant, radix)
    {
        return Ok(NumResult::Int(if negative { -magnitude } else { magnitude }));
    }
    let magnitude = BigInt::from_str_radix(significant, radix).map_err(|_| ParseNumberError::Malformed)?;
    NumResult::from_big(if negative { -magnitude } else { magnitude }).map_err(|error| match error {
        NumError::TooLarge => ParseNumberError::TooLarge,
        _ => ParseNumberError::Malformed,
    })
}
