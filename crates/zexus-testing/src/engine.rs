//! Runs cases on the engine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use zexus::files::Files;
use zexus::host::Captured;
use zexus::{Caps, Engine, Error, Execution, JitMode, Program, Tier};

use crate::corpus::{Case, Diagnostic, Outcome};

/// The time that block data and the virtual clock of every case start at, in milliseconds since 1970.
pub const TIME: i64 = 1_700_000_000_000;

/// How long a case may take before it counts as hanging. Far more than needed, for busy machines.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a case is executed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Config {
    /// The tier that runs it.
    pub tier: Tier,
    /// Counts gas, with no limit but that of the case.
    pub metered: bool,
    /// The level of the optimizer. A metered run at one, or with a trace, must use the same gas as without.
    pub level: u8,
    /// Collects at every safe point.
    pub stress: bool,
    /// Traces the run.
    pub traced: bool,
    /// How native code is made, on tier 2, where everything is hot at the first chance.
    pub jit: JitMode,
}

/// Compiles and runs a case. A panic or a run that does not end shows as a diagnostic that no case states.
pub fn execute(case: &Case, config: Config) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| run(case, config))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
            .unwrap_or_default();
        defect(format!("panicked: {text}"))
    })
}

fn defect(message: String) -> Outcome {
    let diagnostic = Diagnostic { code: "defect".into(), line: 0, message };
    Outcome { diagnostics: vec![diagnostic], exit: 101, ..Outcome::default() }
}

fn run(case: &Case, config: Config) -> Outcome {
    let (outcome, gas) = run_counted(case, config);
    if config.metered && (config.traced || config.level > 0 || config.tier == Tier::Native) {
        let (_, plain) = run_counted(case, Config { tier: Tier::Vm, traced: false, level: 0, ..config });
        if gas != plain {
            return defect(format!("used {gas} gas, {plain} without a trace at level 0 of tier 1"));
        }
    }
    outcome
}

/// The outcome, and the gas used.
fn run_counted(case: &Case, config: Config) -> (Outcome, u64) {
    let defect = |message| (defect(message), 0);
    let expected = &case.expected;
    let dir = case.path.parent().unwrap_or(std::path::Path::new("."));
    let caps = expected.caps.iter().filter_map(|c| Caps::from_name(c)).fold(Caps::NONE, Caps::or);
    let execution = Execution {
        tier: config.tier,
        metered: config.metered,
        level: Some(config.level),
        fallback_to_interpreter: false,
        jit_threshold: 1,
        jit_mode: config.jit,
        ..Execution::default()
    };
    let engine = Engine::new().root(dir).grant(caps).execution(execution);
    let from_file = case.path.extension().is_some_and(|e| e == "zx");
    let compiled = if from_file {
        engine.compile_file(&case.path)
    } else {
        engine.compile_named("main.zx", &case.text())
    };
    let program = match compiled {
        Ok(program) => program,
        Err(Error::Compile(list)) => return (refused(case, &list), 0),
        Err(other) => return defect(other.to_string()),
    };
    let host = Captured::new().time(TIME).seed(1).input(&expected.stdin);
    let host = match Files::new(dir) {
        Ok(files) => host.files(files),
        Err(e) => return defect(e.to_string()),
    };
    let mut instance = engine.instance_on(&program, host.clone()).with_args(&expected.args);
    if config.traced
        && let Err(e) = instance.trace(zexus::TraceFilter::default(), drop_line)
    {
        return defect(e.to_string());
    }
    if config.stress {
        instance.collect_at_every_safe_point();
    }
    let handle = instance.interrupt_handle();
    let (done, waiting) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        if waiting.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            handle.interrupt();
        }
    });
    let ended = instance.execute();
    drop(done);
    let _ = watch.join();
    let mut diagnostics: Vec<Diagnostic> = ended.diagnostics.iter().map(|d| report(case, d)).collect();
    if let Some(stopped) = ended.stopped {
        diagnostics.push(Diagnostic { code: "stopped".into(), line: 0, message: stopped.message });
    }
    let outcome = Outcome {
        stdout: host.take_output(),
        diagnostics,
        warnings: warnings(case, &program),
        exit: i32::from(ended.exit_code),
    };
    (outcome, instance.gas_used())
}

/// Takes a line of a trace, which must be an object of JSON.
fn drop_line(line: &str) {
    assert!(line.starts_with("{\"") && line.ends_with('}'), "{line}");
}

fn warnings(case: &Case, program: &Program) -> Vec<Diagnostic> {
    program.warnings().iter().map(|d| report(case, d)).collect()
}

fn refused(case: &Case, list: &[zexus::Diagnostic]) -> Outcome {
    let (errors, warnings): (Vec<_>, Vec<_>) = list.iter().partition(|d| d.is_error());
    Outcome {
        stdout: String::new(),
        diagnostics: errors.into_iter().map(|d| report(case, d)).collect(),
        warnings: warnings.into_iter().map(|d| report(case, d)).collect(),
        exit: 2,
    }
}

/// Lines count only in the program itself, not in the modules it imports.
fn report(case: &Case, d: &zexus::Diagnostic) -> Diagnostic {
    let main =
        case.path.file_name().and_then(|n| n.to_str()).filter(|n| n.ends_with(".zx")).unwrap_or("main.zx");
    let line = match d.place() {
        Some(place) if place.file.rsplit('/').next() == Some(main) => place.line as usize,
        _ => 0,
    };
    Diagnostic { code: d.code().as_str().to_owned(), line, message: d.message().to_owned() }
}
