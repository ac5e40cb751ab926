use super::*;

#[test]
fn the_version() {
    zexus(&["--version"]).expect(0, concat!("zexus ", env!("CARGO_PKG_VERSION"), "\n"), &[]);
}

#[test]
fn help_is_no_error() {
    let ran = zexus(&["--help"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    for word in ["run", "check", "repl", "explain", "doc", "completions", "Exit codes"] {
        assert!(ran.out.contains(word), "{}", ran.out);
    }
    assert_eq!(zexus(&[]).code, Some(2));
}

#[test]
fn a_code_is_explained() {
    let ran = zexus(&["explain", "E0405"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.starts_with("E0405: `Division by zero`\n\n"), "{}", ran.out);
    assert_eq!(zexus(&["explain", "405"]).out, ran.out);
}

#[test]
fn every_code_is_listed_and_has_an_explanation() {
    let list = zexus(&["explain"]).out;
    assert_eq!(list.lines().count(), zexus_syntax::Code::ALL.len());
    for code in zexus_syntax::Code::ALL {
        assert!(list.contains(code.as_str()));
    }
}

#[test]
fn an_unknown_code_gets_a_suggestion() {
    zexus(&["explain", "E0O405"]).expect(2, "", &["error: there is no code 'E0O405'; did you mean E0405?"]);
}

#[test]
fn names_are_documented() {
    let ran = zexus(&["doc", "sort"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains("builtin") && ran.out.contains("method of list"), "{}", ran.out);
    assert!(zexus(&["doc", "math"]).out.contains("math.floor"));
    assert!(zexus(&["doc"]).out.starts_with("builtins\n"));
    zexus(&["doc", "srot"]).expect(2, "", &["there is nothing of the name 'srot'", "sort"]);
}

#[test]
fn completions_are_written() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = zexus(&["completions", shell]);
        assert_eq!(ran.code, Some(0));
        assert!(ran.out.contains("zexus"), "{shell}");
    }
    assert_eq!(zexus(&["completions", "cmd"]).code, Some(2));
}
