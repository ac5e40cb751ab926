//! Types and contracts that the running program declares, by the names that encodings hold.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::heap::Ref;
use crate::machine::Machine;
use crate::object::{ContractObj, TypeObj};
use crate::value::Value;

/// What decoding and calls by address look up. A declaration that is reached again replaces the one before.
#[derive(Debug, Default)]
pub struct Declared {
    types: FxHashMap<(Arc<str>, Arc<str>), Ref<TypeObj>>,
    contracts: FxHashMap<([u8; 32], Arc<str>), Ref<ContractObj>>,
    /// How often something was declared.
    pub(crate) changes: u64,
}

impl Declared {
    /// The type of this module and name.
    pub fn ty(&self, module: &str, name: &str) -> Option<Ref<TypeObj>> {
        self.types.get(&(module.into(), name.into())).copied()
    }

    /// The contract of this name in the module with this content hash.
    pub fn contract(&self, code: &[u8; 32], name: &str) -> Option<Ref<ContractObj>> {
        self.contracts.get(&(*code, name.into())).copied()
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.types.values().for_each(|t| visit(Value::ty(*t)));
        self.contracts.values().for_each(|c| visit(Value::contract(*c)));
    }
}

impl Machine {
    /// Makes a data or entity type known, so that its instances can be read back from encodings. The tier calls it where the
    /// declaration is reached.
    pub fn declare_type(&mut self, ty: Ref<TypeObj>) {
        let o = self.heap.ty(ty);
        self.declared.types.insert((o.module.clone(), o.name.clone()), ty);
        self.declared.changes += 1;
    }

    /// Makes a contract known, so that its instances can be called by their address. The tier calls it where the declaration is
    /// reached.
    pub fn declare_contract(&mut self, contract: Ref<ContractObj>) {
        let o = self.heap.contract(contract);
        let code = self.code.unwrap_or_else(|| crate::contracts::code_hash(&o.module));
        self.declared.contracts.insert((code, o.name.clone()), contract);
        self.declared.changes += 1;
    }
}
