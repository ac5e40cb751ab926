//! Source text, diagnostics, lexer, syntax tree and parser of Zexus.

pub mod ast;
mod codes;
mod diagnostic;
mod span;

pub use codes::{Class, Code};
pub use diagnostic::{Diagnostic, Label, Severity};
pub use span::{FileId, LineColumn, SourceFile, SourceMap, Span};
