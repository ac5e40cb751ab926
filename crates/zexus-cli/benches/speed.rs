//! Prints what a one-line program costs, how fast text becomes bytecode, and how the tiers compare with other languages.
//!
//! Run with `cargo bench -p zexus-cli --bench speed`; a word after `--` keeps only programs whose names contain it,
//! `--native` only tier 2 beside LuaJIT and Node, `--levels` only the levels of the optimizer.

#![allow(clippy::expect_used, clippy::print_stdout)]

#[path = "speed/child.rs"]
mod child;
#[path = "speed/front.rs"]
mod front;
#[path = "speed/programs.rs"]
mod programs;

use std::path::Path;
use std::process::ExitCode;

const ZEXUS: &str = env!("CARGO_BIN_EXE_zexus");

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some((first, rest)) = args.split_first()
        && first == child::MEASURE
    {
        return child::measure(rest);
    }
    let filter = args.iter().find(|a| !a.starts_with('-')).map_or("", String::as_str);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let scratch = std::env::temp_dir().join(format!("zexus-bench-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a scratch directory");
    let bench = programs::Bench { root: &root, scratch: &scratch, filter };
    let only_levels = args.iter().any(|a| a == "--levels");
    let only_native = args.iter().any(|a| a == "--native");
    if filter.is_empty() && !only_levels && !only_native {
        startup(&scratch);
        front::front_end(&root);
    }
    if !only_levels && !only_native {
        bench.tier0();
        bench.tier1();
    }
    if !only_levels {
        bench.tier2();
    }
    if !only_native {
        bench.levels();
    }
    std::fs::remove_dir_all(&scratch).expect("the scratch directory goes away");
    ExitCode::SUCCESS
}

/// Wall time and memory of `zexus run` on a one-line program.
fn startup(scratch: &Path) {
    let file = scratch.join("hello.zx").to_string_lossy().into_owned();
    std::fs::write(&file, "print(\"hello\")\n").expect("a program");
    let mut costs: Vec<child::Cost> = Vec::new();
    for _ in 0..50 {
        let (cost, output) = child::run(ZEXUS, &["run".into(), file.clone()]);
        assert_eq!(output, "hello");
        costs.push(cost);
    }
    costs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    let memory = costs.iter().map(|c| c.memory).fold(0.0, f64::max);
    println!("One-line program, 50 runs");
    println!("  wall time, median   {:8.2} ms", costs[25].wall * 1e3);
    println!("  memory, largest     {memory:8.2} MB\n");
}
