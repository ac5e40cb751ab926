//! Reading a ledger from its start (chain.md 7.4).

use crate::bytes::Malformed;
use crate::entry::Entry;
use crate::log::Log;

/// Takes the entries of a ledger one by one.
///
/// At its end compare [`LedgerCheck::log`] with what is claimed of the ledger: number of entries, head, root.
#[derive(Clone, Debug, Default)]
pub struct LedgerCheck {
    log: Log,
    height: u64,
    /// Time of the last entry, once there is one.
    time: Option<i64>,
}

impl LedgerCheck {
    /// A ledger without entries.
    pub fn new() -> LedgerCheck {
        LedgerCheck::default()
    }

    /// The next entry: it must be canonical, have the next index, and height and time may not fall.
    ///
    /// # Errors
    /// What is wrong with it; the ledger then stays as it was.
    pub fn push<'a>(&mut self, bytes: &'a [u8]) -> Result<Entry<'a>, Malformed> {
        let entry = Entry::decode(bytes)?;
        if entry.index != self.log.len() {
            return Err(Malformed("another index than its position"));
        }
        if entry.height < self.height || self.time.is_some_and(|last| entry.time < last) {
            return Err(Malformed("height or time falls"));
        }
        (self.height, self.time) = (entry.height, Some(entry.time));
        self.log.push(bytes);
        Ok(entry)
    }

    /// Head and tree of the entries so far.
    pub fn log(&self) -> &Log {
        &self.log
    }
}
