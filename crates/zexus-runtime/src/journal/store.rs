//! What lies beneath the journal of a run: a store that outlives it (chain.md 4.5 rule 4, 10.2).
//!
//! 1. Each outermost commit, and each write outside a transaction, goes to the store before it is done here. What the store does not
//!    take is undone, and after that nothing more is begun or written.
//! 2. State of the run alone, whose names begin with `~`, is not given to it (chain.md 4.1).

use super::{Bytes, Entry, Journal, Undo};
use crate::heap::Heap;
use crate::state::place;
use crate::trap::Trap;

/// Keys with their records, or `None` for those removed.
pub type Writes = Vec<(Bytes, Option<Bytes>)>;

/// A store that outlives the run.
pub trait Store: Send {
    /// Keeps what an outermost transaction did, all of it or nothing; it is durable when this returns.
    ///
    /// # Errors
    /// Why it is not; the run is then at its end.
    fn commit(&mut self, writes: Writes, entries: &[Entry]) -> Result<(), String>;

    /// An entry of the ledger from before the run.
    fn entry(&self, index: u64) -> Option<Entry>;
}

/// The store of a journal, and how far it is.
pub(super) struct Beneath {
    store: Box<dyn Store>,
    /// Entries of this run that it has.
    entries: usize,
    failure: Option<String>,
}

impl std::fmt::Debug for Beneath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Beneath").field("failure", &self.failure).finish_non_exhaustive()
    }
}

/// What an outermost transaction left.
#[derive(Debug, Default)]
pub struct Committed {
    /// Each key once.
    pub writes: Writes,
    /// Ledger entries, in order.
    pub entries: Vec<Entry>,
    /// Events, in order.
    pub events: Vec<super::Event>,
}

impl Journal {
    /// Puts a store beneath the journal, which holds its records already.
    pub fn put_beneath(&mut self, store: Box<dyn Store>) {
        self.beneath = Some(Beneath { store, entries: self.entries.len(), failure: None });
    }

    /// Why the store did not take a commit, if it did not.
    pub fn failure(&self) -> Option<&str> {
        self.beneath.as_ref()?.failure.as_deref()
    }

    /// Commits the transaction `serial`, which is the only one or the innermost, and gives what the run did inside it and before. Entries
    /// and events are forgotten here: the next run begins with none, and the memory of this one is no longer counted.
    pub fn take_committed(&mut self, heap: &mut Heap, serial: u64) -> Committed {
        let mut done = Committed::default();
        if self.innermost() == Some(serial) && self.open.len() == 1 {
            self.open.pop();
            self.settle(heap, &mut |key, record| done.writes.push((key.clone(), record.cloned())));
        } else {
            let from = self.open.last().map_or(0, |open| open.at);
            let mut seen = std::collections::HashSet::new();
            for undo in self.undo.get(from..).unwrap_or_default() {
                if let Undo::Record(key, _) = undo
                    && seen.insert(key.clone())
                {
                    done.writes.push((key.clone(), self.overlay.get(key).cloned().flatten()));
                }
            }
            // What is undone later must not take away entries and events that are gone.
            let changed = self.undo.split_off(from);
            self.undo.extend(changed.into_iter().filter(|undo| matches!(undo, Undo::Record(..))));
            self.commit(heap, serial);
        }
        self.first_entry += self.entries.len() as u64;
        done.entries = std::mem::take(&mut self.entries);
        done.events = std::mem::take(&mut self.events);
        self.bytes = 0;
        done
    }

    /// Undoes the transaction `serial`, and forgets the run in it.
    pub fn undo_run(&mut self, heap: &mut Heap, serial: u64) {
        self.revert(heap, serial);
        self.entries.clear();
        self.events.clear();
        self.bytes = 0;
    }

    /// Sets the index of the next entry, between runs.
    pub fn set_first_entry(&mut self, index: u64) {
        self.first_entry = index;
    }

    /// Drops the record of a key that is not kept beyond the run, between runs.
    pub fn forget(&mut self, key: &Bytes) {
        self.store.remove(key);
    }

    pub(super) fn check_beneath(&self) -> Result<(), Trap> {
        if self.failure().is_some() { Err(Trap::HostFailed) } else { Ok(()) }
    }

    /// Gives the store what the outermost transaction did; whether it took it.
    pub(super) fn keep_beneath(&mut self) -> bool {
        let mut writes = Writes::new();
        let mut seen = std::collections::HashSet::new();
        for undo in &self.undo {
            if let Undo::Record(key, _) = undo
                && place::is_kept(key)
                && seen.insert(key.clone())
            {
                writes.push((key.clone(), self.overlay.get(key).cloned().flatten()));
            }
        }
        self.give_beneath(writes)
    }

    pub(super) fn write_beneath(&mut self, key: &Bytes, record: Option<&Bytes>) -> Result<(), Trap> {
        if self.beneath.is_none() || !place::is_kept(key) {
            return Ok(());
        }
        self.check_beneath()?;
        if self.give_beneath(vec![(key.clone(), record.cloned())]) { Ok(()) } else { Err(Trap::HostFailed) }
    }

    fn give_beneath(&mut self, writes: Writes) -> bool {
        let Some(beneath) = &mut self.beneath else { return true };
        let entries = self.entries.get(beneath.entries..).unwrap_or_default();
        if beneath.failure.is_some() {
            return false;
        }
        if writes.is_empty() && entries.is_empty() {
            return true;
        }
        match beneath.store.commit(writes, entries) {
            Ok(()) => {
                beneath.entries = self.entries.len();
                true
            }
            Err(why) => {
                beneath.failure = Some(why);
                false
            }
        }
    }

    pub(super) fn entry_beneath(&self, index: u64) -> Option<Entry> {
        self.beneath.as_ref()?.store.entry(index)
    }
}
