//! The corpus itself is well formed: this runs no program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use zexus_testing::corpus::{Case, LoadError, examples, walk};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn lang() -> Result<Vec<Case>, LoadError> {
    walk(&root().join("tests/lang"))
}

fn spec() -> PathBuf {
    root().join("docs/spec/language.md")
}

#[test]
fn every_case_names_its_section_and_states_an_outcome() {
    let cases = lang().unwrap();
    assert!(cases.len() > 1000, "only {} cases", cases.len());
    for case in cases {
        let text = case.text();
        let title = text.trim_start_matches('\u{feff}').lines().next().unwrap_or("");
        let section = title.trim_start_matches(['#', '!', ' ']).trim_start_matches("chain.md ");
        assert!(
            title.starts_with('#') && section.starts_with(|c: char| c.is_ascii_digit()),
            "{}: first line {title:?} names no section",
            case.name
        );
        assert!(case.expected.states_outcome(), "{} states no outcome", case.name);
    }
}

#[test]
fn every_stated_code_is_in_the_table_of_diagnostics() {
    let text = std::fs::read_to_string(spec()).unwrap();
    let known: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()).collect();
    for case in lang().unwrap() {
        let expected = &case.expected;
        let codes =
            expected.diagnostics.iter().map(|d| &d.code).chain(expected.warnings.iter().map(|w| &w.code));
        for code in codes {
            assert!(known.contains(code.as_str()), "{}: {code} is not in 23.1", case.name);
        }
    }
}

#[test]
fn every_example_of_the_specification_states_an_outcome() {
    let text = std::fs::read_to_string(spec()).unwrap();
    let fences = text.lines().filter(|line| line.starts_with("```zexus")).count();
    let cases = examples("language.md", &spec()).unwrap();
    assert!(fences > 0);
    assert_eq!(cases.len(), fences);
}
