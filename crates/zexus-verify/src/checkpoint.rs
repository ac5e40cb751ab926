//! Checkpoints: what binds a whole store (chain.md 8.5).

use alloc::string::String;
use alloc::vec::Vec;

use crate::bytes::{Malformed, Reader, put_seg};
use crate::hash::{Hash, sha256};

const TAG: &[u8] = b"ZXCP\x01";

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the chain.
    pub chain: String,
    /// Height.
    pub height: u64,
    /// Number of entries of the ledger.
    pub entries: u64,
    /// Root of the tree of entries; zeros if there are none.
    pub ledger_root: Hash,
    /// Number of receipts.
    pub receipts: u64,
    /// Root of the tree of receipts; zeros if there are none.
    pub receipt_root: Hash,
    /// State root.
    pub state_root: Hash,
}

impl Checkpoint {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// If the bytes are not exactly those of a checkpoint.
    pub fn decode(bytes: &[u8]) -> Result<Checkpoint, Malformed> {
        let mut r = Reader::new(bytes);
        r.expect(TAG)?;
        let (chain, height) = (r.text()?.into(), r.u64()?);
        let (entries, ledger_root, receipts, receipt_root) = (r.u64()?, r.array()?, r.u64()?, r.array()?);
        let state_root = r.array()?;
        r.end()?;
        Ok(Checkpoint { chain, height, entries, ledger_root, receipts, receipt_root, state_root })
    }

    /// The bytes of the checkpoint.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = TAG.to_vec();
        put_seg(&mut out, self.chain.as_bytes());
        out.extend_from_slice(&self.height.to_be_bytes());
        out.extend_from_slice(&self.entries.to_be_bytes());
        out.extend_from_slice(&self.ledger_root);
        out.extend_from_slice(&self.receipts.to_be_bytes());
        out.extend_from_slice(&self.receipt_root);
        out.extend_from_slice(&self.state_root);
        out
    }

    /// Its hash: what hosts publish or sign.
    pub fn hash(&self) -> Hash {
        sha256(&[&self.encode()])
    }
}
