//! Contract instances, addresses, and calls across their border (language.md 15.3-15.10, chain.md 9).

use std::sync::Arc;

use crate::heap::Ref;
use crate::host::Block;
use crate::object::ContractObj;
use crate::value::Value;

/// Addresses of contract instances that values refer to.
#[derive(Debug, Default)]
pub struct Addresses {
    list: Vec<([u8; 20], Option<Ref<ContractObj>>)>,
}

impl Addresses {
    /// The contract of an address, if its code is known.
    pub fn contract(&self, index: u32) -> Option<Ref<ContractObj>> {
        self.list.get(index as usize).and_then(|e| e.1)
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(Value)) {
        for (_, c) in &self.list {
            if let Some(c) = c {
                visit(Value::contract(*c));
            }
        }
    }
}

/// The contract call that runs.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// `TX.caller`.
    pub caller: Arc<str>,
    /// `TX.value`.
    pub value: u64,
}

impl CallContext {
    /// Outside of any contract.
    pub fn top(block: &Block) -> CallContext {
        CallContext { caller: block.caller.clone(), value: block.value }
    }

    pub(crate) fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
}
