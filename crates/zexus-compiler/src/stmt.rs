//! Statements and blocks (bytecode.md 7.2).

use zexus_bytecode::{Label, Opcode, Support};
use zexus_hir::ir::{
    Block, Check, Const, Destructure, Expr, ExprKind, Shape, StateId, StateKind, Stmt, StmtKind,
};

use crate::function::{FnCompiler, shown};
use crate::leave::{Cleanup, Frame};
use crate::names::Special;
use crate::unit::MAX_DEPTH;
use crate::want::Want;

impl<'p> FnCompiler<'_, 'p> {
    /// A block.
    pub fn block(&mut self, block: &'p Block, want: Want) {
        if self.unit.failed() {
            return;
        }
        self.unit.depth += 1;
        if self.unit.depth > MAX_DEPTH {
            self.unit.fail("blocks and expressions are nested too deep");
        } else {
            self.block_head(block);
            if block.watches {
                self.watching_block(block, want);
            } else {
                self.stmts(&block.stmts, want);
            }
        }
        self.unit.depth -= 1;
    }

    /// What happens where a block is entered.
    pub fn block_head(&mut self, block: &'p Block) {
        self.early(&block.early);
        self.hoist(&block.hoisted);
    }

    fn watching_block(&mut self, block: &'p Block, want: Want) {
        let builtins = self.unit.builtins;
        let want = want.inside(|| builtins.yields_block(block));
        let list = self.temp();
        self.emit(Opcode::BuildList, 0);
        self.store_temp(list);
        let outer = self.watches.replace(list);
        self.protected(Cleanup::Watches(list), want, |me, want| me.stmts(&block.stmts, want));
        self.watches = outer;
        self.free(1);
    }

    fn stmts(&mut self, stmts: &'p [Stmt], want: Want) {
        let Some((last, rest)) = stmts.split_last() else {
            return self.null(want);
        };
        for stmt in rest {
            self.stmt(stmt, Want::Nothing);
        }
        self.stmt(last, want);
        if self.b.pc() as usize > zexus_bytecode::limits::FUNCTION_INSTRUCTIONS {
            self.unit.count(self.b.pc() as usize);
        }
    }

    /// The value null.
    pub fn null(&mut self, want: Want) {
        if want == Want::Value {
            self.load_literal(&Const::Null);
        }
    }

    /// A statement.
    pub fn stmt(&mut self, stmt: &'p Stmt, want: Want) {
        // Instructions that raise nothing name no place themselves; for traces they are where their statement is.
        self.at(stmt.span);
        let height = self.height;
        match &stmt.kind {
            StmtKind::Expr(e) => return self.expr_stmt(e, want),
            StmtKind::If { branches, otherwise } => {
                return self.branches(branches, otherwise.as_deref(), want);
            }
            StmtKind::Try(parts) => return self.try_stmt(parts, want),
            StmtKind::Block(block) => return self.block(block, want),
            StmtKind::Tx(block) => {
                self.at(stmt.span);
                self.emit(Opcode::TxBegin, ());
                return self.inside(Cleanup::Commit, block, want);
            }
            StmtKind::Atomic(block) => {
                self.support_and_pop(Support::AtomicEnter, 0);
                return self.inside(Cleanup::Atomic, block, want);
            }
            StmtKind::Using(u) => {
                self.expr(&u.value);
                let resource = self.temp();
                self.emit(Opcode::Dup, ());
                self.store_temp(resource);
                self.early(&u.early);
                self.bind(u.bind);
                self.inside(Cleanup::Close(resource, stmt.span), &u.body, want);
                return self.free(1);
            }
            StmtKind::Pattern(m) => return self.matches(m, stmt.span, want),
            StmtKind::Body(block) => return self.action_body(block, want),
            StmtKind::Watched { stmt: inner, changed } => {
                let builtins = self.unit.builtins;
                let want = want.inside(|| builtins.yields(inner));
                self.frames.push(Frame::Watched(changed, stmt.span));
                self.stmt(inner, want);
                self.frames.pop();
                return self.notify(changed, stmt.span);
            }
            StmtKind::Return(value) => self.return_stmt(value.as_ref()),
            StmtKind::Break => self.leave_loop(false),
            StmtKind::Continue => self.leave_loop(true),
            StmtKind::Throw(e) => {
                self.expr(e);
                self.at(stmt.span);
                self.emit(Opcode::Throw, ());
            }
            StmtKind::Revert(reason) => {
                self.value_or_null(reason.as_ref());
                self.at(stmt.span);
                self.emit(Opcode::Revert, ());
            }
            _ => self.plain_stmt(stmt),
        }
        if FnCompiler::diverges(&stmt.kind) {
            self.height = height + want.count();
        } else {
            self.null(want);
        }
    }

    /// A statement without a value.
    fn plain_stmt(&mut self, stmt: &'p Stmt) {
        match &stmt.kind {
            StmtKind::Let { bind, ty, value } => {
                self.value_or_null(value.as_ref());
                if let (Some(ty), Some(_)) = (ty, value) {
                    self.at(stmt.span);
                    self.check_assignable(ty);
                }
                self.bind(*bind);
            }
            StmtKind::InitState { state, value } => self.init_state(*state, value.as_ref(), stmt),
            StmtKind::Destructure(parts) => self.destructure(parts),
            StmtKind::Assign(assign) => self.assign(assign),
            StmtKind::While { condition, body } => self.while_loop(condition, body),
            StmtKind::ForEach(each) => self.for_each(each),
            StmtKind::ForC(parts) => self.for_c(parts),
            StmtKind::Check(check) => self.check(check, stmt),
            StmtKind::Defer(id) => self.defer(*id),
            StmtKind::Exactly { id, body } => {
                let next = self.unit.exactly.len() as u32;
                let id = *self.unit.exactly.entry(*id).or_insert(next);
                let end = self.b.label();
                self.load_int(id as usize);
                self.support(Support::Exactly, 1);
                self.jump(Opcode::JumpIfFalse, end);
                self.block(body, Want::Nothing);
                self.b.mark(end);
            }
            StmtKind::Watch { value, body, watched } => self.watch(*value, *body, watched, stmt.span),
            StmtKind::Stream { event, handler } => {
                let name = self.unit.pool.name(event);
                let f = self.function_constant(*handler);
                self.emit(Opcode::RegisterEvent, (name, f));
            }
            StmtKind::Emit(emit) => self.emit_event(emit, stmt.span),
            StmtKind::Declare(decl) => self.declare(decl),
            StmtKind::DefineModule(module) => self.define_module(module),
            StmtKind::Import(id) => {
                let path = self.unit.path(*id);
                let path = self.unit.pool.text(&path);
                self.at(stmt.span);
                self.emit(Opcode::Import, path);
                self.emit(Opcode::Pop, ());
            }
            _ => (),
        }
    }

    /// An expression as a statement.
    fn expr_stmt(&mut self, e: &'p Expr, want: Want) {
        match &e.kind {
            ExprKind::Match(m) => return self.matches(m, e.span, want),
            ExprKind::CallBuiltin { builtin, args } => {
                let special = self.unit.builtins.special(*builtin);
                let used = want != Want::Nothing && special == Some(Special::LedgerAppend);
                if !used && self.special_stmt(special, args, e.span) {
                    return self.null(want);
                }
            }
            _ => (),
        }
        self.expr(e);
        if want == Want::Nothing {
            self.emit(Opcode::Pop, ());
        }
    }

    /// `if`
    fn branches(&mut self, branches: &'p [(Expr, Block)], otherwise: Option<&'p Block>, want: Want) {
        let height = self.height;
        let builtins = self.unit.builtins;
        let end = self.b.label();
        for (i, (condition, block)) in branches.iter().enumerate() {
            let next = self.b.label();
            self.condition(condition, false, next);
            let last = i + 1 == branches.len() && otherwise.is_none();
            self.block(block, if last { want } else { want.inside(|| builtins.yields_block(block)) });
            if !last || want == Want::Value {
                self.jump(Opcode::Jump, end);
            }
            self.b.mark(next);
            self.height = height;
        }
        match otherwise {
            Some(block) => self.block(block, want),
            None => self.null(want),
        }
        self.b.mark(end);
        self.height = height + want.count();
    }

    /// The declaration of a state variable: one that outlives the run keeps what the store holds.
    fn init_state(&mut self, id: StateId, value: Option<&'p Expr>, stmt: &'p Stmt) {
        let Some(state) = self.unit.program.states.get(id.index()) else { return };
        if state.kind == StateKind::Persistent && value.is_none() {
            // Nothing is written: what is not stored reads as null.
            return;
        }
        let end: Label = self.b.label();
        if state.kind != StateKind::Run {
            let key = self.state_key(id);
            self.emit(Opcode::LoadConst, key);
            self.at(stmt.span);
            self.support(Support::StateMissing, 1);
            self.jump(Opcode::JumpIfFalse, end);
        }
        self.value_or_null(value);
        if let (Some(ty), Some(_)) = (&state.ty, value) {
            self.at(stmt.span);
            self.check_assignable(ty);
        }
        let kind = match state.kind {
            StateKind::Run => "state",
            StateKind::Persistent => "storage",
            StateKind::Ledger => "ledger",
        };
        self.load_constant(kind);
        let key = self.state_key(id);
        self.emit(Opcode::LoadConst, key);
        self.at(stmt.span);
        self.support_and_pop(Support::StateInit, 3);
        self.b.mark(end);
    }

    fn destructure(&mut self, parts: &'p Destructure) {
        self.expr(&parts.value);
        let list = matches!(parts.shape, Shape::List { .. });
        self.at(parts.span);
        self.support(if list { Support::ListParts } else { Support::MapParts }, 1);
        let whole = self.temp();
        self.store_temp(whole);
        match &parts.shape {
            Shape::List { items, rest } => {
                for (i, bind) in items.iter().enumerate() {
                    self.load_temp(whole);
                    self.load_int(i);
                    self.at(parts.span);
                    self.support(Support::Item, 2);
                    self.bind(*bind);
                }
                if let Some(bind) = rest {
                    self.load_temp(whole);
                    self.load_int(items.len());
                    self.at(parts.span);
                    self.support(Support::Rest, 2);
                    self.bind(*bind);
                }
            }
            Shape::Map(items) => {
                for (name, bind) in items {
                    self.load_temp(whole);
                    self.load_text(name);
                    self.at(parts.span);
                    self.support(Support::Entry, 2);
                    self.bind(*bind);
                }
            }
        }
        self.free(1);
    }

    /// `require`, `verify`
    fn check(&mut self, check: &'p Check, stmt: &'p Stmt) {
        let plain_message = check.message.as_ref().is_none_or(|m| matches!(m.kind, ExprKind::Const(_)));
        if !check.verify && check.block.is_none() && plain_message {
            self.expr(&check.condition);
            self.value_or_null(check.message.as_ref());
            self.at(stmt.span);
            return self.emit(Opcode::Require, ());
        }
        let end = self.b.label();
        self.condition(&check.condition, true, end);
        if let Some(block) = &check.block {
            self.block(block, Want::Value);
            self.jump(Opcode::JumpIfTrue, end);
        }
        if check.verify {
            self.value_or_null(check.message.as_ref());
            self.at(stmt.span);
            self.support_and_pop(Support::VerifyFailed, 1);
        } else {
            self.load_literal(&Const::Bool(false));
            self.value_or_null(check.message.as_ref());
            self.at(stmt.span);
            self.emit(Opcode::Require, ());
        }
        self.b.mark(end);
    }

    /// Checks the top of the stack against the type of the variable that it is stored in.
    pub fn check_assignable(&mut self, ty: &'p zexus_hir::ir::TypeRef) {
        let message = format!("Type mismatch: cannot assign {{}} to {}", shown(&ty.text));
        self.check_type(ty, message);
    }
}
