//! Classes of tokens for colours.

use crate::parser::parse;
use crate::span::{FileId, Span};
use crate::token::TokenKind;

/// What a piece of text is, for whoever colours it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A word that acts as a keyword here.
    Keyword,
    /// A string or a piece of one, quotes and the marks of holes included.
    String,
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// Any other word.
    Name,
    /// Operators and punctuation.
    Operator,
    /// Characters that mean nothing.
    Unknown,
}

/// The pieces of a text with their classes, in order; spaces are left out. Contextual keywords are keywords exactly
/// where they act as such.
#[must_use]
pub fn highlight(text: &str) -> Vec<(Span, Class)> {
    parse(FileId(0), text)
        .tokens
        .iter()
        .filter_map(|token| {
            let class = match token.kind {
                TokenKind::Whitespace | TokenKind::End => return None,
                TokenKind::Comment => Class::Comment,
                TokenKind::Keyword(_) => Class::Keyword,
                TokenKind::Name => Class::Name,
                TokenKind::Int | TokenKind::Float | TokenKind::BadNumber => Class::Number,
                TokenKind::Str | TokenKind::StrHead | TokenKind::StrMiddle | TokenKind::StrTail => {
                    Class::String
                }
                TokenKind::Unknown => Class::Unknown,
                _ => Class::Operator,
            };
            Some((token.span, class))
        })
        .collect()
}
