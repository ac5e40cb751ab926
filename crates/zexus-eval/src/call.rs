//! Calls of functions (language.md chapter 9).

use zexus_hir::ir::{Arg, Args, Expr, ExprKind, External, FuncId, Function, Name, Role, Span, Var};
use zexus_runtime::driver::here;
use zexus_runtime::object::FunctionObj;
use zexus_runtime::{Kind, Ref, Trap, Value, args, builtins, calls, intrinsics, policy};

use crate::code::Facts;
use crate::control::Flow;
use crate::eval::{Eval, Stop};
use crate::frame::HEADER;

impl<'p> Eval<'p> {
    /// `f(args)`
    #[inline(never)]
    pub fn call_expr(&mut self, callee: &'p Expr, args: &'p Args, span: Span) -> Result<Value, Stop> {
        let f = match &callee.kind {
            ExprKind::External(external) => return self.call_external(external, args),
            ExprKind::Var(Var::Global(id)) if !self.m.globals[id.index()].is_undef() => {
                self.m.globals[id.index()]
            }
            _ => self.operand(callee)?,
        };
        self.call_value_with(f, args, span)
    }

    /// Calls a function of the host. The arguments are the parameters of the declaration, whose place no reader looks for, so errors
    /// get the place of the call.
    #[cold]
    fn call_external(&mut self, external: &'p External, args: &'p Args) -> Result<Value, Stop> {
        let at = self.height();
        let evaluated = self.arguments(args);
        let values = self.m.stack.get(at..).unwrap_or_default().to_vec();
        let result = evaluated
            .and_then(|_| intrinsics::external(&mut self.m, &external.module, &external.name, &values));
        self.cut(at);
        result.map_err(|t| self.stop(t))
    }

    /// Calls a value with arguments that are still to be evaluated.
    #[inline(always)]
    pub fn call_value_with(&mut self, f: Value, args: &'p Args, span: Span) -> Result<Value, Stop> {
        let at = self.height();
        self.push_header(f, Value::UNDEF);
        let result = match f.as_function() {
            Some(function) if args.plain => {
                for arg in &args.list {
                    if let Arg::Value(e) = arg {
                        let v = self.operand(e)?;
                        self.push(v);
                    }
                }
                self.enter(function, at, args.list.len())
            }
            _ => {
                let (count, names) = self.arguments(args).map_err(|t| self.stop(t))?;
                self.call_other(at, count, &names)
            }
        };
        match result {
            Ok(v) => {
                self.cut(at);
                Ok(v)
            }
            Err(Stop) => {
                let trap = self.at_call(self.trap, span);
                Err(self.stop(trap))
            }
        }
    }

    #[inline(never)]
    fn call_other(&mut self, at: usize, count: usize, names: &[&Name]) -> Result<Value, Stop> {
        self.call_at(at, count, names).map_err(|t| self.stop(t))
    }

    /// Calls a value with values.
    pub fn call_values(&mut self, f: Value, this: Value, args: &[Value]) -> Result<Value, Trap> {
        let at = self.height();
        self.push_header(f, this);
        self.m.stack.extend_from_slice(args);
        let v = self.call_at(at, args.len(), &[])?;
        self.cut(at);
        Ok(v)
    }

    /// Calls what lies on the stack: the function's header at `at`, `count` arguments by position, then those by name.
    pub fn call_at(&mut self, at: usize, count: usize, names: &[&Name]) -> Result<Value, Trap> {
        let callee = self.m.stack[at];
        match callee.kind() {
            Kind::Function(f) if names.is_empty() => self.enter(f, at, count).map_err(|Stop| self.trap),
            Kind::Function(f) => {
                let count = self.place_named(f, at, count, names)?;
                self.enter(f, at, count).map_err(|Stop| self.trap)
            }
            Kind::Builtin(index) if names.is_empty() => self.call_builtin(index, at + HEADER),
            Kind::Type(t) => self.construct(t, at, count, names, Vec::new()),
            _ => {
                let (args, named) = self.split_named(at, count, names);
                calls::call_plain(self, callee, &args, &named)
            }
        }
    }

    /// Calls a builtin with the arguments that lie on the stack from `first` on.
    pub fn call_builtin(&mut self, index: u32, first: usize) -> Result<Value, Trap> {
        // The builtin gets the machine to change, so it needs arguments of its own.
        let args = &self.m.stack[first..];
        if let Ok(&[a]) = <&[Value; 1]>::try_from(args) {
            return builtins::call(self, index, &[a]);
        }
        if let Ok(&[a, b]) = <&[Value; 2]>::try_from(args) {
            return builtins::call(self, index, &[a, b]);
        }
        let args = args.to_vec();
        builtins::call(self, index, &args)
    }

    /// Calls a function of the program; its header and arguments by position lie on the stack.
    #[inline]
    pub fn enter(&mut self, f: Ref<FunctionObj>, at: usize, count: usize) -> Result<Value, Stop> {
        let object = self.m.heap.function(f);
        let (func, facts) = self.function(FuncId(object.code));
        let protected = object.protection.is_some();
        let this = object.this;
        if !this.is_undef() {
            self.m.stack[at + 1] = this;
        }
        if facts.bare && !protected {
            self.run(func, facts, at, count)
        } else {
            self.enter_guarded(f, at, count).map_err(|t| self.stop(t))
        }
    }

    /// Runs a function in a new frame.
    #[inline]
    pub fn run(
        &mut self,
        func: &'p Function,
        facts: &'p Facts,
        at: usize,
        count: usize,
    ) -> Result<Value, Stop> {
        if self.depth >= self.m.limits.depth {
            return Err(self.stop(Trap::StackOverflow));
        }
        self.tick().map_err(|t| self.stop(t))?;
        let base = at + HEADER;
        let simple = facts.plain && count == facts.most;
        if !simple {
            self.prepare(facts, at, count).map_err(|t| self.stop(t))?;
        }
        self.m.stack.resize(base + facts.slots, Value::UNDEF);
        let outer = (self.func, self.base);
        (self.func, self.base) = (func, base);
        self.depth += 1;
        let foreign = func.module != outer.0.module;
        if foreign {
            self.enter_module(func.module);
        }
        if self.m.policy.trails("call") {
            self.trail_call(func);
        }
        let result = if here() < self.seat.low {
            self.grow(|me| me.body(func, facts, simple))
        } else {
            self.body(func, facts, simple)
        };
        if self.m.meter.is_lowered() {
            self.m.meter.leave(self.seat.task, self.depth);
        }
        self.depth -= 1;
        (self.func, self.base) = outer;
        if foreign {
            self.enter_module(outer.0.module);
        }
        match result {
            Ok(()) => Ok(self.value),
            Err(trap) => Err(self.stop(trap)),
        }
    }

    #[cold]
    fn trail_call(&mut self, func: &Function) {
        policy::trail(&mut self.m, "call", || match func.name.is_empty() {
            true => "lambda".to_owned(),
            false => func.name.to_string(),
        });
    }

    #[inline(never)]
    fn prepare(&mut self, facts: &Facts, at: usize, count: usize) -> Result<(), Trap> {
        self.check_count(facts, count)?;
        if facts.rest { self.collect_rest(facts, at + HEADER, count) } else { Ok(()) }
    }

    /// Runs the body; its value is in [`Eval::value`].
    #[inline]
    fn body(&mut self, func: &'p Function, facts: &'p Facts, simple: bool) -> Result<(), Trap> {
        if !simple {
            let height = self.height();
            if let Err(trap) = self.bind_params(func, &facts.info) {
                return self.left(trap, height).map(drop);
            }
        }
        let mut flow = self.block(&func.body);
        if func.role == Role::ContractAction && flow.is_ok() {
            self.take_result(func);
        }
        if func.result.is_some() && flow.is_ok() {
            flow = self.check_result(func);
        }
        if !self.deferred().is_undef() {
            flow = self.run_deferred(flow);
        }
        flow.map(drop)
    }

    /// The result of an action is what its body left, whatever the modifiers around it did afterwards.
    fn take_result(&mut self, func: &'p Function) {
        if let Some(v) = self.m.stack.get(self.base + func.slots as usize).filter(|v| !v.is_undef()) {
            self.value = *v;
        }
    }

    fn check_result(&mut self, func: &'p Function) -> Result<Flow, Trap> {
        let Some(ty) = &func.result else { return Ok(Flow::Normal) };
        let v = self.value;
        // An action of a contract and every other function alike: the value is checked where it is returned.
        if self.fits(v, &ty.kind)? {
            self.value = v;
            return Ok(Flow::Normal);
        }
        let span = func.body.stmts.last().map_or(func.span, |s| s.span);
        let callee = if func.name.is_empty() { "lambda" } else { &func.name };
        let trap = args::result_mismatch(&mut self.m, callee, &ty.text, v);
        Err(self.at(trap, span))
    }
}
