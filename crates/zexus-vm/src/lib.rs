//! Tier 1: links verified modules to register code and runs it.
//!
//! 1. [`link()`] turns verified modules into a [`Program`]: code for registers, names resolved, regions as tables. Stack code has
//!    static heights, so each place of the stack is a register of the frame, after those of parameters and locals.
//! 2. [`Vm`] runs programs on one machine. Each task has an `Exec` of its own: registers, frames, regions that were entered.
//! 3. A frame sees its registers as a window of 256 values, indexed by bytes, so the loop has no checks of bounds for them.
//! 4. The heap is collected only where code goes back and where a function is entered. Roots are the registers of all frames, the
//!    functions that run, and what the machine names.
//! 5. Everything that is not hot runs out of line, in functions that call `zexus-runtime`, so each operation has one meaning on all
//!    tiers.

mod args;
mod calls;
mod chain;
mod declare;
mod exec;
mod frame;
mod link;
mod modules;
#[doc(hidden)]
pub mod native;
mod profile;
mod program;
mod report;
mod run;
mod support;
mod tasks;
mod trace;
mod types;
mod vm;

pub use link::{LinkError, LinkMode, Unlinked, link};
pub use profile::{Clock, FunctionProfile, LineProfile, Profile, Profiler, UnitProfile};
pub use program::{Program, Variable};
pub use report::{Ended, Failure, Place, PlacedCall};
pub use trace::{Filter, FilterError, Lines, Shown, TraceEvent, Traced, TracedFunction, Tracer};
pub use vm::Vm;
