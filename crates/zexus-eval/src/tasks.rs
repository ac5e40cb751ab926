//! Making tasks and waiting for them (language.md 13.1).

use zexus_hir::ir::{Args, Expr, ExprKind, Link, LinkKind, Span};
use zexus_runtime::types::TypeSpec;
use zexus_runtime::{Trap, Value, intrinsics, tasks};

use crate::eval::{Eval, Stop};

impl<'p> Eval<'p> {
    /// `async f(x)`, `spawn x.m(y)`: what is called and its arguments are evaluated at once.
    pub fn spawn(&mut self, call: &'p Expr) -> Result<Value, Trap> {
        if tasks::runs_at_once(&self.m) {
            return self.expr(call);
        }
        match &call.kind {
            ExprKind::Call { callee, args } => {
                let f = self.expr(callee)?;
                self.spawn_call(f, args, Vec::new(), call.span)
            }
            ExprKind::CallBuiltin { builtin, args } => {
                self.spawn_call(Value::builtin(*builtin), args, Vec::new(), call.span)
            }
            ExprKind::Construct(c) => {
                let t = self.expr(&c.callee)?;
                let specs: Result<Vec<TypeSpec>, Trap> =
                    c.type_args.iter().map(|ty| self.type_spec(ty)).collect();
                self.spawn_call(t, &c.args, specs?, call.span)
            }
            ExprKind::Super { name, args } => {
                let (home, this) = (self.own_home(), self.this());
                let at = self.height();
                self.push_header(this, this);
                let (count, names) = self.arguments(args)?;
                let (args, named) = self.split_named(at, count, &names);
                let task = tasks::spawn_super(self, home, this, name, &args, &named);
                self.ended(task, at, call.span)
            }
            ExprKind::Chain { base, links } => self.spawn_chain(base, links),
            _ => self.expr(call),
        }
    }

    fn spawn_call(
        &mut self,
        f: Value,
        args: &'p Args,
        type_args: Vec<TypeSpec>,
        span: Span,
    ) -> Result<Value, Trap> {
        let at = self.height();
        self.push_header(f, Value::UNDEF);
        let (count, names) = self.arguments(args)?;
        let (args, named) = self.split_named(at, count, &names);
        let task = tasks::spawn_call(self, f, &args, &named, type_args);
        self.ended(task, at, span)
    }

    fn spawn_chain(&mut self, base: &'p Expr, links: &'p [Link]) -> Result<Value, Trap> {
        let Some((last, before)) = links.split_last() else { return Ok(Value::NULL) };
        let base_is_this = matches!(base.kind, ExprKind::This);
        let mut v = self.expr(base)?;
        if !before.is_empty() {
            v = self.links(v, base_is_this, before).map_err(|Stop| self.trap)?;
        }
        if v.is_null() && links.iter().any(|l| l.optional) {
            return Ok(Value::NULL);
        }
        match &last.kind {
            LinkKind::Call(args) => self.spawn_call(v, args, Vec::new(), last.span),
            LinkKind::Method { name, args, internal } => {
                let at = self.height();
                self.push_header(v, v);
                let (count, names) = self.arguments(args)?;
                let (args, named) = self.split_named(at, count, &names);
                let task = tasks::spawn_method(self, v, name, &args, &named, *internal);
                self.ended(task, at, last.span)
            }
            _ => Ok(v),
        }
    }

    /// The end of a call whose header lies at `at`.
    fn ended(&mut self, result: Result<Value, Trap>, at: usize, span: Span) -> Result<Value, Trap> {
        match result {
            Ok(v) => {
                self.cut(at);
                Ok(v)
            }
            Err(trap) => Err(self.at_call(trap, span)),
        }
    }

    /// `async t` without a call.
    pub fn spawn_value(&mut self, operand: &'p Expr, span: Span) -> Result<Value, Trap> {
        let v = self.expr(operand)?;
        intrinsics::expect_task(&mut self.m, v).map_err(|t| self.at(t, span))
    }

    /// `await v`
    pub fn wait_for(&mut self, v: Value) -> Result<Value, Trap> {
        let height = self.height();
        self.push(v);
        let result = tasks::await_value(self, v)?;
        self.cut(height);
        Ok(result)
    }
}
