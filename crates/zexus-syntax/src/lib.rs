//! Source text, diagnostics, lexer, syntax tree and parser of Zexus.
