//! Declarations of actions (language.md 9.1) and signatures.

use super::Parser;
use super::stmt::begins_expression;
use crate::ast::{Action, FnModifier, FnModifierKind, ModifierUse, Param, Signature, Type};
use crate::keywords::Keyword;
use crate::token::TokenKind;
use zexus_codes::Code;

/// No declaration has more modifiers than this before `action`; it bounds how far the parser looks ahead.
const MAX_MODIFIERS: usize = 16;

impl Parser<'_> {
    /// The builtin modifier that the word `ahead` is.
    pub(super) fn fn_modifier_at(&self, ahead: usize) -> Option<FnModifier> {
        let kind = match self.kind_at(ahead) {
            TokenKind::Keyword(Keyword::Public) => FnModifierKind::Public,
            TokenKind::Keyword(Keyword::Private) => FnModifierKind::Private,
            TokenKind::Keyword(Keyword::Sealed) => FnModifierKind::Sealed,
            TokenKind::Keyword(Keyword::Secure) => FnModifierKind::Secure,
            TokenKind::Keyword(Keyword::Pure) => FnModifierKind::Pure,
            TokenKind::Keyword(Keyword::View) => FnModifierKind::View,
            TokenKind::Keyword(Keyword::Payable) => FnModifierKind::Payable,
            TokenKind::Keyword(Keyword::Async) => FnModifierKind::Async,
            _ => return None,
        };
        Some(FnModifier { kind, span: self.lexeme_at(self.at + ahead).span })
    }

    /// How many builtin modifiers stand here on one line.
    fn count_modifiers(&self) -> usize {
        (0..MAX_MODIFIERS)
            .take_while(|&ahead| {
                self.fn_modifier_at(ahead).is_some() && (ahead == 0 || self.same_line_at(ahead))
            })
            .count()
    }

    /// Whether an action is declared here: modifiers, `action` or `function`, and a word, on one line.
    pub(super) fn begins_action(&self) -> bool {
        let word = self.count_modifiers();
        matches!(self.kind_at(word), TokenKind::Keyword(Keyword::Action | Keyword::Function))
            && (word == 0 || self.same_line_at(word))
            && self.word_at(word + 1)
    }

    /// Whether an action of a contract is declared here: names of modifiers may stand before `action` too (language.md 9.1).
    pub(super) fn begins_contract_action(&self) -> bool {
        let words = (0..MAX_MODIFIERS).take_while(|&ahead| {
            let action =
                matches!(self.kind_at(ahead), TokenKind::Keyword(Keyword::Action | Keyword::Function));
            self.kind_at(ahead).is_name()
                && (ahead == 0 || self.same_line_at(ahead))
                && !(action && self.word_at(ahead + 1))
        });
        let word = words.count();
        matches!(self.kind_at(word), TokenKind::Keyword(Keyword::Action | Keyword::Function))
            && (word == 0 || self.same_line_at(word))
            && self.word_at(word + 1)
    }

    /// Whether a method is declared here: modifiers, `method`, a word and `(`, on one line.
    pub(super) fn begins_method(&self) -> bool {
        let word = self.count_modifiers();
        self.kind_at(word) == TokenKind::Keyword(Keyword::Method)
            && (word == 0 || self.same_line_at(word))
            && self.word_at(word + 1)
            && (word == 0 || self.kind_at(word + 2) == TokenKind::ParenOpen)
    }

    /// Whether the modifier here begins a declaration, right or wrong.
    pub(super) fn modifiers_begin_declaration(&self) -> bool {
        use Keyword as K;
        if self.begins_action() || self.begins_sealed_type() {
            return true;
        }
        let word = self.count_modifiers();
        if word == 0 || !self.same_line_at(word) {
            return false;
        }
        match self.kind_at(word) {
            TokenKind::Keyword(K::Let | K::Const) => true,
            TokenKind::Keyword(
                K::Data
                | K::Entity
                | K::Enum
                | K::Protocol
                | K::Interface
                | K::Contract
                | K::Event
                | K::State
                | K::Ledger
                | K::Immutable
                | K::TypeAlias,
            ) => self.name_at(word + 1),
            _ => false,
        }
    }

    /// An action; the next token is its first modifier, `action` or `function`.
    pub(super) fn action(&mut self) -> Action {
        let header = self.at;
        let start = self.span();
        let (mut modifiers, mut uses) = (Vec::new(), Vec::new());
        while !matches!(self.kind(), TokenKind::Keyword(Keyword::Action | Keyword::Function)) {
            match self.fn_modifier_at(0) {
                Some(modifier) => {
                    modifiers.push(modifier);
                    self.keyword();
                }
                None => {
                    let name = self.name("the name of a modifier");
                    let span = name.span;
                    uses.push(ModifierUse { name, args: Vec::new(), span });
                    if self.lost {
                        break;
                    }
                }
            }
        }
        self.keyword();
        // The words before `(`, or before the body of the form without parentheses.
        let mut words = 0;
        while self.kind_at(words).is_word() && (words == 0 || self.same_line_at(words)) {
            words += 1;
        }
        let name;
        let mut params = Vec::new();
        let parens = self.kind_at(words) == TokenKind::ParenOpen;
        if parens {
            for _ in 1..words {
                match self.fn_modifier_at(0) {
                    Some(modifier) => {
                        modifiers.push(modifier);
                        self.keyword();
                    }
                    None => {
                        let name = self.name("the name of a modifier");
                        let span = name.span;
                        uses.push(ModifierUse { name, args: Vec::new(), span });
                    }
                }
            }
            name = self.word("the name of the action");
            params = self.params();
        } else {
            while words > 1
                && let Some(modifier) = self.fn_modifier_at(0)
            {
                modifiers.push(modifier);
                self.keyword();
                words -= 1;
            }
            name = self.word("the name of the action");
            if self.is_name() || self.is(TokenKind::Ellipsis) {
                params.push(self.param());
            } else if !matches!(self.kind(), TokenKind::BraceOpen | TokenKind::Colon) {
                self.expected("`(` and the parameters");
            }
        }
        let mut action = Action {
            name,
            modifiers,
            uses,
            params,
            result: None,
            limit: None,
            body: crate::ast::Block { stmts: Vec::new(), span: start },
            span: start,
        };
        if parens {
            self.action_clauses(&mut action);
        }
        action.body = self.block(header);
        action.span = self.since(start);
        action
    }

    /// `{ '->' type | 'limit' expression_h | modifier_use }`
    fn action_clauses(&mut self, action: &mut Action) {
        while !self.lost {
            match self.kind() {
                TokenKind::ThinArrow => action.result = self.result_type(),
                TokenKind::Keyword(Keyword::Limit)
                    if begins_expression(self.kind_at(1)) && self.kind_at(1) != TokenKind::BraceOpen =>
                {
                    self.keyword();
                    action.limit = Some(self.in_head(Self::expression));
                }
                kind if kind.is_word() => {
                    let name = self.name("the name of a modifier");
                    let start = name.span;
                    let args = if self.is(TokenKind::ParenOpen) { self.arguments() } else { Vec::new() };
                    action.uses.push(ModifierUse { name, args, span: self.since(start) });
                }
                TokenKind::Colon if self.name_at(1) && self.kind_at(2) == TokenKind::BraceOpen => {
                    let ty = self.quote(self.lexeme_at(self.at + 1).span);
                    self.error_with(
                        Code::E0201,
                        self.span(),
                        "expected `->` before the type of the result",
                        |d| d.with_help(format!("write `-> {ty}`")),
                    );
                    self.bump();
                    action.result = Some(self.ty());
                }
                _ => return,
            }
        }
    }

    /// `[ '->' type ]`
    pub(super) fn result_type(&mut self) -> Option<Type> {
        if self.eat(TokenKind::ThinArrow) { Some(self.ty()) } else { None }
    }

    /// `{ fn_modifier } 'method' WORD '(' [ params ] ')' [ '->' type ] block`
    pub(super) fn method(&mut self) -> Action {
        let header = self.at;
        let start = self.span();
        let mut modifiers = Vec::new();
        while let Some(modifier) = self.fn_modifier_at(0) {
            modifiers.push(modifier);
            self.keyword();
        }
        self.keyword();
        let name = self.word("the name of the method");
        let params = self.params();
        let result = self.result_type();
        let body = self.block(header);
        Action {
            name,
            modifiers,
            uses: Vec::new(),
            params,
            result,
            limit: None,
            body,
            span: self.since(start),
        }
    }

    /// The head of an action in a protocol or interface.
    pub(super) fn signature(&mut self) -> Signature {
        let start = self.span();
        let mut modifiers = Vec::new();
        if matches!(self.kind(), TokenKind::Keyword(Keyword::Action | Keyword::Function))
            && self.kind_at(1).is_word()
        {
            self.keyword();
            while let Some(modifier) = self.fn_modifier_at(0)
                && self.kind_at(1).is_word()
            {
                modifiers.push(modifier);
                self.keyword();
            }
        }
        let name = self.word("the name of an action");
        let params: Vec<Param> = if self.lost { Vec::new() } else { self.params() };
        let result = self.result_type();
        if self.is(TokenKind::BraceOpen) && !self.lost {
            self.error_with(Code::E0201, self.span(), "expected the next action, found a body", |d| {
                d.with_help("protocols and interfaces list actions without bodies")
            });
            self.skip_token();
        }
        Signature { name, modifiers, params, result, span: self.since(start) }
    }
}
