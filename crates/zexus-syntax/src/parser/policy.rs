//! Statements of policies, capabilities, dependencies and channels.

use super::Parser;
use crate::ast::{Audit, ChannelDecl, Grant, GrantWho, Inject, MemberPath, Name, Protect, StmtKind};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `audit NAME ',' expression [',' expression]`
    pub(super) fn audit(&mut self) -> Audit {
        self.keyword();
        let name = self.name("the name of a variable");
        self.expect(TokenKind::Comma);
        let action = self.expression();
        let time = if self.eat(TokenKind::Comma) { Some(self.expression()) } else { None };
        Audit { name, action, time }
    }

    /// `NAME { '.' WORD }`
    fn member_path(&mut self) -> MemberPath {
        let name = self.name("the name of a variable");
        let start = name.span;
        let mut members = Vec::new();
        while self.eat(TokenKind::Dot) {
            members.push(self.word("the name of a member"));
        }
        MemberPath { name, members, span: self.since(start) }
    }

    pub(super) fn seal_statement(&mut self) -> StmtKind {
        self.keyword();
        StmtKind::Seal(self.member_path())
    }

    pub(super) fn restrict_statement(&mut self) -> StmtKind {
        self.keyword();
        let target = self.member_path();
        self.expect(TokenKind::Assign);
        let rule = self.expression();
        StmtKind::Restrict { target, rule }
    }

    /// Whether what follows makes `trail` a statement: a word, or a `*` that multiplies nothing.
    pub(super) fn trail_follows(&self) -> bool {
        let after = self.lexeme_at(self.at + 2);
        let alone = after.line_before
            || matches!(
                after.kind,
                TokenKind::Comma | TokenKind::Semicolon | TokenKind::BraceClose | TokenKind::End
            );
        let operator =
            super::stmt::continues_expression(self.kind_at(1)) || self.is_keyword_at(1, Keyword::Else);
        (self.word_at(1) && !operator)
            || (self.kind_at(1) == TokenKind::Star && self.same_line_at(1) && alone)
    }

    pub(super) fn trail_statement(&mut self) -> StmtKind {
        self.keyword();
        let span = self.span();
        let what = if self.eat(TokenKind::Star) {
            Name { text: "*".into(), span }
        } else {
            self.word("what to follow")
        };
        let filter = if self.eat(TokenKind::Comma) { Some(self.text("a filter")) } else { None };
        StmtKind::Trail { what, filter }
    }

    pub(super) fn capability_statement(&mut self) -> StmtKind {
        self.keyword();
        let name = self.name("the name of a capability");
        let value = if self.eat(TokenKind::Assign) {
            Some(self.expression())
        } else if self.is(TokenKind::BraceOpen) {
            Some(self.map_expression())
        } else {
            None
        };
        StmtKind::Capability { name, value }
    }

    pub(super) fn grant_statement(&mut self) -> StmtKind {
        let revoke = self.is_keyword(Keyword::Revoke);
        self.keyword();
        let who = if self.is_name() {
            GrantWho::Name(self.take_word())
        } else {
            GrantWho::Text(self.text("who it is"))
        };
        let mut capabilities = vec![self.name("a capability")];
        while !self.lost && self.eat(TokenKind::Comma) {
            capabilities.push(self.name("a capability"));
        }
        StmtKind::Grant(Grant { revoke, who, capabilities })
    }

    pub(super) fn protect_statement(&mut self) -> StmtKind {
        self.keyword();
        let target = self.name("the name of a function");
        let rules = if self.is(TokenKind::BraceOpen) {
            self.map_expression()
        } else {
            self.expect(TokenKind::Comma);
            self.expression()
        };
        let level = if self.eat(TokenKind::Comma) { Some(self.expression()) } else { None };
        StmtKind::Protect(Box::new(Protect { target, rules, level }))
    }

    /// `inject NAME [':' type]`
    pub(super) fn inject(&mut self) -> Inject {
        self.keyword();
        let name = self.name("the name of a dependency");
        let ty = if self.eat(TokenKind::Colon) { Some(self.ty()) } else { None };
        Inject { name, ty }
    }

    /// Whether `channel` here declares one: a name follows, after `<type>` and `[size]` if there are such.
    pub(super) fn channel_follows(&self) -> bool {
        let mut next = self.at + 1;
        for opening in [TokenKind::Lt, TokenKind::BracketOpen] {
            let lexeme = self.lexeme_at(next);
            if lexeme.kind == opening && !lexeme.line_before {
                match self.partners.of(next) {
                    Some(partner) => next = partner + 1,
                    None => return false,
                }
            }
        }
        let name = self.lexeme_at(next);
        name.kind.is_name() && !name.line_before
    }

    pub(super) fn channel_statement(&mut self) -> StmtKind {
        self.keyword();
        let ty = if self.is(TokenKind::Lt) { self.type_args().into_iter().next() } else { None };
        let size = if self.is(TokenKind::BracketOpen) {
            let opener = self.at;
            self.bump();
            let size = self.inside(Self::expression);
            self.close(opener, "`]`");
            Some(size)
        } else {
            None
        };
        let name = self.name("the name of the channel");
        let capacity = if self.eat(TokenKind::Assign) { Some(self.expression()) } else { None };
        StmtKind::Channel(Box::new(ChannelDecl { ty, size, name, capacity }))
    }
}
