//! What stands between a machine and the host of its maker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use zexus_runtime::host::{Block, Caps, FileChange, FileError, Host, PathKind};

/// Stops a run from another thread or a signal handler. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct InterruptHandle(Arc<AtomicBool>);

impl InterruptHandle {
    /// A handle that can be given to instances and hosts.
    pub fn new() -> InterruptHandle {
        InterruptHandle::default()
    }

    /// Asks the run to stop at the next step; if none is under way, the next one stops at once.
    pub fn interrupt(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop is asked for.
    pub fn is_interrupted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Takes the request back.
    pub fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// A host with the interrupt flag, the granted capabilities and the block data of the engine.
pub(crate) struct Guard {
    pub inner: Box<dyn Host>,
    pub interrupt: InterruptHandle,
    pub granted: Caps,
    pub block: Option<Block>,
}

impl Host for Guard {
    fn block(&mut self) -> Block {
        self.block.clone().unwrap_or_else(|| self.inner.block())
    }
    fn print(&mut self, text: &str) -> Result<(), String> {
        self.inner.print(text)
    }
    fn diagnostic(&mut self, line: &str) {
        self.inner.diagnostic(line);
    }
    fn caps(&self) -> Caps {
        self.inner.caps().and(self.granted)
    }
    fn interrupted(&mut self) -> bool {
        self.interrupt.is_interrupted() || self.inner.interrupted()
    }
    fn now(&mut self) -> i64 {
        self.inner.now()
    }
    fn sleep_until(&mut self, time: i64) {
        self.inner.sleep_until(time);
    }
    fn random(&mut self, out: &mut [u8]) {
        self.inner.random(out);
    }
    fn input(&mut self, prompt: &str) -> Result<Option<String>, String> {
        self.inner.input(prompt)
    }
    fn env(&mut self, name: &str) -> Option<String> {
        self.inner.env(name)
    }
    fn read(&mut self, path: &str, most: u64) -> Result<Vec<u8>, FileError> {
        self.inner.read(path, most)
    }
    fn path_kind(&mut self, path: &str) -> Result<PathKind, FileError> {
        self.inner.path_kind(path)
    }
    fn list_dir(&mut self, path: &str) -> Result<Vec<String>, FileError> {
        self.inner.list_dir(path)
    }
    fn change(&mut self, change: FileChange<'_>) -> Result<(), FileError> {
        self.inner.change(change)
    }
}
