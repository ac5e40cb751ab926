//! A chain over a store: opened, extended by blocks, read through snapshots.

use std::sync::Arc;

use zexus_verify::merkle::{Frontier, leaf};
use zexus_verify::{Entry, Hash, Log, Place, StoredReceipt};

use crate::pending::{Pending, decode_u64, nonce_place};
use crate::proofs::peaks;
use crate::snapshot::Snapshot;
use crate::store::{Head, Nodes, Store, StoreError, Table, View};
use crate::tree::StateTree;

/// What the host vouches for in a block (chain.md 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct BlockFacts {
    /// Height.
    pub height: u64,
    /// Milliseconds since 1970, UTC.
    pub time: i64,
    /// Hash of the block.
    pub hash: Hash,
}

/// Why a chain does not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Height or time lie before those of the last block.
    #[error("height or time of the block lies before that of the last one")]
    Earlier,
}

/// A chain. There is one for a store, which extends it; readers take a [`Snapshot`].
pub struct Archive {
    store: Arc<dyn Store>,
    name: String,
    head: Head,
    /// Time of the last entry or receipt, if there is one.
    time: Option<i64>,
    tree: StateTree,
    ledger: Log,
    receipts: Log,
    failed: bool,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain").field("name", &self.name).field("head", &self.head).finish_non_exhaustive()
    }
}

impl Archive {
    /// Opens the chain in a store: reads every record of the state to build its tree, and compares what the store says of
    /// itself with the state, the last entry and the last receipt. [`Snapshot::verify`] checks the rest.
    ///
    /// # Errors
    /// [`StoreError`], with table and key for what does not fit.
    pub fn open(store: Arc<dyn Store>) -> Result<Archive, StoreError> {
        let view = store.snapshot()?;
        let view = &*view;
        let head = Head::read(|name| view.get(Table::Meta, name.as_bytes()))?;
        let name = view.get(Table::Meta, b"chain")?.and_then(|name| String::from_utf8(name).ok());
        let name = name.ok_or_else(|| StoreError::damaged(Table::Meta, b"chain", "it is missing"))?;
        let mut places = Vec::new();
        view.scan(Table::State, &[], &mut |key, record| {
            places.push(Place::new(key, record));
            true
        })?;
        let tree = StateTree::of(places);
        if tree.root() != head.state_root {
            return Err(StoreError::damaged(Table::Meta, b"state_root", "it is not that of the state"));
        }
        let ledger = Log { head: head.head, tree: frontier(view, Nodes::Ledger, head.entries)? };
        let receipts = Log { head: head.receipt_head, tree: frontier(view, Nodes::Receipts, head.receipts)? };
        let last_entry = last_entry(view, &head)?;
        let last_receipt = last_receipt(view, &head)?;
        let time = last_entry.into_iter().chain(last_receipt).max();
        Ok(Archive { store, name, head, time, tree, ledger, receipts, failed: false })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it stands.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The facts with height and time raised to those of the last block, for runs of programs (chain.md 7.1).
    pub fn raise(&self, facts: BlockFacts) -> BlockFacts {
        BlockFacts {
            height: facts.height.max(self.head.height),
            time: self.time.map_or(facts.time, |last| facts.time.max(last)),
            ..facts
        }
    }

    /// Takes no more blocks: what was made in memory does not fit the store.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
    }

    /// The next nonce of a caller.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn nonce(&self, caller: &str) -> Result<u64, StoreError> {
        let key = nonce_place(caller);
        match self.store.snapshot()?.get(Table::State, &key)? {
            None => Ok(0),
            Some(record) => {
                decode_u64(&record).ok_or_else(|| StoreError::damaged(Table::State, &key, "it is no nonce"))
            }
        }
    }

    /// Begins a block after the last one.
    ///
    /// # Errors
    /// [`ArchiveError::Earlier`]; [`StoreError`]; [`StoreError::Failed`] after a commit that failed.
    pub fn begin(&self, facts: BlockFacts) -> Result<Pending, ArchiveError> {
        if self.failed {
            return Err(StoreError::Failed.into());
        }
        if self.raise(facts) != facts {
            return Err(ArchiveError::Earlier);
        }
        Ok(Pending::new(self.snapshot()?, facts))
    }

    /// Makes a block part of the chain, whole and durable.
    ///
    /// # Errors
    /// [`StoreError::Moved`] if another block was committed since this one was begun; after any other error the chain takes
    /// no more blocks, and must be opened again, which shows whether the store has this one.
    pub fn commit(&mut self, pending: Pending) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed);
        }
        let done = pending.finish();
        if done.expected != self.head {
            return Err(StoreError::Moved);
        }
        if let Err(e) = self.store.commit(&done.expected, &done.next, done.batch) {
            self.failed = true;
            return Err(e);
        }
        (self.head, self.tree, self.ledger, self.receipts) =
            (done.next, done.tree, done.ledger, done.receipts);
        self.time = self.time.max(done.time);
        Ok(())
    }

    /// The chain as it stands, unaffected by later blocks.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Moved`] if somebody else has changed the store.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let view = self.store.snapshot()?;
        if Head::read(|name| view.get(Table::Meta, name.as_bytes()))? != self.head {
            return Err(StoreError::Moved);
        }
        Ok(Snapshot {
            chain: self.name.clone(),
            head: self.head,
            tree: self.tree.clone(),
            ledger: self.ledger.clone(),
            receipts: self.receipts.clone(),
            view,
            _store: self.store.clone(),
        })
    }
}

/// The hash of a complete subtree.
pub(crate) fn node(view: &dyn View, log: Nodes, level: u8, number: u64) -> Result<Hash, StoreError> {
    let key = log.key(level, number);
    let record = view.get(Table::Nodes, &key)?;
    record
        .and_then(|hash| hash.try_into().ok())
        .ok_or_else(|| StoreError::damaged(Table::Nodes, &key, "it is no hash"))
}

fn frontier(view: &dyn View, log: Nodes, len: u64) -> Result<Frontier, StoreError> {
    let hashes = peaks(0, len).map(|(level, number)| node(view, log, level, number));
    let hashes = hashes.collect::<Result<Vec<Hash>, StoreError>>()?;
    Frontier::from_parts(len, hashes).ok_or(StoreError::Moved)
}

/// The time of the last entry, which must be the one that the nodes and `meta` say.
fn last_entry(view: &dyn View, head: &Head) -> Result<Option<i64>, StoreError> {
    let Some(index) = head.entries.checked_sub(1) else {
        return after_the_last(view, Table::Ledger, 0).map(|()| None);
    };
    after_the_last(view, Table::Ledger, head.entries)?;
    let key = index.to_be_bytes();
    let wrong = |why: &str| StoreError::damaged(Table::Ledger, &key, why);
    let bytes = view.get(Table::Ledger, &key)?.ok_or_else(|| wrong("it is missing"))?;
    let entry = Entry::decode(&bytes).map_err(|why| wrong(why.0))?;
    if entry.index != index || leaf(&bytes) != node(view, Nodes::Ledger, 0, index)? {
        return Err(wrong("it is not the one in the tree"));
    }
    if entry.height > head.height {
        return Err(wrong("its height is above that of the store"));
    }
    Ok(Some(entry.time))
}

fn last_receipt(view: &dyn View, head: &Head) -> Result<Option<i64>, StoreError> {
    let Some(index) = head.receipts.checked_sub(1) else {
        return after_the_last(view, Table::Receipts, 0).map(|()| None);
    };
    after_the_last(view, Table::Receipts, head.receipts)?;
    let key = index.to_be_bytes();
    let wrong = |why: &str| StoreError::damaged(Table::Receipts, &key, why);
    let bytes = view.get(Table::Receipts, &key)?.ok_or_else(|| wrong("it is missing"))?;
    let receipt = StoredReceipt::decode(&bytes).map_err(|why| wrong(why.0))?.receipt;
    if leaf(&receipt.encode()) != node(view, Nodes::Receipts, 0, index)? {
        return Err(wrong("it is not the one in the tree"));
    }
    let [_, state_root] = receipt.state;
    let [_, ledger_head] = receipt.ledger;
    if (state_root, ledger_head, receipt.height) != (head.state_root, head.head, head.height) {
        return Err(wrong("state root, ledger head or height are not those of the store"));
    }
    Ok(Some(receipt.time))
}

/// Refuses records after the last one that `meta` counts.
fn after_the_last(view: &dyn View, table: Table, len: u64) -> Result<(), StoreError> {
    let mut more = None;
    view.scan(table, &len.to_be_bytes(), &mut |key, _| {
        more = Some(key.to_vec());
        false
    })?;
    more.map_or(Ok(()), |key| Err(StoreError::damaged(table, &key, "it is more than the store counts")))
}
