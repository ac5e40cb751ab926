//! Examples of a Markdown document as cases.

use std::fs;
use std::path::Path;

use super::case::{Case, LoadError};
use super::expected::Malformed;

/// Makes a case of every fenced block of language `zexus` that states an outcome. `name` is how reports call the document.
///
/// # Errors
/// A document that cannot be read, or the first malformed expectation, with the line of the document.
pub fn examples(name: &str, path: &Path) -> Result<Vec<Case>, LoadError> {
    let text = fs::read_to_string(path).map_err(|error| LoadError::Io(path.to_path_buf(), error))?;
    let mut cases = Vec::new();
    for (first_line, source) in blocks(&text) {
        let case_name = format!("{name}:{first_line}");
        let case =
            Case::new(case_name, path.to_path_buf(), first_line, source.into_bytes()).map_err(|error| {
                let line = first_line + error.line - 1;
                LoadError::Malformed(path.to_path_buf(), Malformed { line, ..error })
            })?;
        if case.expected.states_outcome() {
            cases.push(case);
        }
    }
    Ok(cases)
}

/// The `zexus` blocks of a document with the lines at which their content begins, from 1.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    // While inside a fence of any language: whether it is one of ours, where it began, and its content.
    let mut open: Option<(bool, usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        open = match (open.take(), fence) {
            (None, Some(language)) => Some((language.trim() == "zexus", index + 2, String::new())),
            (None, None) => None,
            (Some((ours, first_line, source)), Some(_)) => {
                if ours {
                    found.push((first_line, source));
                }
                None
            }
            (Some((ours, first_line, mut source)), None) => {
                source.push_str(line);
                source.push('\n');
                Some((ours, first_line, source))
            }
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
# Title
```zexus
let a = 1
print(a)   //= 1
```
```text
```
```zexus
no statement about an outcome
```
Text.
```zexus

print(1 / 0)   //! E0405 Division by zero
```
";

    #[test]
    fn blocks_of_the_language_with_their_lines() {
        let found = blocks(DOCUMENT);
        let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 9, 13]);
        assert_eq!(found[0].1, "let a = 1\nprint(a)   //= 1\n");
    }

    #[test]
    fn blocks_that_state_an_outcome_are_cases() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), DOCUMENT).unwrap();
        let cases = examples("doc.md", file.path()).unwrap();
        let names: Vec<_> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["doc.md:3", "doc.md:13"]);
        let error = &cases[1].expected.diagnostics[0];
        assert_eq!((error.line, cases[1].file_line(2)), (Some(2), 14));
    }

    #[test]
    fn malformed_expectations_have_the_line_of_the_document() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "text\n```zexus\nprint(1)\n//! oh\n```\n").unwrap();
        let error = examples("doc.md", file.path()).unwrap_err().to_string();
        assert!(error.ends_with("line 4: 'oh' is no code like E0123"), "{error}");
    }
}
