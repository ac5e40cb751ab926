//! Expressions (bytecode.md 7.3).

use zexus_bytecode::operator::BinOp;
use zexus_bytecode::{Label, Opcode, Support};
use zexus_hir::ir::{Const, Expr, ExprKind, Injected, MapKey};

use crate::function::FnCompiler;
use crate::leave::Cleanup;
use crate::unit::MAX_DEPTH;
use crate::want::Want;

/// So many values are put on the stack for one list, map or text; longer ones are made in parts.
const CHUNK: usize = 10_000;

/// The opcode of a binary operator.
pub(crate) fn opcode(op: BinOp) -> Opcode {
    match op {
        BinOp::Add => Opcode::Add,
        BinOp::Sub => Opcode::Sub,
        BinOp::Mul => Opcode::Mul,
        BinOp::Div => Opcode::Div,
        BinOp::IntDiv => Opcode::IntDiv,
        BinOp::Mod => Opcode::Mod,
        BinOp::Pow => Opcode::Pow,
        BinOp::Eq => Opcode::Eq,
        BinOp::Ne => Opcode::Neq,
        BinOp::Lt => Opcode::Lt,
        BinOp::Le => Opcode::Lte,
        BinOp::Gt => Opcode::Gt,
        BinOp::Ge => Opcode::Gte,
        BinOp::In => Opcode::In,
    }
}

/// Whether evaluating does nothing but give a value, and never fails.
pub(crate) fn has_no_effect(e: &Expr) -> bool {
    use zexus_hir::ir::Var;
    match &e.kind {
        ExprKind::Var(var) => !matches!(var, Var::State(_)),
        ExprKind::Const(_) | ExprKind::Function(_) | ExprKind::This | ExprKind::Builtin(_) => true,
        _ => false,
    }
}

/// Whether evaluating calls nothing by the look of it.
pub(crate) fn calls_nothing(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Binary(_, operands) => calls_nothing(&operands.0) && calls_nothing(&operands.1),
        ExprKind::Row(first, rest) => calls_nothing(first) && rest.iter().all(|(_, e, _)| calls_nothing(e)),
        ExprKind::Neg(e) | ExprKind::Not(e) => calls_nothing(e),
        ExprKind::If(parts) => calls_nothing(&parts.0) && calls_nothing(&parts.1) && calls_nothing(&parts.2),
        ExprKind::Range { lo, hi, .. } => calls_nothing(lo) && calls_nothing(hi),
        ExprKind::List(items) | ExprKind::Template(items) | ExprKind::Power(items) => {
            items.iter().all(calls_nothing)
        }
        ExprKind::Logic { operands, .. } | ExprKind::Coalesce(operands) => operands.iter().all(calls_nothing),
        ExprKind::Var(_) => true,
        _ => has_no_effect(e),
    }
}

impl<'p> FnCompiler<'_, 'p> {
    /// Leaves the value of an expression on the stack.
    pub fn expr(&mut self, e: &'p Expr) {
        match &e.kind {
            ExprKind::Const(c) => return self.load_literal(c),
            ExprKind::Var(var) => return self.load_var(*var, e.span),
            _ => (),
        }
        self.unit.depth += 1;
        if self.unit.depth > MAX_DEPTH {
            self.unit.fail("blocks and expressions are nested too deep");
        } else if !self.unit.failed() {
            self.compound(e);
        }
        self.unit.depth -= 1;
    }

    fn compound(&mut self, e: &'p Expr) {
        match &e.kind {
            ExprKind::Binary(op, operands) => {
                self.expr(&operands.0);
                self.expr(&operands.1);
                self.at(e.span);
                self.emit(opcode(*op), ());
            }
            ExprKind::Row(first, rest) => {
                self.expr(first);
                for (op, right, span) in rest {
                    self.expr(right);
                    self.at(*span);
                    self.emit(opcode(*op), ());
                }
            }
            ExprKind::Call { callee, args } => self.call(callee, args, e.span),
            ExprKind::CallBuiltin { builtin, args } => self.call_builtin(*builtin, args, e.span),
            ExprKind::Chain { base, links } => self.chain(base, links),
            ExprKind::Power(operands) => {
                operands.iter().for_each(|e| self.expr(e));
                for _ in 1..operands.len() {
                    self.at(e.span);
                    self.emit(Opcode::Pow, ());
                }
            }
            ExprKind::Logic { and, operands } => self.logic(*and, operands),
            ExprKind::Not(operand) => {
                self.expr(operand);
                self.emit(Opcode::Not, ());
            }
            ExprKind::Neg(operand) => {
                self.expr(operand);
                self.at(e.span);
                self.emit(Opcode::Neg, ());
            }
            ExprKind::If(parts) => {
                let (otherwise, end) = (self.b.label(), self.b.label());
                let height = self.height;
                self.condition(&parts.0, false, otherwise);
                self.expr(&parts.1);
                self.jump(Opcode::Jump, end);
                self.b.mark(otherwise);
                self.height = height;
                self.expr(&parts.2);
                self.b.mark(end);
            }
            ExprKind::Coalesce(operands) => self.coalesce(operands),
            ExprKind::List(items) => self.list(items),
            ExprKind::Map(items) => self.map(items),
            ExprKind::Template(parts) => self.template(parts, e),
            ExprKind::Range { lo, hi, inclusive } => {
                self.expr(lo);
                self.expr(hi);
                self.at(e.span);
                self.emit(Opcode::BuildRange, u32::from(*inclusive));
            }
            ExprKind::This => self.load_this(),
            ExprKind::Function(id) => {
                let f = self.function_constant(*id);
                self.emit(Opcode::LoadConst, f);
            }
            _ => self.rare(e),
        }
    }

    fn rare(&mut self, e: &'p Expr) {
        let span = e.span;
        match &e.kind {
            ExprKind::Builtin(index) => self.load_builtin(*index),
            ExprKind::Module(id) => {
                let path = self.unit.path(*id);
                self.load_text(&path);
                self.support(Support::Module, 1);
            }
            ExprKind::StdModule(index) => {
                let name = self.unit.builtins.module(*index);
                let name = self.unit.pool.text(&name);
                self.emit(Opcode::Import, name);
            }
            ExprKind::Super { name, args } => self.super_call(name, args, span),
            ExprKind::Construct(c) => self.construct(c, span, Support::Construct),
            ExprKind::Await(operand) => {
                self.expr(operand);
                self.at(span);
                self.emit(Opcode::Await, ());
            }
            ExprKind::Spawn(call) => self.spawn(call),
            ExprKind::SpawnValue(operand) => {
                self.expr(operand);
                self.at(span);
                self.support(Support::Task, 1);
            }
            ExprKind::Match(m) => self.matches(m, span, Want::Value),
            ExprKind::TxMember(name) | ExprKind::GasMember(name) => {
                let gas = matches!(e.kind, ExprKind::GasMember(_));
                self.load_text(name);
                self.at(span);
                self.support(if gas { Support::Gas } else { Support::Tx }, 1);
            }
            ExprKind::Injected(injected) => self.injected(injected, e),
            ExprKind::Sandbox { policy, body } => {
                self.value_or_null(policy.as_deref());
                self.at(span);
                self.support_and_pop(Support::SandboxEnter, 1);
                let f = self.function_constant(*body);
                self.protected(Cleanup::Sandbox, Want::Value, |me, _| {
                    me.at(span);
                    me.emit(Opcode::CallFuncConst, (f, 0_u32));
                });
            }
            ExprKind::Args => self.support(Support::Args, 0),
            ExprKind::Intrinsic(what, operands) => self.intrinsic(what, operands, span),
            // Only the body of its declaration calls it.
            _ => self.load_literal(&Const::Null),
        }
    }

    /// A builtin as a value: by its name, unless a variable has it.
    pub fn load_builtin(&mut self, index: u32) {
        let name = self.unit.builtins.name(index);
        let hidden = name.contains('.') || self.own_names.contains(&name) || self.unit.is_own_global(&name);
        if hidden {
            self.load_text(&name);
            self.support(Support::Builtin, 1);
        } else {
            let name = self.unit.pool.name(&name);
            self.emit(Opcode::LoadName, name);
        }
    }

    /// `a && b`: `a, JUMP_IF_FALSE F, b, JUMP_IF_FALSE F, LOAD_CONST true, JUMP E, F: LOAD_CONST false, E:`
    fn logic(&mut self, and: bool, operands: &'p [Expr]) {
        let (decided, end) = (self.b.label(), self.b.label());
        let height = self.height;
        for operand in operands {
            self.condition(operand, !and, decided);
        }
        self.load_literal(&Const::Bool(and));
        self.jump(Opcode::Jump, end);
        self.b.mark(decided);
        self.height = height;
        self.load_literal(&Const::Bool(!and));
        self.b.mark(end);
    }

    /// Goes to `target` if the truth of an expression is `jump_if`; goes on otherwise.
    pub fn condition(&mut self, e: &'p Expr, jump_if: bool, target: Label) {
        match &e.kind {
            ExprKind::Not(operand) => self.condition(operand, !jump_if, target),
            // One operand that is false decides an `and`, one that is true an `or`.
            ExprKind::Logic { and, operands } if *and != jump_if => {
                for operand in operands {
                    self.condition(operand, jump_if, target);
                }
            }
            ExprKind::Logic { operands, .. } => {
                let past = self.b.label();
                let Some((last, rest)) = operands.split_last() else { return };
                for operand in rest {
                    self.condition(operand, !jump_if, past);
                }
                self.condition(last, jump_if, target);
                self.b.mark(past);
            }
            _ => {
                self.expr(e);
                self.jump(if jump_if { Opcode::JumpIfTrue } else { Opcode::JumpIfFalse }, target);
            }
        }
    }

    /// `a, JUMP_IF_NOT_NULL E, POP, b, E:`
    fn coalesce(&mut self, operands: &'p [Expr]) {
        let end = self.b.label();
        for (i, operand) in operands.iter().enumerate() {
            if i > 0 {
                self.jump(Opcode::JumpIfNotNull, end);
                self.emit(Opcode::Pop, ());
            }
            self.expr(operand);
        }
        self.b.mark(end);
    }

    fn list(&mut self, items: &'p [Expr]) {
        let (first, rest) = items.split_at(items.len().min(CHUNK));
        first.iter().for_each(|e| self.expr(e));
        self.emit(Opcode::BuildList, first.len());
        for part in rest.chunks(200) {
            part.iter().for_each(|e| self.expr(e));
            self.support(Support::Append, part.len() as u32 + 1);
        }
    }

    fn map(&mut self, items: &'p [(MapKey, Expr)]) {
        let (first, rest) = items.split_at(items.len().min(CHUNK));
        self.entries(first);
        self.emit(Opcode::BuildMap, first.len());
        for part in rest.chunks(100) {
            self.entries(part);
            self.support(Support::Insert, 2 * part.len() as u32 + 1);
        }
    }

    fn entries(&mut self, items: &'p [(MapKey, Expr)]) {
        for (key, value) in items {
            match key {
                MapKey::Const(c) => self.load_literal(c),
                MapKey::Expr(e) => {
                    self.expr(e);
                    // What is no key fails before the value is evaluated.
                    if !matches!(
                        e.kind,
                        ExprKind::Template(_) | ExprKind::Const(Const::Str(_) | Const::Int(_))
                    ) {
                        self.at(e.span);
                        self.support(Support::Key, 1);
                    }
                }
            }
            self.expr(value);
        }
    }

    fn template(&mut self, parts: &'p [Expr], e: &'p Expr) {
        let mut parts = parts.chunks(CHUNK);
        let first = parts.next().unwrap_or_default();
        first.iter().for_each(|e| self.expr(e));
        self.at(e.span);
        self.emit(Opcode::BuildString, first.len());
        for part in parts {
            part.iter().for_each(|e| self.expr(e));
            self.at(e.span);
            self.emit(Opcode::BuildString, part.len() + 1);
        }
    }

    /// A dependency: looked up when it is first read, then kept.
    fn injected(&mut self, injected: &'p Injected, e: &'p Expr) {
        let end = self.b.label();
        let name = self.var_constant(injected.var);
        self.emit(Opcode::LoadConst, name);
        self.support(Support::Peek, 1);
        self.jump(Opcode::JumpIfNotNull, end);
        self.emit(Opcode::Pop, ());
        self.load_text(&injected.name);
        self.at(e.span);
        self.support(Support::Dependency, 1);
        if let Some(ty) = &injected.ty {
            self.at(e.span);
            self.check_assignable(ty);
        }
        self.emit(Opcode::Dup, ());
        self.store_var(injected.var, e.span);
        self.b.mark(end);
    }
}

/// Whether the value is never null: integer literals and arithmetic, which an operator method could make null only on purpose.
pub(crate) fn opcode_gives_integer(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Const(c) => crate::chain::is_integer(c),
        ExprKind::Neg(e) => opcode_gives_integer(e),
        ExprKind::Binary(BinOp::Add | BinOp::Sub, operands) => {
            opcode_gives_integer(&operands.0) || opcode_gives_integer(&operands.1)
        }
        _ => false,
    }
}
