//! Map literals and constructors in braces.

use super::Parser;
use crate::ast::{Expr, ExprKind, FieldValue, Literal, MapItem, MapKey};
use crate::token::TokenKind;

impl Parser<'_> {
    /// A map literal; the next token is its `{`.
    pub(super) fn map_expression(&mut self) -> Expr {
        let start = self.span();
        let items = self.map_items();
        Expr { kind: ExprKind::Map(items), span: self.since(start) }
    }

    /// The items of a map literal with their braces.
    pub(super) fn map_items(&mut self) -> Vec<MapItem> {
        let opener = self.at;
        self.bump();
        let items = self.inside(|p| {
            let mut items = Vec::new();
            while !matches!(p.kind(), TokenKind::BraceClose | TokenKind::End) {
                items.push(p.map_item());
                if p.lost || !p.eat(TokenKind::Comma) {
                    break;
                }
            }
            items
        });
        self.close(opener, "`,` or `}`");
        items
    }

    fn map_item(&mut self) -> MapItem {
        if self.kind().is_word() && self.kind_at(1) != TokenKind::Colon {
            if self.kind().is_name() || matches!(self.kind_at(1), TokenKind::Comma | TokenKind::BraceClose) {
                return MapItem::Short(self.name("a key"));
            }
            self.bump();
            self.expected("`:` after the key");
            return MapItem::Short(self.missing_name());
        }
        let key = self.map_key();
        if !self.lost {
            self.expect(TokenKind::Colon);
        }
        let value = if self.lost { self.broken() } else { self.expression() };
        MapItem::Pair { key, value }
    }

    fn map_key(&mut self) -> MapKey {
        let span = self.span();
        match self.kind() {
            kind if kind.is_word() => MapKey::Word(self.take_word()),
            TokenKind::Str => MapKey::Literal(Literal::Str(self.text("a key").value), span),
            TokenKind::StrHead => MapKey::Template(self.template()),
            TokenKind::Int => {
                let value = self.int(false);
                MapKey::Literal(Literal::Int(value), span)
            }
            TokenKind::Minus if self.kind_at(1) == TokenKind::Int => {
                self.bump();
                let value = self.int(true);
                MapKey::Literal(Literal::Int(value), self.since(span))
            }
            TokenKind::BracketOpen => {
                let opener = self.at;
                self.bump();
                let key = self.inside(Self::expression);
                self.close(opener, "`]`");
                MapKey::Computed(key, self.since(span))
            }
            _ => {
                self.expected_with("a key", |d| {
                    d.with_help("keys are words, strings, integers, or `[expression]`")
                });
                MapKey::Computed(self.broken(), span)
            }
        }
    }

    /// `{ name: value, … }` of a constructor.
    pub(super) fn field_values(&mut self) -> Vec<FieldValue> {
        let opener = self.at;
        self.bump();
        let fields = self.inside(|p| {
            let mut fields = Vec::new();
            while !matches!(p.kind(), TokenKind::BraceClose | TokenKind::End) {
                let name = p.word_or_text("the name of a field");
                if !p.lost {
                    p.expect(TokenKind::Colon);
                }
                let value = if p.lost { p.broken() } else { p.expression() };
                fields.push(FieldValue { name, value });
                if p.lost || !p.eat(TokenKind::Comma) {
                    break;
                }
            }
            fields
        });
        self.close(opener, "`,` or `}`");
        fields
    }
}
