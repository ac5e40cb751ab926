use super::*;
use crate::builtins::{TABLE, camel_case, lookup, lookup_in};
use crate::fake::Fake;
use crate::interp::Interp;
use crate::json;

/// Builtins whose cell of a table has a † that does not stand for them: they take constant time.
const CONSTANT: &[&str] =
    &["gas", "limit", "tx", "with_caller", "length", "size", "is_empty", "from_timestamp", "make"];

/// The names in backquotes that a † in the tables of language.md 18 to 20 stands for, each with the modules to look in.
fn marked() -> Vec<(String, Vec<&'static str>)> {
    let text = include_str!("../../../../../docs/spec/language.md");
    let (_, tail) = text.split_once("## 18. Builtins").unwrap();
    let (chapters, _) = tail.split_once("\n## 21").unwrap();
    let mut modules = vec![""];
    let mut all = false;
    let mut names = Vec::new();
    for line in chapters.lines() {
        match line {
            l if l.starts_with("**19.1") => modules = vec!["@list"],
            l if l.starts_with("**19.2") => (modules, all) = (vec!["@string"], true),
            l if l.starts_with("**19.3") => (modules, all) = (vec!["@map"], false),
            l if l.starts_with("**19.4") => modules = vec!["@range", "@datetime", "@enum"],
            l if l.starts_with("## 20") => {
                modules = vec!["json", "datetime", "crypto", "blockchain", "string", "list", ""];
            }
            _ => {}
        }
        let table = line.starts_with("| ");
        if !table {
            continue;
        }
        // In chapter 20 the functions stand in the second column, elsewhere in the first.
        let cell = if modules.len() > 5 { line } else { line.split(" | ").next().unwrap() };
        for group in cell.split(';') {
            let mut parts = group.split('†');
            let before = parts.next().unwrap();
            if !all && parts.next().is_none() {
                continue;
            }
            for code in before.split('`').skip(1).step_by(2) {
                // `name(x)`, or several names with the arguments of the last.
                for word in code.split(['(', ' ']).take_while(|w| !w.contains([')', '=', ','])) {
                    let name = word.trim_end_matches('…');
                    if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                        names.push((name.to_owned(), modules.clone()));
                    }
                }
            }
        }
    }
    names
}

#[test]
fn what_the_language_marks_has_a_price() {
    let mut unpriced = Vec::new();
    let mut found = 0;
    for (name, modules) in marked() {
        let rows: Vec<_> = modules
            .iter()
            .filter_map(|module| lookup_in(module, &name))
            .map(|i| crate::builtins::row(i))
            .collect();
        found += usize::from(!rows.is_empty());
        if !CONSTANT.contains(&&*name) && rows.iter().any(|row| row.gas == Gas::Base) {
            unpriced.push(name);
        }
    }
    assert_eq!(unpriced, Vec::<String>::new());
    // So that a change of the tables' form does not empty the test.
    assert!(found >= 110, "{found} of the marked names are builtins");
    assert!(lookup(&camel_case("sanitize_input")).is_some() && !TABLE.is_empty());
}

/// The gas of a call of a builtin with arguments given as JSON texts, besides its base price.
fn gas(module: &str, name: &str, args: &[&str]) -> u64 {
    let mut fake = Fake::new();
    let args: Vec<Value> = args.iter().map(|text| json::parse(&mut fake.m, text).unwrap()).collect();
    fake.m.start_metering();
    let index = lookup_in(module, name).unwrap();
    crate::builtins::call(&mut fake, index, &args).unwrap();
    fake.m.meter.used()
}

#[test]
fn calls_cost_their_sizes() {
    let text = format!("\"{}\"", "a".repeat(2000));
    let table: &[(&str, &str, &[&str], u64)] = &[
        ("", "len", &["\"abc\""], 0),
        ("", "string", &["\"abc\""], 1),
        ("", "string", &["12345678901"], 2),
        ("", "string", &[&text], 250),
        ("", "repr", &["[1, 2, 3]"], 2),
        ("", "repr", &[&text], 250 + 251),
        ("", "int", &["\"123456789\""], 2),
        ("", "uppercase", &["\"123456789\""], 4),
        ("", "split", &["\"a,b,c\"", "\",\""], 1 + 3),
        ("", "join", &["[\"aaaa\", \"bbbb\"]", "\", \""], 1 + 2),
        ("", "matches_pattern", &["\"aaaa\"", "\"a+\""], 1),
        ("", "is_alpha", &["\"123456789\""], 2),
        ("", "validate_length", &["\"123456789\"", "1", "2"], 2),
        ("", "sanitize", &["\"<b>\""], 1 + 2),
        ("", "range", &["10"], 10),
        ("", "push", &["[1, 2]", "3"], 3),
        ("", "append", &["[1, 2]", "3"], 0),
        ("", "extend", &["[1, 2]", "[3, 4, 5]"], 3),
        ("", "rest", &["[1, 2, 3]"], 2),
        ("", "slice", &["[1, 2, 3]", "1"], 2),
        ("", "slice", &["\"0123456789\"", "1"], 2),
        ("", "sort", &["[3, 1, 2]"], 3 * 2 * 4),
        ("", "keys", &["{\"a\": 1, \"b\": 2}"], 2),
        ("", "min", &["3", "1", "2"], 3),
        ("", "min", &["[3, 1, 2, 4]"], 4),
        ("", "sum", &["[3, 1]"], 2),
        ("", "copy", &["[1, [2], {\"a\": 1}]"], 1 + 6 + 2 + 5),
        ("", "copy", &["5"], 0),
        ("", "hash", &["\"hello world\""], 11),
        ("", "hash", &["[1,2,3]"], 1 + 7),
        ("", "hash", &["\"hello world\"", "\"SHA3-256\""], 22),
        ("", "merkle_root", &["[\"abc\", \"def\"]"], 300 + 6),
        ("", "constant_time_compare", &["\"abc\"", "\"abd\""], 1),
        ("", "persist_set", &["\"k\"", "1"], 300 + 4 * (3 + 3)),
        ("", "persist_get", &["\"k\""], 100 + 3),
        ("", "has_role", &["\"a\"", "\"b\"", "\"c\""], 100 + 33 + 5 + 6),
        ("", "print", &["\"abc\"", "12"], 1),
        ("", "ledger_append", &["\"abc\""], 2 * 5),
        ("@list", "reverse", &["[1, 2, 3]"], 3),
        ("@list", "insert", &["[1, 2, 3]", "1", "9"], 2),
        ("@list", "remove_at", &["[1, 2, 3]", "0"], 2),
        ("@list", "remove", &["[1, 2, 3]", "2"], 2 + 1),
        ("@list", "contains", &["[1, 2, 3]", "2"], 2),
        ("@list", "index_of", &["[[1], [2]]", "[2]"], 2 + 2 + 2),
        ("@list", "flatten", &["[1, [2, 3]]"], 3),
        ("@list", "unique", &["[1, 1, 2]"], 1 + 1),
        ("@list", "zip", &["[1, 1, 2]", "[1, 2]"], 2),
        ("@list", "concat", &["[1, 1, 2]", "[1, 2]"], 5),
        ("@string", "length", &["\"abc\""], 0),
        ("@string", "repeat", &["\"abcd\"", "4"], 1 + 2),
        ("@string", "pad_start", &["\"a\"", "9"], 1 + 2),
        ("@string", "pad_end", &["\"a\"", "5", "\"xyz\""], 1 + 1),
        ("@string", "replace", &["\"a-b-c\"", "\"-\"", "\"12345\""], 2 + 2),
        ("@string", "chars", &["\"abc\""], 1 + 3),
        ("@string", "char_at", &["\"123456789\"", "1"], 2),
        ("@map", "merge", &["{\"a\": 1, \"b\": 2}", "{\"b\": 1, \"c\": 2}"], 12),
        ("@map", "get", &["{\"a\": 1}", "\"a\""], 0),
        ("json", "parse", &["\"{\\\"a\\\": 1}\""], 1 + 4),
        ("json", "stringify", &["{\"a\": [1, 2]}"], 2),
        ("crypto", "sha512", &["\"abc\""], 3),
        ("crypto", "hmac_sha256", &["\"key\"", "\"abc\""], 206),
        ("crypto", "pbkdf2", &["\"key\"", "\"abc\"", "2", "33"], 2 * 2 * 400),
        ("crypto", "hex_encode", &["\"abcd\""], 1 + 1),
        ("blockchain", "proof_of_work", &["\"a\"", "0"], 62),
        ("list", "repeat", &["1", "5"], 5),
    ];
    for (module, name, args, expected) in table {
        let args: Vec<&str> = args.to_vec();
        assert_eq!(gas(module, name, &args), *expected, "{name} {args:?}");
    }
}

#[test]
fn callbacks_cost_what_they_execute_and_the_items() {
    let mut fake = Fake::new();
    let f = fake.function("f", &["x"], zexus_bytecode::flags::FnFlags::default(), |fake, _, args| {
        fake.m.charge(100)?;
        Ok(Value::bool(args[0].as_int() > Some(1)))
    });
    let list = json::parse(&mut fake.m, "[1, 2, 3]").unwrap();
    fake.m.start_metering();
    for (name, expected) in [("map", 303), ("filter", 302), ("each", 303), ("any", 202), ("all", 101)] {
        let before = fake.machine().meter.used();
        crate::builtins::call(&mut fake, lookup_in("@list", name).unwrap(), &[list, f]).unwrap();
        assert_eq!(fake.m.meter.used() - before, expected, "{name}");
    }
}

#[test]
fn nothing_is_made_that_cannot_be_paid() {
    for (module, name, args) in [
        ("", "range", ["1000000000", "2000000000"]),
        ("@string", "repeat", ["\"a\"", "1000000000"]),
        ("@string", "pad_start", ["\"a\"", "1000000000"]),
        ("list", "repeat", ["1", "1000000000"]),
    ] {
        let limits = crate::limits::Limits { gas: Some(1000), ..Default::default() };
        let mut fake = Fake::new();
        fake.m.meter = crate::meter::Meter::new(limits.gas);
        let args: Vec<Value> = args.iter().map(|text| json::parse(&mut fake.m, text).unwrap()).collect();
        fake.m.start_metering();
        let result = crate::builtins::call(&mut fake, lookup_in(module, name).unwrap(), &args);
        match result {
            // Some are refused before they cost anything.
            Err(Trap::Raised) => assert_eq!(fake.code(), 419, "{name}"),
            other => assert_eq!(other.err(), Some(Trap::OutOfGas), "{name}"),
        }
    }
}
