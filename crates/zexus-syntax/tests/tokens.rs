//! Places, tokens, colours, incomplete texts and directives.

use zexus_syntax::{
    Directive, FileId, HighlightClass, LineColumn, Setting, SourceFile, Span, TierSetting, highlight,
    is_incomplete, parse,
};

#[test]
fn lines_and_columns() {
    let file = SourceFile::new("x", "ab\r\né=1\rlast\n");
    assert_eq!(file.line_count(), 4);
    for (offset, line, column) in
        [(0, 1, 1), (2, 1, 3), (4, 2, 1), (5, 2, 1), (6, 2, 2), (9, 3, 1), (14, 4, 1), (99, 4, 1)]
    {
        assert_eq!(file.line_column(offset), LineColumn { line, column }, "{offset}");
    }
    assert_eq!(file.line_span(2).text(file.text()), "é=1");
    assert_eq!(file.line_span(1).text(file.text()), "ab");
    assert_eq!(file.line_span(9), Span::at(14));
    assert_eq!(SourceFile::new("x", "").line_column(0), LineColumn { line: 1, column: 1 });
}

/// The words that act as keywords.
fn keywords(text: &str) -> Vec<&str> {
    let is_keyword = |&(_, class): &(Span, HighlightClass)| class == HighlightClass::Keyword;
    highlight(text).into_iter().filter(is_keyword).map(|(span, _)| span.text(text)).collect()
}

#[test]
fn keywords_are_marked_where_they_act() {
    for (text, expected) in [
        ("let data = 1\ndata = 2", vec!["let"]),
        ("data D { }", vec!["data"]),
        ("x.if = {if: 1}", vec![]),
        ("tx { tx(1) }", vec!["tx"]),
        ("for each each in xs { }", vec!["for", "each", "in"]),
        ("match x { case 1: default }", vec!["match", "case"]),
        ("let limit = 1\naction f() limit limit { }", vec!["let", "action", "limit"]),
        ("async f() div 2", vec!["async", "div"]),
        ("persistent storage storage = 1", vec!["persistent", "storage"]),
        ("use {a as as} from \"from\"", vec!["use", "as", "from"]),
    ] {
        assert_eq!(keywords(text), expected, "{text}");
    }
}

#[test]
fn classes() {
    use HighlightClass as C;
    let text = "let x = \"a${b}c\" + 1.5 # end";
    let classes: Vec<_> = highlight(text).into_iter().map(|(span, class)| (span.text(text), class)).collect();
    let expected = [
        ("let", C::Keyword),
        ("x", C::Name),
        ("=", C::Operator),
        ("\"a${", C::String),
        ("b", C::Name),
        ("}c\"", C::String),
        ("+", C::Operator),
        ("1.5", C::Number),
        ("# end", C::Comment),
    ];
    assert_eq!(classes, expected);
}

#[test]
fn incomplete_texts() {
    for text in
        ["f(", "[1,", "x = {", "action f() {\n", "\"abc", "'''a''", "\"${x", "/* a", "\"\"\"a\"", "\"a ${\"b"]
    {
        assert!(is_incomplete(text), "{text}");
    }
    for text in ["", "f()", "1 +", "}", ")", "\"a${b}\"", "// (", "# {", "'('", "x = {a: [1]}", "/* ( */"] {
        assert!(!is_incomplete(text), "{text}");
    }
}

fn directives(text: &str) -> Vec<Directive> {
    parse(FileId(0), text).directives
}

#[test]
fn directives_set_options() {
    let settings =
        |text| directives(text).into_iter().map(|found| found.setting.unwrap()).collect::<Vec<_>>();
    assert_eq!(
        settings("// @zexus: {\"gas_limit\": 5000, \"trace\": true}"),
        [Setting::GasLimit(5000), Setting::Trace(true)]
    );
    assert_eq!(
        settings("# @zexus gas_limit=5000; optimize=2"),
        [Setting::GasLimit(5000), Setting::Optimize(2)]
    );
    assert_eq!(
        settings("/* @zexus tier=auto; tier = 1 */"),
        [Setting::Tier(TierSetting::Auto), Setting::Tier(TierSetting::Fixed(1))]
    );
    assert_eq!(
        settings("let x = 1 // @zexus strict_transactions=false"),
        [Setting::StrictTransactions(false)]
    );
    assert_eq!(settings(&format!("{}# @zexus trace=true", "\n".repeat(24))), [Setting::Trace(true)]);
}

#[test]
fn what_is_no_directive() {
    for text in [
        "print(\"@zexus trace=true\")".to_owned(),
        "# @zexusx trace=true".to_owned(),
        format!("{}# @zexus trace=true", "\n".repeat(25)),
        format!("/*{}@zexus trace=true */", "\n".repeat(25)),
        "# @zexus".to_owned(),
    ] {
        assert!(directives(&text).is_empty(), "{text:?}");
    }
    let found = directives("# @zexus gas=1");
    assert_eq!((found[0].key.as_str(), found[0].value.as_str(), found[0].setting), ("gas", "1", None));
    assert_eq!(found[0].span.text("# @zexus gas=1"), "gas=1");
}
