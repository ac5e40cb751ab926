//! Logs that only grow: the ledger and the receipts (chain.md 7.2, 8.5).

use crate::hash::{Hash, ZERO, sha256};
use crate::merkle::{Frontier, leaf};

/// The head of a log and the tree over its entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// What orders and binds everything before it; zeros at the start.
    pub head: Hash,
    /// The tree.
    pub tree: Frontier,
}

impl Log {
    /// The log without entries.
    pub fn new() -> Log {
        Log::default()
    }

    /// The number of entries.
    pub fn len(&self) -> u64 {
        self.tree.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// The root of the tree; zeros if there are no entries.
    pub fn root(&self) -> Hash {
        self.tree.root().unwrap_or(ZERO)
    }

    /// Appends an entry, and calls `made` as [`Frontier::push_with`] does.
    pub fn push_with(&mut self, entry: &[u8], made: impl FnMut(u8, u64, Hash)) {
        let leaf = leaf(entry);
        self.head = next_head(&self.head, &leaf);
        self.tree.push_with(leaf, made);
    }

    /// Appends an entry.
    pub fn push(&mut self, entry: &[u8]) {
        self.push_with(entry, |_, _, _| {});
    }
}

/// The head after an entry with this leaf hash.
pub fn next_head(head: &Hash, leaf: &Hash) -> Hash {
    sha256(&[&[2], head, leaf])
}
