//! `zexus repl`: entries from a terminal with an editor, or from a pipe.

mod commands;
mod complete;
mod edit;
mod paint;

use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zexus::{Entry, InterruptHandle, Session};
use zexus_syntax::is_incomplete;

use crate::args::Repl;
use crate::host::Input;
use crate::interrupt::{self, Cause};
use crate::output::Output;
use crate::report::Reporter;
use crate::run;

/// Bytes that an entry from a pipe may have before it is run as it is.
const MAX_ENTRY: usize = 1 << 20;

/// What the REPL does after an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Continue,
    Leave(u8),
}

/// One lasting scope with what is needed to show what happens in it.
struct Shell {
    session: Arc<Mutex<Session>>,
    output: Output,
    interrupt: InterruptHandle,
    reporter: Reporter,
    /// Whether values get colours.
    color: bool,
}

/// Reads and runs entries until the end; gives the exit code.
pub fn repl(args: &Repl, color: bool) -> u8 {
    let reporter = Reporter { json: false, color, max: 20 };
    let (output, interrupt) = (Output::new(), InterruptHandle::new());
    let engine = run::engine(&args.world, None);
    let host = run::host(&args.world, Path::new("."), &output, &interrupt);
    let started = host.and_then(|host| {
        let input = host.input.clone();
        Ok((engine.session_on(host)?, input))
    });
    let (session, input) = match started {
        Ok(started) => started,
        Err(error) => {
            reporter.not_started(&error);
            return 2;
        }
    };
    interrupt::on_ctrl_c(&interrupt);
    let shell = Shell {
        session: Arc::new(Mutex::new(session)),
        output,
        interrupt,
        reporter,
        color: color && io::stdout().is_terminal(),
    };
    if io::stdin().is_terminal() { edit::interactive(&shell, &input) } else { piped(&shell, &input) }
}

/// Entries from a pipe or file, without prompts.
fn piped(shell: &Shell, input: &Input) -> u8 {
    let mut entry = String::new();
    loop {
        let line = match input.line(&shell.interrupt) {
            Ok(line) => line,
            Err(message) => {
                shell.reporter.message(&message);
                return 1;
            }
        };
        let ended = line.is_none();
        let closes = match &line {
            Some(line) => {
                // Only these can complete what is open, so that a long entry is not looked at again for each of its lines.
                let first = entry.is_empty();
                entry.push_str(line);
                entry.push('\n');
                first || line.contains(['}', ']', ')', '"', '\'', '/'])
            }
            None => true,
        };
        let open = !ended && entry.len() < MAX_ENTRY && (!closes || is_incomplete(&entry));
        if !open && let Next::Leave(code) = shell.enter(&std::mem::take(&mut entry)) {
            return code;
        }
        if ended || shell.output.is_closed() {
            return 0;
        }
    }
}

impl Shell {
    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs an entry or a command of the REPL.
    fn enter(&self, text: &str) -> Next {
        match text.trim() {
            "" => Next::Continue,
            "exit" | "quit" => Next::Leave(0),
            command if command.starts_with(':') => self.command(command),
            _ => self.run(text, true),
        }
    }

    /// Runs statements and shows the value of the last one.
    fn run(&self, text: &str, show: bool) -> Next {
        let entry = self.evaluate(text);
        if let (true, Some(shown)) = (show, &entry.shown) {
            self.say(&paint::value(shown, self.color));
        }
        self.report(&entry)
    }

    fn evaluate(&self, text: &str) -> Entry {
        interrupt::set_running(true);
        let entry = self.session().enter(text);
        interrupt::set_running(false);
        // What follows goes to standard error, after what the program has printed.
        let _ = self.output.flush();
        entry
    }

    fn report(&self, entry: &Entry) -> Next {
        self.reporter.diagnostics(&entry.warnings);
        self.reporter.diagnostics(&entry.outcome.diagnostics);
        if let Some(stopped) = &entry.outcome.stopped {
            let message = match interrupt::cause() {
                Cause::None if !stopped.message.is_empty() => stopped.message.as_str(),
                _ => "interrupted",
            };
            self.reporter.stopped(message, stopped);
        }
        interrupt::forget(&self.interrupt);
        if entry.outcome.exited { Next::Leave(entry.outcome.exit_code) } else { Next::Continue }
    }

    fn say(&self, line: &str) {
        // If the reader is gone, the loop ends by itself.
        let _ = self.output.write(&format!("{line}\n")).and_then(|()| self.output.flush());
    }
}
