//! What every tier drives: the heap, the variables, the host, and what the program has set up.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::builtins;
use crate::contracts::{Addresses, CallContext};
use crate::declared::Declared;
use crate::events::Events;
use crate::heap::{Heap, Ref};
use crate::host::{Block, Caps, Host, HostFunction};
use crate::journal::Journal;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::object::*;
use crate::policy::{Confined, Policies};
use crate::tasks::Scheduler;
use crate::trap::{Pending, Raised, Trap};
use crate::value::{Kind, Value};

mod base;

pub use base::Base;

/// A state variable of the program (chain.md 4.1).
#[derive(Clone, Debug)]
pub struct StateVar {
    /// The key of its place.
    pub place: Arc<[u8]>,
    /// Whether it keeps its history.
    pub ledger: bool,
    /// Its name, for messages and ledger entries.
    pub name: Arc<str>,
}

/// The state of a run.
pub struct Machine {
    /// The objects.
    pub heap: Heap,
    /// Variables of the top levels of all modules; `UNDEF` until their declaration is reached.
    pub globals: Vec<Value>,
    /// State variables of the top levels of all modules.
    pub states: Vec<StateVar>,
    /// Values that must survive a collection: frames and temporaries of the running task.
    pub stack: Vec<Value>,
    /// The limits.
    pub limits: Limits,
    /// The gas.
    pub meter: Meter,
    /// Counts calls of [`Machine::tick`].
    ticks: u32,
    /// Room in which short strings are joined.
    pub(crate) scratch: String,
    /// Bytes that are counted for what is kept neither in the heap nor in the journal; part of the heap's bytes.
    kept: u64,
    /// The host.
    pub host: Box<dyn Host>,
    /// Block data, taken from the host at the start of the run.
    pub block: Block,
    /// Content hash of the module that runs, on a chain.
    pub code: Option<[u8; 32]>,
    /// Functions for `external action`, by `"module.name"`.
    pub host_functions: rustc_hash::FxHashMap<Arc<str>, HostFunction>,
    /// Functions of the host that are values: their names and what they do. See [`Machine::host_value`].
    pub(crate) host_values: Vec<(Arc<str>, HostFunction)>,
    /// Details of [`Trap::Raised`] on its way out.
    pub pending: Option<Box<Pending>>,
    /// The code given to `exit_program`.
    pub exit_code: u8,
    /// State, ledger and events with undo.
    pub journal: Journal,
    /// The events of the run and who listens.
    pub events: Events,
    /// Known addresses of contract instances and their contracts.
    pub addresses: Addresses,
    /// Types and contracts of the program, by name.
    pub declared: Declared,
    /// The contract call that runs, and those around it.
    pub context: CallContext,
    /// Capabilities, sandboxes, dependencies, trails.
    pub policy: Policies,
    /// Tasks.
    pub sched: Scheduler,
    /// Functions given to `on_exit`, in order, with what the sandboxes leave in which they were given.
    pub exit_hooks: VecDeque<(Value, Confined)>,
    /// The arguments of the program.
    pub args: Vec<Arc<str>>,
    /// Bytes printed.
    pub printed: u64,
    /// State of the generator behind `random`; seeded from the host at first use.
    pub rng: Option<crate::random::Rng>,
    /// Variables set by `env_set`.
    pub env: std::collections::BTreeMap<String, String>,
    /// Module names for `is_main` and its relatives: `__MODULE__` and `__FILE__` of the running code, kept by the tier.
    pub module: (Arc<str>, Arc<str>),
    /// Stacks of the tasks that wait, by their number, and other values that their tier keeps; see [`crate::driver`].
    pub parked: rustc_hash::FxHashMap<u64, [Vec<Value>; 2]>,
    /// Values of modules that were asked for, by numbers that the tier gives them.
    pub modules: rustc_hash::FxHashMap<u32, Value>,
    /// Values of constants in the code, by numbers that the tier gives them.
    pub constants: rustc_hash::FxHashMap<usize, Value>,
    /// What the error that ended the run has thrown; `UNDEF` if it was none of the program's own.
    pub thrown: Value,
    /// Values that the host has taken and may give back.
    pub pins: Vec<Value>,
}

/// Steps between two questions whether to stop.
const TICKS: u32 = 4096;

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").field("bytes", &self.heap.bytes()).finish_non_exhaustive()
    }
}

impl Machine {
    /// A fresh machine on a host.
    pub fn new(mut host: Box<dyn Host>, limits: Limits) -> Machine {
        let block = host.block();
        let caps = host.caps();
        Machine {
            heap: Heap::new(limits.memory, false),
            globals: Vec::new(),
            states: Vec::new(),
            stack: Vec::new(),
            context: CallContext::top(&block),
            block,
            code: None,
            host,
            host_functions: Default::default(),
            host_values: Vec::new(),
            pending: None,
            exit_code: 0,
            journal: Journal::new(),
            events: Events::default(),
            addresses: Addresses::default(),
            declared: Declared::default(),
            policy: Policies::new(caps),
            sched: Scheduler::default(),
            exit_hooks: VecDeque::new(),
            args: Vec::new(),
            printed: 0,
            rng: None,
            env: Default::default(),
            module: ("__main__".into(), "".into()),
            parked: Default::default(),
            modules: Default::default(),
            constants: Default::default(),
            thrown: Value::UNDEF,
            pins: Vec::new(),
            meter: Meter::new(limits.gas),
            kept: 0,
            scratch: String::new(),
            ticks: 0,
            limits,
        }
    }

    /// Makes the machine as it was when it was new, with the block data, the capabilities and the limits of this moment. The host and its
    /// functions for `external action` stay; every value of it becomes stale.
    ///
    /// The room of a small run is kept, so that many short runs one after the other cost little.
    pub fn renew(&mut self) {
        // Every field is named, so that a new one cannot be forgotten.
        let Machine {
            heap,
            globals,
            states,
            stack,
            limits,
            meter,
            ticks,
            scratch: _,
            kept,
            host,
            block,
            code,
            host_functions: _,
            host_values,
            pending,
            exit_code,
            journal,
            events,
            addresses,
            declared,
            context,
            policy,
            sched,
            exit_hooks,
            args: _,
            printed,
            rng,
            env,
            module: _,
            parked,
            modules,
            constants,
            thrown,
            pins,
        } = self;
        *block = host.block();
        *context = CallContext::top(block);
        *policy = Policies::new(host.caps());
        *meter = Meter::new(limits.gas);
        heap.clear();
        globals.clear();
        states.clear();
        stack.clear();
        host_values.clear();
        journal.clear();
        exit_hooks.clear();
        env.clear();
        parked.clear();
        modules.clear();
        constants.clear();
        pins.clear();
        (*events, *addresses, *declared) = (Events::default(), Addresses::default(), Declared::default());
        *sched = Scheduler::default();
        (*pending, *rng, *code, *thrown) = (None, None, None, Value::UNDEF);
        (*ticks, *kept, *exit_code, *printed) = (0, 0, 0, 0);
    }

    /// A function of the host as a value that the program can call. It lasts as long as the machine, or until [`Machine::renew`].
    pub fn host_value(&mut self, name: impl Into<Arc<str>>, function: HostFunction) -> Value {
        let index = u32::try_from(self.host_values.len()).unwrap_or(u32::MAX);
        self.host_values.push((name.into(), function));
        Value::builtin(builtins::FIRST_HOST_VALUE.saturating_add(index))
    }

    /// The name and the function of a value of [`Machine::host_value`], by the index of its builtin.
    pub fn host_value_at(&self, index: u32) -> Option<&(Arc<str>, HostFunction)> {
        self.host_values.get(index.checked_sub(builtins::FIRST_HOST_VALUE)? as usize)
    }

    /// One step of a loop of the runtime whose length the program chooses: asks the host now and then whether to stop.
    ///
    /// # Errors
    /// [`Trap::Interrupted`].
    #[inline]
    pub fn tick(&mut self) -> Result<(), Trap> {
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks.is_multiple_of(TICKS) && self.host.interrupted() {
            return Err(Trap::Interrupted);
        }
        Ok(())
    }

    /// Capabilities in force at this moment: none inside a transaction (language.md chapter 17).
    pub fn caps(&self) -> Caps {
        if self.journal.depth() > 0 { Caps::NONE } else { self.policy.caps() }
    }

    /// Raises an error of the run time.
    #[cold]
    pub fn error(&mut self, code: u16, message: impl Into<Arc<str>>) -> Trap {
        self.pending = Some(Box::new(Pending::error(code, message)));
        Trap::Raised
    }

    /// Raises a value, as `throw` does.
    #[cold]
    pub fn throw(&mut self, v: Value) -> Trap {
        let mut pending = Pending::value(v);
        if let Kind::Error(e) = v.kind() {
            let e = self.heap.error(e);
            pending.at = e.at;
            pending.trace = e.trace.clone();
        }
        self.pending = Some(Box::new(pending));
        Trap::Raised
    }

    /// Takes the details of a raised error.
    pub fn take_pending(&mut self) -> Box<Pending> {
        self.pending
            .take()
            .unwrap_or_else(|| Box::new(Pending::error(423, "an error without details was raised")))
    }

    /// The value that `catch` gives for a raised error: what was thrown, or a new error object.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn caught(&mut self, pending: &Pending, line: u32) -> Result<Value, Trap> {
        match &pending.raised {
            Raised::Value(v) => Ok(*v),
            Raised::Error { code, message } => {
                let object = ErrorObj {
                    code: *code,
                    message: message.clone(),
                    line,
                    at: pending.at,
                    trace: pending.trace.clone(),
                };
                Ok(Value::error(self.heap.alloc_error(object)?))
            }
        }
    }

    /// A new string.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    #[inline]
    pub fn string(&mut self, text: impl Into<Arc<str>>) -> Result<Value, Trap> {
        let text = text.into();
        let chars = if text.is_ascii() { text.len() } else { text.chars().count() } as u32;
        Ok(Value::str(self.heap.alloc_str(StrObj::new(text, chars))?))
    }

    /// A new list.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    #[inline]
    pub fn list(&mut self, items: Vec<Value>) -> Result<Value, Trap> {
        Ok(Value::list(self.heap.alloc_list(ListObj { items, sealed: false })?))
    }

    /// A new map with string keys.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn record(&mut self, entries: &[(&str, Value)]) -> Result<Value, Trap> {
        let mut map = crate::ordered::OrderedMap::with_capacity(entries.len());
        for (k, v) in entries {
            map.insert(crate::key::Key::from(*k), *v);
        }
        Ok(Value::map(self.heap.alloc_map(MapObj { map, ..MapObj::default() })?))
    }

    /// The text of a string value.
    #[inline]
    pub fn text(&self, v: Value) -> Option<&Arc<str>> {
        v.as_str().map(|s| self.heap.str(s).text())
    }

    /// The contract of a contract value or instance, if its code is known.
    pub fn contract_of(&self, v: Value) -> Option<Ref<ContractObj>> {
        match v.kind() {
            Kind::Contract(c) => Some(c),
            Kind::ContractInstance(i) => self.addresses.contract(i),
            _ => None,
        }
    }

    /// Calls `visit` for every value that a collection must keep.
    pub fn roots(&self, visit: &mut dyn FnMut(Value)) {
        self.globals.iter().for_each(|v| visit(*v));
        self.stack.iter().for_each(|v| visit(*v));
        self.exit_hooks.iter().for_each(|(v, _)| visit(*v));
        self.parked.values().flatten().flatten().for_each(|v| visit(*v));
        self.modules.values().for_each(|v| visit(*v));
        self.constants.values().for_each(|v| visit(*v));
        self.pins.iter().for_each(|v| visit(*v));
        visit(self.thrown);
        if let Some(p) = &self.pending {
            p.trace(visit);
        }
        self.events.trace(visit);
        self.addresses.trace(visit);
        self.declared.trace(visit);
        self.policy.trace(visit);
        self.sched.trace(visit);
    }

    /// Counts `n` bytes of something that is kept outside the heap, and will be counted again after each collection.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn keep(&mut self, n: u64) -> Result<(), Trap> {
        self.heap.charge(n)?;
        self.kept += n;
        Ok(())
    }

    /// Gives back bytes that [`Machine::keep`] counted.
    pub fn let_go(&mut self, n: u64) {
        self.heap.release(n);
        self.kept = self.kept.saturating_sub(n);
    }

    /// Bytes that are counted for things outside the pools of the heap: the journal, and what [`Machine::keep`] counted.
    pub fn outside(&self) -> u64 {
        self.journal.bytes() + self.kept
    }

    /// Collects now; only between instructions, with everything alive in the roots.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    #[cold]
    pub fn collect(&mut self) -> Result<(), Trap> {
        let mut heap = std::mem::take(&mut self.heap);
        let result = heap.collect(self.outside(), &mut |visit| self.roots(visit));
        self.heap = heap;
        result
    }
}
