//! How execution stops: one byte on the way out, the details kept once in the machine.

use std::sync::Arc;

use crate::value::Value;

/// How many of the innermost active calls are noted on the way out: enough for a report, and no cost worth mentioning for a program that
/// catches errors of deep recursion all the time.
pub const MOST_CALLS: usize = 200;

/// Why an operation did not give a value. For [`Trap::Raised`] the details are in [`crate::Machine::pending`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Trap {
    /// An error or thrown value that `catch` can take.
    Raised,
    /// E0504.
    OutOfGas,
    /// E0429.
    StackOverflow,
    /// E0430.
    MemoryLimit,
    /// E0431.
    OutputLimit,
    /// The host stopped the run (Ctrl-C, a time limit).
    Interrupted,
    /// `exit_program`; the code is in [`crate::Machine::exit_code`]. `finally`, `defer` and `on_exit` run.
    Exit,
    /// The task is dropped because the program has ended; nothing of it runs any more.
    Cancelled,
    /// The store or host failed; the details are in [`crate::Machine::pending`]. Nothing of the program runs any more.
    HostFailed,
}

impl Trap {
    /// Whether nothing of the program may run after it: no `catch`, `finally` or `defer`.
    pub fn is_fatal(self) -> bool {
        !matches!(self, Trap::Raised | Trap::Exit)
    }

    /// The code of language.md chapter 23 for a fatal error; 0 for the others.
    pub fn code(self) -> u16 {
        match self {
            Trap::OutOfGas => 504,
            Trap::StackOverflow => 429,
            Trap::MemoryLimit => 430,
            Trap::OutputLimit => 431,
            _ => 0,
        }
    }
}

/// A place in a source file, in bytes. The runtime passes it on and never looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Loc {
    /// The file's number.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One after the last byte.
    pub end: u32,
}

/// An active call, for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The name of the function that made the call, or "the main program".
    pub caller: Arc<str>,
    /// Where the call stands.
    pub at: Loc,
}

/// What was raised.
#[derive(Clone, Debug)]
pub enum Raised {
    /// An error of the run time that is not an object yet.
    Error {
        /// Its code, such as 405.
        code: u16,
        /// Its message.
        message: Arc<str>,
    },
    /// A thrown value, or an error object that is raised again.
    Value(Value),
}

/// The details of [`Trap::Raised`].
#[derive(Clone, Debug)]
pub struct Pending {
    /// What was raised.
    pub raised: Raised,
    /// Where; filled in by the tier at the innermost place it knows.
    pub at: Option<Loc>,
    /// Active calls, innermost first; filled in while the calls are left.
    pub trace: Vec<Call>,
    /// For `revert`: the transaction it is bound to, by its serial number. While this is open, `catch` does not take the error.
    pub bound: Option<u64>,
}

impl Pending {
    /// An error of the run time.
    pub fn error(code: u16, message: impl Into<Arc<str>>) -> Pending {
        Pending {
            raised: Raised::Error { code, message: message.into() },
            at: None,
            trace: Vec::new(),
            bound: None,
        }
    }

    /// A thrown value.
    pub fn value(v: Value) -> Pending {
        Pending { raised: Raised::Value(v), at: None, trace: Vec::new(), bound: None }
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(Value)) {
        if let Raised::Value(v) = self.raised {
            visit(v);
        }
    }
}
