//! Profiles: how often a run does what, and what it pays for it (bytecode.md 9.2).
//!
//! 1. A [`Profiler`] listens to a traced run and only counts: calls, instructions by place, gas by place, jumps back, call paths.
//! 2. A [`Profile`] is made of the counts afterwards: by function, line, opcode and loop.
//! 3. A block of code is paid at its head. Its charge is spread over the lines of its instructions by their base prices, unless an error
//!    left it half-way; then all of it belongs to its first line.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zexus_bytecode::{Instruction, Module};

use crate::program::Program;
use crate::trace::{TraceEvent, Traced, Tracer};
use counted::Counted;
use paths::Paths;

mod counted;
mod paths;
mod result;

pub use result::{FunctionProfile, LineProfile, Profile, UnitProfile};

/// Seconds since some moment.
pub type Clock = Box<dyn Fn() -> f64 + Send>;

/// Counts what runs of a program do; clones count together.
///
/// Counts depend on nothing but the program and its input. Without a clock the seconds are 0.
#[derive(Clone)]
pub struct Profiler(Arc<Mutex<Counts>>);

impl std::fmt::Debug for Profiler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profiler").finish_non_exhaustive()
    }
}

/// All that is counted.
struct Counts {
    program: Arc<Program>,
    /// The content hash of the main module as it was before it was metered.
    module: [u8; 32],
    clock: Option<Clock>,
    metered: bool,
    /// The functions that were called, by number.
    functions: Vec<Option<Box<Counted>>>,
    /// The active calls of each task.
    stacks: BTreeMap<u64, Vec<Open>>,
    paths: Paths,
    /// The task that ran last.
    task: u64,
    /// The function that ran last, for gas that is taken when no call is active.
    last: u32,
    /// Gas used at the last event.
    gas: u64,
    /// The time of the last call, return or change of task.
    time: f64,
}

/// An active call.
struct Open {
    function: u32,
    path: u32,
    /// The charge of the block that runs, if there is one.
    block: Option<u32>,
    /// The last instruction that ended.
    pc: u32,
    /// Where that may have jumped back to.
    back: Option<u32>,
    /// Gas that was taken since then.
    gas: u64,
}

impl Profiler {
    /// A profiler of runs of a program, which was linked in [`crate::LinkMode::Stepwise`]; its main module as it was before it was metered.
    pub fn new(program: Arc<Program>, main: &Module, clock: Option<Clock>) -> Profiler {
        let functions = program.functions.iter().map(|_| None).collect();
        let last = program.modules.get(program.main as usize).map_or(0, |main| main.first_function);
        Profiler(Arc::new(Mutex::new(Counts {
            program,
            module: main.content_hash(),
            clock,
            metered: false,
            functions,
            stacks: BTreeMap::new(),
            paths: Paths::default(),
            task: 0,
            last,
            gas: 0,
            time: 0.0,
        })))
    }

    /// What was counted until now.
    pub fn profile(&self) -> Profile {
        self.counts().result()
    }

    /// Gives `main;f;g 123` for each call path in turn, in the order of their first calls: gas in metered runs, else instructions, those of
    /// calls from there not included.
    pub fn folded(&self, line: impl FnMut(&str)) {
        let counts = self.counts();
        counts.paths.folded(&counts.program, counts.metered, line);
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tracer for Profiler {
    fn begin(&mut self, metered: bool) {
        let mut counts = self.counts();
        counts.metered = metered;
        counts.time = counts.now();
    }

    fn trace(&mut self, event: &TraceEvent<'_>) {
        self.counts().count(event);
    }
}

impl Counts {
    fn now(&self) -> f64 {
        self.clock.as_ref().map_or(0.0, |clock| clock())
    }

    /// The counts of a function.
    fn function(&mut self, number: u32) -> Option<&mut Counted> {
        let program = &self.program;
        let place = self.functions.get_mut(number as usize)?;
        if place.is_none() {
            *place = Some(Box::new(Counted::new(program.public(number)?)));
        }
        place.as_deref_mut()
    }

    /// The time since the last call, return or change of task belongs to the call that ran.
    fn pass_time(&mut self) {
        if self.clock.is_none() {
            return;
        }
        let now = self.now();
        let passed = (now - self.time).max(0.0);
        self.time = now;
        let running = self.stacks.get(&self.task).and_then(|stack| stack.last()).map(|open| open.function);
        if let Some(function) = running.and_then(|number| self.function(number)) {
            function.seconds += passed;
        }
    }

    fn count(&mut self, event: &TraceEvent<'_>) {
        let taken = event.gas_used.saturating_sub(self.gas);
        self.gas = event.gas_used;
        if event.task != self.task || matches!(event.what, Traced::Call { .. } | Traced::Return { .. }) {
            self.pass_time();
            self.task = event.task;
        }
        if taken > 0 {
            self.take(taken);
        }
        match event.what {
            Traced::Call { .. } => {
                if let Some(function) = event.function {
                    self.start(function.number);
                }
            }
            Traced::Op { pc, instruction, .. } => self.step(pc, instruction),
            Traced::Catch { .. } => {
                if let Some(mut open) = self.stacks.get_mut(&self.task).and_then(Vec::pop) {
                    self.leave_block(&mut open);
                    self.stacks.entry(self.task).or_default().push(open);
                }
            }
            Traced::Return { .. } => {
                if let Some(mut open) = self.stacks.get_mut(&self.task).and_then(Vec::pop) {
                    self.leave_block(&mut open);
                }
            }
            Traced::End { .. } => {
                for (_, stack) in std::mem::take(&mut self.stacks) {
                    stack.into_iter().rev().for_each(|mut open| self.leave_block(&mut open));
                }
            }
            Traced::Throw { .. } | Traced::Noted { .. } => {}
        }
    }

    /// Gas was taken from the running call.
    fn take(&mut self, gas: u64) {
        if let Some(open) = self.stacks.get_mut(&self.task).and_then(|stack| stack.last_mut()) {
            open.gas = open.gas.saturating_add(gas);
            self.paths.gas(open.path, gas);
        } else if let Some(function) = self.function(self.last) {
            function.pay(0, gas);
        }
    }

    fn start(&mut self, number: u32) {
        self.last = number;
        if let Some(function) = self.function(number) {
            function.calls += 1;
        }
        let stack = self.stacks.entry(self.task).or_default();
        let path = self.paths.enter(stack.last().map(|caller| caller.path), number);
        stack.push(Open { function: number, path, block: None, pc: 0, back: None, gas: 0 });
    }

    /// An instruction of the call on top has ended.
    fn step(&mut self, pc: u32, instruction: Instruction) {
        let Some(mut open) = self.stacks.get_mut(&self.task).and_then(Vec::pop) else { return };
        let back = open.back.take().filter(|head| *head == pc);
        open.back = instruction.label().filter(|label| *label <= pc);
        open.pc = pc;
        self.paths.instruction(open.path);
        if let Some(function) = self.function(open.function) {
            if let Some(head) = back {
                *function.back.entry(head).or_default() += 1;
            }
            if function.step(pc, std::mem::take(&mut open.gas)) {
                open.block = Some(pc);
            }
        }
        self.stacks.entry(self.task).or_default().push(open);
    }

    /// The block that runs in a call is left, perhaps half-way.
    fn leave_block(&mut self, open: &mut Open) {
        open.back = None;
        let gas = std::mem::take(&mut open.gas);
        let block = open.block.take();
        let Some(function) = self.function(open.function) else { return };
        if gas > 0 {
            function.pay(block.unwrap_or(open.pc), gas);
        }
        if let Some(head) = block {
            function.leave_block(head, open.pc);
        }
    }
}
