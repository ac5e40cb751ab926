//! Arms and patterns of `match` and `pattern` (language.md 8.5).

use super::Parser;
use crate::ast::{Arm, ExprKind, Literal, MapPattern, Name, Pattern, PatternKind};
use crate::keywords::Keyword;
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

impl Parser<'_> {
    /// `'{' { arm } '}'`
    pub(super) fn arms(&mut self, header: usize) -> Vec<Arm> {
        let body = self.open_body(header);
        let arms = self.inside(|p| {
            let mut arms = Vec::new();
            while !p.at_body_end(body) {
                let start = p.at;
                arms.push(p.arm());
                if p.lost {
                    p.skip_statement(start);
                }
                if !p.eat(TokenKind::Comma) {
                    p.eat(TokenKind::Semicolon);
                }
                if p.at == start {
                    p.bump();
                }
            }
            arms
        });
        self.close_body(body);
        arms
    }

    fn arm(&mut self) -> Arm {
        let start = self.span();
        let header = self.at;
        let next = self.kind_at(1);
        let mut colon = false;
        let pattern =
            if self.is_keyword(Keyword::Default) && matches!(next, TokenKind::Colon | TokenKind::FatArrow) {
                self.keyword();
                colon = true;
                Pattern { kind: PatternKind::Wildcard, span: start }
            } else {
                if self.is_keyword(Keyword::Case) && begins_pattern(next) {
                    self.keyword();
                    colon = true;
                }
                self.pattern()
            };
        let guard = if !self.lost && self.eat_keyword(Keyword::If) {
            Some(self.without_arrow(Self::expression))
        } else {
            None
        };
        let arrow = self.eat(TokenKind::FatArrow) || (colon && self.eat(TokenKind::Colon));
        if !arrow {
            self.expected(if colon { "`:` or `=>`" } else { "`=>`" });
        }
        let body = if self.lost {
            let span = Span::at(self.last_end());
            crate::ast::Block { stmts: Vec::new(), span }
        } else {
            let in_arm = std::mem::replace(&mut self.in_arm, true);
            let body = self.block_or_map_or_simple(header);
            self.in_arm = in_arm;
            body
        };
        Arm { pattern, guard, body, span: self.since(start) }
    }

    /// Takes the comma before a further operand of a statement. In the body of an arm a comma with another arm behind it ends
    /// this one.
    pub(super) fn eat_operand_comma(&mut self) -> bool {
        if self.in_arm && self.is(TokenKind::Comma) && self.arm_follows() {
            return false;
        }
        self.eat(TokenKind::Comma)
    }

    /// Whether the head of an arm stands after the comma here. The grammar of patterns is followed loosely: what is no pattern at
    /// all is no head, and errors inside of one are reported when it is parsed.
    fn arm_follows(&self) -> bool {
        let mut ahead = 1;
        let next = self.kind_at(2);
        if self.is_keyword_at(1, Keyword::Default) && matches!(next, TokenKind::Colon | TokenKind::FatArrow) {
            return true;
        }
        if self.is_keyword_at(1, Keyword::Case) && begins_pattern(next) {
            return true;
        }
        loop {
            let kind = self.kind_at(ahead);
            if !begins_pattern(kind) {
                return false;
            }
            ahead += 1;
            match kind {
                TokenKind::Minus => ahead += 1,
                TokenKind::BracketOpen | TokenKind::BraceOpen => ahead = self.behind(ahead - 1),
                kind if kind.is_name() => {
                    while self.kind_at(ahead) == TokenKind::Dot && self.word_at(ahead + 1) {
                        ahead += 2;
                    }
                    if self.kind_at(ahead) == TokenKind::ParenOpen {
                        ahead = self.behind(ahead);
                    }
                }
                _ => {}
            }
            match self.kind_at(ahead) {
                TokenKind::FatArrow | TokenKind::Keyword(Keyword::If) => return true,
                TokenKind::OrOr | TokenKind::DotDot | TokenKind::DotDotEq => ahead += 1,
                _ => return false,
            }
        }
    }

    /// How far ahead the token is that follows the bracket which opens `ahead`.
    fn behind(&self, ahead: usize) -> usize {
        match self.partners.of(self.at + ahead) {
            Some(partner) => partner + 1 - self.at,
            None => ahead + 1,
        }
    }

    /// `pattern_one { '||' pattern_one }`
    fn pattern(&mut self) -> Pattern {
        let start = self.span();
        let first = self.nested(Self::pattern_one);
        if !matches!(self.kind(), TokenKind::OrOr | TokenKind::Keyword(Keyword::Or)) {
            return first;
        }
        let mut alternatives = vec![first];
        while !self.lost && matches!(self.kind(), TokenKind::OrOr | TokenKind::Keyword(Keyword::Or)) {
            if self.is_keyword(Keyword::Or) {
                self.error_with(
                    Code::E0216,
                    self.span(),
                    "alternatives of a pattern are separated by `||`",
                    |d| d.with_help("write `||` in place of `or`"),
                );
            }
            self.bump();
            alternatives.push(self.nested(Self::pattern_one));
        }
        if let Some(span) = alternatives.iter().find_map(declared_name) {
            self.error_with(Code::E0216, span, "alternatives of a pattern cannot declare names", |d| {
                d.with_help("write an arm for each alternative, or `_`")
            });
        }
        Pattern { kind: PatternKind::Or(alternatives), span: self.since(start) }
    }

    fn pattern_one(&mut self) -> Pattern {
        let start = self.span();
        let kind = match self.kind() {
            TokenKind::BracketOpen => self.list_pattern(),
            TokenKind::BraceOpen => self.map_pattern(),
            TokenKind::Keyword(Keyword::True | Keyword::False | Keyword::Null)
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Str
            | TokenKind::StrHead
            | TokenKind::BadNumber
            | TokenKind::Minus => self.literal_pattern(),
            kind if kind.is_name() => self.name_pattern(),
            TokenKind::Keyword(_) => {
                self.reserved_as_name();
                PatternKind::Name(self.take_word())
            }
            _ => {
                self.expected("a pattern");
                PatternKind::Error
            }
        };
        Pattern { kind, span: self.since(start) }
    }

    /// `NAME`, `NAME '.' WORD …`, `NAME '(' … ')'`
    fn name_pattern(&mut self) -> PatternKind {
        let name = self.take_word();
        match self.kind() {
            TokenKind::Dot => {
                let mut path = vec![name];
                while self.eat(TokenKind::Dot) {
                    path.push(self.word("the name of a member"));
                }
                PatternKind::Path(path)
            }
            TokenKind::ParenOpen => {
                let opener = self.at;
                self.bump();
                let fields = self.inside(|p| p.pattern_list(TokenKind::ParenClose));
                self.close(opener, "`,` or `)`");
                PatternKind::Instance { name, fields }
            }
            _ if &*name.text == "_" => PatternKind::Wildcard,
            _ => PatternKind::Name(name),
        }
    }

    fn pattern_list(&mut self, end: TokenKind) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        while !self.is(end) && !self.is(TokenKind::End) {
            patterns.push(self.pattern());
            if self.lost || !self.eat(TokenKind::Comma) {
                break;
            }
            if self.is(end) {
                self.expected("a pattern");
            }
        }
        patterns
    }

    fn list_pattern(&mut self) -> PatternKind {
        let opener = self.at;
        self.bump();
        let kind = self.inside(|p| {
            let mut items = Vec::new();
            let mut rest = None;
            while !matches!(p.kind(), TokenKind::BracketClose | TokenKind::End) {
                if let Some(Name { span, .. }) = rest {
                    p.error_with(Code::E0216, span, "the rest must be last in a pattern", |d| d);
                }
                if matches!(p.kind(), TokenKind::DotDot | TokenKind::Ellipsis) {
                    p.bump();
                    rest = Some(p.name("a name for the rest"));
                } else {
                    items.push(p.pattern());
                }
                if p.lost || !p.eat(TokenKind::Comma) {
                    break;
                }
                if p.is(TokenKind::BracketClose) {
                    p.expected("a pattern");
                }
            }
            PatternKind::List { items, rest }
        });
        self.close(opener, "`,` or `]`");
        kind
    }

    fn map_pattern(&mut self) -> PatternKind {
        let opener = self.at;
        self.bump();
        let keys = self.inside(|p| {
            let mut keys = Vec::new();
            while !matches!(p.kind(), TokenKind::BraceClose | TokenKind::End) {
                keys.push(p.map_pattern_key());
                if p.lost || !p.eat(TokenKind::Comma) {
                    break;
                }
                if p.is(TokenKind::BraceClose) {
                    p.expected("a key");
                }
            }
            keys
        });
        self.close(opener, "`,` or `}`");
        PatternKind::Map(keys)
    }

    fn map_pattern_key(&mut self) -> MapPattern {
        if self.kind_at(1) == TokenKind::Colon {
            let key = self.word_or_text("a key");
            self.expect(TokenKind::Colon);
            return MapPattern { key, pattern: self.pattern() };
        }
        let name = self.name("a key");
        let kind = if &*name.text == "_" { PatternKind::Wildcard } else { PatternKind::Name(name.clone()) };
        let pattern = Pattern { kind, span: name.span };
        MapPattern { key: name, pattern }
    }

    /// `literal [ ( '..' | '..=' ) literal ]`
    fn literal_pattern(&mut self) -> PatternKind {
        let from = self.span();
        let Some(start) = self.pattern_literal() else { return PatternKind::Error };
        let inclusive = self.is(TokenKind::DotDotEq);
        if !inclusive && !self.is(TokenKind::DotDot) {
            return PatternKind::Literal(start);
        }
        self.bump();
        let Some(end) = self.pattern_literal() else { return PatternKind::Error };
        if !start.same_number_kind(&end) {
            let span = self.since(from);
            self.error_with(
                Code::E0216,
                span,
                "the ends of an interval must be numbers of the same kind",
                |d| d.with_help("write two integers, or two floats: `1.0..2.0`"),
            );
            return PatternKind::Error;
        }
        PatternKind::Range { start, end, inclusive }
    }

    fn pattern_literal(&mut self) -> Option<Literal> {
        let negative = self.eat(TokenKind::Minus);
        let literal = match self.kind() {
            TokenKind::Int => Literal::Int(self.int(negative)),
            TokenKind::Float => Literal::Float(self.float(negative)),
            TokenKind::BadNumber => {
                self.bump();
                return None;
            }
            _ if negative => {
                self.expected("a number after `-`");
                return None;
            }
            TokenKind::Str => Literal::Str(self.text("a string").value),
            TokenKind::StrHead => {
                let template = self.template();
                debug_assert!(matches!(template.kind, ExprKind::Template(_)));
                self.error_with(Code::E0216, template.span, "a string with holes is no pattern", |d| {
                    d.with_help("compare in a guard: `s if s == \"…\" => …`")
                });
                return None;
            }
            TokenKind::Keyword(keyword @ (Keyword::True | Keyword::False)) => {
                self.bump();
                Literal::Bool(keyword == Keyword::True)
            }
            TokenKind::Keyword(Keyword::Null) => {
                self.bump();
                Literal::Null
            }
            _ => {
                self.expected("a literal");
                return None;
            }
        };
        Some(literal)
    }
}

/// Whether a pattern can begin with this token, so that `case` before it is the keyword.
fn begins_pattern(kind: TokenKind) -> bool {
    match kind {
        TokenKind::BracketOpen
        | TokenKind::BraceOpen
        | TokenKind::Int
        | TokenKind::Float
        | TokenKind::BadNumber
        | TokenKind::Str
        | TokenKind::StrHead
        | TokenKind::Minus
        | TokenKind::Keyword(Keyword::True | Keyword::False | Keyword::Null) => true,
        kind => kind.is_name(),
    }
}

/// The place of the first name that a pattern declares. The nesting of patterns is bounded.
fn declared_name(pattern: &Pattern) -> Option<Span> {
    match &pattern.kind {
        PatternKind::Name(name) => Some(name.span),
        PatternKind::Instance { fields, .. } => fields.iter().find_map(declared_name),
        PatternKind::List { items, rest } => {
            items.iter().find_map(declared_name).or(rest.as_ref().map(|name| name.span))
        }
        PatternKind::Map(keys) => keys.iter().find_map(|key| declared_name(&key.pattern)),
        PatternKind::Or(_)
        | PatternKind::Error
        | PatternKind::Wildcard
        | PatternKind::Literal(_)
        | PatternKind::Range { .. }
        | PatternKind::Path(_) => None,
    }
}
