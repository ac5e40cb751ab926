//! Examples of language.md and properties against exact arithmetic.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{One, Signed};
use proptest::prelude::*;

use super::*;

/// The number that a text of language.md 2.5 stands for; `a ** b` and `inf` are understood too.
fn n(text: &str) -> NumResult {
    match text.split_once("**") {
        Some(_) if text.starts_with('-') => neg(n(&text[1..]).as_num()).unwrap(),
        Some((a, b)) => pow(n(a.trim()).as_num(), n(b.trim()).as_num()).unwrap(),
        None if text.ends_with("inf") || text == "nan" => NumResult::Float(text.parse().unwrap()),
        None => parse_number(text).unwrap(),
    }
}

fn show(result: Result<NumResult, NumError>) -> String {
    match result {
        Ok(number) => number.to_string(),
        Err(error) => error.code().to_string(),
    }
}

fn apply(a: &NumResult, op: &str, b: &NumResult) -> Result<NumResult, NumError> {
    let (a, b) = (a.as_num(), b.as_num());
    let integers = || (a.integer().unwrap(), b.integer().unwrap());
    match op {
        "+" => add(a, b),
        "-" => sub(a, b),
        "*" => mul(a, b),
        "/" => div(a, b).map(NumResult::Float),
        "%" => modulo(a, b),
        "^" => pow(a, b),
        "div" => int_div(integers().0, integers().1),
        "and" => bit_and(integers().0, integers().1),
        "or" => bit_or(integers().0, integers().1),
        "xor" => bit_xor(integers().0, integers().1),
        "<<" => shift_left(integers().0, integers().1),
        ">>" => shift_right(integers().0, integers().1),
        "gcd" => gcd(integers().0, integers().1),
        "lcm" => lcm(integers().0, integers().1),
        "round" => round_digits(a, integers_digits(b)),
        "log" => math::log_base(a, b).map(NumResult::Float),
        _ => unreachable!("{op}"),
    }
}

fn integers_digits(b: Num) -> Integer {
    b.integer().unwrap()
}

#[track_caller]
fn check(a: &str, op: &str, b: &str, expected: &str) {
    assert_eq!(show(apply(&n(a), op, &n(b))), expected, "{a} {op} {b}");
}

fn power_of_two(bits: u32) -> String {
    let power: BigInt = BigInt::one() << bits;
    power.to_string()
}

#[test]
fn examples_of_the_reference() {
    check("7", "/", "2", "3.5");
    check("6", "/", "3", "2.0");
    check("7", "div", "2", "3");
    check("-7", "div", "2", "-4");
    check("-7", "%", "3", "2");
    check("7", "%", "-3", "-2");
    check("2", "^", "512", &power_of_two(512));
    check("2", "^", "-1", "0.5");
    check("2", "^", "64", "18446744073709551616");
    check("3", "-", "1.0", "2.0");
    check("10", "%", "2.5", "0.0");
    check("9007199254740993", "*", "3", "27021597764222979");
    check("0.1", "+", "0.2", "0.30000000000000004");
}

#[test]
fn integers_grow_and_shrink() {
    check("9223372036854775807", "+", "1", "9223372036854775808");
    check("-9223372036854775808", "-", "1", "-9223372036854775809");
    check("-9223372036854775808", "*", "-1", "9223372036854775808");
    check("-9223372036854775808", "div", "-1", "9223372036854775808");
    check("-9223372036854775808", "%", "-1", "0");
    assert_eq!(sub(n("2**63").as_num(), Num::Int(1)), Ok(NumResult::Int(i64::MAX)));
    assert_eq!(neg(n("2**63").as_num()), Ok(NumResult::Int(i64::MIN)));
    assert_eq!(show(neg(Num::Int(i64::MIN))), "9223372036854775808");
    assert_eq!(show(abs(Num::Int(i64::MIN))), "9223372036854775808");
    assert_eq!(show(abs(n("-2.5").as_num())), "2.5");
    check("2**64", "div", "2**64", "1");
    check("-2**64", "div", "3", "-6148914691236517206");
    check("5", "div", "-2**64", "-1");
    check("-2**65", "%", "7", "3");
    check("5", "%", "-2**64", "-18446744073709551611");
}

fn largest() -> BigInt {
    (BigInt::one() << MAX_INT_BITS) - 1
}

#[test]
fn integers_are_bounded() {
    check("2", "^", "4095", &power_of_two(4095));
    check("2", "^", "4096", "E0407");
    check("-2", "^", "4096", "E0407");
    check("3", "^", "9223372036854775807", "E0407");
    check("2**4000", "^", "2**4000", "E0407");
    check("2**4000", "^", "2", "E0407");
    check("2**2048", "*", "2**2047", &power_of_two(4095));
    check("2**2048", "*", "2**2048", "E0407");
    check("2**4095", "+", "2**4095", "E0407");
    check("2**4095", "*", "0", "0");
    check("1", "^", "2**4000", "1");
    check("-1", "^", "2**4000", "1");
    check("-1", "^", "9223372036854775807", "-1");
    check("0", "^", "2**4000", "0");
    check("0", "^", "0", "1");
    check("2**4000", "^", "0", "1");
    check("2**4000", "^", "1", &power_of_two(4000));
    let most = largest();
    let least = -largest();
    assert_eq!(add(Num::Big(&most), Num::Int(1)), Err(NumError::TooLarge));
    assert_eq!(sub(Num::Big(&least), Num::Int(1)), Err(NumError::TooLarge));
    assert_eq!(bit_not(Integer::Big(&most)), Err(NumError::TooLarge));
    assert_eq!(neg(Num::Big(&most)), Ok(NumResult::Big(least)));
}

#[test]
fn zero_divides_nothing() {
    for (a, b) in [("1", "0"), ("1.0", "0"), ("1", "0.0"), ("0", "-0.0"), ("nan", "0.0"), ("2**70", "0")] {
        check(a, "/", b, "E0405");
        check(a, "%", b, "E0406");
    }
    check("1", "div", "0", "E0405");
    check("2**70", "div", "0", "E0405");
    check("0", "^", "-1", "E0405");
    check("0.0", "^", "-0.5", "E0405");
    check("0", "^", "-1.0", "E0405");
    check("-0.0", "^", "-2**70", "E0405");
}

#[test]
fn quotients_are_rounded_once() {
    check("10**400", "/", "10**399", "10.0");
    check("10**400", "/", "1", "E0407");
    check("-10**400", "/", "10**400", "-1.0");
    check("1", "/", "10**400", "0.0");
    check("1", "/", "10**320", "1e-320");
    check("1", "/", "2**1074", "5e-324");
    check("1", "/", "2**1075", "0.0");
    check("3", "/", "2**1076", "5e-324");
    check("9007199254740993", "/", "9007199254740992", "1.0");
    check("9007199254740993", "/", "1", "9007199254740992.0");
    check("9007199254740995", "/", "1", "9007199254740996.0");
    check("9223372036854775807", "/", "-9223372036854775808", "-1.0");
    check("-9223372036854775808", "/", "3", "-3.0744573456182584e+18");
    check("0", "/", "-5", "-0.0");
    check("2**1024", "/", "2", "8.98846567431158e+307");
    check("1e308", "/", "1e-308", "inf");
}

#[test]
fn an_integer_that_meets_a_float_is_the_nearest_float() {
    check("9007199254740993", "+", "0.0", "9007199254740992.0");
    check("2**64", "*", "0.5", "9.223372036854776e+18");
    check("10**400", "*", "0.5", "E0407");
    check("1.5", "-", "10**400", "E0407");
    check("10**400", "%", "2.0", "E0407");
    check("10**400", "^", "0.5", "E0407");
    check("1e308", "*", "10", "inf");
    check("inf", "-", "inf", "nan");
    let most = (BigInt::one() << 1024) - (BigInt::one() << 970) - 1;
    assert_eq!(big_to_f64(&most), Ok(f64::MAX));
    assert_eq!(big_to_f64(&-most.clone()), Ok(f64::MIN));
    assert_eq!(big_to_f64(&(most + 1)), Err(NumError::TooLarge));
}

#[test]
fn modulo_takes_the_sign_of_the_divisor() {
    check("-7.5", "%", "2", "0.5");
    check("7.5", "%", "-2", "-0.5");
    check("-4.0", "%", "2", "0.0");
    check("4.0", "%", "-2", "-0.0");
    check("5", "%", "inf", "5.0");
    check("-5", "%", "inf", "inf");
    check("5.0", "%", "-inf", "-inf");
    check("inf", "%", "3", "nan");
}

#[test]
fn powers() {
    check("1.1", "^", "2", "1.2100000000000002");
    check("1e200", "^", "2", "inf");
    check("-8", "^", "0.5", "E0408");
    check("-8.0", "^", "3", "-512.0");
    check("2", "^", "0.5", "1.4142135623730951");
    check("4", "^", "-2", "0.0625");
    check("-2", "^", "-3", "-0.125");
    check("2", "^", "-2**70", "0.0");
    check("10**400", "^", "-1", "E0407");
    check("7", "^", "0", "1");
    check("7.0", "^", "0", "1.0");
    check("-3", "^", "3", "-27");
    check("3", "^", "40", "12157665459056928801");
    check("2.0", "^", "5000", "inf");
    check("0.0", "^", "0.0", "1.0");
}

#[test]
fn comparison_is_exact() {
    let order = |a: &str, b: &str| compare(n(a).as_num(), n(b).as_num());
    for (a, b, expected) in [
        ("9007199254740993", "9007199254740992.0", Ordering::Greater),
        ("9007199254740992", "9007199254740992.0", Ordering::Equal),
        ("1", "1.0", Ordering::Equal),
        ("-1", "-1.5", Ordering::Greater),
        ("1", "1.5", Ordering::Less),
        ("9223372036854775807", "9223372036854775808.0", Ordering::Less),
        ("-9223372036854775808", "-9223372036854775808.0", Ordering::Equal),
        ("2**63", "9223372036854775808.0", Ordering::Equal),
        ("2**64", "2**63", Ordering::Greater),
        ("2**64", "5", Ordering::Greater),
        ("-2**65", "-5", Ordering::Less),
        ("10**400", "inf", Ordering::Less),
        ("10**400", "1e308", Ordering::Greater),
        ("-2**65", "1e-5", Ordering::Less),
        ("0", "-0.0", Ordering::Equal),
    ] {
        assert_eq!(order(a, b), Some(expected), "{a} <=> {b}");
        assert_eq!(order(b, a), Some(expected.reverse()), "{b} <=> {a}");
        assert_eq!(equal(n(a).as_num(), n(b).as_num()), expected == Ordering::Equal, "{a} == {b}");
    }
    assert_eq!(order("nan", "nan"), None);
    assert_eq!(order("1", "nan"), None);
    assert_eq!(order("2**64", "nan"), None);
    assert!(!equal(n("nan").as_num(), n("nan").as_num()));
}

#[test]
fn display_of_floats() {
    for (f, expected) in [
        (1e16, "1e+16"),
        (1e15, "1000000000000000.0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-5, "1e-05"),
        (0.0001, "0.0001"),
        (0.00012345, "0.00012345"),
        (9.999e-5, "9.999e-05"),
        (9999999999999998.0, "9999999999999998.0"),
        (1.5e300, "1.5e+300"),
        (-1.5e-300, "-1.5e-300"),
        (5e-324, "5e-324"),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (123456.789, "123456.789"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
        (f64::NAN, "nan"),
        (-f64::NAN, "nan"),
    ] {
        assert_eq!(format_float(f), expected);
    }
    let mut text = String::from("xe");
    write_float(&mut text, 1e300);
    assert_eq!(text, "xe1e+300");
}

fn parsed(result: Result<NumResult, ParseNumberError>) -> String {
    match result {
        Ok(number) => number.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn integers_from_text() {
    for (text, expected) in [
        ("42", "42"),
        (" -007\n", "-7"),
        ("+5", "5"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9223372036854775808"),
        ("000000000000000000000000000000", "0"),
        ("", "malformed number"),
        ("-", "malformed number"),
        ("+-1", "malformed number"),
        ("- 1", "malformed number"),
        ("1_000", "malformed number"),
        ("1.5", "malformed number"),
        ("0x10", "malformed number"),
        ("abc", "malformed number"),
        ("１", "malformed number"),
    ] {
        assert_eq!(parsed(parse_int(text)), expected, "{text:?}");
    }
    assert_eq!(parse_int(&"9".repeat(1_000_000)), Err(ParseNumberError::TooLarge));
    assert_eq!(parse_int(&format!("{}x", "9".repeat(1_000_000))), Err(ParseNumberError::Malformed));
    assert_eq!(parse_int(&largest().to_string()), Ok(NumResult::Big(largest())));
    assert_eq!(parse_int(&power_of_two(4096)), Err(ParseNumberError::TooLarge));
    assert_eq!(parse_int(&format!("{}7", "0".repeat(100_000))), Ok(NumResult::Int(7)));
}

#[test]
fn floats_from_text() {
    for (text, expected) in [
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("1e3", "1000.0"),
        ("2.5E-3", "0.0025"),
        (" +1_0.2_5e+0_1 ", "102.5"),
        ("42", "42.0"),
        ("-0", "-0.0"),
        ("0xFF", "255.0"),
        ("-0b1_01", "-5.0"),
        ("1e-999999999999999999999", "0.0"),
    ] {
        assert_eq!(parse_float(text).map(format_float).as_deref(), Ok(expected), "{text:?}");
    }
    for text in [
        "", "3.", "1__0.0", "_1", "1_", "1_.5", "1._5", ".", "e5", "1e", "1e+", "0x", "0b2", "12abc", "inf",
        "nan", "1 2",
    ] {
        assert_eq!(parse_float(text), Err(ParseNumberError::Malformed), "{text:?}");
    }
    for text in ["1e309", "-1e999999999999999999999", "0x1_f"] {
        let expected = if text.starts_with("0x") { Ok(31.0) } else { Err(ParseNumberError::TooLarge) };
        assert_eq!(parse_float(text), expected, "{text:?}");
    }
    assert_eq!(parse_float(&"1".repeat(400)), Err(ParseNumberError::TooLarge));
    assert_eq!(parse_float(&format!("0.{}", "1".repeat(100_000))), Ok(0.1111111111111111));
    assert_eq!(parsed(parse_number("007")), "7");
    assert_eq!(parsed(parse_number("7.0")), "7.0");
    assert_eq!(parsed(parse_number(" 7")), "malformed number");
}

#[test]
fn hexadecimal() {
    for (text, expected) in [
        ("0xff", "255"),
        ("FF", "255"),
        ("-0x10", "-16"),
        ("", "malformed number"),
        ("0xg", "malformed number"),
    ] {
        assert_eq!(parsed(parse_hex(text)), expected, "{text:?}");
    }
    assert_eq!(to_hex(Integer::Small(255)), "0xff");
    assert_eq!(to_hex(Integer::Small(i64::MIN)), "-0x8000000000000000");
    assert_eq!(to_hex(Integer::Small(0)), "0x0");
    assert_eq!(to_hex(n("2**64").as_num().integer().unwrap()), "0x10000000000000000");
}

#[test]
fn rounding() {
    let all = |text: &str| {
        let number = n(text);
        [floor, ceil, round, trunc].map(|rule| show(rule(number.as_num()))).join(" ")
    };
    assert_eq!(all("2.5"), "2 3 2 2");
    assert_eq!(all("-2.5"), "-3 -2 -2 -2");
    assert_eq!(all("3.5"), "3 4 4 3");
    assert_eq!(all("0.49999999999999994"), "0 1 0 0");
    assert_eq!(all("-0.5"), "-1 0 0 0");
    assert_eq!(all("7"), "7 7 7 7");
    assert_eq!(all("1e20"), ["100000000000000000000"; 4].join(" "));
    assert_eq!(all("2**64"), ["18446744073709551616"; 4].join(" "));
    assert_eq!(all("inf"), "E0408 E0408 E0408 E0408");
    assert_eq!(all("nan"), "E0408 E0408 E0408 E0408");
    assert_eq!(show(float_to_int(-1.9)), "-1");
    assert_eq!(show(float_to_int(-9223372036854775808.0)), "-9223372036854775808");
    assert_eq!(show(float_to_int(9223372036854775808.0)), "9223372036854775808");

    check("2.675", "round", "2", "2.67");
    check("0.125", "round", "2", "0.12");
    check("0.375", "round", "2", "0.38");
    check("-1.005", "round", "2", "-1.0");
    check("1234.5678", "round", "-2", "1200.0");
    check("1250.0", "round", "-2", "1200.0");
    check("1350", "round", "-2", "1400.0");
    check("-3", "round", "-1", "0.0");
    check("-0.04", "round", "1", "-0.0");
    check("7", "round", "3", "7.0");
    check("2.5", "round", "0", "2");
    check("5e-324", "round", "1074", "5e-324");
    check("5e-324", "round", "323", "0.0");
    check("1.5", "round", "2**70", "1.5");
    check("1.5", "round", "-9223372036854775808", "0.0");
    check("1.7e308", "round", "-308", "E0407");
    check("10**400", "round", "1", "E0407");
    check("10**400", "round", "-400", "E0407");
    check("10**400", "round", "-500", "0.0");
    check("inf", "round", "1", "E0408");
}

#[test]
fn bits_as_in_twos_complement() {
    check("12", "and", "10", "8");
    check("12", "or", "10", "14");
    check("12", "xor", "10", "6");
    check("-1", "and", "2**70", "1180591620717411303424");
    check("-1", "xor", "2**70", "-1180591620717411303425");
    check("2**70", "or", "-5", "-5");
    check("1", "<<", "70", "1180591620717411303424");
    check("1", "<<", "4095", &power_of_two(4095));
    check("1", "<<", "4096", "E0407");
    check("1", "<<", "2**70", "E0407");
    check("0", "<<", "2**70", "0");
    check("1", "<<", "-1", "E0408");
    check("-5", ">>", "1", "-3");
    check("-5", ">>", "1000", "-1");
    check("5", ">>", "2**70", "0");
    check("2**70", ">>", "69", "2");
    check("2**70", ">>", "5000", "0");
    check("5", ">>", "-1", "E0408");
    let negative = neg(n("2**70").as_num()).unwrap();
    assert_eq!(show(shift_right(negative.as_num().integer().unwrap(), Integer::Small(9000))), "-1");
    assert_eq!(show(bit_not(Integer::Small(5))), "-6");
}

#[test]
fn integer_functions() {
    check("12", "gcd", "-18", "6");
    check("0", "gcd", "0", "0");
    check("-9223372036854775808", "gcd", "0", "9223372036854775808");
    check("2**70", "gcd", "6", "2");
    check("4", "lcm", "-6", "12");
    check("0", "lcm", "5", "0");
    check("2**4000", "lcm", "3**100", "E0407");
    assert_eq!(show(isqrt(Integer::Small(99))), "9");
    assert_eq!(show(isqrt(Integer::Small(-1))), "E0408");
    assert_eq!(show(isqrt(n("10**40").as_num().integer().unwrap())), "100000000000000000000");
    assert_eq!(show(factorial(Integer::Small(20))), "2432902008176640000");
    assert_eq!(show(factorial(Integer::Small(0))), "1");
    assert_eq!(show(factorial(Integer::Small(-1))), "E0408");
    assert!(factorial(Integer::Small(536)).is_ok());
    assert_eq!(show(factorial(Integer::Small(537))), "E0407");
    assert_eq!(show(factorial(Integer::Small(i64::MAX))), "E0407");
    let signs = ["-3", "0", "7", "-0.0", "-inf", "nan"].map(|text| show(sign(n(text).as_num())));
    assert_eq!(signs.join(" "), "-1 0 1 0 -1 E0408");
    assert_eq!((Integer::Small(0).limbs(), Integer::Small(i64::MIN).bits()), (0, 64));
    assert_eq!(n("2**64").as_num().integer().unwrap().limbs(), 2);
}

#[test]
fn float_functions_know_their_domain() {
    let one =
        |f: fn(Num) -> Result<f64, NumError>, text: &str| show(f(n(text).as_num()).map(NumResult::Float));
    assert_eq!(one(math::sqrt, "2"), "1.4142135623730951");
    assert_eq!(one(math::sqrt, "-1"), "E0408");
    assert_eq!(one(math::sqrt, "-0.0"), "-0.0");
    assert_eq!(one(math::sqrt, "10**400"), "E0407");
    assert_eq!(one(math::sqrt, "nan"), "nan");
    assert_eq!(one(math::exp, "0"), "1.0");
    assert_eq!(one(math::exp, "1000"), "inf");
    assert_eq!(one(math::log, "0"), "E0408");
    assert_eq!(one(math::log, "-1"), "E0408");
    assert_eq!(one(math::log, "1"), "0.0");
    assert_eq!(one(math::log2, "8"), "3.0");
    assert_eq!(one(math::log10, "1000"), "3.0");
    assert_eq!(one(math::sin, "0"), "0.0");
    assert_eq!(one(math::sin, "inf"), "E0408");
    assert_eq!(one(math::asin, "2"), "E0408");
    assert_eq!(one(math::acos, "1"), "0.0");
    assert_eq!(one(math::atan, "inf"), "1.5707963267948966");
    assert_eq!(one(math::tanh, "inf"), "1.0");
    check("8", "log", "2", "3.0");
    check("8", "log", "1", "E0408");
    check("8", "log", "-2", "E0408");
    check("inf", "log", "inf", "E0408");
    assert_eq!(math::atan2(Num::Int(1), Num::Int(-1)), Ok(2.356194490192345));
    assert_eq!(math::hypot(Num::Int(3), Num::Int(4)), Ok(5.0));
}

/// An integer of every size, as a number and exactly.
fn integers() -> impl Strategy<Value = BigInt> {
    let bytes =
        prop::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| BigInt::from_signed_bytes_be(&bytes));
    prop_oneof![any::<i64>().prop_map(BigInt::from), (-20_i64..20).prop_map(BigInt::from), bytes]
}

fn number(exact: &BigInt) -> NumResult {
    NumResult::from_big(exact.clone()).unwrap()
}

/// `f * 2^1074`, which is an integer for every finite float.
fn scaled(f: f64) -> BigInt {
    let (mantissa, exponent) = (f.to_bits() & ((1 << 52) - 1), (f.to_bits() >> 52) & 0x7ff);
    let magnitude = match exponent {
        0 => BigInt::from(mantissa),
        _ => BigInt::from(mantissa | 1 << 52) << (exponent - 1),
    };
    if f < 0.0 { -magnitude } else { magnitude }
}

fn shifted(a: &BigInt) -> BigInt {
    a << 1074
}

proptest! {
    #[test]
    fn integer_operations_are_exact(a in integers(), b in integers()) {
        let (x, y) = (number(&a), number(&b));
        prop_assert_eq!(apply(&x, "+", &y), NumResult::from_big(&a + &b));
        prop_assert_eq!(apply(&x, "-", &y), NumResult::from_big(&a - &b));
        prop_assert_eq!(apply(&x, "*", &y), NumResult::from_big(&a * &b));
        prop_assert_eq!(apply(&x, "and", &y), NumResult::from_big(&a & &b));
        prop_assert_eq!(apply(&x, "or", &y), NumResult::from_big(&a | &b));
        prop_assert_eq!(apply(&x, "xor", &y), NumResult::from_big(&a ^ &b));
        prop_assert_eq!(compare(x.as_num(), y.as_num()), Some(a.cmp(&b)));
        if b != BigInt::from(0) {
            prop_assert_eq!(apply(&x, "div", &y), NumResult::from_big(a.div_floor(&b)));
            prop_assert_eq!(apply(&x, "%", &y), NumResult::from_big(a.mod_floor(&b)));
        }
        prop_assert_eq!(parse_int(&a.to_string()), Ok(number(&a)));
    }

    #[test]
    fn quotients_are_nearest(a in integers(), b in integers()) {
        prop_assume!(b != BigInt::from(0));
        let exact: BigInt = shifted(&a) * b.signum();
        let divisor = b.abs();
        match div(number(&a).as_num(), number(&b).as_num()) {
            Ok(f) => {
                let distance = |f: f64| -> BigInt { let gap: BigInt = &exact - scaled(f) * &divisor;
 gap.abs() };
                for neighbour in [f.next_up(), f.next_down()] {
                    if neighbour.is_finite() {
                        let (near, far) = (distance(f), distance(neighbour));
                        prop_assert!(near < far || near == far && f.to_bits() & 1 == 0, "{} {}", f, neighbour);
                    }
                }
            }
            Err(error) => {
                prop_assert_eq!(error, NumError::TooLarge);
                prop_assert!(exact.abs() > scaled(f64::MAX) * divisor);
            }
        }
    }

    #[test]
    fn quotients_of_machine_integers_are_those_of_big_ones(a: i64, b: i64) {
        prop_assume!(b != 0);
        let (x, y) = (BigInt::from(a), BigInt::from(b));
        prop_assert_eq!(div_ints(a, b), div(Num::Big(&x), Num::Big(&y)));
    }

    #[test]
    fn mixed_comparison_is_exact(a in integers(), f: f64) {
        prop_assume!(f.is_finite());
        prop_assert_eq!(compare(number(&a).as_num(), Num::Float(f)), Some(shifted(&a).cmp(&scaled(f))));
        let near = a.to_string().parse::<f64>().unwrap();
        if near.is_finite() {
            prop_assert_eq!(number(&a).as_num().to_f64(), Ok(near));
            prop_assert_eq!(compare(number(&a).as_num(), Num::Float(near)), Some(shifted(&a).cmp(&scaled(near))));
        }
    }

    #[test]
    fn text_of_floats_reads_back(f: f64) {
        prop_assume!(f.is_finite());
        let text = format_float(f);
        prop_assert_eq!(parse_float(&text).map(f64::to_bits), Ok(f.to_bits()));
        prop_assert!(text.contains(['.', 'e']));
    }

    #[test]
    fn rounding_agrees_with_exact_formatting(f in -1e9_f64..1e9, digits in 1_usize..20) {
        let expected: f64 = format!("{f:.digits$}").parse().unwrap();
        prop_assert_eq!(round_digits(Num::Float(f), Integer::Small(digits as i64)), Ok(NumResult::Float(expected)));
    }

    #[test]
    fn small_powers_are_products(a in -50_i64..50, b in 0_u32..80) {
        let mut product = BigInt::one();
        for _ in 0..b {
            product *= a;
        }
        prop_assert_eq!(pow(Num::Int(a), Num::Int(i64::from(b))), NumResult::from_big(product));
    }

    #[test]
    fn no_text_makes_parsing_fail_badly(text in "\\PC*") {
        let _ = (parse_int(&text), parse_hex(&text));
        if let Ok(f) = parse_float(&text) {
            prop_assert!(f.is_finite());
        }
    }
}
