//! The float functions of module `math` (language.md 18.2, chapter 20).
//!
//! All come from `libm`, which gives the same bits on every platform. An argument outside the domain of a function
//! (where it has no real value, or a pole) is [`NumError::Domain`]; an integer outside the range of floats is
//! [`NumError::TooLarge`]. A NaN goes through, and a result may become infinite.

use super::{Num, NumError};

macro_rules! functions_of_one {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(n: Num) -> Result<f64, NumError> {
            let x = n.to_f64()?;
            in_domain(x.is_nan(), libm::$name(x))
        }
    )*};
}

functions_of_one! {
    /// `sqrt(n)`: the square root, from 0 on.
    sqrt;
    /// `exp(n)`: e raised to `n`.
    exp;
    /// `sin(n)`: the sine of an angle in radians.
    sin;
    /// `cos(n)`: the cosine of an angle in radians.
    cos;
    /// `tan(n)`: the tangent of an angle in radians.
    tan;
    /// `asin(n)`: the angle in radians whose sine is `n`, for -1 to 1.
    asin;
    /// `acos(n)`: the angle in radians whose cosine is `n`, for -1 to 1.
    acos;
    /// `atan(n)`: the angle in radians whose tangent is `n`.
    atan;
    /// `sinh(n)`: the hyperbolic sine.
    sinh;
    /// `cosh(n)`: the hyperbolic cosine.
    cosh;
    /// `tanh(n)`: the hyperbolic tangent.
    tanh;
}

macro_rules! logarithms {
    ($($(#[$doc:meta])* $name:ident $function:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(n: Num) -> Result<f64, NumError> {
            let x = n.to_f64()?;
            if x <= 0.0 { Err(NumError::Domain) } else { Ok(libm::$function(x)) }
        }
    )*};
}

logarithms! {
    /// `log(n)`: the natural logarithm, above 0.
    log log;
    /// `log2(n)`: the logarithm to base 2, above 0.
    log2 log2;
    /// `log10(n)`: the logarithm to base 10, above 0.
    log10 log10;
}

/// `log(n, base)`: the quotient of the natural logarithms; both above 0, and the base not 1.
pub fn log_base(n: Num, base: Num) -> Result<f64, NumError> {
    let (over, under) = (log(n)?, log(base)?);
    if under == 0.0 {
        return Err(NumError::Domain);
    }
    in_domain(over.is_nan() || under.is_nan(), over / under)
}

/// `atan2(y, x)`: the angle in radians of the point `(x, y)`.
pub fn atan2(y: Num, x: Num) -> Result<f64, NumError> {
    Ok(libm::atan2(y.to_f64()?, x.to_f64()?))
}

/// `hypot(x, y)`: the distance of the point `(x, y)` from the origin.
pub fn hypot(x: Num, y: Num) -> Result<f64, NumError> {
    Ok(libm::hypot(x.to_f64()?, y.to_f64()?))
}

fn in_domain(from_nan: bool, result: f64) -> Result<f64, NumError> {
    if result.is_nan() && !from_nan { Err(NumError::Domain) } else { Ok(result) }
}
