//! What wrong programs are told.

#![allow(clippy::unwrap_used)]

use zexus_syntax::{Code, Diagnostic, FileId, SourceMap, Span, parse, parse_bytes, render, render_json};

/// The rendered diagnostics of each program.
fn show(programs: &[&str]) -> String {
    let mut out = String::new();
    for program in programs {
        let mut sources = SourceMap::new();
        let file = sources.add("demo.zx", *program);
        let parsed = parse(file, program);
        assert!(!parsed.errors.is_empty(), "{program}");
        for error in &parsed.errors {
            out.push_str(&render(error, &sources, false));
            out.push_str("\n\n");
        }
        out.push_str("----\n");
    }
    out
}

fn codes(program: &str) -> Vec<&'static str> {
    parse(FileId(0), program).errors.iter().map(|error| error.code.as_str()).collect()
}

#[test]
fn tokens() {
    insta::assert_snapshot!(show(&[
        "let größe = 1\nlet x = a & b",
        "a | b ^ ~c",
        "print(\"abc)\nlet x = 1",
        "print(\"a ${b + 1)\nlet x = 1",
        "x = \"a ${ \"b } c\"",
        "/* a /* b */\nlet x = 1",
        "let a = 3.\nlet b = 1__0\nlet c = 0x\nlet d = 12abc\nlet e = 1.2.3\nlet f = 1e+",
        "let a = \"\\x4 \\u12 \\u{110000} \\u{D800}\"",
        "let a = \"50\\% off\"",
        "x = \u{0}",
    ]));
}

#[test]
fn statements() {
    insta::assert_snapshot!(show(&[
        "let = 5",
        "let x = \nlet y = 1",
        "f() = 5\na[1:2] = 3\na?.b = 1\n1 = 2\n[a, b] = c",
        "a = b = 5",
        "if x = 1 { print(x) }",
        "f(a = 1)",
        "i++\n--i\na++b",
        "const X",
        "try { a }",
        "else { a }",
        "return )",
        "throw\nx",
        "while { a }",
        "for x of xs { a }",
        "for (x of xs) { a }",
        "if a return 1 else { b }",
        "x => if a { b }",
        "match v { 1 => while a { } }",
        "}\nlet x = 1",
        "let match = 1\naction f(in) { }\nprint(let, 1)",
    ]));
}

#[test]
fn blocks_without_braces() {
    insta::assert_snapshot!(show(&[
        "if x > 0:\n    print(1)\n    print(2)\nelse:\n    print(3)\nprint(4)",
        "action f(a):\n    return a\n\nf(1)",
        "while x: print(1)\nprint(2)",
        "action f(a): int { return a }",
    ]));
}

#[test]
fn brackets() {
    insta::assert_snapshot!(show(&[
        "print((1 + 2)\nlet x = 1",
        "action f() {\n    print(1)\n",
        "let l = [1, 2 3]\nprint(l)",
        "let m = {a: 1, b 2}\nprint(m)",
        "let m = {a 1}",
        "f(1, 2]\nprint(1)",
        "if a { (1 }",
    ]));
}

#[test]
fn expressions() {
    insta::assert_snapshot!(show(&[
        "print(1 +)",
        "x = +1",
        "x = [...a]",
        "x = a ?? lambda y: y",
        "x = (a, b)",
        "x = c ? a",
        "x = if a then b",
        "x = a.",
        "x = 1..2..3",
        "x = not a == b\ny = !a in b",
        "f(a: 1, 2)\naction g(a = 1, b, ...c, d) { }",
    ]));
}

#[test]
fn patterns() {
    insta::assert_snapshot!(show(&[
        "match v { a || b => 1 }",
        "match v { [x] || 1 => 1 }",
        "match v { 1 or 2 => 1 }",
        "match v { 1..2.5 => 1 }",
        "match v { \"a\"..\"b\" => 1 }",
        "match v { [...r, x] => 1 }",
        "match v { \"${x}\" => 1 }",
        "match v { 1: 2 }",
        "match v { => 2, 3 => 4 }",
    ]));
}

#[test]
fn declarations() {
    insta::assert_snapshot!(show(&[
        "contract C { let x = 1 state y = 2 }",
        "contract C { foo state y = 2 }",
        "contract C { public x: int }",
        "data D { print(1) name: string }",
        "public let x = 1",
        "protocol P { f() { } g() }",
        "enum C { Red Green }",
        "data match { }",
        "action f a b c { }",
        "use \"a${b}\"",
        "let x: 5 = 1",
        "let x: List<int = 1",
    ]));
}

#[test]
fn foreign_words() {
    insta::assert_snapshot!(show(&[
        "screen Main { title: \"x\" }\nprint(1)",
        "native action f() { }\nprint(1)",
        "@logged\naction f() { }",
        "@route(\"/x\") action f() { }",
        "verify:data x\nprint(1)",
        "log > \"f\"",
        "cache { a }",
    ]));
    assert_eq!(
        codes("let screen = 1\nscreen = 2\nscreen(3)\nlog(x)\nrun.x\nprint(cache > 1)"),
        Vec::<&str>::new()
    );
}

#[test]
fn directives() {
    insta::assert_snapshot!(show(&[
        "// @zexus: {\"gas\": 5000}",
        "// @zexus: {gas_limit: 5000}",
        "# @zexus gas_limit=-1; optimize=9; tier=x; trace=1",
    ]));
}

#[test]
fn marks() {
    let long = format!("{} = ", "x".repeat(1_000_000));
    let mut sources = SourceMap::new();
    let file = sources.add("long.zx", &*long);
    let report = render(&parse(file, &long).errors[0], &sources, false);
    assert!(report.len() < 500, "{} bytes", report.len());
    insta::assert_snapshot!(report);
    insta::assert_snapshot!(show(&[
        "let s = f(\n    a,\n    b\n) = 5",
        "\tlet x = \"é\" é",
        "let x = 1\rlet y = \rlet z = 2",
        "let x =",
    ]));
}

/// Whoever makes labels may cut characters in two; the marks then cover them whole.
#[test]
fn marks_inside_characters() {
    let check = |text: &str, span: Span, marked: &str| {
        let mut sources = SourceMap::new();
        let file = sources.add("x.zx", text);
        let report = render(&Diagnostic::new(Code::E0201, "bad").at(file, span), &sources, false);
        let lines: Vec<&str> = report.lines().collect();
        assert_eq!(lines[3..], [format!(" 1 | {text}"), format!("   | {marked}")], "{text:?} {span:?}");
    };
    check("é", Span::new(0, 1), "^");
    check("é", Span::new(1, 2), "^");
    check("é", Span::new(1, 1), "^");
    check("aéb", Span::new(2, 2), " ^");
    check("aéb", Span::new(0, 2), "^^");
    check("ééé", Span::new(1, 3), "^^");
    check("é", Span::new(1, 900), "^");
}

#[test]
fn colors_change_nothing_but_escapes() {
    let mut sources = SourceMap::new();
    let file = sources.add("demo.zx", "x = 1 +");
    let error = &parse(file, "x = 1 +").errors[0];
    let colored = render(error, &sources, true);
    let mut plain = String::new();
    for (index, piece) in colored.split('\u{1b}').enumerate() {
        plain.push_str(if index == 0 { piece } else { piece.split_once('m').unwrap().1 });
    }
    assert_ne!(colored, plain);
    assert_eq!(plain, render(error, &sources, false));
}

#[test]
fn json() {
    let mut sources = SourceMap::new();
    let text = "let é = \"é\" &";
    let file = sources.add("demo.zx", text);
    let lines: Vec<_> = parse(file, text).errors.iter().map(|error| render_json(error, &sources)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn bad_utf8() {
    let parsed = parse_bytes(FileId(0), b"let x = \"\xff\"");
    assert_eq!(parsed.errors[0].code, Code::E0101);
    assert_eq!(parsed.errors[0].primary().unwrap().1.start, 9);
    assert!(parse_bytes(FileId(0), b"\xef\xbb\xbfprint(1)").errors.is_empty());
}

#[test]
fn errors_are_bounded_and_warnings_never_hide_them() {
    let parsed = parse(FileId(0), &"let x = )\n".repeat(10_000));
    assert_eq!(parsed.errors.len(), 100);
    assert!(parsed.errors[99].notes[0].contains("only the first 100"));
    let parsed = parse(FileId(0), &format!("{}\nlet x = )", "\"\\q\" ".repeat(10_000)));
    assert!(parsed.has_errors());
    assert_eq!(parsed.errors.len(), 101);
}

#[test]
fn one_error_a_mistake() {
    for (program, expected) in [
        ("let x = (1 + )\nlet y = 2", "E0201"),
        ("action f( { }\nprint(1)", "E0201"),
        ("print(\"abc\nlet y = {", "E0103"),
        ("if x:\n    y = 1\n    z = 2\nw = 3", "E0208"),
        ("let x = 12abc + 1", "E0105"),
        ("let x = a & b", "E0102"),
        ("data D { a: int, 5, b: int }", "E0201"),
        ("x = match y { 1 =>  }", "E0201"),
        ("let x = @", "E0201"),
        ("f(1, , 2)", "E0201"),
    ] {
        assert_eq!(codes(program), [expected], "{program}");
    }
}
