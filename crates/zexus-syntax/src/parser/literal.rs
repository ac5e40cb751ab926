//! Values of numbers and strings (language.md 2.5, 2.6).

use std::sync::Arc;

use num_bigint::BigInt;

use super::Parser;
use crate::ast::{Expr, ExprKind, Int, Literal, TemplatePart, Text};
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

/// The largest magnitude of an integer, in bits (language.md 4.3).
const MAX_BITS: u64 = 4096;

/// No integer with more decimal digits fits.
const MAX_DECIMAL_DIGITS: usize = 1234;

impl Parser<'_> {
    /// The value of the integer here, negated if a sign stood before it.
    pub(super) fn int(&mut self, negative: bool) -> Int {
        let span = self.span();
        self.bump();
        let value = int_value(self.slice(span));
        match value {
            Some(Int::Small(value)) => Int::Small(if negative { -value } else { value }),
            Some(Int::Big(value)) if negative => {
                let value = -*value;
                i64::try_from(&value).map_or_else(|_| Int::Big(Box::new(value)), Int::Small)
            }
            Some(value) => value,
            None => {
                self.error_with(Code::E0106, span, "integer literal too large", |d| {
                    d.with_note(format!("integers have a magnitude of {MAX_BITS} bits at most"))
                });
                Int::Small(0)
            }
        }
    }

    /// The value of the float here.
    pub(super) fn float(&mut self, negative: bool) -> f64 {
        let span = self.span();
        self.bump();
        let text = self.slice(span);
        let value =
            if text.contains('_') { text.replace('_', "").parse::<f64>() } else { text.parse::<f64>() };
        let value = value.unwrap_or(0.0);
        if negative { -value } else { value }
    }

    /// The string without holes here. One with holes is E0201 and read over.
    pub(super) fn text(&mut self, what: &str) -> Text {
        let span = self.span();
        match self.kind() {
            TokenKind::Str => {
                self.bump();
                let quote = quote_length(self.slice(span));
                let value = self.piece(span, quote, quote);
                Text { value, span }
            }
            TokenKind::StrHead => {
                self.error_with(
                    Code::E0201,
                    span,
                    format!("expected {what}, found a string with holes"),
                    |d| d.with_help("this text must be a literal"),
                );
                let span = self.template().span;
                Text { value: "".into(), span }
            }
            _ => {
                self.expected(&format!("{what} (a string)"));
                Text { value: "".into(), span: Span::at(self.last_end()) }
            }
        }
    }

    /// The string with holes here.
    pub(super) fn template(&mut self) -> Expr {
        let start = self.span();
        let opener = self.at;
        let quote = quote_length(self.slice(start));
        self.bump();
        let mut parts = Vec::new();
        self.add_text(&mut parts, start, quote, 2);
        loop {
            parts.push(TemplatePart::Hole(self.inside(Self::expression)));
            let span = self.span();
            match self.kind() {
                TokenKind::StrMiddle => {
                    self.bump();
                    self.lost = false;
                    self.add_text(&mut parts, span, 1, 2);
                }
                TokenKind::StrTail => {
                    self.bump();
                    self.lost = false;
                    self.add_text(&mut parts, span, 1, quote);
                    break;
                }
                _ => {
                    if self.quiet_end && self.partners.of(opener).is_none() {
                        // E0103 was reported for this hole.
                        self.lost = true;
                    }
                    self.expected("`}` at the end of the hole");
                    if let Some(partner) = self.partners.of(opener).filter(|&partner| partner >= self.at)
                        && !self.stopped
                    {
                        self.at = partner;
                        self.bump();
                        self.lost = false;
                    }
                    break;
                }
            }
        }
        parts.shrink_to_fit();
        Expr { kind: ExprKind::Template(parts), span: self.since(start) }
    }

    fn add_text(&mut self, parts: &mut Vec<TemplatePart>, span: Span, before: u32, after: u32) {
        let value = self.piece(span, before, after);
        if !value.is_empty() {
            let inner = Span::new(
                (span.start + before).min(span.end),
                span.end.saturating_sub(after).max(span.start),
            );
            parts.push(TemplatePart::Text(Text { value, span: inner }));
        }
    }

    /// The characters of a string token without its quotes, escapes resolved. The token of a string that is not closed
    /// lacks the quotes at its end.
    fn piece(&mut self, span: Span, before: u32, after: u32) -> Arc<str> {
        let source = self.text;
        let token = span.text(source);
        let inner = token.get(before as usize..).unwrap_or("");
        let inner = if self.quiet_end && span.end as usize == source.len() {
            let closing = token.get(..before as usize).unwrap_or("");
            inner.strip_suffix(closing).unwrap_or(inner)
        } else {
            inner.get(..inner.len().saturating_sub(after as usize)).unwrap_or("")
        };
        if inner.contains('\\') {
            self.resolve_escapes(inner, span.start + before).into()
        } else {
            inner.into()
        }
    }

    fn resolve_escapes(&mut self, raw: &str, start: u32) -> String {
        let mut value = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find('\\') {
            let (before, escape) = rest.split_at(at);
            value.push_str(before);
            let offset = start + u32::try_from(raw.len() - escape.len()).unwrap_or(0);
            rest = self.escape(escape, offset, &mut value);
        }
        value.push_str(rest);
        value
    }

    /// Resolves the escape that `text` begins with and gives what follows it.
    fn escape<'t>(&mut self, text: &'t str, offset: u32, value: &mut String) -> &'t str {
        let mut chars = text.chars();
        chars.next();
        let Some(letter) = chars.next() else { return "" };
        let rest = chars.as_str();
        let plain = match letter {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '\\' | '"' | '\'' | '$' => letter,
            'x' | 'u' => return self.coded_escape(letter, rest, offset, value),
            other => {
                let length = u32::try_from(1 + other.len_utf8()).unwrap_or(2);
                let message = match other.is_control() {
                    true => "unknown escape".to_owned(),
                    false => format!("unknown escape `\\{other}`"),
                };
                self.warning(
                    Code::W0908,
                    Span::new(offset, offset + length),
                    message,
                    "write the character alone, or `\\\\` for a backslash",
                );
                other
            }
        };
        value.push(plain);
        rest
    }

    /// `\xHH`, `\uHHHH`, `\u{H…}`
    fn coded_escape<'t>(&mut self, letter: char, rest: &'t str, offset: u32, value: &mut String) -> &'t str {
        let braces = letter == 'u' && rest.starts_with('{');
        let fixed = if letter == 'x' { 2 } else { 4 };
        let digits_from = usize::from(braces);
        let digits = rest.get(digits_from..).unwrap_or("");
        let limit = if braces { usize::MAX } else { fixed };
        let count = digits.bytes().take(limit).take_while(u8::is_ascii_hexdigit).count();
        let closed = !braces || digits.as_bytes().get(count) == Some(&b'}');
        let complete = closed && if braces { count > 0 } else { count == fixed };
        let used = digits_from + count + usize::from(braces && closed);
        let code = digits.get(..count).map(|digits| digits.trim_start_matches('0'));
        let code = code.and_then(|digits| match digits.len() {
            0 => Some(0),
            1..=6 => u32::from_str_radix(digits, 16).ok(),
            _ => None,
        });
        match code.and_then(char::from_u32).filter(|_| complete) {
            Some(character) => value.push(character),
            None => {
                let length = u32::try_from(2 + used.min(12)).unwrap_or(2);
                let message = match complete {
                    true => "this escape is no Unicode scalar value".to_owned(),
                    false => format!("malformed `\\{letter}` escape"),
                };
                let span = Span::new(offset, offset + length);
                self.reports.add(Code::E0107, span, message, |d| {
                    d.with_help("write `\\xHH`, `\\uHHHH` or `\\u{H…}` with hexadecimal digits")
                });
            }
        }
        rest.get(used..).unwrap_or("")
    }
}

/// Number of quotes that a string token begins with: one or three.
fn quote_length(token: &str) -> u32 {
    if token.starts_with("\"\"\"") || token.starts_with("'''") { 3 } else { 1 }
}

/// The value of an integer token, unless its magnitude is too large. Long ones are refused by their number of digits
/// before anything is converted, so the time is linear.
fn int_value(token: &str) -> Option<Int> {
    let (radix, digits) = match token.get(..2) {
        Some("0x") => (16, token.get(2..).unwrap_or("")),
        Some("0b") => (2, token.get(2..).unwrap_or("")),
        _ => (10, token),
    };
    let cleaned;
    let digits = if digits.contains('_') {
        cleaned = digits.replace('_', "");
        cleaned.as_str()
    } else {
        digits
    };
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(Int::Small(0));
    }
    if let Ok(value) = i64::from_str_radix(digits, radix) {
        return Some(Int::Small(value));
    }
    let limit = match radix {
        16 => MAX_BITS as usize / 4,
        2 => MAX_BITS as usize,
        _ => MAX_DECIMAL_DIGITS,
    };
    if digits.len() > limit {
        return None;
    }
    let value = BigInt::parse_bytes(digits.as_bytes(), radix)?;
    (value.bits() <= MAX_BITS).then(|| Int::Big(Box::new(value)))
}

impl Literal {
    /// Whether two literals are numbers of the same kind.
    pub(super) const fn same_number_kind(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Int(_), Self::Int(_)) | (Self::Float(_), Self::Float(_)))
    }
}
