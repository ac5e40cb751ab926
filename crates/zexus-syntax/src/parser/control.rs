//! Statements with blocks.

use super::Parser;
use crate::ast::{
    Branch, Catch, Conditional, Expr, ExprKind, ForC, ForIn, If, Match, Name, Stmt, StmtKind, Try, Type,
};
use crate::keywords::Keyword;
use crate::token::TokenKind;
use zexus_codes::Code;

impl Parser<'_> {
    /// `if` in its three forms: with blocks, on one line, and the expression `if … then … else …`.
    pub(super) fn if_statement(&mut self) -> StmtKind {
        let header = self.at;
        let start = self.span();
        self.bump();
        let condition = self.in_head(Self::expression);
        if self.at_then() {
            let value = self.then_else(condition);
            return StmtKind::Expr(Expr { kind: value, span: self.since(start) });
        }
        if matches!(self.kind(), TokenKind::BraceOpen | TokenKind::Colon) {
            return self.if_with_blocks(header, condition);
        }
        if !self.same_line() || self.is(TokenKind::End) {
            self.expected("`{`");
        }
        let body = self.simple_as_block();
        let otherwise = if self.eat_keyword(Keyword::Else) {
            if !self.same_line() {
                self.expected("a statement on the line of `else`");
            }
            Some(self.simple_as_block())
        } else {
            None
        };
        StmtKind::If(If { branches: vec![Branch { condition, body }], otherwise })
    }

    fn if_with_blocks(&mut self, header: usize, condition: Expr) -> StmtKind {
        let body = self.block(header);
        let mut branches = vec![Branch { condition, body }];
        let mut otherwise = None;
        loop {
            let header = self.at;
            if self.eat_keyword(Keyword::Elif) {
            } else if self.is_keyword(Keyword::Else) {
                self.bump();
                if !self.eat_keyword(Keyword::If) {
                    otherwise = Some(self.block(header));
                    break;
                }
            } else {
                break;
            }
            let condition = self.in_head(Self::expression);
            let body = self.block(header);
            branches.push(Branch { condition, body });
        }
        StmtKind::If(If { branches, otherwise })
    }

    /// Whether `then` here is the word of the expression, not a variable.
    pub(super) fn at_then(&self) -> bool {
        self.is_keyword(Keyword::Then) && super::stmt::begins_expression(self.kind_at(1))
    }

    /// `then a else b` after `if condition`.
    pub(super) fn then_else(&mut self, condition: Expr) -> ExprKind {
        self.expect_keyword(Keyword::Then);
        let then = self.nested(Self::expression);
        self.expect_keyword(Keyword::Else);
        let otherwise = self.nested(Self::expression);
        ExprKind::Conditional(Box::new(Conditional { condition, then, otherwise }))
    }

    pub(super) fn while_statement(&mut self) -> StmtKind {
        let header = self.at;
        self.bump();
        let condition = self.in_head(Self::expression);
        let body = self.block(header);
        StmtKind::While { condition, body }
    }

    pub(super) fn for_statement(&mut self) -> StmtKind {
        let header = self.at;
        self.bump();
        if self.is_keyword(Keyword::Each)
            && !self.is_keyword_at(1, Keyword::In)
            && self.kind_at(1) != TokenKind::Comma
        {
            self.keyword();
        }
        if !self.is(TokenKind::ParenOpen) {
            let (first, second) = self.loop_names();
            let value = self.in_head(Self::expression);
            let body = self.block(header);
            return StmtKind::ForIn(Box::new(ForIn { first, second, value, body }));
        }
        let opener = self.at;
        self.bump();
        let skip = usize::from(self.is_keyword(Keyword::Let));
        let names_in = self.kind_at(skip).is_word()
            && (self.is_keyword_at(skip + 1, Keyword::In)
                || (self.kind_at(skip + 1) == TokenKind::Comma && self.is_keyword_at(skip + 3, Keyword::In)));
        if names_in {
            self.eat_keyword(Keyword::Let);
            let (first, second) = self.loop_names();
            let value = self.inside(Self::expression);
            self.close(opener, "`)`");
            let body = self.block(header);
            return StmtKind::ForIn(Box::new(ForIn { first, second, value, body }));
        }
        let (init, condition, step) = self.inside(Self::for_c_head);
        self.close(opener, "`)`");
        let body = self.block(header);
        StmtKind::ForC(Box::new(ForC { init, condition, step, body }))
    }

    fn for_c_head(&mut self) -> (Option<Stmt>, Option<Expr>, Option<Stmt>) {
        let init = if self.is(TokenKind::Semicolon) { None } else { Some(self.simple()) };
        if !self.eat(TokenKind::Semicolon) {
            self.expected_with("`;`", |d| {
                d.with_help("write `for x in values { … }` or `for (init; condition; step) { … }`")
            });
            return (init, None, None);
        }
        let condition = if self.is(TokenKind::Semicolon) { None } else { Some(self.expression()) };
        if !self.expect(TokenKind::Semicolon) {
            return (init, condition, None);
        }
        let step = if self.is(TokenKind::ParenClose) { None } else { Some(self.simple()) };
        (init, condition, step)
    }

    fn simple(&mut self) -> Stmt {
        let start = self.span();
        let kind = self.simple_statement();
        Stmt { kind, span: self.since(start) }
    }

    /// `NAME [',' NAME] 'in'`
    fn loop_names(&mut self) -> (Name, Option<Name>) {
        let first = self.name("the name of the loop variable");
        let second = if self.eat(TokenKind::Comma) { Some(self.name("a second name")) } else { None };
        self.expect_keyword(Keyword::In);
        (first, second)
    }

    pub(super) fn try_statement(&mut self) -> StmtKind {
        let header = self.at;
        let start = self.span();
        self.bump();
        let body = self.block(header);
        let mut catches = Vec::new();
        while self.is_keyword(Keyword::Catch) {
            let header = self.at;
            let start = self.span();
            self.bump();
            let (name, ty) = self.catch_name();
            let body = self.block(header);
            catches.push(Catch { name, ty, body, span: self.since(start) });
        }
        let header = self.at;
        let finally = if self.eat_keyword(Keyword::Finally) { Some(self.block(header)) } else { None };
        if catches.is_empty() && finally.is_none() {
            self.error_with(Code::E0213, start, "`try` needs `catch` or `finally`", |d| {
                d.with_help("write `catch (e) { … }` after the block")
            });
        }
        StmtKind::Try(Try { body, catches, finally })
    }

    fn catch_name(&mut self) -> (Option<Name>, Option<Type>) {
        let first = self.at;
        while self.eat(TokenKind::ParenOpen) {}
        let openers = first..self.at;
        if openers.len() > super::MAX_NESTING as usize {
            self.too_deep();
        }
        if openers.is_empty() {
            let named = self.kind().is_word();
            return (named.then(|| self.name("a name")), None);
        }
        let name = self.name("the name of the error");
        let ty = if self.eat(TokenKind::Colon) { Some(self.ty()) } else { None };
        for opener in openers.rev() {
            self.close(opener, "`)`");
        }
        (Some(name), ty)
    }

    pub(super) fn tx_statement(&mut self) -> StmtKind {
        let header = self.at;
        self.keyword();
        StmtKind::Tx(self.block(header))
    }

    pub(super) fn atomic_statement(&mut self) -> StmtKind {
        let header = self.at;
        self.keyword();
        if self.is(TokenKind::BraceOpen) {
            return StmtKind::Atomic(self.block(header));
        }
        let opener = self.at;
        self.bump();
        let stmt = self.inside(Self::simple);
        let simple = matches!(
            stmt.kind,
            StmtKind::Expr(_) | StmtKind::Assign(_) | StmtKind::Print(_) | StmtKind::Error
        );
        if !simple {
            self.error_with(Code::E0201, stmt.span, "expected an expression or assignment", |d| {
                d.with_help("write other statements in braces: `atomic { … }`")
            });
        }
        self.close(opener, "`)`");
        StmtKind::Atomic(stmt.into())
    }

    pub(super) fn defer_statement(&mut self) -> StmtKind {
        let header = self.at;
        self.keyword();
        StmtKind::Defer(self.block_or_simple(header))
    }

    pub(super) fn watch_statement(&mut self) -> StmtKind {
        let header = self.at;
        self.keyword();
        if self.is(TokenKind::BraceOpen) {
            let body = self.block(header);
            return StmtKind::Watch { value: None, body };
        }
        let value = self.in_head(|p| p.without_arrow(Self::expression));
        let body =
            if self.eat(TokenKind::FatArrow) { self.block_or_simple(header) } else { self.block(header) };
        StmtKind::Watch { value: Some(value), body }
    }

    pub(super) fn stream_statement(&mut self) -> StmtKind {
        let header = self.at;
        self.keyword();
        let event = self.name("the name of an event");
        self.expect_keyword(Keyword::As);
        let binding = self.name("a name for the event");
        self.expect(TokenKind::FatArrow);
        let body = self.block_or_simple(header);
        StmtKind::Stream { event, binding, body }
    }

    pub(super) fn using_statement(&mut self) -> StmtKind {
        let header = self.at;
        self.keyword();
        let opener = self.at;
        self.bump();
        let name = self.name("a name");
        self.expect(TokenKind::Assign);
        let value = self.inside(Self::expression);
        self.close(opener, "`)`");
        let body = self.block(header);
        StmtKind::Using { name, value, body }
    }

    pub(super) fn exactly_statement(&mut self) -> StmtKind {
        let header = self.at;
        self.keyword();
        let name = self.name("a label");
        let body = self.block(header);
        StmtKind::Exactly { name, body }
    }

    pub(super) fn pattern_statement(&mut self) -> StmtKind {
        let header = self.at;
        self.keyword();
        let value = self.in_head(Self::expression);
        let arms = self.arms(header);
        StmtKind::Pattern(Box::new(Match { value, arms }))
    }
}
