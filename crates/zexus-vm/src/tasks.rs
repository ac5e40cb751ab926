//! Tasks: making them, waiting, and what the driver of the runtime asks of this tier (language.md 8.6, 13, 18.7).

use std::rc::Rc;
use std::sync::Arc;

use zexus_runtime::args::Named;
use zexus_runtime::driver::{self, Seat, Stacks, Tier};
use zexus_runtime::interp::{Visitor, Wait};
use zexus_runtime::tasks::{self, Job, Start};
use zexus_runtime::{Machine, Trap, Value};

use crate::exec::{Exec, Shared};
use crate::frame;
use crate::program::Program;
use crate::report::{Ended, Failure, PlacedCall};

/// What is to be run.
pub(crate) enum Entry {
    /// The body of a module.
    Module(u32),
    /// A call of a value.
    Call(Value, Vec<Value>),
    /// What the host does itself.
    Visit(Visitor),
}

/// A program as the driver runs it.
#[derive(Clone)]
struct Linked {
    program: Arc<Program>,
    shared: Rc<Shared>,
}

impl Tier for Linked {
    type Entry = Entry;

    fn main(&self, seat: Seat<'_>, m: Box<Machine>, entry: Entry) -> (Box<Machine>, Result<Value, Trap>) {
        let mut exec = Exec::new(m, &self.program, &self.shared, seat);
        let (outcome, hooks) = match entry {
            Entry::Module(module) => (exec.run_module(module), true),
            Entry::Call(f, args) => (exec.call_value(f, &args), false),
            Entry::Visit(visit) => {
                visit(&mut exec);
                return (exec.m, Ok(Value::NULL));
            }
        };
        let result = exec.end(outcome, hooks);
        (exec.m, result)
    }

    fn task(&self, seat: Seat<'_>, m: Box<Machine>, start: Start) -> (Box<Machine>, Result<Value, Trap>) {
        let mut exec = Exec::new(m, &self.program, &self.shared, seat);
        let result = match start.job {
            Job::Function => exec.run_task(start.f, &start.args),
            _ => start.run(&mut exec),
        };
        (exec.m, result)
    }
}

impl Exec<'_> {
    /// Runs the body of the main module and what follows from it.
    ///
    /// # Errors
    /// How it ended.
    pub fn run_program(&mut self) -> Result<Value, Trap> {
        let main = self.program.main;
        if let Some(done) = self.shared.imported.borrow_mut().get_mut(main as usize) {
            *done = true;
        }
        let outcome = self.run_module(main);
        self.end(outcome, true)
    }

    fn end(&mut self, outcome: Result<Value, Trap>, hooks: bool) -> Result<Value, Trap> {
        let deferred = self.deferred;
        driver::end_program(self, outcome, deferred, hooks)
    }

    /// Gives up the turn; returns when it comes again. What only this task knows is put aside meanwhile where it is kept alive.
    ///
    /// # Errors
    /// E0420, [`Trap::Exit`], [`Trap::Cancelled`].
    pub fn pause(&mut self, wait: Wait) -> Result<(), Trap> {
        let mut own = std::mem::take(&mut self.registers);
        let (all, live) = (own.len(), self.live_registers());
        own.truncate(live);
        let kept = own.len();
        self.roots(&mut |v| own.push(v));
        let result = self.seat.pause(&mut self.m, &mut own, wait);
        own.truncate(kept);
        own.resize(all, Value::UNDEF);
        self.registers = own;
        result
    }

    /// `SPAWN`, `SPAWN_CALL`: a task, or inside a transaction the result of the call.
    ///
    /// # Errors
    /// Those of a call before its body runs, E0430.
    pub fn spawn(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap> {
        tasks::spawn_call(self, f, args, &[], Vec::new())
    }

    /// [`Exec::spawn`] with named arguments.
    ///
    /// # Errors
    /// As [`Exec::spawn`].
    pub fn spawn_named(&mut self, f: Value, args: &[Value], named: &Named) -> Result<Value, Trap> {
        tasks::spawn_call(self, f, args, named, Vec::new())
    }

    /// A task of a method; `internal` for one of `this`.
    ///
    /// # Errors
    /// As [`Exec::spawn`].
    pub fn spawn_method(
        &mut self,
        v: Value,
        name: &Arc<str>,
        args: &[Value],
        named: &Named,
        internal: bool,
    ) -> Result<Value, Trap> {
        tasks::spawn_method(self, v, name, args, named, internal)
    }

    /// A call of an `async` function outside a transaction, after what happens before calls: a task.
    ///
    /// # Errors
    /// E0430.
    pub fn spawn_function(&mut self, f: Value, this: Value, args: &[Value]) -> Result<Value, Trap> {
        tasks::spawn_checked(&mut self.m, f, this, args)
    }

    /// `AWAIT`.
    ///
    /// # Errors
    /// E0420, E0511, and the error of the task.
    pub fn await_value(&mut self, v: Value) -> Result<Value, Trap> {
        tasks::await_value(self, v)
    }

    /// Runs the function of a task whose turn has come for the first time. What happens before calls was done when it was made.
    fn run_task(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap> {
        let Some(function) = f.as_function() else { return self.call_value(f, args) };
        let object = self.m.heap.function(function);
        let this = object.this;
        let Some(callee) = self.function(object.code) else { return Ok(Value::NULL) };
        let at = self.live_registers();
        self.reserve(at + args.len());
        if let Some(places) = self.registers.get_mut(at..at + args.len()) {
            places.copy_from_slice(args);
        }
        self.push_frame(function, callee, this, at, args.len(), 0, frame::ENTRY)?;
        self.run_natively(true)
    }
}

/// Runs an entry and everything that follows from it.
pub(crate) fn drive(
    machine: Box<Machine>,
    program: &Arc<Program>,
    shared: &Rc<Shared>,
    entry: Entry,
    stacks: &mut Stacks,
) -> (Box<Machine>, Ended) {
    let linked = Linked { program: program.clone(), shared: shared.clone() };
    let (machine, ended) = driver::drive(machine, &linked, entry, stacks);
    let failures = ended.failures.into_iter().map(|failure| placed(program, failure)).collect();
    let ended = Ended { value: ended.value, failures, exit_code: ended.exit_code, exited: ended.exited };
    (machine, ended)
}

/// The end of a run that could not begin, because there is no memory for it.
pub(crate) fn failed(m: &Machine, trap: Trap) -> Ended {
    let failure = Failure { code: trap.code(), message: m.fatal_message(trap), at: None, trace: Vec::new() };
    Ended { value: Value::NULL, failures: vec![failure], exit_code: 1, exited: false }
}

/// What a report says of an error.
fn placed(program: &Program, failure: driver::Failure) -> Failure {
    let trace = failure
        .trace
        .into_iter()
        .filter_map(|call| program.place(call.at).map(|at| PlacedCall { caller: call.caller, at }));
    Failure {
        code: failure.code,
        message: failure.message,
        at: failure.at.and_then(|at| program.place(at)),
        trace: trace.collect(),
    }
}
