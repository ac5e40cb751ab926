//! Modules of real programs, and runs of whatever the verifier accepts.

use std::path::Path;

use zexus::{Caps, Engine, Execution, Limits, Tier};
use zexus_bytecode::{Module, Verified};

use crate::corpus::{LoadError, walk};
use crate::differential::Patient;

/// The gas of a run.
const GAS: u64 = 20_000;

/// How often a run without gas is asked whether it should stop.
const STEPS: u64 = 20;

/// The modules of all programs below a directory of cases that compile, without those of more than `most` bytes.
///
/// # Errors
/// A case that does not read.
pub fn corpus(dir: &Path, most: usize) -> Result<Vec<Module>, LoadError> {
    let mut out = Vec::new();
    for case in walk(dir)? {
        let root = case.path.parent().unwrap_or(Path::new("."));
        let Ok(program) = Engine::new().root(root).grant(Caps::ALL).compile_file(&case.path) else {
            continue;
        };
        let Ok(compiled) = program.compiled() else { continue };
        let modules = compiled.modules.iter().map(|m| &m.module);
        out.extend(modules.filter(|m| m.to_bytes().len() <= most).cloned());
    }
    Ok(out)
}

/// Runs an accepted module with and without gas, inside limits; what is wrong, if the run contradicts itself or leaves them.
pub fn run(verified: &Verified) -> Option<String> {
    [true, false].into_iter().find_map(|metered| run_once(verified.module(), metered))
}

/// As [`run`], with gas only: code that loops without a jump back is stopped by nothing else.
pub fn run_metered(verified: &Verified) -> Option<String> {
    run_once(verified.module(), true)
}

fn run_once(module: &Module, metered: bool) -> Option<String> {
    let limits = Limits {
        memory: 8 << 20,
        output: Some(1 << 16),
        depth: 100,
        gas: metered.then_some(GAS),
        ..Limits::default()
    };
    let engine = Engine::new()
        .execution(Execution { tier: Tier::Vm, ..Execution::default() })
        .limits(limits)
        .grant(Caps::NONE);
    // What it imports may not exist.
    let program = engine.load("main", module.clone()).ok()?;
    // Each unit of gas allows for one question at most.
    let patience = if metered { GAS } else { STEPS };
    let mut instance = engine.instance_on(&program, Patient::new(Default::default(), patience));
    let ended = instance.execute();
    if ended.exit_code == 101 {
        return Some(format!("exit code 101: {:?}", ended.diagnostics));
    }
    if instance.journal().depth() != 0 {
        return Some("a transaction is open at the end".into());
    }
    let stopped = metered && ended.stopped.is_some();
    stopped.then(|| format!("a run with {GAS} units of gas did not end by itself"))
}
