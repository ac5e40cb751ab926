//! Strings and their holes (language.md 2.6). Escapes are resolved by the parser.

use super::{Lexer, OpenString, offset};
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

impl Lexer<'_> {
    pub(super) fn string(&mut self, start: usize) {
        let quote = self.peek(0);
        let tripled = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if tripled { 3 } else { 1 };
        self.string_body(start, start, quote, tripled, TokenKind::Str, TokenKind::StrHead);
    }

    /// Goes on with the string whose hole this `}` closes.
    pub(super) fn string_after_hole(&mut self, start: usize) {
        let Some(open) = self.open.pop() else { return };
        self.at += 1;
        let quote_start = open.quote_start as usize;
        self.string_body(start, quote_start, b'"', open.tripled, TokenKind::StrTail, TokenKind::StrMiddle);
    }

    fn string_body(
        &mut self,
        token_start: usize,
        quote_start: usize,
        quote: u8,
        tripled: bool,
        at_quote: TokenKind,
        at_hole: TokenKind,
    ) {
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                self.push(at_quote, token_start);
                self.unclosed(quote_start, if tripled { 3 } else { 1 });
                return;
            };
            if byte == quote {
                if !tripled {
                    self.at += 1;
                    return self.push(at_quote, token_start);
                }
                if self.peek(1) == quote && self.peek(2) == quote {
                    self.at += 3;
                    return self.push(at_quote, token_start);
                }
            } else if byte == b'\\' {
                // An escaped line end or character of several bytes is passed like any other: no byte of it is special.
                self.at += 1;
            } else if byte == b'$' && quote == b'"' && self.peek(1) == b'{' {
                let hole_start = offset(self.at);
                self.at += 2;
                self.push(at_hole, token_start);
                self.open.push(OpenString {
                    quote_start: offset(quote_start),
                    hole_start,
                    tripled,
                    braces: 0,
                });
                return;
            }
            self.at = (self.at + 1).min(self.bytes.len());
        }
    }

    #[cold]
    fn unclosed(&mut self, quote_start: usize, length: usize) {
        self.open_at_end = true;
        let file = self.reports.file;
        let outer = self.open.last().copied();
        let span = Span::new(offset(quote_start), offset(quote_start + length));
        self.reports.add(Code::E0103, span, "this string is not closed", |d| match outer {
            Some(open) => {
                let hole = Span::new(open.hole_start, open.hole_start + 2);
                d.with_label(file, hole, "it begins inside this hole, which may lack its `}`")
            }
            None => d.with_help("close it with the quote that it begins with; strings may span lines"),
        });
    }
}
