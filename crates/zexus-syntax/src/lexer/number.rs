//! Numbers (language.md 2.5).

use super::{Lexer, is_word, is_word_start, offset};
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

impl Lexer<'_> {
    pub(super) fn number(&mut self, start: usize) {
        let (kind, mut problem) = match (self.peek(0), self.peek(1)) {
            (b'0', b'x') => (TokenKind::Int, self.prefixed(u8::is_ascii_hexdigit)),
            (b'0', b'b') => (TokenKind::Int, self.prefixed(|byte| matches!(byte, b'0' | b'1'))),
            _ => self.decimal(),
        };
        if self.bytes.get(self.at).is_some_and(|&byte| is_word(byte)) {
            while self.bytes.get(self.at).is_some_and(|&byte| is_word(byte)) {
                self.at += 1;
            }
            problem = problem
                .or(Some("a name cannot follow a number directly, and `_` stands between two digits only"));
        }
        match problem {
            None => self.push(kind, start),
            Some(help) => {
                self.push(TokenKind::BadNumber, start);
                let span = Span::new(offset(start), offset(self.at));
                self.reports.add(Code::E0105, span, "malformed number", |d| d.with_help(help));
            }
        }
    }

    /// After `0x` or `0b`: at least one digit, `_` between digits.
    fn prefixed(&mut self, is_digit: impl Fn(&u8) -> bool) -> Option<&'static str> {
        self.at += 2;
        if self.digits(is_digit) {
            None
        } else {
            Some("`0x` takes hexadecimal digits after it, `0b` takes 0 and 1")
        }
    }

    fn decimal(&mut self) -> (TokenKind, Option<&'static str>) {
        let mut kind = TokenKind::Int;
        let mut problem = None;
        self.digits(u8::is_ascii_digit);
        if self.peek(0) == b'.' {
            if self.peek(1).is_ascii_digit() {
                kind = TokenKind::Float;
                self.at += 1;
                self.digits(u8::is_ascii_digit);
            } else if self.peek(1) != b'.' && !is_word_start(self.peek(1)) {
                // `3..5` is a range and `3.foo` a member; only a lone point is an error.
                self.at += 1;
                return (kind, Some("a digit must follow the point: `3.0`"));
            }
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                kind = TokenKind::Float;
                self.at += 1 + sign;
                self.digits(u8::is_ascii_digit);
            } else {
                self.at += 1 + sign;
                problem = Some("digits must follow the `e` of an exponent: `1e5`");
            }
        }
        if kind == TokenKind::Float && self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            while self.peek(0).is_ascii_digit() || (self.peek(0) == b'.' && self.peek(1).is_ascii_digit()) {
                self.at += 1;
            }
            problem = Some("a number has one point at most");
        }
        (kind, problem)
    }

    /// Takes digits with single `_` between them; gives whether there was any.
    fn digits(&mut self, is_digit: impl Fn(&u8) -> bool) -> bool {
        let start = self.at;
        while is_digit(&self.peek(0)) || (self.at > start && self.peek(0) == b'_' && is_digit(&self.peek(1)))
        {
            self.at += 1;
        }
        self.at > start
    }
}
