//! `zexus diff`: one program on all tiers.

use zexus::host::Captured;
use zexus::{Engine, Execution, Limits, Program, Tier, files::Files};

use crate::args::Diff;
use crate::output::print;
use crate::report::Reporter;
use crate::{run, source};

/// The ways to run a program: how they are called, the tier, whether gas is counted, whether the heap is collected at every chance.
const WAYS: &[(&str, Tier, bool, bool)] = &[
    ("tier 0", Tier::Evaluator, false, false),
    ("tier 1", Tier::Vm, false, false),
    ("tier 1, collecting all the time", Tier::Vm, false, true),
    ("tier 1, metered", Tier::Vm, true, false),
];

/// Runs a program in every way there is, compares what comes out with tier 0, and gives the exit code: 1 if anything differs.
///
/// It runs on a host in memory: output is kept, the clock is virtual, files can be read below the root.
pub fn diff(args: &Diff, color: bool) -> u8 {
    let reporter = Reporter::new(&args.report, color);
    let mut engine = Engine::new().grant(zexus::Caps::ALL);
    if let Some(root) = &args.root {
        engine = engine.root(root);
    }
    let program = match source::compile(&engine, &args.file) {
        Ok(program) => program,
        Err(error) => {
            reporter.not_started(&error);
            return 2;
        }
    };
    let observe = |tier, metered, stress| observe(args, &engine, &program, tier, metered, stress);
    let Some(reference) = observe(Tier::Evaluator, false, false) else {
        reporter.message("the root cannot be opened");
        return 2;
    };
    let mut text = String::new();
    let mut differs = false;
    for (name, tier, metered, stress) in WAYS {
        let Some(seen) = observe(*tier, *metered, *stress) else { continue };
        let gas = seen.gas.map(|gas| format!(", gas {gas}")).unwrap_or_default();
        match reference.difference(&seen) {
            None => text.push_str(&format!("{name}: same{gas}\n")),
            Some(d) => {
                differs = true;
                text.push_str(&format!(
                    "{name}: differs in {}\n  tier 0: {}\n  here:   {}\n",
                    d.what, d.one, d.other
                ));
            }
        }
    }
    text.push_str(&format!("\n{reference}"));
    print(&text).max(u8::from(differs))
}

fn observe(
    args: &Diff,
    engine: &Engine,
    program: &Program,
    tier: Tier,
    metered: bool,
    stress: bool,
) -> Option<zexus::Observation> {
    let limits = Limits { gas: metered.then_some(args.gas_limit), ..Limits::default() };
    let engine = engine.clone().limits(limits).execution(Execution { tier, metered, ..Execution::default() });
    let root = args.root.as_deref().unwrap_or_else(|| run::root_of(&args.file));
    let host = Captured::new().seed(1).files(Files::new(root).ok()?);
    let mut instance = engine.instance_on(program, host.clone()).with_args(&args.args);
    if stress {
        instance.collect_at_every_safe_point();
    }
    Some(instance.observe(&host))
}
