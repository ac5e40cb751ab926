//! Errors of the parser, and how it goes on after them.

use super::Parser;
use crate::diagnostic::Diagnostic;
use crate::keywords::Keyword;
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

/// Texts quoted in messages are cut after this many bytes.
const MAX_QUOTE: usize = 40;

impl Parser<'_> {
    /// Reports at a span. Errors at a token that already has one are dropped, as they follow from it.
    pub(super) fn error_at(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.error_with(code, span, message, |d| d);
    }

    pub(super) fn error_with(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        build: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        let quiet = self.quiet_end && self.is(TokenKind::End) && code != Code::E0218;
        if self.stopped || quiet || self.last_error == Some(self.at) {
            return;
        }
        self.last_error = Some(self.at);
        self.reports.add(code, span, message, build);
        if self.reports.is_full() {
            self.reports.overflow();
            self.stop();
        }
    }

    /// Reports something that leaves the tree as it is.
    pub(super) fn warning(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        if !self.stopped {
            self.reports.add(code, span, message, |d| d.with_help(help));
        }
    }

    /// Jumps to the end of the text for good.
    fn stop(&mut self) {
        self.stopped = true;
        self.at = self.lexemes.len().saturating_sub(1);
    }

    #[cold]
    pub(super) fn too_deep(&mut self) {
        let span = self.span();
        self.last_error = None;
        self.error_with(Code::E0218, span, "nested too deeply", |d| {
            d.with_note(format!(
                "brackets, blocks and expressions nest {} levels deep at most",
                super::MAX_NESTING
            ))
            .with_help("move the inner part into an action or a variable of its own")
        });
        self.stop();
    }

    /// E0201: something else must stand here.
    pub(super) fn expected(&mut self, what: &str) {
        self.expected_with(what, |d| d);
    }

    pub(super) fn expected_with(&mut self, what: &str, build: impl FnOnce(Diagnostic) -> Diagnostic) {
        if self.kind() == TokenKind::Unknown {
            // E0102 was reported there.
            self.last_error = Some(self.at);
        }
        if std::mem::replace(&mut self.lost, true) {
            return;
        }
        let message = format!("expected {what}, found {}", self.found());
        self.error_with(Code::E0201, self.place(), message, build);
    }

    /// The place of the next token; at the end of the text, the end of the last one.
    fn place(&self) -> Span {
        if self.is(TokenKind::End) { Span::at(self.last_end()) } else { self.span() }
    }

    /// The next token in words.
    pub(super) fn found(&self) -> String {
        match self.kind() {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::Str | TokenKind::StrHead => "a string".to_owned(),
            TokenKind::StrMiddle | TokenKind::StrTail => "the `}` of a hole".to_owned(),
            TokenKind::Int | TokenKind::Float | TokenKind::BadNumber => {
                format!("number `{}`", self.quote(self.span()))
            }
            _ => format!("`{}`", self.quote(self.span())),
        }
    }

    /// A short piece of source for a message.
    pub(super) fn quote(&self, span: Span) -> String {
        let text = self.slice(span);
        if text.len() <= MAX_QUOTE {
            return text.to_owned();
        }
        let mut end = MAX_QUOTE;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        format!("{}…", text.get(..end).unwrap_or(""))
    }

    /// E0219 for the next token.
    pub(super) fn reserved_as_name(&mut self) {
        let word = self.quote(self.span());
        self.error_with(
            Code::E0219,
            self.span(),
            format!("`{word}` is a reserved word and cannot be a name"),
            |d| d.with_help(format!("choose another name, such as `{word}_`")),
        );
    }

    /// Consumes this token or reports what is missing; gives whether it was there.
    pub(super) fn expect(&mut self, kind: TokenKind) -> bool {
        if self.eat(kind) {
            return true;
        }
        match kind.punctuation() {
            Some(text) => self.expected(&format!("`{text}`")),
            None => self.expected("something else"),
        }
        false
    }

    /// Consumes this contextual or reserved word or reports that it is missing.
    pub(super) fn expect_keyword(&mut self, keyword: Keyword) -> bool {
        let found = self.eat_keyword(keyword);
        if !found {
            self.expected(&format!("`{}`", keyword.as_str()));
        }
        found
    }

    /// Reads the closing token of the bracket at index `opener`. If something else stands here, reports it and goes on
    /// behind the partner of the bracket, if it has one.
    pub(super) fn close(&mut self, opener: usize, what: &str) {
        let open = self.lexeme_at(opener);
        let closing = match open.kind {
            TokenKind::ParenOpen => TokenKind::ParenClose,
            TokenKind::BracketOpen => TokenKind::BracketClose,
            TokenKind::BraceOpen => TokenKind::BraceClose,
            _ => TokenKind::Gt,
        };
        if self.eat(closing) {
            return;
        }
        let partner = self.partners.of(opener).filter(|&partner| partner >= self.at);
        match partner {
            Some(partner) => {
                self.expected(what);
                if !self.stopped {
                    self.at = partner;
                    self.bump();
                    self.lost = false;
                }
            }
            None => self.unclosed(opener),
        }
    }

    /// E0202 for the bracket at index `opener`.
    fn unclosed(&mut self, opener: usize) {
        if std::mem::replace(&mut self.lost, true) {
            return;
        }
        let open = self.lexeme_at(opener);
        let text = self.quote(open.span);
        let (file, place, found) = (self.file, self.place(), self.found());
        // Inner brackets that end at the same place are open for the same reason and stay quiet.
        self.error_with(Code::E0202, open.span, format!("`{text}` is not closed"), |d| {
            d.with_label(file, place, format!("{found} stands where it should be closed at the latest"))
        });
        self.last_error = Some(self.at);
    }

    /// After an error in a statement: skips to where the next statement plausibly starts, over whole brackets.
    pub(super) fn skip_statement(&mut self, start: usize) {
        self.lost = false;
        if self.at == start && !matches!(self.kind(), TokenKind::BraceClose | TokenKind::End) {
            self.skip_token();
        }
        while !self.starts_line_or_ends() {
            self.skip_token();
        }
    }

    fn starts_line_or_ends(&self) -> bool {
        let lexeme = self.lexeme();
        match lexeme.kind {
            TokenKind::End | TokenKind::BraceClose | TokenKind::Semicolon => true,
            TokenKind::Keyword(keyword) if keyword.is_reserved() => {
                lexeme.line_before
                    && !matches!(
                        keyword,
                        Keyword::And | Keyword::Or | Keyword::In | Keyword::Elif | Keyword::Else
                    )
            }
            TokenKind::Name | TokenKind::Keyword(_) | TokenKind::At | TokenKind::BraceOpen => {
                lexeme.line_before
            }
            _ => false,
        }
    }

    /// Skips a token, or from an opening bracket to behind its partner.
    pub(super) fn skip_token(&mut self) {
        if let Some(partner) = self.partners.of(self.at)
            && self.kind() != TokenKind::Lt
        {
            self.at = partner;
        }
        self.bump();
    }
}
