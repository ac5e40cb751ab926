//! The border between the runtime and whatever executes code: tier 0 or the virtual machine.

use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::Value;

/// What a task waits for when it suspends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It is in the ready queue already (or some queue of waiters that makes it ready).
    Resumed,
    /// Until this time of the host's clock, in milliseconds since 1970.
    Until(i64),
    /// The main program, for the end of all other tasks.
    Tasks,
    /// The main program failed: the other tasks are to be dropped.
    Dropped,
}

/// What a host does inside a running instance.
pub type Visitor = Box<dyn FnOnce(&mut dyn Interp)>;

/// What executes code. Builtins that call back, and everything else in the runtime that runs functions, go through it.
pub trait Interp {
    /// The machine.
    fn machine(&mut self) -> &mut Machine;

    /// Calls a value (function, builtin, declared type, contract) with positional arguments, checked as any call is.
    /// `args` need not be rooted by the caller.
    ///
    /// # Errors
    /// Whatever the call raises.
    fn call(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap>;

    /// Calls a function of the program as a method: with `this` and positional arguments.
    ///
    /// # Errors
    /// Whatever the call raises.
    fn call_method(&mut self, f: Value, this: Value, args: &[Value]) -> Result<Value, Trap>;

    /// Gives the next ready task its turn; returns when this task is resumed. The caller has put the task where it will be woken
    /// ([`crate::tasks`]). Inside `atomic` or a transaction the caller has refused before.
    ///
    /// # Errors
    /// [`Trap::Raised`] with E0420 for the main program in a deadlock; [`Trap::Cancelled`] when the task is dropped.
    fn suspend(&mut self, wait: Wait) -> Result<(), Trap>;

    /// How many calls of the running task are active: what a limit of gas is bound to.
    fn depth(&self) -> u32 {
        0
    }

    /// Runs the main program to its very end, its deferred functions and hooks included; for hosts that visit an instance which has not
    /// run.
    ///
    /// # Errors
    /// How it ended.
    fn run_main(&mut self) -> Result<Value, Trap> {
        Ok(Value::NULL)
    }

    /// Forgets which `exactly` statements were reached: for a run that begins on an instance that is used again.
    fn begin_run(&mut self) {}

    /// The line of a place, from 1.
    fn line_of(&self, at: crate::trap::Loc) -> u32;
}
