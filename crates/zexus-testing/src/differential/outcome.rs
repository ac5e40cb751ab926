//! What a program does: everything that one can see of a run.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use zexus::host::{Block, Caps, Captured, FileChange, FileError, Host, PathKind};
use zexus::{Data, Engine, Error, Limits, Program};

use super::Config;
use crate::engine::TIME;
use crate::generate::{LIBRARY, LIBRARY_PATH};

/// How often a program is asked whether it should stop before it counts as hanging.
const PATIENCE: u64 = 500;

/// Bytes of memory and of output of a program, and active calls.
const LIMITS: (u64, u64, u32) = (64 << 20, 1 << 20, 300);

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

/// All that one can see of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
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

/// The errors of a program that was not started, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub Vec<String>);

/// The engine of differential tests, which knows the library that programs import.
fn engine() -> Engine {
    let (memory, output, depth) = LIMITS;
    let limits = Limits { memory, output: Some(output), depth, ..Limits::default() };
    Engine::new().limits(limits).grant(Caps::ALL).module(LIBRARY_PATH, LIBRARY)
}

/// Compiles a program once for all configurations.
///
/// # Errors
/// The errors of the checker.
pub fn compile(text: &str) -> Result<Program, Refused> {
    match catch_unwind(AssertUnwindSafe(|| engine().compile(text))) {
        Ok(Ok(program)) => Ok(program),
        Ok(Err(Error::Compile(list))) => {
            Err(Refused(list.iter().filter(|d| d.is_error()).map(ToString::to_string).collect()))
        }
        Ok(Err(other)) => Err(Refused(vec![other.to_string()])),
        Err(panic) => Err(Refused(vec![format!("panicked: {}", panic_text(&*panic))])),
    }
}

/// Runs a program on a configuration. A panic is an outcome, too.
pub fn execute(program: &Program, config: Config) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| run(program, config))).unwrap_or_else(|panic| Outcome {
        defect: Some(format!("panicked: {}", panic_text(&*panic))),
        exit: 101,
        ..Outcome::default()
    })
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text").to_owned()
}

fn run(program: &Program, config: Config) -> Outcome {
    let engine = engine();
    let host = Captured::new().time(TIME).seed(1).input("one\ntwo\n").variable("HOME", "/home");
    let patient = Patient { inner: host.clone(), asked: Cell::new(0) };
    let mut instance = engine.instance_on(program, patient);
    if config.stress {
        instance.collect_at_every_safe_point();
    }
    let mut outcome = Outcome::default();
    match instance.run() {
        Ok(data) => outcome.value = show(&data),
        Err(Error::Run(list)) => {
            outcome.exit = 1;
            outcome.errors = list.iter().map(seen).collect();
        }
        Err(Error::Exit(code)) => outcome.exit = code,
        Err(Error::Stopped(_)) => outcome.stopped = true,
        Err(Error::Out(why)) => outcome.value = format!("({why})"),
        Err(other) => outcome.defect = Some(other.to_string()),
    }
    outcome.output = host.take_output();
    outcome.lines = host.take_diagnostics();
    let journal = instance.journal();
    if journal.depth() != 0 {
        outcome.defect = Some("a transaction is still open at the end".into());
    }
    outcome.state = journal.records().map(|(k, v)| (k.to_vec(), v.to_vec())).collect();
    outcome.events = journal.events().iter().map(|e| format!("{e:?}")).collect();
    outcome.ledger = journal.entries().iter().map(|e| format!("{e:?}")).collect();
    outcome
}

fn seen(d: &zexus::Diagnostic) -> ErrorSeen {
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

/// What differs first between two outcomes of one program: what it is, and both sides. Gas counts if both runs are metered.
pub fn difference(a: &Outcome, b: &Outcome) -> Option<(&'static str, String, String)> {
    if a.defect.is_some() || b.defect.is_some() {
        let text = |o: &Outcome| o.defect.clone().unwrap_or_else(|| "(none)".into());
        return Some(("defect", text(a), text(b)));
    }
    if a.stopped || b.stopped {
        return None;
    }
    if a == b {
        return None;
    }
    if a.output != b.output {
        let (x, y) = first_line(&a.output, &b.output);
        return Some(("output", x, y));
    }
    if a.errors != b.errors {
        let at = (0..).find(|i| a.errors.get(*i) != b.errors.get(*i)).unwrap_or(0);
        return Some(("error", format!("{:#?}", a.errors.get(at)), format!("{:#?}", b.errors.get(at))));
    }
    let differs = |name, x: &String, y: &String| (x != y).then(|| (name, x.clone(), y.clone()));
    let lists = |name, x: &[String], y: &[String]| {
        (x != y).then(|| {
            let (x, y) = first_line(&x.join("\n"), &y.join("\n"));
            (name, x, y)
        })
    };
    differs("value", &a.value, &b.value)
        .or_else(|| differs("exit code", &a.exit.to_string(), &b.exit.to_string()))
        .or_else(|| lists("event", &a.events, &b.events))
        .or_else(|| lists("ledger entry", &a.ledger, &b.ledger))
        .or_else(|| lists("state record", &records(&a.state), &records(&b.state)))
        .or_else(|| lists("diagnostic line", &a.lines, &b.lines))
        .or_else(|| match (a.gas, b.gas) {
            (Some(x), Some(y)) if x != y => Some(("gas", x.to_string(), y.to_string())),
            _ => None,
        })
}

fn records(state: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<String> {
    state.iter().map(|(k, v)| format!("{} = {}", k.escape_ascii(), v.escape_ascii())).collect()
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

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
        part("state", &mut records(&self.state).into_iter());
        part("line", &mut self.lines.iter().cloned());
        part("gas", &mut self.gas.iter().map(ToString::to_string));
        part("exit", &mut std::iter::once(self.exit.to_string()));
        part("defect", &mut self.defect.iter().cloned());
        part("stopped", &mut self.stopped.then(|| "the run did not end".to_owned()).into_iter());
        f.write_str(&text)
    }
}

/// A host that stops a run after a number of steps; it knows no clock, so a run is stopped at the same step each time.
struct Patient {
    inner: Captured,
    asked: Cell<u64>,
}

impl Host for Patient {
    fn block(&mut self) -> Block {
        self.inner.block()
    }
    fn print(&mut self, text: &str) -> Result<(), String> {
        self.inner.print(text)
    }
    fn diagnostic(&mut self, line: &str) {
        self.inner.diagnostic(line);
    }
    fn caps(&self) -> Caps {
        self.inner.caps()
    }
    fn interrupted(&mut self) -> bool {
        let asked = self.asked.get() + 1;
        self.asked.set(asked);
        asked > PATIENCE
    }
    fn now(&mut self) -> i64 {
        self.inner.now()
    }
    fn sleep_until(&mut self, time: i64) {
        self.inner.sleep_until(time);
    }
    fn random(&mut self, out: &mut [u8]) {
        self.inner.random(out);
    }
    fn input(&mut self, prompt: &str) -> Result<Option<String>, String> {
        Host::input(&mut self.inner, prompt)
    }
    fn env(&mut self, name: &str) -> Option<String> {
        self.inner.env(name)
    }
    fn read(&mut self, path: &str) -> Result<Vec<u8>, FileError> {
        self.inner.read(path)
    }
    fn path_kind(&mut self, path: &str) -> Result<PathKind, FileError> {
        self.inner.path_kind(path)
    }
    fn list_dir(&mut self, path: &str) -> Result<Vec<String>, FileError> {
        self.inner.list_dir(path)
    }
    fn change(&mut self, change: FileChange<'_>) -> Result<(), FileError> {
        self.inner.change(change)
    }
}
