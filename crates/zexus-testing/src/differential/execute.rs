//! Running a program on a configuration, the same way each time.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use zexus::host::{Block, Caps, Captured, FileChange, FileError, Host, PathKind};
use zexus::{Engine, Error, Execution, Limits, Observation, Program, Tier};

use super::Config;
use crate::engine::TIME;
use crate::generate::{LIBRARY, LIBRARY_PATH};

/// How often a program is asked whether it should stop before it counts as hanging.
const PATIENCE: u64 = 100;

/// Bytes of memory and of output of a program, and active calls.
const LIMITS: (u64, u64, u32) = (64 << 20, 1 << 20, 300);

/// The errors of a program that was not started, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub Vec<String>);

/// The engine of differential tests, which knows the library that programs import.
fn engine(config: Config, gas: Option<u64>) -> Engine {
    let (memory, output, depth) = LIMITS;
    let limits = Limits { memory, output: Some(output), depth, gas, ..Limits::default() };
    let tier = match config.tier {
        0 => Tier::Evaluator,
        1 => Tier::Vm,
        _ => Tier::Native,
    };
    let execution = Execution {
        tier,
        level: config.level,
        metered: config.metered,
        fallback_to_interpreter: false,
        jit_threshold: 1,
        jit_mode: config.jit,
        ..Execution::default()
    };
    Engine::new().execution(execution).limits(limits).grant(Caps::ALL).module(LIBRARY_PATH, LIBRARY)
}

/// Compiles a program once for all configurations.
///
/// # Errors
/// The errors of the checker.
pub fn compile(text: &str) -> Result<Program, Refused> {
    match catch_unwind(AssertUnwindSafe(|| engine(Config::TIER0, None).compile(text))) {
        Ok(Ok(program)) => Ok(program),
        Ok(Err(Error::Compile(list))) => {
            Err(Refused(list.iter().filter(|d| d.is_error()).map(ToString::to_string).collect()))
        }
        Ok(Err(other)) => Err(Refused(vec![other.to_string()])),
        Err(panic) => Err(Refused(vec![format!("panicked: {}", panic_text(&*panic))])),
    }
}

/// Runs a program on a configuration. A panic is an outcome, too.
pub fn execute(program: &Program, config: Config) -> Observation {
    execute_bounded(program, config, None).0
}

/// As [`execute`] with a gas limit; with what a trace tells of transactions, state, events and ledger if the configuration is traced.
pub fn execute_with_gas(program: &Program, config: Config, gas: u64) -> (Observation, Vec<String>) {
    execute_bounded(program, config, Some(gas))
}

fn execute_bounded(program: &Program, config: Config, gas: Option<u64>) -> (Observation, Vec<String>) {
    catch_unwind(AssertUnwindSafe(|| run(program, config, gas))).unwrap_or_else(|panic| {
        let defect = Some(format!("panicked: {}", panic_text(&*panic)));
        (Observation { defect, exit: 101, ..Observation::default() }, Vec::new())
    })
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text").to_owned()
}

fn run(program: &Program, config: Config, gas: Option<u64>) -> (Observation, Vec<String>) {
    let engine = engine(config, gas);
    let host = Captured::new().time(TIME).seed(1).input("one\ntwo\n").variable("HOME", "/home");
    let patient = Patient::new(host.clone(), PATIENCE);
    let mut instance = engine.instance_on(program, patient);
    if config.stress {
        instance.collect_at_every_safe_point();
    }
    if config.planted {
        instance.plant_a_defect();
    }
    let (sender, notes) = mpsc::channel();
    if config.traced {
        let filter = "tx,state,event,ledger".parse().unwrap_or_default();
        if let Err(error) = instance.trace(filter, move |line| drop(sender.send(line.to_owned()))) {
            let defect = Some(error.to_string());
            return (Observation { defect, ..Observation::default() }, Vec::new());
        }
    }
    let mut seen = instance.observe(&host);
    if instance.is_compiled() != (config.tier > 0) {
        seen.defect = Some(format!("{config} was executed by the other tier"));
    }
    drop(instance);
    (seen, notes.try_iter().collect())
}

/// A host that stops a run after a number of steps; it knows no clock, so a run is stopped at the same step each time.
pub(crate) struct Patient {
    inner: Captured,
    left: Cell<u64>,
}

impl Patient {
    /// A host that answers `left` times that the run may go on.
    pub fn new(inner: Captured, left: u64) -> Patient {
        Patient { inner, left: Cell::new(left) }
    }
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
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left == 0
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
    fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, FileError> {
        self.inner.read(path, most)
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
