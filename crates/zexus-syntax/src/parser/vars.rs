//! Declarations of variables.

use super::Parser;
use crate::ast::{
    Binding, BindingTarget, Initializer, InitializerKind, Let, LetKind, MemberPath, Name, StateKind,
    StateVar, StmtKind, Visibility,
};
use crate::keywords::Keyword;
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

impl Parser<'_> {
    /// `let` or `const`.
    pub(super) fn let_statement(&mut self) -> StmtKind {
        let kind = if self.is_keyword(Keyword::Const) { LetKind::Const } else { LetKind::Let };
        self.bump();
        StmtKind::Let(self.bindings(kind))
    }

    fn bindings(&mut self, kind: LetKind) -> Let {
        let mut bindings = vec![self.binding(kind)];
        let is_name = |binding: &Binding| matches!(binding.target, BindingTarget::Name(_));
        while bindings.last().is_some_and(is_name) && !self.lost && self.eat(TokenKind::Comma) {
            bindings.push(self.binding(kind));
        }
        Let { kind, bindings }
    }

    fn binding(&mut self, kind: LetKind) -> Binding {
        let start = self.span();
        let target = match self.kind() {
            TokenKind::BracketOpen => self.list_target(),
            TokenKind::BraceOpen => self.map_target(),
            _ => {
                let name = self.name("a name");
                return self.name_binding(kind, name);
            }
        };
        let value = if self.expect(TokenKind::Assign) { Some(self.initializer()) } else { None };
        Binding { target, ty: None, value, span: self.since(start) }
    }

    /// What follows the name of a `binding`.
    fn name_binding(&mut self, kind: LetKind, name: Name) -> Binding {
        let start = name.span;
        let mut ty = None;
        let mut value = None;
        if self.eat(TokenKind::LtLt) {
            value = Some(self.file_initializer());
        } else {
            let colon = self.span();
            if self.eat(TokenKind::Colon) {
                if self.begins_type() {
                    ty = Some(self.ty());
                } else {
                    self.warning(Code::W0909, colon, "`:` in place of `=` is an old form", "write `=`");
                    value = Some(super::stmt::expression_initializer(self.expression()));
                }
            }
            if value.is_none() && self.eat(TokenKind::Assign) {
                value = Some(self.initializer());
            }
        }
        if value.is_none() && kind != LetKind::Let && !name.text.is_empty() {
            let word = if kind == LetKind::Const { "const" } else { "immutable" };
            self.error_with(Code::E0211, name.span, format!("`{word}` needs a value"), |d| {
                d.with_help(format!("write `{word} {} = …`", name.text))
            });
        }
        Binding { target: BindingTarget::Name(name), ty, value, span: self.since(start) }
    }

    /// `[a, b, ...rest]`
    fn list_target(&mut self) -> BindingTarget {
        let start = self.span();
        let opener = self.at;
        self.bump();
        let mut names = Vec::new();
        let mut rest = None;
        while !matches!(self.kind(), TokenKind::BracketClose | TokenKind::End) && rest.is_none() {
            if matches!(self.kind(), TokenKind::DotDot | TokenKind::Ellipsis) {
                self.bump();
                rest = Some(self.name("a name for the rest"));
            } else {
                names.push(self.name("a name"));
            }
            if self.lost || !self.eat(TokenKind::Comma) {
                break;
            }
            if self.is(TokenKind::BracketClose) {
                self.expected("a name");
            }
        }
        self.close(opener, "`,` or `]`");
        BindingTarget::List { names, rest, span: self.since(start) }
    }

    /// `{a, key: b}`
    fn map_target(&mut self) -> BindingTarget {
        let start = self.span();
        let opener = self.at;
        self.bump();
        let mut names = Vec::new();
        loop {
            if self.kind().is_word() && self.kind_at(1) == TokenKind::Colon {
                let key = self.take_word();
                self.bump();
                names.push((key, self.name("a name")));
            } else {
                let name = self.name("a name");
                names.push((name.clone(), name));
            }
            if self.lost || !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(opener, "`,` or `}`");
        BindingTarget::Map { names, span: self.since(start) }
    }

    /// What stands after `<<`.
    fn file_initializer(&mut self) -> Initializer {
        let span = self.span();
        let kind = if self.is_name() {
            InitializerKind::FileName(self.take_word())
        } else {
            InitializerKind::File(self.text("the path of a file"))
        };
        Initializer { kind, span }
    }

    /// An `initializer` of the grammar.
    pub(super) fn initializer(&mut self) -> Initializer {
        let start = self.span();
        if self.is_keyword(Keyword::Sanitize)
            && self.operand_follows()
            && !matches!(
                self.kind_at(1),
                TokenKind::ParenOpen | TokenKind::BracketOpen | TokenKind::BraceOpen | TokenKind::Minus
            )
        {
            self.keyword();
            let value = self.expression();
            let mode = if self.is(TokenKind::Comma) && self.kind_at(1) == TokenKind::Str {
                self.bump();
                Some(self.text("a mode"))
            } else {
                None
            };
            return Initializer { kind: InitializerKind::Sanitize { value, mode }, span: self.since(start) };
        }
        if self.is_keyword(Keyword::Audit) && self.name_at(1) && self.kind_at(2) == TokenKind::Comma {
            let audit = self.audit();
            return Initializer { kind: InitializerKind::Audit(Box::new(audit)), span: self.since(start) };
        }
        super::stmt::expression_initializer(self.expression())
    }

    /// `immutable x = v`, `immutable let x = v`, or `immutable x`, which seals.
    pub(super) fn immutable_statement(&mut self) -> StmtKind {
        self.keyword();
        if !self.eat_keyword(Keyword::Let)
            && !self.eat_keyword(Keyword::Const)
            && !matches!(self.kind_at(1), TokenKind::Assign | TokenKind::Colon | TokenKind::LtLt)
        {
            let name = self.name("a name");
            let span = name.span;
            return StmtKind::Seal(MemberPath { name, members: Vec::new(), span });
        }
        let name = self.name("a name");
        let binding = self.name_binding(LetKind::Immutable, name);
        StmtKind::Let(Let { kind: LetKind::Immutable, bindings: vec![binding] })
    }

    /// `state`, `ledger` or `persistent storage` at the top level.
    pub(super) fn state_statement(&mut self) -> StmtKind {
        let start = self.span();
        let kind = self.state_words();
        StmtKind::State(Box::new(self.state_var(kind, None, start)))
    }

    /// Reads the words that begin a state variable.
    pub(super) fn state_words(&mut self) -> StateKind {
        let kind = match self.kind() {
            TokenKind::Keyword(Keyword::Data) => StateKind::Data,
            TokenKind::Keyword(Keyword::Ledger) => StateKind::Ledger,
            TokenKind::Keyword(Keyword::Persistent) => {
                self.keyword();
                StateKind::Persistent
            }
            _ => StateKind::State,
        };
        self.keyword();
        kind
    }

    /// `NAME [':' type] ['=' initializer]`
    pub(super) fn state_var(
        &mut self,
        kind: StateKind,
        visibility: Option<Visibility>,
        start: Span,
    ) -> StateVar {
        let name = self.name("the name of a state variable");
        let ty = if self.eat(TokenKind::Colon) { Some(self.ty()) } else { None };
        let value = if self.eat(TokenKind::Assign) { Some(self.initializer()) } else { None };
        StateVar { kind, visibility, name, ty, value, span: self.since(start) }
    }
}
