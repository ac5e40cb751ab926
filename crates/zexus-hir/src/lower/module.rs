//! `module M { }` and `package a.b { }` (language.md 12.5).

use zexus_syntax::{Span, ast};

use super::{Lowerer, stmt_at};
use crate::binding::*;
use crate::ir::*;

impl Lowerer<'_> {
    fn new_mod(&mut self, name: Name) -> ModId {
        let id = ModId(u32::try_from(self.mods.len()).unwrap_or(u32::MAX));
        self.mods.push(ModInfo::new(name));
        id
    }

    /// Enters the name of a module that the block makes further down.
    pub fn pend_module(&mut self, name: &ast::Name) {
        self.pend(name, Kind::Fixed);
    }

    pub fn module_stmt(&mut self, module: &ast::ModuleDecl, span: Span, out: &mut Vec<Stmt>) {
        let name: Name = self.word(&module.name);
        let id = self.new_mod(name.clone());
        let (body, exports) = self.module_body(&module.body, id, &name);
        self.mods[id.0 as usize].closed = true;
        let binding = self.declare(&module.name, Kind::Fixed);
        if !matches!(self.binding(binding).info, Info::Broken) {
            self.binding_mut(binding).info = Info::Mod(id);
        }
        let bind = self.bind(binding);
        out.push(stmt_at(
            StmtKind::DefineModule(Box::new(DefineModule { bind, path: vec![name], body, exports })),
            span,
        ));
        self.note_module(binding, id, out.len());
    }

    pub fn package_stmt(&mut self, package: &ast::PackageDecl, span: Span, out: &mut Vec<Stmt>) {
        let path: Vec<Name> = package.path.iter().map(|name| self.word(name)).collect();
        let Some((first, rest)) = package.path.split_first() else { return };
        let joined = path.join(".");
        let full = match &self.current.package {
            Some(outer) => format!("{outer}.{joined}"),
            None => joined,
        };
        let outer = self.current.package.replace(full.as_str().into());
        let leaf = self.new_mod(full.as_str().into());
        let (body, exports) = self.module_body(&package.body, leaf, &full);
        self.current.package = outer;

        // An earlier package of the same name in this scope is extended.
        let sym = self.names.sym(&first.text);
        let before = self.own_entry(sym).filter(|own| own.declared).map(|own| own.binding);
        let known = before.and_then(|id| match self.binding(id).info {
            Info::Mod(module) if !self.mods[module.0 as usize].closed => Some((id, module)),
            _ => None,
        });
        let (binding, root) = match known {
            Some((binding, root)) => {
                // It is bound again here, which must not be a new variable.
                self.binding_mut(binding).assigned = true;
                self.binding_mut(binding).early = true;
                (binding, root)
            }
            None => {
                let binding = self.declare(first, Kind::Fixed);
                let root = self.new_mod(path.first().cloned().unwrap_or_else(|| "".into()));
                if !matches!(self.binding(binding).info, Info::Broken) {
                    self.binding_mut(binding).info = Info::Mod(root);
                }
                (binding, root)
            }
        };
        self.merge_package(root, rest, leaf);
        let bind = self.bind(binding);
        out.push(stmt_at(StmtKind::DefineModule(Box::new(DefineModule { bind, path, body, exports })), span));
        self.note_module(binding, leaf, out.len());
    }

    /// E0602 for members of packages that no part of the package has added.
    pub fn check_awaited(&mut self) {
        for (module, name) in std::mem::take(&mut self.awaited) {
            let sym = self.names.sym(&name.text);
            if !self.mods[module.0 as usize].exports.contains_key(&sym) {
                self.not_exported(module, &name);
            }
        }
    }

    /// Adds what `leaf` shows to the package below `root`.
    fn merge_package(&mut self, root: ModId, rest: &[ast::Name], leaf: ModId) {
        let mut at = root;
        for name in rest {
            let sym = self.names.sym(&name.text);
            let inner = match self.mods[at.0 as usize].exports.get(&sym).map(|export| export.what) {
                Some(Exported::Mod(inner)) => inner,
                _ => {
                    let shown = format!("{}.{}", self.mods[at.0 as usize].name, name.text);
                    let inner = self.new_mod(shown.into());
                    let info = &mut self.mods[at.0 as usize];
                    let export = ExportInfo { what: Exported::Mod(inner), to: Vec::new(), with: None };
                    if info.exports.insert(sym, export).is_none() {
                        info.order.push(sym);
                    }
                    inner
                }
            };
            at = inner;
        }
        let shown = self.mods[leaf.0 as usize].clone();
        let info = &mut self.mods[at.0 as usize];
        for sym in shown.order {
            if let Some(export) = shown.exports.get(&sym)
                && info.exports.insert(sym, export.clone()).is_none()
            {
                info.order.push(sym);
            }
        }
    }

    /// The block of a module: its variables are globals.
    fn module_body(&mut self, body: &ast::Block, id: ModId, name: &str) -> (Block, Vec<Export>) {
        let state = self.scopes.last().and_then(|scope| scope.state.clone());
        self.open();
        if let Some(scope) = self.scopes.last_mut() {
            scope.globals = true;
            scope.state = state.map(|prefix| format!("{prefix}{name}:").into());
        }
        self.begin_exports(id);
        let mut block = self.stmts(&body.stmts, body.span, false);
        let exports = self.end_exports(true);
        block.early = self.close().early;
        (block, exports)
    }
}
