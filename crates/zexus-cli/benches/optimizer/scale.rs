//! How long a million instructions take, and how much memory. The bench calls itself for each, so that memory is that of one.

use std::process::{Command, ExitCode};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use zexus_bytecode::{Module, verify};
use zexus_optimizer::optimize;

#[path = "../../../zexus-optimizer/tests/support/shapes.rs"]
mod shapes;

/// The first argument of a process that measures.
pub const MEASURE: &str = "--measure";

/// Instructions: the limit of form.
const SIZE: usize = 1_000_000;
/// What the requirement allows at level 2: seconds and megabytes.
const MOST: (f64, f64) = (2.0, 500.0);

type Shape = (&'static str, fn(usize) -> Module);

const SHAPES: &[Shape] = &[
    ("ordinary code", shapes::ordinary),
    ("chains of jumps", shapes::chains),
    ("a circle of jumps", shapes::circle),
    ("nested pairs", shapes::nested_pairs),
    ("a sum that grows", shapes::growing_sum),
    ("large sums", |size| shapes::large_sums(size).0),
    ("counted loops", shapes::counted_loops),
    ("many functions", shapes::many_functions),
];

/// The process that measures: prints seconds, megabytes, both sizes, and the seconds that reading and verifying the module take.
pub fn measure(name: &str, level: &str) -> ExitCode {
    let (Some((_, shape)), Ok(level)) = (SHAPES.iter().find(|shape| shape.0 == name), level.parse()) else {
        return ExitCode::FAILURE;
    };
    let module = shape(SIZE);
    let start = Instant::now();
    let (after, stats) = optimize(&module, level);
    let seconds = start.elapsed().as_secs_f64();
    std::hint::black_box(after);
    let memory = getrusage(UsageWho::RUSAGE_SELF).expect("usage").max_rss() as f64 / 1024.0;
    let bytes = module.to_bytes();
    let start = Instant::now();
    std::hint::black_box(Module::from_bytes(&bytes).ok().map(verify));
    let read = start.elapsed().as_secs_f64();
    println!("{seconds} {memory} {} {} {read}", stats.original_size, stats.optimized_size);
    ExitCode::SUCCESS
}

/// Prints the table; whether level 2 keeps within the bounds.
pub fn table() -> bool {
    println!(
        "A million instructions, wall time and largest memory of a process, the module and its making included"
    );
    println!(
        "  {:<20}{:>8}{:>12}{:>12}{:>10}{:>8}{:>11}",
        "code", "level", "before", "after", "seconds", "MB", "s to read"
    );
    let own = std::env::current_exe().expect("a path of its own");
    let mut good = true;
    for (name, _) in SHAPES {
        for level in ["2", "3"] {
            let out = Command::new(&own).args([MEASURE, name, level]).output().expect("it starts");
            assert!(out.status.success(), "{name} at level {level} failed");
            let text = String::from_utf8_lossy(&out.stdout).into_owned();
            let figures: Vec<f64> = text.split_whitespace().map(|n| n.parse().expect("a figure")).collect();
            let [seconds, memory, before, after, read] = figures[..] else { panic!("five figures") };
            let over = level == "2" && (seconds > MOST.0 || memory > MOST.1);
            good &= !over;
            let mark = if over { "  TOO MUCH" } else { "" };
            println!(
                "  {name:<20}{level:>8}{before:>12}{after:>12}{seconds:>10.3}{memory:>8.0}{read:>11.3}{mark}"
            );
        }
    }
    println!();
    good
}
