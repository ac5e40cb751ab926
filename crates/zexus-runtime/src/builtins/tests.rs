use super::{TABLE, call, camel_case, lookup, lookup_in};
use crate::host::Caps;
use crate::limits::Limits;
use crate::testing::Tester;

/// Checks a call of a builtin of a module (`""`: the outermost scope).
fn check_in(module: &str, name: &str, args: &[&str], expected: &str) {
    let mut t = Tester::with(Caps::RANDOM, Limits::default());
    let args = t.values(args, &[]);
    let index = lookup_in(module, name).unwrap_or_else(|| panic!("no builtin {name}"));
    let result = call(&mut t, index, &args);
    assert_eq!(t.show(result), expected, "{name}");
}

fn check(name: &str, args: &[&str], expected: &str) {
    check_in("", name, args, expected);
}

#[test]
fn the_table_is_sound() {
    for (i, row) in TABLE.iter().enumerate() {
        assert!(!row.name().is_empty() && !row.doc.is_empty());
        for name in row.names {
            assert_eq!(
                lookup_in(row.module, name),
                Some(i as u32),
                "{}.{name} is declared twice",
                row.module
            );
        }
        let optional = row.params.iter().skip_while(|p| p.default.is_none());
        assert!(optional.clone().all(|p| p.default.is_some()), "{}: required after optional", row.name());
    }
    assert_eq!(camel_case("to_hex"), "toHex");
    assert_eq!(camel_case("sha3_256"), "sha3_256");
    assert_eq!(lookup("toHex"), lookup("to_hex"));
    assert_eq!(lookup("trunc"), None);
}

#[test]
fn conversions() {
    check("int", &["3.9"], "3");
    check("int", &["\" 42 \""], "42");
    check("int", &["true"], "1");
    check("int", &["\"abc\""], "E0414 Cannot convert 'abc' to integer");
    check("int", &["null"], "E0414 Cannot convert Null to integer");
    check("float", &["\"+.5\""], "0.5");
    check("float", &["\"abc\""], "E0414 Cannot convert 'abc' to float");
    check("len", &["\"héllo\""], "5");
    check("len", &["0..10"], "10");
    check("len", &["null"], "E0402 len() not supported for NULL");
    check("len", &[], "E0404 len expects 1 argument, got 0");
    check("bool", &["0"], "true");
    check("type", &["1.5"], "\"Float\"");
    check("typeof", &["{}"], "\"map\"");
    check("repr", &["[\"a\"]"], "\"[\\\"a\\\"]\"");
}

#[test]
fn numbers() {
    check("abs", &["-9223372036854775808"], "9223372036854775808");
    check("abs", &["\"x\""], "E0402 Type mismatch: parameter 'n' of abs expects number, got String");
    check("min", &["3", "1", "2"], "1");
    check("max", &["[\"b\", \"a\"]"], "\"b\"");
    check("max", &["1", "1.0"], "1");
    check("min", &["[]"], "E0415 the list has no items");
    check("sum", &["[1, 2.5]"], "3.5");
    check("sqrt", &["16"], "4.0");
    check("sqrt", &["-1"], "E0408 outside the domain of floats or of the function");
    check("round", &["2.5"], "2");
    check("round", &["2.567", "2"], "2.57");
    check("range", &["0", "10", "4"], "[0, 4, 8]");
    check("range", &["5", "0", "-2"], "[5, 3, 1]");
    check("range", &["3", "1"], "[]");
    check("range", &["0", "1", "0"], "E0415 the step of a range must not be 0");
    check("range", &["9223372036854775807"], "MemoryLimit");
    check(
        "range",
        &["-9223372036854775808", "9223372036854775807", "9223372036854775807"],
        "[-9223372036854775808, -1, 9223372036854775806]",
    );
    check("to_hex", &["255"], "\"0xff\"");
    check("from_hex", &["\"0xFF\""], "255");
    check("from_hex", &["\"0xzz\""], "E0414 Cannot convert '0xzz' to integer");
    check("random", &["1"], "0");
    check("random", &["0"], "E0415 random needs a number of at least 1");
}

#[test]
fn lists_and_maps() {
    check("push", &["[1]", "2"], "[1, 2]");
    check("extend", &["[1]", "[4, 5]"], "[1, 4, 5]");
    check("rest", &["[1, 2, 3]"], "[2, 3]");
    check("slice", &["\"hello\"", "1", "3"], "\"el\"");
    check("slice", &["[1]", "\"a\""], "E0402 Type mismatch: parameter 'a' of slice expects int, got String");
    check("sort", &["[3, 1, 2.5]", "true"], "[3, 2.5, 1]");
    check("sort", &["5"], "E0402 Type mismatch: parameter 'l' of sort expects list, got Integer");
    check("entries", &["{\"a\": 1}"], "[[\"a\", 1]]");
    check("keys", &["[1]"], "E0402 Type mismatch: parameter 'm' of keys expects map, got List");
    check(
        "filter",
        &["[1]", "5"],
        "E0402 Type mismatch: parameter 'f' of filter expects function, got Integer",
    );
}

#[test]
fn texts_and_checks() {
    check("uppercase", &["\"straße é\""], "\"STRASSE É\"");
    check("split", &["\"a,b,,c\"", "\",\""], "[\"a\", \"b\", \"\", \"c\"]");
    check("split", &["\"héy\"", "\"\""], "[\"h\", \"é\", \"y\"]");
    check("join", &["[1, \"a\", [2]]", "\"-\""], "\"1-a-[2]\"");
    check("matches_pattern", &["\"abc123\"", "\"[a-z]+\""], "true");
    check("matches_pattern", &["\"1abc\"", "\"[a-z]+\""], "false");
    check("matches_pattern", &["\"a\"", "\"(\""], "E0425 malformed pattern");
    check("matches_pattern", &["\"a\"", "\"(\\\\w{99}){99}\""], "E0425 the pattern is too large");
    check("is_email", &["\"ann@example.org\""], "true");
    check("is_email", &["\"a@b\""], "false");
    check("is_url", &["\"https://a.org/x?y=1\""], "true");
    check("is_url", &["\"ftp://a.org\""], "false");
    check("is_phone", &["\"+49 (30) 123-456\""], "true");
    check("is_phone", &["\"123456\""], "false");
    check("is_numeric", &["\"-1.5\""], "true");
    check("is_numeric", &["\"\""], "false");
    check("is_alphanumeric", &["\"aB1\""], "true");
    check("validate_length", &["\"abc\"", "2", "5"], "true");
    check("password_strength", &["\"Abcdefg1\""], "\"medium\"");
    check("password_strength", &["\"Abcdefg1!\""], "\"strong\"");
    check("sanitize", &["\"<b> & '\""], "\"&lt;b&gt; &amp; &#39;\"");
    check("sanitize", &["\"a b/é\"", "\"url\""], "\"a%20b%2F%C3%A9\"");
    check("sanitize", &["\"O'Neil\"", "\"sql\""], "\"O''Neil\"");
    check("sanitize", &["\"a b\"", "\"shell\""], "\"'a b'\"");
    check("sanitize", &["\"a\\nb\"", "\"js\""], "\"a\\\\nb\"");
    check("sanitize", &["\"x\"", "\"strange\""], "E0424 unknown mode 'strange' of sanitize");
    check("sanitize_input", &["\"a\\u0000b\\r\\nc\\rd\""], "\"ab\\nc\\nd\"");
    check("require", &["false", "\"r\""], "E0501 Requirement failed: r");
    check("require", &["null"], "E0501 Requirement failed: Requirement not met");
    check("verify", &["null", "\"v\""], "E0502 Verification failed: v");
    check("verify", &["1"], "true");
    check("validate", &["5", "\"int\""], "true");
}

#[test]
fn mathematics() {
    let check = |name: &str, args: &[&str], expected: &str| check_in("math", name, args, expected);
    check("trunc", &["-1.7"], "-1");
    check("sign", &["2.5"], "1");
    check("pow", &["2", "64"], "18446744073709551616");
    check("log", &["1", "10"], "0.0");
    check("log", &["0"], "E0408 outside the domain of floats or of the function");
    check("hypot", &["3", "4"], "5.0");
    check("isqrt", &["17"], "4");
    check("factorial", &["25"], "15511210043330985984000000");
    check("factorial", &["2000"], "E0407 integer too large");
    check("clamp", &["5", "1", "3"], "3");
    check("bit_xor", &["-1", "5"], "-6");
    check("bit_and", &["1.5", "1"], "E0402 Type mismatch: parameter 'a' of bit_and expects int, got Float");
    check("shiftLeft", &["1", "70"], "1180591620717411303424");
    check("random_int", &["7", "7"], "7");
    check("random_int", &["8", "7"], "E0415 random_int needs bounds in order");
}

#[test]
fn other_modules() {
    check_in("datetime", "from_timestamp", &["1.5"], "1970-01-01T00:00:01.500000Z");
    check_in("datetime", "make", &["2024", "2", "29"], "2024-02-29T00:00:00Z");
    check_in("datetime", "make", &["2023", "2", "29"], "E0415 there is no such date or time");
    check_in("datetime", "parse", &["\"2026-01-31T12:00:00+02:00\""], "2026-01-31T10:00:00Z");
    check_in("list", "of", &["1", "\"a\""], "[1, \"a\"]");
    check_in("list", "repeat", &["0", "3"], "[0, 0, 0]");
    check_in(
        "@list",
        "push",
        &["5", "1"],
        "E0402 Type mismatch: parameter 'l' of push expects list, got Integer",
    );
    check_in("string", "from_code", &["233"], "\"é\"");
    check_in("string", "from_code", &["55296"], "E0415 there is no character with this code point");
}

#[test]
fn json() {
    let parse = |text: &str, expected: &str| {
        let mut t = Tester::new();
        let result = crate::json::parse(&mut t.m, text);
        assert_eq!(t.show(result), expected, "{text}");
    };
    parse(
        "{\"a\": 1, \"b\": [1.5, 1e2, null, true], \"c\": {\"d\": \"x\\u00e9\"}}",
        "{a: 1, b: [1.5, 100.0, null, true], c: {d: \"xé\"}}",
    );
    parse(" [ ] ", "[]");
    parse("{\"a\": 1, \"b\": 2, \"a\": 3}", "{a: 3, b: 2}");
    parse("\"\\ud83c\\udf0d\"", "\"🌍\"");
    parse("\"\\ud83c\"", "E0425 malformed JSON at position 1: expected an escape");
    parse("", "E0425 malformed JSON at position 0: expected a value");
    parse("[1,]", "E0425 malformed JSON at position 3: expected a value");
    parse("{a: 1}", "E0425 malformed JSON at position 1: expected a key in quotes");
    parse("01", "E0425 malformed JSON at position 2: expected a number");
    parse("\"a", "E0425 malformed JSON at position 2: expected a character or '\"'");
    parse("1 2", "E0425 malformed JSON at position 2: expected the end");
    parse("[1 2]", "E0425 malformed JSON at position 3: expected ',' or ']'");
    parse("{", "E0425 malformed JSON at position 1: expected a key in quotes");
    parse("1e999", "E0407 number too large for a float");

    let stringify = |text: &str, indent: &str, expected: &str| {
        check_in("json", "stringify", &[text, indent], expected);
    };
    stringify("{\"b\": 1, \"a\": [1.5, null, \"q\"]}", "null", r#""{\"b\": 1, \"a\": [1.5, null, \"q\"]}""#);
    stringify("{\"a\": [1, {}], \"b\": []}", "1", r#""{\n \"a\": [\n  1,\n  {}\n ],\n \"b\": []\n}""#);
    stringify("0..3", "null", "E0510 Range has no JSON form");
    stringify("1", "17", "E0415 an indentation has 0 to 16 characters");
    let mut t = Tester::new();
    let v = t.value("{\"1\": 1}");
    t.m.heap.map_mut(v.as_map().unwrap()).map.insert(crate::key::Key::Int(1), v);
    let result = crate::json::stringify(&mut t.m, v, None).map(|_| v);
    assert_eq!(t.show(result), "E0415 the key '1' would occur twice");
    let result = crate::json::stringify(&mut t.m, crate::Value::float(f64::INFINITY), None).map(|_| v);
    assert_eq!(t.show(result), "E0408 outside the domain of floats or of the function");
}

#[test]
fn capabilities() {
    let mut t = Tester::new();
    let index = lookup("random").unwrap();
    let result = call(&mut t, index, &[]);
    assert_eq!(t.show(result), "E0426 Builtin 'random' needs the capability 'random'");
    crate::policy::sandbox_enter(&mut t.m, None).unwrap();
    let result = call(&mut t, index, &[]);
    assert_eq!(t.show(result), "E0426 Builtin 'random' not allowed inside sandbox policy 'default'");
}

#[test]
fn json_that_is_never_complete_stays_within_the_memory() {
    let mut t = Tester::with(Caps::NONE, Limits { memory: 1 << 20, ..Limits::default() });
    let result = crate::json::parse(&mut t.m, &"[".repeat(100_000));
    assert_eq!(t.show(result), "MemoryLimit");
    let result = crate::json::parse(&mut t.m, &format!("[{}", "1,".repeat(200_000)));
    assert_eq!(t.show(result), "MemoryLimit");
}
