//! Compares all levels of the optimizer with each other: on generated programs, which the engine runs, and on random modules, which a small
//! machine of its own runs.
//!
//! `levels --programs 100000 --sequences 900000 --seed 1 --jobs 2`; ends with status 1 at a divergence, which it shows.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use zexus_bytecode::{meter, verify};
use zexus_optimizer::{MAX_LEVEL, optimize};
use zexus_testing::differential::{Campaign, Config, Statistics};

#[path = "../../../zexus-optimizer/tests/support/generate.rs"]
mod generate;
#[path = "../../../zexus-optimizer/tests/support/machine.rs"]
mod machine;

/// Compares all levels of the optimizer with each other.
#[derive(Debug, Parser)]
#[command(name = "levels")]
struct Args {
    /// How many programs.
    #[arg(long, default_value_t = 10_000)]
    programs: u64,
    /// How many random modules.
    #[arg(long, default_value_t = 90_000)]
    sequences: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

/// Instructions that a module may execute; the others count as running forever.
const STEPS: u64 = 3000;

fn main() -> ExitCode {
    let args = Args::parse();
    let start = Instant::now();
    let (ran, wrong) = sequences(&args);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} random modules, plain and metered, levels 0 to {MAX_LEVEL}, in {seconds:.0} s; {ran} runs ended",
        args.sequences
    );
    if let Some(wrong) = wrong {
        println!("{wrong}");
        return ExitCode::FAILURE;
    }
    // A panic of the implementation is a result, which is shown as such.
    std::panic::set_hook(Box::new(|_| {}));
    let level = |metered| move |level| Config { level: Some(level), metered, ..Config::TIER1 };
    let levels = (0..=MAX_LEVEL).map(level(false)).chain((0..=MAX_LEVEL).map(level(true)));
    let configs: Vec<Config> = [Config::TIER0].into_iter().chain(levels).collect();
    let statistics = Statistics::default();
    let campaign = Campaign { configs, seed: args.seed, programs: args.programs, jobs: args.jobs };
    let start = Instant::now();
    let found = campaign.run(1, &statistics);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} programs on tier 0 and, plain and metered, on tier 1 at levels 0 to {MAX_LEVEL}, in {seconds:.0} s; {statistics}",
        statistics.count()
    );
    for found in &found {
        println!("{}", found.divergence);
    }
    if !found.is_empty() {
        return ExitCode::FAILURE;
    }
    println!(
        "no divergence in {} programs and modules; first seed {}",
        args.sequences + statistics.count(),
        args.seed
    );
    ExitCode::SUCCESS
}

/// How many runs of random modules ended, and the first module on which levels do not agree.
fn sequences(args: &Args) -> (u64, Option<String>) {
    let (next, ran) = (AtomicU64::new(0), AtomicU64::new(0));
    let wrong: Mutex<Option<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= args.sequences || wrong.lock().unwrap().is_some() {
                        break;
                    }
                    match compare(args.seed.wrapping_add(i)) {
                        Ok(runs) => _ = ran.fetch_add(runs, Ordering::Relaxed),
                        Err(what) => *wrong.lock().unwrap() = Some(what),
                    }
                }
            });
        }
    });
    (ran.into_inner(), wrong.into_inner().unwrap())
}

/// Compares all levels on a random module, plain and metered, sometimes with little gas; how many runs ended.
fn compare(seed: u64) -> Result<u64, String> {
    let plain = generate::module(seed);
    let mut numbers = generate::Numbers(seed);
    let mut runs = 0;
    for metered in [false, true] {
        let module = if metered { meter(&plain) } else { plain.clone() };
        let limit = if numbers.below(4) == 0 { numbers.below(800) as u64 } else { u64::MAX };
        let Some(expected) = machine::run(&module, metered, limit, STEPS) else { continue };
        runs += 1;
        for level in 1..=MAX_LEVEL {
            let (after, _) = optimize(&module, level);
            let found = match verify(after.clone()) {
                Ok(_) => machine::run(&after, metered, limit, 4 * STEPS),
                Err(errors) => return Err(format!("seed {seed}, level {level}: {}", errors[0].report())),
            };
            if found.as_ref() != Some(&expected) {
                let (before, after) = (module.disassemble(), after.disassemble());
                return Err(format!(
                    "seed {seed}, level {level}, metered {metered}:\n{expected:?}\n{found:?}\n{before}\n{after}"
                ));
            }
        }
    }
    Ok(runs)
}
