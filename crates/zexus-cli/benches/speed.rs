//! Prints how fast text is parsed and lowered, what a one-line program costs, and how tier 0 compares with CPython.
//!
//! Run with `cargo bench -p zexus-cli --bench speed`; a word after `--` keeps only programs whose name contains it.

#![allow(clippy::expect_used, clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ZEXUS: &str = env!("CARGO_BIN_EXE_zexus");

/// Programs with sizes that take a tree walker about a second or less.
const PROGRAMS: &[(&str, u64)] = &[
    ("arith_loop", 2_000_000),
    ("fib", 27),
    ("map_int", 500_000),
    ("map_str", 300_000),
    ("token_transfer", 50_000),
    ("sieve", 200_000),
    ("quicksort", 60_000),
    ("closures", 500_000),
    ("objects", 500_000),
    ("nbody", 20_000),
    ("mandelbrot", 30),
    ("matmul", 1),
    ("strings", 100),
    ("hash_loop", 50_000),
    ("merkle", 10),
    ("binary_trees", 9),
];

const ROUNDS: usize = 5;

fn main() {
    let filter = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let scratch = std::env::temp_dir().join(format!("zexus-bench-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a scratch directory");
    if filter.is_empty() {
        startup(&scratch);
        front_end(&root);
    }
    tier0(&root, &scratch, &filter);
    std::fs::remove_dir_all(&scratch).expect("the scratch directory goes away");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Wall time and memory of `zexus run` on a one-line program. Comes first: the memory is the largest of all child processes so far.
fn startup(scratch: &Path) {
    let file = scratch.join("hello.zx");
    std::fs::write(&file, "print(\"hello\")\n").expect("a program");
    let mut times = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        let out = Command::new(ZEXUS).arg("run").arg(&file).output().expect("zexus runs");
        times.push(start.elapsed());
        assert_eq!(out.stdout, b"hello\n");
    }
    println!("One-line program, 50 runs");
    println!("  wall time, median   {:8.2} ms", median(times).as_secs_f64() * 1e3);
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).expect("usage");
    println!("  memory, largest     {:8.2} MB\n", usage.max_rss() as f64 / 1024.0);
}

/// Parsing plus lowering of typical source: all examples and benchmark programs, repeated to 4 MB.
fn front_end(root: &Path) {
    let mut text = String::new();
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
    let mut part = 0;
    while text.len() < 4 << 20 {
        for source in &sources {
            // Each copy in a function of its own, so that no name is declared twice; what only a top level may hold is left out.
            if source.contains("state ") || source.contains("use ") || source.contains("export ") {
                continue;
            }
            text.push_str(&format!("action part_{part}() {{\n{source}\n}}\n"));
            part += 1;
        }
    }
    let megabytes = text.len() as f64 / 1e6;
    let engine = zexus::Engine::new();
    let mut parse = Vec::new();
    let mut both = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let parsed = zexus_syntax::parse(zexus_syntax::FileId(0), &text);
        parse.push(start.elapsed());
        assert!(parsed.errors.iter().all(|d| !d.is_error()));
        drop(parsed);
        let start = Instant::now();
        let program = engine.compile(&text);
        both.push(start.elapsed());
        assert!(program.is_ok(), "{:?}", program.err().map(|e| e.to_string()));
    }
    println!("Front end, {megabytes:.1} MB of source, median of {ROUNDS}");
    println!("  parse               {:8.1} MB/s", megabytes / median(parse).as_secs_f64());
    println!("  parse and lower     {:8.1} MB/s\n", megabytes / median(both).as_secs_f64());
}

fn timed(command: &mut Command) -> (Duration, String) {
    let start = Instant::now();
    let out = command.stderr(Stdio::inherit()).output().expect("the program runs");
    let time = start.elapsed();
    assert!(out.status.success(), "{command:?} failed");
    (time, String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Tier 0 beside CPython, in interleaved rounds.
fn tier0(root: &Path, scratch: &Path, filter: &str) {
    let python = Command::new("python3").arg("--version").output().ok().filter(|o| o.status.success());
    let name = python
        .as_ref()
        .map_or("(no python3)".into(), |o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    println!("Tier 0 and {name}, median of {ROUNDS} interleaved rounds, start-up included");
    println!("  {:<16} {:>10} {:>10} {:>10} {:>8}", "program", "size", "zexus s", "python s", "ratio");
    let mut logs = Vec::new();
    for (program, size) in PROGRAMS.iter().filter(|(p, _)| p.contains(filter)) {
        let source =
            std::fs::read_to_string(root.join(format!("bench/zexus/{program}.zx"))).expect("a program");
        let (first, rest) = source.split_once('\n').expect("two lines");
        assert!(first.starts_with("let N = "), "{program} begins with its size");
        let file = scratch.join(format!("{program}.zx"));
        std::fs::write(&file, format!("let N = {size};\n{rest}")).expect("a program");
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (time, output) = timed(Command::new(ZEXUS).arg("run").arg(&file));
            ours.push(time);
            if python.is_some() {
                let script = root.join(format!("bench/py/{program}.py"));
                let (time, expected) = timed(Command::new("python3").arg(script).arg(size.to_string()));
                theirs.push(time);
                assert_eq!(output, expected, "{program} gives the same checksum");
            }
        }
        let ours = median(ours).as_secs_f64();
        if theirs.is_empty() {
            println!("  {program:<16} {size:>10} {ours:>10.3}");
            continue;
        }
        let theirs = median(theirs).as_secs_f64();
        logs.push((ours / theirs).ln());
        println!("  {program:<16} {size:>10} {ours:>10.3} {theirs:>10.3} {:>8.2}", ours / theirs);
    }
    if !logs.is_empty() {
        println!(
            "  geometric mean of the ratios {:.2}",
            (logs.iter().sum::<f64>() / logs.len() as f64).exp()
        );
    }
}
