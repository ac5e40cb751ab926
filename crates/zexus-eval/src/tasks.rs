//! Making tasks (language.md 13.1).

use zexus_hir::ir::{Expr, ExprKind, Link, LinkKind, Name, Span};
use zexus_runtime::object::FunctionObj;
use zexus_runtime::{Kind, Trap, Value, kinds, tasks};

use crate::eval::{Birth, Eval, Stop};
use crate::frame::HEADER;

/// What a new task runs: the value at its header is called, or a method of it.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a> {
    /// A call of the value.
    Function,
    /// A call of a method that is no function of the program.
    Method(&'a Name, bool),
}

impl<'p> Eval<'p> {
    /// `async f(x)`, `spawn x.m(y)`: what is called and its arguments are evaluated at once.
    pub fn spawn(&mut self, call: &'p Expr) -> Result<Value, Trap> {
        if tasks::runs_at_once(&self.m) {
            return self.expr(call);
        }
        let at = self.height();
        let (span, result) = match &call.kind {
            ExprKind::Call { callee, args } => {
                let f = self.expr(callee)?;
                self.push_header(f, Value::UNDEF);
                let (count, names) = self.arguments(args)?;
                (call.span, self.spawn_call(at, count, &names))
            }
            ExprKind::CallBuiltin { builtin, args } => {
                self.push_header(Value::builtin(*builtin), Value::UNDEF);
                let (count, names) = self.arguments(args)?;
                (call.span, self.spawn_call(at, count, &names))
            }
            ExprKind::Chain { base, links } => {
                let Some((last, before)) = links.split_last() else { return Ok(Value::NULL) };
                let internal = matches!(base.kind, ExprKind::This) && before.is_empty();
                let base_is_this = matches!(base.kind, ExprKind::This);
                let mut v = self.expr(base)?;
                if !before.is_empty() {
                    v = self.links(v, base_is_this, before).map_err(|Stop| self.trap)?;
                    if v.is_null() && before.iter().any(|l| l.optional) {
                        return Ok(Value::NULL);
                    }
                }
                match self.spawn_link(v, last, at, internal)? {
                    Some(result) => (last.span, result),
                    None => return Ok(Value::NULL),
                }
            }
            _ => return self.expr(call),
        };
        match result {
            Ok(task) => {
                self.cut(at);
                Ok(task)
            }
            Err(trap) => Err(self.at_call(trap, span)),
        }
    }

    fn spawn_link(
        &mut self,
        v: Value,
        link: &'p Link,
        at: usize,
        internal: bool,
    ) -> Result<Option<Result<Value, Trap>>, Trap> {
        if link.optional && v.is_null() {
            return Ok(None);
        }
        match &link.kind {
            LinkKind::Call(args) => {
                self.push_header(v, Value::UNDEF);
                let (count, names) = self.arguments(args)?;
                Ok(Some(self.spawn_call(at, count, &names)))
            }
            LinkKind::Method { name, args, .. } => {
                self.push_header(v, v);
                let (count, names) = self.arguments(args)?;
                Ok(Some(self.spawn_method(v, name, at, count, &names, internal)))
            }
            _ => Ok(Some(Ok(v))),
        }
    }

    fn spawn_call(&mut self, at: usize, count: usize, names: &[&Name]) -> Result<Value, Trap> {
        if let Kind::Function(f) = self.m.stack[at].kind() {
            self.before_call(f, at)?;
        }
        if let (Kind::Function(f), false) = (self.m.stack[at].kind(), names.is_empty()) {
            self.place_named(f, at, count, names)?;
            return self.start_task(at, Start::Function);
        }
        if !names.is_empty() {
            // Types and contracts are made at once: nothing in them waits.
            return self.call_at(at, count, names);
        }
        match self.m.stack[at].kind() {
            Kind::Function(f) => {
                let (_, facts) = self.function(zexus_hir::ir::FuncId(self.m.heap.function(f).code));
                self.check_count(facts, count)?;
                self.start_task(at, Start::Function)
            }
            Kind::Builtin(_) | Kind::Type(_) | Kind::Contract(_) => self.start_task(at, Start::Function),
            _ => self.call_at(at, count, names),
        }
    }

    fn spawn_method(
        &mut self,
        v: Value,
        name: &'p Name,
        at: usize,
        count: usize,
        names: &[&Name],
        internal: bool,
    ) -> Result<Value, Trap> {
        if let Kind::Instance(i) = v.kind()
            && let Some(f) = self.m.heap.ty(self.m.heap.instance(i).ty).methods.get(&**name).copied()
        {
            self.m.stack[at] = self.bound_method(f, v)?;
            return self.spawn_call(at, count, names);
        }
        if !names.is_empty() {
            return self.call_method_at(v, name, at, count, names, internal);
        }
        self.start_task(at, Start::Method(name, internal))
    }

    /// A method as a function that knows its `this`, for a task that starts later.
    fn bound_method(&mut self, f: Value, this: Value) -> Result<Value, Trap> {
        let Some(r) = f.as_function() else { return Ok(f) };
        let method = self.m.heap.function(r);
        let object = FunctionObj {
            code: method.code,
            captures: method.captures.clone(),
            this,
            home: method.home,
            info: method.info.clone(),
            protection: None,
        };
        Ok(Value::function(self.m.heap.alloc_function(object)?))
    }

    /// Makes a task of the call whose header lies at `at`.
    pub fn start_task(&mut self, at: usize, start: Start<'_>) -> Result<Value, Trap> {
        let (mut f, this) = (self.m.stack[at], self.m.stack[at + 1]);
        if !this.is_undef() && matches!(start, Start::Function) {
            let own = f.as_function().map_or(Value::UNDEF, |r| self.m.heap.function(r).this);
            if own.is_undef() {
                f = self.bound_method(f, this)?;
            }
        }
        let args = self.m.stack[at + HEADER..].to_vec();
        let task = tasks::spawn(&mut self.m, f, &args)?;
        let id = task.as_task().map_or(0, |t| self.m.heap.task(t).id);
        let method = match start {
            Start::Function => None,
            Start::Method(name, internal) => Some((name.clone(), internal)),
        };
        let locals = tasks::Locals::of_new_task(&self.m);
        self.shared.births.borrow_mut().insert(id, Birth { locals, method });
        Ok(task)
    }

    /// `async t` without a call.
    pub fn spawn_value(&mut self, operand: &'p Expr, span: Span) -> Result<Value, Trap> {
        let v = self.expr(operand)?;
        if v.as_task().is_some() || tasks::runs_at_once(&self.m) {
            return Ok(v);
        }
        let kind = kinds::type_name(&self.m, v).to_owned();
        Err(self.error(402, format!("Type mismatch: expected a task, got {kind}"), span))
    }

    /// `await v`
    pub fn wait_for(&mut self, v: Value) -> Result<Value, Trap> {
        let height = self.height();
        self.push(v);
        let result = tasks::await_value(self, v)?;
        self.cut(height);
        Ok(result)
    }

    /// Runs the body of a task whose turn has come for the first time.
    pub fn run_task(
        &mut self,
        f: Value,
        args: &[Value],
        method: Option<(Name, bool)>,
    ) -> Result<Value, Trap> {
        let at = self.height();
        if let Some((name, internal)) = method {
            self.push_header(f, f);
            self.m.stack.extend_from_slice(args);
            return self.call_method_at(f, &name, at, args.len(), &[], internal);
        }
        self.push_header(f, Value::UNDEF);
        self.m.stack.extend_from_slice(args);
        match f.as_function() {
            // The checks before a call were made when the task was made.
            Some(r) => {
                let object = self.m.heap.function(r);
                if !object.this.is_undef() {
                    self.m.stack[at + 1] = object.this;
                }
                self.run_guarded(r, at, args.len())
            }
            None => self.call_at(at, args.len(), &[]),
        }
    }
}
