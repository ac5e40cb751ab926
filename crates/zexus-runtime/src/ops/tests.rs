use std::sync::Arc;

use zexus_bytecode::operator::BinOp;

use super::{Member, binary, index, member, neg, range, set_index, set_member, slice, store_member};
use crate::object::{EnumObj, FieldObj, InstanceObj, Restriction, Restrictions, TypeObj};
use crate::testing::Tester;
use crate::types::{TypeDesc, TypeSpec};
use crate::value::Value;

fn check(a: &str, op: &str, b: &str, expected: &str) {
    let mut t = Tester::new();
    let (x, y) = (t.value(a), t.value(b));
    let op = BinOp::from_text(op).unwrap();
    let result = binary(&mut t.m, op, x, y);
    assert_eq!(t.show(result), expected, "{a} {} {b}", op.text());
}

#[test]
fn arithmetic() {
    check("1", "+", "2", "3");
    check("9223372036854775807", "+", "1", "9223372036854775808");
    check("9223372036854775808", "-", "1", "9223372036854775807");
    check("4294967296", "*", "4294967296", "18446744073709551616");
    check("3", "-", "1.0", "2.0");
    check("7", "/", "2", "3.5");
    check("6", "/", "3", "2.0");
    check("7", "div", "2", "3");
    check("-7", "div", "2", "-4");
    check("-9223372036854775808", "div", "-1", "9223372036854775808");
    check("-7", "%", "3", "2");
    check("7", "%", "-3", "-2");
    check("10", "%", "2.5", "0.0");
    check("2", "**", "-1", "0.5");
    check("1", "/", "0", "E0405 Division by zero");
    check("1.0", "/", "0.0", "E0405 Division by zero");
    check("1", "div", "0", "E0405 Division by zero");
    check("1", "%", "0", "E0406 Modulo by zero");
    check("1.5", "%", "0", "E0406 Modulo by zero");
    check("\"5\"", "-", "2", "E0402 Type mismatch: cannot use - on String and Integer");
    check("1.5", "div", "2", "E0402 Type mismatch: cannot use div on Float and Integer");
    check("true", "+", "1", "E0402 Type mismatch: cannot use + on Boolean and Integer");
    check("null", "**", "1", "E0402 Type mismatch: cannot use ** on Null and Integer");
}

#[test]
fn texts_and_lists() {
    check("\"v\"", "+", "true", "\"vtrue\"");
    check("1", "+", "\"a\"", "\"1a\"");
    check("\"l\"", "+", "[1, \"x\"]", "\"l[1, x]\"");
    check("\"é\"", "+", "\"b\"", "\"éb\"");
    check("\"ab\"", "*", "3", "\"ababab\"");
    check("0", "*", "\"ab\"", "\"\"");
    check("-99999999999999999999", "*", "\"ab\"", "\"\"");
    check("\"ab\"", "*", "500001", "E0419 a repeated string may have at most 1000000 characters");
    check("\"ab\"", "*", "1.5", "E0402 Type mismatch: cannot use * on String and Float");
    check("[1]", "+", "[2]", "[1, 2]");
    check("[1]", "-", "[2]", "E0402 Type mismatch: cannot use - on List and List");
    check("@2026-01-31", "+", "60", "2026-01-31T00:01:00Z");
    check("@2026-01-31", "-", "0.5", "2026-01-30T23:59:59.500000Z");
    check("@2026-01-31", "-", "@2026-01-30", "86400.0");
    check("@2026-01-31", "+", "@2026-01-30", "E0402 Type mismatch: cannot use + on DateTime and DateTime");
    check("@2026-01-31", "+", "1000000000000", "E0408 outside the domain of floats or of the function");
}

#[test]
fn comparison() {
    check("1", "<", "2", "true");
    check("9007199254740993", ">", "9007199254740992.0", "true");
    check("\"b\"", ">=", "\"a\"", "true");
    check("\"\u{fb33}\"", "<", "\"\u{1f30d}\"", "true");
    check("@2026-01-31", "<", "@2026-02-01", "true");
    check("1", "<", "null", "E0409 Type mismatch: cannot compare Integer < Null");
    check("true", ">=", "false", "E0409 Type mismatch: cannot compare Boolean >= Boolean");
    check("[1]", "<", "[2]", "E0409 Type mismatch: cannot compare List < List");
    check("1", "==", "1.0", "true");
    check("1", "==", "true", "false");
    check("[1, [2.0]]", "==", "[1.0, [2]]", "true");
    check("{\"a\": 1, \"b\": 2}", "==", "{\"b\": 2, \"a\": 1}", "true");
    check("{\"a\": 1}", "!=", "{\"b\": 1}", "true");
    check("0..4", "==", "0..4", "true");
    check("5..5", "==", "7..7", "true");
    check("null", "==", "false", "false");
}

#[test]
fn membership() {
    check("2.0", "in", "[1, 2]", "true");
    check("\"a\"", "in", "{\"a\": null}", "true");
    check("1.5", "in", "{\"a\": 1}", "E0411 a map key must be a string, integer or boolean, not Float");
    check("\"ell\"", "in", "\"hello\"", "true");
    check("5", "in", "\"5\"", "E0402 Type mismatch: cannot use in on Integer and String");
    check("3", "in", "0..3", "false");
    check("2.0", "in", "0..3", "true");
    check("\"x\"", "in", "0..3", "false");
    check("1", "in", "5", "E0402 Type mismatch: cannot use in on Integer and Integer");
}

fn check_index(v: &str, i: &str, expected: &str) {
    let mut t = Tester::new();
    let (x, y) = (t.value(v), t.value(i));
    let result = index(&mut t.m, x, y).map(|r| match r {
        Member::Value(v) => v,
        other => panic!("{other:?}"),
    });
    assert_eq!(t.show(result), expected, "{v}[{i}]");
}

#[test]
fn indexes() {
    check_index("[10, 20, 30]", "-1", "30");
    check_index("[10, 20, 30]", "5", "E0410 index 5 is out of range for a list of 3");
    check_index("[10, 20, 30]", "-4", "E0410 index -4 is out of range for a list of 3");
    check_index(
        "[1]",
        "1000000000000000000000",
        "E0410 index 1000000000000000000000 is out of range for a list of 1",
    );
    check_index("[1]", "1.0", "E0402 Type mismatch: cannot index List with Float");
    check_index("\"héllo\"", "1", "\"é\"");
    check_index("\"héllo\"", "-1", "\"o\"");
    check_index("\"ab\"", "2", "E0410 index 2 is out of range for a string of 2");
    check_index("2..6", "-1", "5");
    check_index("2..6", "4", "E0410 index 4 is out of range for a range of 4");
    check_index("{\"a\": 1}", "\"a\"", "1");
    check_index("{\"a\": 1}", "1", "null");
    check_index("{\"a\": 1}", "1.5", "E0411 a map key must be a string, integer or boolean, not Float");
    check_index("null", "0", "E0412 cannot index null; use ?. or ??");
    check_index("5", "0", "E0402 Type mismatch: cannot index Integer with Integer");
}

fn check_slice(v: &str, a: &str, b: &str, expected: &str) {
    let mut t = Tester::new();
    let (x, a, b) = (t.value(v), t.value(a), t.value(b));
    let result = slice(&mut t.m, x, a, b);
    assert_eq!(t.show(result), expected);
}

#[test]
fn slices() {
    check_slice("[10, 20, 30]", "1", "null", "[20, 30]");
    check_slice("[10, 20, 30]", "null", "9", "[10, 20, 30]");
    check_slice("[10, 20, 30]", "2", "1", "[]");
    check_slice("[10, 20, 30]", "-2", "-1", "[20]");
    check_slice("\"héllo\"", "1", "3", "\"él\"");
    check_slice("0..5", "3", "null", "[3, 4]");
    check_slice("[1]", "\"a\"", "null", "E0402 Type mismatch: a slice takes integers, not String");
    check_slice("{}", "0", "1", "E0402 Type mismatch: cannot slice Map");
}

#[test]
fn assignments() {
    let check = |v: &str, key: &str, expected: &str| {
        let mut t = Tester::new();
        let (v, key) = (t.value(v), t.value(key));
        let result = set_index(&mut t.m, v, key, Value::int(9)).map(|_| v);
        assert_eq!(t.show(result), expected);
    };
    check("[1, 2]", "-1", "[1, 9]");
    check("[1, 2]", "2", "E0410 index 2 is out of range for a list of 2");
    check("{\"a\": 1}", "\"b\"", "{a: 1, b: 9}");
    check("{\"a\": 1}", "\"a\"", "{a: 9}");
    check("\"ab\"", "0", "E0417 Cannot modify string");
    check("0..3", "0", "E0417 Cannot modify range");
    check("null", "0", "E0412 cannot index null; use ?. or ??");
}

#[test]
fn negation_and_ranges() {
    let mut t = Tester::new();
    let least = Value::int(i64::MIN);
    let result = neg(&mut t.m, least);
    assert_eq!(t.show(result), "9223372036854775808");
    let result = neg(&mut t.m, Value::TRUE);
    assert_eq!(t.show(result), "E0402 Type mismatch: cannot use - on Boolean");
    let result = range(&mut t.m, Value::int(5), Value::int(2), true);
    assert_eq!(t.show(result), "5..5");
    let result = range(&mut t.m, Value::int(0), Value::int(i64::MAX), true);
    assert_eq!(t.show(result), "E0407 integer too large");
    let result = range(&mut t.m, Value::int(0), Value::float(1.0), false);
    assert_eq!(t.show(result), "E0402 Type mismatch: cannot use .. on Integer and Float");
}

/// An instance `User(name=bob, age=18)` with `age: number require …` and a computed `label`.
fn user(t: &mut Tester) -> Value {
    let require = t.function(1, |interp, args| {
        let age = match member(interp.machine(), args[0], "age", true)? {
            Member::Value(v) => v,
            _ => Value::NULL,
        };
        Ok(Value::bool(age.as_int().is_some_and(|n| n >= 0)))
    });
    let mut ty = TypeObj { name: "User".into(), ..TypeObj::default() };
    let plain = FieldObj { ty: None, default: Value::UNDEF, require: Value::UNDEF, inject: false };
    let number = TypeSpec { text: "number".into(), desc: TypeDesc::Prim(zexus_bytecode::prim::Prim::Number) };
    ty.fields.insert("name".into(), plain.clone());
    ty.fields.insert("age".into(), FieldObj { ty: Some(number), require, ..plain });
    ty.computed.insert("label".into(), require);
    let ty = t.m.heap.alloc_type(ty).unwrap();
    let name = t.m.string("bob").unwrap();
    let object = InstanceObj { ty, fields: Box::new([name, Value::int(18)]), ..InstanceObj::default() };
    let v = Value::instance(t.m.heap.alloc_instance(object).unwrap());
    t.root(v)
}

fn read(t: &mut Tester, v: Value, name: &str, through_this: bool) -> String {
    let result = member(&mut t.m, v, name, through_this).map(|r| match r {
        Member::Value(v) => v,
        Member::Computed(_) => Value::TRUE,
        Member::Contract => Value::FALSE,
    });
    t.show(result)
}

fn store(t: &mut Tester, v: Value, name: &str, value: Value) -> String {
    let result = store_member(t, v, &Arc::from(name), value).map(|()| v);
    t.show(result)
}

#[test]
fn fields() {
    let t = &mut Tester::new();
    let u = user(t);
    assert_eq!(read(t, u, "age", false), "18");
    assert_eq!(read(t, u, "label", false), "true");
    assert_eq!(read(t, u, "size", false), "E0416 User has no field 'size'");
    assert_eq!(store(t, u, "age", Value::int(3)), "User(name=\"bob\", age=3)");
    assert_eq!(
        store(t, u, "age", Value::int(-1)),
        "E0415 Validation failed for field 'age': constraint not satisfied"
    );
    assert_eq!(
        store(t, u, "age", Value::TRUE),
        "E0401 Type mismatch for field 'age': expected number, got Boolean"
    );
    assert_eq!(store(t, u, "label", Value::NULL), "E0417 Computed field 'label' cannot be assigned");
    assert_eq!(store(t, u, "size", Value::NULL), "E0416 User has no field 'size'");
    assert_eq!(read(t, u, "age", false), "3");

    let i = u.as_instance().unwrap();
    let mut rules = Restrictions::default();
    assert!(rules.add("name".into(), Restriction::Redact) && rules.add("age".into(), Restriction::ReadOnly));
    t.m.heap.instance_mut(i).restricted = Some(Box::new(rules));
    assert_eq!(read(t, u, "name", false), "\"***\"");
    assert_eq!(read(t, u, "name", true), "\"bob\"");
    assert_eq!(store(t, u, "age", Value::int(4)), "E0417 Field 'age' is read-only");
    let shown = t.show(Ok(u));
    assert_eq!(shown, "User(name=\"***\", age=3)");
    t.m.heap.instance_mut(i).sealed = true;
    assert_eq!(store(t, u, "age", Value::int(4)), "E0417 Cannot modify sealed data");
    let ty = t.m.heap.instance(i).ty;
    t.m.heap.ty_mut(ty).immutable = true;
    assert_eq!(store(t, u, "age", Value::int(4)), "E0417 Cannot modify immutable data User");
}

#[test]
fn members_of_others() {
    let t = &mut Tester::new();
    let map = t.value("{\"a\": {\"b\": 1}}");
    assert_eq!(read(t, map, "a", false), "{b: 1}");
    assert_eq!(read(t, map, "x", false), "null");
    assert_eq!(read(t, Value::NULL, "name", false), "E0412 cannot read 'name' of null; use ?. or ??");
    let list = t.value("[1]");
    assert_eq!(read(t, list, "length", false), "E0413 Method 'length' not supported for LIST");
    let mut e = EnumObj { name: "C".into(), ..EnumObj::default() };
    e.members.insert("Red".into(), Value::int(0));
    let e = Value::enumeration(t.m.heap.alloc_enum(e).unwrap());
    assert_eq!(read(t, e, "Red", false), "0");
    assert_eq!(read(t, e, "Blue", false), "E0311 C has no member 'Blue'");
    let trap = t.m.error(405, "Division by zero");
    assert_eq!(trap, crate::Trap::Raised);
    let pending = t.m.take_pending();
    let error = t.m.caught(&pending, 7).unwrap();
    let fields: Vec<String> =
        ["message", "kind", "line", "code"].map(|name| read(t, error, name, false)).to_vec();
    assert_eq!(fields, ["\"Division by zero\"", "\"division_by_zero\"", "7", "\"E0405\""]);

    let r = map.as_map().unwrap();
    let mut rules = Restrictions::default();
    assert!(rules.add("a".into(), Restriction::Redact) && !rules.add("a".into(), Restriction::ReadOnly));
    t.m.heap.map_mut(r).restricted = Some(Box::new(rules));
    let result = set_member(&mut t.m, map, &"a".into(), Value::NULL).map(|_| Value::NULL);
    assert_eq!(t.show(result), "E0417 Field 'a' is read-only");
    assert_eq!(read(t, map, "a", false), "\"***\"");
    assert_eq!(t.show(Ok(map)), "{a: \"***\"}");
    t.m.heap.map_mut(r).sealed = true;
    let result = set_member(&mut t.m, map, &"b".into(), Value::NULL).map(|_| Value::NULL);
    assert_eq!(t.show(result), "E0417 Cannot modify sealed map");
}
