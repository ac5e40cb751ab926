//! Whatever the text is, the parser ends, keeps its bounds and loses no byte.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use zexus_syntax::{
    Code, FileId, Parsed, SourceMap, dump, highlight, is_incomplete, parse, render, render_json,
};

/// Parses and checks what holds for every text.
fn checked(text: &str) -> Parsed {
    let parsed = parse(FileId(0), text);
    let mut end = 0;
    for token in &parsed.tokens {
        assert_eq!(token.span.start, end);
        assert!(token.span.end > token.span.start);
        end = token.span.end;
    }
    assert_eq!(end as usize, text.len());
    assert!(parsed.errors.len() <= 200);
    for error in &parsed.errors {
        let (_, span) = error.primary().unwrap();
        assert!(span.start <= span.end && span.end as usize <= text.len(), "{error:?}");
    }
    parsed
}

/// Does everything with a text that can be done.
fn exercise(text: &str) {
    let parsed = checked(text);
    let _ = is_incomplete(text);
    let joined: usize = highlight(text).iter().map(|(span, _)| span.len() as usize).sum();
    assert!(joined <= text.len());
    assert!(parsed.module.body.is_empty() || !dump(&parsed.module).is_empty());
    let mut sources = SourceMap::new();
    sources.add("x.zx", text);
    for error in parsed.errors.iter().take(5) {
        assert!(render(error, &sources, false).contains(error.code.as_str()));
        assert!(render_json(error, &sources).contains(error.code.as_str()));
    }
}

/// Pieces that programs are made of.
const PIECES: &[&str] = &[
    "let ",
    "const ",
    "x",
    " y ",
    "1",
    "2.5",
    "\"s\"",
    "'q'",
    "\"a${",
    "}",
    "\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "=",
    "==",
    "=>",
    "->",
    ":",
    ";",
    ",",
    ".",
    "?.",
    "?",
    "??",
    "+",
    "-",
    "*",
    "**",
    "/",
    "%",
    "<",
    ">",
    ">=",
    "<<",
    "..",
    "..=",
    "...",
    "!",
    "&&",
    "||",
    "@",
    "\n",
    "\r",
    " ",
    "\t",
    "if ",
    "else ",
    "elif ",
    "while ",
    "for ",
    "in ",
    "try ",
    "catch ",
    "finally ",
    "match ",
    "case ",
    "default ",
    "pattern ",
    "action ",
    "function ",
    "async ",
    "await ",
    "spawn ",
    "data ",
    "entity ",
    "contract ",
    "state ",
    "enum ",
    "protocol ",
    "interface ",
    "implements ",
    "extends ",
    "module ",
    "package ",
    "use ",
    "from ",
    "import ",
    "export ",
    "as ",
    "to ",
    "with ",
    "emit ",
    "event ",
    "stream ",
    "watch ",
    "tx ",
    "atomic ",
    "defer ",
    "using ",
    "exactly ",
    "require ",
    "verify ",
    "validate ",
    "revert ",
    "protect ",
    "restrict ",
    "seal ",
    "audit ",
    "trail ",
    "grant ",
    "capability ",
    "inject ",
    "channel ",
    "sandbox ",
    "sealed ",
    "private ",
    "public ",
    "view ",
    "limit ",
    "modifier ",
    "type_alias ",
    "external ",
    "immutable ",
    "persistent ",
    "storage ",
    "ledger ",
    "lambda ",
    "not ",
    "and ",
    "or ",
    "div ",
    "print ",
    "return ",
    "break ",
    "throw ",
    "this",
    "null ",
    "operator ",
    "computed ",
    "method ",
    "then ",
    "screen ",
    "_",
    "/*",
    "*/",
    "//",
    "#",
    "\\",
    "é",
    "\0",
    "++",
    "--",
    "0x",
    "1e",
    "3.",
    "&",
    "\u{FEFF}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in ".{0,200}") {
        exercise(&text);
    }

    #[test]
    fn token_soup(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..80)) {
        exercise(&pieces.concat());
    }

    #[test]
    fn broken_programs(at in 0usize..2000, cut in 0usize..20, piece in prop::sample::select(PIECES)) {
        let program = include_str!("everything.zx");
        let mut from = at % program.len();
        while !program.is_char_boundary(from) { from -= 1; }
        let mut to = (from + cut).min(program.len());
        while !program.is_char_boundary(to) { to -= 1; }
        exercise(&format!("{}{piece}{}", &program[..from], &program[to..]));
    }
}

#[test]
fn everything_parses() {
    let program = include_str!("everything.zx");
    let parsed = checked(program);
    assert!(parsed.errors.is_empty(), "{:#?}", parsed.errors.first());
    for end in 0..program.len() {
        if program.is_char_boundary(end) {
            checked(&program[..end]);
        }
    }
}

/// Runs on a thread with the stack that the main thread of a release build needs at most in a debug build.
fn with_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(8 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn nesting_is_bounded() {
    with_stack(|| {
        let units = [
            "(",
            "[",
            "({a: ",
            "f(",
            "a[",
            "\"${",
            "- ",
            "not ",
            "await ",
            "x ? ",
            "x ? 1 : ",
            "x => ",
            "x => { ",
            "lambda: ",
            "2 ** ",
            "if a then ",
            "if a { ",
            "{ ",
            "tx { ",
            "defer ",
            "match ",
            "match x { _ => ",
            "match x { case 1 if ",
            "let x = sandbox { ",
            "action f() { ",
            "T{a: ",
            "T<a>(",
            "print(",
            "require(a, ",
            "watch (",
            "module M { ",
            "data D { method m() { ",
            "contract C { action f() { ",
            "1 ?? 1 || 1 && 1 == 1 < 1 .. 1 + 1 * (",
            "if ",
        ];
        for unit in units {
            let parsed = checked(&unit.repeat(100_000 / unit.len()));
            let codes: Vec<_> = parsed.errors.iter().map(|error| error.code).collect();
            assert!(codes.contains(&Code::E0218) && codes.len() <= 2, "{unit}: {codes:?}");
        }
    });
}

#[test]
fn nesting_up_to_the_limit_is_fine() {
    with_stack(|| {
        for (open, inner, close) in
            [("(", "1", ")"), ("[", "", "]"), ("{ ", "", "}"), ("if a { ", "", "}"), ("-", "1", "")]
        {
            let program = |depth: usize| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            let program =
                |depth| if open == "-" { program(depth).replace('-', "- ") } else { program(depth) };
            assert!(checked(&program(256)).errors.is_empty(), "{open}");
            let errors = checked(&program(257)).errors;
            assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), [Code::E0218], "{open}");
        }
    });
}

#[test]
fn hostile_texts_end() {
    with_stack(|| {
        let n = 300_000;
        for text in [
            "\"".repeat(n),
            "'".repeat(n + 1),
            "a".repeat(n),
            "\0".repeat(n),
            "9".repeat(n),
            format!("0x{}", "f".repeat(n)),
            format!("1.{}", "9".repeat(n)),
            "/*".repeat(n),
            "a<".repeat(n),
            "channel<".repeat(n / 8),
            "public ".repeat(n / 7),
            ")".repeat(n),
            "}".repeat(n),
            "if x:\n".repeat(n / 6),
            format!("\"{}\"", "\\q".repeat(n)),
            "action ".repeat(n / 7),
            "print(1) ".repeat(n / 9),
            "@".repeat(n),
            "export a;".repeat(n / 9),
            format!("let a{}", ",a".repeat(n)),
            format!("try {{}} catch {}", "(".repeat(n)),
            "([{".repeat(n) + &")}]".repeat(n),
            "\n".repeat(n),
            " ".repeat(n),
            "else ".repeat(n / 5),
            "1..".repeat(n),
            "😀".repeat(n),
            "?".repeat(n),
            "\\".repeat(n),
        ] {
            checked(&text);
        }
    });
}

#[test]
fn integers_are_refused_by_length() {
    let codes = |text: &str| parse(FileId(0), text).errors.iter().map(|error| error.code).collect::<Vec<_>>();
    assert_eq!(codes(&"9".repeat(1233)), []);
    assert_eq!(codes(&"9".repeat(1234)), [Code::E0106]);
    assert_eq!(codes(&format!("{}1", "0".repeat(5000))), []);
    assert_eq!(codes(&format!("0x{}", "f".repeat(1024))), []);
    assert_eq!(codes(&format!("0x1{}", "0".repeat(1024))), [Code::E0106]);
    assert_eq!(codes(&format!("0b{}", "1".repeat(4097))), [Code::E0106]);
    assert_eq!(codes(&"9".repeat(1_000_000)), [Code::E0106]);
}
