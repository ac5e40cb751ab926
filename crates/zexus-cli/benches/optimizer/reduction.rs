//! How many instructions the optimizer saves.

use std::path::{Path, PathBuf};

use zexus_bytecode::Module;
use zexus_optimizer::{Stats, optimize};

/// A pattern, the level that it is about, its code, and the largest size that the reference document states after it.
const PATTERNS: &[(&str, u8, &[&str], usize)] = &[
    ("constant arithmetic", 1, &["LOAD_CONST 0", "LOAD_CONST 1", "ADD", "RETURN"], 2),
    (
        "nested constants",
        1,
        &[
            "LOAD_CONST 0",
            "LOAD_CONST 1",
            "ADD",
            "LOAD_CONST 2",
            "LOAD_CONST 3",
            "ADD",
            "MUL",
            "LOAD_CONST 4",
            "ADD",
            "RETURN",
        ],
        3,
    ),
    (
        "with dead code",
        1,
        &[
            "LOAD_CONST 0",
            "LOAD_CONST 1",
            "BUILD_LIST 2",
            "RETURN",
            "LOAD_CONST 2",
            "LOAD_CONST 3",
            "ADD",
            "RETURN",
        ],
        4,
    ),
    ("load and pop", 1, &["LOAD_CONST 0", "POP", "LOAD_CONST 1", "POP", "LOAD_CONST 2", "RETURN"], 2),
    ("jump chains", 2, &["JUMP 2", "LOAD_CONST 0", "JUMP 4", "LOAD_CONST 1", "LOAD_CONST 2"], 3),
];

/// A module of one function with the constants 1 to 5.
fn module(code: &[&str]) -> Module {
    let constants: String = (1..=5).map(|n| format!(".const {n}\n")).collect();
    let text = format!(".zxasm 1\n{constants}.func \"main\"\n{}\n.end\n", code.join("\n"));
    Module::from_asm(&text).expect("code")
}

/// Prints the results table; whether every row is at least as good as stated.
pub fn table() -> bool {
    println!("Patterns of the reference document");
    println!(
        "  {:<22}{:>8}{:>8}{:>8}{:>11}{:>9}",
        "pattern", "level", "before", "after", "reduction", "stated"
    );
    let mut good = true;
    for (name, level, code, most) in PATTERNS {
        let (_, stats) = optimize(&module(code), *level);
        let stated = 100.0 * (code.len() - most) as f64 / code.len() as f64;
        let (before, after) = (stats.original_size, stats.optimized_size);
        let worse = after > *most as u64;
        good &= !worse;
        let percent = stats.size_reduction_pct();
        let mark = if worse { "  WORSE" } else { "" };
        println!("  {name:<22}{level:>8}{before:>8}{after:>8}{percent:>9.0} %{stated:>7.0} %{mark}");
    }
    println!();
    good
}

/// All programs below a directory that compile without imports from elsewhere.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut work = vec![dir.to_path_buf()];
    while let Some(dir) = work.pop() {
        for entry in std::fs::read_dir(dir).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                work.push(path);
            } else if path.extension().is_some_and(|e| e == "zx") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Prints how many instructions are saved on real programs.
pub fn programs(root: &Path) {
    println!("Instructions of real programs (those that compile)");
    println!(
        "  {:<14}{:>9}{:>12}{:>10}{:>10}{:>10}{:>12}",
        "directory", "programs", "level 0", "level 1", "level 2", "level 3", "best, lvl 3"
    );
    let engine = zexus::Engine::new().grant(zexus::Caps::ALL);
    for dir in ["examples", "bench/zexus", "tests/lang"] {
        let mut total = [Stats::default(); 4];
        let (mut count, mut best) = (0, 0.0_f64);
        for path in sources(&root.join(dir)) {
            let Ok(program) = engine.compile_file(&path) else { continue };
            let Ok(compiled) = program.compiled() else { continue };
            let main = &compiled.modules[compiled.main].module;
            count += 1;
            for (level, total) in (0..).zip(&mut total) {
                let (_, stats) = optimize(main, level);
                total.add(&stats);
                if level == 3 {
                    best = best.max(stats.size_reduction_pct());
                }
            }
        }
        let percent = |level: usize| format!("{:.1} %", total[level].size_reduction_pct());
        let (one, two, three) = (percent(1), percent(2), percent(3));
        let size = total[0].original_size;
        println!("  {dir:<14}{count:>9}{size:>12}{one:>10}{two:>10}{three:>10}{best:>10.1} %");
    }
    println!();
}
