//! A host in memory: the same run every time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zexus_runtime::host::{Block, Caps, FileChange, FileError, Host, PathKind};

use crate::files::Files;

/// Keeps output in memory; its clock jumps when the program sleeps, its randomness comes from a seed, its input from a text.
///
/// Clones are handles to one host: give one to an instance and read the output from another. All capabilities are offered; the engine
/// says which are granted.
///
/// ```
/// # fn main() -> Result<(), zexus::Error> {
/// use zexus::{Engine, host::{Captured, Caps}};
/// let engine = Engine::new().grant(Caps::CLOCK.or(Caps::IO_READ));
/// let host = Captured::new().time(1_700_000_000_000).input("Ada\n");
/// let program = engine.compile("print(timestamp(), input())")?;
/// engine.instance_on(&program, host.clone()).run()?;
/// assert_eq!(host.take_output(), "1700000000 Ada\n");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Captured(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    block: Block,
    now: i64,
    output: String,
    diagnostics: Vec<String>,
    input: VecDeque<String>,
    env: BTreeMap<String, String>,
    random: u64,
    files: Option<Files>,
}

impl Captured {
    /// A host whose clock starts at 0, without input, environment and files.
    pub fn new() -> Captured {
        Captured::default()
    }

    /// Sets the clock and the block time, in milliseconds since 1970.
    #[must_use]
    pub fn time(self, milliseconds: i64) -> Captured {
        self.set(|state| {
            state.now = milliseconds;
            state.block.time = milliseconds;
        })
    }

    /// Sets the block data and the clock to its time.
    #[must_use]
    pub fn block_data(self, block: Block) -> Captured {
        self.set(|state| {
            state.now = block.time;
            state.block = block;
        })
    }

    /// Gives the text that `input` reads line by line.
    #[must_use]
    pub fn input(self, text: &str) -> Captured {
        self.set(|state| state.input = text.lines().map(str::to_owned).collect())
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn variable(self, name: &str, value: &str) -> Captured {
        self.set(|state| {
            state.env.insert(name.to_owned(), value.to_owned());
        })
    }

    /// Seeds the random bytes.
    #[must_use]
    pub fn seed(self, seed: u64) -> Captured {
        self.set(|state| state.random = seed)
    }

    /// Lets the program use the files below a directory.
    #[must_use]
    pub fn files(self, files: Files) -> Captured {
        self.set(|state| state.files = Some(files))
    }

    /// Takes what was printed since the last time.
    pub fn take_output(&self) -> String {
        std::mem::take(&mut self.lock().output)
    }

    /// Takes the lines of the diagnostic stream since the last time.
    pub fn take_diagnostics(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().diagnostics)
    }

    /// The clock, in milliseconds since 1970.
    pub fn clock(&self) -> i64 {
        self.lock().now
    }

    fn set(self, change: impl FnOnce(&mut State)) -> Captured {
        change(&mut self.lock());
        self
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_files<T>(&self, f: impl FnOnce(&Files) -> Result<T, FileError>) -> Result<T, FileError> {
        match &self.lock().files {
            Some(files) => f(files),
            None => Err(FileError::Failed("the host has no files".into())),
        }
    }
}

impl Host for Captured {
    fn block(&mut self) -> Block {
        self.lock().block.clone()
    }
    fn print(&mut self, text: &str) -> Result<(), String> {
        self.lock().output.push_str(text);
        Ok(())
    }
    fn diagnostic(&mut self, line: &str) {
        self.lock().diagnostics.push(line.to_owned());
    }
    fn caps(&self) -> Caps {
        Caps::ALL
    }
    fn now(&mut self) -> i64 {
        self.lock().now
    }
    fn sleep_until(&mut self, time: i64) {
        let mut state = self.lock();
        state.now = state.now.max(time);
    }
    fn random(&mut self, out: &mut [u8]) {
        let mut state = self.lock();
        for chunk in out.chunks_mut(8) {
            // SplitMix64.
            state.random = state.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state.random;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            chunk.copy_from_slice(z.to_le_bytes().get(..chunk.len()).unwrap_or_default());
        }
    }
    fn input(&mut self, _prompt: &str) -> Result<Option<String>, String> {
        Ok(self.lock().input.pop_front())
    }
    fn env(&mut self, name: &str) -> Option<String> {
        self.lock().env.get(name).cloned()
    }
    fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, FileError> {
        self.with_files(|files| files.read(path, most))
    }
    fn path_kind(&mut self, path: &str) -> Result<PathKind, FileError> {
        self.with_files(|files| files.kind(path))
    }
    fn list_dir(&mut self, path: &str) -> Result<Vec<String>, FileError> {
        self.with_files(|files| files.list(path))
    }
    fn change(&mut self, change: FileChange<'_>) -> Result<(), FileError> {
        self.with_files(|files| files.change(change))
    }
}
