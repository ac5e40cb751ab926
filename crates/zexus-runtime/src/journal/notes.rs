//! What happens to state, events and ledger, noted for a trace (bytecode.md 9.1).
//!
//! 1. Nothing is noted unless somebody asks for it ([`Journal::keep_notes`]), who then takes the notes away again and again.
//! 2. A note changes nothing: it costs no gas, and its text lies outside of the heap.
//! 3. Transactions that an operation of the runtime opens for itself are not noted.

use super::Journal;
use crate::display::preview;
use crate::machine::Machine;
use crate::state::place;
use crate::value::Value;

/// Characters of the text of a value.
const MOST: usize = 80;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A transaction was opened; the number of those that are open then.
    Begin(usize),
    /// The transaction at this level was committed.
    Commit(usize),
    /// The transaction at this level was undone.
    Revert(usize),
    /// State was read.
    Read {
        /// The variable or field, with the keys of the entry.
        key: String,
        /// The beginning of the repr of the value.
        value: String,
    },
    /// State was written.
    Write {
        /// As for a reading.
        key: String,
        /// As for a reading; nothing for what was removed.
        value: Option<String>,
    },
    /// An event of this name was appended.
    Event(std::sync::Arc<str>),
    /// A ledger entry was appended; its index.
    Entry(u64),
}

impl Journal {
    /// Begins or ends the keeping of notes.
    pub fn keep_notes(&mut self, on: bool) {
        self.notes = on.then(Vec::new);
    }

    /// Whether there are notes to be taken.
    pub fn has_notes(&self) -> bool {
        self.notes.as_ref().is_some_and(|notes| !notes.is_empty())
    }

    /// The notes since the last time.
    pub fn take_notes(&mut self) -> Vec<Note> {
        self.notes.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// How many notes there are.
    pub(crate) fn count_notes(&self) -> usize {
        self.notes.as_ref().map_or(0, Vec::len)
    }

    /// Drops all notes but the first `count`: what the others tell of was undone by the operation that did it.
    pub(crate) fn forget_notes(&mut self, count: usize) {
        if let Some(notes) = &mut self.notes {
            notes.truncate(count);
        }
    }

    #[inline]
    pub(crate) fn note(&mut self, make: impl FnOnce() -> Note) {
        if let Some(notes) = &mut self.notes {
            notes.push(make());
        }
    }

    /// Notes that a transaction was opened.
    pub(crate) fn note_begin(&mut self) {
        let level = self.depth();
        self.note(|| Note::Begin(level));
    }

    /// Notes that a transaction is about to be closed, and before it those open inside it.
    pub(crate) fn note_end(&mut self, serial: u64, committed: bool) {
        let Some(notes) = &mut self.notes else { return };
        let Ok(at) = self.open.binary_search_by_key(&serial, |c| c.serial) else { return };
        notes.extend((at + 2..=self.open.len()).rev().map(Note::Revert));
        notes.push(if committed { Note::Commit(at + 1) } else { Note::Revert(at + 1) });
    }

    /// Notes that all transactions are about to be undone.
    pub(crate) fn note_revert_all(&mut self) {
        if let Some(outermost) = self.open.first().map(|c| c.serial) {
            self.note_end(outermost, false);
        }
    }
}

/// Notes that the value at a place of the state was read.
#[inline]
pub(crate) fn read(m: &mut Machine, key: &[u8], v: Value) {
    if m.journal.notes.is_some() {
        note_state(m, key, Some(v), |key, value| Note::Read { key, value: value.unwrap_or_default() });
    }
}

/// Notes that the value at a place of the state was written, or removed.
#[inline]
pub(crate) fn written(m: &mut Machine, key: &[u8], v: Option<Value>) {
    if m.journal.notes.is_some() {
        note_state(m, key, v, |key, value| Note::Write { key, value });
    }
}

/// Records that are not variables of the program, such as counters, are passed over.
#[cold]
fn note_state(m: &mut Machine, key: &[u8], v: Option<Value>, make: fn(String, Option<String>) -> Note) {
    let Some(key) = place::text(key) else { return };
    let value = v.map(|v| preview(m, v, MOST));
    m.journal.note(|| make(key, value));
}
