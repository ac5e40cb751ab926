//! Function literals (language.md 9.2).

use super::Parser;
use crate::ast::{ExprKind, Lambda, LambdaBody, Param};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    /// Whether an arrow function begins here: `name =>` or `(…) =>`.
    pub(super) fn begins_arrow(&self) -> bool {
        if self.no_arrow {
            return false;
        }
        if self.is(TokenKind::ParenOpen) {
            return self
                .partners
                .of(self.at)
                .is_some_and(|partner| self.lexeme_at(partner + 1).kind == TokenKind::FatArrow);
        }
        self.kind().is_word() && self.kind_at(1) == TokenKind::FatArrow
    }

    pub(super) fn arrow_function(&mut self) -> ExprKind {
        let params = if self.is(TokenKind::ParenOpen) { self.params() } else { vec![self.bare_param()] };
        self.expect(TokenKind::FatArrow);
        let body = self.lambda_body();
        ExprKind::Lambda(Box::new(Lambda { is_async: false, params, result: None, body }))
    }

    fn bare_param(&mut self) -> Param {
        let name = self.name("the name of a parameter");
        let span = name.span;
        Param { name, ty: None, default: None, rest: false, span }
    }

    /// `lambda …`
    pub(super) fn lambda_function(&mut self) -> ExprKind {
        let header = self.at;
        self.bump();
        let params = if self.is(TokenKind::ParenOpen) {
            self.params()
        } else {
            let mut params = Vec::new();
            if self.is_name() {
                params.push(self.bare_param());
                while !self.lost && self.eat(TokenKind::Comma) {
                    let param = self.bare_param();
                    self.check_most(params.len(), param.span, "a function", "parameter");
                    params.push(param);
                }
            }
            params
        };
        let body = match self.kind() {
            TokenKind::Colon | TokenKind::FatArrow | TokenKind::ThinArrow => {
                self.bump();
                self.lambda_body()
            }
            TokenKind::BraceOpen => LambdaBody::Block(self.block(header)),
            _ => {
                self.expected("`:`, `=>` or `{`");
                LambdaBody::Expr(self.broken())
            }
        };
        ExprKind::Lambda(Box::new(Lambda { is_async: false, params, result: None, body }))
    }

    /// Whether `action (`, `function (`, `async action (` or `action async (` begins here.
    pub(super) fn begins_function_literal(&self) -> bool {
        let word = |ahead| {
            matches!(self.kind_at(ahead), TokenKind::Keyword(Keyword::Action | Keyword::Function))
                && (ahead == 0 || self.same_line_at(ahead))
        };
        let paren = |ahead| self.kind_at(ahead) == TokenKind::ParenOpen;
        (word(0) && (paren(1) || (self.is_keyword_at(1, Keyword::Async) && paren(2))))
            || (self.is_keyword(Keyword::Async)
                && word(1)
                && (paren(2) || (self.is_keyword_at(2, Keyword::Async) && paren(3))))
    }

    /// `action(x) { … }` and its relatives.
    pub(super) fn function_literal(&mut self) -> ExprKind {
        let header = self.at;
        let mut is_async = self.eat_keyword(Keyword::Async);
        self.keyword();
        is_async |= self.eat_keyword(Keyword::Async);
        let params = self.params();
        let result = self.result_type();
        let body = LambdaBody::Block(self.block(header));
        ExprKind::Lambda(Box::new(Lambda { is_async, params, result, body }))
    }

    /// `block | expression`, where `{` may begin a map.
    fn lambda_body(&mut self) -> LambdaBody {
        if self.is(TokenKind::BraceOpen) && !self.brace_begins_map() {
            LambdaBody::Block(self.block(self.at))
        } else {
            LambdaBody::Expr(self.nested(Self::expression))
        }
    }
}
