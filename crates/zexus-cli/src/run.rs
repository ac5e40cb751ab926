//! `zexus run`.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use zexus::files::{self, Files};
use zexus::{Block, Engine, Error, Execution, Instance, InterruptHandle, Limits, Outcome, Tier};

use crate::args::chain::StoreArgs;
use crate::args::{Launch, Run, TierName, Tiers, World};
use crate::cache;
use crate::host::{Input, SystemHost, system_time};
use crate::interrupt::{self, Cause};
use crate::output::{Output, note};
use crate::report::Reporter;
use crate::source;
use crate::trace::Trace;

/// A program that is about to run.
pub struct Ready {
    /// Runs it.
    pub instance: Instance,
    /// Its standard output.
    pub output: Output,
    interrupt: InterruptHandle,
    reporter: Reporter,
}

impl Ready {
    /// Compiles a program and sets up its world, reporting what is wrong; nothing if it cannot be started.
    pub fn new(launch: &Launch, engine: &Engine, reporter: Reporter) -> Option<Ready> {
        let started = || {
            let program = source::compile(engine, &launch.file)?;
            reporter.diagnostics(program.warnings());
            let (output, interrupt) = (Output::new(), InterruptHandle::new());
            let host = host(&launch.world, root_of(&launch.file), &output, &interrupt)?;
            let instance = engine.instance_on(&program, host).with_args(&launch.args);
            Ok(Ready { instance, output, interrupt, reporter })
        };
        started().map_err(|error: Error| reporter.not_started(&error)).ok()
    }

    /// Runs the program and reports how it ended; gives the exit code.
    pub fn run(&mut self, launch: &Launch) -> u8 {
        interrupt::on_ctrl_c(&self.interrupt);
        if let Some(time) = launch.timeout {
            interrupt::after(time, &self.interrupt);
        }
        interrupt::set_running(true);
        let outcome = self.instance.execute();
        interrupt::set_running(false);
        finish(&outcome, &self.output, self.reporter, launch)
    }
}

/// Runs a program; gives the exit code.
pub fn run(args: &Run, color: bool) -> u8 {
    let launch = &args.launch;
    let reporter = Reporter::new(&launch.report, color);
    let engine = engine(&launch.world, args.tiers.gas_limit).execution(execution(&args.tiers, args.gas));
    let engine = engine.clock(seconds);
    let engine = match cache::user() {
        Some(user) if !args.no_cache => engine.cache(user),
        _ => engine,
    };
    let Some(mut ready) = Ready::new(launch, &engine, reporter) else { return 2 };
    if let Some(limit) = ready.instance.fallback() {
        reporter.warning(&format!("{}: {}; the program runs on tier 0", limit.code(), limit.message()));
    }
    // A program may ask for a trace itself (language.md 21.1).
    let asked = ready.instance.program().directives().trace || args.trace_filter.is_some();
    let mut trace = None;
    if let Some(file) = args.trace.as_ref().or(asked.then_some(&None)) {
        let filter = args.trace_filter.clone().unwrap_or_default();
        match Trace::start(&mut ready.instance, file.as_deref(), filter, &ready.output) {
            Ok(started) => trace = Some(started),
            Err(error) => {
                reporter.not_started(&error);
                return 2;
            }
        }
    }
    if let Some(state) = &args.state
        && let Err(error) = attach(&mut ready.instance, state)
    {
        reporter.message(&error.to_string());
        return 2;
    }
    let code = ready.run(launch);
    if let Some(Err(e)) = trace.map(|trace| trace.finish()) {
        reporter.warning(&format!("the trace cannot be written: {}", files::reason(&e)));
    }
    if let Some(why) = engine.cache_failure() {
        reporter.warning(&format!("the cache cannot be written: {why}; --no-cache goes without it"));
    }
    if args.gas {
        reporter.rows("gas", &[("gas_used", ready.instance.gas_used())]);
    }
    if args.jit_log {
        ready.instance.jit_log().iter().for_each(|line| note(line));
    }
    if args.stats {
        let statistics = engine.statistics();
        reporter.rows("statistics", &statistics.rows());
        reporter.optimizer(&statistics.optimizer);
        if engine.has_native_code() {
            reporter.jit(&ready.instance.jit_stats());
        }
    }
    // Nothing is left to do with the objects: the system takes the memory back faster.
    std::mem::forget(ready);
    code
}

/// Puts the store in a file beneath a program, whatever the name of its chain.
fn attach(instance: &mut Instance, file: &Path) -> Result<(), zexus_chain::StoreError> {
    let args = StoreArgs { state: file.to_owned(), chain: None, json: false };
    zexus_chain::attach(instance, crate::chain::open(&args)?)
}

fn finish(outcome: &Outcome, output: &Output, reporter: Reporter, launch: &Launch) -> u8 {
    let flushed = output.flush();
    if output.is_closed() {
        // Whoever read the output has seen enough; there is nothing to complain about.
        return 1;
    }
    reporter.diagnostics(&outcome.diagnostics);
    if let Some(stopped) = &outcome.stopped {
        match interrupt::cause() {
            Cause::Timeout => {
                reporter.stopped(&interrupt::timeout_message(launch.timeout.unwrap_or_default()), stopped);
                return 1;
            }
            Cause::Signal => {
                reporter.stopped("interrupted", stopped);
                return interrupt::INTERRUPTED;
            }
            Cause::None => {
                reporter
                    .stopped(if stopped.message.is_empty() { "stopped" } else { &stopped.message }, stopped);
                return 1;
            }
        }
    }
    if let Err(e) = flushed {
        reporter.message(&format!("cannot write to standard output: {}", files::reason(&e)));
        return 1;
    }
    outcome.exit_code
}

/// Seconds since the first question.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64()
}

/// How the command line wants programs to be run.
fn execution(tiers: &Tiers, gas: bool) -> Execution {
    let tier = match tiers.tier {
        TierName::Auto => Tier::Auto,
        TierName::Zero => Tier::Evaluator,
        TierName::One => Tier::Vm,
        TierName::Two if tiers.no_jit => Tier::Vm,
        TierName::Two => Tier::Native,
    };
    Execution {
        tier,
        level: tiers.opt_level,
        metered: gas,
        jit_threshold: tiers.jit_threshold,
        ..Execution::default()
    }
}

/// The engine that the command line describes.
pub fn engine(world: &World, gas: Option<u64>) -> Engine {
    let limits = Limits {
        gas,
        memory: world.memory_limit,
        depth: world.depth_limit,
        output: world.output_limit,
        ..Limits::default()
    };
    let engine = Engine::new().limits(limits).grant(world.allow);
    match &world.root {
        Some(root) => engine.root(root),
        None => engine,
    }
}

/// The directory that the files of a program lie below, unless the command line names one.
pub fn root_of(file: &Path) -> &Path {
    match file.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}

/// The host that the command line describes.
///
/// # Errors
/// [`Error::File`] if the root cannot be opened.
pub fn host(
    world: &World,
    root: &Path,
    output: &Output,
    interrupt: &InterruptHandle,
) -> Result<SystemHost, Error> {
    let root = world.root.as_deref().unwrap_or(root);
    let files = Files::new(root)
        .map_err(|e| Error::File { path: root.to_string_lossy().into_owned(), reason: files::reason(&e) })?;
    let block = Block {
        time: world.time.unwrap_or_else(system_time),
        height: world.height,
        caller: world.caller.as_str().into(),
        ..Block::default()
    };
    Ok(SystemHost {
        block,
        allow: world.allow,
        files,
        output: output.clone(),
        input: Input::default(),
        interrupt: interrupt.clone(),
    })
}
