//! What the runtime does with evaluated operands: policies, events, watches, host functions (language.md 14, 16).

use std::sync::Arc;

use zexus_hir::ir::{Emit, Expr, FuncId, Intrinsic, Name, Span, Stmt, TypeRef, Var, WatchedId};
use zexus_runtime::policy::validate;
use zexus_runtime::{Trap, Value, args as runtime_args, events, intrinsics};

use crate::control::Flow;
use crate::eval::Eval;

impl<'p> Eval<'p> {
    /// Evaluates the operands and does what is asked.
    pub fn intrinsic(
        &mut self,
        what: &'p Intrinsic,
        operands: &'p [Expr],
        span: Span,
    ) -> Result<Value, Trap> {
        let height = self.height();
        self.push_all(operands)?;
        let args = self.m.stack[height..].to_vec();
        let result = self.perform(what, &args).map_err(|t| self.at(t, span))?;
        self.cut(height);
        Ok(result)
    }

    fn perform(&mut self, what: &'p Intrinsic, args: &[Value]) -> Result<Value, Trap> {
        let m = &mut self.m;
        let first = args.first().copied().unwrap_or(Value::NULL);
        let second = args.get(1).copied().unwrap_or(Value::NULL);
        let third = args.get(2).copied();
        match what {
            Intrinsic::Debug => intrinsics::debug(m, first),
            Intrinsic::Audit(name) => intrinsics::audit(m, name, first, second, third),
            Intrinsic::Seal => intrinsics::seal(m, first),
            Intrinsic::SealMember(name) => intrinsics::seal_member(m, first, name),
            Intrinsic::Restrict(name) => intrinsics::restrict(m, first, name, second),
            Intrinsic::Trail(what, filter) => intrinsics::trail(m, what, filter.clone()),
            Intrinsic::Grant(capability) => intrinsics::grant(m, first, capability),
            Intrinsic::Revoke(capability) => intrinsics::revoke(m, first, capability),
            Intrinsic::Protect(_) => intrinsics::protect(m, first, second, third),
            Intrinsic::Channel(ty) => {
                let ty = ty.as_ref().map(|ty| self.type_spec(&ty.0)).transpose()?;
                intrinsics::channel(&mut self.m, ty, args.first().copied())
            }
            Intrinsic::RequireFailed => Err(validate::require_error(m, Some(first))),
            Intrinsic::VerifyFailed => Err(validate::verify_error(m, Some(first))),
        }
    }

    /// A dependency: looked up when it is first read, then kept.
    pub fn injected(
        &mut self,
        var: Var,
        name: &'p Name,
        ty: Option<&'p TypeRef>,
        span: Span,
    ) -> Result<Value, Trap> {
        if let Some(v) = self.kept(var) {
            return Ok(v);
        }
        let v = self.m.dependency(name).map_err(|t| self.at(t, span))?;
        if let Some(ty) = ty {
            self.check_assignable(v, ty, span)?;
        }
        self.write(var, v)?;
        Ok(v)
    }

    fn kept(&self, var: Var) -> Option<Value> {
        let v = match var {
            Var::Global(id) => self.m.globals[id.index()],
            Var::Local(slot) => self.slot(slot),
            Var::Cell(slot) => self.slot(slot).as_cell().map_or(Value::UNDEF, |c| self.m.heap.cell(c).0),
            Var::CaptureCell(id) => {
                self.capture(id.index()).as_cell().map_or(Value::UNDEF, |c| self.m.heap.cell(c).0)
            }
            Var::Capture(id) => self.capture(id.index()),
            Var::State(_) => Value::UNDEF,
        };
        // Its declaration makes it null, like any variable without a value.
        (!v.is_undef() && !v.is_null()).then_some(v)
    }

    /// `sandbox(policy) { }`
    pub fn sandbox(&mut self, policy: Option<&'p Expr>, body: FuncId, span: Span) -> Result<Value, Trap> {
        let policy = policy.map(|e| self.expr(e)).transpose()?;
        let f = self.closure(body, Value::UNDEF)?;
        intrinsics::sandbox(self, policy, f).map_err(|t| self.at_call(t, span))
    }

    /// `watch`
    pub fn watch(
        &mut self,
        value: Option<FuncId>,
        body: FuncId,
        watched: &'p [WatchedId],
        span: Span,
    ) -> Result<(), Trap> {
        let expr = match value {
            Some(id) => self.closure(id, Value::UNDEF)?,
            None => Value::UNDEF,
        };
        let block = self.closure(body, Value::UNDEF)?;
        let variables: Arc<[u32]> = watched.iter().map(|w| w.0).collect();
        let id = events::set_watch(self, variables, expr, block).map_err(|t| self.at_call(t, span))?;
        self.watches.push(id);
        Ok(())
    }

    /// A statement that changes variables which may be watched.
    pub fn watched(&mut self, stmt: &'p Stmt, changed: &'p [WatchedId], span: Span) -> Result<Flow, Trap> {
        let flow = self.stmt(stmt)?;
        if self.m.events.has_watches() {
            let touched: Vec<u32> = changed.iter().map(|w| w.0).collect();
            let value = self.value;
            self.push(value);
            events::notify(self, &touched).map_err(|t| self.at_call(t, span))?;
            self.m.stack.pop();
            self.value = value;
        }
        Ok(flow)
    }

    /// `stream NAME as ev => { }`
    pub fn stream(&mut self, event: &'p Name, handler: FuncId) -> Result<(), Trap> {
        let f = self.closure(handler, Value::UNDEF)?;
        events::subscribe(&mut self.m, event.clone(), f);
        Ok(())
    }

    /// `emit`
    pub fn emit(&mut self, emit: &'p Emit, span: Span) -> Result<(), Trap> {
        let height = self.height();
        self.arguments(&emit.args)?;
        let args = self.m.stack[height..].to_vec();
        for ((name, ty), v) in emit.names.iter().zip(&emit.types).zip(&args) {
            if let Some(ty) = ty
                && !self.fits(*v, &ty.kind)?
            {
                let trap = runtime_args::parameter_mismatch(&mut self.m, &emit.name, name, &ty.text, *v);
                return Err(self.at(trap, span));
            }
        }
        let names: Option<Arc<[Arc<str>]>> = (!emit.names.is_empty()).then(|| emit.names.as_slice().into());
        events::emit(self, &emit.name, &args, names).map_err(|t| self.at_call(t, span))?;
        self.cut(height);
        Ok(())
    }
}
