//! What the runtime does with evaluated operands: policies, events, watches, host functions (language.md 14, 16).

use std::sync::Arc;

use zexus_hir::ir::{Emit, Expr, External, FuncId, Intrinsic, Name, Span, Stmt, TypeRef, Var, WatchedId};
use zexus_runtime::policy::{self, access, protect, seal, validate};
use zexus_runtime::tasks::channels;
use zexus_runtime::{Trap, Value, args as runtime_args, display, events, kinds, ledger};

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
        let first = args.first().copied().unwrap_or(Value::NULL);
        let second = args.get(1).copied();
        match what {
            Intrinsic::Debug => {
                let text = display::repr(&mut self.m, first)?;
                self.m.host.diagnostic(&format!("DEBUG: {text}"));
                policy::trail(&mut self.m, "debug", || text);
                Ok(Value::NULL)
            }
            Intrinsic::Audit(name) => {
                let action = self.text_of(second.unwrap_or(Value::NULL))?;
                let data_type = kinds::typeof_name(&self.m, first);
                ledger::audit(&mut self.m, name, &action, data_type, args.get(2).copied())
            }
            Intrinsic::Seal => {
                seal::seal(&mut self.m, first);
                Ok(first)
            }
            Intrinsic::SealMember(name) => seal::seal_member(&mut self.m, first, name).map(|()| Value::NULL),
            Intrinsic::Restrict(name) => {
                let rule = self.text_of(second.unwrap_or(Value::NULL))?;
                seal::restrict(&mut self.m, first, name, &rule).map(|()| Value::NULL)
            }
            Intrinsic::Trail(what, filter) => {
                policy::set_trail(&mut self.m, what, filter.clone()).map(|()| Value::NULL)
            }
            Intrinsic::Grant(capability) => {
                let who = self.somebody(first)?;
                access::grant(&mut self.m, access::Word::Capability, &[&who, capability])
                    .map(|()| Value::NULL)
            }
            Intrinsic::Revoke(capability) => {
                let who = self.somebody(first)?;
                access::revoke(&mut self.m, access::Word::Capability, &[&who, capability])
                    .map(|()| Value::NULL)
            }
            Intrinsic::Protect(_) => {
                let level = match args.get(2) {
                    Some(level) => Some(self.text_of(*level)?),
                    None => None,
                };
                let rules = second.unwrap_or(Value::NULL);
                protect::protect(&mut self.m, first, rules, level.as_deref()).map(|()| Value::NULL)
            }
            Intrinsic::Channel(ty) => {
                let ty = match ty {
                    Some(ty) => Some(self.type_spec(&ty.0)?),
                    None => None,
                };
                let capacity = match first.as_int() {
                    _ if args.is_empty() => 0,
                    Some(n) if n >= 0 => usize::try_from(n).unwrap_or(usize::MAX),
                    Some(_) => return Err(self.m.error(415, "the capacity of a channel cannot be below 0")),
                    None => {
                        let kind = kinds::type_name(&self.m, first).to_owned();
                        let message =
                            format!("Type mismatch: the capacity of a channel is an integer, got {kind}");
                        return Err(self.m.error(402, message));
                    }
                };
                channels::channel(&mut self.m, ty, capacity)
            }
            Intrinsic::RequireFailed => Err(validate::require_error(&mut self.m, Some(first))),
            Intrinsic::VerifyFailed => Err(validate::verify_error(&mut self.m, Some(first))),
        }
    }

    /// The text of a string; E0402 for anything else.
    fn text_of(&mut self, v: Value) -> Result<Arc<str>, Trap> {
        match self.m.text(v) {
            Some(text) => Ok(text.clone()),
            None => {
                let kind = kinds::type_name(&self.m, v).to_owned();
                Err(self.m.error(402, format!("Type mismatch: expected a string, got {kind}")))
            }
        }
    }

    /// Who a capability is granted to: a string or a contract instance.
    fn somebody(&mut self, v: Value) -> Result<Arc<str>, Trap> {
        match v.as_contract_instance() {
            Some(_) => Ok(access::who(&self.m, v)),
            None => self.text_of(v),
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
        let name = match policy {
            None => None,
            Some(e) => {
                let v = self.expr(e)?;
                Some(self.text_of(v).map_err(|t| self.at(t, span))?)
            }
        };
        let f = self.closure(body, Value::UNDEF)?;
        policy::sandbox_enter(&mut self.m, name.as_deref()).map_err(|t| self.at(t, span))?;
        let result = self.call_values(f, Value::UNDEF, &[]);
        policy::sandbox_leave(&mut self.m);
        result.map_err(|t| self.at_call(t, span))
    }

    /// Calls a function of the host.
    pub fn external(&mut self, external: &'p External, args: &[Value]) -> Result<Value, Trap> {
        let key: Arc<str> = match external.module.is_empty() {
            true => external.name.clone(),
            false => format!("{}.{}", external.module, external.name).into(),
        };
        match self.m.host_functions.get(&key).cloned() {
            Some(function) => function(&mut self.m, args),
            None => Err(self.m.error(423, format!("The host has no function '{key}'"))),
        }
    }

    /// The arguments of the program.
    pub fn program_args(&mut self) -> Result<Value, Trap> {
        let args =
            self.shared.args.iter().map(|a| self.m.string(a.clone())).collect::<Result<Vec<_>, _>>()?;
        self.m.list(args)
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
