//! What the optimizer saves, and how long it takes: `cargo bench -p zexus-cli --bench optimizer`.
//!
//! 1. The results table of the reference document: the size of each pattern before and after, none worse than stated there.
//! 2. Instructions saved on real programs, by level: everything under `examples/`, `bench/zexus/` and `tests/lang/`.
//! 3. What each pass is worth on tier 1: the time that the benchmark programs take with level 3, as a part of that without the pass.
//! 4. Seconds and megabytes for a million instructions, ordinary and hostile, at level 2 and 3.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

#[path = "optimizer/reduction.rs"]
mod reduction;
#[path = "optimizer/scale.rs"]
mod scale;
#[path = "optimizer/worth.rs"]
mod worth;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [first, name, level] = &args[..]
        && first == scale::MEASURE
    {
        return scale::measure(name, level);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let good = reduction::table();
    reduction::programs(&root);
    worth::table(&root);
    let fast = scale::table();
    if good && fast { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
