//! Which brackets belong together, found in one pass before the parser starts.

use crate::lexer::Lexeme;
use crate::token::TokenKind;

const NONE: u32 = u32::MAX;

/// The partner of each bracket, and of each `<` that can begin type arguments.
#[derive(Debug)]
pub(crate) struct Partners {
    /// By index of an opening token: the index of its closing token.
    of: Vec<u32>,
    /// Whether a bracket is open at the end of the text.
    pub(crate) open_at_end: bool,
}

/// The kind of bracket that an opening token opens, as an index.
const fn opens(kind: TokenKind) -> Option<usize> {
    match kind {
        TokenKind::ParenOpen => Some(0),
        TokenKind::BracketOpen => Some(1),
        TokenKind::BraceOpen => Some(2),
        TokenKind::StrHead => Some(3),
        _ => None,
    }
}

const fn closes(kind: TokenKind) -> Option<usize> {
    match kind {
        TokenKind::ParenClose => Some(0),
        TokenKind::BracketClose => Some(1),
        TokenKind::BraceClose => Some(2),
        TokenKind::StrTail => Some(3),
        _ => None,
    }
}

impl Partners {
    /// Pairs all brackets. A closing bracket goes to the nearest open one of its kind and skips others in between, which
    /// then have no partner.
    pub(crate) fn find(lexemes: &[Lexeme]) -> Self {
        let mut of = vec![NONE; lexemes.len()];
        let mut stack: Vec<(usize, u32)> = Vec::new();
        let mut open = [0usize; 4];
        // The `<` that are open in what may be type arguments; cleared by whatever cannot stand in a type.
        let mut angles: Vec<u32> = Vec::new();
        for (index, lexeme) in (0u32..).zip(lexemes) {
            if let Some(kind) = opens(lexeme.kind) {
                stack.push((kind, index));
                if let Some(count) = open.get_mut(kind) {
                    *count += 1;
                }
            } else if let Some(kind) = closes(lexeme.kind)
                && open.get(kind).is_some_and(|&count| count > 0)
            {
                while let Some((other, opener)) = stack.pop() {
                    if let Some(count) = open.get_mut(other) {
                        *count -= 1;
                    }
                    if other == kind {
                        if let Some(place) = of.get_mut(opener as usize) {
                            *place = index;
                        }
                        break;
                    }
                }
            }
            let next = lexemes.get(index as usize + 1).map_or(TokenKind::End, |lexeme| lexeme.kind);
            match lexeme.kind {
                TokenKind::Lt => angles.push(index),
                TokenKind::Gt => {
                    if let Some(place) = angles.pop().and_then(|opener| of.get_mut(opener as usize)) {
                        *place = index;
                    }
                }
                TokenKind::BracketOpen if next == TokenKind::BracketClose => {}
                TokenKind::BracketClose
                | TokenKind::Dot
                | TokenKind::Comma
                | TokenKind::Question
                | TokenKind::Name
                | TokenKind::Keyword(_) => {}
                _ => angles.clear(),
            }
        }
        Self { of, open_at_end: !stack.is_empty() }
    }

    /// The index of the token that closes the bracket at `opener`.
    pub(crate) fn of(&self, opener: usize) -> Option<usize> {
        self.of.get(opener).copied().filter(|&index| index != NONE).map(|index| index as usize)
    }
}
