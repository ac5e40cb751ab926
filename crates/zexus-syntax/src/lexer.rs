//! Cuts text into tokens (language.md chapter 2).
//!
//! 1. Every byte of the text is in exactly one token.
//! 2. A string with holes is several tokens, with the tokens of the expressions between them. Which string a `}` goes
//!    back into is kept on a stack of our own, so the depth of nested holes costs no native stack.
//! 3. Every byte is looked at a bounded number of times.

mod number;
mod string;

use crate::keywords::Keyword;
use crate::report::Reports;
use crate::span::{FileId, Span};
use crate::token::{Token, TokenKind};
use zexus_codes::Code;

/// A token that the parser sees.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lexeme {
    pub(crate) kind: TokenKind,
    /// Whether a line end stands between the token before and this one.
    pub(crate) line_before: bool,
    /// Whether anything stands between the token before and this one.
    pub(crate) gap_before: bool,
    pub(crate) span: Span,
}

/// What the lexer makes of a text.
pub(crate) struct Lexed {
    /// All tokens.
    pub(crate) tokens: Vec<Token>,
    /// Those that are no trivia, and [`TokenKind::End`].
    pub(crate) lexemes: Vec<Lexeme>,
    pub(crate) reports: Reports,
    /// Whether a string, hole or comment is open at the end.
    pub(crate) open_at_end: bool,
}

/// A string whose hole is being read.
#[derive(Debug, Clone, Copy)]
struct OpenString {
    quote_start: u32,
    hole_start: u32,
    tripled: bool,
    /// Braces that are open inside the hole.
    braces: u32,
}

struct Lexer<'s> {
    bytes: &'s [u8],
    text: &'s str,
    at: usize,
    line_before: bool,
    tokens: Vec<Token>,
    lexemes: Vec<Lexeme>,
    open: Vec<OpenString>,
    open_at_end: bool,
    reports: Reports,
}

/// Cuts `text` into tokens. The text must be shorter than 4 GiB.
pub(crate) fn lex(file: FileId, text: &str) -> Lexed {
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        text,
        at: 0,
        line_before: false,
        tokens: Vec::with_capacity(text.len() / 4),
        lexemes: Vec::with_capacity(text.len() / 6),
        open: Vec::new(),
        open_at_end: false,
        reports: Reports::new(file),
    };
    if text.starts_with('\u{FEFF}') {
        lexer.at = '\u{FEFF}'.len_utf8();
        lexer.push(TokenKind::Whitespace, 0);
    }
    while lexer.at < lexer.bytes.len() {
        lexer.token();
    }
    lexer.finish()
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

const fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let span = Span::new(offset(start), offset(self.at));
        if !kind.is_trivia() {
            let gap_before = self.tokens.last().is_none_or(|token| token.kind.is_trivia());
            self.lexemes.push(Lexeme { kind, line_before: self.line_before, gap_before, span });
            self.line_before = false;
        }
        self.tokens.push(Token { kind, span });
    }

    fn token(&mut self) {
        let start = self.at;
        let byte = self.peek(0);
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => self.whitespace(start),
            b'#' => self.line_comment(start),
            b'/' if self.peek(1) == b'/' => self.line_comment(start),
            b'/' if self.peek(1) == b'*' => self.block_comment(start),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(start),
            b'0'..=b'9' => self.number(start),
            b'.' if self.peek(1).is_ascii_digit() => self.number(start),
            b'"' | b'\'' => self.string(start),
            b'}' if self.open.last().is_some_and(|open| open.braces == 0) => self.string_after_hole(start),
            _ => match punctuation(byte, self.peek(1), self.peek(2)) {
                Some((kind, length)) => {
                    self.at += length;
                    if let Some(open) = self.open.last_mut() {
                        match kind {
                            TokenKind::BraceOpen => open.braces = open.braces.saturating_add(1),
                            TokenKind::BraceClose => open.braces = open.braces.saturating_sub(1),
                            _ => {}
                        }
                    }
                    self.push(kind, start);
                }
                None => self.unknown(start),
            },
        }
    }

    fn whitespace(&mut self, start: usize) {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' => {}
                b'\n' | b'\r' => self.line_before = true,
                _ => break,
            }
            self.at += 1;
        }
        self.push(TokenKind::Whitespace, start);
    }

    fn line_comment(&mut self, start: usize) {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        self.at += rest.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(rest.len());
        self.push(TokenKind::Comment, start);
    }

    fn block_comment(&mut self, start: usize) {
        let mut depth = 1u32;
        self.at += 2;
        while depth > 0 {
            match self.bytes.get(self.at) {
                None => {
                    let span = Span::new(offset(start), offset(start + 2));
                    self.open_at_end = true;
                    self.reports.add(Code::E0104, span, "this comment is not closed", |d| {
                        d.with_help("comments nest: each `/*` needs its own `*/`")
                    });
                    break;
                }
                Some(b'/') if self.peek(1) == b'*' => {
                    depth = depth.saturating_add(1);
                    self.at += 2;
                }
                Some(b'*') if self.peek(1) == b'/' => {
                    depth -= 1;
                    self.at += 2;
                }
                Some(b'\n' | b'\r') => {
                    self.line_before = true;
                    self.at += 1;
                }
                Some(_) => self.at += 1,
            }
        }
        self.push(TokenKind::Comment, start);
    }

    fn word(&mut self, start: usize) {
        while self.bytes.get(self.at).is_some_and(|&byte| is_word(byte)) {
            self.at += 1;
        }
        let word = self.text.get(start..self.at).unwrap_or("");
        self.push(Keyword::parse(word).map_or(TokenKind::Name, TokenKind::Keyword), start);
    }

    /// Takes a run of characters of which none begins a token, so that a foreign word is one error.
    #[cold]
    fn unknown(&mut self, start: usize) {
        let mut first = None;
        while let Some(next) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            let same_run = match first {
                None => true,
                Some(first) => !next.is_ascii() && char::is_alphanumeric(first) == next.is_alphanumeric(),
            };
            if !same_run {
                break;
            }
            first.get_or_insert(next);
            self.at += next.len_utf8();
        }
        self.push(TokenKind::Unknown, start);
        let Some(first) = first else {
            // The text is valid UTF-8 and `at` is on a boundary, so this cannot be; go on by a byte all the same.
            self.at += 1;
            return;
        };
        let help = match first {
            '&' => Some("write `&&` or `and`; for bits, `bit_and(a, b)` of module `math`"),
            '|' => Some("write `||` or `or`; for bits, `bit_or(a, b)` of module `math`"),
            '^' => Some("write `**` for powers; for bits, `bit_xor(a, b)` of module `math`"),
            '~' => Some("write `!` or `not`; for bits, `bit_not(a)` of module `math`"),
            '\\' => Some("a statement goes on in the next line by itself where an operator begins that line"),
            '`' => Some("strings are written with `\"` or `'`"),
            '“' | '”' | '„' | '‘' | '’' => {
                Some("strings are written with the straight quotes `\"` or `'`")
            }
            first if !first.is_ascii() => Some(
                "names use the letters A to Z, digits and `_`; other letters may appear in strings and comments only",
            ),
            _ => None,
        };
        let message = if first.is_control() || first.is_whitespace() {
            format!("unexpected character U+{:04X}", u32::from(first))
        } else {
            format!("unexpected character `{first}`")
        };
        let span = Span::new(offset(start), offset(self.at));
        self.reports.add(Code::E0102, span, message, |d| match help {
            Some(help) => d.with_help(help),
            None => d,
        });
    }

    fn finish(mut self) -> Lexed {
        if let Some(&OpenString { quote_start, hole_start, .. }) = self.open.last()
            && !self.open_at_end
        {
            let file = self.reports.file;
            let hole = Span::new(hole_start, hole_start + 2);
            self.reports.add(Code::E0103, hole, "this hole is not closed", |d| {
                d.with_label(file, Span::new(quote_start, quote_start + 1), "the string begins here")
                    .with_help("close the hole with `}`; write `\\${` for the text `${`")
            });
        }
        self.open_at_end |= !self.open.is_empty();
        self.push(TokenKind::End, self.at);
        self.tokens.pop();
        Lexed {
            tokens: self.tokens,
            lexemes: self.lexemes,
            reports: self.reports,
            open_at_end: self.open_at_end,
        }
    }
}

/// The longest operator that these three bytes begin with, and its length.
fn punctuation(first: u8, second: u8, third: u8) -> Option<(TokenKind, usize)> {
    use TokenKind as K;
    Some(match (first, second, third) {
        (b'.', b'.', b'=') => (K::DotDotEq, 3),
        (b'.', b'.', b'.') => (K::Ellipsis, 3),
        (b'*', b'*', b'=') => (K::StarStarAssign, 3),
        // Before a digit `?.` is `?` and a number.
        (b'?', b'.', b'0'..=b'9') => (K::Question, 1),
        (b'=', b'=', _) => (K::EqEq, 2),
        (b'=', b'>', _) => (K::FatArrow, 2),
        (b'=', ..) => (K::Assign, 1),
        (b'!', b'=', _) => (K::NotEq, 2),
        (b'!', ..) => (K::Bang, 1),
        (b'<', b'=', _) => (K::LtEq, 2),
        (b'<', b'<', _) => (K::LtLt, 2),
        (b'<', ..) => (K::Lt, 1),
        (b'>', b'=', _) => (K::GtEq, 2),
        (b'>', ..) => (K::Gt, 1),
        (b'+', b'=', _) => (K::PlusAssign, 2),
        (b'+', b'+', _) => (K::PlusPlus, 2),
        (b'+', ..) => (K::Plus, 1),
        (b'-', b'=', _) => (K::MinusAssign, 2),
        (b'-', b'>', _) => (K::ThinArrow, 2),
        (b'-', b'-', _) => (K::MinusMinus, 2),
        (b'-', ..) => (K::Minus, 1),
        (b'*', b'*', _) => (K::StarStar, 2),
        (b'*', b'=', _) => (K::StarAssign, 2),
        (b'*', ..) => (K::Star, 1),
        (b'/', b'=', _) => (K::SlashAssign, 2),
        (b'/', ..) => (K::Slash, 1),
        (b'%', b'=', _) => (K::PercentAssign, 2),
        (b'%', ..) => (K::Percent, 1),
        (b'&', b'&', _) => (K::AndAnd, 2),
        (b'|', b'|', _) => (K::OrOr, 2),
        (b'?', b'?', _) => (K::QuestionQuestion, 2),
        (b'?', b'.', _) => (K::QuestionDot, 2),
        (b'?', ..) => (K::Question, 1),
        (b'.', b'.', _) => (K::DotDot, 2),
        (b'.', ..) => (K::Dot, 1),
        (b':', ..) => (K::Colon, 1),
        (b',', ..) => (K::Comma, 1),
        (b';', ..) => (K::Semicolon, 1),
        (b'(', ..) => (K::ParenOpen, 1),
        (b')', ..) => (K::ParenClose, 1),
        (b'[', ..) => (K::BracketOpen, 1),
        (b']', ..) => (K::BracketClose, 1),
        (b'{', ..) => (K::BraceOpen, 1),
        (b'}', ..) => (K::BraceClose, 1),
        (b'@', ..) => (K::At, 1),
        _ => return None,
    })
}
