//! The border to what keeps a chain (chain.md 10.1).

use std::fmt;

use zexus_verify::{Hash, ZERO};

/// Version of the format of stores.
pub const FORMAT: u32 = 1;

macro_rules! tables {
    ($( $(#[$doc:meta])* $name:ident = $text:literal; )*) => {
        /// A table of a store. Keys and records are bytes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table { $( $(#[$doc])* $name ),* }

        impl Table {
            /// All of them.
            pub const ALL: &'static [Table] = &[$( Table::$name ),*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $( Table::$name => $text ),* }
            }
        }
    };
}

tables! {
    /// Places and their records (chain.md 4).
    State = "state";
    /// Hashes of the state tree. Nothing is kept here: it is rebuilt from `state` when a chain is opened.
    Tree = "tree";
    /// u64 index: bytes of an entry.
    Ledger = "ledger";
    /// u64 index: bytes of a receipt, and what is outside its hash.
    Receipts = "receipts";
    /// Log ([`Nodes`]), level, u64 number: hash of a complete subtree.
    Nodes = "nodes";
    /// u64 number of the receipt: bytes of a transaction.
    Transactions = "transactions";
    /// Id of a transaction: u64 number of the receipt.
    Ids = "ids";
    /// Content hash: bytes of a module.
    Code = "code";
    /// `format`, `chain` and the fields of [`Head`] by their names.
    Meta = "meta";
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The logs whose subtrees are in [`Table::Nodes`]: the first byte of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Nodes {
    Ledger = 0,
    Receipts = 1,
}

impl Nodes {
    /// The key of a complete subtree.
    pub fn key(self, level: u8, number: u64) -> Vec<u8> {
        let mut key = vec![self as u8, level];
        key.extend_from_slice(&number.to_be_bytes());
        key
    }
}

/// Where a store stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Head {
    /// Height of the last batch.
    pub height: u64,
    /// Number of entries of the ledger.
    pub entries: u64,
    /// Number of receipts.
    pub receipts: u64,
    /// Head of the ledger.
    pub head: Hash,
    /// Head of the log of receipts.
    pub receipt_head: Hash,
    /// State root.
    pub state_root: Hash,
}

impl Head {
    /// That of an empty store.
    pub const EMPTY: Head =
        Head { height: 0, entries: 0, receipts: 0, head: ZERO, receipt_head: ZERO, state_root: ZERO };

    /// The records of [`Table::Meta`] for it.
    pub fn records(&self) -> [(&'static str, Vec<u8>); 6] {
        [
            ("height", self.height.to_be_bytes().into()),
            ("entries", self.entries.to_be_bytes().into()),
            ("receipts", self.receipts.to_be_bytes().into()),
            ("head", self.head.into()),
            ("receipt_head", self.receipt_head.into()),
            ("state_root", self.state_root.into()),
        ]
    }

    /// Reads the head from the records of [`Table::Meta`].
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if a record is missing or of another length; those of `get`.
    pub fn read(
        mut get: impl FnMut(&'static str) -> Result<Option<Vec<u8>>, StoreError>,
    ) -> Result<Head, StoreError> {
        fn fixed<const N: usize>(
            name: &'static str,
            record: Result<Option<Vec<u8>>, StoreError>,
        ) -> Result<[u8; N], StoreError> {
            let record =
                record?.ok_or_else(|| StoreError::damaged(Table::Meta, name.as_bytes(), "it is missing"))?;
            let wrong = |_| StoreError::damaged(Table::Meta, name.as_bytes(), "it has another length");
            record.try_into().map_err(wrong)
        }
        Ok(Head {
            height: u64::from_be_bytes(fixed("height", get("height"))?),
            entries: u64::from_be_bytes(fixed("entries", get("entries"))?),
            receipts: u64::from_be_bytes(fixed("receipts", get("receipts"))?),
            head: fixed("head", get("head"))?,
            receipt_head: fixed("receipt_head", get("receipt_head"))?,
            state_root: fixed("state_root", get("state_root"))?,
        })
    }
}

/// What a commit writes: for each table and key a record, or `None` to remove it. Of several for one key the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The changes, in order.
    pub changes: Vec<(Table, Vec<u8>, Option<Vec<u8>>)>,
}

impl Batch {
    /// Writes a record.
    pub fn put(&mut self, table: Table, key: impl Into<Vec<u8>>, record: impl Into<Vec<u8>>) {
        self.changes.push((table, key.into(), Some(record.into())));
    }

    /// Removes a record.
    pub fn remove(&mut self, table: Table, key: impl Into<Vec<u8>>) {
        self.changes.push((table, key.into(), None));
    }
}

/// Why a store did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The head is not the expected one: somebody else has committed.
    #[error("the head of the store has moved")]
    Moved,
    /// Another process has the store open.
    #[error("store '{0}' is in use by another process")]
    InUse(String),
    /// The store has a format that is not known.
    #[error("the store has format {0}, this version reads format {FORMAT}")]
    Version(u32),
    /// The store is that of another chain.
    #[error("the store is that of chain '{found}', not '{expected}'")]
    Chain {
        /// The name that was asked for.
        expected: String,
        /// The name in the store.
        found: String,
    },
    /// A record is not what it must be.
    #[error("the store is damaged: table {table}, key {key}: {why}")]
    Damaged {
        /// Name of the table; `file` for the whole.
        table: &'static str,
        /// The key in hex, or the name of a record of `meta`.
        key: String,
        /// What is wrong.
        why: String,
    },
    /// The store was opened for reading only.
    #[error("the store was opened read-only")]
    ReadOnly,
    /// A commit has failed before; the chain must be opened again.
    #[error("a commit has failed: the store must be opened again")]
    Failed,
    /// Reading or writing failed.
    #[error("the store failed: {0}")]
    Io(String),
}

impl StoreError {
    /// [`StoreError::Damaged`] for a record.
    pub fn damaged(table: Table, key: &[u8], why: impl Into<String>) -> StoreError {
        let key = match (table, std::str::from_utf8(key)) {
            (Table::Meta, Ok(name)) => name.to_owned(),
            _ => zexus_crypto::hex::encode(key),
        };
        StoreError::Damaged { table: table.name(), key, why: why.into() }
    }
}

/// What keeps a chain.
pub trait Store: Send + Sync {
    /// Height, numbers of entries and receipts, heads and roots: one record, as of the last commit that returned.
    ///
    /// # Errors
    /// [`StoreError`].
    fn head(&self) -> Result<Head, StoreError>;

    /// A consistent view at [`Store::head`], unaffected by later commits.
    ///
    /// # Errors
    /// [`StoreError`].
    fn snapshot(&self) -> Result<Box<dyn View>, StoreError>;

    /// Does all of `batch` and moves the head to `next`, or does nothing. A batch delivered again, whose head is already
    /// `next`, is `Ok` and does nothing. When it returns `Ok`, the batch survives loss of power.
    ///
    /// # Errors
    /// [`StoreError::Moved`] if the head is not `expected`; any other.
    fn commit(&self, expected: &Head, next: &Head, batch: Batch) -> Result<(), StoreError>;
}

/// A view of a store that does not change.
pub trait View: Send {
    /// The record under `key`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Calls `visit` for records from `from` on, in the order of their keys, until it returns false.
    ///
    /// # Errors
    /// [`StoreError`].
    fn scan(
        &self,
        table: Table,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError>;
}

/// What a commit with these heads must do.
pub(crate) enum Fence {
    /// Write.
    Apply,
    /// Nothing: it was delivered before.
    Done,
}

impl Fence {
    pub(crate) fn check(current: &Head, expected: &Head, next: &Head) -> Result<Fence, StoreError> {
        if current == expected {
            Ok(Fence::Apply)
        } else if current == next {
            Ok(Fence::Done)
        } else {
            Err(StoreError::Moved)
        }
    }
}
