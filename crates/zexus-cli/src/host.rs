//! The host of programs that are run from the command line: files below a root, the system's clock, randomness and environment,
//! standard input and output.

mod input;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use zexus::InterruptHandle;
use zexus::files::Files;
use zexus::host::{Block, Caps, FileChange, FileError, Host, PathKind};

pub use self::input::Input;
use crate::output::{Output, note};

/// How often a waiting program looks whether it shall stop.
const TICK: Duration = Duration::from_millis(10);

/// The world as the command gives it.
#[derive(Debug)]
pub struct SystemHost {
    /// Block data behind `TX`.
    pub block: Block,
    /// What the command line grants.
    pub allow: Caps,
    /// Files below the root.
    pub files: Files,
    /// Standard output.
    pub output: Output,
    /// Standard input.
    pub input: Input,
    /// Set by Ctrl-C and the watchdog.
    pub interrupt: InterruptHandle,
}

/// Milliseconds since 1970 by the system's clock.
pub fn system_time() -> i64 {
    let millis = |d: Duration| i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => -millis(before.duration()),
    }
}

impl Host for SystemHost {
    fn block(&mut self) -> Block {
        self.block.clone()
    }
    fn print(&mut self, text: &str) -> Result<(), String> {
        self.output.write(text).map_err(|e| format!("cannot write to standard output: {e}"))
    }
    fn diagnostic(&mut self, line: &str) {
        // So that both streams show things in the order in which they happened. A failure shows at the next print.
        let _ = self.output.flush();
        note(line);
    }
    fn caps(&self) -> Caps {
        self.allow
    }
    fn interrupted(&mut self) -> bool {
        self.interrupt.is_interrupted()
    }
    fn now(&mut self) -> i64 {
        system_time()
    }
    fn sleep_until(&mut self, time: i64) {
        // Who reads the output should not wait for what is already there.
        let _ = self.output.flush();
        while !self.interrupt.is_interrupted() {
            let left = time.saturating_sub(system_time());
            let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else { break };
            std::thread::sleep(TICK.min(Duration::from_millis(left)));
        }
    }
    fn random(&mut self, out: &mut [u8]) {
        if let Err(e) = getrandom::fill(out) {
            // Going on with bytes that are not random would break promises about keys and passwords.
            note(&format!("error: the system gives no random bytes: {e}"));
            std::process::exit(1);
        }
    }
    fn input(&mut self, prompt: &str) -> Result<Option<String>, String> {
        let shown = if prompt.is_empty() { Ok(()) } else { self.output.write(prompt) };
        shown
            .and_then(|()| self.output.flush())
            .map_err(|e| format!("cannot write to standard output: {e}"))?;
        self.input.line(&self.interrupt)
    }
    fn env(&mut self, name: &str) -> Option<String> {
        // The system's call does not accept these names, and no variable can have one.
        if name.is_empty() || name.contains(['=', '\0']) {
            return None;
        }
        std::env::var(name).ok()
    }
    fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, FileError> {
        self.files.read(path, most)
    }
    fn path_kind(&mut self, path: &str) -> Result<PathKind, FileError> {
        self.files.kind(path)
    }
    fn list_dir(&mut self, path: &str) -> Result<Vec<String>, FileError> {
        self.files.list(path)
    }
    fn change(&mut self, change: FileChange<'_>) -> Result<(), FileError> {
        self.files.change(change)
    }
}
