//! Tier 2: native code for hot functions and loops, by Cranelift.
//!
//! 1. The input is the register code of tier 1 ([`zexus_vm::native`]). A *unit* is what can be reached from the start of a function, or
//!    from the head of one of its loops.
//! 2. `unit` finds its blocks and which registers are alive; `plan` finds kinds by abstract interpretation, from the kinds that the
//!    registers have when the unit is compiled; `lower` makes code of it.
//! 3. What was supposed is guarded. A guard that fails brings memory up to date and leaves at that very instruction, where tier 1 goes
//!    on; so native code has no meaning of its own for rare cases. What is not lowered at all runs by the shim that runs one
//!    instruction of tier 1.
//! 4. A unit that leaves too often is compiled again with what was seen there.
//!
//! This crate has the only `unsafe` code of the engine: native code works on the task's memory, and is entered through an address.

mod effects;
mod jit;
mod layout;
mod lower;
mod options;
mod plan;
mod set;
mod shims;
mod state;
mod stats;
mod table;
mod unit;

pub use jit::Jit;
pub use options::{Defect, Options};
pub use stats::Stats;
