//! Whatever the text is, lowering ends, and a program comes out exactly if there are no errors.

use proptest::prelude::*;
use zexus_hir::{BuiltinSig, Externs, Loaded, NoFiles, Session, dump, lower_program};
use zexus_syntax::FileId;

const WORDS: &[&str] = &[
    "let",
    "const",
    "x",
    "y",
    "f",
    "C",
    "M",
    "P",
    "=",
    "+=",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ".",
    "?.",
    ":",
    ";",
    "\n",
    "=>",
    "action",
    "data",
    "entity",
    "contract",
    "enum",
    "state",
    "ledger",
    "modifier",
    "_",
    "event",
    "emit",
    "watch",
    "stream",
    "as",
    "defer",
    "return",
    "break",
    "continue",
    "while",
    "for",
    "in",
    "if",
    "else",
    "match",
    "pattern",
    "case",
    "try",
    "catch",
    "throw",
    "module",
    "package",
    "export",
    "use",
    "from",
    "\"math\"",
    "this",
    "super",
    "self",
    "TX",
    "gas",
    "extends",
    "implements",
    "protocol",
    "method",
    "operator",
    "+",
    "computed",
    "require",
    "seal",
    "restrict",
    "inject",
    "channel",
    "sandbox",
    "async",
    "await",
    "tx",
    "1",
    "2.5",
    "\"s${x}\"",
    "null",
    "int",
    "string",
    "type_alias",
    "<",
    ">",
    "|",
    "||",
    "!",
    "...",
    "..",
    "immutable",
    "sealed",
    "private",
    "public",
    "external",
    "using",
    "exactly",
    "capability",
    "grant",
    "protect",
    "audit",
    "action f(x) {",
    "contract C {",
    "data P { x: int }",
    "let x = 1",
    "() => x",
    "f(x)",
    "x.f(1)",
    "C.f()",
    "M.x",
];

fn externs() -> Externs {
    let sig = |name: &str| BuiltinSig { names: vec![name.into()], min: 0, max: Some(2) };
    Externs { builtins: ["print", "len", "tx", "gas"].map(sig).to_vec(), ..Externs::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn token_soups(words in prop::collection::vec(0..WORDS.len(), 0..80)) {
        let text: String = words.iter().map(|index| format!("{} ", WORDS[*index])).collect();
        let main = Loaded { path: "m.zx".into(), text: text.as_str().into(), file: FileId(0) };
        let lowered = lower_program(main, &externs(), &mut NoFiles);
        prop_assert_eq!(lowered.program.is_none(), lowered.has_errors());
        if let Some(program) = &lowered.program {
            prop_assert!(dump(program).contains("fn f0"));
        }
        let mut session = Session::new(externs());
        for (line, id) in text.lines().zip(0u32..) {
            let entry = Loaded { path: "repl".into(), text: line.into(), file: FileId(id) };
            let lowered = session.enter(entry, &mut NoFiles);
            prop_assert_eq!(lowered.program.is_none(), lowered.has_errors());
        }
    }
}
