//! A block that is being made: state, ledger and receipts as they will be, and the batch that makes them so.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use zexus_verify::{
    Action, Entry, EntryKind, Event, Hash, Log, Malformed, Origin, Receipt, Status, StoredReceipt,
    Transaction, ZERO, bytes::put_seg, place, value::kind,
};

use crate::archive::BlockFacts;
use crate::snapshot::Snapshot;
use crate::store::{Batch, Head, Nodes, StoreError, Table};
use crate::tree::{Change, StateTree};

/// Gas that each transaction costs, and each of its bytes (chain.md 6.5).
const TRANSACTION_GAS: u64 = 1000;
const BYTE_GAS: u64 = 2;
/// Gas that a transaction may ask for (chain.md 12).
pub const GAS_LIMIT: u64 = 100_000_000;
/// Number of the meaning of programs (chain.md 8.4).
pub const SEMANTICS: u16 = 1;

/// What a run does to the world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Keys with their records, or `None` for those removed; of several for one key the last counts.
    pub writes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// Entries of the ledger.
    pub entries: Vec<NewEntry>,
}

/// An entry before it has a place in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// What appended it.
    pub origin: Origin,
    /// What it is.
    pub kind: EntryKind,
    /// The encoding of its payload.
    pub payload: Vec<u8>,
}

/// How the code of a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How.
    pub status: Status,
    /// `E0501` and the like; empty if it ended well.
    pub error: String,
    /// Message of the error.
    pub message: String,
    /// The encoding of the result; that of null unless it ended well.
    pub result: Vec<u8>,
    /// Gas it used, the price of the transaction included.
    pub gas_used: u64,
    /// Number of the gas schedule.
    pub schedule: u16,
    /// Content hash of the code that was executed.
    pub code: Hash,
    /// What it emitted.
    pub events: Vec<Event>,
    /// What it printed.
    pub output: String,
    /// What it did; nothing unless it ended well. The nonce is not part of it.
    pub effects: Effects,
}

/// Why a transaction is not executed (chain.md 8.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It has no bytes that decode.
    #[error("the transaction is malformed: {0}")]
    Malformed(Malformed),
    /// It is of another chain.
    #[error("the transaction is for chain '{0}'")]
    Chain(String),
    /// Its nonce is not the next one.
    #[error("the next nonce of '{caller}' is {expected}, not {found}")]
    Nonce {
        /// Who sends it.
        caller: String,
        /// The next nonce.
        expected: u64,
        /// That of the transaction.
        found: u64,
    },
    /// The chain has no such module.
    #[error("the chain has no module {}", zexus_crypto::hex::encode(.0))]
    Code(Hash),
    /// Its gas limit is below its price, or above what the chain allows.
    #[error("the gas limit is {found}, it must be from {least} to {most}")]
    Gas {
        /// That of the transaction.
        found: u64,
        /// Its price.
        least: u64,
        /// The limit of the chain.
        most: u64,
    },
    /// The machine or the host failed, or the engine cannot represent what the transaction says.
    #[error("the transaction cannot be executed: {0}")]
    Host(String),
    /// A write, entry, event or result is not one of chain.md, or too large; nothing was done.
    #[error("the outcome is malformed: {0}")]
    Outcome(Malformed),
}

/// A block that is being made. Dropping it leaves no trace.
pub struct Pending {
    base: Snapshot,
    facts: BlockFacts,
    tree: StateTree,
    ledger: Log,
    receipts: Log,
    writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Everything but the writes to the state.
    batch: Batch,
    codes: BTreeSet<Hash>,
    /// Next nonces of callers that were asked for.
    nonces: RefCell<HashMap<String, u64>>,
    transactions: u32,
    gas_limit: u64,
    /// Whether receipts get no roots and nothing is recorded but nonces.
    bare: bool,
}

/// A transaction that may be executed next, with its bytes and id.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub(crate) transaction: Transaction,
    pub(crate) bytes: Vec<u8>,
    pub(crate) id: Hash,
}

impl Accepted {
    /// The transaction.
    pub fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// Its id.
    pub fn id(&self) -> &Hash {
        &self.id
    }
}

/// What becomes of a block.
pub(crate) struct Finished {
    pub expected: Head,
    pub next: Head,
    pub batch: Batch,
    pub tree: StateTree,
    pub ledger: Log,
    pub receipts: Log,
    pub time: Option<i64>,
}

/// The place of the next nonce of a caller.
pub fn nonce_place(caller: &str) -> Vec<u8> {
    let mut key = vec![4];
    put_seg(&mut key, caller.as_bytes());
    key
}

/// The encoding of a non-negative integer.
pub fn encode_u64(n: u64) -> Vec<u8> {
    let bytes = n.to_be_bytes();
    // One byte of zeros stays before a highest bit.
    let used = (64 - n.leading_zeros() as usize + if n > 0 { 8 } else { 0 }) / 8;
    let mut out = vec![kind::INT, used as u8];
    out.extend(std::iter::repeat_n(0, used.saturating_sub(bytes.len())));
    out.extend_from_slice(bytes.get(bytes.len().saturating_sub(used)..).unwrap_or_default());
    out
}

pub(crate) fn decode_u64(encoding: &[u8]) -> Option<u64> {
    match encoding {
        [kind::INT, len, bytes @ ..] if bytes.len() == usize::from(*len) && bytes.len() <= 9 => {
            bytes.iter().try_fold(0u64, |n, byte| Some(n.checked_mul(256)? + u64::from(*byte)))
        }
        _ => None,
    }
}

/// The gas that a transaction costs before it starts.
pub fn price(bytes: usize) -> u64 {
    TRANSACTION_GAS.saturating_add(BYTE_GAS.saturating_mul(bytes as u64))
}

impl Pending {
    pub(crate) fn new(base: Snapshot, facts: BlockFacts) -> Pending {
        let (tree, ledger, receipts) = (base.tree.clone(), base.ledger.clone(), base.receipts.clone());
        Pending {
            base,
            facts,
            tree,
            ledger,
            receipts,
            writes: BTreeMap::new(),
            batch: Batch::default(),
            codes: BTreeSet::new(),
            nonces: RefCell::default(),
            transactions: 0,
            gas_limit: GAS_LIMIT,
            bare: false,
        }
    }

    /// A block that is never committed, whose receipts have zeros for roots and heads.
    pub(crate) fn bare(mut self) -> Pending {
        self.bare = true;
        self
    }

    /// Sets the gas that a transaction may ask for.
    #[must_use]
    pub fn with_gas_limit(mut self, limit: u64) -> Pending {
        self.gas_limit = limit;
        self
    }

    /// Whether nothing was executed in it yet.
    pub(crate) fn is_new(&self) -> bool {
        self.transactions == 0
    }

    /// The facts of the block.
    pub fn facts(&self) -> &BlockFacts {
        &self.facts
    }

    /// The state root after what was recorded.
    pub fn state_root(&self) -> Hash {
        self.tree.root()
    }

    /// The head of the ledger after what was recorded.
    pub fn ledger_head(&self) -> Hash {
        self.ledger.head
    }

    /// The number of entries of the ledger.
    pub fn entries(&self) -> u64 {
        self.ledger.len()
    }

    /// The record at a place after what was recorded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.writes.get(key) {
            Some(record) => Ok(record.clone()),
            None => self.base.record(key),
        }
    }

    /// The next nonce of a caller.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn nonce(&self, caller: &str) -> Result<u64, StoreError> {
        if let Some(next) = self.nonces.borrow().get(caller) {
            return Ok(*next);
        }
        let key = nonce_place(caller);
        let next = match self.record(&key)? {
            None => 0,
            Some(record) => decode_u64(&record)
                .ok_or_else(|| StoreError::damaged(Table::State, &key, "it is no nonce"))?,
        };
        self.nonces.borrow_mut().insert(caller.to_owned(), next);
        Ok(next)
    }

    /// Publishes a module under its content hash, which must be that of the bytes.
    ///
    /// # Errors
    /// [`Unacceptable::Code`] if it is not; [`Unacceptable::Malformed`] if the bytes are no module.
    pub fn publish(&mut self, code: Hash, module: &[u8]) -> Result<(), Unacceptable> {
        let hash = zexus_verify::module::content_hash(module).map_err(Unacceptable::Malformed)?;
        if hash != code {
            return Err(Unacceptable::Code(code));
        }
        // Code cannot be changed: what is there stays.
        if !self.has_code(&code)? {
            self.batch.put(Table::Code, code, module);
            self.codes.insert(code);
        }
        Ok(())
    }

    /// The bytes of a module that is published, in this block or before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn module(&self, code: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        let mut here =
            self.batch.changes.iter().filter(|(table, key, _)| *table == Table::Code && key == code);
        match here.next_back() {
            Some((_, _, module)) if self.codes.contains(code) => Ok(module.clone()),
            _ => self.base.module(code),
        }
    }

    fn has_code(&self, code: &Hash) -> Result<bool, StoreError> {
        Ok(self.codes.contains(code) || self.base.view.get(Table::Code, code)?.is_some())
    }

    /// Checks that a transaction can be executed next (chain.md 8.2). Who sent it is not checked here.
    ///
    /// # Errors
    /// Why not.
    pub fn accept(&self, transaction: &Transaction) -> Result<Accepted, Unacceptable> {
        let bytes = transaction.encode();
        // What was built by hand may be none.
        let transaction = Transaction::decode(&bytes).map_err(Unacceptable::Malformed)?;
        self.check_next(&transaction, bytes.len())?;
        Ok(Accepted { id: zexus_verify::transaction_id(&bytes), transaction, bytes })
    }

    fn check_next(&self, transaction: &Transaction, bytes: usize) -> Result<(), Unacceptable> {
        if transaction.chain != self.base.chain {
            return Err(Unacceptable::Chain(transaction.chain.clone()));
        }
        let (expected, found) = (self.nonce(&transaction.caller)?, transaction.nonce);
        if found != expected || found == u64::MAX {
            return Err(Unacceptable::Nonce { caller: transaction.caller.clone(), expected, found });
        }
        let (least, most, found) = (price(bytes), self.gas_limit, transaction.gas_limit);
        if !(least..=most).contains(&found) {
            return Err(Unacceptable::Gas { found, least, most });
        }
        match transaction.action {
            Action::Run(code) | Action::Make { code, .. } if !self.has_code(&code)? => {
                Err(Unacceptable::Code(code))
            }
            _ => Ok(()),
        }
    }

    /// Records a transaction with its outcome: raises the nonce, makes the effects, appends the receipt.
    ///
    /// # Errors
    /// [`Unacceptable`]; the block is then as before.
    pub fn execute(
        &mut self,
        transaction: &Transaction,
        outcome: Outcome,
    ) -> Result<StoredReceipt, Unacceptable> {
        let accepted = self.accept(transaction)?;
        self.record_outcome(accepted, outcome)
    }

    /// Records a transaction as a receipt says that it failed.
    pub(crate) fn take_failed(
        &mut self,
        transaction: &Transaction,
        recorded: &StoredReceipt,
    ) -> Result<StoredReceipt, Unacceptable> {
        let receipt = &recorded.receipt;
        let outcome = Outcome {
            status: receipt.status,
            error: receipt.error.clone(),
            message: recorded.message.clone(),
            result: receipt.result.clone(),
            gas_used: receipt.gas_used,
            schedule: receipt.schedule,
            code: receipt.code,
            events: Vec::new(),
            output: recorded.output.clone(),
            effects: Effects::default(),
        };
        self.execute(transaction, outcome)
    }

    /// As [`Pending::execute`] for the transaction that was accepted last.
    pub(crate) fn record_outcome(
        &mut self,
        accepted: Accepted,
        outcome: Outcome,
    ) -> Result<StoredReceipt, Unacceptable> {
        let Accepted { transaction, bytes: sent, id } = accepted;
        let count = u32::try_from(outcome.effects.entries.len())
            .map_err(|_| Unacceptable::Outcome(Malformed("more entries than a receipt can count")))?;
        let entries = self.check(&outcome.effects, id)?;
        let ledger_after = entries.iter().fold(self.ledger.clone(), |mut log, entry| {
            log.push(entry);
            log
        });
        let writes = outcome.effects.writes.into_iter();
        let nonce = (nonce_place(&transaction.caller), Some(encode_u64(transaction.nonce + 1)));
        let writes: Vec<_> = std::iter::once(nonce).chain(writes).collect();
        let receipt = Receipt {
            id,
            height: self.facts.height,
            number: self.transactions,
            time: self.facts.time,
            block_hash: self.facts.hash,
            status: outcome.status,
            error: outcome.error,
            result: outcome.result,
            gas_used: outcome.gas_used,
            gas_limit: transaction.gas_limit,
            schedule: outcome.schedule,
            semantics: SEMANTICS,
            code: outcome.code,
            state: [self.tree.root(), ZERO],
            ledger: [self.ledger.head, ledger_after.head],
            first_entry: self.ledger.len(),
            entries: count,
            events: outcome.events,
        };
        let mut stored = StoredReceipt { receipt, message: outcome.message, output: outcome.output };
        if self.bare {
            self.nonces.get_mut().insert(transaction.caller, transaction.nonce + 1);
            self.transactions += 1;
            return Ok(stored);
        }
        // Checked before anything is done; the root that is still missing does not matter for that.
        if let Err(why) = StoredReceipt::decode(&stored.encode()) {
            return Err(Unacceptable::Outcome(why));
        }
        self.tree.apply(writes.iter().map(|(key, record)| Change::new(key, record.as_deref())).collect());
        let [_, root_after] = &mut stored.receipt.state;
        *root_after = self.tree.root();
        self.writes.extend(writes);
        self.nonces.get_mut().insert(transaction.caller, transaction.nonce + 1);
        self.append(entries);
        let number = self.receipts.len().to_be_bytes();
        let batch = &mut self.batch;
        self.receipts.push_with(&stored.receipt.encode(), |level, number, hash| {
            batch.put(Table::Nodes, Nodes::Receipts.key(level, number), hash);
        });
        batch.put(Table::Receipts, number, stored.encode());
        batch.put(Table::Transactions, number, sent);
        batch.put(Table::Ids, id, number);
        self.transactions += 1;
        Ok(stored)
    }

    /// Records what the outermost transaction of a program did that is not run by a chain: no receipt, no nonce.
    ///
    /// # Errors
    /// [`Unacceptable::Outcome`]; the block is then as before.
    pub fn write(&mut self, effects: Effects) -> Result<(), Unacceptable> {
        let entries = self.check(&effects, ZERO)?;
        self.tree
            .apply(effects.writes.iter().map(|(key, record)| Change::new(key, record.as_deref())).collect());
        self.writes.extend(effects.writes);
        self.append(entries);
        Ok(())
    }

    /// The bytes of the entries; refuses what a verifier would refuse later.
    fn check(&self, effects: &Effects, id: Hash) -> Result<Vec<Vec<u8>>, Unacceptable> {
        for (key, record) in &effects.writes {
            if let Some(record) = record {
                place::check(key, record).map_err(Unacceptable::Outcome)?;
            }
        }
        let entry = |(index, new): (u64, &NewEntry)| {
            let entry = Entry {
                index,
                height: self.facts.height,
                time: self.facts.time,
                id,
                origin: new.origin,
                kind: new.kind,
                payload: &new.payload,
            };
            let bytes = entry.encode();
            Entry::decode(&bytes).map_err(Unacceptable::Outcome)?;
            Ok(bytes)
        };
        (self.ledger.len()..).zip(&effects.entries).map(entry).collect()
    }

    fn append(&mut self, entries: Vec<Vec<u8>>) {
        for entry in entries {
            let (index, batch) = (self.ledger.len(), &mut self.batch);
            self.ledger.push_with(&entry, |level, number, hash| {
                batch.put(Table::Nodes, Nodes::Ledger.key(level, number), hash);
            });
            self.batch.put(Table::Ledger, index.to_be_bytes(), entry);
        }
    }

    pub(crate) fn finish(self) -> Finished {
        let Pending { base, facts, tree, ledger, receipts, writes, mut batch, .. } = self;
        batch.changes.extend(writes.into_iter().map(|(key, record)| (Table::State, key, record)));
        let grown = ledger.len() + receipts.len() > base.head.entries + base.head.receipts;
        let next = Head {
            // Height and time are those of the last entry or receipt.
            height: if grown { facts.height } else { base.head.height },
            entries: ledger.len(),
            receipts: receipts.len(),
            head: ledger.head,
            receipt_head: receipts.head,
            state_root: tree.root(),
        };
        let time = grown.then_some(facts.time);
        Finished { expected: base.head, next, batch, tree, ledger, receipts, time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_64_bits() {
        let check = |n: u64, hex: &str| {
            assert_eq!(zexus_crypto::hex::encode(&encode_u64(n)), hex);
            assert_eq!(decode_u64(&encode_u64(n)), Some(n));
            assert_eq!(zexus_verify::value::check(&encode_u64(n)), Ok(()));
        };
        check(0, "0300");
        check(1, "030101");
        check(127, "03017f");
        check(128, "03020080");
        check(255, "030200ff");
        check(1000, "030203e8");
        check(u64::MAX, "030900ffffffffffffffff");
        assert_eq!(decode_u64(&[3, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]), None);
    }
}
