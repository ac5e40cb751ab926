//! What a child process costs. The bench calls itself as `speed --measure PROGRAM ARGS…`, so that memory is that of one child.

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// The first argument of a process that measures.
pub const MEASURE: &str = "--measure";

/// What a run of a program cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Seconds on the wall.
    pub wall: f64,
    /// Seconds of processor time.
    pub cpu: f64,
    /// Largest memory, in MB.
    pub memory: f64,
}

/// Runs a program; its cost and what it printed.
pub fn run(program: &str, args: &[String]) -> (Cost, String) {
    let own = std::env::current_exe().expect("a path of its own");
    let out = Command::new(own)
        .arg(MEASURE)
        .arg(program)
        .args(args)
        .env("ZEXUS_CACHE", "")
        .stderr(Stdio::inherit())
        .output()
        .expect("it starts");
    assert!(out.status.success(), "{program} {args:?} failed");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let (printed, figures) = text.trim_end().rsplit_once('\n').unwrap_or(("", text.trim_end()));
    let mut figures = figures.split(' ').map(|n| n.parse::<f64>().expect("a figure"));
    let mut next = || figures.next().expect("three figures");
    (Cost { wall: next(), cpu: next(), memory: next() }, printed.trim().to_owned())
}

/// The process that measures: runs what its arguments say and adds a line with wall time, processor time and memory.
pub fn measure(args: &[String]) -> ExitCode {
    let Some((program, args)) = args.split_first() else { return ExitCode::FAILURE };
    let start = Instant::now();
    let status = Command::new(program).args(args).status();
    let wall = start.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage");
    let cpu = (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6;
    println!("\n{wall} {cpu} {}", usage.max_rss() as f64 / 1024.0);
    if status.is_ok_and(|s| s.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The version a rival states, if it is installed.
pub fn version(program: &str, flag: &str) -> Option<String> {
    let out = Command::new(program).arg(flag).output().ok().filter(|o| o.status.success())?;
    let text = if out.stdout.is_empty() { out.stderr } else { out.stdout };
    Some(String::from_utf8_lossy(&text).lines().next()?.split("  ").next()?.trim().to_owned())
}
