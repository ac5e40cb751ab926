//! Programs whose state outlives their run (chain.md 10.1): a store beneath the journal of an instance.

use std::sync::Arc;

use zexus::Instance;
use zexus_runtime::journal::{self, Journal};

use crate::archive::{Archive, BlockFacts};
use crate::executor::{stored_entry, to_entry};
use crate::pending::Effects;
use crate::store::{Store, StoreError, Table};

/// Gives an instance that has not run the state of a store. From then on each outermost commit of the program is a batch of the store,
/// durable before the program goes on. Block time and height of the instance are raised to those of the store.
///
/// # Errors
/// [`StoreError`].
pub fn attach(instance: &mut Instance, store: Arc<dyn Store>) -> Result<(), StoreError> {
    let archive = Archive::open(store.clone())?;
    let mut records = Vec::new();
    store.snapshot()?.scan(Table::State, &[], &mut |key, record| {
        records.push((key.into(), record.into()));
        true
    })?;
    let m = instance.machine_mut();
    let block = &mut m.block;
    let facts = archive.raise(BlockFacts { height: block.height, time: block.time, hash: block.hash });
    (block.height, block.time) = (facts.height, facts.time);
    m.journal = Journal::over(records, archive.head().entries);
    m.journal.put_beneath(Box::new(Attached { archive, store, facts }));
    Ok(())
}

struct Attached {
    archive: Archive,
    store: Arc<dyn Store>,
    facts: BlockFacts,
}

impl journal::Store for Attached {
    fn commit(&mut self, writes: journal::Writes, entries: &[journal::Entry]) -> Result<(), String> {
        let writes = writes.into_iter().map(|(key, record)| (key.to_vec(), record.map(|r| r.to_vec())));
        let effects = Effects { writes: writes.collect(), entries: entries.iter().map(to_entry).collect() };
        let mut block = self.archive.begin(self.facts).map_err(|e| e.to_string())?;
        block.write(effects).map_err(|e| e.to_string())?;
        self.archive.commit(block).map_err(|e| e.to_string())
    }

    fn entry(&self, index: u64) -> Option<journal::Entry> {
        stored_entry(&*self.store, index)
    }
}
