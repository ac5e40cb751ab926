//! Going back to what a machine was after its module had run, so that each transaction of a chain finds the module as it was loaded.
//!
//! 1. What a transaction made is dropped, whatever it is. What it changed of what was there before cannot be put back: the machine says
//!    so, and its owner makes a new one. So nothing of one transaction can ever be seen by another but through the journal.
//! 2. The journal is not part of this; its owner takes it along.

use super::Machine;
use crate::contracts::CallContext;
use crate::heap;
use crate::host::Block;
use crate::meter::Meter;
use crate::value::Value;

/// What a machine was.
#[derive(Clone, Debug)]
pub struct Base {
    heap: heap::Base,
    globals: Vec<Value>,
    modules: rustc_hash::FxHashMap<u32, Value>,
    constants: rustc_hash::FxHashMap<usize, Value>,
    states: usize,
    stack: usize,
    kept: u64,
    changes: Changes,
}

/// What is set and never put back.
type Changes = ([u64; 3], u64, u64, usize, usize);

impl Machine {
    /// Notes what the machine is, between runs. There is nothing to go back to in one that knows contract instances or watches
    /// variables.
    pub fn base(&mut self) -> Option<Base> {
        if !self.addresses.is_empty() || self.events.has_watches() {
            return None;
        }
        Some(Base {
            heap: self.heap.mark_base(),
            globals: self.globals.clone(),
            modules: self.modules.clone(),
            constants: self.constants.clone(),
            states: self.states.len(),
            stack: self.stack.len(),
            kept: self.kept,
            changes: self.changes(),
        })
    }

    fn changes(&self) -> Changes {
        let counts = (self.exit_hooks.len(), self.env.len());
        (self.events.changes(), self.policy.changes, self.declared.changes, counts.0, counts.1)
    }

    /// Goes back to what the machine was; whether it is so again. If not, it must not be used any more.
    #[must_use]
    pub fn rewind(&mut self, base: &Base) -> bool {
        let unchanged = self.heap.rewind(&base.heap) && self.changes() == base.changes;
        self.globals.clone_from(&base.globals);
        if self.modules.len() != base.modules.len() {
            self.modules.clone_from(&base.modules);
        }
        if self.constants.len() != base.constants.len() {
            self.constants.clone_from(&base.constants);
        }
        self.states.truncate(base.states);
        self.stack.truncate(base.stack);
        self.kept = base.kept;
        self.addresses.clear();
        self.pending = None;
        self.rng = None;
        unchanged
    }

    /// Begins a transaction of a chain: its facts, and its limit of gas. Without one it is not metered.
    pub fn begin_run(&mut self, block: Block, gas: Option<u64>) {
        self.context = CallContext::top(&block);
        self.block = block;
        self.meter = Meter::new(gas);
        if gas.is_some() {
            self.start_metering();
        }
        (self.printed, self.exit_code) = (0, 0);
    }
}
