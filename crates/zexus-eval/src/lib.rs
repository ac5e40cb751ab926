//! Tier 0: the readable reference evaluator of Zexus.
//!
//! It walks the core language of `zexus-hir` on the machine of `zexus-runtime`. Where other tiers and this one differ, this one is
//! right. Rules of the house:
//!
//! 1. Frames and temporaries live in [`zexus_runtime::Machine::stack`]. The stack of a call is: the function, its `this`, its list of
//!    deferred blocks, then its slots, then temporaries. A function that returns normally leaves the stack as it found it; after an
//!    error whoever handles it cuts the stack back.
//! 2. The heap is collected only between statements. So a value needs to be on the stack only while another expression is evaluated
//!    that may run statements.
//! 3. Statements give a `Flow` of one byte; the value of the last statement is in a register of the evaluator.
//! 4. The main program and each started task run on a coroutine of their own, so a task can wait in the middle of an expression.
//!    The machine goes from one to the next. Native stacks grow by segments: no program can overflow them.
#![allow(clippy::indexing_slicing)]

mod args;
mod assign;
mod call;
mod chain;
mod code;
mod construct;
mod contract;
mod control;
mod declare;
mod driver;
mod eval;
mod evaluator;
mod expr;
mod frame;
mod intrinsic;
mod loops;
mod members;
mod pattern;
mod stmt;
mod tasks;
mod types;
mod vars;

pub use evaluator::{Evaluator, LineOf};
pub use zexus_runtime::driver::{Ended, Failure};
