//! Colours of source text and values.

use reedline::{Color, Highlighter, StyledText};
use zexus_syntax::{FileId, TokenKind, parse};

/// Colours the line by its tokens.
pub struct Painter;

/// Longer lines stay plain, so that typing stays quick.
const MAX_PAINTED: usize = 64 << 10;

impl Highlighter for Painter {
    fn highlight(&self, line: &str, _cursor: usize) -> StyledText {
        let mut styled = StyledText::new();
        if line.len() > MAX_PAINTED || line.trim_start().starts_with(':') {
            styled.push((Color::Default.normal(), line.to_owned()));
            return styled;
        }
        for token in parse(FileId(0), line).tokens {
            let style = color(token.kind).map_or(Color::Default.normal(), Color::normal);
            styled.push((style, token.span.text(line).to_owned()));
        }
        styled
    }
}

fn color(kind: TokenKind) -> Option<Color> {
    match kind {
        TokenKind::Keyword(_) => Some(Color::Magenta),
        TokenKind::Int | TokenKind::Float => Some(Color::Cyan),
        TokenKind::Str | TokenKind::StrHead | TokenKind::StrMiddle | TokenKind::StrTail => Some(Color::Green),
        TokenKind::Comment => Some(Color::DarkGray),
        TokenKind::Unknown | TokenKind::BadNumber => Some(Color::Red),
        _ => None,
    }
}

/// A value as the REPL shows it; its repr form is source text in most cases.
pub fn value(shown: &str, with_color: bool) -> String {
    if !with_color || shown.len() > MAX_PAINTED {
        return shown.to_owned();
    }
    parse(FileId(0), shown)
        .tokens
        .iter()
        .map(|token| {
            let text = token.span.text(shown);
            color(token.kind).map_or_else(|| text.to_owned(), |color| color.paint(text).to_string())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_lost() {
        for line in ["let x = \"a${1 + 2}b\" # c", "\u{feff}1 $ 2", "'open", "", ":type 1"] {
            let text: String = Painter.highlight(line, 0).buffer.into_iter().map(|(_, part)| part).collect();
            assert_eq!(text, line);
        }
    }

    #[test]
    fn values_are_plain_without_color() {
        assert_eq!(value("[1, \"a\"]", false), "[1, \"a\"]");
        assert!(value("1", true).contains("\u{1b}["));
    }
}
