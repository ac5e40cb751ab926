//! Shows programs.

/// Shows a program.
pub fn dump(_p: &crate::ir::Program) -> String { String::new() }
