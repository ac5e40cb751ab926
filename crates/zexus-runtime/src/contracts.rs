//! Contract instances: their addresses and records, and what an action sees of its call (language.md 15.5, 15.10; chain.md 9).
//!
//! 1. The address of an instance is that of chain.md 9.2. A program that runs outside a chain has no content hash for its modules:
//!    SHA-256 of the path of the module stands for it.
//! 2. An instance exists while its record is in the state; the value of an address may outlive it.
//! 3. [`CallContext::frame`] is replaced at each external call. A tier that switches tasks keeps one frame a task.

use std::collections::HashMap;
use std::sync::Arc;

use zexus_bytecode::flags::FnFlags;
use zexus_crypto::{hex, sha256};

use crate::encode::bytes::{Reader, put_seg, put_varint};
use crate::encode::kind;
use crate::heap::Ref;
use crate::host::Block;
use crate::machine::Machine;
use crate::object::ContractObj;
use crate::state::place;
use crate::trap::Trap;
use crate::value::Value;

pub mod context;

/// The bytes of an address.
pub type Address = [u8; 20];

/// Addresses of contract instances that values refer to.
#[derive(Debug, Default)]
pub struct Addresses {
    list: Vec<(Address, Option<Ref<ContractObj>>)>,
    index: HashMap<Address, u32, foldhash::fast::RandomState>,
}

impl Addresses {
    /// The contract of an address, if its code is known.
    pub fn contract(&self, index: u32) -> Option<Ref<ContractObj>> {
        self.list.get(index as usize).and_then(|e| e.1)
    }

    /// The bytes of an address; zeros for an index that is none.
    pub fn bytes(&self, index: u32) -> Address {
        self.list.get(index as usize).map_or([0; 20], |e| e.0)
    }

    /// `0x` and 40 hex digits.
    pub fn text(&self, index: u32) -> String {
        address_text(&self.bytes(index))
    }

    /// Whether no address is known.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.index.clear();
    }

    fn intern(&mut self, address: Address) -> u32 {
        *self.index.entry(address).or_insert_with(|| {
            self.list.push((address, None));
            self.list.len() as u32 - 1
        })
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(Value)) {
        for (_, c) in &self.list {
            if let Some(c) = c {
                visit(Value::contract(*c));
            }
        }
    }
}

/// `0x` and 40 hex digits.
pub fn address_text(address: &Address) -> String {
    format!("0x{}", hex::encode(address))
}

/// What stands for the content hash of a module outside a chain.
pub fn code_hash(module: &str) -> [u8; 32] {
    sha256(module.as_bytes())
}

/// The address of the `n`-th instance (from 0) that a maker makes of the code (chain.md 9.2).
pub fn instance_address(maker: &Address, n: u64, code: &[u8; 32]) -> Address {
    let mut bytes = b"ZXAD".to_vec();
    bytes.extend_from_slice(maker);
    bytes.extend_from_slice(&n.to_be_bytes());
    bytes.extend_from_slice(code);
    let hash = sha256(&bytes);
    let mut address = [0; 20];
    address.copy_from_slice(hash.split_at(12).1);
    address
}

/// The record of an instance: the encoding of `{code, contract, maker}`.
pub(crate) fn instance_record(code: &[u8; 32], contract: &str, maker: &Address) -> Vec<u8> {
    let mut out = vec![kind::MAP, 3];
    let mut entry = |name: &str, kind: u8, bytes: &[u8], seg: bool| {
        out.push(kind::STRING);
        put_seg(&mut out, name.as_bytes());
        out.push(kind);
        if seg {
            put_varint(&mut out, bytes.len() as u64);
        }
        out.extend_from_slice(bytes);
    };
    entry("code", kind::BYTES, code, true);
    entry("contract", kind::STRING, contract.as_bytes(), true);
    entry("maker", kind::CONTRACT, maker, false);
    out
}

/// Content hash and contract name of the record of an instance.
///
/// # Errors
/// If it is none.
pub fn read_record(record: &[u8]) -> Result<([u8; 32], &str), &'static str> {
    let mut r = Reader::new(record);
    let malformed = "an instance record that is none";
    if r.take(2)? != [kind::MAP, 3] || r.take(7)? != b"\x05\x04code\x06" {
        return Err(malformed);
    }
    let code = r.seg()?.try_into().map_err(|_| malformed)?;
    if r.take(11)? != b"\x05\x08contract\x05" {
        return Err(malformed);
    }
    Ok((code, r.text()?))
}

impl Machine {
    /// The value of a contract instance.
    pub fn contract_instance(&mut self, address: Address) -> Value {
        let index = self.addresses.intern(address);
        if self.addresses.contract(index).is_none() {
            let found = self.find_contract(&address);
            self.know_contract(index, found);
        }
        Value::contract_instance(index)
    }

    pub(crate) fn know_contract(&mut self, index: u32, contract: Option<Ref<ContractObj>>) {
        if let Some(entry) = self.addresses.list.get_mut(index as usize) {
            entry.1 = contract;
        }
    }

    fn find_contract(&self, address: &Address) -> Option<Ref<ContractObj>> {
        let record = self.journal.read(&place::instance(address))?;
        let (code, name) = read_record(record).ok()?;
        self.declared.contract(&code, name)
    }

    /// The contract of an instance that exists.
    ///
    /// # Errors
    /// E0515 if there is no instance at this address, or its code is not known.
    pub fn live_contract(&mut self, index: u32) -> Result<Ref<ContractObj>, Trap> {
        let address = self.addresses.bytes(index);
        if self.journal.read(&place::instance(&address)).is_none() {
            return Err(self.error(515, format!("no contract instance at {}", address_text(&address))));
        }
        if let Some(c) = self.addresses.contract(index) {
            return Ok(c);
        }
        let found = self.find_contract(&address);
        self.know_contract(index, found);
        match found {
            Some(c) => Ok(c),
            None => Err(self
                .error(515, format!("the code of the contract at {} is not known", address_text(&address)))),
        }
    }
}

/// What the running code sees of its call.
#[derive(Debug, Clone)]
pub struct Frame {
    /// `TX.caller`.
    pub caller: Arc<str>,
    /// `TX.value`.
    pub value: u64,
    /// The instance whose action runs.
    pub instance: Option<u32>,
    /// The caller that external calls from here have.
    pub next_caller: Arc<str>,
    /// The value that external calls from here have.
    pub next_value: u64,
    /// State may not be written.
    pub view: bool,
    /// State may not even be read.
    pub pure: bool,
}

/// The contract call that runs, and those around it.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// What the running code sees.
    pub frame: Frame,
    /// `TX.origin`: the caller of the run.
    pub origin: Arc<str>,
    /// Instances whose actions run by external calls, outermost first.
    pub(crate) running: Vec<u32>,
}

impl CallContext {
    /// Outside of any contract.
    pub fn top(block: &Block) -> CallContext {
        let (caller, value) = (block.caller.clone(), block.value);
        let frame = Frame {
            next_caller: caller.clone(),
            next_value: value,
            caller: caller.clone(),
            value,
            instance: None,
            view: false,
            pure: false,
        };
        CallContext { frame, origin: caller, running: Vec::new() }
    }

    /// The frame of code outside of any contract that runs now: a handler of an event. `view` and `pure` stay.
    pub(crate) fn outside(&self, block: &Block) -> Frame {
        Frame { view: self.frame.view, pure: self.frame.pure, ..CallContext::top(block).frame }
    }
}

/// What [`enter`] changed.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Entered {
    view: bool,
    pure: bool,
}

/// Called by the tier before the body of each function of the program with the flags `VIEW` or `PURE`; others need not.
pub fn enter(m: &mut Machine, flags: FnFlags) -> Entered {
    let frame = &mut m.context.frame;
    let before = Entered { view: frame.view, pure: frame.pure };
    frame.view |= flags.is_view() || flags.is_pure();
    frame.pure |= flags.is_pure();
    before
}

/// Called by the tier when the body has ended, well or not.
pub fn leave(m: &mut Machine, before: Entered) {
    m.context.frame.view = before.view;
    m.context.frame.pure = before.pure;
}

/// Whether state, ledger and events may be written now.
///
/// # Errors
/// E0507 in a `view` or `pure` call, E0516 outside a transaction if the host asked for strict transactions.
pub fn may_write(m: &mut Machine) -> Result<(), Trap> {
    if m.context.frame.view {
        return Err(m.error(507, "a view action cannot write state, emit events or append to the ledger"));
    }
    if m.limits.strict_transactions && m.journal.depth() == 0 {
        return Err(m.error(516, "state is written outside a transaction"));
    }
    Ok(())
}

/// Whether state, `TX`, ledger and events may be read now.
///
/// # Errors
/// E0507 in a `pure` call.
pub fn may_read(m: &mut Machine) -> Result<(), Trap> {
    if m.context.frame.pure {
        return Err(m.error(507, "a pure action cannot read state or TX"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
