//! State, ledger entries and events behind one list of undo entries (chain.md 4.5).

/// The journal of a run.
#[derive(Debug, Default)]
pub struct Journal {
    open: Vec<u64>,
}

impl Journal {
    /// An empty journal over an empty store.
    pub fn new() -> Journal {
        Journal::default()
    }

    /// Open transactions, savepoints included.
    #[inline]
    pub fn depth(&self) -> usize {
        self.open.len()
    }
}
