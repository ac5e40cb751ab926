//! State, transactions, ledger, events, hashes (bytecode.md 2.5, 2.7; chain.md 5).

use std::sync::Arc;

use zexus_runtime::{Trap, Value};

use crate::exec::Exec;

macro_rules! not_yet {
    ($me:ident) => {
        Err($me.m.error(402, "the chain is not there yet"))
    };
}

impl Exec<'_> {
    /// `HASH_BLOCK`.
    ///
    /// # Errors
    /// E0510.
    pub fn hash_block(&mut self, _v: Value) -> Result<Value, Trap> {
        not_yet!(self)
    }

    /// `VERIFY_SIGNATURE`.
    ///
    /// # Errors
    /// E0402.
    pub fn verify_signature(
        &mut self,
        _signature: Value,
        _message: Value,
        _key: Value,
    ) -> Result<Value, Trap> {
        not_yet!(self)
    }

    /// `MERKLE_ROOT`.
    ///
    /// # Errors
    /// E0510.
    pub fn merkle_root(&mut self, _leaves: &[Value]) -> Result<Value, Trap> {
        not_yet!(self)
    }

    /// `STATE_READ`.
    ///
    /// # Errors
    /// E0507.
    pub fn state_read(&mut self, _key: &Arc<str>) -> Result<Value, Trap> {
        not_yet!(self)
    }

    /// `STATE_WRITE`.
    ///
    /// # Errors
    /// E0507, E0510, E0516.
    pub fn state_write(&mut self, _key: &Arc<str>, _v: Value) -> Result<(), Trap> {
        not_yet!(self)
    }

    /// `TX_BEGIN`: notes the transaction in [`Exec::transactions`] and the frame.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn tx_begin(&mut self) -> Result<(), Trap> {
        not_yet!(self)
    }

    /// `TX_COMMIT`: the innermost transaction that this call has opened.
    pub fn tx_commit(&mut self) {}

    /// `TX_REVERT`: the innermost transaction that this call has opened.
    pub fn tx_revert(&mut self) {}

    /// At the end of a call: undoes the transactions that it has opened and not closed, with a warning of the host's diagnostic
    /// stream as bytecode.md 2.7 asks.
    pub fn drop_transactions(&mut self, depth: usize) {
        while let Some((_, serial)) = self.transactions.pop_if(|(opened, _)| *opened >= depth) {
            zexus_runtime::calls::tx_revert(&mut self.m, serial);
        }
    }

    /// `REVERT`.
    pub fn revert(&mut self, reason: Value) -> Trap {
        zexus_runtime::calls::revert(&mut self.m, reason)
    }

    /// `LEDGER_APPEND`, with a key or without.
    ///
    /// # Errors
    /// E0507, E0510.
    pub fn ledger_append(&mut self, _key: Option<&Arc<str>>, _v: Value) -> Result<(), Trap> {
        not_yet!(self)
    }

    /// `REQUIRE` that does not hold.
    pub fn require_failed(&mut self, message: Value) -> Trap {
        zexus_runtime::policy::validate::require_error(&mut self.m, Some(message))
    }

    /// `REGISTER_EVENT`.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn register_event(&mut self, _name: &Arc<str>, _f: Value) -> Result<(), Trap> {
        not_yet!(self)
    }

    /// `EMIT_EVENT`.
    ///
    /// # Errors
    /// Those of language.md 15.8.
    pub fn emit_event(&mut self, _name: &Arc<str>, _args: &[Value]) -> Result<(), Trap> {
        not_yet!(self)
    }
}
