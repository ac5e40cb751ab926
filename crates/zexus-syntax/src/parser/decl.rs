//! Declarations other than actions, types with fields, and contracts.

use super::Parser;
use crate::ast::{
    EnumDecl, EnumItem, EventDecl, ExternalDecl, ModifierDecl, ModuleDecl, Name, PackageDecl, ProtocolDecl,
    StmtKind, Text, TypeAlias,
};
use crate::keywords::Keyword;
use crate::token::TokenKind;
use zexus_codes::Code;

impl Parser<'_> {
    /// The declaration that this contextual keyword begins.
    pub(super) fn declaration(&mut self, keyword: Keyword) -> Option<StmtKind> {
        use Keyword as K;
        Some(match keyword {
            K::Data | K::Entity => StmtKind::Data(Box::new(self.data_decl())),
            K::Contract => StmtKind::Contract(Box::new(self.contract_decl())),
            K::Sealed if self.begins_sealed_type() => match self.kind_at(1) {
                TokenKind::Keyword(K::Contract) => StmtKind::Contract(Box::new(self.contract_decl())),
                _ => StmtKind::Data(Box::new(self.data_decl())),
            },
            K::Enum => self.enum_decl(),
            K::Protocol | K::Interface => self.protocol_decl(),
            K::Modifier => StmtKind::Modifier(Box::new(self.modifier_decl())),
            K::Event => StmtKind::Event(self.event_decl()),
            K::Module => {
                let header = self.at;
                self.keyword();
                let name = self.name("the name of the module");
                StmtKind::Module(ModuleDecl { name, body: self.block(header) })
            }
            K::Package => self.package_decl(),
            K::TypeAlias => self.type_alias(),
            K::External => self.external_decl(),
            _ if self.begins_action() => StmtKind::Action(Box::new(self.action())),
            _ => return Some(self.misplaced_modifiers()),
        })
    }

    /// A declaration after `export`, or nothing if a plain name follows.
    pub(super) fn exported_declaration(&mut self) -> Option<StmtKind> {
        use Keyword as K;
        let TokenKind::Keyword(keyword) = self.kind() else { return None };
        let declares = match keyword {
            K::Data
            | K::Entity
            | K::Enum
            | K::Protocol
            | K::Interface
            | K::Contract
            | K::Modifier
            | K::Event
            | K::Module
            | K::Package
            | K::TypeAlias
            | K::External => self.name_at(1),
            K::Sealed => self.begins_sealed_type() || self.begins_action(),
            _ => self.begins_action(),
        };
        if declares { self.declaration(keyword) } else { None }
    }

    pub(super) fn begins_sealed_type(&self) -> bool {
        self.is_keyword(Keyword::Sealed)
            && matches!(
                self.kind_at(1),
                TokenKind::Keyword(Keyword::Data | Keyword::Entity | Keyword::Contract)
            )
            && self.name_at(1)
            && self.name_at(2)
    }

    /// `public let x` and the like: E0217, then the declaration itself.
    #[cold]
    fn misplaced_modifiers(&mut self) -> StmtKind {
        let span = self.span();
        let word = self.quote(span);
        self.error_with(Code::E0217, span, format!("`{word}` is not allowed here"), |d| {
            d.with_help(
                "it is a modifier of actions; write `export` before other declarations to export them",
            )
        });
        while self.fn_modifier_at(0).is_some() {
            self.keyword();
        }
        self.nested(|p| match p.compound_statement() {
            Some(kind) => kind,
            None => p.simple_statement(),
        })
    }

    fn enum_decl(&mut self) -> StmtKind {
        let header = self.at;
        self.keyword();
        let name = self.name("the name of the enum");
        let body = self.open_body(header);
        let items = self.inside(|p| {
            let mut items = Vec::new();
            while !p.at_body_end(body) {
                let start = p.at;
                let name = p.word("the name of a member");
                let value = if p.eat(TokenKind::Assign) { Some(p.expression()) } else { None };
                items.push(EnumItem { name, value });
                if !p.lost && !p.eat(TokenKind::Comma) && !p.at_body_end(body) {
                    p.expected("`,` or `}`");
                }
                if p.lost {
                    p.skip_statement(start);
                    p.eat(TokenKind::Semicolon);
                }
            }
            items
        });
        self.close_body(body);
        StmtKind::Enum(EnumDecl { name, items })
    }

    fn protocol_decl(&mut self) -> StmtKind {
        let header = self.at;
        let is_interface = self.is_keyword(Keyword::Interface);
        self.keyword();
        let name = self.name("a name");
        let body = self.open_body(header);
        let mut signatures = Vec::new();
        let mut fields = Vec::new();
        self.inside(|p| {
            while !p.at_body_end(body) {
                let start = p.at;
                if is_interface && p.is_name() && p.kind_at(1) == TokenKind::Colon {
                    let name = p.take_word();
                    p.bump();
                    fields.push((name, p.ty()));
                } else {
                    signatures.push(p.signature());
                }
                p.end_member(start);
            }
        });
        self.close_body(body);
        StmtKind::Protocol(ProtocolDecl { is_interface, name, signatures, fields })
    }

    /// Reads what separates members, and skips to the next member after an error.
    pub(super) fn end_member(&mut self, start: usize) {
        if self.lost {
            self.skip_statement(start);
        }
        if !self.eat(TokenKind::Comma) {
            self.eat(TokenKind::Semicolon);
        }
        if self.at == start {
            self.bump();
        }
    }

    pub(super) fn event_decl(&mut self) -> EventDecl {
        let start = self.span();
        self.keyword();
        let name = self.name("the name of the event");
        let params = if self.is(TokenKind::BraceOpen) {
            let opener = self.at;
            self.bump();
            let params = self.inside(|p| p.param_list(TokenKind::BraceClose));
            self.close(opener, "`,` or `}`");
            params
        } else {
            self.params()
        };
        EventDecl { name, params, span: self.since(start) }
    }

    pub(super) fn modifier_decl(&mut self) -> ModifierDecl {
        let header = self.at;
        let start = self.span();
        self.keyword();
        let name = self.name("the name of the modifier");
        let params = if self.is(TokenKind::ParenOpen) { self.params() } else { Vec::new() };
        let body = self.block(header);
        ModifierDecl { name, params, body, span: self.since(start) }
    }

    fn package_decl(&mut self) -> StmtKind {
        let header = self.at;
        self.keyword();
        let mut path = vec![self.name("the name of the package")];
        while self.eat(TokenKind::Dot) {
            path.push(self.name("a name"));
        }
        StmtKind::Package(PackageDecl { path, body: self.block(header) })
    }

    fn type_alias(&mut self) -> StmtKind {
        self.keyword();
        let name = self.name("the name of the type");
        self.expect(TokenKind::Assign);
        let ty = if self.is(TokenKind::BraceOpen) { self.record_type() } else { self.ty() };
        StmtKind::TypeAlias(Box::new(TypeAlias { name, ty }))
    }

    fn external_decl(&mut self) -> StmtKind {
        self.keyword();
        let function = matches!(self.kind(), TokenKind::Keyword(Keyword::Action | Keyword::Function));
        let declaration = if function && self.word_at(1) {
            self.keyword();
            let mut modifiers = Vec::new();
            while let Some(modifier) = self.fn_modifier_at(0)
                && self.word_at(1)
            {
                modifiers.push(modifier);
                self.keyword();
            }
            let name = self.name("the name of the function");
            let params = Some(self.params());
            let result = self.result_type();
            ExternalDecl { name, modifiers, params, result, from: self.host_module() }
        } else {
            let name = self.name("the name of the function");
            ExternalDecl { name, modifiers: Vec::new(), params: None, result: None, from: self.host_module() }
        };
        StmtKind::External(Box::new(declaration))
    }

    fn host_module(&mut self) -> Option<Text> {
        if !(self.is_keyword(Keyword::From) && matches!(self.kind_at(1), TokenKind::Str | TokenKind::StrHead))
        {
            return None;
        }
        self.keyword();
        Some(self.text("the module of the host"))
    }

    /// `[ 'extends' NAME ] [ implements ]`
    pub(super) fn parents(&mut self) -> (Option<Name>, Vec<Name>) {
        let extends =
            if self.eat_keyword(Keyword::Extends) { Some(self.name("the name of the parent")) } else { None };
        let mut implements = Vec::new();
        if self.eat_keyword(Keyword::Implements) {
            loop {
                implements.push(self.name("the name of a protocol or interface"));
                if self.lost || !self.eat(TokenKind::Comma) {
                    break;
                }
            }
        }
        (extends, implements)
    }
}
