//! Export, import and verification of whole stores (chain.md 10.6).

use std::collections::BTreeSet;
use std::io::{self, Write};

use zexus_verify::bytes::{put_seg, put_varint};
use zexus_verify::{EXPORT_TAG, Fault, Hash, Log, Part, StoredReceipt, transaction_id, verify_export};

use crate::snapshot::Snapshot;
use crate::store::{Batch, Head, Nodes, Store, StoreError, Table};

/// Writes and hashes.
struct Hashing<'a> {
    out: &'a mut dyn Write,
    hash: zexus_verify::Sha256,
    failed: Option<io::Error>,
}

impl Hashing<'_> {
    /// What fails is kept, because it happens inside of scans.
    fn put(&mut self, bytes: &[u8]) -> bool {
        self.hash.update(bytes);
        if self.failed.is_none() {
            self.failed = self.out.write_all(bytes).err();
        }
        self.failed.is_none()
    }

    fn seg(&mut self, bytes: &[u8]) -> bool {
        let mut length = Vec::new();
        put_varint(&mut length, bytes.len() as u64);
        self.put(&length) && self.put(bytes)
    }

    fn count(&mut self, n: u64) {
        let mut bytes = Vec::new();
        put_varint(&mut bytes, n);
        self.put(&bytes);
    }
}

pub(crate) fn write(from: &Snapshot, out: &mut dyn Write) -> Result<Hash, StoreError> {
    let mut out = Hashing { out, hash: zexus_verify::Sha256::new(), failed: None };
    let mut start = EXPORT_TAG.to_vec();
    put_seg(&mut start, from.chain.as_bytes());
    start.extend_from_slice(&from.head.height.to_be_bytes());
    out.put(&start);
    out.count(from.tree.len() as u64);
    from.places(&[], &mut |key, record| out.seg(key) && out.seg(record))?;
    out.count(from.head.entries);
    numbered(from, Table::Ledger, from.head.entries, &mut |_, entry| Ok(out.seg(entry)))?;
    out.count(from.head.receipts);
    numbered(from, Table::Receipts, from.head.receipts, &mut |number, receipt| {
        let transaction = from.transaction(number)?;
        Ok(out.seg(&transaction.unwrap_or_default()) && out.seg(receipt))
    })?;
    let mut modules = 0;
    from.view.scan(Table::Code, &[], &mut |_, _| {
        modules += 1;
        true
    })?;
    out.count(modules);
    from.view.scan(Table::Code, &[], &mut |_, module| out.seg(module))?;
    let Hashing { out, hash, failed } = out;
    let hash = hash.finish();
    match failed.map_or_else(|| out.write_all(&hash).and_then(|()| out.flush()), Err) {
        Ok(()) => Ok(hash),
        Err(e) => Err(StoreError::Io(e.to_string())),
    }
}

type Visit<'a> = &'a mut dyn FnMut(u64, &[u8]) -> Result<bool, StoreError>;

/// Calls `visit` for the records 0 to `len` of a table that must hold these and no others, until it returns false.
fn numbered(from: &Snapshot, table: Table, len: u64, visit: Visit<'_>) -> Result<(), StoreError> {
    let (mut next, mut result) = (0u64, Ok(true));
    from.view.scan(table, &[], &mut |key, record| {
        result = if next < len && key == next.to_be_bytes() {
            visit(next, record)
        } else if next < len {
            Err(StoreError::damaged(table, &next.to_be_bytes(), "it is missing"))
        } else {
            Err(StoreError::damaged(table, key, "it is more than the store counts"))
        };
        next += 1;
        result == Ok(true)
    })?;
    if result? && next < len {
        return Err(StoreError::damaged(table, &next.to_be_bytes(), "it is missing"));
    }
    Ok(())
}

/// Why an import was not made. The store is then as before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The export does not verify.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The store holds something already.
    #[error("the store is not empty")]
    NotEmpty,
    /// The store failed, or is of another chain.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Fills an empty store from an export, in one batch: an interrupted import leaves an empty store.
///
/// # Errors
/// [`ImportError`].
pub fn import(file: &[u8], store: &dyn Store) -> Result<Head, ImportError> {
    let export = verify_export(file)?;
    let view = store.snapshot()?;
    let found = view.get(Table::Meta, b"chain")?.unwrap_or_default();
    if found != export.chain.as_bytes() {
        let (expected, found) = (export.chain.to_owned(), String::from_utf8_lossy(&found).into_owned());
        return Err(StoreError::Chain { expected, found }.into());
    }
    if store.head()? != Head::EMPTY {
        return Err(ImportError::NotEmpty);
    }
    let mut batch = Batch::default();
    for (key, record) in &export.places {
        batch.put(Table::State, *key, *record);
    }
    let mut ledger = Log::new();
    for entry in &export.entries {
        batch.put(Table::Ledger, ledger.len().to_be_bytes(), *entry);
        ledger.push_with(entry, |level, number, hash| {
            batch.put(Table::Nodes, Nodes::Ledger.key(level, number), hash)
        });
    }
    let mut receipts = Log::new();
    for (transaction, record) in &export.receipts {
        let number = receipts.len().to_be_bytes();
        batch.put(Table::Transactions, number, *transaction);
        batch.put(Table::Receipts, number, *record);
        batch.put(Table::Ids, transaction_id(transaction), number);
        let receipt = StoredReceipt::decode(record).map_err(|why| Fault {
            part: Part::Receipt,
            number: receipts.len(),
            why,
        })?;
        receipts.push_with(&receipt.receipt.encode(), |level, number, hash| {
            batch.put(Table::Nodes, Nodes::Receipts.key(level, number), hash);
        });
    }
    for (code, module) in &export.modules {
        batch.put(Table::Code, *code, *module);
    }
    let head = Head {
        height: export.height,
        entries: ledger.len(),
        receipts: receipts.len(),
        head: ledger.head,
        receipt_head: receipts.head,
        state_root: export.state_root,
    };
    store.commit(&Head::EMPTY, &head, batch)?;
    Ok(head)
}

fn damaged(fault: &Fault) -> StoreError {
    let table = match fault.part {
        Part::Place => "state",
        Part::Entry => "ledger",
        Part::Transaction => "transactions",
        Part::Receipt => "receipts",
        Part::Module => "code",
        Part::File | Part::Checkpoint => "meta",
    };
    StoreError::Damaged { table, key: format!("number {}", fault.number), why: fault.why.to_string() }
}

pub(crate) fn verify(from: &Snapshot) -> Result<(), StoreError> {
    let mut file = Vec::new();
    write(from, &mut file)?;
    let export = verify_export(&file).map_err(|fault| damaged(&fault))?;
    let meta = |name: &str, why| Err(StoreError::damaged(Table::Meta, name.as_bytes(), why));
    if export.state_root != from.head.state_root {
        return meta("state_root", "it is not that of the state");
    }
    if export.ledger != from.ledger {
        return meta("head", "it is not that of the entries");
    }
    if export.receipt_log != from.receipts {
        return meta("receipt_head", "it is not that of the receipts");
    }
    // A store made anew from the export has the same records, and no others.
    let twin = crate::MemoryStore::new(&from.chain);
    import(&file, &twin).map_err(|e| StoreError::Io(e.to_string()))?;
    let twin = twin.snapshot()?;
    for table in Table::ALL.iter().filter(|table| **table != Table::Tree) {
        let mut wrong = None;
        let mut keys = BTreeSet::new();
        let mut failed = None;
        from.view.scan(*table, &[], &mut |key, record| {
            match twin.get(*table, key) {
                Ok(Some(other)) if other == record => {}
                Ok(_) => wrong = Some(key.to_vec()),
                Err(e) => failed = Some(e),
            }
            keys.insert(key.to_vec());
            wrong.is_none() && failed.is_none()
        })?;
        if let Some(e) = failed {
            return Err(e);
        }
        if let Some(key) = wrong {
            return Err(StoreError::damaged(*table, &key, "it is not what the rest of the store says"));
        }
        let mut missing = None;
        twin.scan(*table, &[], &mut |key, _| {
            missing = (!keys.contains(key)).then(|| key.to_vec());
            missing.is_none()
        })?;
        if let Some(key) = missing {
            return Err(StoreError::damaged(*table, &key, "it is missing"));
        }
    }
    Ok(())
}
