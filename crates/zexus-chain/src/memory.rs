//! A store in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::{Batch, FORMAT, Fence, Head, Store, StoreError, Table, View};

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// A store that lasts as long as it is held; the twin of [`DiskStore`](crate::DiskStore) for tests and runs of one shot.
///
/// A view shares the tables with the store; the first commit after it copies those that it changes.
#[derive(Debug)]
pub struct MemoryStore {
    inner: Mutex<Inner>,
}

#[derive(Clone, Debug)]
struct Inner {
    head: Head,
    tables: Tables,
}

#[derive(Clone, Debug, Default)]
struct Tables(BTreeMap<Table, Arc<Records>>);

impl MemoryStore {
    /// An empty store of the chain with this name.
    pub fn new(chain: &str) -> MemoryStore {
        let mut tables = Tables::default();
        tables.set(Table::Meta, b"format".to_vec(), Some(FORMAT.to_be_bytes().into()));
        tables.set(Table::Meta, b"chain".to_vec(), Some(chain.into()));
        let head = Head::EMPTY;
        tables.set_head(&head);
        MemoryStore { inner: Mutex::new(Inner { head, tables }) }
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        // Nothing that holds the lock can panic half-way.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn set(&mut self, table: Table, key: Vec<u8>, record: Option<Vec<u8>>) {
        let records = Arc::make_mut(self.0.entry(table).or_default());
        match record {
            Some(record) => records.insert(key, record),
            None => records.remove(&key),
        };
    }

    fn set_head(&mut self, head: &Head) {
        for (name, record) in head.records() {
            self.set(Table::Meta, name.into(), Some(record));
        }
    }
}

impl Store for MemoryStore {
    fn head(&self) -> Result<Head, StoreError> {
        Ok(self.inner().head)
    }

    fn snapshot(&self) -> Result<Box<dyn View>, StoreError> {
        Ok(Box::new(self.inner().tables.clone()))
    }

    fn commit(&self, expected: &Head, next: &Head, batch: Batch) -> Result<(), StoreError> {
        let mut inner = self.inner();
        if let Fence::Apply = Fence::check(&inner.head, expected, next)? {
            for (table, key, record) in batch.changes {
                inner.tables.set(table, key, record);
            }
            inner.tables.set_head(next);
            inner.head = *next;
        }
        Ok(())
    }
}

impl View for Tables {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(&table).and_then(|records| records.get(key)).cloned())
    }

    fn scan(
        &self,
        table: Table,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        let records = self.0.get(&table).into_iter().flat_map(|records| records.range(from.to_vec()..));
        for (key, record) in records {
            if !visit(key, record) {
                break;
            }
        }
        Ok(())
    }
}
