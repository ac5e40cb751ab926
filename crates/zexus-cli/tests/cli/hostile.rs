//! Input that is meant to harm: each ends with a clear error, in bounded time and memory.

use std::time::{Duration, Instant};

use super::*;

/// A build without optimization on a busy machine is slow; without a bound on the work this would not be enough by far.
const PATIENCE: Duration = Duration::from_secs(90);

/// Runs a text that is not started.
#[track_caller]
fn refused(what: &str, text: &[u8], code: &str) {
    let dir = files(&[]);
    std::fs::write(dir.path().join("a.zx"), text).unwrap();
    let begin = Instant::now();
    let ran = zexus_in(dir.path(), &["run", "a.zx"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{what}: {}", ran.err);
    assert!(ran.err.contains(code), "{what}: no {code} in {}", ran.err);
    assert!(ran.err.len() < 100_000, "{what}: {} bytes of report", ran.err.len());
    assert!(begin.elapsed() < PATIENCE, "{what}: {:?}", begin.elapsed());
}

const TEN_MEGABYTES: usize = 10_000_000;

#[test]
fn ten_megabytes_of_parentheses() {
    refused("(", "(".repeat(TEN_MEGABYTES).as_bytes(), "E0218");
}

#[test]
fn ten_megabytes_of_brackets() {
    refused("[", "[".repeat(TEN_MEGABYTES).as_bytes(), "E0218");
}

#[test]
fn ten_megabytes_of_quotes() {
    // An even number of quotes is a row of empty strings; one more leaves the last open.
    refused("\"", "\"".repeat(TEN_MEGABYTES + 1).as_bytes(), "E0103");
}

#[test]
fn a_megabyte_of_one_character() {
    for (text, code) in [
        ("{", "E0218"),
        ("-", "E0207"),
        (")", "E0201"),
        ("}", "E0201"),
        ("!", "E0218"),
        (",", "E0201"),
        ("\\", "E0102"),
    ] {
        refused(text, text.repeat(1_000_000).as_bytes(), code);
    }
}

#[test]
fn deep_nesting() {
    refused("blocks", "if true { ".repeat(100_000).as_bytes(), "E0218");
    refused("ifs", "if true { if (1 > 0) ".repeat(100_000).as_bytes(), "E02");
    refused("functions", "action f() { return () => { ".repeat(50_000).as_bytes(), "E0218");
    refused("not", format!("print({}true)", "not ".repeat(100_000)).as_bytes(), "E0218");
    refused("holes", "\"${".repeat(100_000).as_bytes(), "E02");
}

#[test]
fn long_tokens() {
    refused("a name", format!("print({})", "a".repeat(1 << 20)).as_bytes(), "E0301");
    refused("a number", "9".repeat(1_000_000).as_bytes(), "E0106");
    refused("a fraction", format!("print({}e999999999x)", "9".repeat(1_000_000)).as_bytes(), "E010");
}

#[test]
fn bytes_that_are_no_text() {
    refused("invalid UTF-8", b"print(1)\n\xc3\x28", "E0101");
    refused("NUL", b"print(1)\0\0", "E0102");
    refused("a UTF-16 file", b"\xff\xfep\0r\0i\0n\0t\0", "E0101");
}

#[test]
fn everything_unterminated() {
    for (text, code) in [
        ("print(\"abc", "E0103"),
        ("print(\"a ${1", "E0103"),
        ("/* comment", "E0104"),
        ("print(1", "E0202"),
        ("let l = [1, 2", "E0202"),
        ("let m = {a: 1", "E0202"),
        ("action f( {", "E0201"),
        ("contract C {", "E0202"),
        ("try {", "E0202"),
        ("match x {", "E0202"),
        ("let x =", "E0201"),
        ("if", "E0201"),
    ] {
        refused(text, text.as_bytes(), code);
    }
}

/// Runs a program that ends with an error.
#[track_caller]
fn stopped(text: &str, options: &[&str], code: &str) {
    let begin = Instant::now();
    let ran = program(text, options);
    assert_eq!(ran.code, Some(1), "{text}: {ran:?}");
    assert!(ran.err.contains(code), "{text}: no {code} in {}", ran.err);
    assert!(ran.err.len() < 100_000, "{text}: {} bytes of report", ran.err.len());
    assert!(begin.elapsed() < PATIENCE, "{text}: {:?}", begin.elapsed());
}

#[test]
fn memory_is_bounded() {
    let small = &["--memory-limit", "32M"];
    stopped("let s = \"ab\"\nwhile true { s = s + s }", small, "E0430");
    stopped("let m = {}\nlet k = 0\nwhile true { m[k] = k  k = k + 1 }", small, "E0430");
    stopped("let l = []\nwhile true { l.push([]) }", small, "E0430");
    stopped("let l = [1]\nwhile true { l = l.concat(l) }", small, "E0430");
    stopped("let l = [1]\nwhile true { l = [l, l]  let s = string(l) }", &["--memory-limit", "1M"], "E0430");
    stopped("range(100000000000)", small, "E0430");
}

#[test]
fn recursion_is_bounded() {
    stopped("action f(n) { return f(n + 1) + 1 }\nf(0)", &[], "E0429");
    stopped("let f = null\nf = (n) => [f(n)]\nf(0)", &[], "E0429");
    stopped("data D { x\n method again() { return this.again() + 1 } }\nD(1).again()", &[], "E0429");
}

#[test]
fn results_are_bounded() {
    stopped("print(2 ** 5000)", &[], "E0407");
    stopped("print(\"a\" * 2000000)", &[], "E0419");
    stopped("sort([3, 2, 1], (a, b) => { throw \"no\" })", &[], "Uncaught: no");
}

#[test]
fn a_list_that_holds_itself() {
    program("let l = [1]\nl.push(l)\nprint(l, l == l)", &[]).expect(0, "[1, [...]] true\n", &[]);
    let ran = program("let a = [1]\na.push(a)\nlet b = [1]\nb.push(b)\nprint(a == b)", &[]);
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
}
