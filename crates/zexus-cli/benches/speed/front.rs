//! How fast source text becomes a tree, a program, a module.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Passes over the text; the median counts.
const ROUNDS: usize = 7;

/// Typical source: all examples and benchmark programs, repeated to 4 MB, each copy in a function of its own, so that no name is declared
/// twice; what only a top level may hold is left out.
fn text(root: &Path) -> String {
    let mut files: Vec<PathBuf> = Vec::new();
    for dir in ["bench/zexus", "examples"] {
        for entry in std::fs::read_dir(root.join(dir)).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "zx") {
                files.push(path);
            }
        }
    }
    files.sort();
    let sources: Vec<String> = files.iter().map(|f| std::fs::read_to_string(f).expect("text")).collect();
    let usable = |s: &&String| !["state ", "use ", "export "].iter().any(|word| s.contains(word));
    let usable: Vec<&String> = sources.iter().filter(usable).collect();
    let mut text = String::new();
    for (part, source) in usable.iter().cycle().enumerate() {
        if text.len() >= 4 << 20 {
            break;
        }
        text.push_str(&format!("action part_{part}() {{\n{source}\n}}\n"));
    }
    text
}

/// Prints megabytes of source a second for each step.
pub fn front_end(root: &Path) {
    let text = text(root);
    let engine = zexus::Engine::new();
    let (mut parse, mut lower, mut compile) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let parsed = zexus_syntax::parse(zexus_syntax::FileId(0), &text);
        parse.push(start.elapsed());
        assert!(parsed.errors.iter().all(|d| !d.is_error()));
        drop(parsed);
        let start = Instant::now();
        let program = engine.compile(&text).expect("it has no errors");
        lower.push(start.elapsed());
        let start = Instant::now();
        let compiled = program.compiled().expect("it keeps the limits of form");
        compile.push(start.elapsed());
        assert_eq!(compiled.modules.len(), 1);
    }
    let megabytes = text.len() as f64 / 1e6;
    let rate = |mut times: Vec<Duration>| {
        times.sort();
        megabytes / times[times.len() / 2].as_secs_f64()
    };
    println!("Front end, {megabytes:.1} MB of source, median of {ROUNDS}");
    println!("  parse               {:8.1} MB/s", rate(parse));
    println!("  parse and lower     {:8.1} MB/s", rate(lower));
    println!("  compile to bytecode {:8.1} MB/s\n", rate(compile));
}
