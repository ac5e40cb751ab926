//! Declared types: what is known of them before anything is lowered, and the order of declarations in a block.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zexus_syntax::{Code, Span, ast};

use super::block::exported;
use super::function::{ActionPlace, has_modifier, is_constructor};
use super::{Lowerer, stmt_at};
use crate::binding::*;
use crate::ir::*;
use crate::names::Sym;
use crate::suggest::nearest;

impl Lowerer<'_> {
    fn new_type(&mut self, form: Form, name: &ast::Name, span: Span) -> TypeId {
        let id = TypeId(u32::try_from(self.types.len()).unwrap_or(u32::MAX));
        let name = self.names.sym(&name.text);
        self.types.push(TypeInfo {
            form,
            name,
            parent: None,
            parent_binding: None,
            implements: Vec::new(),
            broken: false,
            sealed: false,
            members: FxHashMap::default(),
            fields: 0,
            demands: Vec::new(),
            events: FxHashMap::default(),
            modifiers: FxHashMap::default(),
        });
        self.decl_types.insert((self.current.file, span), id);
        id
    }

    /// The type that a declaration of this file made.
    pub fn type_at(&self, span: Span) -> Option<TypeId> {
        self.decl_types.get(&(self.current.file, span)).copied()
    }

    fn add_member(&mut self, id: TypeId, name: &ast::Name, kind: MemberKind, action: Option<&ast::Action>) {
        if name.text.is_empty() {
            return;
        }
        let constructor = kind == MemberKind::Method
            && self.type_info(id).form == Form::Contract
            && action.is_some_and(is_constructor);
        let sym = if constructor { self.known.init } else { self.names.sym(&name.text) };
        let has = |kind| action.is_some_and(|a| has_modifier(a, kind));
        let index = u32::try_from(self.type_info(id).members.len()).unwrap_or(u32::MAX);
        let member = Member {
            kind,
            index,
            span: name.span,
            private: has(ast::FnModifierKind::Private),
            sealed: has(ast::FnModifierKind::Sealed),
            arity: action.map_or_else(Arity::default, |a| Arity::of(&a.params)),
        };
        let info = &mut self.types[id.0 as usize];
        match info.members.get(&sym) {
            Some(before) => {
                let before = before.span;
                let message = if constructor {
                    "`init` and `constructor` are the same: declare one of them".to_owned()
                } else {
                    format!("member '{}' is declared twice", name.text)
                };
                self.member_twice(message, name.span, before);
            }
            None => {
                info.members.insert(sym, member);
                info.fields += usize::from(kind == MemberKind::Field);
            }
        }
    }

    fn member_twice(&mut self, message: String, span: Span, before: Span) {
        let file = self.current.file;
        let diagnostic =
            self.diagnostic(Code::E0306, span, message).with_label(file, before, "declared here");
        self.reports.add(diagnostic);
    }

    pub fn data_info(&mut self, decl: &ast::DataDecl) -> TypeId {
        let form = if decl.kind == ast::DataKind::Entity { Form::Entity } else { Form::Data };
        let id = self.new_type(form, &decl.name, decl.span);
        self.types[id.0 as usize].sealed = decl.sealed;
        for member in &decl.members {
            match member {
                ast::DataMember::Field(field) => self.add_member(id, &field.name, MemberKind::Field, None),
                ast::DataMember::Computed { name, .. } => {
                    self.add_member(id, name, MemberKind::Computed, None)
                }
                ast::DataMember::Method(action) => {
                    self.add_member(id, &action.name, MemberKind::Method, Some(action));
                }
                ast::DataMember::Inject(inject, _) => {
                    self.add_member(id, &inject.name, MemberKind::Field, None)
                }
                ast::DataMember::Operator(_) => {}
            }
        }
        id
    }

    pub fn protocol_info(&mut self, decl: &ast::ProtocolDecl) -> TypeId {
        let form = if decl.is_interface { Form::Interface } else { Form::Protocol };
        let id = self.new_type(form, &decl.name, decl.name.span);
        let mut seen: FxHashMap<Sym, Span> = FxHashMap::default();
        let actions = decl.signatures.iter().map(|s| (&s.name, Demand::Action(s.params.len())));
        let fields = decl.fields.iter().map(|(name, _)| (name, Demand::Field));
        for (name, demand) in actions.chain(fields) {
            let sym = self.names.sym(&name.text);
            if let Some(before) = seen.insert(sym, name.span) {
                self.member_twice(format!("member '{}' is declared twice", name.text), name.span, before);
            }
            self.types[id.0 as usize].demands.push((sym, demand));
        }
        id
    }

    pub fn contract_info(&mut self, decl: &ast::ContractDecl) -> TypeId {
        let id = self.new_type(Form::Contract, &decl.name, decl.span);
        self.types[id.0 as usize].sealed = decl.sealed;
        for member in &decl.members {
            match member {
                ast::ContractMember::State(state) => {
                    let ledger = state.kind == ast::StateKind::Ledger;
                    let kind = if ledger { MemberKind::Ledger } else { MemberKind::State };
                    self.add_member(id, &state.name, kind, None);
                }
                ast::ContractMember::Action(action) => {
                    self.add_member(id, &action.name, MemberKind::Method, Some(action));
                }
                ast::ContractMember::Event(event) => {
                    let sym = self.names.sym(&event.name.text);
                    let new = EventId(u32::try_from(self.events.len()).unwrap_or(u32::MAX));
                    self.events.push(EventInfo::default());
                    if self.types[id.0 as usize].events.insert(sym, new).is_some() {
                        self.own_twice("event", &event.name);
                    }
                }
                ast::ContractMember::Modifier(modifier) => {
                    let sym = self.names.sym(&modifier.name.text);
                    let new = self.modifier_info(modifier);
                    if self.types[id.0 as usize].modifiers.insert(sym, new).is_some() {
                        self.own_twice("modifier", &modifier.name);
                    }
                }
            }
        }
        id
    }

    fn own_twice(&mut self, what: &str, name: &ast::Name) {
        if !name.text.is_empty() {
            self.report(Code::E0306, name.span, format!("{what} '{}' is declared twice", name.text));
        }
    }

    pub fn modifier_info(&mut self, decl: &ast::ModifierDecl) -> ModifierId {
        let id = ModifierId(u32::try_from(self.modifiers.len()).unwrap_or(u32::MAX));
        let module = self.current.id;
        self.modifiers.push(ModifierInfo { decl: Arc::new(decl.clone()), module, used: false });
        id
    }

    pub fn enum_info(&mut self, decl: &ast::EnumDecl) -> Info {
        let mut info = EnumInfo { name: Some(self.names.sym(&decl.name.text)), ..EnumInfo::default() };
        for item in &decl.items {
            let sym = self.names.sym(&item.name.text);
            let next = u32::try_from(info.members.len()).unwrap_or(u32::MAX);
            if info.index.insert(sym, next).is_some() {
                self.twice("member", &item.name);
            }
            info.members.push(sym);
        }
        let id = EnumId(u32::try_from(self.enums.len()).unwrap_or(u32::MAX));
        self.enums.push(info);
        Info::Enum(id)
    }

    /// A hoisted declaration where it stands: into the list of hoisted ones, or as a statement that replaces an earlier one.
    pub fn declaration(&mut self, stmt: &ast::Stmt, block: &mut Block) {
        let inner = exported(stmt);
        let Some(name) = declared_name(inner) else { return };
        let (id, first) = self.hoisted_here(name, is_sealed(inner));
        self.hoisting = if first { Some(self.depth()) } else { None };
        let outer = self.needs.replace((self.fns.len(), Vec::new()));
        let kind = self.decl_kind(inner);
        let needs = std::mem::replace(&mut self.needs, outer).map(|(_, needs)| needs).unwrap_or_default();
        self.hoisting = None;
        if let Some(kind) = kind {
            let decl = Decl { bind: self.bind(id), kind, span: inner.span };
            if first {
                self.note_type(block.hoisted.len(), id, needs);
                block.hoisted.push(decl);
            } else {
                block.stmts.push(stmt_at(StmtKind::Declare(decl), inner.span));
            }
        }
        self.export_declaration(stmt, inner, name, id);
    }

    /// The binding of a hoisted name, and whether this declaration is the one that holds from the start of the block.
    fn hoisted_here(&mut self, name: &ast::Name, sealed: bool) -> (BindingId, bool) {
        let sym = self.names.sym(&name.text);
        let Some(id) = self.scopes.last().and_then(|scope| scope.hoisted.get(&sym)).copied() else {
            return (self.fixed(sym, name.span, Place::None, Info::Broken), true);
        };
        if let Some(own) = self.own_entry(sym).map(|own| own.binding)
            && own != id
        {
            self.check_again(own, sym, name.span);
        }
        let binding = self.binding(id);
        if binding.span == name.span {
            return (id, true);
        }
        let (file, before) = (binding.file, binding.span);
        if sealed || matches!(binding.info, Info::Action { sealed: true, .. }) {
            let message = format!("'{}' is sealed and cannot be declared again", name.text);
            let diagnostic =
                self.diagnostic(Code::E0309, name.span, message).with_label(file, before, "declared here");
            self.reports.add(diagnostic);
        } else {
            let message =
                format!("'{}' is declared twice in this block; from here on this one is meant", name.text);
            let diagnostic =
                self.diagnostic(Code::W0903, name.span, message).with_label(file, before, "declared here");
            self.reports.add(diagnostic);
        }
        self.enter(sym, id, true, false);
        (id, false)
    }

    fn decl_kind(&mut self, stmt: &ast::Stmt) -> Option<DeclKind> {
        Some(match &stmt.kind {
            ast::StmtKind::Action(action) => DeclKind::Function(self.action(action, ActionPlace::Plain)),
            ast::StmtKind::External(external) => DeclKind::External(self.external(external)),
            ast::StmtKind::Enum(decl) => DeclKind::Enum(Box::new(self.enum_decl(decl))),
            ast::StmtKind::Data(decl) => DeclKind::Data(Box::new(self.data(decl)?)),
            ast::StmtKind::Contract(decl) => DeclKind::Contract(Box::new(self.contract(decl)?)),
            ast::StmtKind::Protocol(decl) => self.protocol(decl),
            ast::StmtKind::TypeAlias(alias) => {
                let sym = self.names.sym(&alias.name.text);
                let found = self.declared_as(sym, |info| matches!(info, Info::Alias(_)));
                if let Some(Info::Alias(id)) = found.map(|id| self.binding(id).info.clone()) {
                    self.resolve_alias(id);
                }
                return None;
            }
            _ => return None,
        })
    }

    fn protocol(&mut self, decl: &ast::ProtocolDecl) -> DeclKind {
        // Types are documentation, but their names should exist, and parameters be distinct.
        for signature in &decl.signatures {
            let mut seen = rustc_hash::FxHashSet::default();
            for param in &signature.params {
                if !seen.insert(&param.name.text) {
                    self.twice("parameter", &param.name);
                }
                if let Some(ty) = &param.ty {
                    self.decl_type(ty);
                }
            }
            if let Some(ty) = &signature.result {
                self.decl_type(ty);
            }
        }
        for (_, ty) in &decl.fields {
            self.decl_type(ty);
        }
        DeclKind::Protocol { name: self.word(&decl.name), interface: decl.is_interface }
    }

    fn enum_decl(&mut self, decl: &ast::EnumDecl) -> EnumDecl {
        let mut members = Vec::with_capacity(decl.items.len());
        for (index, item) in (0i64..).zip(&decl.items) {
            let value = match &item.value {
                None => Const::Int(index),
                Some(value) => self.enum_value(value),
            };
            members.push((self.word(&item.name), value));
        }
        EnumDecl { name: self.word(&decl.name), members }
    }

    fn enum_value(&mut self, value: &ast::Expr) -> Const {
        let (negative, literal) = match &value.without_parens().kind {
            ast::ExprKind::Unary(u) if u.op == ast::UnaryOp::Neg => (true, &u.operand.without_parens().kind),
            kind => (false, kind),
        };
        match literal {
            ast::ExprKind::Literal(ast::Literal::Int(ast::Int::Small(n))) => {
                return Const::Int(if negative { -n } else { *n });
            }
            ast::ExprKind::Literal(ast::Literal::Int(ast::Int::Big(n))) => {
                let n = if negative { -(**n).clone() } else { (**n).clone() };
                return i64::try_from(&n).map_or_else(|_| Const::Big(Arc::new(n)), Const::Int);
            }
            ast::ExprKind::Literal(ast::Literal::Str(text)) if !negative => {
                return Const::Str(text.clone());
            }
            ast::ExprKind::Error => {}
            _ => self.report(Code::E0201, value.span, "the value of a member is an integer or a string"),
        }
        Const::Null
    }

    /// E0602 with a suggestion.
    pub fn not_exported(&mut self, module: ModId, name: &ast::Name) {
        let info = &self.mods[module.0 as usize];
        let near = nearest(&name.text, info.order.iter().map(|sym| self.names.str(*sym))).map(Name::from);
        let of = info.name.clone();
        self.report_not_exported(&of, name, near);
    }

    pub fn not_exported_std(&mut self, module: u32, name: &ast::Name) {
        let externs = self.externs.clone();
        let Some(info) = externs.modules.get(module as usize) else { return };
        let near = nearest(&name.text, info.exports.iter().map(|(name, _)| name.as_str())).map(Name::from);
        self.report_not_exported(info.name, name, near);
    }

    fn report_not_exported(&mut self, of: &str, name: &ast::Name, near: Option<Name>) {
        let mut diagnostic =
            self.diagnostic(Code::E0602, name.span, format!("'{}' is not exported by {of}", name.text));
        diagnostic.help = near.map(|near| format!("did you mean `{near}`?"));
        self.reports.add(diagnostic);
    }
}

/// The name that a hoisted declaration declares.
pub(crate) fn declared_name(stmt: &ast::Stmt) -> Option<&ast::Name> {
    Some(match &stmt.kind {
        ast::StmtKind::Action(action) => &action.name,
        ast::StmtKind::Data(decl) => &decl.name,
        ast::StmtKind::Enum(decl) => &decl.name,
        ast::StmtKind::Protocol(decl) => &decl.name,
        ast::StmtKind::Contract(decl) => &decl.name,
        ast::StmtKind::Modifier(decl) => &decl.name,
        ast::StmtKind::Event(decl) => &decl.name,
        ast::StmtKind::TypeAlias(alias) => &alias.name,
        ast::StmtKind::External(external) => &external.name,
        _ => return None,
    })
}

fn is_sealed(stmt: &ast::Stmt) -> bool {
    match &stmt.kind {
        ast::StmtKind::Action(action) => has_modifier(action, ast::FnModifierKind::Sealed),
        _ => false,
    }
}
