//! Source text, diagnostics, lexer, syntax tree and parser of Zexus.
//!
//! ```
//! use zexus_syntax::{FileId, parse};
//! let parsed = parse(FileId(0), "print(1 +)");
//! assert_eq!(parsed.errors[0].code.as_str(), "E0201");
//! ```

pub mod ast;
mod codes;
mod diagnostic;
mod directive;
mod keywords;
mod lexer;
mod parser;
mod partners;
mod report;
mod span;
mod token;

pub use codes::{Class, Code};
pub use diagnostic::{Diagnostic, Label, Severity};
pub use directive::{Directive, Setting, TierSetting};
pub use keywords::{DECORATOR_ALTERNATIVE, ForeignWord, Keyword, MODE_ALTERNATIVE};
pub use parser::{MAX_NESTING, Parsed, is_incomplete, parse, parse_bytes};
pub use span::{FileId, LineColumn, SourceFile, SourceMap, Span};
pub use token::{Token, TokenKind};
