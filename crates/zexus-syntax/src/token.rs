//! Tokens: what the lexer cuts the text into.

use crate::keywords::Keyword;
use crate::span::Span;

/// A piece of the text. The tokens of a file, trivia included, tile it without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it is.
    pub span: Span,
}

macro_rules! token_kinds {
    ($($(#[$doc:meta])* $kind:ident $text:literal,)*) => {
        /// The kinds of tokens.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum TokenKind {
            /// Spaces, tabs, line ends, and a byte order mark at the start.
            Whitespace,
            /// `# …`, `// …`, `/* … */`
            Comment,
            /// A name. In `Parsed::tokens` also every keyword that is used as a name.
            Name,
            /// A keyword. In `Parsed::tokens` only where it acts as one.
            Keyword(Keyword),
            /// An integer.
            Int,
            /// A float.
            Float,
            /// Something that begins like a number; E0105 was reported.
            BadNumber,
            /// A whole string without holes.
            Str,
            /// A string from its quote to the `${` of its first hole.
            StrHead,
            /// A string from the `}` of a hole to the `${` of the next.
            StrMiddle,
            /// A string from the `}` of its last hole to its closing quote.
            StrTail,
            /// Characters that begin no token; E0102 was reported.
            Unknown,
            /// The end of the text; never in `Parsed::tokens`.
            End,
            $(#[doc = concat!("`", $text, "`")] $(#[$doc])* $kind,)*
        }

        impl TokenKind {
            /// The text of operators and punctuation.
            #[must_use]
            pub const fn punctuation(self) -> Option<&'static str> {
                match self { $(Self::$kind => Some($text),)* _ => None }
            }
        }
    };
}

token_kinds! {
    Assign "=", EqEq "==", NotEq "!=", Lt "<", LtEq "<=", Gt ">", GtEq ">=", Plus "+", Minus "-", Star "*", Slash "/",
    Percent "%", StarStar "**", Bang "!", AndAnd "&&", OrOr "||", Question "?", QuestionQuestion "??",
    QuestionDot "?.", Colon ":", Dot ".", DotDot "..", DotDotEq "..=", Ellipsis "...", Comma ",", Semicolon ";",
    ParenOpen "(", ParenClose ")", BracketOpen "[", BracketClose "]", BraceOpen "{", BraceClose "}",
    FatArrow "=>", ThinArrow "->", LtLt "<<", At "@", PlusAssign "+=", MinusAssign "-=", StarAssign "*=",
    SlashAssign "/=", PercentAssign "%=", StarStarAssign "**=",
    /// Not an operator: E0207.
    PlusPlus "++",
    /// Not an operator: E0207.
    MinusMinus "--",
}

impl TokenKind {
    /// Whether the parser never sees it.
    #[must_use]
    pub const fn is_trivia(self) -> bool {
        matches!(self, Self::Whitespace | Self::Comment)
    }

    /// Whether it can be a NAME of the grammar: a name, or a keyword that is not reserved.
    #[must_use]
    pub const fn is_name(self) -> bool {
        match self {
            Self::Name => true,
            Self::Keyword(keyword) => !keyword.is_reserved(),
            _ => false,
        }
    }

    /// Whether it can be a WORD of the grammar: a name or any keyword.
    #[must_use]
    pub const fn is_word(self) -> bool {
        matches!(self, Self::Name | Self::Keyword(_))
    }
}
