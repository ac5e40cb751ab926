//! `zexus profile` (bytecode.md 9.2).

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use zexus::{Error, Execution, FunctionProfile, Profiler, Tier, files};

use crate::args::Profile;
use crate::output::note;
use crate::report::Reporter;
use crate::run::{self, Ready};

mod flame;
mod table;

use table::Table;

/// Runs a program and writes what it did; gives the program's exit code, or 1 if the profile cannot be written.
pub fn profile(args: &Profile, color: bool) -> u8 {
    let launch = &args.launch;
    let reporter = Reporter::new(&launch.report, color);
    let level = Some(args.opt_level);
    let execution = Execution { tier: Tier::Vm, level, metered: args.gas, ..Execution::default() };
    let engine = run::engine(&launch.world, args.gas_limit).execution(execution);
    let Some(mut ready) = Ready::new(launch, &engine, reporter) else { return 2 };
    let start = Instant::now();
    let profiler = match ready.instance.profile(Some(Box::new(move || start.elapsed().as_secs_f64()))) {
        Ok(profiler) => profiler,
        Err(error) => {
            reporter.not_started(&error);
            return 2;
        }
    };
    let code = ready.run(launch);
    // A program may ask for the meter itself (bytecode.md 5.1).
    let metered = ready.instance.is_metered();
    let written = [
        write(args.output.as_deref(), &text(args, &profiler, metered)),
        args.svg.as_deref().map_or(Ok(()), |file| write(Some(file), &graph(&profiler, metered))),
    ];
    let mut failed = false;
    for error in written.into_iter().filter_map(Result::err) {
        reporter.message(&error.to_string());
        failed = true;
    }
    std::mem::forget(ready);
    if failed && code == 0 { 1 } else { code }
}

/// Writes a text to a file, or to standard error.
fn write(file: Option<&Path>, text: &str) -> Result<(), Error> {
    let Some(path) = file else {
        note(text.trim_end_matches('\n'));
        return Ok(());
    };
    std::fs::write(path, text)
        .map_err(|e| Error::File { path: path.to_string_lossy().into_owned(), reason: files::reason(&e) })
}

/// The profile in the form that was asked for, with the end of its last line.
fn text(args: &Profile, profiler: &Profiler, metered: bool) -> String {
    if args.folded {
        return folded(profiler);
    }
    let profile = profiler.profile();
    if args.launch.report.json {
        return profile.to_json() + "\n";
    }
    tables(&profile, metered, args.top)
}

fn folded(profiler: &Profiler) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    profiler.folded(|line| {
        let _ = writeln!(text, "{line}");
    });
    text
}

fn graph(profiler: &Profiler, metered: bool) -> String {
    flame::draw(&folded(profiler), if metered { "gas" } else { "instructions" })
}

/// The profile for people: of each table the rows with the largest counts.
fn tables(profile: &zexus::Profile, metered: bool, top: usize) -> String {
    let name = |f: &FunctionProfile| {
        let name = if f.name.is_empty() { "lambda" } else { &f.name };
        f.module.as_ref().map_or(name.to_owned(), |module| format!("{name} of {module}"))
    };
    let weight = |instructions: u64, gas: u64| if metered { gas } else { instructions };
    let gas = |gas: u64| metered.then(|| gas.to_string());
    let head = |first: &str, last: [&str; 3]| {
        let all = [Some(first), Some("instructions"), metered.then_some("gas"), Some(last[0]), Some(last[1])];
        Table::new(&all.into_iter().flatten().filter(|name| !name.is_empty()).collect::<Vec<_>>(), last[2])
    };

    let mut functions = head("calls", ["jumps back", "seconds", "function"]);
    for f in &profile.functions {
        let counts = [
            Some(f.calls.to_string()),
            Some(f.instructions.to_string()),
            gas(f.gas),
            Some(f.back_edges.to_string()),
            Some(format!("{:.6}", f.seconds)),
        ];
        functions.row(weight(f.instructions, f.gas), counts.into_iter().flatten(), &name(f));
    }
    let mut lines = head("", ["", "", "line"]);
    for l in &profile.lines {
        let place = if l.line == 0 { l.file.to_string() } else { format!("{}:{}", l.file, l.line) };
        let counts = [Some(l.instructions.to_string()), gas(l.gas)];
        lines.row(weight(l.instructions, l.gas), counts.into_iter().flatten(), &place);
    }
    let mut loops = Table::new(&["jumps back", "hot"], "loop");
    for unit in profile.units.iter().filter(|unit| unit.head.is_some()) {
        let hot = if unit.hot { "yes" } else { "no" }.to_owned();
        loops.row(unit.count, [unit.count.to_string(), hot], &format!("{}:{}", unit.file, unit.line));
    }
    let mut opcodes = Table::new(&["instructions"], "opcode");
    for (name, count) in &profile.opcodes {
        opcodes.row(*count, [count.to_string()], name);
    }

    let mut text = if metered { format!("gas used: {}\n\n", profile.gas_used) } else { String::new() };
    let all = [functions, lines, loops, opcodes];
    let shown: Vec<String> = all.into_iter().filter_map(|table| table.show(top)).collect();
    text.push_str(&shown.join("\n"));
    text
}
