//! Everything that one can see of a run, and how two runs differ.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use crate::data::Data;
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::host::Captured;
use crate::instance::Instance;

/// An error that ended a program or a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorSeen {
    /// Its code.
    pub code: String,
    /// Its message.
    pub message: String,
    /// File, line and column.
    pub place: String,
    /// First byte, and one after the last one.
    pub span: Option<(u32, u32)>,
    /// The active calls, innermost first.
    pub calls: Vec<String>,
}

impl ErrorSeen {
    fn difference(&self, other: &ErrorSeen) -> Option<Difference> {
        let span = |e: &ErrorSeen| format!("{:?}", e.span);
        let parts = [
            ("error code", self.code.clone(), other.code.clone()),
            ("error message", self.message.clone(), other.message.clone()),
            ("error place", self.place.clone(), other.place.clone()),
            ("error calls", self.calls.join("; "), other.calls.join("; ")),
            ("error span", span(self), span(other)),
        ];
        let (what, one, other) = parts.into_iter().find(|(_, one, other)| one != other)?;
        Some(Difference { what, one, other })
    }
}

/// All that one can see of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// The value of the program, or why it cannot be shown.
    pub value: String,
    /// What it printed.
    pub output: String,
    /// The lines of the diagnostic stream.
    pub lines: Vec<String>,
    /// The errors that nobody caught.
    pub errors: Vec<ErrorSeen>,
    /// The exit code.
    pub exit: u8,
    /// The events that stand.
    pub events: Vec<String>,
    /// The records of the state by their keys.
    pub state: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The entries of the ledger.
    pub ledger: Vec<String>,
    /// Gas used, in a metered run.
    pub gas: Option<u64>,
    /// The run was stopped from outside: nothing can be said of it.
    pub stopped: bool,
    /// The implementation panicked or contradicted itself.
    pub defect: Option<String>,
}

impl Instance {
    /// Runs the program and notes all that can be seen of it. `host` is the one that the instance runs on.
    pub fn observe(&mut self, host: &Captured) -> Observation {
        let mut seen = Observation::default();
        match self.run() {
            Ok(data) => seen.value = show(&data),
            Err(Error::Run(list)) => {
                seen.exit = 1;
                seen.errors = list.iter().map(error).collect();
            }
            Err(Error::Exit(code)) => seen.exit = code,
            Err(Error::Stopped(_)) => seen.stopped = true,
            Err(Error::Out(why)) => seen.value = format!("({why})"),
            Err(other) => seen.defect = Some(other.to_string()),
        }
        seen.output = host.take_output();
        seen.lines = host.take_diagnostics();
        seen.gas = self.is_metered().then(|| self.gas_used());
        let journal = self.journal();
        if journal.depth() != 0 {
            seen.defect = Some("a transaction is still open at the end".into());
        }
        seen.state = journal.records().map(|(k, v)| (k.to_vec(), v.to_vec())).collect();
        seen.events = journal.events().iter().map(|e| format!("{e:?}")).collect();
        seen.ledger = journal.entries().iter().map(|e| format!("{e:?}")).collect();
        seen
    }
}

fn error(d: &Diagnostic) -> ErrorSeen {
    ErrorSeen {
        code: d.code().to_string(),
        message: d.message().to_owned(),
        place: d.place().map(|place| place.to_string()).unwrap_or_default(),
        span: d.raw().primary().map(|(_, span)| (span.start, span.end)),
        calls: d.notes().to_vec(),
    }
}

/// The value with bits of floats, so that negative zero and rounding show.
fn show(data: &Data) -> String {
    format!("{data:?}")
}

/// What differs first between two runs of one program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is: `output`, `error`, `value`, `gas` and so on.
    pub what: &'static str,
    /// One side.
    pub one: String,
    /// The other side.
    pub other: String,
}

impl Observation {
    /// What differs first from another run of the same program. Gas counts if both runs were metered; of a run that was stopped
    /// nothing can be said, and a metered run may meet the memory limit earlier than one that collects (chain.md 12).
    pub fn difference(&self, other: &Observation) -> Option<Difference> {
        let (a, b) = (self, other);
        if a.defect.is_some() || b.defect.is_some() {
            let text = |o: &Observation| o.defect.clone().unwrap_or_else(|| "(none)".into());
            return Some(Difference { what: "defect", one: text(a), other: text(b) });
        }
        if a.stopped || b.stopped || a == b {
            return None;
        }
        let full = |o: &Observation| o.errors.iter().any(|e| e.code == "E0430");
        if a.gas.is_some() != b.gas.is_some() && (full(a) || full(b)) {
            return None;
        }
        let lists = |what, x: &[String], y: &[String]| {
            let (one, other) = (x != y).then(|| first_line(&x.join("\n"), &y.join("\n")))?;
            Some(Difference { what, one, other })
        };
        let values = |what, x: &dyn fmt::Display, y: &dyn fmt::Display| {
            let (one, other) = (x.to_string(), y.to_string());
            (one != other).then_some(Difference { what, one, other })
        };
        let lines = |text: &str| text.split('\n').map(str::to_owned).collect::<Vec<String>>();
        let errors = || {
            let pairs = a.errors.iter().zip(&b.errors);
            let pair = pairs.filter_map(|(x, y)| x.difference(y)).next();
            pair.or_else(|| values("number of errors", &a.errors.len(), &b.errors.len()))
        };
        lists("output", &lines(&a.output), &lines(&b.output))
            .or_else(errors)
            .or_else(|| values("value", &a.value, &b.value))
            .or_else(|| values("exit code", &a.exit, &b.exit))
            .or_else(|| lists("event", &a.events, &b.events))
            .or_else(|| lists("ledger entry", &a.ledger, &b.ledger))
            .or_else(|| lists("state record", &a.records(), &b.records()))
            .or_else(|| lists("diagnostic line", &a.lines, &b.lines))
            .or_else(|| values("gas", &a.gas?, &b.gas?))
    }

    /// The records of the state as text.
    pub fn records(&self) -> Vec<String> {
        self.state.iter().map(|(k, v)| format!("{} = {}", k.escape_ascii(), v.escape_ascii())).collect()
    }
}

/// The first lines that differ, with their number.
fn first_line(a: &str, b: &str) -> (String, String) {
    let (mut x, mut y) = (a.lines(), b.lines());
    let mut at = 1;
    loop {
        match (x.next(), y.next()) {
            (Some(one), Some(other)) if one == other => at += 1,
            (one, other) => {
                let text = |line: Option<&str>| match line {
                    Some(line) => format!("line {at}: {line}"),
                    None => format!("line {at}: (nothing)"),
                };
                return (text(one), text(other));
            }
        }
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let mut part = |name: &str, lines: &mut dyn Iterator<Item = String>| {
            for line in lines {
                let _ = writeln!(text, "  {name:<8} {}", line.trim_end().replace('\n', "\n           "));
            }
        };
        part("output", &mut self.output.lines().map(str::to_owned));
        part("value", &mut std::iter::once(self.value.clone()));
        part("error", &mut self.errors.iter().map(|e| format!("{e:?}")));
        part("event", &mut self.events.iter().cloned());
        part("ledger", &mut self.ledger.iter().cloned());
        part("state", &mut self.records().into_iter());
        part("line", &mut self.lines.iter().cloned());
        part("gas", &mut self.gas.iter().map(ToString::to_string));
        part("exit", &mut std::iter::once(self.exit.to_string()));
        part("defect", &mut self.defect.iter().cloned());
        part("stopped", &mut self.stopped.then(|| "the run did not end".to_owned()).into_iter());
        f.write_str(&text)
    }
}
