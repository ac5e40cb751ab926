//! Assignments (bytecode.md 7.2).

use zexus_bytecode::{Opcode, Support};
use zexus_hir::ir::{Assign, Expr, ExprKind, Name, Target, TypeRef, Var};

use crate::chain::{Ledger, Root};
use crate::expr::opcode;
use crate::function::FnCompiler;

/// A variable that is assigned.
struct Assigned<'p> {
    var: Var,
    ty: Option<&'p TypeRef>,
    name: &'p Name,
    sealed: Option<Var>,
}

impl<'p> FnCompiler<'_, 'p> {
    /// `target op= value`
    pub fn assign(&mut self, assign: &'p Assign) {
        match &assign.target {
            Target::Var { var, ty, name, sealed } => {
                let target = Assigned { var: *var, ty: ty.as_deref(), name, sealed: *sealed };
                self.assign_var(&target, assign);
            }
            Target::Member { object, name, internal } => {
                if let Some(ledger) = self.ledger_of(object) {
                    return self.assign_version(&ledger, assign);
                }
                let through_this = *internal || matches!(object.kind, ExprKind::This);
                match self.field(name) {
                    Some(keeps_history) if matches!(object.kind, ExprKind::This) => {
                        self.assign_field(name, keeps_history, assign);
                    }
                    _ => {
                        self.expr(object);
                        self.store_in_member(name, through_this, assign);
                    }
                }
            }
            Target::Index { object, index } => match self.ledger_of(object) {
                Some(ledger) => self.assign_version(&ledger, assign),
                None => {
                    self.expr(object);
                    self.store_in_index(index, assign);
                }
            },
        }
    }

    fn assign_var(&mut self, target: &Assigned<'p>, assign: &'p Assign) {
        if let Some(sealed) = target.sealed {
            let open = self.b.label();
            let flag = self.var_constant(sealed);
            self.emit(Opcode::LoadConst, flag);
            self.support(Support::Peek, 1);
            self.jump(Opcode::JumpIfFalse, open);
            self.load_text(target.name);
            self.at(assign.span);
            self.support_and_pop(Support::SealedError, 1);
            self.b.mark(open);
        }
        if assign.op.is_some() {
            self.load_var(target.var, assign.span);
        }
        self.combined(assign);
        if let Some(ty) = target.ty {
            self.at(assign.span);
            self.check_assignable(ty);
        }
        self.store_var(target.var, assign.span);
    }

    /// The value; with an operator, combined with what the target held, which lies on the stack.
    fn combined(&mut self, assign: &'p Assign) {
        self.expr(&assign.value);
        if let Some(op) = assign.op {
            self.at(assign.span);
            self.emit(opcode(op), ());
        }
    }

    fn assign_field(&mut self, name: &'p Name, keeps_history: bool, assign: &'p Assign) {
        if assign.op.is_some() {
            self.at(assign.span);
            self.load_field(name);
        }
        self.combined(assign);
        self.at(assign.span);
        self.store_field(name, keeps_history);
    }

    /// Stores into a member of the object on top of the stack.
    fn store_in_member(&mut self, name: &'p Name, through_this: bool, assign: &'p Assign) {
        if assign.op.is_some() {
            self.emit(Opcode::Dup, ());
            self.at(assign.span);
            self.member(Opcode::GetAttr, name, through_this, None);
        }
        self.combined(assign);
        self.at(assign.span);
        self.member(Opcode::StoreAttr, name, through_this, None);
    }

    /// Stores into an item of the object on top of the stack:
    /// `STORE #0, i, STORE #1, LOAD #0, LOAD #1, LOAD #0, LOAD #1, INDEX, e, ADD, STORE_INDEX` with an operator.
    fn store_in_index(&mut self, index: &'p Expr, assign: &'p Assign) {
        if assign.op.is_none() {
            self.expr(index);
            self.expr(&assign.value);
        } else {
            let (object, key) = (self.temp(), self.temp());
            self.store_temp(object);
            self.expr(index);
            self.store_temp(key);
            for _ in 0..2 {
                self.load_temp(object);
                self.load_temp(key);
            }
            self.free(2);
            self.at(assign.span);
            self.emit(Opcode::Index, ());
            self.combined(assign);
        }
        self.at(assign.span);
        self.emit(Opcode::StoreIndex, ());
    }

    /// `x.f op= v`, `x[i] op= v` where x is part of a ledger variable: a copy is changed and becomes the next version.
    fn assign_version(&mut self, ledger: &Ledger<'p>, assign: &'p Assign) {
        let version = self.temp();
        self.at(assign.span);
        match ledger.root {
            Root::Variable(var) => self.load_var(var, assign.span),
            Root::Field(name) => self.load_field(name),
        }
        self.store_temp(version);
        self.load_temp(version);
        let end = self.b.label();
        let ready = self.b.label();
        let mut skips = false;
        for link in ledger.links {
            if link.optional {
                self.jump(Opcode::JumpIfNull, ready);
                skips = true;
            }
            self.link(link, false);
        }
        if skips {
            self.b.mark(ready);
        }
        match &assign.target {
            Target::Member { name, .. } => self.store_in_member(name, false, assign),
            Target::Index { index, .. } => self.store_in_index(index, assign),
            Target::Var { .. } => (),
        }
        self.b.mark(end);
        self.load_temp(version);
        self.at(assign.span);
        match ledger.root {
            Root::Variable(var) => self.store_var(var, assign.span),
            Root::Field(name) => self.store_field(name, true),
        }
        self.free(1);
    }
}
