//! Source text, diagnostics, lexer, syntax tree and parser of Zexus.
//!
//! ```
//! use zexus_syntax::{FileId, parse};
//! let parsed = parse(FileId(0), "print(1 +)");
//! assert_eq!(parsed.errors[0].code.as_str(), "E0201");
//! ```

pub mod ast;
mod diagnostic;
mod directive;
mod dump;
mod highlight;
mod keywords;
mod lexer;
mod parser;
mod partners;
mod render;
mod report;
mod span;
mod suggest;
mod token;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use directive::{Directive, Setting, TierSetting};
pub use dump::dump;
pub use highlight::{Class as HighlightClass, highlight};
pub use keywords::{DECORATOR_ALTERNATIVE, ForeignWord, Keyword, MODE_ALTERNATIVE};
pub use parser::{MAX_NESTING, Parsed, is_incomplete, parse, parse_bytes};
pub use render::{render, render_json};
pub use span::{FileId, LineColumn, SourceFile, SourceMap, Span};
pub use suggest::suggest;
pub use token::{Token, TokenKind};
pub use zexus_codes::{Class, Code};
