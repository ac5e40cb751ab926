//! Chains of Zexus: transactions, the state tree, ledger and receipts on stores that survive a crash.
//!
//! ```
//! use std::sync::Arc;
//! use zexus_chain::{BlockFacts, Archive, Effects, MemoryStore};
//!
//! let mut chain = Archive::open(Arc::new(MemoryStore::new("test")))?;
//! let mut block = chain.begin(BlockFacts { height: 1, time: 1_700_000_000_000, ..BlockFacts::default() })?;
//! // x = 1
//! let key = b"\x01\x01x".to_vec();
//! block.write(Effects { writes: vec![(key.clone(), Some(b"\x03\x01\x01".to_vec()))], entries: Vec::new() })?;
//! chain.commit(block)?;
//! let snapshot = chain.snapshot()?;
//! assert!(snapshot.prove(&key).verify(&snapshot.head().state_root, &key, Some(b"\x03\x01\x01")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! 1. A [`Store`] keeps records and moves its head by whole batches; everything else is built on that, the same for each store.
//! 2. A [`Pending`] block holds the chain as it will be. Nothing is seen of it before [`Archive::commit`] returns.
//! 3. After a commit that failed the chain takes no more blocks until it is opened again (chain.md 10.3).
//! 4. What is written is checked by the rules of `zexus-verify` before, so that a store never holds what that would refuse.

mod archive;
mod attach;
mod chain;
pub mod data;
mod disk;
mod executor;
mod export;
mod loaded;
mod memory;
mod pending;
pub mod proofs;
mod replay;
mod signed;
mod snapshot;
mod store;
mod tree;

pub use archive::{Archive, ArchiveError, BlockFacts};
pub use attach::attach;
pub use chain::{Chain, ChainError, Sender, made};
pub use disk::DiskStore;
pub use executor::{Executed, SCHEDULE};
pub use export::{ImportError, import};
pub use loaded::CodeError;
pub use memory::MemoryStore;
pub use pending::{
    Accepted, Effects, GAS_LIMIT, NewEntry, Outcome, Pending, SEMANTICS, Unacceptable, encode_u64,
    nonce_place, price,
};
pub use replay::{How, ReplayError, Replayed, replay};
pub use signed::SignedTransaction;
pub use snapshot::Snapshot;
pub use store::{Batch, FORMAT, Head, Nodes, Store, StoreError, Table, View};
pub use tree::{Change, StateTree};
pub use zexus_verify::{
    Action, Checkpoint, Entry, EntryKind, Event, Hash, Origin, Place, Receipt, StateProof, Status,
    StoredReceipt, Transaction, hash_from_hex,
};
