//! What a program says about its own outcome.

use std::fmt;

use super::comments::{Comment, comments};

/// Everything that the comments of a program state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// Lines of output in order.
    pub stdout: Vec<ExpectedLine>,
    /// Errors that keep the program from starting or end it.
    pub diagnostics: Vec<ExpectedDiagnostic>,
    /// Warnings that must be there.
    pub warnings: Vec<ExpectedWarning>,
    /// Whether there must be no warning at all.
    pub no_warnings: bool,
    /// Program arguments.
    pub args: Vec<String>,
    /// What the program reads from its input.
    pub stdin: String,
    /// Capabilities that the host grants (language.md 17).
    pub caps: Vec<String>,
    /// What a cell must offer to run it, such as `metering`.
    pub needs: Vec<String>,
    /// Exit code, if it is not the usual one of such an end.
    pub exit: Option<i32>,
}

/// A line of output, without trailing spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedLine {
    /// Line of the comment, from 1.
    pub stated_at: usize,
    /// Text of the line.
    pub text: String,
}

/// An error that a program states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedDiagnostic {
    /// Line of the comment, from 1.
    pub stated_at: usize,
    /// Code such as `E0405`.
    pub code: String,
    /// Line of the error, if the comment says it by standing there.
    pub line: Option<usize>,
    /// How the message begins; empty if nothing is said about it.
    pub message: String,
}

/// A warning that a program states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedWarning {
    /// Line of the comment, from 1.
    pub stated_at: usize,
    /// Code such as `W0905`.
    pub code: String,
    /// Line of the warning, if the comment says it by standing there.
    pub line: Option<usize>,
}

/// A comment that looks like an expectation and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Line of the comment, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl Expected {
    /// Reads the expectations of a program.
    ///
    /// # Errors
    /// The first malformed one: a code that is none, an unknown directive, a value that does not fit.
    pub fn parse(source: &str) -> Result<Self, Malformed> {
        let mut expected = Self::default();
        for comment in comments(source) {
            expected.add(&comment).map_err(|reason| Malformed { line: comment.line, reason })?;
        }
        if expected.no_warnings && !expected.warnings.is_empty() {
            return Err(Malformed { line: 1, reason: "'//? none' beside an expected warning".into() });
        }
        Ok(expected)
    }

    /// Whether the program states an output, an error or a warning.
    pub fn states_outcome(&self) -> bool {
        !self.stdout.is_empty()
            || !self.diagnostics.is_empty()
            || !self.warnings.is_empty()
            || self.no_warnings
            || self.exit.is_some()
    }

    fn add(&mut self, comment: &Comment<'_>) -> Result<(), String> {
        let stated_at = comment.line;
        let line = (!comment.alone).then_some(comment.line);
        let mut rest = comment.text.chars();
        let mark = rest.next();
        let text = rest.as_str();
        match mark {
            Some('=') => {
                let text = text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned();
                self.stdout.push(ExpectedLine { stated_at, text });
            }
            Some('!') => {
                let text = text.trim();
                let (code, message) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
                let code = checked_code(code, 'E')?;
                let message = message.trim_start().to_owned();
                self.diagnostics.push(ExpectedDiagnostic { stated_at, code, line, message });
            }
            Some('?') if text.trim() == "none" => self.no_warnings = true,
            Some('?') => {
                let code = checked_code(text.trim(), 'W')?;
                self.warnings.push(ExpectedWarning { stated_at, code, line });
            }
            // `//@zexus` is a directive of the language (21.1); those of the corpus have a space.
            Some('@') if text.starts_with(' ') => self.add_directive(text.trim())?,
            _ => {}
        }
        Ok(())
    }

    fn add_directive(&mut self, text: &str) -> Result<(), String> {
        let (key, value) = text.split_once(':').ok_or_else(|| format!("directive '{text}' has no ':'"))?;
        let value = value.trim();
        let words = || value.split_whitespace().map(str::to_owned);
        match key.trim() {
            "args" => self.args.extend(words()),
            "caps" => self.caps.extend(words()),
            "needs" => self.needs.extend(words()),
            "stdin" => self.stdin.push_str(&unescape(value)),
            "exit" => {
                self.exit = Some(value.parse().map_err(|_| format!("'{value}' is no exit code"))?);
            }
            key => return Err(format!("unknown directive '{key}'")),
        }
        Ok(())
    }
}

fn checked_code(text: &str, letter: char) -> Result<String, String> {
    let digits = text.strip_prefix(letter).unwrap_or("");
    if digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(format!("'{text}' is no code like {letter}0123"))
    }
}

/// Replaces `\n` by a line end and `\\` by a backslash.
fn unescape(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => result.push('\n'),
                Some(other) => result.push(other),
                None => result.push('\\'),
            },
            c => result.push(c),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Expected {
        Expected::parse(source).unwrap()
    }

    fn fails(source: &str, line: usize, reason: &str) {
        assert_eq!(Expected::parse(source), Err(Malformed { line, reason: reason.into() }));
    }

    #[test]
    fn output_keeps_inner_and_leading_spaces() {
        let lines = |source| parse(source).stdout.into_iter().map(|l| l.text).collect::<Vec<_>>();
        assert_eq!(lines("a //= one  two  \n//=   x\n//=\n"), ["one  two", "  x", ""]);
        assert_eq!(parse("\nprint(1) //= 1").stdout, [ExpectedLine { stated_at: 2, text: "1".into() }]);
    }

    #[test]
    fn diagnostics_have_a_line_where_code_is() {
        let found = parse("a //! E0405 Division by zero\n//! E0301").diagnostics;
        assert_eq!(found[0].line, Some(1));
        assert_eq!((found[0].code.as_str(), found[0].message.as_str()), ("E0405", "Division by zero"));
        assert_eq!((found[1].line, found[1].stated_at, found[1].message.as_str()), (None, 2, ""));
    }

    #[test]
    fn warnings() {
        let found = parse("a //? W0905\n//? W0903\n");
        assert_eq!(found.warnings[0], ExpectedWarning { stated_at: 1, code: "W0905".into(), line: Some(1) });
        assert_eq!(found.warnings[1].line, None);
        assert!(!found.no_warnings);
        assert!(parse("//? none").no_warnings);
    }

    #[test]
    fn directives() {
        let found = parse("//@ args: a b\n//@ stdin: one\\ntwo\\\\n\n//@ caps: io.read clock\n//@ exit: 3\n");
        assert_eq!(found.args, ["a", "b"]);
        assert_eq!(found.stdin, "one\ntwo\\n");
        assert_eq!(found.caps, ["io.read", "clock"]);
        assert_eq!(found.exit, Some(3));
    }

    #[test]
    fn other_comments_say_nothing() {
        let found = parse("// plain\n//@zexus gas_limit=5\n# //= no\nlet a = \"//= no\"\n// //= no\n");
        assert_eq!(found, Expected::default());
        assert!(!found.states_outcome());
    }

    #[test]
    fn malformed_ones_are_refused() {
        fails("\n//! 405 x", 2, "'405' is no code like E0123");
        fails("//! W0905", 1, "'W0905' is no code like E0123");
        fails("//? nothing", 1, "'nothing' is no code like W0123");
        fails("//@ grant: x", 1, "unknown directive 'grant'");
        fails("//@ exit", 1, "directive 'exit' has no ':'");
        fails("//@ exit: x", 1, "'x' is no exit code");
        fails("//? none\na //? W0905", 1, "'//? none' beside an expected warning");
    }
}
