use crate::interp::Interp;
use crate::ops;
use crate::testing::Tester;
use crate::value::Value;

/// Functions that the cases name `f0`, `f1`, ….
fn functions(t: &mut Tester) -> Vec<Value> {
    vec![
        // f0: x => x * 2
        t.function(1, |i, a| ops::mul(i.machine(), a[0], Value::int(2))),
        // f1: (a, b) => a + b
        t.function(2, |i, a| ops::add(i.machine(), a[0], a[1])),
        // f2: (a, x, i) => a + i
        t.function(3, |i, a| ops::add(i.machine(), a[0], a[2])),
        // f3: x => x > 1
        t.function(1, |i, a| {
            ops::binary(i.machine(), zexus_bytecode::operator::BinOp::Gt, a[0], Value::int(1))
        }),
        // f4: (a, b) => a - b
        t.function(2, |i, a| ops::sub(i.machine(), a[0], a[1])),
        // f5: () => ["new"]
        t.function(0, |i, _| {
            let text = i.machine().string("new")?;
            i.machine().list(vec![text])
        }),
        // f6: x => { throw "stop" }
        t.function(1, |i, _| {
            let v = i.machine().string("stop")?;
            Err(i.machine().throw(v))
        }),
        // f7: (a, b) => true
        t.function(2, |_, _| Ok(Value::TRUE)),
        Value::builtin(crate::builtins::lookup("int").unwrap()),
        Value::builtin(crate::builtins::lookup("max").unwrap()),
    ]
}

/// Checks a method call on a value, and what the value is after it.
fn check_after(receiver: &str, name: &str, args: &[&str], expected: &str, after: &str) {
    let mut t = Tester::new();
    let functions = functions(&mut t);
    let v = t.value(receiver);
    let args = t.values(args, &functions);
    let result = super::call(&mut t, v, name, &args);
    let result = match result {
        Ok(Some(v)) => Ok(v),
        Ok(None) => Err(ops::no_method(t.machine(), v, name)),
        Err(trap) => Err(trap),
    };
    assert_eq!(t.show(result), expected, "{receiver}.{name}");
    assert_eq!(t.show(Ok(v)), after, "{receiver} after {name}");
    assert!(t.m.stack.is_empty(), "{name} leaves values on the stack");
}

fn check(receiver: &str, name: &str, args: &[&str], expected: &str) {
    let mut t = Tester::new();
    let v = t.value(receiver);
    let after = t.show(Ok(v));
    check_after(receiver, name, args, expected, &after);
}

#[test]
fn lists_that_change() {
    check_after("[1]", "push", &["2"], "[1, 2]", "[1, 2]");
    check_after("[1, 2]", "insert", &["1", "9"], "[1, 9, 2]", "[1, 9, 2]");
    check_after("[1]", "insert", &["1", "9"], "[1, 9]", "[1, 9]");
    check("[1]", "insert", &["99", "1"], "E0410 index 99 is out of range for a list of 1");
    check_after("[5, 8]", "pop", &[], "8", "[5]");
    check("[]", "pop", &[], "null");
    check_after("[5, 6]", "removeAt", &["0"], "5", "[6]");
    check("[]", "remove_at", &["0"], "E0410 index 0 is out of range for a list of 0");
    check_after("[6, 7, 6]", "remove", &["6"], "true", "[7, 6]");
    check("[6]", "remove", &["9"], "false");
    check_after("[6]", "clear", &[], "[]", "[]");
    let mut t = Tester::new();
    let v = t.value("[1]");
    t.m.heap.list_mut(v.as_list().unwrap()).sealed = true;
    for (name, args) in [("push", 1), ("append", 1), ("insert", 2), ("pop", 0), ("remove", 1), ("clear", 0)] {
        let result = super::call(&mut t, v, name, &[Value::int(0), Value::int(0)][..args]);
        assert_eq!(t.show(result.map(|v| v.unwrap())), "E0417 Cannot modify sealed list", "{name}");
    }
}

#[test]
fn lists() {
    check("[1, 2, 3]", "get", &["9"], "null");
    check("[1, 2, 3]", "get", &["-1", "\"no\""], "3");
    check("[1]", "get", &["\"x\""], "E0402 Type mismatch: parameter 'i' of get expects int, got String");
    check("[1, 2, 1]", "count", &[], "3");
    check("[1, 2, 1]", "count", &["1"], "2");
    check("[]", "isEmpty", &[], "true");
    check("[1, [2]]", "includes", &["[2]"], "true");
    check("[1, [2]]", "indexOf", &["5"], "-1");
    check("[3, 1, 3, 2]", "slice", &["-2"], "[3, 2]");
    check("[3, 1]", "concat", &["[9]"], "[3, 1, 9]");
    check(
        "[3, 1]",
        "concat",
        &["9"],
        "E0402 Type mismatch: parameter 'other' of concat expects list, got Integer",
    );
    check("[3, 1]", "reverse", &[], "[1, 3]");
    check("[1, [2, [3]], []]", "flatten", &[], "[1, 2, [3]]");
    check("[1, 1.0, \"1\", true]", "unique", &[], "[1, \"1\", true]");
    check("[1, \"a\", null]", "join", &["\"-\""], "\"1-a-null\"");
    check("[1, 2.5]", "sum", &[], "3.5");
    check("[1, \"a\"]", "sum", &[], "E0402 Type mismatch: cannot use + on Integer and String");
    check("[2, 1]", "min", &[], "1");
    check("[]", "max", &[], "null");
    check("[1, \"a\"]", "max", &[], "E0409 Type mismatch: cannot compare String > Integer");
    check("[1, 2, 3]", "zip", &["[\"a\", \"b\"]"], "[[1, \"a\"], [2, \"b\"]]");
    check("[1]", "length", &["1"], "E0404 length expects 0 arguments, got 1");
    check("[1]", "push", &[], "E0404 push expects 1 argument, got 0");
    check("[1]", "get", &[], "E0404 get expects 1 to 2 arguments, got 0");
    check("[1]", "shuffle", &[], "E0413 Method 'shuffle' not supported for LIST");
    check("[1, \"a\"]", "toString", &[], "\"[1, a]\"");
    check("null", "upper", &[], "E0412 cannot read 'upper' of null; use ?. or ??");
}

#[test]
fn callbacks() {
    check("[1, 2]", "map", &["f0"], "[2, 4]");
    check("[1, 2]", "map", &["f1"], "[1, 3]");
    check("[1, 2]", "map", &["f5"], "[[\"new\"], [\"new\"]]");
    check("[\"1\", \"2\"]", "map", &["f8"], "[1, 2]");
    check("[1]", "map", &["5"], "E0402 Type mismatch: parameter 'f' of map expects function, got Integer");
    check("[1, 2]", "map", &["f6"], "thrown \"stop\"");
    check("[1, 2, 3]", "filter", &["f3"], "[2, 3]");
    check("[1, 2, 3]", "reduce", &["f1"], "6");
    check("[5, 6, 7]", "reduce", &["f2", "0"], "3");
    check("[3, 9, 2]", "reduce", &["f9"], "9");
    check("[]", "reduce", &["f1"], "null");
    check("[1, 2]", "each", &["f0"], "null");
    check("[1, 2, 3]", "find", &["f3"], "2");
    check("[1, 2, 3]", "any", &["f3"], "true");
    check("[1, 2, 3]", "all", &["f3"], "false");
    check("{\"a\": 1, \"b\": 2}", "map", &["f1"], "{a: \"a1\", b: \"b2\"}");
    check("{\"a\": 1, \"b\": 2}", "filter", &["f7"], "{a: 1, b: 2}");
    check("{\"a\": 1}", "map", &["f5"], "{a: [\"new\"]}");
    check("1..5", "filter", &["f3"], "[2, 3, 4]");
    check("1..5", "reduce", &["f1"], "10");
}

#[test]
fn sorting() {
    check("[3, 1, 2.5]", "sort", &[], "[1, 2.5, 3]");
    check("[3, 1, 2.5]", "sort", &["true"], "[3, 2.5, 1]");
    check("[3, 1]", "sort", &["null", "true"], "[3, 1]");
    check("[\"b\", \"a\", \"B\"]", "sort", &[], "[\"B\", \"a\", \"b\"]");
    check("[5, 1, 3]", "sort", &["f4"], "[1, 3, 5]");
    check("[5, 1, 3]", "sort", &["f4", "true"], "[5, 3, 1]");
    check("[{\"k\": 2}, {\"k\": 1}]", "sort", &["\"k\""], "[{k: 1}, {k: 2}]");
    check("[2, 1]", "sort", &["f6"], "thrown \"stop\"");
    check("[1, null]", "sort", &[], "E0409 Type mismatch: cannot compare Null < Integer");
    check("[true]", "sort", &[], "E0409 Type mismatch: cannot compare Boolean < Boolean");
    check("[1, 2, 3, 4, 5, 6, 7]", "sort", &["f7"], "[7, 6, 5, 4, 3, 2, 1]");
    let rows = "[[1, 0], [0, 0], [1, 1], [0, 1], [1, 2], [0, 2]]";
    check(rows, "sort", &["0"], "[[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]");
    check(rows, "sort", &["0", "true"], "[[1, 0], [1, 1], [1, 2], [0, 0], [0, 1], [0, 2]]");
}

#[test]
fn texts() {
    check("\"héllo\"", "length", &[], "5");
    check("\"héllo héllo\"", "index_of", &["\"llo\""], "2");
    check("\"héllo héllo\"", "lastIndexOf", &["\"llo\""], "8");
    check("\"aaaa\"", "count", &["\"aa\""], "2");
    check(
        "\"a\"",
        "contains",
        &["5"],
        "E0402 Type mismatch: parameter 'part' of contains expects string, got Integer",
    );
    check("\"aß\"", "toUpperCase", &[], "\"ASS\"");
    check("\"\\ta\\n\"", "strip", &[], "\"a\"");
    check("\"7\"", "padStart", &["3", "\"0\""], "\"007\"");
    check("\"a\"", "pad_end", &["3"], "\"a  \"");
    check("\"a\"", "pad_end", &["3000000"], "E0419 a padded string may have at most 1000000 characters more");
    check("\"a b c\"", "split", &[], "[\"a\", \"b\", \"c\"]");
    check("\"héy\"", "chars", &[], "[\"h\", \"é\", \"y\"]");
    check("\"a\\nb\"", "lines", &[], "[\"a\", \"b\"]");
    check("\"a-b-c\"", "replace", &["\"-\"", "\"+\""], "\"a+b+c\"");
    check("\"ab\"", "repeat", &[], "\"ab\"");
    check("\"ab\"", "repeat", &["600000"], "E0419 a repeated string may have at most 1000000 characters");
    check("\"héy\"", "reverse", &[], "\"yéh\"");
    check("\"héllo\"", "substring", &["1", "3"], "\"él\"");
    check("\"héllo\"", "char_at", &["9"], "\"\"");
    check("\"héllo\"", "codeAt", &["1"], "233");
    check("\"héllo\"", "code_at", &["9"], "E0410 index 9 is out of range for a string of 5");
}

#[test]
fn maps_ranges_and_instants() {
    check("{\"a\": 1}", "get", &["\"x\"", "0"], "0");
    check("{\"a\": null}", "get", &["\"a\"", "5"], "null");
    check("{\"a\": 1}", "get", &["1.5"], "E0411 a map key must be a string, integer or boolean, not Float");
    check_after("{\"a\": 1}", "set", &["3", "4"], "{a: 1, 3: 4}", "{a: 1, 3: 4}");
    check_after("{\"a\": 1, \"b\": 2}", "delete", &["\"a\""], "true", "{b: 2}");
    check_after("{\"a\": 1}", "clear", &[], "{}", "{}");
    check("{\"a\": 1, \"c\": 3}", "merge", &["{\"c\": 9, \"d\": 4}"], "{a: 1, c: 9, d: 4}");
    check("{\"b\": 1, \"a\": 2}", "entries", &[], "[[\"b\", 1], [\"a\", 2]]");
    check("1..5", "last", &[], "4");
    check("3..3", "first", &[], "null");
    check("1..5", "get", &["9", "\"no\""], "\"no\"");
    check("1..4", "toList", &[], "[1, 2, 3]");
    check("1..4", "push", &["1"], "E0413 Method 'push' not supported for RANGE");
    check("@2026-01-31T12:05:09Z", "weekday", &[], "6");
    check("@2026-01-31T12:05:09Z", "timestamp", &[], "1769861109");
    check("@2026-01-31T12:05:09Z", "format", &["\"%Y/%j\""], "\"2026/031\"");
    check("@2026-01-31", "century", &[], "E0413 Method 'century' not supported for DATETIME");
}

/// Checks an operation on a list or map of the state, which goes on living: by the method of this name, or by the builtin of the
/// outermost scope if it starts with a point.
fn check_live(json: &str, name: &str, args: &[&str], expected: &str, after: &str) {
    let mut t = Tester::new();
    let place = crate::state::place::variable("x").into();
    t.m.states.push(crate::machine::StateVar { place, ledger: false, name: "x".into() });
    let v = t.value(json);
    crate::state::write_variable(&mut t.m, 0, v).unwrap();
    let live = crate::state::read_variable(&mut t.m, 0).unwrap();
    assert!(live.as_live().is_some());
    let live = t.root(live);
    let functions = functions(&mut t);
    let mut args = t.values(args, &functions);
    let result = match name.strip_prefix('.') {
        Some(builtin) => {
            args.insert(0, live);
            crate::builtins::call(&mut t, crate::builtins::lookup(builtin).unwrap(), &args)
        }
        None => super::call(&mut t, live, name, &args).map(|v| v.unwrap_or(Value::UNDEF)),
    };
    let same = result.is_ok_and(|v| v.same(live));
    let shown = if same { "itself".to_owned() } else { t.show(result) };
    assert_eq!(shown, expected, "{json}.{name}");
    let now = crate::state::read_variable(&mut t.m, 0).unwrap();
    assert_eq!(t.show(Ok(now)), after, "{json} after {name}");
}

#[test]
fn places_of_the_state() {
    check_live("[1]", "push", &["2"], "itself", "[1, 2]");
    check_live("[1]", ".append", &["2"], "itself", "[1, 2]");
    check_live("[1]", ".extend", &["[2, 3]"], "itself", "[1, 2, 3]");
    check_live("[1]", ".push", &["2"], "[1, 2]", "[1]");
    check_live("[1, 2]", "pop", &[], "2", "[1]");
    check_live("[1, 2]", "remove", &["1"], "true", "[2]");
    check_live("[1, 2]", "insert", &["0", "9"], "itself", "[9, 1, 2]");
    check_live("[1, 2]", "clear", &[], "itself", "[]");
    check_live("[1, 2]", "get", &["-1"], "2", "[1, 2]");
    check_live("[1, 2]", "get", &["5", "0"], "0", "[1, 2]");
    check_live("[1, 2]", "length", &[], "2", "[1, 2]");
    check_live("[1, 2]", ".len", &[], "2", "[1, 2]");
    check_live("[1, 2]", ".max", &[], "2", "[1, 2]");
    check_live("[2, 1]", "sort", &[], "[1, 2]", "[2, 1]");
    check_live("[1, 2]", "map", &["f0"], "[2, 4]", "[1, 2]");
    check_live("[1, 2]", ".filter", &["f3"], "[2]", "[1, 2]");
    check_live("[1, 2]", "contains", &["2"], "true", "[1, 2]");
    check_live("[1, 2]", "toString", &[], "\"[1, 2]\"", "[1, 2]");
    check_live("{\"a\": 1}", "get", &["\"a\""], "1", "{a: 1}");
    check_live(
        "{\"a\": 1}",
        "get",
        &["1.5"],
        "E0411 a map key must be a string, integer or boolean, not Float",
        "{a: 1}",
    );
    check_live("{\"a\": 1}", "has", &["\"b\""], "false", "{a: 1}");
    check_live("{\"a\": 1}", "set", &["\"b\"", "2"], "itself", "{a: 1, b: 2}");
    check_live("{\"a\": 1, \"b\": 2}", "remove", &["\"a\""], "true", "{b: 2}");
    check_live("{\"a\": 1}", "merge", &["{\"b\": 2}"], "{a: 1, b: 2}", "{a: 1}");
    check_live("{\"a\": 1}", ".keys", &[], "[\"a\"]", "{a: 1}");
    check_live("{\"a\": 1}", ".copy", &[], "{a: 1}", "{a: 1}");
    check_live("{\"a\": 1}", "clear", &[], "itself", "{}");
}

/// A host that wants the run to stop.
#[derive(Debug)]
struct Stopping;

impl crate::host::Host for Stopping {
    fn print(&mut self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn diagnostic(&mut self, _: &str) {}
    fn interrupted(&mut self) -> bool {
        true
    }
}

#[test]
fn callbacks_that_are_builtins_can_be_stopped() {
    let mut t = Tester::new();
    t.machine().host = Box::new(Stopping);
    let range = t.value("0..4611686018427387904");
    let abs = Value::builtin(crate::builtins::lookup("abs").unwrap());
    let each = crate::methods::callbacks::each(&mut t, &[range, abs]);
    assert!(matches!(each, Err(crate::Trap::Interrupted)));
    let reduce = crate::methods::callbacks::reduce(&mut t, &[range, abs]);
    assert!(reduce.is_err());
}
