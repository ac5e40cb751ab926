//! Tasks: making them, waiting, and the driver that runs the main program and its tasks, each on a coroutine (language.md 8.6, 13, 18.7).

use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use zexus_runtime::interp::Wait;
use zexus_runtime::trap::{Pending, Raised};
use zexus_runtime::{Kind, Machine, Trap, Value, display};

use crate::exec::{Exec, Shared};
use crate::program::Program;
use crate::report::{Ended, Failure, PlacedCall};

/// What a task starts with besides its function and arguments.
pub(crate) struct Birth {
    /// The method to call on the function's value, and whether it is called from inside.
    pub method: Option<(Arc<str>, bool)>,
}

/// How a task gives up its turn.
pub(crate) struct TaskLink<'p> {
    /// The task; 0 is the main program.
    pub task: u64,
    /// What the driver adds.
    pub yielder: PhantomData<&'p ()>,
}

/// Why a coroutine gives up its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// For something of the runtime.
    Wait(Wait),
    /// The main program, for the end of all other tasks.
    Tasks,
    /// The main program failed: the other tasks are to be dropped.
    Dropped,
}

/// What is to be run.
#[derive(Debug)]
pub(crate) enum Entry {
    /// The body of a module.
    Module(u32),
    /// A call of a value.
    Call(Value, Vec<Value>),
}

impl Exec<'_> {
    /// Gives up the turn; returns when it comes again.
    ///
    /// # Errors
    /// E0420, [`Trap::Exit`], [`Trap::Cancelled`].
    pub fn pause(&mut self, _why: Why) -> Result<(), Trap> {
        Err(self.m.error(420, "tasks are not there yet"))
    }

    /// `SPAWN`, `SPAWN_CALL`: a task, or inside a transaction the result of the call.
    ///
    /// # Errors
    /// Those of a call before its body runs, E0430.
    pub fn spawn(&mut self, _f: Value, _args: &[Value]) -> Result<Value, Trap> {
        Err(self.m.error(420, "tasks are not there yet"))
    }

    /// A call of an `async` function outside a transaction, after what happens before calls: a task.
    ///
    /// # Errors
    /// E0404, E0430.
    pub fn spawn_function(&mut self, _f: Value, _this: Value, _args: &[Value]) -> Result<Value, Trap> {
        Err(self.m.error(420, "tasks are not there yet"))
    }

    /// `AWAIT`.
    ///
    /// # Errors
    /// E0420, E0511, and the error of the task.
    pub fn await_value(&mut self, v: Value) -> Result<Value, Trap> {
        zexus_runtime::tasks::await_value(self, v)
    }
}

/// Runs an entry and everything that follows from it.
pub(crate) fn drive(
    machine: Box<Machine>,
    program: &Arc<Program>,
    shared: &Rc<Shared>,
    entry: Entry,
) -> (Box<Machine>, Ended) {
    let link = TaskLink { task: 0, yielder: PhantomData };
    let mut exec = Exec::new(machine, program, shared, link, 0);
    let result = match entry {
        Entry::Module(module) => exec.run_module(module),
        Entry::Call(f, args) => exec.call_value(f, &args),
    };
    let mut machine = exec.m;
    let ended = match result {
        Ok(value) => Ended { value, failures: Vec::new(), exit_code: 0, exited: false },
        Err(trap) => failed(&mut machine, program, trap),
    };
    (machine, ended)
}

/// The end of a run that nothing came of.
pub(crate) fn failed(m: &mut Machine, program: &Program, trap: Trap) -> Ended {
    let pending = match m.pending.take() {
        Some(pending) => *pending,
        None => Pending::error(trap.code(), m.fatal_message(trap)),
    };
    let failures = vec![failure(m, program, &pending)];
    Ended { value: Value::NULL, failures, exit_code: 1, exited: false }
}

/// What a report says of an error.
pub(crate) fn failure(m: &mut Machine, program: &Program, pending: &Pending) -> Failure {
    let (code, message) = match &pending.raised {
        Raised::Error { code, message } => (*code, message.clone()),
        Raised::Value(v) => match v.kind() {
            Kind::Error(e) => {
                let e = m.heap.error(e);
                (e.code, e.message.clone())
            }
            _ => (428, display::display(m, *v).unwrap_or_default().into()),
        },
    };
    let trace = pending
        .trace
        .iter()
        .filter_map(|call| program.place(call.at).map(|at| PlacedCall { caller: call.caller.clone(), at }));
    Failure { code, message, at: pending.at.and_then(|at| program.place(at)), trace: trace.collect() }
}
