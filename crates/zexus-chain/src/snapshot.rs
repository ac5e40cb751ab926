//! A chain as it stood at a head: records, proofs, verification.

use zexus_verify::{Checkpoint, Hash, Log, StateProof, StoredReceipt};

use crate::archive::node;
use crate::export;
use crate::proofs;
use crate::store::{Head, Nodes, StoreError, Table, View};
use crate::tree::StateTree;

/// A chain at one head. Later blocks do not change it.
pub struct Snapshot {
    pub(crate) chain: String,
    pub(crate) head: Head,
    pub(crate) tree: StateTree,
    pub(crate) ledger: Log,
    pub(crate) receipts: Log,
    pub(crate) view: Box<dyn View>,
    /// Held as long as the view, which reads from it.
    pub(crate) _store: std::sync::Arc<dyn crate::store::Store>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("chain", &self.chain)
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Name of the chain.
    pub fn chain(&self) -> &str {
        &self.chain
    }

    /// Where it stands.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The record at a place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.view.get(Table::State, key)
    }

    /// Calls `visit` for each place from `from` on with its record, until it returns false.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn places(&self, from: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.view.scan(Table::State, from, visit)
    }

    /// The bytes of an entry of the ledger; `None` if there are not as many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.counted(Table::Ledger, index, self.head.entries)
    }

    /// A receipt by its number; `None` if there are not as many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn receipt(&self, number: u64) -> Result<Option<StoredReceipt>, StoreError> {
        let Some(bytes) = self.counted(Table::Receipts, number, self.head.receipts)? else { return Ok(None) };
        let wrong =
            |why: zexus_verify::Malformed| StoreError::damaged(Table::Receipts, &number.to_be_bytes(), why.0);
        StoredReceipt::decode(&bytes).map(Some).map_err(wrong)
    }

    /// The bytes of the transaction of a receipt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn transaction(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.counted(Table::Transactions, number, self.head.receipts)
    }

    /// The number of the receipt of the transaction with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn number_of(&self, id: &Hash) -> Result<Option<u64>, StoreError> {
        let Some(number) = self.view.get(Table::Ids, id)? else { return Ok(None) };
        let number = number.try_into().map_err(|_| StoreError::damaged(Table::Ids, id, "it is no number"))?;
        Ok(Some(u64::from_be_bytes(number)))
    }

    /// The bytes of a module.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn module(&self, code: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        self.view.get(Table::Code, code)
    }

    /// Calls `visit` for each record of a table, in the order of the keys, until it returns false.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn scan(&self, table: Table, visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.view.scan(table, &[], visit)
    }

    fn counted(&self, table: Table, index: u64, len: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if index >= len {
            return Ok(None);
        }
        let key = index.to_be_bytes();
        let record = self.view.get(table, &key)?;
        record.map(Some).ok_or_else(|| StoreError::damaged(table, &key, "it is missing"))
    }

    /// What shows that a place holds its record, or none, in the state with this head's root.
    pub fn prove(&self, key: &[u8]) -> StateProof {
        self.tree.prove(key)
    }

    /// The siblings of an entry in the tree of the log's first `size` entries; `None` if there are not as many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn prove_inclusion(
        &self,
        log: Nodes,
        index: u64,
        size: u64,
    ) -> Result<Option<Vec<Hash>>, StoreError> {
        if size > self.log(log).len() {
            return Ok(None);
        }
        proofs::inclusion(index, size, |level, number| node(&*self.view, log, level, number))
    }

    /// What shows that the log's first `old` entries are the beginning of its first `new`; `None` if there are not as many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn prove_consistency(&self, log: Nodes, old: u64, new: u64) -> Result<Option<Vec<Hash>>, StoreError> {
        if new > self.log(log).len() {
            return Ok(None);
        }
        proofs::consistency(old, new, |level, number| node(&*self.view, log, level, number))
    }

    /// A log: its head and the tree over its entries.
    pub fn log(&self, log: Nodes) -> &Log {
        match log {
            Nodes::Ledger => &self.ledger,
            Nodes::Receipts => &self.receipts,
        }
    }

    /// The checkpoint that binds all of this (chain.md 8.5).
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            chain: self.chain.clone(),
            height: self.head.height,
            entries: self.head.entries,
            ledger_root: self.ledger.root(),
            receipts: self.head.receipts,
            receipt_root: self.receipts.root(),
            state_root: self.head.state_root,
        }
    }

    /// Writes everything as one file (chain.md 10.6); its hash.
    ///
    /// # Errors
    /// [`StoreError`], and [`StoreError::Io`] if the file cannot be written.
    pub fn export(&self, out: &mut dyn std::io::Write) -> Result<Hash, StoreError> {
        export::write(self, out)
    }

    /// Checks every record: what an export would hold, by the verifier that knows nothing of this crate, and the tables that
    /// can be made from the others. Takes memory for the whole export.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first that is wrong; [`StoreError`].
    pub fn verify(&self) -> Result<(), StoreError> {
        export::verify(self)
    }
}
