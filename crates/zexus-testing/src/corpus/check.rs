//! Runs cases and compares what happened with what they state.

use std::fmt::{self, Write as _};

use super::case::Case;
use super::expected::Expected;

/// A diagnostic as a run reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Code such as `E0405`.
    pub code: String,
    /// Line of the spot it is about, from 1, counted in the program; 0 if it is about no line of this file.
    pub line: usize,
    /// The message alone.
    pub message: String,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Everything that was printed.
    pub stdout: String,
    /// Compile-time errors, or the errors that ended the run.
    pub diagnostics: Vec<Diagnostic>,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
    /// Exit code (language.md 21.2).
    pub exit: i32,
}

/// A way of running a program, such as a tier at an optimization level.
pub struct Cell<'a> {
    /// Name for reports.
    pub name: &'a str,
    /// What it offers to cases that state needs.
    pub offers: &'a [&'a str],
    /// Runs a case.
    pub execute: &'a dyn Fn(&Case) -> Outcome,
}

/// A case that did not do what it states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Name of the case.
    pub case: String,
    /// Name of the cell.
    pub cell: String,
    /// What differs; the first one is the headline.
    pub differences: Vec<String>,
    /// Expected (`-`) and actual (`+`) output around the lines that differ; empty if the output is right.
    pub diff: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut differences = self.differences.iter();
        let headline = differences.next().map_or("", String::as_str);
        write!(f, "FAIL {} [{}] {headline}", self.case, self.cell)?;
        for difference in differences {
            write!(f, "\n    {difference}")?;
        }
        for line in self.diff.lines() {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

/// The result of running many cases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Number of runs: cases times cells.
    pub runs: usize,
    /// Cases times cells that were left out because the cell does not offer what the case needs.
    pub left_out: usize,
    /// Those that failed, in order of cases.
    pub failures: Vec<Failure>,
}

impl Report {
    /// Whether there were runs and all of them passed.
    pub fn passed(&self) -> bool {
        self.runs > 0 && self.failures.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "{failure}")?;
        }
        write!(f, "{} of {} runs failed, {} left out", self.failures.len(), self.runs, self.left_out)
    }
}

/// Runs every case in every cell.
pub fn run(cases: &[Case], cells: &[Cell<'_>]) -> Report {
    let mut report = Report::default();
    for case in cases {
        for cell in cells {
            if !case.expected.needs.iter().all(|need| cell.offers.contains(&need.as_str())) {
                report.left_out += 1;
                continue;
            }
            report.runs += 1;
            report.failures.extend(compare(case, cell.name, &(cell.execute)(case)));
        }
    }
    report
}

/// Compares the outcome of one run with what the case states; `None` if they agree.
pub fn compare(case: &Case, cell: &str, outcome: &Outcome) -> Option<Failure> {
    let (mut differences, diff) = match compare_stdout(case, &outcome.stdout) {
        Some((headline, diff)) => (vec![headline], diff),
        None => (Vec::new(), String::new()),
    };
    compare_diagnostics(case, &outcome.diagnostics, &mut differences);
    compare_warnings(case, &outcome.warnings, &mut differences);
    compare_exit(&case.expected, outcome.exit, &mut differences);
    (!differences.is_empty()).then(|| Failure {
        case: case.name.clone(),
        cell: cell.to_owned(),
        differences,
        diff,
    })
}

/// Lines of an output; the line end after the last one begins no further line, and trailing spaces do not count.
fn lines(output: &str) -> Vec<&str> {
    let output =
        output.strip_suffix('\n').unwrap_or(if output.is_empty() { return Vec::new() } else { output });
    output.split('\n').map(str::trim_end).collect()
}

fn compare_stdout(case: &Case, stdout: &str) -> Option<(String, String)> {
    let stated = &case.expected.stdout;
    let expected: Vec<&str> = stated.iter().map(|line| line.text.as_str()).collect();
    let actual = lines(stdout);
    let first = (0..expected.len().max(actual.len())).find(|&i| expected.get(i) != actual.get(i))?;
    let headline = match (stated.get(first), actual.get(first)) {
        (Some(line), Some(actual)) => {
            format!("line {}: printed {actual:?}, expected {:?}", case.file_line(line.stated_at), line.text)
        }
        (Some(line), None) => {
            format!("line {}: output ended, expected {:?}", case.file_line(line.stated_at), line.text)
        }
        (None, actual) => format!("printed {:?} after the last expected line", actual.unwrap_or(&"")),
    };
    Some((headline, diff(&expected, &actual, first)))
}

/// Lines kept before and after the difference, and of each side at most.
const CONTEXT: usize = 2;
const SHOWN: usize = 20;

/// Shows the lines from the first difference to the last, with those around them.
fn diff(expected: &[&str], actual: &[&str], first: usize) -> String {
    let longest_tail = expected.len().min(actual.len()) - first.min(expected.len().min(actual.len()));
    let same_tail = (0..longest_tail)
        .take_while(|&i| expected.get(expected.len() - 1 - i) == actual.get(actual.len() - 1 - i))
        .count();
    let mut text = String::new();
    let mut show = |mark: char, lines: &[&str]| {
        for line in lines.iter().take(SHOWN) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{mark} {line}");
        }
        if lines.len() > SHOWN {
            let _ = writeln!(text, "{mark} … {} more", lines.len() - SHOWN);
        }
    };
    show(' ', expected.get(first.saturating_sub(CONTEXT)..first).unwrap_or(&[]));
    show('-', expected.get(first..expected.len() - same_tail).unwrap_or(&[]));
    show('+', actual.get(first..actual.len() - same_tail).unwrap_or(&[]));
    let tail = expected.get(expected.len() - same_tail..).unwrap_or(&[]);
    show(' ', tail.get(..CONTEXT.min(tail.len())).unwrap_or(&[]));
    text
}

/// Every stated error must be there once, and no other.
fn compare_diagnostics(case: &Case, actual: &[Diagnostic], differences: &mut Vec<String>) {
    let mut left: Vec<&Diagnostic> = actual.iter().collect();
    let mut missing = Vec::new();
    for stated in &case.expected.diagnostics {
        let fits = |d: &&Diagnostic| {
            d.code == stated.code
                && stated.line.is_none_or(|line| line == d.line)
                && d.message.starts_with(&stated.message)
        };
        match left.iter().position(fits) {
            Some(index) => {
                left.remove(index);
            }
            None => missing.push(stated),
        }
    }
    for stated in missing {
        let place = if stated.line.is_some() { "here" } else { "on any line" };
        differences.push(format!(
            "line {}: expected {} {:?} {place}, {}",
            case.file_line(stated.stated_at),
            stated.code,
            stated.message,
            if actual.is_empty() { "there was no error" } else { "there was none that fits" },
        ));
    }
    for diagnostic in left {
        differences.push(format!("unexpected {}", describe(case, diagnostic)));
    }
}

fn compare_warnings(case: &Case, actual: &[Diagnostic], differences: &mut Vec<String>) {
    for stated in &case.expected.warnings {
        let fits = |d: &Diagnostic| d.code == stated.code && stated.line.is_none_or(|line| line == d.line);
        if !actual.iter().any(fits) {
            let line = case.file_line(stated.stated_at);
            differences.push(format!("line {line}: expected the warning {}", stated.code));
        }
    }
    if case.expected.no_warnings {
        differences.extend(actual.iter().map(|warning| format!("unexpected {}", describe(case, warning))));
    }
}

fn describe(case: &Case, diagnostic: &Diagnostic) -> String {
    let Diagnostic { code, line, message } = diagnostic;
    match line {
        0 => format!("{code} {message:?}"),
        line => format!("{code} {message:?} on line {}", case.file_line(*line)),
    }
}

fn compare_exit(expected: &Expected, actual: i32, differences: &mut Vec<String>) {
    let usual = usual_exits(expected);
    let fits = match expected.exit {
        Some(exit) => exit == actual,
        None => usual.contains(&actual),
    };
    if !fits {
        let expected = expected.exit.map_or_else(|| format!("{usual:?}"), |exit| exit.to_string());
        differences.push(format!("exit code {actual}, expected {expected}"));
    }
}

/// Exit codes that fit the stated errors: 0 without one, 2 if the program was not started, 1 if it was (language.md 21.2).
fn usual_exits(expected: &Expected) -> &'static [i32] {
    let Some(first) = expected.diagnostics.first() else {
        return &[0];
    };
    let code = first.code.as_str();
    match code {
        // Found at compile time or, in other circumstances, at run time.
        "E0304" | "E0311" | "E0603" => &[1, 2],
        "E0302" | "E0313" => &[1],
        "E0514" => &[2],
        _ if ["E01", "E02", "E03", "E06", "E07"].iter().any(|family| code.starts_with(family)) => &[2],
        _ => &[1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(source: &str) -> Case {
        Case::new("x.zx".into(), "x.zx".into(), 1, source.as_bytes().to_vec()).unwrap()
    }

    fn diagnostic(code: &str, line: usize, message: &str) -> Diagnostic {
        Diagnostic { code: code.into(), line, message: message.into() }
    }

    fn failed(code: &str, line: usize, message: &str, exit: i32) -> Outcome {
        Outcome { diagnostics: vec![diagnostic(code, line, message)], exit, ..Outcome::default() }
    }

    fn printed(stdout: &str) -> Outcome {
        Outcome { stdout: stdout.into(), ..Outcome::default() }
    }

    fn check(source: &str, outcome: &Outcome, expected: &str) {
        let text = compare(&case(source), "tier 0", outcome).map_or_else(String::new, |f| f.to_string());
        assert_eq!(text, expected);
    }

    #[test]
    fn equal_output_passes() {
        check("print(1) //= 1\n//= b", &printed("1\nb\n"), "");
        check("print() //=\n", &printed("\n"), "");
        check("print(1) //= a", &printed("a  \n"), "");
        check("let a = 1", &printed(""), "");
    }

    #[test]
    fn different_output_shows_both() {
        check(
            "//= a\n//= b\n//= c\n//= d\n",
            &printed("a\nx\ny\nc\nd\n"),
            "FAIL x.zx [tier 0] line 2: printed \"x\", expected \"b\"\n      a\n    - b\n    + x\n    + y\n      c\n      d",
        );
    }

    #[test]
    fn missing_and_surplus_output() {
        check(
            "//= a\n//= a\n",
            &printed("a\n"),
            "FAIL x.zx [tier 0] line 2: output ended, expected \"a\"\n      a\n    - a",
        );
        check(
            "//= a\n",
            &printed("a\na\n"),
            "FAIL x.zx [tier 0] printed \"a\" after the last expected line\n      a\n    + a",
        );
        check(
            "let a = 1\n",
            &printed("\n"),
            "FAIL x.zx [tier 0] printed \"\" after the last expected line\n    + ",
        );
    }

    #[test]
    fn long_differences_are_cut() {
        let failure = compare(&case("//= a"), "t", &printed(&"b\n".repeat(100))).unwrap();
        assert_eq!(failure.diff.lines().count(), 22);
        assert!(failure.diff.ends_with("+ … 80 more\n"));
    }

    #[test]
    fn diagnostics_by_code_line_and_beginning() {
        let source = "print(1 / 0)   //! E0405 Division";
        check(source, &failed("E0405", 1, "Division by zero", 1), "");
        check("//! E0405\nprint(1 / 0)", &failed("E0405", 2, "Division by zero", 1), "");
        check(
            source,
            &failed("E0405", 2, "Division by zero", 1),
            "FAIL x.zx [tier 0] line 1: expected E0405 \"Division\" here, there was none that fits\n    \
             unexpected E0405 \"Division by zero\" on line 2",
        );
        check(
            source,
            &failed("E0406", 1, "Division", 1),
            "FAIL x.zx [tier 0] line 1: expected E0405 \"Division\" here, there was none that fits\n    \
             unexpected E0406 \"Division\" on line 1",
        );
        check(
            source,
            &printed(""),
            "FAIL x.zx [tier 0] line 1: expected E0405 \"Division\" here, there was no error\n    \
             exit code 0, expected [1]",
        );
    }

    #[test]
    fn each_diagnostic_counts_once() {
        let mut outcome = failed("E0301", 1, "a", 2);
        outcome.diagnostics.push(diagnostic("E0301", 2, "b"));
        check("x //! E0301\ny //! E0301", &outcome, "");
        check("x //! E0301", &outcome, "FAIL x.zx [tier 0] unexpected E0301 \"b\" on line 2");
        outcome.diagnostics.pop();
        check(
            "//! E0301\n//! E0301",
            &outcome,
            "FAIL x.zx [tier 0] line 2: expected E0301 \"\" on any line, there was none that fits",
        );
    }

    #[test]
    fn unexpected_errors_fail() {
        check(
            "let a = 1",
            &failed("E0401", 0, "m", 1),
            "FAIL x.zx [tier 0] unexpected E0401 \"m\"\n    exit code 1, expected [0]",
        );
    }

    #[test]
    fn warnings_count_if_stated() {
        let warned = |line| Outcome { warnings: vec![diagnostic("W0905", line, "m")], ..Outcome::default() };
        check("let a = 1", &warned(1), "");
        check("a //? W0905", &warned(1), "");
        check("\n//? W0905", &warned(1), "");
        check("a //? W0905", &warned(2), "FAIL x.zx [tier 0] line 1: expected the warning W0905");
        check("//? none", &warned(2), "FAIL x.zx [tier 0] unexpected W0905 \"m\" on line 2");
        check("//? none", &printed(""), "");
    }

    #[test]
    fn exit_codes() {
        check("a //! E0405", &failed("E0405", 1, "", 2), "FAIL x.zx [tier 0] exit code 2, expected [1]");
        check("a //! E0301", &failed("E0301", 1, "", 2), "");
        check("a //! E0302", &failed("E0302", 1, "", 1), "");
        check("a //! E0603", &failed("E0603", 1, "", 1), "");
        check("//@ exit: 7", &Outcome { exit: 7, ..Outcome::default() }, "");
        check("//@ exit: 7", &printed(""), "FAIL x.zx [tier 0] exit code 0, expected 7");
    }

    #[test]
    fn lines_are_those_of_the_document() {
        let case = Case::new("doc.md:40".into(), "doc.md".into(), 40, b"\nprint(1) //= 1".to_vec()).unwrap();
        let failure = compare(&case, "t", &printed("2\n")).unwrap();
        assert_eq!(failure.differences, ["line 41: printed \"2\", expected \"1\""]);
    }

    #[test]
    fn every_case_runs_in_every_cell() {
        let cases = [case("print(1) //= 1"), case("print(2) //= 2")];
        let one = |_: &Case| printed("1\n");
        let two = |_: &Case| printed("2\n");
        let report = run(
            &cases,
            &[
                Cell { name: "one", offers: &[], execute: &one },
                Cell { name: "two", offers: &[], execute: &two },
            ],
        );
        assert_eq!(report.runs, 4);
        let failed: Vec<_> = report.failures.iter().map(|f| f.cell.as_str()).collect();
        assert_eq!(failed, ["two", "one"]);
        assert!(!report.passed());
        assert!(report.to_string().ends_with("\n2 of 4 runs failed, 0 left out"));
        assert!(!Report::default().passed());
    }
}
