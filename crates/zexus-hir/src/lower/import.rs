//! Imports (language.md 12.1).

use zexus_syntax::{Code, Span, ast};

use super::{Lowerer, Source, stmt_at};
use crate::StdExport;
use crate::binding::*;
use crate::ir::*;
use crate::names::Sym;

/// Imports of whole modules may bring this many names into one file (E0218).
const MAX_IMPORTED: usize = 1_000_000;

impl Lowerer<'_> {
    fn source_of(&self, import: &ast::Use) -> Source {
        self.current.sources.get(&import.path.value).cloned().unwrap_or(Source::Cycle)
    }

    /// The names that an import brings, with their bindings. Errors are reported if `loud`.
    fn brought(&mut self, import: &ast::Use, loud: bool) -> Vec<(Sym, BindingId, Span)> {
        let source = self.source_of(import);
        match &import.what {
            ast::UseWhat::Module(name) => {
                if name.text.is_empty() {
                    return Vec::new();
                }
                let sym = self.names.sym(&name.text);
                vec![(sym, self.module_binding(sym, &source, name.span), name.span)]
            }
            ast::UseWhat::Names(names) => {
                let mut list = Vec::with_capacity(names.len());
                for name in names {
                    let local = name.alias.as_ref().unwrap_or(&name.name);
                    if local.text.is_empty() {
                        continue;
                    }
                    let sym = self.names.sym(&local.text);
                    let id = self.one_export(&source, &name.name, loud);
                    list.push((sym, id, local.span));
                }
                list
            }
            ast::UseWhat::All => self.all_exports(&source, import.path.span, loud),
        }
    }

    fn module_binding(&mut self, sym: Sym, source: &Source, span: Span) -> BindingId {
        let (place, info) = match source {
            Source::File(module, id) => (Place::Module(*id), Info::Mod(*module)),
            Source::Std(index) => (Place::StdModule(*index), Info::StdMod(*index)),
            Source::Failed(..) | Source::Cycle => (Place::None, Info::Broken),
        };
        self.fixed(sym, span, place, info)
    }

    fn one_export(&mut self, source: &Source, name: &ast::Name, loud: bool) -> BindingId {
        let sym = self.names.sym(&name.text);
        match source {
            Source::File(module, _) => {
                let info = &self.mods[module.0 as usize];
                let broken = info.broken;
                if let Some(Exported::Binding(id)) = info.exports.get(&sym).map(|export| export.what) {
                    if loud {
                        self.check_permitted(*module, sym, name.span);
                    }
                    return id;
                }
                if loud && !broken {
                    self.not_exported(*module, name);
                }
            }
            Source::Std(index) => {
                if let Some(id) = self.std_binding(*index, sym) {
                    return id;
                }
                if loud {
                    self.not_exported_std(*index, name);
                }
            }
            Source::Failed(..) | Source::Cycle => {}
        }
        self.fixed(sym, name.span, Place::None, Info::Broken)
    }

    fn all_exports(&mut self, source: &Source, span: Span, loud: bool) -> Vec<(Sym, BindingId, Span)> {
        match source {
            Source::File(module, _) => {
                let info = &self.mods[module.0 as usize];
                self.current.imported += info.order.len();
                if self.current.imported > MAX_IMPORTED {
                    self.report(Code::E0218, span, "imports bring too many names");
                    return Vec::new();
                }
                if info.broken && loud {
                    self.current.broken_import = true;
                }
                let path = &self.current.path;
                let mut list = Vec::with_capacity(info.order.len());
                for sym in &info.order {
                    let Some(export) = info.exports.get(sym) else { continue };
                    let listed = export.to.is_empty() || export.to.iter().any(|to| **to == **path);
                    let held = export
                        .with
                        .as_ref()
                        .is_none_or(|with| self.externs.caps.iter().any(|cap| *cap == &**with));
                    if let (Exported::Binding(id), true, true) = (export.what, listed, held) {
                        list.push((*sym, id, span));
                    }
                }
                list
            }
            Source::Std(index) => {
                let externs = self.externs.clone();
                let Some(module) = externs.modules.get(*index as usize) else { return Vec::new() };
                let mut list = Vec::with_capacity(module.exports.len());
                for (name, _) in &module.exports {
                    let sym = self.names.sym(name);
                    if let Some(id) = self.std_binding(*index, sym) {
                        list.push((sym, id, span));
                    }
                }
                list
            }
            Source::Failed(..) | Source::Cycle => {
                self.current.broken_import = true;
                Vec::new()
            }
        }
    }

    /// An export of a standard module.
    pub fn std_binding(&mut self, module: u32, sym: Sym) -> Option<BindingId> {
        if let Some(id) = self.std_bindings.get(&(module, sym)) {
            return Some(*id);
        }
        let text = self.text(sym);
        let exports = &self.externs.modules.get(module as usize)?.exports;
        let (_, export) = exports.iter().find(|(name, _)| **name == *text)?;
        let place = match export {
            StdExport::Builtin(index) => Place::Builtin(*index),
            StdExport::Float(value) => Place::Const(Const::Float(*value)),
        };
        let id = self.fixed(sym, Span::default(), place, Info::None);
        self.std_bindings.insert((module, sym), id);
        Some(id)
    }

    /// Enters the names of an import further down, which functions may use before it is reached.
    pub fn pend_use(&mut self, import: &ast::Use) {
        for (sym, id, _) in self.brought(import, false) {
            if self.own_entry(sym).is_none() {
                self.enter(sym, id, false, true);
            }
        }
    }

    /// An import where it stands.
    pub fn use_stmt(&mut self, import: &ast::Use, span: Span, out: &mut Vec<Stmt>) {
        let source = self.source_of(import);
        match &source {
            Source::Failed(code, message) => self.report(*code, import.path.span, message.as_str()),
            Source::File(module, id) => {
                self.report_module_errors(*module, import.path.span);
                self.program.substantial = true;
                out.push(stmt_at(StmtKind::Import(*id), span));
            }
            Source::Std(_) | Source::Cycle => {}
        }
        let brought = self.brought(import, true);
        let ids: Vec<BindingId> = brought.iter().map(|(_, id, _)| *id).collect();
        self.note_import(&source, &ids, out.len());
        for (sym, id, span) in brought {
            self.bring(sym, id, span);
        }
    }

    fn bring(&mut self, sym: Sym, id: BindingId, span: Span) {
        if let Some(own) = self.own_entry(sym).copied()
            && own.declared
        {
            if own.imported && !self.repl && !matches!(self.binding(id).info, Info::Broken) {
                let name = self.names.str(sym);
                if own.binding == id {
                    let message = format!("'{name}' of this module is imported already");
                    self.report_help(Code::E0608, span, message, "leave out one of the two imports");
                } else {
                    let message = format!("another import brought '{name}' already");
                    self.report_help(Code::E0608, span, message, "rename one of them: `use {a as b} from …`");
                }
            } else if !own.imported {
                self.check_again(own.binding, sym, span);
            }
        }
        self.enter(sym, id, true, true);
    }

    /// E0607, once for each file with errors.
    fn report_module_errors(&mut self, module: ModId, span: Span) {
        let Some(errors) = self.module_errors.remove(&module) else { return };
        let name = self.mods[module.0 as usize].name.clone();
        let mut diagnostic = self.diagnostic(Code::E0607, span, format!("{name} has errors"));
        for error in errors {
            let text = format!("{} {}", error.code, error.message);
            diagnostic = match error.primary() {
                Some((file, span)) => diagnostic.with_label(file, span, text),
                None => diagnostic.with_note(text),
            };
        }
        self.reports.add(diagnostic);
    }
}
