//! What each pass is worth: the benchmark programs on tier 1 at level 3, beside the same without the pass.

use std::path::Path;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use zexus::{Engine, Execution, Module, Program, Tier};
use zexus_optimizer::{BytecodeOptimizer, DEFAULT_MAX_PASSES, MAX_LEVEL, Pass};

/// Rounds in which all run once, one after the other; the shortest time counts.
const ROUNDS: usize = 5;

/// The programs, with sizes that take some hundredths of a second.
const PROGRAMS: &[(&str, u64)] = &[
    ("arith_loop", 1_000_000),
    ("fib", 27),
    ("sieve", 200_000),
    ("nbody", 20_000),
    ("mandelbrot", 40),
    ("matmul", 1),
    ("map_int", 200_000),
    ("map_str", 100_000),
    ("strings", 30),
    ("closures", 600_000),
    ("objects", 800_000),
    ("hash_loop", 20_000),
    ("merkle", 10),
    ("token_transfer", 50_000),
    ("quicksort", 100_000),
    ("binary_trees", 10),
];

/// Seconds of processor time so far.
fn clock() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("usage");
    (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6
}

fn run(engine: &Engine, program: &Program) -> (f64, String) {
    let mut instance = engine.instance(program);
    let start = clock();
    instance.run().expect("it ends");
    (clock() - start, instance.take_output())
}

/// Prints the table.
pub fn table(root: &Path) {
    println!(
        "Time on tier 1 with a pass as a part of that without it, level {MAX_LEVEL}, shortest of {ROUNDS} interleaved rounds"
    );
    println!("  {:<24}{:>8}{:>8}  program with the least", "pass", "mean", "least");
    // What runs is the code as it was optimized here.
    let how = Execution { tier: Tier::Vm, level: Some(0), ..Execution::default() };
    let engine = Engine::new().grant(zexus::Caps::ALL).execution(how);
    let all = || BytecodeOptimizer::new(MAX_LEVEL, DEFAULT_MAX_PASSES, false);
    let mut ratios: Vec<Vec<(f64, &str)>> = vec![Vec::new(); Pass::ALL.len() + 1];
    for (name, size) in PROGRAMS {
        let source = std::fs::read_to_string(root.join(format!("bench/zexus/{name}.zx"))).expect("a program");
        let (_, rest) = source.split_once('\n').expect("two lines");
        let program = engine.compile(&format!("let N = {size};\n{rest}")).expect("it compiles");
        let compiled = program.compiled().expect("it keeps the limits of form");
        let plain = &compiled.modules[compiled.main].module;
        let load = |module: Module| engine.load("main.zx", module).expect("it verifies");
        let with = load(all().optimize_module(plain));
        let others: Vec<Program> = std::iter::once(load(plain.clone()))
            .chain(Pass::ALL.iter().map(|&pass| load(all().without(pass).optimize_module(plain))))
            .collect();
        let mut times = vec![f64::INFINITY; others.len() + 1];
        let mut expected = None;
        for _ in 0..ROUNDS {
            for (time, program) in times.iter_mut().zip(others.iter().chain([&with])) {
                let (seconds, output) = run(&engine, program);
                assert_eq!(expected.get_or_insert(output.clone()), &output, "{name} gives the same checksum");
                *time = time.min(seconds);
            }
        }
        let best = times[others.len()];
        for (ratios, time) in ratios.iter_mut().zip(&times) {
            ratios.push((best / time, name));
        }
    }
    let names = std::iter::once("all of them").chain(Pass::ALL.iter().map(|pass| pass.text()));
    for (name, ratios) in names.zip(&ratios) {
        let mean = (ratios.iter().map(|(r, _)| r.ln()).sum::<f64>() / ratios.len() as f64).exp();
        let least = ratios.iter().min_by(|a, b| a.0.total_cmp(&b.0)).expect("a program");
        println!("  {name:<24}{mean:>8.3}{:>8.3}  {}", least.0, least.1);
    }
    println!();
}
