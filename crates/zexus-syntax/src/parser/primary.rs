//! Operands and what follows them directly.

use super::stmt::continues_expression;
use super::{Parser, list_from};
use crate::ast::{
    Chain, Constructor, ConstructorArgs, Expr, ExprKind, Link, LinkKind, Literal, Match, Name, Sandbox,
};
use crate::keywords::Keyword;
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

impl Parser<'_> {
    /// A place holder where something broken stands.
    pub(super) fn broken(&self) -> Expr {
        Expr { kind: ExprKind::Error, span: Span::at(self.last_end()) }
    }

    /// `primary` with calls, indexes and members.
    pub(super) fn postfix(&mut self) -> Expr {
        let start = self.span();
        let mut base = self.primary();
        let first = self.pending.links.len();
        loop {
            let lexeme = self.lexeme();
            let span = lexeme.span;
            let mut optional = false;
            let kind = match lexeme.kind {
                TokenKind::ParenOpen if !lexeme.line_before => LinkKind::Call(self.arguments()),
                TokenKind::BracketOpen if !lexeme.line_before => self.index(false),
                TokenKind::Dot => {
                    self.bump();
                    LinkKind::Member(self.word("the name of a member"))
                }
                TokenKind::QuestionDot => {
                    self.bump();
                    optional = true;
                    if self.is(TokenKind::BracketOpen) {
                        self.index(true)
                    } else {
                        LinkKind::Member(self.word("the name of a member or `[`"))
                    }
                }
                TokenKind::BraceOpen
                    if !lexeme.line_before && !self.head && self.constructor_follows(self.at) =>
                {
                    match type_path(&base, self.pending.links.get(first..).unwrap_or(&[])) {
                        Some(path) => {
                            self.pending.links.truncate(first);
                            base = self.constructor(path, start);
                            continue;
                        }
                        None => break,
                    }
                }
                TokenKind::Lt if !lexeme.gap_before && self.type_args_follow() => {
                    match type_path(&base, self.pending.links.get(first..).unwrap_or(&[])) {
                        Some(path) => {
                            self.pending.links.truncate(first);
                            base = self.constructor(path, start);
                            continue;
                        }
                        None => break,
                    }
                }
                TokenKind::PlusPlus | TokenKind::MinusMinus
                    if !lexeme.line_before && !self.operand_on_line_after() =>
                {
                    self.doubled_sign();
                    self.bump();
                    break;
                }
                _ => break,
            };
            let link = Link { kind, optional, span: self.since(span) };
            self.pending.links.push(link);
            if self.lost {
                break;
            }
        }
        if self.pending.links.len() == first {
            return base;
        }
        let links = list_from(&mut self.pending.links, first);
        Expr { kind: ExprKind::Chain(Box::new(Chain { base, links })), span: self.since(start) }
    }

    fn operand_on_line_after(&self) -> bool {
        self.same_line_at(1) && super::stmt::begins_expression(self.kind_at(1))
    }

    /// `[i]` or `[i:j]`; after `?.` only the first.
    fn index(&mut self, optional: bool) -> LinkKind {
        let opener = self.at;
        self.bump();
        let kind = self.inside(|p| {
            let from = if p.is(TokenKind::Colon) && !optional { None } else { Some(p.expression()) };
            match from {
                Some(index) if optional || !p.is(TokenKind::Colon) => LinkKind::Index(index),
                from => {
                    p.bump();
                    let to =
                        if p.is(TokenKind::BracketClose) { None } else { Some(Box::new(p.expression())) };
                    LinkKind::Slice(from.map(Box::new), to)
                }
            }
        });
        self.close(opener, "`]`");
        kind
    }

    /// Whether the `{` at this index begins the fields of a constructor (language.md 3.5).
    pub(super) fn constructor_follows(&self, brace: usize) -> bool {
        match self.lexeme_at(brace + 1).kind {
            TokenKind::BraceClose => true,
            TokenKind::Str => self.lexeme_at(brace + 2).kind == TokenKind::Colon,
            kind => kind.is_word() && self.lexeme_at(brace + 2).kind == TokenKind::Colon,
        }
    }

    /// Whether `<` here begins type arguments (language.md 3.6).
    fn type_args_follow(&self) -> bool {
        let Some(partner) = self.partners.of(self.at) else { return false };
        let after = self.lexeme_at(partner + 1);
        let follows = match after.kind {
            TokenKind::ParenOpen => true,
            TokenKind::BraceOpen => !self.head,
            _ => false,
        };
        follows && !after.gap_before
    }

    /// What follows the path of a constructor.
    fn constructor(&mut self, path: Vec<Name>, start: Span) -> Expr {
        let type_args = if self.is(TokenKind::Lt) { self.type_args() } else { Vec::new() };
        let args = if self.is(TokenKind::ParenOpen) {
            ConstructorArgs::Args(self.arguments())
        } else if self.is(TokenKind::BraceOpen) {
            ConstructorArgs::Fields(self.field_values())
        } else {
            ConstructorArgs::Fields(Vec::new())
        };
        let constructor = Constructor { path, type_args, args };
        Expr { kind: ExprKind::Constructor(Box::new(constructor)), span: self.since(start) }
    }

    fn primary(&mut self) -> Expr {
        let start = self.span();
        let kind = match self.kind() {
            TokenKind::Name => ExprKind::Name(self.take_word()),
            TokenKind::Int => ExprKind::Literal(Literal::Int(self.int(false))),
            TokenKind::Float => ExprKind::Literal(Literal::Float(self.float(false))),
            TokenKind::Str => ExprKind::Literal(Literal::Str(self.text("a string").value)),
            TokenKind::StrHead => return self.template(),
            TokenKind::ParenOpen => self.paren(),
            TokenKind::BracketOpen => self.list(),
            TokenKind::BraceOpen => ExprKind::Map(self.map_items()),
            TokenKind::BadNumber => {
                self.bump();
                ExprKind::Error
            }
            TokenKind::Keyword(keyword) => return self.word_primary(keyword),
            _ => self.no_expression(),
        };
        Expr { kind, span: self.since(start) }
    }

    fn word_primary(&mut self, keyword: Keyword) -> Expr {
        let start = self.span();
        let literal = match keyword {
            Keyword::True => Some(Literal::Bool(true)),
            Keyword::False => Some(Literal::Bool(false)),
            Keyword::Null => Some(Literal::Null),
            _ => None,
        };
        let kind = match (literal, keyword) {
            (Some(literal), _) => {
                self.bump();
                ExprKind::Literal(literal)
            }
            (_, Keyword::This) => {
                self.bump();
                ExprKind::This
            }
            (_, Keyword::Print) => {
                self.bump();
                ExprKind::Print
            }
            (_, Keyword::Match) => self.match_expression(),
            (_, Keyword::Sandbox) if self.sandbox_follows() => self.sandbox(),
            (_, Keyword::Lambda) => {
                self.needs_parens();
                self.lambda_function()
            }
            (_, Keyword::Action | Keyword::Function | Keyword::Async) if self.begins_function_literal() => {
                self.needs_parens();
                self.function_literal()
            }
            (_, keyword) if !keyword.is_reserved() => ExprKind::Name(self.take_word()),
            _ => self.reserved_primary(),
        };
        Expr { kind, span: self.since(start) }
    }

    fn needs_parens(&mut self) {
        self.error_with(Code::E0201, self.span(), "expected an operand, found a function literal", |d| {
            d.with_help("write the function in parentheses: `(lambda x: x)`")
        });
    }

    /// A reserved word where an operand should be: E0219 if it is used like a variable.
    #[cold]
    fn reserved_primary(&mut self) -> ExprKind {
        let next = self.lexeme_at(self.at + 1);
        let like_variable = next.line_before
            || continues_expression(next.kind)
            || super::stmt::assign_op(next.kind).is_some()
            || matches!(
                next.kind,
                TokenKind::ParenClose
                    | TokenKind::BracketClose
                    | TokenKind::BraceClose
                    | TokenKind::Comma
                    | TokenKind::Semicolon
                    | TokenKind::End
                    | TokenKind::FatArrow
            );
        let operator = continues_expression(self.kind());
        if !like_variable || operator || self.is_keyword(Keyword::Else) {
            return self.no_expression();
        }
        self.reserved_as_name();
        ExprKind::Name(self.take_word())
    }

    #[cold]
    fn no_expression(&mut self) -> ExprKind {
        let help = match self.kind() {
            TokenKind::Plus => Some("numbers have no sign `+`"),
            TokenKind::Ellipsis => Some("`...` spreads arguments of calls only; join lists with `+`"),
            TokenKind::Keyword(Keyword::Return | Keyword::Throw | Keyword::Let | Keyword::Const) => {
                Some("a statement is no expression; write it in braces")
            }
            _ => None,
        };
        self.expected_with("an expression", |d| match help {
            Some(help) => d.with_help(help),
            None => d,
        });
        ExprKind::Error
    }

    fn paren(&mut self) -> ExprKind {
        let opener = self.at;
        self.bump();
        let inner = self.inside(Self::expression);
        if self.is(TokenKind::Comma) {
            self.expected_with("`)`", |d| d.with_help("write several values as a list: `[a, b]`"));
        }
        self.close(opener, "`)`");
        ExprKind::Paren(Box::new(inner))
    }

    fn list(&mut self) -> ExprKind {
        let opener = self.at;
        self.bump();
        let items = self.inside(|p| {
            let first = p.pending.exprs.len();
            while !matches!(p.kind(), TokenKind::BracketClose | TokenKind::End) {
                let item = p.expression();
                p.pending.exprs.push(item);
                if p.lost || !p.eat(TokenKind::Comma) {
                    break;
                }
            }
            list_from(&mut p.pending.exprs, first)
        });
        self.close(opener, "`,` or `]`");
        ExprKind::List(items)
    }

    fn match_expression(&mut self) -> ExprKind {
        let header = self.at;
        self.bump();
        let value = self.nested(|p| p.in_head(Self::expression));
        let arms = self.arms(header);
        ExprKind::Match(Box::new(Match { value, arms }))
    }

    /// Whether `sandbox` begins an expression: a block follows on its line, after parentheses if there are such. In a
    /// head the block is that of the statement unless another one follows it.
    fn sandbox_follows(&self) -> bool {
        let mut next = self.at + 1;
        if self.lexeme_at(next).kind == TokenKind::ParenOpen && !self.lexeme_at(next).line_before {
            match self.partners.of(next) {
                Some(partner) => next = partner + 1,
                None => return false,
            }
        }
        let brace = self.lexeme_at(next);
        let follows = brace.kind == TokenKind::BraceOpen && !brace.line_before;
        let another = self
            .partners
            .of(next)
            .is_some_and(|partner| self.lexeme_at(partner + 1).kind == TokenKind::BraceOpen);
        follows && (!self.head || another)
    }

    fn sandbox(&mut self) -> ExprKind {
        let header = self.at;
        self.keyword();
        let mut label = None;
        let mut policy = None;
        if self.is(TokenKind::ParenOpen) {
            let opener = self.at;
            self.bump();
            if self.is_name() && self.kind_at(1) == TokenKind::Assign {
                label = Some(self.take_word());
                self.bump();
            }
            policy = Some(self.inside(Self::expression));
            self.close(opener, "`)`");
        }
        let body = self.block(header);
        ExprKind::Sandbox(Box::new(Sandbox { label, policy, body }))
    }
}

/// The names of `a.b.c`, if that is what was read so far and all of them are NAMEs of the grammar.
fn type_path(base: &Expr, links: &[Link]) -> Option<Vec<Name>> {
    let ExprKind::Name(first) = &base.kind else { return None };
    let is_name = |name: &Name| Keyword::parse(&name.text).is_none_or(|keyword| !keyword.is_reserved());
    for link in links {
        match &link.kind {
            LinkKind::Member(name) if !link.optional && is_name(name) => {}
            _ => return None,
        }
    }
    let mut path = vec![first.clone()];
    for link in links {
        if let LinkKind::Member(name) = &link.kind {
            path.push(name.clone());
        }
    }
    Some(path)
}
