//! Modifiers of contract actions, put around their bodies (language.md 15.7).
//!
//! A modifier's block is lowered anew for each action that uses it, because it sees the parameters of the action. Where
//! `_` stands the rest of the action is lowered in place: the next modifier, or the body. The rest does not see the
//! scopes of the modifiers around it, and a modifier that is inherited from another file sees the names of that file.

use std::sync::Arc;

use zexus_bytecode::flags::FnFlags;
use zexus_syntax::{Code, Span, ast};

use super::function::builtin_modifier;
use super::{Current, Lowerer, expr_at, stmt_at};
use crate::binding::*;
use crate::captures::{Fence, Head, Signature};
use crate::ir::*;
use crate::visit::{self, Patch};

/// An action may have this many modifiers, and its body may stand at this many places (E0218).
const MAX_MODIFIERS: usize = 32;
/// A modifier counts like this many nested blocks.
const MODIFIER_NEST: u32 = 5;
const MAX_COPIES: u32 = 64;

/// An action inside its modifiers.
#[derive(Debug)]
struct Wrapped {
    body: ast::Block,
    uses: Vec<(ModifierId, ast::ModifierUse)>,
    /// Scopes from here on belong to modifiers.
    from: u32,
    current: Current,
}

/// What `_` stands for while a modifier is lowered.
#[derive(Debug)]
pub(crate) struct Rest {
    action: Arc<Wrapped>,
    next: usize,
    /// `_` means this in the action itself only, not in functions inside the modifier.
    level: usize,
    placed: bool,
    copies: u32,
}

impl Lowerer<'_> {
    /// The body of an action with its modifiers around it.
    pub fn wrapped_body(&mut self, action: &ast::Action, ty: TypeId) -> Block {
        let mut uses = Vec::new();
        for usage in &action.uses {
            if builtin_modifier(usage).is_some() {
                continue;
            }
            match self.find_modifier(ty, &usage.name.text) {
                Some(id) => {
                    self.modifiers[id.0 as usize].used = true;
                    uses.push((id, usage.clone()));
                }
                None if matches!(&*usage.name.text, "reentrant" | "nonReentrant" | "non_reentrant") => {}
                None => self.unknown_modifier(ty, &usage.name),
            }
        }
        if uses.len() > MAX_MODIFIERS {
            self.report(Code::E0218, action.name.span, "too many modifiers");
            uses.clear();
        }
        if uses.is_empty() {
            return self.block(&action.body, true);
        }
        let from = self.depth() + 1;
        let body = action.body.clone();
        let wrapped = Arc::new(Wrapped { body, uses, from, current: self.current.clone() });
        let mut block = Block { span: action.body.span, ..Block::default() };
        self.flush_unsealed(&mut block.stmts);
        self.lower_rest(&wrapped, 0, 0, &mut block.stmts);
        block
    }

    fn find_modifier(&self, ty: TypeId, name: &str) -> Option<ModifierId> {
        let sym = self.names.find(name)?;
        let mut next = Some(ty);
        while let Some(ty) = next {
            let info = self.type_info(ty);
            if let Some(id) = info.modifiers.get(&sym) {
                return Some(*id);
            }
            next = info.parent;
        }
        let found = self.declared_as(sym, |info| matches!(info, Info::Modifier(_)))?;
        match self.binding(found).info {
            Info::Modifier(id) => Some(id),
            _ => None,
        }
    }

    fn unknown_modifier(&mut self, ty: TypeId, name: &ast::Name) {
        let mut next = Some(ty);
        while let Some(ty) = next {
            let info = self.type_info(ty);
            if info.broken {
                return;
            }
            next = info.parent;
        }
        if !name.text.is_empty() && !self.is_excused(&name.text) {
            self.report(Code::E0301, name.span, format!("Identifier '{}' not found", name.text));
        }
    }

    /// The action from modifier `next` on. Gives the number of places where the body stands.
    fn lower_rest(&mut self, action: &Arc<Wrapped>, next: usize, copies: u32, out: &mut Vec<Stmt>) -> u32 {
        if copies >= MAX_COPIES {
            self.report(Code::E0218, action.body.span, "the modifiers repeat this body too often");
            return copies;
        }
        let Some((id, usage)) = action.uses.get(next) else {
            let body = self.block(&action.body, true);
            let span = body.span;
            out.push(stmt_at(StmtKind::Body(Box::new(body)), span));
            return copies + 1;
        };
        let info = self.modifiers[id.0 as usize].clone();
        let args = self.args(&usage.args);
        let foreign = info.module != self.current.id;
        let outer_current = if foreign {
            self.contexts
                .get(&info.module)
                .cloned()
                .map(|context| std::mem::replace(&mut self.current, context))
        } else {
            None
        };
        let outer_foreign = self.foreign;
        if foreign {
            self.foreign = Some((action.from.saturating_sub(1), info.module));
        }
        let span = usage.span;
        self.open();
        let mut stmts = Vec::new();
        self.bind_modifier_params(&info.decl, args, span, &mut stmts);
        let rest =
            Rest { action: action.clone(), next: next + 1, level: self.fns.len(), placed: false, copies };
        let outer_rest = self.rest.replace(rest);
        let outer_fence = std::mem::replace(&mut self.fun().fence, Fence::Modifier);
        let outer_loops = std::mem::take(&mut self.fun().loops);
        self.nest += MODIFIER_NEST;
        let mut block = self.block(&info.decl.body, false);
        self.fun().fence = outer_fence;
        self.fun().loops = outer_loops;
        self.nest -= MODIFIER_NEST;
        let rest = std::mem::replace(&mut self.rest, outer_rest);
        let closed = self.close();
        self.foreign = outer_foreign;
        if let Some(current) = outer_current {
            // Places in another file would be read as places in this one.
            visit::block(&mut block, &mut SetSpans(span));
            self.current = current;
        }
        stmts.push(stmt_at(StmtKind::Block(Box::new(block)), span));
        let (placed, mut copies) = rest.map_or((true, copies), |rest| (rest.placed, rest.copies));
        if !placed {
            copies = self.lower_rest(action, next + 1, copies, &mut stmts);
        }
        let block = Block { early: closed.early, stmts, span, ..Block::default() };
        out.push(stmt_at(StmtKind::Block(Box::new(block)), span));
        copies
    }

    /// Binds the arguments. What is not plain goes through a literal with the parameters of the modifier.
    fn bind_modifier_params(
        &mut self,
        decl: &ast::ModifierDecl,
        args: Args,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        if decl.params.is_empty() && args.list.is_empty() {
            return;
        }
        let simple = args.plain
            && args.list.len() == decl.params.len()
            && decl.params.iter().all(|param| param.ty.is_none() && !param.rest);
        if simple {
            for (param, arg) in decl.params.iter().zip(args.list) {
                let Arg::Value(value) = arg else { continue };
                let bind = self.declare_bind(&param.name, Kind::Let);
                out.push(stmt_at(StmtKind::Let { bind, ty: None, value: Some(value) }, span));
            }
        } else {
            let name = self.word(&decl.name);
            self.begin_function(Head { name, role: Role::Literal, flags: FnFlags::default(), span }, None);
            let params = self.params(&decl.params);
            let values = params
                .iter()
                .map(|param| {
                    let (Bind::Local(slot) | Bind::NewCell(slot) | Bind::EarlyCell(slot)) = param.bind else {
                        return expr_at(super::names::null(), span);
                    };
                    expr_at(ExprKind::Var(Var::Local(slot)), span)
                })
                .collect();
            let list = expr_at(ExprKind::List(values), span);
            let body = Block { stmts: vec![stmt_at(StmtKind::Expr(list), span)], span, ..Block::default() };
            let function = self.end_function(Signature { params, ..Signature::default() }, body);
            let callee = Box::new(expr_at(ExprKind::Function(function), span));
            let value = expr_at(ExprKind::Call { callee, args }, span);
            let items = decl.params.iter().map(|param| self.declare_bind(&param.name, Kind::Let)).collect();
            let shape = Shape::List { items, rest: None };
            out.push(stmt_at(StmtKind::Destructure(Box::new(Destructure { shape, value, span })), span));
        }
        self.flush_unsealed(out);
    }

    /// The statement `_`: the rest of the action, if a modifier is being lowered.
    pub fn rest_of_action(&mut self, out: &mut Vec<Stmt>) -> bool {
        if self.rest.as_ref().is_none_or(|rest| rest.level != self.fns.len()) {
            return false;
        }
        let Some(mut rest) = self.rest.take() else { return false };
        rest.placed = true;
        let outer_current = std::mem::replace(&mut self.current, rest.action.current.clone());
        let outer_foreign = self.foreign.take();
        let outer_hidden = self.hidden.replace((rest.action.from, self.depth() + 1));
        let outer_fence = std::mem::replace(&mut self.fun().fence, Fence::None);
        let outer_loops = std::mem::take(&mut self.fun().loops);
        rest.copies = self.lower_rest(&rest.action.clone(), rest.next, rest.copies, out);
        self.fun().fence = outer_fence;
        self.fun().loops = outer_loops;
        self.hidden = outer_hidden;
        self.foreign = outer_foreign;
        self.current = outer_current;
        self.rest = Some(rest);
        true
    }

    /// Errors in modifiers that no action uses. Names may be parameters of an action, so nothing is said about them.
    pub fn check_unused_modifiers(&mut self, ty: TypeId) {
        let mut unused: Vec<ModifierId> = self.type_info(ty).modifiers.values().copied().collect();
        unused.retain(|id| !self.modifiers[id.0 as usize].used);
        unused.sort_unstable();
        for id in unused {
            let decl = self.modifiers[id.0 as usize].decl.clone();
            let name = self.word(&decl.name);
            let flags = FnFlags::METHOD;
            let head = Head { name, role: Role::Method, flags, span: decl.name.span };
            self.begin_function(head, Some((ty, u32::MAX)));
            let outer = std::mem::replace(&mut self.reports.mute_names, true);
            let params = self.params(&decl.params);
            self.fun().fence = Fence::Modifier;
            let body = self.block(&decl.body, false);
            self.reports.mute_names = outer;
            self.end_function(Signature { params, ..Signature::default() }, body);
        }
    }
}

/// Gives everything but the rest of the action one place.
struct SetSpans(Span);

impl Patch for SetSpans {
    fn span(&mut self, span: &mut Span) {
        *span = self.0;
    }

    fn enters_body(&self) -> bool {
        false
    }
}
