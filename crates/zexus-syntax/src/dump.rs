//! Shows a syntax tree as text, for tests and for people who wonder how a program was read.
//!
//! Every node is `(what parts …)` without places; a statement of the top level is a line. Missing parts are left out, so
//! the form is for eyes, not for reading back.

mod decl;
mod expr;
mod stmt;

use std::fmt::{Display, Write as _};

use crate::ast::{Block, Module, Name, Type, TypeKind};

/// The tree as S-expressions, one statement of the top level a line.
///
/// ```
/// use zexus_syntax::{FileId, dump, parse};
/// assert_eq!(dump(&parse(FileId(0), "let x = 1 + 2").module), "(let x (+ 1 2))\n");
/// ```
#[must_use]
pub fn dump(module: &Module) -> String {
    let mut out = Dump { text: String::new() };
    for stmt in &module.body {
        out.stmt(stmt);
        out.text.push('\n');
    }
    out.text.lines().fold(String::new(), |mut all, line| {
        all.push_str(line.trim_start());
        all.push('\n');
        all
    })
}

struct Dump {
    text: String,
}

impl Dump {
    /// Writes a space, unless a parenthesis was opened just before, and a word.
    fn word(&mut self, word: impl Display) {
        if !self.text.is_empty() && !self.text.ends_with(['(', '\n']) {
            self.text.push(' ');
        }
        let start = self.text.len();
        if write!(self.text, "{word}").is_err() {
            self.text.truncate(start);
        }
    }

    /// Writes `(what …)` with the parts that `parts` writes.
    fn node(&mut self, what: impl Display, parts: impl FnOnce(&mut Self)) {
        self.word("(");
        self.word(what);
        parts(self);
        self.text.push(')');
    }

    /// Writes a flag that is set.
    fn flag(&mut self, set: bool, word: &str) {
        if set {
            self.word(word);
        }
    }

    fn name(&mut self, name: &Name) {
        if name.text.is_empty() { self.word("<missing>") } else { self.word(&name.text) }
    }

    fn names(&mut self, what: &str, names: &[Name]) {
        if !names.is_empty() {
            self.node(what, |d| names.iter().for_each(|name| d.name(name)));
        }
    }

    fn path(&mut self, names: &[Name]) {
        let path: Vec<&str> = names.iter().map(|name| &*name.text).collect();
        self.word(path.join("."));
    }

    fn text(&mut self, value: &str) {
        self.word(format_args!("{value:?}"));
    }

    fn block(&mut self, block: &Block) {
        self.node("do", |d| block.stmts.iter().for_each(|stmt| d.stmt(stmt)));
    }

    fn ty(&mut self, ty: &Type) {
        self.word(":");
        self.bare_type(ty);
    }

    fn bare_type(&mut self, ty: &Type) {
        match &ty.kind {
            TypeKind::Named { path, args } if args.is_empty() => self.path(path),
            TypeKind::Named { path, args } => self.node("of", |d| {
                d.path(path);
                args.iter().for_each(|arg| d.bare_type(arg));
            }),
            TypeKind::List(element) => self.node("list", |d| d.bare_type(element)),
            TypeKind::Optional(inner) => self.node("?", |d| d.bare_type(inner)),
            TypeKind::Record(fields) => self.node("record", |d| {
                for field in fields {
                    d.text(&field.key.text);
                    d.bare_type(&field.ty);
                }
            }),
            TypeKind::Error => self.word("<error>"),
        }
    }
}
