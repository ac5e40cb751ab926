//! The compiler: from the core language to bytecode (bytecode.md, chapter 7; chain.md, chapter 5).
//!
//! [`compile`] makes one public module of each file of a program. What has no opcode calls a support function, see
//! [`zexus_bytecode::support`]. Everything it makes passes [`zexus_bytecode::verify()`], unless a limit of form is exceeded, which is a
//! [`FormError`].

mod program;

pub use program::{Compiled, CompiledModule, FormError, compile, compile_module};
