//! What the optimizer saves, and how long it takes: `cargo bench -p zexus-cli --bench optimizer`.
//!
//! 1. The results table of the reference document: the size of each pattern before and after, none worse than stated there.
//! 2. Instructions saved on real programs, by level: everything under `examples/`, `bench/zexus/` and `tests/lang/`.
//! 3. Seconds and megabytes for a million instructions, ordinary and hostile, at level 2 and 3.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

#[path = "optimizer/reduction.rs"]
mod reduction;
#[path = "optimizer/scale.rs"]
mod scale;

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
    let fast = scale::table();
    if good && fast { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
