//! Blocks: what they declare, and their statements in order (language.md 6.4, 8.4).

use zexus_syntax::{Code, Span, ast};

use super::function::has_modifier;
use super::tails::{diverges, effect_free};
use super::{Lowerer, expr_at, stmt_at};
use crate::binding::*;
use crate::ir::*;
use crate::names::Sym;

/// Modifiers can nest blocks deeper than the text does; beyond this it is E0218.
const MAX_NEST: u32 = 300;

impl Lowerer<'_> {
    /// A block with a scope of its own. `used`: whether the value of its last statement is.
    pub fn block(&mut self, block: &ast::Block, used: bool) -> Block {
        if self.nest >= MAX_NEST {
            self.report(Code::E0218, block.span, "nested too deeply");
            return Block::default();
        }
        self.nest += 1;
        self.open();
        let mut lowered = self.stmts(&block.stmts, block.span, used);
        lowered.early = self.close().early;
        self.nest -= 1;
        lowered
    }

    /// Statements in the scope that is open. The caller adds the early cells when it closes the scope.
    pub fn stmts(&mut self, stmts: &[ast::Stmt], span: Span, used: bool) -> Block {
        let mut block = self.begin_stmts(stmts, span);
        let mut ended = false;
        for (index, stmt) in stmts.iter().enumerate() {
            let last = index + 1 == stmts.len();
            self.next_stmt(stmt, used && last, &mut ended, &mut block);
        }
        self.place_late_types(&mut block);
        block
    }

    /// The statements of a top level. The tree of each is dropped as soon as it is lowered: while it is in the processor's cache
    /// that costs little, and its memory is at once used again.
    pub fn top_stmts(&mut self, stmts: Vec<ast::Stmt>, span: Span) -> Block {
        let mut block = self.begin_stmts(&stmts, span);
        let mut ended = false;
        let mut rest = stmts.into_iter();
        while let Some(stmt) = rest.next() {
            let last = rest.as_slice().is_empty();
            self.next_stmt(&stmt, last, &mut ended, &mut block);
        }
        self.place_late_types(&mut block);
        block
    }

    fn begin_stmts(&mut self, stmts: &[ast::Stmt], span: Span) -> Block {
        let mut block = Block { span, ..Block::default() };
        self.program.substantial |= stmts.len() > 10;
        block.stmts.reserve(stmts.len());
        self.flush_unsealed(&mut block.stmts);
        self.hoist(stmts);
        block
    }

    fn next_stmt(&mut self, stmt: &ast::Stmt, used: bool, ended: &mut bool, block: &mut Block) {
        if *ended && !is_declaration(stmt) {
            self.report(Code::W0906, stmt.span, "this statement can never be reached");
            *ended = false;
        }
        *ended |= diverges(stmt);
        self.stmt_in_block(stmt, used, block);
    }

    fn stmt_in_block(&mut self, stmt: &ast::Stmt, used: bool, block: &mut Block) {
        if let ast::StmtKind::Expr(e) = &stmt.kind
            && !used
            && effect_free(e)
        {
            self.report(Code::W0902, stmt.span, "the value of this expression is not used");
        }
        // The scope of the entries of the REPL lasts, and so do its watches.
        if matches!(stmt.kind, ast::StmtKind::Watch { .. }) && !(self.repl && self.depth() == 0) {
            block.watches = true;
        }
        let start = block.stmts.len();
        let outer = std::mem::take(&mut self.changed);
        if is_declaration(stmt) {
            self.declaration(stmt, block);
        } else {
            self.stmt(stmt, used, &mut block.stmts);
        }
        let changed = std::mem::replace(&mut self.changed, outer);
        if !changed.is_empty()
            && block.stmts.len() > start
            && let Some(last) = block.stmts.pop()
        {
            let changed = self.watched(&changed);
            let span = last.span;
            block.stmts.push(stmt_at(StmtKind::Watched { stmt: Box::new(last), changed }, span));
        }
        self.flush_unsealed(&mut block.stmts);
    }

    /// Hidden flags of variables that were just declared.
    pub fn flush_unsealed(&mut self, out: &mut Vec<Stmt>) {
        for id in std::mem::take(&mut self.unsealed) {
            let span = self.binding(id).span;
            let value = Some(expr_at(ExprKind::Const(Const::Bool(false)), span));
            out.push(stmt_at(StmtKind::Let { bind: self.bind(id), ty: None, value }, span));
        }
    }

    /// Enters everything that the statements of a block declare.
    fn hoist(&mut self, stmts: &[ast::Stmt]) {
        let mut types = false;
        for stmt in stmts {
            types |= self.hoist_stmt(exported(stmt));
        }
        for stmt in stmts {
            self.pend_stmt(exported(stmt));
        }
        if types {
            if let Some(scope) = self.scopes.last_mut() {
                scope.late.wanted = true;
            }
            for stmt in stmts {
                self.connect_stmt(exported(stmt));
            }
            for stmt in stmts {
                match &exported(stmt).kind {
                    ast::StmtKind::Data(decl) => self.check_ancestors(decl.span, decl.name.span),
                    ast::StmtKind::Contract(decl) => self.check_ancestors(decl.span, decl.name.span),
                    _ => {}
                }
            }
        }
    }

    /// Enters a hoisted declaration. Whether it needs [`Lowerer::connect_stmt`].
    fn hoist_stmt(&mut self, stmt: &ast::Stmt) -> bool {
        match &stmt.kind {
            ast::StmtKind::Action(action) => {
                let private = has_modifier(action, ast::FnModifierKind::Private);
                let sealed = has_modifier(action, ast::FnModifierKind::Sealed);
                self.hoist_name(&action.name, Info::Action { private, sealed }, true);
            }
            ast::StmtKind::External(external) => {
                self.hoist_name(&external.name, Info::None, true);
            }
            ast::StmtKind::Enum(decl) => {
                let info = self.enum_info(decl);
                self.hoist_name(&decl.name, info, true);
            }
            ast::StmtKind::TypeAlias(alias) => {
                let id = AliasId(u32::try_from(self.aliases.len()).unwrap_or(u32::MAX));
                let ty = std::sync::Arc::new(alias.ty.clone());
                let depth = self.depth();
                self.aliases.push(AliasInfo { ty, depth, state: AliasState::Unresolved });
                self.hoist_name(&alias.name, Info::Alias(id), false);
            }
            ast::StmtKind::Data(decl) => {
                let id = self.data_info(decl);
                self.hoist_name(&decl.name, Info::Type(id), true);
                return true;
            }
            ast::StmtKind::Protocol(decl) => {
                let id = self.protocol_info(decl);
                self.hoist_name(&decl.name, Info::Type(id), true);
            }
            ast::StmtKind::Contract(decl) => {
                let id = self.contract_info(decl);
                self.hoist_name(&decl.name, Info::Type(id), true);
                return true;
            }
            ast::StmtKind::Modifier(decl) => {
                let id = self.modifier_info(decl);
                self.hoist_name(&decl.name, Info::Modifier(id), false);
            }
            ast::StmtKind::Event(decl) => {
                let id = EventId(u32::try_from(self.events.len()).unwrap_or(u32::MAX));
                self.events.push(EventInfo::default());
                self.hoist_name(&decl.name, Info::Event(id), false);
                return true;
            }
            _ => {}
        }
        false
    }

    /// Enters one hoisted name; later ones of the same name in the block replace its value when they are reached.
    fn hoist_name(&mut self, name: &ast::Name, info: Info, value: bool) {
        if name.text.is_empty() {
            return;
        }
        let sym = self.names.sym(&name.text);
        if let Some(id) = self.scopes.last().and_then(|scope| scope.hoisted.get(&sym)).copied() {
            let binding = self.binding_mut(id);
            binding.assigned = true;
            binding.early = true;
            if !matches!(binding.info, Info::Action { .. }) {
                binding.info = Info::None;
            }
            return;
        }
        let before = self.own_entry(sym).map(|own| (own.binding, own.declared));
        let id = match before {
            // Only in the REPL: something of an earlier entry, or a name that was used before.
            Some((id, declared)) if value && (!declared || self.binding(id).kind == Kind::Fixed) => {
                let file = self.current.file;
                let binding = self.binding_mut(id);
                let reusable = matches!(binding.place, Place::Global(_));
                if reusable {
                    (binding.info, binding.span, binding.file, binding.kind) =
                        (info, name.span, file, Kind::Fixed);
                    if let Place::Global(global) = binding.place {
                        self.know_global(global);
                    }
                    id
                } else {
                    self.new_hoisted(sym, name.span, info, value)
                }
            }
            Some((id, _)) => {
                self.check_again(id, sym, name.span);
                self.new_hoisted(sym, name.span, info, value)
            }
            None => self.new_hoisted(sym, name.span, info, value),
        };
        self.enter(sym, id, true, false);
        if let Some(scope) = self.scopes.last_mut() {
            scope.hoisted.insert(sym, id);
        }
    }

    fn new_hoisted(&mut self, sym: Sym, span: Span, info: Info, value: bool) -> BindingId {
        if !value {
            return self.fixed(sym, span, Place::None, info);
        }
        let id = self.variable(sym, span, Kind::Fixed);
        self.binding_mut(id).info = info;
        id
    }

    /// Enters the variables that a statement will declare when it is reached.
    fn pend_stmt(&mut self, stmt: &ast::Stmt) {
        match &stmt.kind {
            ast::StmtKind::Let(l) => {
                let kind = if l.kind == ast::LetKind::Let { Kind::Let } else { Kind::Const };
                for binding in &l.bindings {
                    match &binding.target {
                        ast::BindingTarget::Name(name) => self.pend(name, kind),
                        ast::BindingTarget::List { names, rest, .. } => {
                            names.iter().chain(rest).for_each(|name| self.pend(name, kind));
                        }
                        ast::BindingTarget::Map { names, .. } => {
                            names.iter().for_each(|(_, name)| self.pend(name, kind));
                        }
                    }
                }
            }
            ast::StmtKind::State(state) => self.pend_state(state),
            ast::StmtKind::Inject(inject) => self.pend(&inject.name, Kind::Fixed),
            ast::StmtKind::Capability { name, .. } => self.pend(name, Kind::Const),
            ast::StmtKind::Channel(channel) => self.pend(&channel.name, Kind::Let),
            ast::StmtKind::Module(module) => self.pend_module(&module.name),
            ast::StmtKind::Package(package) => {
                if let Some(name) = package.path.first() {
                    self.pend_module(name);
                }
            }
            ast::StmtKind::Use(import) => self.pend_use(import),
            _ => {}
        }
    }
}

/// The statement that is exported, or the statement itself.
pub(crate) fn exported(stmt: &ast::Stmt) -> &ast::Stmt {
    match &stmt.kind {
        ast::StmtKind::Export(export) => match &export.item {
            ast::ExportItem::Decl(inner) => inner,
            ast::ExportItem::Names(_) => stmt,
        },
        _ => stmt,
    }
}

/// Whether a statement is a hoisted declaration, exported or not.
pub(crate) fn is_declaration(stmt: &ast::Stmt) -> bool {
    use ast::StmtKind as S;
    matches!(
        exported(stmt).kind,
        S::Action(_)
            | S::Data(_)
            | S::Enum(_)
            | S::Protocol(_)
            | S::Contract(_)
            | S::Modifier(_)
            | S::Event(_)
            | S::TypeAlias(_)
            | S::External(_)
    )
}
