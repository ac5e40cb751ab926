//! Imports and exports (language.md chapter 12).

use super::Parser;
use crate::ast::{Export, ExportItem, Name, Stmt, StmtKind, Text, Use, UseName, UseWhat};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    /// Whether `use {` … `}` is followed by `from`.
    pub(super) fn braces_before_from(&self) -> bool {
        let open = self.kind_at(1) == TokenKind::BraceOpen && self.same_line_at(1);
        let after = self.partners.of(self.at + 1).map(|partner| self.lexeme_at(partner + 1).kind);
        open && after == Some(TokenKind::Keyword(Keyword::From))
    }

    pub(super) fn use_statement(&mut self) -> StmtKind {
        if self.is_keyword(Keyword::From) {
            self.keyword();
            let path = self.text("the path of a module");
            self.expect_keyword(Keyword::Import);
            let names =
                if self.is(TokenKind::BraceOpen) { self.use_names_in_braces() } else { self.use_names() };
            return StmtKind::Use(Use { path, bare: false, what: UseWhat::Names(names) });
        }
        self.keyword();
        if self.is(TokenKind::BraceOpen) {
            let names = self.use_names_in_braces();
            self.expect_keyword(Keyword::From);
            let path = self.text("the path of a module");
            return StmtKind::Use(Use { path, bare: false, what: UseWhat::Names(names) });
        }
        let bare = self.is_name();
        let path = if bare {
            let name = self.take_word();
            Text { value: name.text.as_str().into(), span: name.span }
        } else {
            self.text("the path of a module")
        };
        let what = if self.is_keyword(Keyword::As) && self.word_at(1) {
            self.keyword();
            UseWhat::Module(self.name("a name for the module"))
        } else {
            UseWhat::All
        };
        StmtKind::Use(Use { path, bare, what })
    }

    fn use_names_in_braces(&mut self) -> Vec<UseName> {
        let opener = self.at;
        self.bump();
        let names = self.use_names();
        self.close(opener, "`,` or `}`");
        names
    }

    fn use_names(&mut self) -> Vec<UseName> {
        let mut names = Vec::new();
        loop {
            let name = self.name("the name of an export");
            let alias =
                if self.eat_keyword(Keyword::As) { Some(self.name("a name for the import")) } else { None };
            names.push(UseName { name, alias });
            if self.lost || !self.eat(TokenKind::Comma) || !self.kind().is_word() {
                return names;
            }
        }
    }

    /// Whether what follows `export` on its line makes it an export.
    pub(super) fn export_follows(&self) -> bool {
        let bracket = matches!(self.kind_at(1), TokenKind::BraceOpen | TokenKind::ParenOpen);
        let variable = self.is_keyword_at(1, Keyword::Let) || self.is_keyword_at(1, Keyword::Const);
        self.name_at(1) || (self.same_line_at(1) && (bracket || variable))
    }

    pub(super) fn export_statement(&mut self) -> StmtKind {
        self.keyword();
        let start = self.span();
        let item = if matches!(self.kind(), TokenKind::BraceOpen | TokenKind::ParenOpen) {
            let opener = self.at;
            self.bump();
            let names = self.export_names(false);
            self.close(opener, "`,` or the closing bracket");
            ExportItem::Names(names)
        } else {
            let kind = if matches!(self.kind(), TokenKind::Keyword(Keyword::Let | Keyword::Const)) {
                Some(self.let_statement())
            } else {
                self.nested(Self::exported_declaration)
            };
            match kind {
                Some(kind) => ExportItem::Decl(Stmt { kind, span: self.since(start) }),
                None => ExportItem::Names(self.export_names(true)),
            }
        };
        let mut to = Vec::new();
        if self.is_keyword(Keyword::To) && self.kind_at(1) == TokenKind::Str {
            self.keyword();
            to.push(self.text("the path of a module"));
            while self.eat(TokenKind::Comma) {
                to.push(self.text("the path of a module"));
            }
        }
        let with = if self.is_keyword(Keyword::With) && self.kind_at(1) == TokenKind::Str {
            self.keyword();
            Some(self.text("a capability"))
        } else {
            None
        };
        StmtKind::Export(Box::new(Export { item, to, with }))
    }

    /// Names with `,` or `;` between them. Outside brackets a `;` may as well end the statement: it separates only if a
    /// name follows on the line and nothing that would make a statement of that name.
    fn export_names(&mut self, bare: bool) -> Vec<Name> {
        let mut names = vec![self.name("a name to export")];
        loop {
            let comma = self.is(TokenKind::Comma);
            let semicolon = self.is(TokenKind::Semicolon) && (!bare || self.name_stands_alone_at(1));
            if self.lost || !(comma || semicolon) {
                return names;
            }
            self.bump();
            if !bare && !self.kind().is_word() {
                return names;
            }
            names.push(self.name("a name to export"));
        }
    }

    fn name_stands_alone_at(&self, ahead: usize) -> bool {
        let after = self.lexeme_at(self.at + ahead + 1);
        let ends = after.line_before
            || matches!(
                after.kind,
                TokenKind::Comma
                    | TokenKind::Semicolon
                    | TokenKind::BraceClose
                    | TokenKind::End
                    | TokenKind::Keyword(Keyword::To | Keyword::With)
            );
        self.name_at(ahead) && ends && !super::stmt::continues_expression(after.kind)
    }
}
