//! State, transactions, ledger, events, hashes (bytecode.md 2.5, 2.7; chain.md 5).
//!
//! Sizes are charged by the runtime, base prices by the meter's instructions.

use std::sync::{Arc, LazyLock};

use zexus_runtime::policy::validate;
use zexus_runtime::state::variables;
use zexus_runtime::{Kind, Trap, Value, builtins, calls, events, ledger};

use crate::exec::Exec;
use crate::frame::TRANSACTIONS;

impl Exec<'_> {
    /// `HASH_BLOCK`.
    ///
    /// # Errors
    /// E0510.
    pub fn hash_block(&mut self, v: Value) -> Result<Value, Trap> {
        builtins::crypto::hash_block(&mut self.m, v)
    }

    /// `VERIFY_SIGNATURE`.
    ///
    /// # Errors
    /// E0402, E0510.
    pub fn verify_signature(&mut self, signature: Value, message: Value, key: Value) -> Result<Value, Trap> {
        static BUILTIN: LazyLock<u32> = LazyLock::new(|| builtins::lookup("verify_sig").unwrap_or_default());
        builtins::call(self, *BUILTIN, &[message, signature, key])
    }

    /// `MERKLE_ROOT`.
    ///
    /// # Errors
    /// E0510.
    pub fn merkle_root(&mut self, leaves: &[Value]) -> Result<Value, Trap> {
        builtins::crypto::merkle_of(&mut self.m, leaves)
    }

    /// The contract instance whose fields state is in the running function: in an action, and in functions inside one.
    fn instance(&self) -> Option<u32> {
        if !self.running()?.flags.is_action() {
            return None;
        }
        let this = self.this();
        this.as_contract_instance().filter(|_| self.acts_for(this))
    }

    /// Whether the running code may do to a value what only code of its contract may: it was declared in the contract of this instance,
    /// or in one that this extends. What is no contract keeps nothing for itself.
    ///
    /// The compiler asks for nothing else. A hand-written module may put any instance where `this` is expected.
    pub(crate) fn acts_for(&self, v: Value) -> bool {
        match v.kind() {
            Kind::ContractInstance(_) => (),
            Kind::Contract(_) => return false,
            _ => return true,
        }
        let Some(home) = self.home().as_contract() else { return false };
        let mut contract = self.m.contract_of(v);
        while let Some(c) = contract {
            if c == home {
                return true;
            }
            contract = self.m.heap.contract(c).parent;
        }
        false
    }

    /// `STATE_READ`.
    ///
    /// # Errors
    /// E0507; E0416 for a field that the contract does not have.
    pub fn state_read(&mut self, key: &Arc<str>) -> Result<Value, Trap> {
        match self.instance() {
            Some(instance) => calls::load_field(&mut self.m, instance, key),
            None => variables::get(&mut self.m, key),
        }
    }

    /// `STATE_WRITE`.
    ///
    /// # Errors
    /// E0507, E0510, E0516; E0401 and E0416 for a field.
    pub fn state_write(&mut self, key: &Arc<str>, v: Value) -> Result<(), Trap> {
        match self.instance() {
            Some(instance) => calls::store_field(&mut self.m, instance, key, v),
            None => variables::set(&mut self.m, key, v),
        }
    }

    /// `LEDGER_APPEND`, with a key or without. A field of a contract knows whether it keeps its history.
    ///
    /// # Errors
    /// E0507, E0510, E0516; E0401 and E0416 for a field.
    pub fn ledger_append(&mut self, key: Option<&Arc<str>>, v: Value) -> Result<(), Trap> {
        match (key, self.instance()) {
            (None, _) => ledger::append(&mut self.m, v).map(drop),
            (Some(key), Some(instance)) => calls::store_field(&mut self.m, instance, key, v),
            (Some(key), None) => variables::append_version(&mut self.m, key, v),
        }
    }

    /// The index of a state variable of a top level, which an export names, by its key.
    pub fn state_index(&mut self, key: &str) -> u32 {
        variables::index(&mut self.m, key, false)
    }

    /// `TX_BEGIN`: notes the transaction in [`Exec::transactions`] and the frame.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn tx_begin(&mut self) -> Result<(), Trap> {
        let serial = calls::tx_begin(&mut self.m)?;
        self.transactions.push((self.frames.len(), serial));
        if let Some(frame) = self.frames.last_mut() {
            frame.flags |= TRANSACTIONS;
        }
        Ok(())
    }

    /// `TX_COMMIT`: the innermost transaction that this call has opened.
    pub fn tx_commit(&mut self) {
        if let Some(serial) = self.own_transaction() {
            calls::tx_commit(&mut self.m, serial);
        }
    }

    /// `TX_REVERT`: the innermost transaction that this call has opened.
    pub fn tx_revert(&mut self) {
        if let Some(serial) = self.own_transaction() {
            calls::tx_revert(&mut self.m, serial);
        }
    }

    /// Takes the innermost transaction of the running call off the list.
    fn own_transaction(&mut self) -> Option<u64> {
        let depth = self.frames.len();
        self.transactions.pop_if(|(opened, _)| *opened >= depth).map(|(_, serial)| serial)
    }

    /// At the end of a call: undoes the transactions that it has opened and not closed. After a call that ended well a line of the
    /// diagnostic stream says so, as bytecode.md 2.7 asks.
    #[cold]
    pub fn drop_transactions(&mut self, depth: usize) {
        let mut dropped = false;
        while let Some((_, serial)) = self.transactions.pop_if(|(opened, _)| *opened >= depth) {
            calls::tx_revert(&mut self.m, serial);
            dropped = true;
        }
        if dropped && self.m.pending.is_none() {
            let name = self.running().map_or("", |function| &*function.info.name);
            let name = if name.is_empty() { "lambda" } else { name };
            self.m.host.diagnostic(&format!("warning: {name} left a transaction open, which was undone"));
        }
    }

    /// `REVERT`.
    #[cold]
    pub fn revert(&mut self, reason: Value) -> Trap {
        calls::revert(&mut self.m, reason)
    }

    /// `REQUIRE` that does not hold.
    #[cold]
    pub fn require_failed(&mut self, message: Value) -> Trap {
        validate::require_error(&mut self.m, Some(message))
    }

    /// `REGISTER_EVENT`.
    ///
    /// # Errors
    /// None.
    pub fn register_event(&mut self, name: &Arc<str>, f: Value) -> Result<(), Trap> {
        events::subscribe(&mut self.m, name.clone(), f);
        Ok(())
    }

    /// `EMIT_EVENT`.
    ///
    /// # Errors
    /// Those of language.md 15.8.
    pub fn emit_event(&mut self, name: &Arc<str>, args: &[Value]) -> Result<(), Trap> {
        events::emit(self, name, args, None)
    }
}
