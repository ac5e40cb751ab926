//! `zexus check`.

use zexus::{Engine, Error};

use crate::args::Check;
use crate::output::note;
use crate::report::Reporter;
use crate::source;

/// Reports errors and warnings; gives the exit code: 2 if any program would not start.
pub fn check(args: &Check, color: bool) -> u8 {
    let reporter = Reporter::new(&args.report, color);
    let mut engine = Engine::new().grant(args.allow);
    if let Some(root) = &args.root {
        engine = engine.root(root);
    }
    let (mut errors, mut warnings) = (0, 0);
    for file in &args.files {
        match source::compile(&engine, file) {
            Ok(program) => {
                warnings += program.warnings().len();
                reporter.diagnostics(program.warnings());
            }
            Err(error) => {
                reporter.not_started(&error);
                match &error {
                    Error::Compile(list) => {
                        let count = list.iter().filter(|d| d.is_error()).count();
                        errors += count;
                        warnings += list.len() - count;
                    }
                    _ => errors += 1,
                }
            }
        }
    }
    if errors + warnings > 0 && !args.report.json {
        note(&format!("{}, {}", count(errors, "error"), count(warnings, "warning")));
    }
    if errors > 0 { 2 } else { 0 }
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
