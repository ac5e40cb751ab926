//! The tables of codes, keywords and words without a meaning, and what is derived from them.

use zexus_syntax::{Class, Code, FileId, ForeignWord, Keyword, parse, suggest};

#[test]
fn codes_are_found_by_text() {
    assert_eq!(Code::parse("E0405"), Some(Code::E0405));
    assert_eq!(Code::parse(" w0905 "), Some(Code::W0905));
    assert_eq!(Code::parse("E9999"), None);
    assert_eq!(Code::ALL.len(), 111);
}

#[test]
fn codes_have_what_language_23_1_says() {
    assert_eq!(Code::E0405.kind(), Some("division_by_zero"));
    assert_eq!(Code::E0428.kind(), None);
    assert_eq!(Code::E0504.class(), Class::Fatal);
    assert_eq!(Code::E0301.class(), Class::Both);
    assert_eq!(Code::E0201.class(), Class::Compile);
    for code in Code::ALL {
        assert_eq!(code.class() == Class::Warning, code.as_str().starts_with('W'), "{code}");
        let run = matches!(code.class(), Class::Run | Class::Both);
        assert!(run || code.kind().is_none(), "{code}");
        assert!(run == code.kind().is_some() || *code == Code::E0428, "{code}");
    }
}

/// The first code block after a heading of an explanation.
fn block<'a>(explanation: &'a str, heading: &str) -> Option<&'a str> {
    explanation
        .split_once(heading)?
        .1
        .split_once("```zexus\n")?
        .1
        .split_once("```")
        .map(|(program, _)| program)
}

#[test]
fn explanations_are_right() {
    for code in Code::ALL {
        let text = code.explanation();
        assert!(text.len() > 60, "{code}");
        let abridged = |program: &str| program.contains('…') || program.contains("# main.zx");
        if let Some(program) = block(text, "Right:").filter(|program| !abridged(program)) {
            let errors = parse(FileId(0), program).errors;
            assert!(errors.is_empty(), "{code}: {errors:?}");
        }
        if let Some(program) = block(text, "Wrong:").filter(|program| !abridged(program)) {
            let errors = parse(FileId(0), program).errors;
            assert!(errors.iter().all(|error| error.code == *code), "{code}: {errors:?}");
        }
    }
}

#[test]
fn keywords_are_found_by_text() {
    for &keyword in Keyword::ALL {
        assert_eq!(Keyword::parse(keyword.as_str()), Some(keyword));
        assert!(keyword.doc().ends_with('.'), "{keyword:?}");
    }
    assert_eq!(Keyword::ALL.iter().filter(|keyword| keyword.is_reserved()).count(), 26);
    for word in ["", "If", "iff", "names", "_", "zz", "é"] {
        assert_eq!(Keyword::parse(word), None, "{word}");
    }
}

#[test]
fn keywords_are_those_of_language_2_4() {
    let reserved = "and await break catch const continue elif else false finally for if in lambda let match not null or \
                    print return this throw true try while";
    let contextual = "action as async atomic audit capability case channel computed contract data debug default defer div \
                      each emit entity enum event exactly export extends external from function grant immutable \
                      implements import inject interface ledger limit method modifier module operator package pattern \
                      payable persistent private protect protocol public pure require restrict revert revoke sandbox \
                      sanitize seal sealed secure self spawn state storage stream super then to trail tx type_alias use \
                      using validate verified verify view watch with";
    let all: Vec<&str> = reserved.split_whitespace().chain(contextual.split_whitespace()).collect();
    assert_eq!(Keyword::ALL.iter().map(|keyword| keyword.as_str()).collect::<Vec<_>>(), all);
}

#[test]
fn foreign_words_have_alternatives() {
    assert_eq!(ForeignWord::find("screen").map(|row| row.statement), Some(true));
    assert_eq!(ForeignWord::find("draw_line").map(|row| row.statement), Some(false));
    assert_eq!(ForeignWord::find("print"), None);
    assert_eq!(ForeignWord::message("screen"), "'screen' is not part of Zexus here");
    for row in ForeignWord::ALL {
        assert!(!row.alternative.is_empty() && Keyword::parse(row.word).is_none(), "{}", row.word);
    }
}

#[test]
fn suggestions() {
    let names = ["print", "println", "length", "index_of", "x"];
    for (word, expected) in [
        ("pritn", Some("print")),
        ("Print", Some("print")),
        ("lenght", Some("length")),
        ("indexof", Some("index_of")),
        ("y", None),
        ("zebra", None),
        ("print", None),
        ("prin", Some("print")),
    ] {
        assert_eq!(suggest(word, names), expected, "{word}");
    }
    let long = "a".repeat(65);
    assert_eq!(suggest(&long, [long.as_str(), "b"]), None);
}
