//! State, ledger entries and events behind one list of undo entries (chain.md 4.5).
//!
//! 1. Records are read through an overlay of what the open transactions wrote; under it lies the store.
//! 2. A checkpoint is a position in the undo list. Undoing pops back to it; committing an inner transaction forgets it.
//! 3. The outermost commit moves the overlay into the store and clears the undo list. Nothing costs more than what was changed.
//! 4. A write outside a transaction goes to the store at once. Whether it is allowed is checked by the callers.
//! 5. Serial numbers of transactions are never used twice in a run.
//! 6. Keys of [`SCANNED`] records are kept in order, too, because their owners are listed.
//! 7. What undo entries and open transactions weigh (chain.md 12) is counted in the heap's bytes while they exist; records, events
//!    and ledger entries weigh 32 and their bytes, for as long as they stand. What the store held at the start weighs nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::heap::Heap;
use crate::trap::Trap;

pub mod notes;
mod store;

pub use store::{Committed, Store, Writes};

/// The bytes of a key or a record.
pub type Bytes = Arc<[u8]>;

/// An event of the log (language.md 14.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub name: Arc<str>,
    /// The encoding of the list of its arguments.
    pub args: Bytes,
    /// The names of the arguments, if they have some.
    pub names: Option<Arc<[Arc<str>]>>,
    /// The contract that emitted it.
    pub origin: Option<[u8; 20]>,
}

/// What a ledger entry is (chain.md 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryKind {
    /// `ledger_append`.
    Entry = 0,
    /// `audit` and `secure`.
    Audit = 1,
    /// A version of a ledger variable.
    Version = 2,
}

/// An entry of the ledger, as it is before it has bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The contract that appended it.
    pub origin: Option<[u8; 20]>,
    /// What it is.
    pub kind: EntryKind,
    /// The encoding of the payload.
    pub payload: Bytes,
    /// Height of the run.
    pub height: u64,
    /// Time of the run in milliseconds.
    pub time: i64,
    /// Id of the transaction.
    pub id: [u8; 32],
}

/// The first byte of the keys that [`Journal::scan`] finds: roles and their relatives (chain.md 11.1).
pub const SCANNED: u8 = 5;

#[derive(Debug)]
enum Undo {
    /// The key, and what the overlay said of it.
    Record(Bytes, Option<Option<Bytes>>),
    Entry,
    Event,
}

#[derive(Debug)]
struct Checkpoint {
    serial: u64,
    at: usize,
}

type Records = HashMap<Bytes, Bytes, foldhash::fast::RandomState>;

/// The journal of a run.
#[derive(Debug, Default)]
pub struct Journal {
    store: Records,
    overlay: HashMap<Bytes, Option<Bytes>, foldhash::fast::RandomState>,
    /// Every key of [`SCANNED`] that was written; some of them may have no record any more.
    ordered: BTreeSet<Bytes>,
    undo: Vec<Undo>,
    open: Vec<Checkpoint>,
    serials: u64,
    entries: Vec<Entry>,
    first_entry: u64,
    events: Vec<Event>,
    bytes: u64,
    /// What keeps the outermost commits beyond the run.
    beneath: Option<store::Beneath>,
    /// What happened, if somebody wants to know.
    notes: Option<Vec<notes::Note>>,
}

const UNDO_BYTES: u64 = 64;
const TRANSACTION_BYTES: u64 = 32;
const ITEM_BYTES: u64 = 32;

/// What a record weighs; one that was removed inside a transaction still needs its key there.
fn weight(key: &Bytes, record: Option<&Bytes>) -> u64 {
    ITEM_BYTES + key.len() as u64 + record.map_or(0, |r| r.len() as u64)
}

/// Puts a record into the store or takes it out; the weight of what was there.
fn replace(store: &mut Records, key: Bytes, record: Option<Bytes>) -> u64 {
    let length = key.len() as u64;
    let old = match record {
        Some(record) => store.insert(key, record),
        None => store.remove(&key),
    };
    old.map_or(0, |old| ITEM_BYTES + length + old.len() as u64)
}

impl Undo {
    fn bytes(&self) -> u64 {
        match self {
            Undo::Record(key, old) => {
                let old = old.as_ref().and_then(|o| o.as_ref()).map_or(0, |o| o.len());
                UNDO_BYTES + key.len() as u64 + old as u64
            }
            Undo::Entry | Undo::Event => UNDO_BYTES,
        }
    }
}

impl Journal {
    /// An empty journal over an empty store.
    pub fn new() -> Journal {
        Journal::default()
    }

    /// A journal over a store in memory that holds `records` and a ledger of `entries` entries.
    pub fn over(records: impl IntoIterator<Item = (Bytes, Bytes)>, entries: u64) -> Journal {
        let mut journal = Journal { first_entry: entries, ..Journal::default() };
        for (key, record) in records {
            journal.order(&key);
            journal.store.insert(key, record);
        }
        journal
    }

    /// Makes it an empty journal over an empty store, with nothing beneath. What it weighs is no longer counted anywhere.
    pub fn clear(&mut self) {
        let Journal {
            store,
            overlay,
            ordered,
            undo,
            open,
            serials,
            entries,
            first_entry,
            events,
            bytes,
            notes,
            beneath,
        } = self;
        store.clear();
        overlay.clear();
        ordered.clear();
        undo.clear();
        open.clear();
        entries.clear();
        events.clear();
        (*serials, *first_entry, *bytes, *notes) = (0, 0, 0, None);
        *beneath = None;
    }

    /// The records of the store: what outermost commits left. In no particular order.
    pub fn records(&self) -> impl Iterator<Item = (&Bytes, &Bytes)> {
        self.store.iter()
    }

    /// Open transactions, savepoints included.
    #[inline]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Bytes that undo entries, open transactions, records, events and ledger entries weigh; part of the heap's bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The serial number of the innermost open transaction.
    pub fn innermost(&self) -> Option<u64> {
        self.open.last().map(|c| c.serial)
    }

    /// Whether the transaction with this serial number is open.
    pub fn is_open(&self, serial: u64) -> bool {
        // Serial numbers rise from the outermost to the innermost.
        self.open.binary_search_by_key(&serial, |c| c.serial).is_ok()
    }

    /// Opens a transaction, or a savepoint inside one; its serial number.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`]; [`Trap::HostFailed`] after a commit that the store beneath did not take.
    pub fn begin(&mut self, heap: &mut Heap) -> Result<u64, Trap> {
        self.check_beneath()?;
        self.weigh(heap, TRANSACTION_BYTES)?;
        self.serials += 1;
        self.open.push(Checkpoint { serial: self.serials, at: self.undo.len() });
        Ok(self.serials)
    }

    /// Commits a transaction; those still open inside it are undone first. Does nothing if it is not open.
    pub fn commit(&mut self, heap: &mut Heap, serial: u64) {
        while let Some(inner) = self.innermost() {
            if inner == serial {
                break;
            }
            if !self.is_open(serial) {
                return;
            }
            self.revert(heap, inner);
        }
        if self.open.len() == 1 && self.beneath.is_some() && !self.keep_beneath() {
            self.revert(heap, serial);
            return;
        }
        if self.open.pop().is_none() {
            return;
        }
        self.lighten(heap, TRANSACTION_BYTES);
        if self.open.is_empty() {
            self.settle(heap, &mut |_, _| {});
        }
    }

    /// Moves the overlay into the store; `visit` is told each key once, with its record.
    fn settle(&mut self, heap: &mut Heap, visit: &mut dyn FnMut(&Bytes, Option<&Bytes>)) {
        let mut weight = 0;
        // The undo list names every key of the overlay; draining the map itself would cost its capacity each time.
        for undo in self.undo.drain(..) {
            weight += undo.bytes();
            let Undo::Record(key, _) = undo else { continue };
            let Some(record) = self.overlay.remove(&key) else { continue };
            visit(&key, record.as_ref());
            // The weight of what stands now goes on in the store.
            if record.is_none() {
                weight += self::weight(&key, None);
            }
            weight += replace(&mut self.store, key, record);
        }
        self.lighten(heap, weight);
    }

    /// Undoes a transaction and those open inside it. Does nothing if it is not open.
    pub fn revert(&mut self, heap: &mut Heap, serial: u64) {
        if !self.is_open(serial) {
            return;
        }
        while let Some(c) = self.open.pop() {
            self.lighten(heap, TRANSACTION_BYTES);
            while self.undo.len() > c.at {
                let Some(undo) = self.undo.pop() else { break };
                self.lighten(heap, undo.bytes());
                self.undo_one(heap, undo);
            }
            if c.serial == serial {
                break;
            }
        }
    }

    /// Undoes every open transaction (chain.md 4.5 rule 7).
    pub fn revert_all(&mut self, heap: &mut Heap) {
        if let Some(outermost) = self.open.first().map(|c| c.serial) {
            self.revert(heap, outermost);
        }
    }

    fn undo_one(&mut self, heap: &mut Heap, undo: Undo) {
        match undo {
            Undo::Record(key, old) => {
                let back = old.as_ref().map_or(0, |old| weight(&key, old.as_ref()));
                let gone = match old {
                    Some(old) => self.overlay.insert(key.clone(), old),
                    None => self.overlay.remove(&key),
                };
                let gone = gone.map_or(0, |gone| weight(&key, gone.as_ref()));
                // What comes back was counted before; a limit that is passed shows at the next count.
                let _ = self.weigh(heap, back);
                self.lighten(heap, gone);
            }
            Undo::Entry => {
                if let Some(e) = self.entries.pop() {
                    self.lighten(heap, ITEM_BYTES + e.payload.len() as u64);
                }
            }
            Undo::Event => {
                if let Some(e) = self.events.pop() {
                    self.lighten(heap, ITEM_BYTES + e.args.len() as u64);
                }
            }
        }
    }

    fn weigh(&mut self, heap: &mut Heap, bytes: u64) -> Result<(), Trap> {
        heap.charge(bytes)?;
        self.bytes += bytes;
        Ok(())
    }

    fn lighten(&mut self, heap: &mut Heap, bytes: u64) {
        heap.release(bytes);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// The record under a key, with the writes of open transactions.
    pub fn read(&self, key: &[u8]) -> Option<&Bytes> {
        match self.overlay.get(key) {
            Some(record) => record.as_ref(),
            None => self.store.get(key),
        }
    }

    /// The keys with this prefix that have a record, in order; only for prefixes that begin with [`SCANNED`].
    pub fn scan<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = &'a Bytes> {
        let from: Bytes = prefix.into();
        let found = self.ordered.range(from..).take_while(move |key| key.starts_with(prefix));
        found.filter(|key| self.read(key).is_some())
    }

    /// Keeps the key of a record that may be scanned; whether it is new.
    fn order(&mut self, key: &Bytes) -> bool {
        key.first() == Some(&SCANNED) && self.ordered.insert(key.clone())
    }

    /// Writes or removes (`None`) a record.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn write(&mut self, heap: &mut Heap, key: Bytes, record: Option<Bytes>) -> Result<(), Trap> {
        if self.order(&key) {
            self.weigh(heap, ITEM_BYTES + key.len() as u64)?;
        }
        if self.open.is_empty() {
            if record.is_some() {
                self.weigh(heap, weight(&key, record.as_ref()))?;
            }
            self.write_beneath(&key, record.as_ref())?;
            let old = replace(&mut self.store, key, record);
            self.lighten(heap, old);
            return Ok(());
        }
        let old = self.overlay.get(&key).cloned();
        let replaced = old.as_ref().map_or(0, |old| weight(&key, old.as_ref()));
        let undo = Undo::Record(key.clone(), old);
        self.weigh(heap, undo.bytes() + weight(&key, record.as_ref()))?;
        self.lighten(heap, replaced);
        self.undo.push(undo);
        self.overlay.insert(key, record);
        Ok(())
    }

    /// Appends a ledger entry; its index.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn append(&mut self, heap: &mut Heap, entry: Entry) -> Result<u64, Trap> {
        self.weigh(heap, ITEM_BYTES + entry.payload.len() as u64)?;
        self.log(heap, Undo::Entry)?;
        self.entries.push(entry);
        if self.open.is_empty() && self.beneath.is_some() && !self.keep_beneath() {
            self.entries.pop();
            return Err(Trap::HostFailed);
        }
        let index = self.entry_count() - 1;
        self.note(|| notes::Note::Entry(index));
        Ok(index)
    }

    /// Appends an event; its position.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn emit(&mut self, heap: &mut Heap, event: Event) -> Result<usize, Trap> {
        self.weigh(heap, ITEM_BYTES + event.args.len() as u64)?;
        self.log(heap, Undo::Event)?;
        self.note(|| notes::Note::Event(event.name.clone()));
        self.events.push(event);
        Ok(self.events.len() - 1)
    }

    fn log(&mut self, heap: &mut Heap, undo: Undo) -> Result<(), Trap> {
        if !self.open.is_empty() {
            self.weigh(heap, undo.bytes())?;
            self.undo.push(undo);
        }
        Ok(())
    }

    /// The ledger entries of this run, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The index of the first entry of this run.
    pub fn first_entry(&self) -> u64 {
        self.first_entry
    }

    /// Entries of the whole ledger: the index of the next one.
    pub fn entry_count(&self) -> u64 {
        self.first_entry + self.entries.len() as u64
    }

    /// The entry with this index, if it was made in this run or is kept beneath.
    pub fn entry(&self, index: u64) -> Option<Entry> {
        match index.checked_sub(self.first_entry) {
            Some(at) => self.entries.get(usize::try_from(at).ok()?).cloned(),
            None => self.entry_beneath(index),
        }
    }

    /// The events that stand, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }
}

#[cfg(test)]
#[path = "journal/tests.rs"]
mod tests;
