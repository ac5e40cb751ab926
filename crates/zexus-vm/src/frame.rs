//! Frames of calls.

use zexus_runtime::Value;

use crate::program::Function;

/// Set in [`Frame::flags`]: the call came from native code, so its end ends the loop.
pub(crate) const ENTRY: u8 = 1;
/// Set in [`Frame::flags`]: the function is in another module than its caller.
pub(crate) const FOREIGN: u8 = 2;
/// Set in [`Frame::flags`]: the call has opened transactions, whose numbers are in [`crate::exec::Exec::transactions`].
pub(crate) const TRANSACTIONS: u8 = 4;
/// Set in [`Frame::flags`]: the call has lowered the gas limit.
pub(crate) const LIMITED: u8 = 8;
/// Set in [`Frame::flags`]: optional parameters are given out of order, so the code of the defaults passes over given ones.
pub(crate) const GAPS: u8 = 16;
/// Set in [`Frame::flags`]: the call is `view` or `pure`; what was in force before is in [`crate::exec::Exec::entered`].
pub(crate) const GUARDED: u8 = 32;

/// Set in [`Frame::flags`]: the beginning of the call was told to a tracer, so its end is told, too.
pub(crate) const TRACED: u8 = 64;

/// Set in [`Frame::flags`]: the call has entered `atomic`; how often is in [`crate::exec::Exec::atomics`].
pub(crate) const ATOMIC: u8 = 128;

/// An active call.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'p> {
    /// The function.
    pub function: &'p Function,
    /// The function object that runs, or [`Value::UNDEF`] for the body of a module.
    pub callee: Value,
    /// Its index in the program.
    pub func: u32,
    /// While another frame runs: the internal instruction after the one that called.
    pub pc: u32,
    /// Where its registers start.
    pub base: u32,
    /// The register of the caller that gets the result, relative to the caller's base.
    pub dst: u32,
    /// What the end of the call has to undo.
    pub flags: u8,
}
