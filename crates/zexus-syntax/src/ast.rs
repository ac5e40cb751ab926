//! The syntax tree: what the parser read, before names mean anything.
//!
//! The tree follows `grammar.ebnf`, with these rules:
//!
//! 1. Every node has a [`Span`]. Spans of blocks include their braces; a [`Name`] covers exactly the word.
//! 2. Nothing is resolved: `self`, `super`, `_`, `TX` and builtins are [`ExprKind::Name`] like any other name.
//! 3. The height of the tree is bounded by the nesting limit of language.md 3.8, so that recursion over it is safe. What
//!    a program may repeat without nesting is therefore flat: [`Binary`] holds a whole row of operators of one level,
//!    [`Chain`] a whole row of calls, members and indexes, [`If`] all its branches. Whoever turns these rows into nested
//!    nodes must bound the depth anew.
//! 4. Where the grammar takes `block | simple_stmt`, the tree always has a [`Block`]; one without braces holds exactly
//!    one statement and has its span.
//! 5. Broken input leaves [`StmtKind::Error`], [`ExprKind::Error`], [`PatternKind::Error`] and [`TypeKind::Error`] behind,
//!    and at least one error in `Parsed::errors`. Names that are missing are empty.

mod decl;
mod expr;
mod stmt;

pub use decl::*;
pub use expr::*;
pub use stmt::*;

use std::sync::Arc;

use ecow::EcoString;

use crate::span::Span;

/// A whole file.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// The statements of the top level.
    pub body: Vec<Stmt>,
    /// The whole text.
    pub span: Span,
}

/// A name or other word with its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// The spelling; empty if the name is missing (an error was reported).
    pub text: EcoString,
    /// The place of the word.
    pub span: Span,
}

/// A string literal without holes where the grammar asks for a plain text, such as a path; escapes are resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    /// The value.
    pub value: Arc<str>,
    /// The place, quotes included.
    pub span: Span,
}

/// Statements in braces, or a single statement where the grammar takes one in place of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The statements in order.
    pub stmts: Vec<Stmt>,
    /// The place, braces included.
    pub span: Span,
}

/// A type annotation (language.md chapter 7).
#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    /// What is written.
    pub kind: TypeKind,
    /// The place.
    pub span: Span,
}

/// The forms of type annotations.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeKind {
    /// `int`, `geo.Point`, `null`; with arguments `Map<string, int>`. The path has at least one name.
    Named {
        /// The name and, after dots, its members.
        path: Vec<Name>,
        /// The types between `<` and `>`.
        args: Vec<Type>,
    },
    /// `T[]`
    List(Box<Type>),
    /// `T?`
    Optional(Box<Type>),
    /// `{"id": int, name: string}`, only directly after the `=` of `type_alias`.
    Record(Vec<RecordField>),
    /// Broken; an error was reported.
    Error,
}

/// One key of a record type.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordField {
    /// The key; the text of a string key is its value.
    pub key: Name,
    /// The type of the value.
    pub ty: Type,
}
