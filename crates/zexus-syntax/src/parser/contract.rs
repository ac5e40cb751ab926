//! Contracts (language.md 15.3).

use super::Parser;
use crate::ast::{ContractDecl, ContractMember, StateKind, StateVar, Visibility};
use crate::keywords::Keyword;
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

impl Parser<'_> {
    pub(super) fn contract_decl(&mut self) -> ContractDecl {
        let header = self.at;
        let start = self.span();
        let sealed = self.eat_keyword(Keyword::Sealed);
        self.keyword();
        let name = self.name("the name of the contract");
        let (extends, implements) = self.parents();
        let body = self.open_body(header);
        let members = self.inside(|p| {
            let mut members = Vec::new();
            while !p.at_body_end(body) {
                let start = p.at;
                p.contract_member(&mut members);
                p.end_member(start);
            }
            members
        });
        self.close_body(body);
        ContractDecl { sealed, name, extends, implements, members, span: self.since(start) }
    }

    fn contract_member(&mut self, members: &mut Vec<ContractMember>) {
        use Keyword as K;
        let start = self.span();
        match self.kind() {
            TokenKind::Keyword(K::State) if self.kind_at(1) == TokenKind::BraceOpen => {
                self.keyword();
                self.state_block(members);
            }
            TokenKind::Keyword(_) if self.begins_state_at(0) => {
                let kind = self.state_words();
                members.push(ContractMember::State(self.state_var(kind, None, start)));
            }
            TokenKind::Keyword(K::Public | K::Private) if self.begins_state_at(1) => {
                let visibility = self.visibility();
                let kind = self.state_words();
                members.push(ContractMember::State(self.state_var(kind, Some(visibility), start)));
            }
            kind if kind.is_name() && self.kind_at(1) == TokenKind::Colon => {
                members.push(ContractMember::State(self.state_var(StateKind::Field, None, start)));
            }
            TokenKind::Keyword(K::Event) if self.name_at(1) => {
                members.push(ContractMember::Event(self.event_decl()));
            }
            TokenKind::Keyword(K::Modifier) if self.name_at(1) => {
                members.push(ContractMember::Modifier(self.modifier_decl()));
            }
            kind if kind.is_name() && self.begins_contract_action() => {
                members.push(ContractMember::Action(self.action()));
            }
            TokenKind::Keyword(K::Public | K::Private)
                if self.name_at(1) && self.kind_at(2) == TokenKind::Colon =>
            {
                let word = self.quote(start);
                self.error_with(Code::E0217, start, format!("`{word}` is not allowed here"), |d| {
                    d.with_help(format!("write `{word} state name: type`"))
                });
                let visibility = self.visibility();
                members.push(ContractMember::State(self.state_var(
                    StateKind::Field,
                    Some(visibility),
                    start,
                )));
            }
            TokenKind::Keyword(
                K::Let
                | K::Const
                | K::Print
                | K::If
                | K::For
                | K::While
                | K::Return
                | K::Try
                | K::Throw
                | K::Immutable,
            ) => {
                self.not_a_member(
                    "a contract",
                    "declare state as `state name = value`; put statements into actions",
                );
            }
            _ => self.expected_with("a member of the contract", |d| {
                d.with_help("members are state variables (`state x = v`), events, modifiers and actions")
            }),
        }
    }

    fn visibility(&mut self) -> Visibility {
        let visibility =
            if self.is_keyword(Keyword::Private) { Visibility::Private } else { Visibility::Public };
        self.keyword();
        visibility
    }

    /// Whether the words from `ahead` on declare a state variable.
    fn begins_state_at(&self, ahead: usize) -> bool {
        match self.kind_at(ahead) {
            TokenKind::Keyword(Keyword::State | Keyword::Data | Keyword::Ledger) => self.name_at(ahead + 1),
            TokenKind::Keyword(Keyword::Persistent) => {
                self.is_keyword_at(ahead + 1, Keyword::Storage) && self.name_at(ahead + 2)
            }
            _ => false,
        }
    }

    /// The braces after `state`.
    fn state_block(&mut self, members: &mut Vec<ContractMember>) {
        let opener = self.at;
        self.bump();
        self.inside(|p| {
            while !matches!(p.kind(), TokenKind::BraceClose | TokenKind::End) {
                let start = p.at;
                let span = p.span();
                members.push(ContractMember::State(p.state_item(span)));
                p.end_member(start);
            }
        });
        self.close(opener, "`}`");
    }

    /// `NAME ':' type ['=' expression] | NAME ':' expression | NAME ['=' expression]`
    fn state_item(&mut self, start: Span) -> StateVar {
        let name = self.name("the name of a state variable");
        let mut ty = None;
        let mut value = None;
        if self.eat(TokenKind::Colon) {
            if self.item_type_follows() {
                ty = Some(self.ty());
            } else {
                value = Some(super::stmt::expression_initializer(self.expression()));
            }
        }
        if value.is_none() && self.eat(TokenKind::Assign) {
            value = Some(super::stmt::expression_initializer(self.expression()));
        }
        StateVar { kind: StateKind::State, visibility: None, name, ty, value, span: self.since(start) }
    }

    /// Whether a type follows the `:` of a state item. `null` alone is the value: no variable can be of that type only.
    /// A name is a type unless what follows makes a longer expression of it.
    fn item_type_follows(&self) -> bool {
        let next = self.lexeme_at(self.at + 1);
        if self.is_keyword(Keyword::Null) {
            return matches!(next.kind, TokenKind::Assign | TokenKind::Question | TokenKind::BracketOpen);
        }
        let list = next.kind == TokenKind::BracketOpen && self.kind_at(2) == TokenKind::BracketClose;
        let longer = match next.kind {
            TokenKind::Lt => self.partners.of(self.at + 1).is_none(),
            TokenKind::ParenOpen | TokenKind::BracketOpen | TokenKind::BraceOpen => {
                !next.line_before && !list
            }
            // `geo.Point` is a type, so a path of names decides nothing.
            TokenKind::Dot => false,
            TokenKind::Question => super::stmt::begins_expression(self.kind_at(2)) && self.same_line_at(2),
            kind => super::stmt::continues_expression(kind),
        };
        self.is_name() && !longer
    }
}
