//! Diagnostics for people and for programs.

use std::io::{self, IsTerminal};

use zexus::{Diagnostic, Error, JitStats, OptimizerStats, Stopped};
use zexus_optimizer::Statistic;

use crate::args::{Color, Report};
use crate::output::note;

/// Whether standard error gets colours.
pub fn use_color(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            io::stderr().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                && std::env::var_os("TERM").is_none_or(|v| v != "dumb")
        }
    }
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug)]
pub struct Reporter {
    /// As JSON lines.
    pub json: bool,
    /// With colours.
    pub color: bool,
    /// At most so many.
    pub max: usize,
}

impl Reporter {
    /// As the command line says.
    pub fn new(report: &Report, color: bool) -> Reporter {
        Reporter { json: report.json, color, max: report.max_errors }
    }

    /// Writes diagnostics to standard error; if some are left out, errors come before warnings.
    pub fn diagnostics(self, list: &[Diagnostic]) {
        let mut shown: Vec<&Diagnostic> = list.iter().collect();
        if list.len() > self.max {
            shown.sort_by_key(|d| !d.is_error());
        }
        for diagnostic in shown.into_iter().take(self.max) {
            if self.json {
                note(&diagnostic.to_json());
            } else {
                note(diagnostic.render(self.color).trim_end());
                note("");
            }
        }
        let more = list.len().saturating_sub(self.max);
        if more > 0 {
            let text = format!("… {more} more; --max-errors {} shows all", list.len());
            let json = || serde_json::json!({ "severity": "note", "message": text }).to_string();
            note(&if self.json { json() } else { text.clone() });
        }
    }

    /// Writes an error without a code.
    pub fn message(self, message: &str) {
        self.line("error", "1;31", message);
    }

    /// Writes a warning without a code.
    pub fn warning(self, message: &str) {
        self.line("warning", "1;33", message);
    }

    fn line(self, severity: &str, style: &str, message: &str) {
        if self.json {
            note(&serde_json::json!({ "severity": severity, "message": message }).to_string());
        } else if self.color {
            note(&format!("\x1b[{style}m{severity}\x1b[0m: {message}"));
        } else {
            note(&format!("{severity}: {message}"));
        }
    }

    /// Writes figures: as lines, or as one JSON object under a name.
    pub fn rows(self, name: &str, rows: &[(&str, u64)]) {
        if self.json {
            let object: serde_json::Map<_, _> =
                rows.iter().map(|(k, v)| (k.to_string(), (*v).into())).collect();
            return note(&serde_json::json!({ name: object }).to_string());
        }
        rows.iter().for_each(|(key, value)| note(&format!("{key}: {value}")));
    }

    /// Writes what the optimizer did, in the same forms.
    pub fn optimizer(self, stats: &OptimizerStats) {
        let entries = stats.entries();
        if self.json {
            let value = |statistic| match statistic {
                Statistic::Count(n) => serde_json::Value::from(n),
                Statistic::Percent(p) => p.into(),
            };
            let object: serde_json::Map<_, _> =
                entries.into_iter().map(|(key, s)| (key.to_owned(), value(s))).collect();
            return note(&serde_json::json!({ "optimizer": object }).to_string());
        }
        entries.iter().for_each(|(key, value)| note(&format!("{key}: {value}")));
    }

    /// Writes what native code did, in the same forms.
    pub fn jit(self, stats: &JitStats) {
        let entries = stats.entries();
        if self.json {
            let object: serde_json::Map<_, _> =
                entries.into_iter().map(|(key, v)| (key.to_owned(), v.into())).collect();
            return note(&serde_json::json!({ "jit": object }).to_string());
        }
        entries.iter().for_each(|(key, value)| note(&format!("{key}: {value}")));
    }

    /// Writes why a program did not start.
    pub fn not_started(self, error: &Error) {
        match error {
            Error::Compile(list) => self.diagnostics(list),
            error => self.message(&error.to_string()),
        }
    }

    /// Writes that a run was stopped, and where.
    pub fn stopped(self, message: &str, stopped: &Stopped) {
        if self.json {
            let place = stopped.place.as_ref();
            let line = serde_json::json!({
                "severity": "error",
                "message": message,
                "file": place.map(|p| &p.file),
                "line": place.map(|p| p.line),
                "column": place.map(|p| p.column),
                "notes": stopped.calls,
            });
            return note(&line.to_string());
        }
        self.message(message);
        if let Some(place) = &stopped.place {
            note(&format!("  --> {place}"));
        }
        for call in &stopped.calls {
            note(&format!("   = {call}"));
        }
    }
}

/// What is said when zexus itself fails.
pub fn defect(what: &str) -> String {
    format!(
        "zexus: internal error: {what}\n\
         This is a defect of zexus {}, not of your program. Please report it with the program and the command that show it.",
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_defect_asks_for_a_report() {
        let text = super::defect("boom");
        assert!(text.starts_with("zexus: internal error: boom\n"), "{text}");
        assert!(text.contains("Please report it"), "{text}");
    }
}
