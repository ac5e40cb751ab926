//! The assembler: a module as text and back (bytecode.md 3.2).

mod literal;
mod read;
mod write;

use crate::module::Module;

/// Why a text is no module; its code is E0704.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct AsmError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub message: String,
}

impl AsmError {
    /// The code of the error in language.md chapter 23.
    pub fn code(&self) -> &'static str {
        "E0704"
    }
}

impl Module {
    /// The module as text; the same module always gives the same text.
    ///
    /// [`Module::from_asm`] gives the module back if the runs of its source map start inside its code.
    pub fn to_asm(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = write::write_module(&mut out, self);
        out
    }

    /// Reads a module from text, whose lines hold one item each.
    ///
    /// Fails at the first line that is malformed. What the items mean is for the verifier to judge.
    pub fn from_asm(text: &str) -> Result<Module, AsmError> {
        read::read_module(text)
    }
}
