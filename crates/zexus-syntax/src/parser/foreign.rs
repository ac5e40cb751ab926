//! Statements and modifiers of language.md chapter 22, which have no meaning here (E0220).

use super::Parser;
use crate::ast::StmtKind;
use crate::keywords::{DECORATOR_ALTERNATIVE, ForeignWord, Keyword, MODE_ALTERNATIVE};
use crate::token::TokenKind;
use zexus_codes::Code;

impl Parser<'_> {
    pub(super) fn mode_form(&self, keyword: Keyword) -> bool {
        use Keyword as K;
        let known = matches!(
            keyword,
            K::Require
                | K::Verify
                | K::Validate
                | K::Protect
                | K::Audit
                | K::Seal
                | K::Restrict
                | K::Sanitize
        );
        known
            && self.kind_at(1) == TokenKind::Colon
            && !self.lexeme_at(self.at + 1).gap_before
            && self.word_at(2)
            && !self.lexeme_at(self.at + 2).gap_before
    }

    /// E0220 for `verify:data` and the like.
    #[cold]
    pub(super) fn mode_statement(&mut self) -> StmtKind {
        let span = self.span().to(self.lexeme_at(self.at + 2).span);
        let message = ForeignWord::message(&self.quote(span));
        self.error_with(Code::E0220, span, message, |d| d.with_help(MODE_ALTERNATIVE));
        self.skip_foreign();
        StmtKind::Error
    }

    /// E0220 for `@decorator`.
    #[cold]
    pub(super) fn decorator(&mut self) -> StmtKind {
        let span = match self.kind_at(1).is_word() {
            true => self.span().to(self.lexeme_at(self.at + 1).span),
            false => self.span(),
        };
        let message = ForeignWord::message(&self.quote(span));
        self.error_with(Code::E0220, span, message, |d| d.with_help(DECORATOR_ALTERNATIVE));
        self.bump();
        while (self.kind().is_word() || self.is(TokenKind::Dot)) && self.same_line() {
            self.bump();
            if self.is(TokenKind::ParenOpen) && self.same_line() {
                self.skip_token();
                break;
            }
        }
        StmtKind::Error
    }

    /// E0220 for a statement or modifier of chapter 22.
    pub(super) fn foreign_statement(&mut self) -> Option<StmtKind> {
        if !self.same_line_at(1) {
            return None;
        }
        let fits = match self.kind_at(1) {
            TokenKind::Str | TokenKind::StrHead | TokenKind::Int | TokenKind::Float => true,
            TokenKind::Keyword(Keyword::Div) => false,
            TokenKind::Gt => {
                let second = self.kind_at(2);
                second == TokenKind::Str || (second == TokenKind::Gt && self.kind_at(3) == TokenKind::Str)
            }
            TokenKind::BraceOpen => !self.constructor_follows(self.at + 1),
            kind => kind.is_name(),
        };
        if !fits {
            return None;
        }
        let word = ForeignWord::find(self.slice(self.span())).filter(|word| word.statement)?;
        let logs = self.kind_at(1) == TokenKind::Gt;
        if logs && word.word != "log" {
            return None;
        }
        self.error_with(Code::E0220, self.span(), ForeignWord::message(word.word), |d| {
            d.with_help(word.alternative)
        });
        self.skip_foreign();
        Some(StmtKind::Error)
    }

    /// Skips a statement that has no meaning here: to the end of its line, or of its block if that has one.
    fn skip_foreign(&mut self) {
        self.bump();
        while self.same_line()
            && !matches!(self.kind(), TokenKind::Semicolon | TokenKind::BraceClose | TokenKind::End)
        {
            let block = self.is(TokenKind::BraceOpen);
            self.skip_token();
            if block {
                break;
            }
        }
    }
}
