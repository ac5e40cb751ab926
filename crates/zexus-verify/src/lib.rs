//! Verifies what chains of Zexus leave behind, without the engine that made it: ledgers, receipts, Merkle proofs, state roots,
//! checkpoints and whole exports.
//!
//! It is an implementation of chain.md of its own, to be read in an hour: all functions are pure, bytes in, verdict out, and
//! nothing but SHA-256 comes from elsewhere. Without the feature `std` it needs only an allocator.
//!
//! ```
//! use zexus_verify::{Place, StateProof};
//!
//! // The state {x = 1}: its root is that of its only place.
//! let place = Place::new(b"\x01\x01x", b"\x03\x01\x01");
//! let proof = StateProof { end: Some(place), siblings: Vec::new() };
//! assert!(proof.verify(&place.hash(), b"\x01\x01x", Some(b"\x03\x01\x01")));
//! assert!(proof.verify(&place.hash(), b"\x01\x01y", None));
//! assert!(!proof.verify(&place.hash(), b"\x01\x01x", None));
//! ```
//!
//! 1. Only what encoding makes is read (chain.md 2.3): every thing has one form, so equal hashes mean equal things.
//! 2. No input makes anything here panic, recurse without a bound, or take more than n log n steps.

#![cfg_attr(not(any(feature = "std", test)), no_std)]

extern crate alloc;

pub mod bytes;
mod checkpoint;
mod entry;
mod export;
mod hash;
mod ledger;
mod log;
pub mod merkle;
pub mod module;
pub mod place;
mod receipt;
pub mod state;
mod transaction;
pub mod value;

pub use bytes::Malformed;
pub use checkpoint::Checkpoint;
pub use entry::{Entry, EntryKind, Origin};
pub use export::{EXPORT_TAG, Export, Fault, Part, verify_export};
pub use hash::{Hash, Sha256, ZERO, from_hex, hash_from_hex, sha256, to_hex};
pub use ledger::LedgerCheck;
pub use log::{Log, next_head};
pub use receipt::{Event, Receipt, Status, StoredReceipt};
pub use state::{Place, StateProof};
pub use transaction::{Action, TRANSACTION_BYTES, Transaction, transaction_id};
