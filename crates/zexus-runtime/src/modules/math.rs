//! The module `math`.

use zexus_bytecode::num::{self, Integer, Num, NumError, NumResult, math};

use crate::builtins::numbers::{clamp, of_number};
use crate::builtins::{arg, rows};
use crate::machine::Machine;
use crate::ops::{self, finish, integer_of, num_error, num_of};
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// Its constants.
pub const CONSTANTS: &[(&str, f64)] = &[
    ("pi", std::f64::consts::PI),
    ("e", std::f64::consts::E),
    ("tau", std::f64::consts::TAU),
    ("PI", std::f64::consts::PI),
    ("E", std::f64::consts::E),
    ("TAU", std::f64::consts::TAU),
];

rows! {
    ROWS in "math";
    /// The integer toward zero.
    ["trunc"] (n: Number) => Plain(trunc);
    /// -1, 0 or 1.
    ["sign"] (n: Number) => Plain(sign);
    /// `a ** b`.
    ["pow"] (a: Number, b: Number) => Plain(pow);
    /// The exponential function.
    ["exp"] (n: Number) => Plain(exp);
    /// The natural logarithm, or that to a base.
    ["log"] (n: Number, base: Number = "") => Plain(log);
    /// The logarithm to base 2.
    ["log2"] (n: Number) => Plain(log2);
    /// The logarithm to base 10.
    ["log10"] (n: Number) => Plain(log10);
    /// The sine.
    ["sin"] (n: Number) => Plain(sin);
    /// The cosine.
    ["cos"] (n: Number) => Plain(cos);
    /// The tangent.
    ["tan"] (n: Number) => Plain(tan);
    /// The inverse sine.
    ["asin"] (n: Number) => Plain(asin);
    /// The inverse cosine.
    ["acos"] (n: Number) => Plain(acos);
    /// The inverse tangent.
    ["atan"] (n: Number) => Plain(atan);
    /// The hyperbolic sine.
    ["sinh"] (n: Number) => Plain(sinh);
    /// The hyperbolic cosine.
    ["cosh"] (n: Number) => Plain(cosh);
    /// The hyperbolic tangent.
    ["tanh"] (n: Number) => Plain(tanh);
    /// The angle of the point `(x, y)`.
    ["atan2"] (y: Number, x: Number) => Plain(atan2);
    /// The distance of the point `(x, y)` from the origin.
    ["hypot"] (x: Number, y: Number) => Plain(hypot);
    /// The greatest integer whose square is not above `n`.
    ["isqrt"] (n: Int) => Plain(isqrt);
    /// The greatest common divisor.
    ["gcd"] (a: Int, b: Int) => Plain(gcd);
    /// The least common multiple.
    ["lcm"] (a: Int, b: Int) => Plain(lcm);
    /// The product of the integers from 1 to `n`.
    ["factorial"] (n: Int) => Plain(factorial);
    /// `n`, or the bound that it passes.
    ["clamp"] (n: Number, lo: Number, hi: Number) => Plain(clamp);
    /// An integer from `a` to `b`, both included.
    ["random_int"] (a: Int, b: Int) needs RANDOM => Plain(random_int);
    /// The bits that both have.
    ["bit_and"] (a: Int, b: Int) => Plain(bit_and);
    /// The bits that one of them has.
    ["bit_or"] (a: Int, b: Int) => Plain(bit_or);
    /// The bits that exactly one of them has.
    ["bit_xor"] (a: Int, b: Int) => Plain(bit_xor);
    /// `-a - 1`.
    ["bit_not"] (a: Int) => Plain(bit_not);
    /// `a * 2 ** n`.
    ["shift_left"] (a: Int, n: Int) => Plain(shift_left);
    /// `a` divided by `2 ** n`, rounded toward negative infinity.
    ["shift_right"] (a: Int, n: Int) => Plain(shift_right);
}

of_number! { trunc; sign; }

/// Declares functions on floats of one or two numbers.
macro_rules! floats {
    ($( $name:ident ( $($i:literal),+ ); )*) => { $(
        fn $name(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
            let result = math::$name($( num_of(m, arg(args, $i)).unwrap_or(Num::Float(f64::NAN)) ),+);
            finish(m, result.map(NumResult::Float))
        }
    )* };
}

floats! {
    exp(0); log2(0); log10(0); sin(0); cos(0); tan(0); asin(0); acos(0); atan(0); sinh(0); cosh(0); tanh(0);
    atan2(0, 1); hypot(0, 1);
}

/// Declares functions of one or two integers.
macro_rules! integers {
    ($( $name:ident ( $($i:literal),+ ); )*) => { $(
        fn $name(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
            let result = num::$name($( integer_of(m, arg(args, $i)).unwrap_or(Integer::Small(0)) ),+);
            finish(m, result)
        }
    )* };
}

integers! {
    isqrt(0); factorial(0); bit_not(0);
    gcd(0, 1); lcm(0, 1); bit_and(0, 1); bit_or(0, 1); bit_xor(0, 1); shift_left(0, 1); shift_right(0, 1);
}

fn pow(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    ops::pow(m, arg(args, 0), arg(args, 1))
}

fn log(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let result = match (num_of(m, arg(args, 0)), args.get(1).and_then(|v| num_of(m, *v))) {
        (Some(n), Some(base)) => math::log_base(n, base),
        (Some(n), None) => math::log(n),
        _ => Err(NumError::Domain),
    };
    finish(m, result.map(NumResult::Float))
}

fn random_int(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (Kind::Int(a), Kind::Int(b)) = (arg(args, 0).kind(), arg(args, 1).kind()) else {
        return Err(num_error(m, NumError::TooLarge));
    };
    if a > b {
        return Err(m.error(415, "random_int needs bounds in order"));
    }
    let rng = crate::random::generator(m);
    let offset = match (b.wrapping_sub(a) as u64).checked_add(1) {
        Some(n) => rng.below(n),
        None => rng.bits(),
    };
    Ok(Value::int(a.wrapping_add(offset as i64)))
}
