//! Types (language.md chapter 7).

use super::Parser;
use crate::ast::{Name, RecordField, Type, TypeKind};
use crate::keywords::Keyword;
use crate::span::Span;
use crate::token::TokenKind;

impl Parser<'_> {
    /// Whether a type can begin here.
    pub(super) fn begins_type(&self) -> bool {
        self.is_name() || self.is_keyword(Keyword::Null)
    }

    /// A `type` of the grammar.
    pub(super) fn ty(&mut self) -> Type {
        let start = self.span();
        let mut kind = self.base_type();
        if self.is(TokenKind::BracketOpen) && self.kind_at(1) == TokenKind::BracketClose {
            let element = Type { kind, span: self.since(start) };
            self.bump();
            self.bump();
            kind = TypeKind::List(Box::new(element));
        }
        if self.is(TokenKind::Question) {
            let inner = Type { kind, span: self.since(start) };
            self.bump();
            kind = TypeKind::Optional(Box::new(inner));
        }
        Type { kind, span: self.since(start) }
    }

    fn base_type(&mut self) -> TypeKind {
        let span = self.span();
        if self.eat_keyword(Keyword::Null) {
            return TypeKind::Named { path: vec![Name { text: "null".into(), span }], args: Vec::new() };
        }
        if !self.kind().is_word() {
            self.expected("a type");
            return TypeKind::Error;
        }
        let mut path = vec![self.name("a type")];
        while self.is(TokenKind::Dot) && self.kind_at(1).is_word() {
            self.bump();
            path.push(self.name("a type"));
        }
        let args = if self.is(TokenKind::Lt) { self.type_args() } else { Vec::new() };
        TypeKind::Named { path, args }
    }

    /// `'<' type { ',' type } '>'`; a `>=` here is `>` and `=`.
    pub(super) fn type_args(&mut self) -> Vec<Type> {
        self.bump();
        let mut args = Vec::new();
        loop {
            args.push(self.nested(Self::ty));
            if self.lost || !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close_angle();
        args
    }

    fn close_angle(&mut self) {
        if self.is(TokenKind::GtEq)
            && let Some(lexeme) = self.lexemes.get_mut(self.at)
        {
            lexeme.kind = TokenKind::Assign;
            lexeme.gap_before = false;
            lexeme.line_before = false;
            lexeme.span = Span::new(lexeme.span.start + 1, lexeme.span.end);
            return;
        }
        self.expect(TokenKind::Gt);
    }

    /// `{ key: type }`, only after `type_alias NAME =`.
    pub(super) fn record_type(&mut self) -> Type {
        let start = self.span();
        let opener = self.at;
        self.bump();
        let mut fields = Vec::new();
        while !matches!(self.kind(), TokenKind::BraceClose | TokenKind::End) {
            let key = self.word_or_text("a key");
            self.expect(TokenKind::Colon);
            let ty = self.ty();
            fields.push(RecordField { key, ty });
            if self.lost || !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(opener, "`,` or `}`");
        Type { kind: TypeKind::Record(fields), span: self.since(start) }
    }

    /// `WORD | STRING`; a string gives its value.
    pub(super) fn word_or_text(&mut self, what: &str) -> Name {
        if self.is(TokenKind::Str) {
            let text = self.text(what);
            Name { text: (&*text.value).into(), span: text.span }
        } else {
            self.word(what)
        }
    }
}
