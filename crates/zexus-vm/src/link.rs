//! The linker: from verified modules to register code (bytecode.md 1.5, 4.3).

use std::sync::Arc;

use zexus_bytecode::Verified;

use crate::program::Program;

/// How code is linked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkMode {
    /// For speed: instructions are fused, values stay where they are.
    #[default]
    Fused,
    /// One internal instruction for each public one, with values on the registers of the stack: for traces.
    Stepwise,
}

/// A module to be linked.
#[derive(Debug)]
pub struct Unlinked {
    /// The path by which other modules import it.
    pub path: Arc<str>,
    /// Its name, for display and `__MODULE__`.
    pub name: Arc<str>,
    /// The module.
    pub module: Verified,
}

/// Why modules cannot be linked (bytecode.md 4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkError {
    /// The code of the error in language.md chapter 23.
    pub code: u16,
    /// The path of the module.
    pub module: Arc<str>,
    /// The function, by index.
    pub function: u32,
    /// The instruction.
    pub pc: u32,
    /// What is wrong.
    pub message: String,
}

/// Links modules to a program whose main module is the one of this index.
///
/// # Errors
/// E0704 for an unknown builtin, E0601 for an import of a module that is not among them and is no standard module.
pub fn link(_modules: Vec<Unlinked>, _main: u32, _mode: LinkMode) -> Result<Program, LinkError> {
    Err(LinkError { code: 704, module: "".into(), function: 0, pc: 0, message: String::new() })
}
