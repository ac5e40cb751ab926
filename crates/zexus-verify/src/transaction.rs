//! Transactions of a chain (chain.md 8.2).

use alloc::string::String;
use alloc::vec::Vec;

use crate::bytes::{Malformed, Reader, put_seg};
use crate::hash::{Hash, ZERO, sha256};
use crate::value::{self, kind};

const TAG: &[u8] = b"ZXTX\x01";
/// Bytes that a transaction may have.
pub const TRANSACTION_BYTES: usize = 1 << 20;

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Runs the module with this content hash.
    Run(Hash),
    /// Makes an instance of a contract.
    Make {
        /// Content hash of the module that declares it.
        code: Hash,
        /// Its name.
        contract: String,
    },
    /// Calls an action of an instance.
    Call {
        /// Address of the instance.
        target: [u8; 20],
        /// Name of the action.
        action: String,
    },
}

/// A transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Name of the chain.
    pub chain: String,
    /// Who sends it.
    pub caller: String,
    /// How many transactions of the caller came before.
    pub nonce: u64,
    /// What it does.
    pub action: Action,
    /// The encoding of the list of arguments.
    pub args: Vec<u8>,
    /// The encoding of the value, a non-negative integer.
    pub value: Vec<u8>,
    /// Gas it may use.
    pub gas_limit: u64,
}

impl Transaction {
    /// Reads a transaction.
    ///
    /// # Errors
    /// If the bytes are not exactly those of a transaction, or more than 1 MiB.
    pub fn decode(bytes: &[u8]) -> Result<Transaction, Malformed> {
        if bytes.len() > TRANSACTION_BYTES {
            return Err(Malformed("more than 1 MiB"));
        }
        let mut r = Reader::new(bytes);
        r.expect(TAG)?;
        let (chain, caller, nonce) = (r.text()?.into(), r.text()?.into(), r.u64()?);
        let (what, target, code, name) = (r.byte()?, r.array::<20>()?, r.array()?, r.text()?);
        let no_target = target == [0; 20];
        let action = match what {
            0 if no_target && name.is_empty() => Action::Run(code),
            1 if no_target => Action::Make { code, contract: name.into() },
            2 if code == ZERO => Action::Call { target, action: name.into() },
            0..=2 => return Err(Malformed("a field that its kind does not use")),
            _ => return Err(Malformed("an unknown kind of transaction")),
        };
        let args = value::take_list(&mut r)?.to_vec();
        let value = value::take(&mut r)?;
        match value {
            [kind::INT, 0] => {}
            [kind::INT, bytes @ ..] if sign_of_segment(bytes) == Some(false) => {}
            _ => return Err(Malformed("a value that is no non-negative integer")),
        }
        let (value, gas_limit) = (value.to_vec(), r.u64()?);
        r.end()?;
        Ok(Transaction { chain, caller, nonce, action, args, value, gas_limit })
    }

    /// The bytes of the transaction.
    pub fn encode(&self) -> Vec<u8> {
        let (what, target, code, name) = match &self.action {
            Action::Run(code) => (0, [0; 20], *code, ""),
            Action::Make { code, contract } => (1, [0; 20], *code, contract.as_str()),
            Action::Call { target, action } => (2, *target, ZERO, action.as_str()),
        };
        let mut out = TAG.to_vec();
        put_seg(&mut out, self.chain.as_bytes());
        put_seg(&mut out, self.caller.as_bytes());
        out.extend_from_slice(&self.nonce.to_be_bytes());
        out.push(what);
        out.extend_from_slice(&target);
        out.extend_from_slice(&code);
        put_seg(&mut out, name.as_bytes());
        out.extend_from_slice(&self.args);
        out.extend_from_slice(&self.value);
        out.extend_from_slice(&self.gas_limit.to_be_bytes());
        out
    }

    /// Its id: the hash of its bytes.
    pub fn id(&self) -> Hash {
        transaction_id(&self.encode())
    }
}

/// The id of the transaction with these bytes.
pub fn transaction_id(bytes: &[u8]) -> Hash {
    sha256(&[bytes])
}

/// Whether the integer after a length is negative.
fn sign_of_segment(bytes: &[u8]) -> Option<bool> {
    let mut r = Reader::new(bytes);
    r.seg().ok()?.first().map(|first| *first >= 0x80)
}
