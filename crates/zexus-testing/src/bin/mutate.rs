//! Judges mutated modules: `mutate --count 1000000 --seed 1 [--modules DIR]`; ends with status 1 if one shows a defect.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use zexus_bytecode::{Module, Verified, verify};
use zexus_testing::mutate::{Campaign, Figures, corpus, run, run_metered, samples};

/// Modules of cases that have more bytes are left out, so that a million mutations take minutes.
const MOST_BYTES: usize = 4000;

/// How long one module may take before it counts as hanging. Far more than needed, for busy machines.
const PATIENCE: Duration = Duration::from_secs(20);

/// Judges mutated modules.
#[derive(Debug, Parser)]
#[command(name = "mutate")]
struct Args {
    /// How many mutated modules.
    #[arg(long, default_value_t = 100_000)]
    count: u64,
    /// The seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of the first mutation; with `--count 1` that of a finding.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// How many threads; all cores by default.
    #[arg(long)]
    jobs: Option<usize>,
    /// A directory of cases, such as tests/lang, whose compiled programs are mutated, too.
    #[arg(long)]
    cases: Option<PathBuf>,
    /// Only reads and verifies; does not run what is accepted.
    #[arg(long)]
    verify_only: bool,
    /// Runs what is accepted with gas only.
    #[arg(long)]
    metered: bool,
    /// A directory with modules (.zxc, .zxasm) to start from, beside the built-in ones.
    #[arg(long)]
    modules: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    std::panic::set_hook(Box::new(|_| {}));
    let mut modules = match samples() {
        Ok(modules) => modules,
        Err(error) => {
            eprintln!("a built-in module does not read: {error}");
            return ExitCode::from(101);
        }
    };
    if let Some(dir) = &args.modules {
        match read(dir) {
            Ok(more) => modules.extend(more),
            Err(error) => {
                eprintln!("{}: {error}", dir.display());
                return ExitCode::from(2);
            }
        }
    }
    if let Some(dir) = &args.cases {
        match corpus(dir, MOST_BYTES) {
            Ok(more) => modules.extend(more),
            Err(error) => {
                eprintln!("{}: {error:?}", dir.display());
                return ExitCode::from(2);
            }
        }
    }
    let jobs = args.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    println!("{} mutations of {} modules from seed {}, {jobs} threads", args.count, modules.len(), args.seed);
    let none = |_: &Verified| None;
    let execute: &(dyn Fn(&Verified) -> Option<String> + Sync) = match (args.verify_only, args.metered) {
        (true, _) => &none,
        (_, true) => &run_metered,
        _ => &run,
    };
    let campaign = Campaign { modules, seed: args.seed, first: args.first, count: args.count, jobs, execute };
    let figures = Figures::default();
    let start = Instant::now();
    let bar = ProgressBar::new(args.count);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} modules, {per_sec}, {eta} left") {
        bar.set_style(style);
    }
    let finding = std::thread::scope(|scope| {
        let run = scope.spawn(|| campaign.run(&figures));
        while !run.is_finished() {
            bar.set_position(figures.judged.load(Ordering::Relaxed));
            if let Some(finding) = campaign.stuck(&figures, PATIENCE) {
                println!(
                    "mutation {} of seed {}: {}\n{}",
                    finding.number, args.seed, finding.what, finding.module
                );
                // Its thread cannot be stopped.
                std::process::exit(1);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        run.join()
    });
    bar.finish_and_clear();
    println!("{figures}");
    println!("  in {:.1} s", start.elapsed().as_secs_f64());
    match finding {
        Ok(None) => {
            println!("no defect; seed {}", args.seed);
            ExitCode::SUCCESS
        }
        Ok(Some(finding)) => {
            println!(
                "mutation {} of seed {}: {}\n{}",
                finding.number, args.seed, finding.what, finding.module
            );
            ExitCode::FAILURE
        }
        Err(_) => {
            eprintln!("the harness itself panicked");
            ExitCode::from(101)
        }
    }
}

/// The good modules of a directory.
fn read(dir: &Path) -> std::io::Result<Vec<Module>> {
    let mut paths = std::fs::read_dir(dir)?.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    let read = |path: PathBuf| {
        let module = match path.extension()?.to_str()? {
            "zxc" => Module::from_bytes(&std::fs::read(&path).ok()?).ok()?,
            "zxasm" => Module::from_asm(&std::fs::read_to_string(&path).ok()?).ok()?,
            _ => return None,
        };
        verify(module.clone()).is_ok().then_some(module)
    };
    Ok(paths.into_iter().filter_map(read).collect())
}
