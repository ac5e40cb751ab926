//! `zexus diff`: one program on all tiers.

use zexus::host::Captured;
use zexus::{Engine, Execution, Limits, Observation, Program, Tier, files::Files};

use crate::args::Diff;
use crate::output::print;
use crate::report::Reporter;
use crate::{run, source};

/// A way to run a program.
struct Way {
    name: &'static str,
    tier: Tier,
    level: u8,
    /// Whether gas is counted.
    metered: bool,
    /// Whether the heap is collected at every chance.
    stress: bool,
}

const WALK: Way = Way { name: "tier 0", tier: Tier::Evaluator, level: 0, metered: false, stress: false };
const VM: Way = Way { name: "tier 1", tier: Tier::Vm, ..WALK };

/// Native code at the first chance.
const NATIVE: Way = Way { name: "tier 2", tier: Tier::Native, ..WALK };

const WAYS: &[Way] = &[
    WALK,
    VM,
    Way { name: "tier 1, level 1", level: 1, ..VM },
    Way { name: "tier 1, level 2", level: 2, ..VM },
    Way { name: "tier 1, level 3", level: 3, ..VM },
    Way { name: "tier 1, collecting all the time", stress: true, ..VM },
    Way { name: "tier 1, metered", metered: true, ..VM },
    Way { name: "tier 1, metered, level 3", metered: true, level: 3, ..VM },
    NATIVE,
    Way { name: "tier 2, collecting all the time", stress: true, ..NATIVE },
    Way { name: "tier 2, metered", metered: true, ..NATIVE },
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
    let observe = |way| observe(args, &engine, &program, way);
    let Some(reference) = observe(&WALK) else {
        reporter.message("the root cannot be opened");
        return 2;
    };
    let mut text = String::new();
    let mut differs = false;
    let mut paid: Option<Observation> = None;
    for way in WAYS {
        let Some(seen) = observe(way) else { continue };
        let name = way.name;
        let gas = seen.gas.map(|gas| format!(", gas {gas}")).unwrap_or_default();
        // Gas can be compared only between metered runs.
        let by_gas = paid.as_ref().and_then(|paid| paid.difference(&seen));
        match reference.difference(&seen).or(by_gas) {
            None => text.push_str(&format!("{name}: same{gas}\n")),
            Some(d) => {
                differs = true;
                text.push_str(&format!(
                    "{name}: differs in {}\n  before: {}\n  here:   {}\n",
                    d.what, d.one, d.other
                ));
            }
        }
        if seen.gas.is_some() {
            paid.get_or_insert(seen);
        }
    }
    text.push_str(&format!("\n{reference}"));
    print(&text).max(u8::from(differs))
}

fn observe(args: &Diff, engine: &Engine, program: &Program, way: &Way) -> Option<Observation> {
    let limits = Limits { gas: way.metered.then_some(args.gas_limit), ..Limits::default() };
    let Way { tier, level, metered, .. } = *way;
    let execution = Execution { tier, level: Some(level), metered, jit_threshold: 1, ..Execution::default() };
    let engine = engine.clone().limits(limits).execution(execution);
    let root = args.root.as_deref().unwrap_or_else(|| run::root_of(&args.file));
    let host = Captured::new().seed(1).files(Files::new(root).ok()?);
    let mut instance = engine.instance_on(program, host.clone()).with_args(&args.args);
    if way.stress {
        instance.collect_at_every_safe_point();
    }
    Some(instance.observe(&host))
}
