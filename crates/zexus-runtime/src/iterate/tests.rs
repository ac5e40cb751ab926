use super::{begin, next};
use crate::key::Key;
use crate::object::EnumObj;
use crate::testing::Tester;
use crate::value::Value;

/// Checks what a loop with one or two names sees; `change` runs after each step.
fn check(json: &str, names: u8, change: fn(&mut Tester, Value), expected: &str) {
    let mut t = Tester::new();
    let v = t.value(json);
    let seen = walk(&mut t, v, names, change);
    assert_eq!(seen, expected);
}

fn walk(t: &mut Tester, v: Value, names: u8, change: fn(&mut Tester, Value)) -> String {
    let iter = match begin(&mut t.m, v, names) {
        Ok(iter) => iter.as_iter().unwrap(),
        Err(trap) => return t.show(Err(trap)),
    };
    let mut seen = Vec::new();
    while let Some([a, b]) = next(&mut t.m, iter).unwrap() {
        seen.push(t.show(Ok(a)));
        if names == 2 {
            seen.push(t.show(Ok(b)));
        }
        change(t, v);
    }
    seen.join(" ")
}

#[test]
fn what_loops_see() {
    let keep = |_: &mut Tester, _: Value| ();
    check("[5, 6]", 1, keep, "5 6");
    check("[5, 6]", 2, keep, "0 5 1 6");
    check("\"hé\"", 2, keep, "0 \"h\" 1 \"é\"");
    check("2..4", 1, keep, "2 3");
    check("2..4", 2, keep, "0 2 1 3");
    check("{\"a\": 1, \"b\": 2}", 1, keep, "\"a\" \"b\"");
    check("{\"a\": 1, \"b\": 2}", 2, keep, "\"a\" 1 \"b\" 2");
    check("5", 1, keep, "E0402 Type mismatch: cannot go through Integer");
    check("null", 2, keep, "E0402 Type mismatch: cannot go through Null");
    let mut t = Tester::new();
    let mut e = EnumObj::default();
    e.members.insert("Red".into(), Value::int(0));
    let e = Value::enumeration(t.m.heap.alloc_enum(e).unwrap());
    assert_eq!(walk(&mut t, e, 2, keep), "\"Red\" 0");
}

#[test]
fn what_loops_see_of_changes() {
    check("[1, 2, 3, 4]", 1, |t, v| t.m.heap.list_mut(v.as_list().unwrap()).items.truncate(2), "1 2");
    let grow = |t: &mut Tester, v: Value| {
        let items = &mut t.m.heap.list_mut(v.as_list().unwrap()).items;
        if items.len() < 4 {
            items.push(Value::int(9));
        }
    };
    check("[1]", 1, grow, "1 9 9 9");
    let change = |t: &mut Tester, v: Value| {
        let map = &mut t.m.heap.map_mut(v.as_map().unwrap()).map;
        map.remove(&Key::from("b"));
        map.insert("d".into(), Value::int(4));
        map.insert("c".into(), Value::int(30));
    };
    check("{\"a\": 1, \"b\": 2, \"c\": 3}", 2, change, "\"a\" 1 \"c\" 30");
}
