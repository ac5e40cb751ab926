use super::{display, repr};
use crate::limits::Limits;
use crate::object::{
    EnumObj, FieldObj, FunctionInfo, FunctionObj, InstanceObj, ParamInfo, TypeForm, TypeObj,
};
use crate::testing::Tester;
use crate::trap::Trap;
use crate::value::Value;
use crate::{Caps, copy, equal};

fn check(json: &str, shown: &str, quoted: &str) {
    let mut t = Tester::new();
    let v = t.value(json);
    assert_eq!(display(&mut t.m, v).unwrap(), shown);
    assert_eq!(repr(&mut t.m, v).unwrap(), quoted);
}

#[test]
fn forms() {
    check("null", "null", "null");
    check("-12", "-12", "-12");
    check("1e16", "1e+16", "1e+16");
    check("1e15", "1000000000000000.0", "1000000000000000.0");
    check("[1, \"two\", 3.0, null]", "[1, two, 3.0, null]", "[1, \"two\", 3.0, null]");
    check("{\"a\": 1, \"b c\": 2}", "{a: 1, b c: 2}", "{a: 1, \"b c\": 2}");
    check("\"a\\n\\\"b\\\"\\u0001\"", "a\n\"b\"\u{1}", "\"a\\n\\\"b\\\"\\u0001\"");
    check("[[], {}]", "[[], {}]", "[[], {}]");
    check("0..10", "0..10", "0..10");
    check("@2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.500000Z", "2026-01-31T12:00:00.500000Z");
}

#[test]
fn keys_of_other_kinds() {
    let mut t = Tester::new();
    let v = t.value("{\"7\": 1}");
    let map = &mut t.m.heap.map_mut(v.as_map().unwrap()).map;
    map.insert(crate::key::Key::Int(7), Value::int(2));
    map.insert(crate::key::Key::Bool(true), Value::int(3));
    assert_eq!(display(&mut t.m, v).unwrap(), "{7: 1, 7: 2, true: 3}");
    assert_eq!(repr(&mut t.m, v).unwrap(), "{\"7\": 1, 7: 2, [true]: 3}");
}

fn instance(t: &mut Tester, form: TypeForm, values: &[(&str, Value)]) -> Value {
    let mut ty = TypeObj { name: "User".into(), form, ..TypeObj::default() };
    for (name, _) in values {
        let field = FieldObj { ty: None, default: Value::UNDEF, require: Value::UNDEF, inject: false };
        ty.fields.insert((*name).into(), field);
    }
    let ty = t.m.heap.alloc_type(ty).unwrap();
    let fields = values.iter().map(|(_, v)| *v).collect();
    let v = t.m.heap.alloc_instance(InstanceObj { ty, fields, ..InstanceObj::default() }).unwrap();
    t.root(Value::instance(v))
}

#[test]
fn declared_things() {
    let t = &mut Tester::new();
    let name = t.value("\"bob\"");
    let fields = [("name", name), ("age", Value::int(18))];
    let data = instance(t, TypeForm::Data, &fields);
    assert_eq!(display(&mut t.m, data).unwrap(), "User(name=bob, age=18)");
    let entity = instance(t, TypeForm::Entity, &fields);
    assert_eq!(display(&mut t.m, entity).unwrap(), "User { name: bob, age: 18 }");
    let ty = t.m.heap.instance(entity.as_instance().unwrap()).ty;
    assert_eq!(display(&mut t.m, Value::ty(ty)).unwrap(), "<type User>");
    let mut e = EnumObj::default();
    e.members.insert("Red".into(), Value::int(0));
    e.members.insert("Off".into(), name);
    let e = Value::enumeration(t.m.heap.alloc_enum(e).unwrap());
    assert_eq!(display(&mut t.m, e).unwrap(), "{Red: 0, Off: bob}");
    let param = |name: &str, rest: bool| ParamInfo { name: name.into(), required: !rest, rest };
    let info = FunctionInfo {
        name: "f".into(),
        params: vec![param("a", false), param("b", true)],
        ..FunctionInfo::default()
    };
    let f = FunctionObj { info: info.into(), ..FunctionObj::default() };
    let f = Value::function(t.m.heap.alloc_function(f).unwrap());
    assert_eq!(display(&mut t.m, f).unwrap(), "action(a, ...b) {\n  ...\n}");
    let len = Value::builtin(crate::builtins::lookup("len").unwrap());
    assert_eq!(display(&mut t.m, len).unwrap(), "<built-in function: len>");
}

/// A list that holds itself, inside a map.
fn cycle(t: &mut Tester) -> Value {
    let v = t.value("[1, {\"m\": null}]");
    let l = v.as_list().unwrap();
    let inner = t.m.heap.list(l).items[1].as_map().unwrap();
    t.m.heap.map_mut(inner).map.insert("m".into(), v);
    t.m.heap.list_mut(l).items.push(Value::map(inner));
    v
}

#[test]
fn what_contains_itself() {
    let t = &mut Tester::new();
    let (a, b) = (cycle(t), cycle(t));
    assert_eq!(display(&mut t.m, a).unwrap(), "[1, {m: [...]}, {m: [...]}]");
    assert!(equal::equal(&mut t.m, a, b).unwrap());
    let c = copy::deep(&mut t.m, a).unwrap();
    assert!(equal::equal(&mut t.m, a, c).unwrap());
    let l = c.as_list().unwrap();
    assert!(t.m.heap.list(l).items[1].same(t.m.heap.list(l).items[2]), "shared parts stay shared");
    t.m.heap.list_mut(l).items[0] = Value::int(2);
    assert!(!equal::equal(&mut t.m, a, c).unwrap());
    assert_eq!(display(&mut t.m, a).unwrap(), "[1, {m: [...]}, {m: [...]}]");
    let result = copy::deep_checked(&mut t.m, a, |_, _| true);
    assert_eq!(t.show(result), "E0510 the value contains itself");
}

/// A value of `depth` lists, each of which holds the next one twice.
fn doubled(t: &mut Tester, depth: usize) -> Value {
    let mut v = t.value("[0]");
    for _ in 0..depth {
        let list = t.m.list(vec![v, v]).unwrap();
        v = t.root(list);
    }
    v
}

#[test]
fn shared_parts_cost_once_or_stop() {
    let t = &mut Tester::with(Caps::NONE, Limits { memory: 1 << 20, ..Limits::default() });
    let (a, b) = (doubled(t, 50), doubled(t, 50));
    assert!(equal::equal(&mut t.m, a, b).unwrap());
    assert_eq!(display(&mut t.m, a), Err(Trap::MemoryLimit));
    assert_eq!(crate::json::stringify(&mut t.m, a, None), Err(Trap::MemoryLimit));
    let c = copy::deep_checked(&mut t.m, a, |_, _| true).unwrap();
    assert!(equal::equal(&mut t.m, b, c).unwrap());
    let shallow = doubled(t, 51);
    assert!(!equal::equal(&mut t.m, a, shallow).unwrap());
    let deep = doubled(t, 64);
    let result = copy::deep_checked(&mut t.m, deep, |_, _| true);
    assert_eq!(t.show(result), "E0510 the value is nested more than 64 deep");
}

#[test]
fn depth_costs_no_native_stack() {
    let t = &mut Tester::new();
    let mut v = t.value("[]");
    let mut w = t.value("[]");
    for _ in 0..300_000 {
        v = t.m.list(vec![v]).unwrap();
        w = t.m.list(vec![w]).unwrap();
    }
    assert!(equal::equal(&mut t.m, v, w).unwrap());
    assert_eq!(display(&mut t.m, v).unwrap().len(), 600_002);
    let text = crate::json::stringify(&mut t.m, v, None).unwrap();
    let back = crate::json::parse(&mut t.m, &text).unwrap();
    let copied = copy::deep(&mut t.m, v).unwrap();
    assert!(equal::equal(&mut t.m, back, copied).unwrap());
}

#[test]
fn a_nan_equals_nothing_also_inside() {
    let t = &mut Tester::new();
    let list = t.m.list(vec![Value::float(f64::NAN)]).unwrap();
    assert!(!equal::equal(&mut t.m, list, list).unwrap());
    let function = t.function(0, |_, _| Ok(Value::NULL));
    let result = copy::deep_checked(&mut t.m, function, |_, v| v.as_function().is_none());
    assert_eq!(t.show(result), "E0510 Lambda cannot cross here");
}
