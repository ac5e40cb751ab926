//! `data` and `entity` (language.md 11.1, 11.2).

use super::Parser;
use crate::ast::{DataDecl, DataKind, DataMember, Field, Operator, OperatorSymbol};
use crate::keywords::Keyword;
use crate::span::Span;
use crate::token::TokenKind;
use zexus_codes::Code;

impl Parser<'_> {
    pub(super) fn data_decl(&mut self) -> DataDecl {
        let header = self.at;
        let start = self.span();
        let sealed = self.eat_keyword(Keyword::Sealed);
        let kind = if self.is_keyword(Keyword::Entity) { DataKind::Entity } else { DataKind::Data };
        self.keyword();
        let (mut immutable, mut verified) = (false, false);
        while kind == DataKind::Data && self.kind_at(1).is_name() && !self.name_before_parents() {
            if self.eat_keyword(Keyword::Immutable) {
                immutable = true;
            } else if self.eat_keyword(Keyword::Verified) {
                verified = true;
            } else {
                break;
            }
        }
        let name = self.name("the name of the type");
        let mut type_params = Vec::new();
        if kind == DataKind::Data && self.eat(TokenKind::Lt) {
            loop {
                type_params.push(self.name("the name of a type parameter"));
                if self.lost || !self.eat(TokenKind::Comma) {
                    break;
                }
            }
            self.expect(TokenKind::Gt);
        }
        let (extends, implements) = self.parents();
        let body = self.open_body(header);
        let members = self.inside(|p| {
            let mut members = Vec::new();
            while !p.at_body_end(body) {
                let start = p.at;
                members.extend(p.data_member());
                p.end_member(start);
            }
            members
        });
        self.close_body(body);
        let span = self.since(start);
        DataDecl { kind, sealed, immutable, verified, name, type_params, extends, implements, members, span }
    }

    /// Whether the word after this one is `extends` or `implements`, so that this one is the name of the type.
    fn name_before_parents(&self) -> bool {
        matches!(self.kind_at(1), TokenKind::Keyword(Keyword::Extends | Keyword::Implements))
            && self.kind_at(2).is_name()
    }

    fn data_member(&mut self) -> Option<DataMember> {
        use Keyword as K;
        let start = self.span();
        Some(match self.kind() {
            TokenKind::Keyword(K::Computed) if self.name_at(1) => {
                self.keyword();
                let name = self.name("the name of the field");
                self.expect(TokenKind::FatArrow);
                let value = self.expression();
                DataMember::Computed { name, value, span: self.since(start) }
            }
            TokenKind::Keyword(_) if self.begins_method() => DataMember::Method(self.method()),
            TokenKind::Keyword(K::Operator) if self.operator_symbol_at(1).is_some() => {
                DataMember::Operator(self.operator_member(start))
            }
            TokenKind::Keyword(K::Inject) if self.name_at(1) => {
                let inject = self.inject();
                DataMember::Inject(inject, self.since(start))
            }
            TokenKind::Keyword(_) if self.begins_action() => DataMember::Method(self.action()),
            kind if kind.is_name() => {
                if self.fn_modifier_at(0).is_some() && self.name_at(1) && self.fn_modifier_at(1).is_none() {
                    self.not_of_fields();
                }
                DataMember::Field(self.field(start))
            }
            TokenKind::Keyword(K::Let | K::Const | K::Print | K::If | K::For | K::While | K::Return) => {
                self.not_a_member("a type with fields", "declare fields as `name: type = default`");
                return None;
            }
            TokenKind::Keyword(_) => DataMember::Field(self.field(start)),
            _ => {
                self.expected("a field, method or `}`");
                return None;
            }
        })
    }

    /// E0217 for a modifier before a field, which would otherwise be a field of that name.
    #[cold]
    fn not_of_fields(&mut self) {
        let word = self.quote(self.span());
        self.error_with(Code::E0217, self.span(), format!("`{word}` is not a modifier of fields"), |d| {
            d.with_help(format!("a field that is called `{word}` needs a comma after it"))
        });
        self.keyword();
    }

    /// E0217 for a statement among members.
    #[cold]
    pub(super) fn not_a_member(&mut self, place: &str, help: &str) {
        let word = self.quote(self.span());
        self.error_with(Code::E0217, self.span(), format!("`{word}` is not allowed in {place}"), |d| {
            d.with_help(help)
        });
        self.lost = true;
    }

    /// `NAME [':' type] ['=' expression] ['require' expression]`
    fn field(&mut self, start: Span) -> Field {
        let name = self.name("the name of a field");
        let ty = if self.eat(TokenKind::Colon) { Some(self.ty()) } else { None };
        let default = if self.eat(TokenKind::Assign) { Some(self.expression()) } else { None };
        let clause = self.is_keyword(Keyword::Require)
            && !matches!(self.kind_at(1), TokenKind::Colon | TokenKind::Assign | TokenKind::Comma);
        let constraint = if clause {
            self.keyword();
            Some(self.expression())
        } else {
            None
        };
        Field { name, ty, default, constraint, span: self.since(start) }
    }

    fn operator_symbol_at(&self, ahead: usize) -> Option<OperatorSymbol> {
        Some(match self.kind_at(ahead) {
            TokenKind::Plus => OperatorSymbol::Add,
            TokenKind::Minus => OperatorSymbol::Sub,
            TokenKind::Star => OperatorSymbol::Mul,
            TokenKind::Slash => OperatorSymbol::Div,
            TokenKind::Percent => OperatorSymbol::Mod,
            TokenKind::EqEq => OperatorSymbol::Eq,
            TokenKind::NotEq => OperatorSymbol::Ne,
            TokenKind::Lt => OperatorSymbol::Lt,
            TokenKind::Gt => OperatorSymbol::Gt,
            TokenKind::LtEq => OperatorSymbol::Le,
            TokenKind::GtEq => OperatorSymbol::Ge,
            _ => return None,
        })
    }

    fn operator_member(&mut self, start: Span) -> Operator {
        let header = self.at;
        self.keyword();
        let op = self.operator_symbol_at(0).unwrap_or(OperatorSymbol::Add);
        let op_span = self.span();
        self.bump();
        let opener = self.at;
        self.expect(TokenKind::ParenOpen);
        let param = self.param();
        if self.lexeme_at(opener).kind == TokenKind::ParenOpen {
            self.close(opener, "`)`");
        }
        let body = self.block(header);
        Operator { op, op_span, param, body, span: self.since(start) }
    }
}
