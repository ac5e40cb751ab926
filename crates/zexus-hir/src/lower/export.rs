//! What files and modules show (language.md 12.2, 12.5).

use zexus_syntax::{Code, Span, ast};

use super::function::has_modifier;
use super::{Lowerer, stmt_at};
use crate::binding::*;
use crate::ir::*;
use crate::names::Sym;

/// Exports that are being collected.
#[derive(Debug)]
pub(crate) struct Exporting {
    pub module: ModId,
    /// The scope whose names can be exported.
    pub scope: u32,
    /// Names that were exported before their declaration.
    later: Vec<(ast::Name, Limits)>,
}

#[derive(Clone, Debug, Default)]
struct Limits {
    to: Vec<Name>,
    with: Option<Name>,
}

impl Lowerer<'_> {
    /// Begins to collect what the open scope exports.
    pub fn begin_exports(&mut self, module: ModId) {
        let scope = self.depth();
        self.exporting.push(Exporting { module, scope, later: Vec::new() });
    }

    /// Ends it: resolves what is left, and gives the exports for the run. Without any export, and if `open`, everything is
    /// visible that is not private.
    pub fn end_exports(&mut self, open: bool) -> Vec<Export> {
        let Some(exporting) = self.exporting.pop() else { return Vec::new() };
        for (name, limits) in exporting.later {
            let sym = self.names.sym(&name.text);
            match self.own_entry(sym).map(|own| own.binding) {
                Some(id) => self.add_export(exporting.module, sym, id, name.span, limits),
                None => {
                    self.undefined(&name, false);
                }
            }
        }
        let module = exporting.module.0 as usize;
        if open && self.mods[module].order.is_empty() {
            let syms = self.scopes.last().map(|scope| scope.syms.clone()).unwrap_or_default();
            for sym in syms {
                let Some(own) = self.own_entry(sym).copied() else { continue };
                let private = matches!(self.binding(own.binding).info, Info::Action { private: true, .. });
                if own.declared && !own.imported && !private {
                    self.add_export(exporting.module, sym, own.binding, Span::default(), Limits::default());
                }
            }
        }
        let info = &self.mods[module];
        let mut exports = Vec::with_capacity(info.order.len());
        for sym in &info.order {
            if let Some(export) = info.exports.get(sym)
                && let Exported::Binding(id) = export.what
                && let Some(value) = self.export_value(id)
            {
                let (to, with) = (export.to.clone(), export.with.clone());
                exports.push(Export { name: self.text(*sym), value, to, with });
            }
        }
        exports
    }

    fn add_export(&mut self, module: ModId, sym: Sym, id: BindingId, span: Span, limits: Limits) {
        if matches!(self.binding(id).info, Info::Action { private: true, .. }) {
            let message = format!("'{}' is private and cannot be exported", self.names.str(sym));
            self.report(Code::E0217, span, message);
            return;
        }
        let export = ExportInfo { what: Exported::Binding(id), to: limits.to, with: limits.with };
        let info = &mut self.mods[module.0 as usize];
        if info.exports.insert(sym, export).is_none() {
            info.order.push(sym);
        }
    }

    /// The module whose exports are collected, if the open scope is the one that can export.
    fn exporting_here(&self) -> Option<ModId> {
        let depth = self.depth();
        self.exporting.last().filter(|exporting| exporting.scope == depth).map(|exporting| exporting.module)
    }

    /// `export` of anything but a hoisted declaration.
    pub fn export_stmt(&mut self, export: &ast::Export, span: Span, used: bool, out: &mut Vec<Stmt>) {
        let module = self.exporting_here();
        if module.is_none() {
            self.report(Code::E0217, span, "`export` stands at the top level of a file or module only");
        }
        let limits = limits(export);
        match &export.item {
            ast::ExportItem::Decl(inner) => {
                self.stmt(inner, used, out);
                let Some(module) = module else { return };
                for name in names_of(inner) {
                    let sym = self.names.sym(&name.text);
                    if let Some(id) = self.own_entry(sym).map(|own| own.binding) {
                        self.add_export(module, sym, id, name.span, limits.clone());
                    }
                }
            }
            ast::ExportItem::Names(names) => {
                out.push(stmt_at(StmtKind::Block(Box::new(Block { span, ..Block::default() })), span));
                let Some(module) = module else { return };
                for name in names {
                    let sym = self.names.sym(&name.text);
                    match self.own_entry(sym).filter(|own| own.declared).map(|own| own.binding) {
                        Some(id) => self.add_export(module, sym, id, name.span, limits.clone()),
                        None => {
                            if let Some(exporting) = self.exporting.last_mut() {
                                exporting.later.push((name.clone(), limits.clone()));
                            }
                        }
                    }
                }
            }
        }
    }

    /// `export action …` and `public action …`, after the declaration.
    pub fn export_declaration(
        &mut self,
        stmt: &ast::Stmt,
        inner: &ast::Stmt,
        name: &ast::Name,
        id: BindingId,
    ) {
        let public = match &inner.kind {
            ast::StmtKind::Action(action) => has_modifier(action, ast::FnModifierKind::Public),
            ast::StmtKind::External(external) => {
                external.modifiers.iter().any(|m| m.kind == ast::FnModifierKind::Public)
            }
            _ => false,
        };
        let module = self.exporting_here();
        let sym = self.names.sym(&name.text);
        if let ast::StmtKind::Export(export) = &stmt.kind {
            match module {
                Some(module) => self.add_export(module, sym, id, name.span, limits(export)),
                None => {
                    self.report(
                        Code::E0217,
                        stmt.span,
                        "`export` stands at the top level of a file or module only",
                    );
                }
            }
        } else if public && let Some(module) = module {
            self.add_export(module, sym, id, name.span, Limits::default());
        }
    }
}

fn limits(export: &ast::Export) -> Limits {
    Limits {
        to: export.to.iter().map(|text| text.value.as_ref().into()).collect(),
        with: export.with.as_ref().map(|text| text.value.as_ref().into()),
    }
}

/// The names that an exported statement declares.
fn names_of(stmt: &ast::Stmt) -> Vec<&ast::Name> {
    let mut list = Vec::new();
    match &stmt.kind {
        ast::StmtKind::Let(l) => {
            for binding in &l.bindings {
                match &binding.target {
                    ast::BindingTarget::Name(name) => list.push(name),
                    ast::BindingTarget::List { names, rest, .. } => list.extend(names.iter().chain(rest)),
                    ast::BindingTarget::Map { names, .. } => list.extend(names.iter().map(|(_, name)| name)),
                }
            }
        }
        ast::StmtKind::Module(module) => list.push(&module.name),
        ast::StmtKind::Package(package) => list.extend(package.path.first()),
        ast::StmtKind::State(state) => list.push(&state.name),
        ast::StmtKind::Capability { name, .. } => list.push(name),
        ast::StmtKind::Channel(channel) => list.push(&channel.name),
        _ => {}
    }
    list
}
