//! Compares configurations on generated programs.
//!
//! `differential --programs 200000 --seed 1 --jobs 2 --config tier0,tier0+stress`; ends with status 1 at a divergence, which it shows
//! shrunk. `--show` prints the program of the seed. `--sweep 100` runs each program with gas limits that are not enough instead.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use zexus_testing::corpus::walk;
use zexus_testing::differential::{Campaign, Config, Found, MATRIX, Statistics, Verdict, compile};
use zexus_testing::generate::Program;
use zexus_testing::sweep::{Sweeps, compile_case};

/// How long one program may take before it counts as hanging. Far more than needed, for busy machines.
const PATIENCE: Duration = Duration::from_secs(20);

/// Compares configurations on generated programs.
#[derive(Debug, Parser)]
#[command(name = "differential")]
struct Args {
    /// How many programs.
    #[arg(long, default_value_t = 10_000)]
    programs: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads; all cores by default.
    #[arg(long)]
    jobs: Option<usize>,
    /// Configurations such as tier0+stress, the reference first.
    #[arg(long, value_delimiter = ',')]
    config: Vec<Config>,
    /// Goes on after a divergence, up to this many kinds of them, and shows the smallest program of each.
    #[arg(long, default_value_t = 1)]
    most: usize,
    /// Prints the program of the seed and what the reference does with it.
    #[arg(long)]
    show: bool,
    /// Prints the first programs that the checker refuses, with its errors.
    #[arg(long)]
    refused: bool,
    /// Runs each program with so many gas limits that are not enough, instead of comparing it; the configurations must be metered.
    #[arg(long)]
    sweep: Option<u64>,
    /// For `--sweep`: the programs of this directory of cases, such as tests/lang, instead of generated ones.
    #[arg(long, requires = "sweep")]
    cases: Option<PathBuf>,
}

impl Args {
    fn jobs(&self) -> usize {
        self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    // A panic of the implementation is a result, which is shown as such.
    std::panic::set_hook(Box::new(|_| {}));
    let metered = Config { metered: true, ..Config::TIER1 };
    let configs = match (args.config.is_empty(), args.sweep) {
        (false, _) => args.config.clone(),
        (true, None) => MATRIX.to_vec(),
        (true, Some(_)) => {
            vec![metered, metered, Config { level: Some(0), ..metered }, Config { level: Some(3), ..metered }]
        }
    };
    if let Some(most) = args.sweep {
        return sweep(&args, &configs, most);
    }
    if args.show {
        return show(args.seed, &configs);
    }
    if args.refused {
        return refused(args.seed, args.programs);
    }
    let names: Vec<String> = configs.iter().map(ToString::to_string).collect();
    let jobs = args.jobs();
    let campaign = Campaign { configs, seed: args.seed, programs: args.programs, jobs };
    println!(
        "comparing {} on {} programs from seed {}, {jobs} threads",
        names.join(", "),
        args.programs,
        args.seed
    );
    let statistics = Statistics::default();
    let start = Instant::now();
    let bar = ProgressBar::new(args.programs);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} programs, {per_sec}, {eta} left") {
        bar.set_style(style);
    }
    let found = std::thread::scope(|scope| {
        let run = scope.spawn(|| campaign.run(args.most, &statistics));
        while !run.is_finished() {
            bar.set_position(statistics.count());
            if let Some(seed) = statistics.running.stuck(PATIENCE) {
                println!(
                    "seed {seed} did not end within {PATIENCE:?}; {} programs before\n",
                    statistics.count()
                );
                println!("{}", Program::from_seed(seed).text());
                // Its thread cannot be stopped.
                std::process::exit(1);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        run.join()
    });
    bar.finish_and_clear();
    let (count, seconds) = (statistics.count(), start.elapsed().as_secs_f64());
    println!(
        "{count} programs in {seconds:.1} s, {:.0} a second; {statistics}",
        count as f64 / seconds.max(0.001)
    );
    match found {
        Ok(found) if found.is_empty() => {
            println!("no divergence; first seed {}", args.seed);
            ExitCode::SUCCESS
        }
        Ok(mut found) => {
            found.sort_by_key(|found| std::cmp::Reverse(found.programs));
            for Found { programs, divergence } in &found {
                println!(
                    "\nseed {}, {programs} programs like this: {divergence}",
                    divergence.seed.unwrap_or_default()
                );
            }
            ExitCode::FAILURE
        }
        Err(_) => {
            eprintln!("the harness itself panicked");
            ExitCode::from(101)
        }
    }
}

fn show(seed: u64, configs: &[Config]) -> ExitCode {
    let program = Program::from_seed(seed);
    println!("{}", program.text());
    match Verdict::of(&program.tree, configs) {
        Verdict::Refused(errors) => println!("refused:\n{}", errors.join("\n")),
        Verdict::Agreed(outcome) => println!("{outcome}"),
        Verdict::Diverged(divergence) => {
            println!("{divergence}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn refused(seed: u64, programs: u64) -> ExitCode {
    let mut count = 0;
    for seed in (0..programs).map(|i| seed.wrapping_add(i)) {
        if let Err(errors) = compile(&Program::from_seed(seed).text()) {
            count += 1;
            println!("seed {seed}: {}", errors.0.join("\n    "));
        }
    }
    println!("{count} of {programs} refused");
    ExitCode::SUCCESS
}

/// Sweeps generated programs, or the cases of a directory, over gas limits.
fn sweep(args: &Args, configs: &[Config], most: u64) -> ExitCode {
    let cases = match args.cases.as_deref().map(walk) {
        None => None,
        Some(Ok(cases)) => Some(cases),
        Some(Err(error)) => {
            eprintln!("{error:?}");
            return ExitCode::from(2);
        }
    };
    let generated = |i: u64| {
        let seed = args.seed.wrapping_add(i);
        Some((format!("seed {seed}"), compile(&Program::from_seed(seed).text()).ok()?))
    };
    let case = |i: u64| {
        let case = cases.as_ref()?.get(i as usize)?;
        Some((case.name.clone(), compile_case(case)?))
    };
    let sweeps = Sweeps {
        programs: if cases.is_some() { &case } else { &generated },
        count: cases.as_ref().map_or(args.programs, |cases| cases.len() as u64),
        configs,
        most,
        jobs: args.jobs(),
        leaks: args.most,
    };
    let start = Instant::now();
    let total = sweeps.run();
    println!("{total}; {:.1} s; first seed {}", start.elapsed().as_secs_f64(), args.seed);
    if total.leaks.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
