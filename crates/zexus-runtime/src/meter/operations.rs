//! What the sizes of operations cost, besides base prices (bytecode.md 5.3, chain.md 4.6).

use super::*;
use crate::host::Quiet;
use crate::limits::Limits;
use crate::ops::{self, Member};
use crate::{copy, display, iterate, json, state};
use zexus_bytecode::operator::BinOp::{self, *};

fn machine() -> Machine {
    Machine::new(Box::new(Quiet::default()), Limits::default())
}

fn value(m: &mut Machine, text: &str) -> Value {
    json::parse(m, text).unwrap()
}

/// The gas of what `f` does with values given as JSON texts.
fn gas(texts: &[&str], f: impl FnOnce(&mut Machine, &[Value])) -> u64 {
    let mut m = machine();
    let values: Vec<Value> = texts.iter().map(|t| value(&mut m, t)).collect();
    m.start_metering();
    f(&mut m, &values);
    m.meter.used()
}

/// 2^64.
const BIG: &str = "18446744073709551616";
/// 2^63, which does not fit 64 bits.
const EDGE: &str = "9223372036854775808";
const MAX: &str = "9223372036854775807";
const MIN: &str = "-9223372036854775808";

#[test]
fn binary_operators() {
    let wide = format!("1{}", "0".repeat(100));
    let table: &[(&str, BinOp, &str, u64)] = &[
        ("1", Add, "2", 0),
        ("1.5", Add, "2", 0),
        (MAX, Add, "1", 1),
        (MIN, Sub, "1", 1),
        (BIG, Sub, BIG, 2),
        (EDGE, Sub, "1", 1),
        (EDGE, Add, "1.5", 0),
        (MAX, Mul, MAX, 1),
        (BIG, Mul, BIG, 4),
        (&wide, Mul, BIG, 12),
        (&wide, Mod, "7", 6),
        (&wide, IntDiv, BIG, 12),
        (&wide, Div, "7", 6),
        (MIN, IntDiv, "-1", 1),
        (MIN, Mod, "-1", 0),
        ("7", Div, "2", 0),
        ("3", Pow, "4", 0),
        ("2", Pow, "62", 0),
        ("2", Pow, "63", 4),
        ("2", Pow, "-1", 0),
        ("-1", Pow, "1000000000000", 0),
        ("3", Pow, "100", 16),
        ("2", Pow, "5000", 157 * 157),
        ("1", Lt, "2", 0),
        (BIG, Lt, "2", 2),
        ("2", Eq, &wide, 6),
        ("\"abc\"", Add, "\"abcdef\"", 2),
        ("\"abcdef\"", Add, "123", 2),
        ("[1, 2]", Add, "[3]", 3),
        ("\"abc\"", Mul, "5", 2),
        ("\"abc\"", Mul, "0", 0),
        ("\"abc\"", Eq, "\"abd\"", 1),
        ("\"abc\"", Eq, "\"abcd\"", 0),
        ("\"abc\"", Lt, "\"abcd\"", 1),
        ("[1, 2]", Eq, "[1, 2]", 3),
        ("[1, 2]", Eq, "[1]", 1),
        ("[1, [2, 3]]", Eq, "[1, [2, 3]]", 5),
        ("{\"a\": 1}", Eq, "{\"a\": 1}", 2),
        ("[\"a\"]", Eq, "[\"b\"]", 3),
        ("null", Eq, "[1]", 0),
        ("3", In, "[1, 2, 3, 4]", 3),
        ("\"a\"", In, "[\"b\", \"a\"]", 4),
        ("\"a\"", In, "{\"a\": 1}", 0),
        ("\"lo\"", In, "\"hello hello\"", 2),
    ];
    for (a, op, b, expected) in table {
        let used = gas(&[a, b], |m, v| match ops::binary(m, *op, v[0], v[1]) {
            Ok(_) | Err(Trap::Raised) => {}
            Err(trap) => panic!("{trap:?}"),
        });
        assert_eq!(used, *expected, "{a} {} {b}", op.text());
    }
}

#[test]
fn other_operations() {
    let slice = |from, to| {
        move |m: &mut Machine, v: &[Value]| {
            ops::slice(m, v[0], Value::int(from), Value::int(to)).unwrap();
        }
    };
    assert_eq!(gas(&["[1, 2, 3, 4]"], slice(1, 3)), 2);
    assert_eq!(gas(&["\"0123456789\""], slice(0, 9)), 2);
    assert_eq!(gas(&["\"äöü\""], slice(1, 3)), 1);
    let index = |m: &mut Machine, v: &[Value]| {
        assert!(matches!(ops::index(m, v[0], v[1]), Ok(Member::Value(_))));
    };
    assert_eq!(gas(&["\"0123456789\"", "3"], index), 2);
    assert_eq!(gas(&["[1, 2]", "1"], index), 0);
    assert_eq!(gas(&["{\"a\": 1}", "\"a\""], index), 0);
    let neg = |m: &mut Machine, v: &[Value]| assert!(ops::neg(m, v[0]).is_ok());
    assert_eq!(gas(&["5"], neg), 0);
    assert_eq!(gas(&[MIN], neg), 1);
    assert_eq!(gas(&[BIG], neg), 2);
    let each = |m: &mut Machine, v: &[Value]| assert!(iterate::begin(m, v[0], 1).is_ok());
    assert_eq!(gas(&["{\"a\": 1, \"b\": 2}"], each), 2);
    assert_eq!(gas(&["[1, 2, 3]"], each), 0);
    let constant = |m: &mut Machine, v: &[Value]| assert!(copy::constant(m, v[0]).is_ok());
    assert_eq!(gas(&["[1, {\"a\": 1}]"], constant), 2 + 4);
    let built = |m: &mut Machine, v: &[Value]| assert!(display::join(m, v).is_ok());
    assert_eq!(gas(&["\"abc\"", "12345", "[1]"], built), 2);
}

#[test]
fn text_that_grows_is_paid_for_in_steps() {
    let mut m = machine();
    let items = vec![Value::int(1); 2000];
    let list = m.list(items).unwrap();
    m.start_metering();
    // `[1, 1, ...]`: 3 bytes an item.
    display::display(&mut m, list).unwrap();
    assert_eq!(m.meter.used(), 750);
    m.meter = Meter::new(Some(300));
    m.start_metering();
    assert_eq!(display::display(&mut m, list), Err(Trap::OutOfGas));
    assert_eq!(&*m.fatal_message(Trap::OutOfGas), "Out of gas: used 384/300");
}

#[test]
fn records_of_the_state() {
    let mut m = machine();
    let [alice, bob] = ["alice_balance", "bob_balance"].map(state::place::variable);
    state::write(&mut m, &alice, Value::int(1000)).unwrap();
    state::write(&mut m, &bob, Value::int(500)).unwrap();
    m.start_metering();
    let mut costs = Vec::new();
    let mut step = |m: &mut Machine, f: &dyn Fn(&mut Machine) -> Result<(), Trap>| {
        let before = m.meter.used();
        f(m).unwrap();
        costs.push(m.meter.used() - before);
    };
    // The transfer of chain.md 4.6.
    step(&mut m, &|m| state::read(m, &alice).map(drop));
    step(&mut m, &|m| state::write(m, &alice, Value::int(900)));
    step(&mut m, &|m| state::read(m, &bob).map(drop));
    step(&mut m, &|m| state::write(m, &bob, Value::int(600)));
    assert_eq!(costs, [19, 80, 17, 72]);
}

#[test]
fn records_of_containers_of_the_state() {
    let mut m = machine();
    let place = state::place::variable("x");
    let empty = value(&mut m, "{}");
    m.start_metering();
    let used = |m: &mut Machine, f: &dyn Fn(&mut Machine) -> Result<(), Trap>| {
        let before = m.meter.used();
        f(m).unwrap();
        m.meter.used() - before
    };
    // The key 010178 and the header 100000.
    assert_eq!(used(&mut m, &|m| state::write(m, &place, empty)), 4 * 6);
    let live = state::read(&mut m, &place).unwrap().as_live().unwrap();
    let key = crate::key::Key::Int(1);
    // The header is read; entry 010178 01 03 030101, record 00 030105; position 12 bytes, record 030101; header with its old one.
    let set = |m: &mut Machine| state::set(m, live, &key, Value::int(5));
    assert_eq!(used(&mut m, &set), 6 + 4 * (8 + 4) + 4 * (12 + 3) + 4 * 6 + 3);
    // Again: the header is read, the entry written, with its old record.
    assert_eq!(used(&mut m, &set), 6 + 4 * (8 + 4) + 4);
    assert_eq!(used(&mut m, &|m| state::get(m, live, &key).map(drop)), 6 + 12);
    assert_eq!(used(&mut m, &|m| state::len(m, live).map(drop)), 6);
    assert_eq!(used(&mut m, &|m| state::snapshot(m, live).map(drop)), 6 + 15 + 12);
    // What is replaced is removed: the header's old bytes, the position and the entry.
    assert_eq!(
        used(&mut m, &|m| state::write(m, &place, Value::NULL)),
        4 * (3 + 1) + 3 + (4 * 12 + 3) + (4 * 8 + 4)
    );
}

#[test]
fn values_at_a_contract_border() {
    let cross = |m: &mut Machine, v: &[Value]| assert!(crate::encode::cross(m, v[0]).is_ok());
    for (text, expected) in
        [("null", 1), ("5", 1), (MAX, 2), (BIG, 2), ("\"abcdef\"", 1), ("\"abcdefg\"", 2), ("[1, 2, 3]", 2)]
    {
        assert_eq!(gas(&[text], cross), expected, "{text}");
    }
}
