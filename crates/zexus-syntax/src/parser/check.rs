//! `print`, `require`, `verify` and `validate`, whose parentheses may belong to a call (language.md 2.4, rules 3 and 4).

use super::Parser;
use super::stmt::{begins_expression, continues_expression};
use crate::ast::{Arg, ArgKind, Check, CheckKind, Expr, StmtKind, Validate};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `print`, which takes parentheses as its argument list unless they belong to an expression (rule 4).
    pub(super) fn print_statement(&mut self) -> StmtKind {
        self.bump();
        let paren = self.is(TokenKind::ParenOpen) && self.same_line();
        if paren && !self.parens_belong_to_expression() {
            return StmtKind::Print(self.arguments());
        }
        let positional = |value: Expr| Arg { kind: ArgKind::Positional, span: value.span, value };
        StmtKind::Print(self.optional_operands().into_iter().map(positional).collect())
    }

    fn parens_belong_to_expression(&self) -> bool {
        let Some(partner) = self.partners.of(self.at) else { return false };
        let after = self.lexeme_at(partner + 1);
        let goes_on = match after.kind {
            TokenKind::ParenOpen | TokenKind::BracketOpen | TokenKind::FatArrow => true,
            TokenKind::Keyword(Keyword::Div) => begins_expression(self.lexeme_at(partner + 2).kind),
            TokenKind::Colon => false,
            kind => continues_expression(kind),
        };
        let named = self.kind_at(1).is_name() && self.kind_at(2) == TokenKind::Colon;
        let one = partner > self.at + 1 && self.kind_at(1) != TokenKind::Ellipsis && !named;
        goes_on && !after.line_before && one && !self.comma_inside(self.at)
    }

    /// Whether `require (` … is a call: nothing follows, or what follows is no block after two operands.
    pub(super) fn check_is_call(&self) -> bool {
        if self.parens_end_statement(true) {
            return true;
        }
        let after = self.partners.of(self.at + 1).map(|partner| self.lexeme_at(partner + 1).kind);
        after != Some(TokenKind::BraceOpen) && self.comma_inside(self.at + 1)
    }

    pub(super) fn check_statement(&mut self) -> StmtKind {
        let header = self.at;
        let kind = if self.is_keyword(Keyword::Verify) { CheckKind::Verify } else { CheckKind::Require };
        self.keyword();
        let condition;
        let mut message = None;
        if self.is(TokenKind::ParenOpen) && self.comma_inside(self.at) {
            let opener = self.at;
            self.bump();
            condition = self.inside(Self::expression);
            self.expect(TokenKind::Comma);
            message = Some(self.inside(Self::expression));
            self.close(opener, "`)`");
        } else {
            condition = self.in_head(Self::expression);
            if self.eat_operand_comma() {
                message = Some(self.in_head(Self::expression));
            }
        }
        let block = if self.is(TokenKind::BraceOpen) { Some(self.block(header)) } else { None };
        StmtKind::Check(Box::new(Check { kind, condition, message, block }))
    }

    pub(super) fn validate_statement(&mut self) -> StmtKind {
        self.keyword();
        let value = self.expression();
        if !self.eat(TokenKind::Comma) && !self.eat_keyword(Keyword::Using) {
            self.expected("`,` or `using` and a schema");
        }
        let schema = self.expression();
        StmtKind::Validate(Box::new(Validate { value, schema }))
    }
}
