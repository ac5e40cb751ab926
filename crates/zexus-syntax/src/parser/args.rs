//! Arguments and parameters (language.md 9.3).

use super::{Parser, list_from};
use crate::ast::{Arg, ArgKind, Param};
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

/// The most parameters and arguments (language.md 21.4). What is spread into a call does not count.
const MOST: usize = 255;

impl Parser<'_> {
    /// `'(' [ args ] ')'`
    pub(super) fn arguments(&mut self) -> Vec<Arg> {
        let opener = self.at;
        self.bump();
        let args = self.inside(Self::argument_list);
        self.close(opener, "`,` or `)`");
        args
    }

    fn argument_list(&mut self) -> Vec<Arg> {
        let start = self.pending.args.len();
        let mut named = false;
        while !matches!(self.kind(), TokenKind::ParenClose | TokenKind::End) {
            let arg = self.argument();
            if matches!(arg.kind, ArgKind::Named(_)) {
                named = true;
            } else if named {
                self.error_with(
                    Code::E0215,
                    arg.span,
                    "a positional argument stands after a named one",
                    |d| d.with_help("write positional arguments first"),
                );
            }
            self.check_most(self.pending.args.len() - start, arg.span, "a call", "argument");
            self.pending.args.push(arg);
            if self.lost || !self.eat(TokenKind::Comma) {
                break;
            }
        }
        list_from(&mut self.pending.args, start)
    }

    /// E0201 for the first that is too many.
    pub(super) fn check_most(&mut self, before: usize, span: Span, of: &str, what: &str) {
        if before == MOST {
            self.error_with(Code::E0201, span, format!("{of} has at most {MOST} {what}s"), |d| d);
        }
    }

    fn argument(&mut self) -> Arg {
        let start = self.span();
        let kind = if self.is_name() && self.kind_at(1) == TokenKind::Colon {
            let name = self.take_word();
            self.bump();
            ArgKind::Named(name)
        } else if self.eat(TokenKind::Ellipsis) {
            ArgKind::Spread
        } else {
            ArgKind::Positional
        };
        let value = self.expression();
        Arg { kind, value, span: self.since(start) }
    }

    /// `'(' [ params ] ')'`
    pub(super) fn params(&mut self) -> Vec<Param> {
        let opener = self.at;
        if !self.expect(TokenKind::ParenOpen) {
            return Vec::new();
        }
        let params = self.inside(|p| p.param_list(TokenKind::ParenClose));
        self.close(opener, "`,` or `)`");
        params
    }

    /// Parameters up to, not including, a closing token.
    pub(super) fn param_list(&mut self, end: TokenKind) -> Vec<Param> {
        let mut params: Vec<Param> = Vec::new();
        while !self.is(end) && !self.is(TokenKind::End) {
            let param = self.param();
            self.check_order(params.last(), &param);
            self.check_most(params.len(), param.span, "a function", "parameter");
            params.push(param);
            if self.lost || !self.eat(TokenKind::Comma) {
                break;
            }
        }
        params.shrink_to_fit();
        params
    }

    /// Those with defaults stand after those without, the rest is last (E0215).
    pub(super) fn check_order(&mut self, before: Option<&Param>, param: &Param) {
        let Some(before) = before else { return };
        let (message, help) = if before.rest {
            (
                "a parameter stands after the rest",
                "`...` collects what is left and must be the last parameter",
            )
        } else if before.default.is_some() && param.default.is_none() && !param.rest {
            (
                "a parameter without default stands after one with a default",
                "write parameters without default first",
            )
        } else {
            return;
        };
        self.error_with(Code::E0215, param.span, message, |d| d.with_help(help));
    }

    /// `NAME [':' type] ['=' expression] | '...' NAME`
    pub(super) fn param(&mut self) -> Param {
        let start = self.span();
        if self.eat(TokenKind::Ellipsis) {
            let name = self.name("the name of a parameter");
            return Param { name, ty: None, default: None, rest: true, span: self.since(start) };
        }
        let name = self.name("the name of a parameter");
        let ty = if self.eat(TokenKind::Colon) { Some(self.ty()) } else { None };
        let default = if self.eat(TokenKind::Assign) { Some(self.expression()) } else { None };
        Param { name, ty, default, rest: false, span: self.since(start) }
    }
}
