//! Assignments (language.md 1.3, 6.6).

use zexus_bytecode::operator::BinOp;
use zexus_hir::ir::{
    Assign, Expr, ExprKind, Link, LinkKind, Name, Span, StateId, StateKind, Target, TypeRef, Var,
};
use zexus_runtime::{Trap, Value, args, calls, state};

use crate::eval::{Eval, Stop};

impl<'p> Eval<'p> {
    /// `target op= value`
    #[inline]
    pub fn assign(&mut self, assign: &'p Assign) -> Result<(), Trap> {
        if let Target::Var { var: Var::Local(slot), ty: None, sealed: None, .. } = &assign.target {
            let v = match assign.op {
                None => self.expr(&assign.value)?,
                Some(op) => self.combined(self.slot(*slot), op, assign)?,
            };
            self.set_slot(*slot, v);
            return Ok(());
        }
        if let (Target::Index { object, index }, None) = (&assign.target, assign.op)
            && matches!(object.kind, ExprKind::Var(Var::Local(_) | Var::Global(_) | Var::Capture(_)))
        {
            return self.assign_index(object, index, &assign.value, assign.span);
        }
        self.assign_slow(assign)
    }

    /// What the target holds, combined with the value; both are evaluated in this order.
    fn combined(&mut self, old: Value, op: BinOp, assign: &'p Assign) -> Result<Value, Trap> {
        let height = self.height();
        self.push(old);
        let v = self.expr(&assign.value)?;
        self.cut(height);
        self.apply(op, old, v, assign.span).map_err(|Stop| self.trap)
    }

    fn assign_index(
        &mut self,
        object: &'p Expr,
        index: &'p Expr,
        value: &'p Expr,
        span: Span,
    ) -> Result<(), Trap> {
        let o = self.expr(object)?;
        let height = self.height();
        self.push(o);
        let i = self.expr(index)?;
        if i.is_heap() {
            self.push(i);
        }
        let v = self.expr(value)?;
        self.cut(height);
        // The common case, without a detour: an item of a list that is there.
        if let (Some(l), Some(at)) = (o.as_list(), i.as_int()) {
            let list = self.m.heap.list_mut(l);
            if !list.sealed
                && let Some(place) = usize::try_from(at).ok().and_then(|at| list.items.get_mut(at))
            {
                *place = v;
                return Ok(());
            }
        }
        self.set_index(o, i, v, span)
    }

    #[inline(never)]
    fn assign_slow(&mut self, assign: &'p Assign) -> Result<(), Trap> {
        let span = assign.span;
        match &assign.target {
            Target::Var { var, ty, name, sealed } => {
                if let Some(sealed) = sealed
                    && self.read(*sealed, span).is_ok_and(|v| v.truthy())
                {
                    return Err(self.error(304, format!("Cannot reassign const variable '{name}'"), span));
                }
                let v = match assign.op {
                    None => self.expr(&assign.value)?,
                    Some(op) => {
                        let old = self.read(*var, span)?;
                        self.combined(old, op, assign)?
                    }
                };
                if let Some(ty) = ty {
                    self.check_assignable(v, ty, span)?;
                }
                self.write(*var, v).map_err(|t| self.at(t, span))
            }
            Target::Member { object, .. } | Target::Index { object, .. } => {
                if let Some(ledger) = self.ledger_of(object) {
                    return self.assign_version(ledger, assign);
                }
                let o = self.expr(object)?;
                let height = self.height();
                self.push(o);
                match &assign.target {
                    Target::Member { name, internal, .. } => {
                        let through_this = *internal || matches!(object.kind, ExprKind::This);
                        self.store_in_member(o, name, through_this, assign)?;
                    }
                    Target::Index { index, .. } => self.store_in_index(o, index, assign)?,
                    Target::Var { .. } => (),
                }
                self.cut(height);
                Ok(())
            }
        }
    }

    fn store_in_member(
        &mut self,
        o: Value,
        name: &'p Name,
        through_this: bool,
        assign: &'p Assign,
    ) -> Result<(), Trap> {
        let v = match assign.op {
            None => self.expr(&assign.value)?,
            Some(op) => {
                let old = self.member(o, name, through_this, assign.span)?;
                self.combined(old, op, assign)?
            }
        };
        self.push(v);
        self.set_member(o, name, v, through_this, assign.span)
    }

    fn store_in_index(&mut self, o: Value, index: &'p Expr, assign: &'p Assign) -> Result<(), Trap> {
        let i = self.expr(index)?;
        self.push(i);
        let v = match assign.op {
            None => self.expr(&assign.value)?,
            Some(op) => {
                let old = self.index(o, i, assign.span)?;
                self.combined(old, op, assign)?
            }
        };
        self.push(v);
        self.set_index(o, i, v, assign.span)
    }

    /// Checks that a value may be assigned to a variable of this type.
    pub fn check_assignable(&mut self, v: Value, ty: &'p TypeRef, span: Span) -> Result<(), Trap> {
        if self.fits(v, &ty.kind)? {
            return Ok(());
        }
        let trap = args::variable_mismatch(&mut self.m, &ty.text, v);
        Err(self.at(trap, span))
    }

    /// The declaration of a state variable: one that outlives the run keeps what the store holds.
    pub fn init_state(&mut self, id: StateId, value: Option<&'p Expr>, span: Span) -> Result<(), Trap> {
        let declared = &self.program.states[id.index()];
        if declared.kind != StateKind::Run && state::is_stored(&self.m, id.0) {
            return Ok(());
        }
        let v = match value {
            Some(e) => self.expr(e)?,
            None => Value::NULL,
        };
        if let (Some(ty), Some(_)) = (&declared.ty, value) {
            self.check_assignable(v, ty, span)?;
        }
        state::declare_variable(&mut self.m, id.0, v).map_err(|t| self.at(t, span))
    }

    /// The ledger variable that an object is part of, if it is one: reading it gives a copy, which must be stored again.
    fn ledger_of(&self, object: &'p Expr) -> Option<Ledger<'p>> {
        match &object.kind {
            ExprKind::Var(Var::State(id)) if self.program.states[id.index()].kind == StateKind::Ledger => {
                Some(Ledger { root: Root::Variable(*id), links: &[] })
            }
            ExprKind::Chain { base, links } => match &base.kind {
                ExprKind::Var(Var::State(_)) => Some(Ledger { links, ..self.ledger_of(base)? }),
                ExprKind::This => {
                    let (Link { kind: LinkKind::Member(name), .. }, links) = links.split_first()? else {
                        return None;
                    };
                    let contract = self.m.contract_of(self.this())?;
                    let instance = self.this().as_contract_instance()?;
                    let field = self.m.heap.contract(contract).state.get(&**name)?;
                    field.ledger.then_some(Ledger { root: Root::Field(instance, name), links })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `x.f op= v`, `x[i] op= v` where x is part of a ledger variable: a copy is changed and becomes the next version.
    fn assign_version(&mut self, ledger: Ledger<'p>, assign: &'p Assign) -> Result<(), Trap> {
        let span = assign.span;
        let version = match ledger.root {
            Root::Variable(id) => state::read_variable(&mut self.m, id.0),
            Root::Field(instance, name) => calls::load_field(&mut self.m, instance, name),
        };
        let version = version.map_err(|t| self.at(t, span))?;
        let height = self.height();
        self.push(version);
        let o = self.links(version, false, ledger.links).map_err(|Stop| self.trap)?;
        self.push(o);
        match &assign.target {
            Target::Member { name, .. } => self.store_in_member(o, name, false, assign)?,
            Target::Index { index, .. } => self.store_in_index(o, index, assign)?,
            Target::Var { .. } => (),
        }
        self.cut(height);
        let stored = match ledger.root {
            Root::Variable(id) => state::write_variable(&mut self.m, id.0, version),
            Root::Field(instance, name) => calls::store_field(&mut self.m, instance, name, version),
        };
        stored.map_err(|t| self.at(t, span))
    }
}

/// A place in a ledger variable.
struct Ledger<'p> {
    root: Root<'p>,
    links: &'p [Link],
}

/// A ledger variable: of a top level, or of the running contract.
enum Root<'p> {
    Variable(StateId),
    Field(u32, &'p Name),
}
