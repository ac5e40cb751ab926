//! The compiler: from the core language to bytecode (bytecode.md, chapter 7; chain.md, chapter 5).
//!
//! [`compile`] makes one public module of each file of a program. What has no opcode calls a support function, see
//! [`zexus_bytecode::support`]. Everything it makes passes [`zexus_bytecode::verify()`], unless a limit of form is exceeded, which is a
//! [`FormError`].
//!
//! A survey of the module (which functions there are, who makes them, what they capture) comes first. Then the functions are compiled one
//! by one, each from its head to its end: the height of the stack is known at every place, and what is open around it (loops, regions)
//! stands on a stack of frames, so that every way of leaving a block can run what must run.

mod assign;
mod call;
mod chain;
mod code;
mod decl;
mod expr;
mod function;
mod leave;
mod loops;
mod modules;
mod names;
mod pattern;
mod places;
mod policy;
mod pool;
mod program;
mod stmt;
mod survey;
mod types;
mod unit;
mod want;

pub use program::{Compiled, CompiledModule, FormError, compile, compile_module};
