//! Statements (language.md chapter 8).

use zexus_hir::ir::{Block, Destructure, Expr, Shape, Span, Stmt, StmtKind, TypeRef};
use zexus_runtime::driver::here;
use zexus_runtime::{Trap, Value, events, shapes, state};

use crate::control::Flow;
use crate::eval::Eval;

impl<'p> Eval<'p> {
    /// Runs a block; its value is in [`Eval::value`].
    #[inline]
    pub fn block(&mut self, block: &'p Block) -> Result<Flow, Trap> {
        if !block.early.is_empty() || !block.hoisted.is_empty() || block.watches {
            return self.full_block(block);
        }
        self.stmts(&block.stmts)
    }

    #[inline(never)]
    fn full_block(&mut self, block: &'p Block) -> Result<Flow, Trap> {
        self.early(&block.early)?;
        self.hoist(&block.hoisted)?;
        if !block.watches {
            return self.stmts(&block.stmts);
        }
        let before = self.watches.len();
        let flow = self.stmts(&block.stmts);
        let ended = self.watches.split_off(before);
        events::drop_watches(&mut self.m, &ended);
        flow
    }

    #[inline]
    fn stmts(&mut self, stmts: &'p [Stmt]) -> Result<Flow, Trap> {
        if stmts.is_empty() {
            self.value = Value::NULL;
        }
        for stmt in stmts {
            if let Err(trap) = self.safe_point() {
                return Err(self.at(trap, stmt.span));
            }
            let height = self.height();
            match self.stmt(stmt) {
                Ok(Flow::Normal) => (),
                Ok(flow) => return Ok(flow),
                Err(trap) => {
                    if trap == Trap::MemoryLimit && self.m.pending.is_none() {
                        // It was reached where values are collected, which is at no place of its own.
                        self.at(trap, stmt.span);
                    }
                    return self.left(trap, height);
                }
            }
        }
        Ok(Flow::Normal)
    }

    /// The end of a statement that was left by a trap, or by a `return`, `break` or `continue` in an arm of a `match`.
    #[cold]
    pub fn left(&mut self, trap: Trap, height: usize) -> Result<Flow, Trap> {
        match self.leaving.take() {
            Some(flow) if trap == Trap::Cancelled => {
                self.cut(height);
                Ok(flow)
            }
            _ => Err(trap),
        }
    }

    /// Runs a statement.
    #[inline]
    pub fn stmt(&mut self, stmt: &'p Stmt) -> Result<Flow, Trap> {
        match &stmt.kind {
            StmtKind::Expr(e) => {
                self.value = self.expr(e)?;
                Ok(Flow::Normal)
            }
            StmtKind::Assign(assign) => {
                self.assign(assign)?;
                self.null()
            }
            StmtKind::Let { bind, ty: None, value: Some(e) } => {
                let v = self.expr(e)?;
                self.bind(*bind, v)?;
                self.null()
            }
            StmtKind::If { branches, otherwise } => self.branch(branches, otherwise.as_deref()),
            StmtKind::Return(value) => {
                self.value = match value {
                    Some(e) => self.expr(e)?,
                    None => Value::NULL,
                };
                Ok(Flow::Return)
            }
            _ => self.other_stmt(stmt),
        }
    }

    /// The end of a statement without a value.
    #[inline]
    pub fn null(&mut self) -> Result<Flow, Trap> {
        self.value = Value::NULL;
        Ok(Flow::Normal)
    }

    fn branch(&mut self, branches: &'p [(Expr, Block)], otherwise: Option<&'p Block>) -> Result<Flow, Trap> {
        for (condition, block) in branches {
            if self.condition(condition)? {
                return self.block(block);
            }
        }
        match otherwise {
            Some(block) => self.block(block),
            None => self.null(),
        }
    }

    #[inline(never)]
    fn other_stmt(&mut self, stmt: &'p Stmt) -> Result<Flow, Trap> {
        if here() < self.seat.low {
            return self.grow(|me| me.other_stmt(stmt));
        }
        match &stmt.kind {
            StmtKind::While { condition, body } => self.while_loop(condition, body),
            StmtKind::ForEach(each) => self.for_each(each),
            StmtKind::ForC(parts) => self.for_c(parts),
            StmtKind::Break => Ok(Flow::Break),
            StmtKind::Continue => Ok(Flow::Continue),
            StmtKind::Let { bind, ty, value } => {
                let v = self.initial(ty.as_deref(), value.as_ref(), stmt.span)?;
                self.bind(*bind, v)?;
                self.null()
            }
            StmtKind::Block(block) => self.block(block),
            StmtKind::Throw(e) => {
                let v = self.expr(e)?;
                let trap = self.m.throw(v);
                Err(self.at(trap, stmt.span))
            }
            StmtKind::Try(parts) => self.try_stmt(parts),
            _ => self.rare_stmt(stmt),
        }
    }

    #[inline(never)]
    fn rare_stmt(&mut self, stmt: &'p Stmt) -> Result<Flow, Trap> {
        match &stmt.kind {
            StmtKind::InitState { state, value } => {
                self.init_state(*state, value.as_ref(), stmt.span)?;
                self.null()
            }
            StmtKind::Destructure(parts) => {
                self.destructure(parts)?;
                self.null()
            }
            StmtKind::Revert(reason) => self.revert(reason.as_ref(), stmt.span),
            StmtKind::Check(c) => {
                self.check(c.verify, &c.condition, c.message.as_ref(), c.block.as_ref(), stmt.span)
            }
            StmtKind::Tx(block) => self.tx(block, stmt.span),
            StmtKind::Atomic(block) => self.atomic(block),
            StmtKind::Defer(body) => {
                self.defer(*body)?;
                self.null()
            }
            StmtKind::Exactly { id, body } => {
                if self.shared.reached.borrow_mut().insert(*id) {
                    match self.block(body)? {
                        Flow::Normal => (),
                        flow => return Ok(flow),
                    }
                }
                self.null()
            }
            StmtKind::Using(u) => self.using(u.bind, &u.early, &u.value, &u.body, stmt.span),
            StmtKind::Watch { value, body, watched } => {
                self.watch(*value, *body, watched, stmt.span)?;
                self.null()
            }
            StmtKind::Watched { stmt: inner, changed } => self.watched(inner, changed, stmt.span),
            StmtKind::Stream { event, handler } => {
                self.stream(event, *handler)?;
                self.null()
            }
            StmtKind::Emit(emit) => {
                self.emit(emit, stmt.span)?;
                self.null()
            }
            StmtKind::Declare(decl) => {
                self.declare(decl)?;
                self.null()
            }
            StmtKind::DefineModule(d) => self.define_module(d.bind, &d.path, &d.body, &d.exports),
            StmtKind::Import(module) => {
                self.import(*module, stmt.span)?;
                self.null()
            }
            StmtKind::Pattern(m) => self.pattern_stmt(m, stmt.span),
            StmtKind::Body(block) => {
                self.block(block)?;
                let place = self.base + self.func.slots as usize;
                if let Some(result) = self.m.stack.get_mut(place) {
                    *result = self.value;
                }
                Ok(Flow::Normal)
            }
            _ => self.null(),
        }
    }

    /// The checked initial value of a variable.
    fn initial(
        &mut self,
        ty: Option<&'p TypeRef>,
        value: Option<&'p Expr>,
        span: Span,
    ) -> Result<Value, Trap> {
        let Some(e) = value else { return Ok(Value::NULL) };
        let v = self.expr(e)?;
        if let Some(ty) = ty {
            self.check_assignable(v, ty, span)?;
        }
        Ok(v)
    }

    fn destructure(&mut self, parts: &'p Destructure) -> Result<(), Trap> {
        let v = self.expr(&parts.value)?;
        let v = self.plain_container(v).map_err(|t| self.at(t, parts.span))?;
        let height = self.height();
        self.push(v);
        let parts_span = parts.span;
        match &parts.shape {
            Shape::List { items, rest } => {
                let parts = shapes::list_parts(&mut self.m, v, items.len(), rest.is_some());
                let parts = parts.map_err(|t| self.at(t, parts_span))?;
                self.m.stack.extend_from_slice(&parts);
                for (bind, part) in items.iter().chain(rest).zip(parts) {
                    self.bind(*bind, part)?;
                }
            }
            Shape::Map(items) => {
                for (name, bind) in items {
                    let item = shapes::entry(self, v, name).map_err(|t| self.at_call(t, parts_span))?;
                    self.bind(*bind, item)?;
                }
            }
        }
        self.cut(height);
        Ok(())
    }

    /// A list or map of the state as an ordinary one; anything else as it is.
    pub fn plain_container(&mut self, v: Value) -> Result<Value, Trap> {
        state::plain(&mut self.m, v)
    }
}
