//! What types extend and implement: resolved when all names of a block are known, checked where they are declared.

use zexus_syntax::{Code, Span, ast};

use super::Lowerer;
use crate::binding::*;
use crate::names::Sym;

/// A type may have this many ancestors (E0218).
const MAX_ANCESTORS: usize = 256;

impl Lowerer<'_> {
    /// Resolves what types extend and implement, and the types of events, when all names of the block are known.
    pub fn connect_stmt(&mut self, stmt: &ast::Stmt) {
        match &stmt.kind {
            ast::StmtKind::Data(decl) => {
                if let Some(id) = self.type_at(decl.span) {
                    self.connect(id, decl.extends.as_ref(), &decl.implements);
                }
            }
            ast::StmtKind::Contract(decl) => {
                let Some(id) = self.type_at(decl.span) else { return };
                self.connect(id, decl.extends.as_ref(), &decl.implements);
                for member in &decl.members {
                    if let ast::ContractMember::Event(event) = member {
                        let sym = self.names.sym(&event.name.text);
                        let info = self.event_info(event);
                        if let Some(at) = self.type_info(id).events.get(&sym).copied() {
                            self.events[at.0 as usize] = info;
                        }
                    }
                }
            }
            ast::StmtKind::Event(event) => {
                let sym = self.names.sym(&event.name.text);
                let found = self.declared_as(sym, |info| matches!(info, Info::Event(_)));
                if let Some(Info::Event(id)) = found.map(|id| self.binding(id).info.clone()) {
                    self.events[id.0 as usize] = self.event_info(event);
                }
            }
            _ => {}
        }
    }

    fn connect(&mut self, id: TypeId, extends: Option<&ast::Name>, implements: &[ast::Name]) {
        if let Some(name) = extends {
            self.connect_parent(id, name);
        }
        for name in implements {
            let sym = self.names.sym(&name.text);
            match self.find_type(sym) {
                Some((_, None)) => {}
                Some((binding, Some(ty)))
                    if matches!(self.type_info(ty).form, Form::Protocol | Form::Interface) =>
                {
                    self.types[id.0 as usize].implements.push((binding, ty));
                }
                Some(_) => {
                    let message = format!("'{}' is no protocol or interface", name.text);
                    self.report(Code::E0307, name.span, message);
                }
                None => self.unknown_parent(name),
            }
        }
    }

    /// A declared type in sight; without its number if it is broken.
    fn find_type(&self, sym: Sym) -> Option<(BindingId, Option<TypeId>)> {
        let found = self.declared_as(sym, |info| matches!(info, Info::Type(_) | Info::Broken))?;
        match self.binding(found).info {
            Info::Type(ty) => Some((found, Some(ty))),
            _ => Some((found, None)),
        }
    }

    fn unknown_parent(&mut self, name: &ast::Name) {
        if name.text.is_empty() || self.is_excused(&name.text) {
            return;
        }
        let mut diagnostic =
            self.diagnostic(Code::E0307, name.span, format!("'{}' is no declared type", name.text));
        if let Some(near) = self.nearest_name(&name.text) {
            diagnostic = diagnostic.with_help(format!("did you mean `{near}`?"));
        }
        self.reports.add(diagnostic);
    }

    fn connect_parent(&mut self, id: TypeId, name: &ast::Name) {
        let sym = self.names.sym(&name.text);
        // Until everything is right nothing is said about what may be inherited.
        self.types[id.0 as usize].broken = true;
        let (binding, parent) = match self.find_type(sym) {
            None => return self.unknown_parent(name),
            Some((_, None)) => return,
            Some((binding, Some(parent))) => (binding, parent),
        };
        if self.reaches(parent, id) {
            let own = self.text(self.type_info(id).name);
            self.report(Code::E0307, name.span, format!("'{own}' extends itself"));
            return;
        }
        let (info, own) = (self.type_info(parent), self.type_info(id));
        if info.form != own.form {
            let kind = match own.form {
                Form::Data => "data",
                Form::Entity => "entity",
                _ => "contract",
            };
            self.report(
                Code::E0307,
                name.span,
                format!("'{}' is no {kind} and cannot be extended by one", name.text),
            );
            return;
        }
        if info.sealed {
            self.report(Code::E0309, name.span, format!("'{}' is sealed and cannot be extended", name.text));
        }
        let own = &mut self.types[id.0 as usize];
        own.broken = false;
        own.parent = Some(parent);
        own.parent_binding = Some(binding);
    }

    /// Whether `ty` is `target` or has it among its ancestors.
    fn reaches(&self, ty: TypeId, target: TypeId) -> bool {
        let mut next = Some(ty);
        for _ in 0..=MAX_ANCESTORS {
            match next {
                Some(ty) if ty == target => return true,
                Some(ty) => next = self.type_info(ty).parent,
                None => return false,
            }
        }
        false
    }

    /// E0218 for a type with too many ancestors, which then has none.
    pub fn check_ancestors(&mut self, span: Span, at: Span) {
        let Some(id) = self.type_at(span) else { return };
        let mut next = self.type_info(id).parent;
        for _ in 0..MAX_ANCESTORS {
            let Some(parent) = next else { return };
            next = self.type_info(parent).parent;
        }
        self.report(Code::E0218, at, "this type has too many ancestors");
        let info = &mut self.types[id.0 as usize];
        info.parent = None;
        info.broken = true;
    }

    /// E0309 for a member that overrides a sealed one.
    pub fn check_override(&mut self, id: TypeId, name: &ast::Name) {
        let sym = if self.type_info(id).form == Form::Contract && &*name.text == "constructor" {
            self.known.init
        } else {
            self.names.sym(&name.text)
        };
        let Some(parent) = self.type_info(id).parent else { return };
        if let Some((_, member)) = self.find_member(parent, sym)
            && member.sealed
        {
            self.report(
                Code::E0309,
                name.span,
                format!("'{}' is sealed and cannot be overridden", name.text),
            );
        }
    }

    /// E0308 for what protocols and interfaces demand and the type lacks.
    pub fn check_implements(&mut self, id: TypeId, span: Span) {
        let mut ty = id;
        loop {
            let info = self.type_info(ty);
            if info.broken {
                return;
            }
            match info.parent {
                Some(parent) => ty = parent,
                None => break,
            }
        }
        let own = self.text(self.type_info(id).name);
        let mut missing = Vec::new();
        for (_, protocol) in self.type_info(id).implements.clone() {
            let info = self.type_info(protocol);
            let of = self.text(info.name);
            for (sym, demand) in info.demands.clone() {
                let found = self.find_member(id, sym).map(|(_, member)| member);
                let fits = match (found, demand) {
                    (None, _) => false,
                    (Some(member), Demand::Field) => member.kind != MemberKind::Method,
                    (Some(member), Demand::Action(count)) => {
                        member.kind == MemberKind::Method && !member.private && member.arity.accepts(count)
                    }
                };
                if !fits {
                    missing.push(format!("{own} does not implement {} of {of}", self.text(sym)));
                }
            }
        }
        // There is one place for all of it, so all goes into one diagnostic.
        let mut missing = missing.into_iter();
        if let Some(first) = missing.next() {
            let mut diagnostic = self.diagnostic(Code::E0308, span, first);
            diagnostic.notes.extend(missing);
            self.reports.add(diagnostic);
        }
    }
}
