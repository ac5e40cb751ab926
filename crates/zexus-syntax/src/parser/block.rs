//! Blocks, and what is written in place of blocks (language.md 3.3, 3.4).

use super::{Parser, list_from};
use crate::ast::{Block, Stmt, StmtKind};
use crate::keywords::Keyword;
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

/// Indentations deeper than this many columns are all the same.
const MAX_INDENT: usize = 1000;

/// How the inside of a block or declaration ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body {
    /// With the `}` for the `{` at this index.
    Braces(usize),
    /// After a wrong `:`, with the first line that is indented no deeper than this.
    Indented(usize),
    /// After a wrong `:`, with the line.
    Line,
    /// There is none.
    Missing,
}

impl Parser<'_> {
    /// Reads `{`. A `:` in its place is E0208, and then the indented lines are the body. `header` is the index of the
    /// first token of the header.
    pub(super) fn open_body(&mut self, header: usize) -> Body {
        let opener = self.at;
        if self.eat(TokenKind::BraceOpen) {
            // Whatever was wrong with the header, its block is here.
            self.lost = false;
            return Body::Braces(opener);
        }
        if !self.is(TokenKind::Colon) {
            self.expected("`{`");
            return Body::Missing;
        }
        let start = self.lexeme_at(header).span;
        let head = self.quote(Span::new(start.start, self.last_end()));
        let message = format!("blocks are written with braces: `{head} {{ … }}`");
        self.error_with(Code::E0208, self.span(), message, |d| {
            d.with_help("write `{` in place of `:`, and `}` after the last statement of the block")
        });
        self.bump();
        if self.same_line() { Body::Line } else { Body::Indented(self.indent_of(start.start)) }
    }

    pub(super) fn at_body_end(&self, body: Body) -> bool {
        let lexeme = self.lexeme();
        match (body, lexeme.kind) {
            (Body::Missing, _) | (_, TokenKind::BraceClose | TokenKind::End) => true,
            (Body::Braces(_), _) => false,
            (
                Body::Line,
                TokenKind::Keyword(Keyword::Else | Keyword::Elif | Keyword::Catch | Keyword::Finally),
            ) => true,
            (Body::Line, _) => lexeme.line_before,
            (Body::Indented(indent), _) => lexeme.line_before && self.indent_of(lexeme.span.start) <= indent,
        }
    }

    pub(super) fn close_body(&mut self, body: Body) {
        if let Body::Braces(opener) = body {
            self.close(opener, "`}`");
        }
    }

    /// Number of spaces and tabs at the start of the line that holds this offset.
    fn indent_of(&self, offset: u32) -> usize {
        let before = self.text.as_bytes().get(..offset as usize).unwrap_or(&[]);
        let line = before.iter().rposition(|&byte| byte == b'\n' || byte == b'\r').map_or(0, |at| at + 1);
        let blank = |&&byte: &&u8| byte == b' ' || byte == b'\t';
        before.iter().skip(line).take_while(blank).take(MAX_INDENT).count()
    }

    /// A block in braces.
    pub(super) fn block(&mut self, header: usize) -> Block {
        let start = self.span();
        let body = self.open_body(header);
        let stmts = self.inside(|p| p.statements(body));
        self.close_body(body);
        Block { stmts, span: self.since(start) }
    }

    fn statements(&mut self, body: Body) -> Vec<Stmt> {
        let start = self.pending.stmts.len();
        while !self.at_body_end(body) {
            self.pending_statement();
        }
        list_from(&mut self.pending.stmts, start)
    }

    /// The statements of the top level.
    pub(super) fn statements_to_end(&mut self) -> Vec<Stmt> {
        while !self.is(TokenKind::End) {
            if self.is(TokenKind::BraceClose) {
                self.error_at(
                    Code::E0201,
                    self.span(),
                    "expected a statement, found `}` without a block to close",
                );
                self.bump();
            } else {
                self.pending_statement();
            }
        }
        std::mem::take(&mut self.pending.stmts)
    }

    /// `block | simple_stmt`, where `{` always opens a block.
    pub(super) fn block_or_simple(&mut self, header: usize) -> Block {
        if self.is(TokenKind::BraceOpen) { self.block(header) } else { self.simple_as_block() }
    }

    /// `block | simple_stmt` after `=>` or `:`, where `{` may begin a map.
    pub(super) fn block_or_map_or_simple(&mut self, header: usize) -> Block {
        match self.is(TokenKind::BraceOpen) {
            true if self.brace_begins_map() => {
                let start = self.span();
                let kind = self.simple_statement();
                Block::from(Stmt { kind, span: self.since(start) })
            }
            true => self.block(header),
            false => self.simple_as_block(),
        }
    }

    /// Whether the `{` here begins a map after `=>` (language.md 3.4).
    pub(super) fn brace_begins_map(&self) -> bool {
        match self.kind_at(1) {
            TokenKind::BraceClose => true,
            TokenKind::Str | TokenKind::Int | TokenKind::Float => self.kind_at(2) == TokenKind::Colon,
            kind if kind.is_word() => self.kind_at(2) == TokenKind::Colon,
            _ => false,
        }
    }

    /// One simple statement as a block.
    pub(super) fn simple_as_block(&mut self) -> Block {
        let start = self.span();
        let kind = self.nested(|p| match p.compound_statement() {
            None => p.simple_statement(),
            Some(kind @ (StmtKind::Expr(_) | StmtKind::Error)) => kind,
            Some(kind) => {
                p.error_with(Code::E0201, start, "expected a simple statement or a block in braces", |d| {
                    d.with_help("write `{` before this statement and `}` after it")
                });
                kind
            }
        });
        Block::from(Stmt { kind, span: self.since(start) })
    }
}
