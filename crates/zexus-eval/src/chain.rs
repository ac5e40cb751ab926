//! Chains: a base and the members, indexes and calls that follow it (language.md 5.8, 5.9).

use std::sync::Arc;

use zexus_hir::ir::{Arg, Args, Const, Expr, ExprKind, Link, LinkKind, Name, Span, StateId, StateKind, Var};
use zexus_runtime::calls::{self, Method};
use zexus_runtime::{Trap, Value, args, builtins, methods, ops, state};

use crate::eval::{Eval, Stop};
use crate::frame::HEADER;

impl<'p> Eval<'p> {
    /// A chain.
    #[inline(never)]
    pub fn chain(&mut self, base: &'p Expr, links: &'p [Link]) -> Result<Value, Stop> {
        if let ExprKind::Var(Var::State(id)) = &base.kind
            && let Some((link, rest)) = links.split_first()
            && self.is_history(*id, link)
        {
            let v = state::variable_history(&mut self.m, id.0).map_err(|t| self.stop_at(t, link.span))?;
            return self.links(v, false, rest);
        }
        let mut v = self.operand(base)?;
        // The most frequent chains are items of lists.
        let mut rest = links;
        while let (Some(list), [Link { kind: LinkKind::Index(e), span, .. }, after @ ..]) =
            (v.as_list(), rest)
        {
            let key = self.key_beside(v, e)?;
            let items = &self.m.heap.list(list).items;
            v = match key.as_int().and_then(|i| items.get(i as usize)) {
                Some(item) => *item,
                None => self.index(v, key, *span).map_err(|t| self.stop(t))?,
            };
            rest = after;
            if rest.is_empty() {
                return Ok(v);
            }
        }
        self.links(v, rest.len() == links.len() && matches!(base.kind, ExprKind::This), rest)
    }

    fn is_history(&self, id: StateId, link: &Link) -> bool {
        matches!(&link.kind, LinkKind::Method { name, .. } if &**name == "history")
            && self.program.states[id.index()].kind == StateKind::Ledger
    }

    #[cold]
    fn stop_at(&mut self, trap: Trap, span: Span) -> Stop {
        let trap = self.at(trap, span);
        self.stop(trap)
    }

    /// Applies links to a value.
    #[inline]
    pub fn links(&mut self, mut v: Value, base_is_this: bool, links: &'p [Link]) -> Result<Value, Stop> {
        let mut internal = base_is_this;
        let mut rest = links;
        while let Some((link, after)) = rest.split_first() {
            if link.optional && v.is_null() {
                return Ok(Value::NULL);
            }
            rest = after;
            v = match &link.kind {
                LinkKind::Index(e) => {
                    let key = self.key_beside(v, e)?;
                    self.index(v, key, link.span).map_err(|t| self.stop(t))?
                }
                LinkKind::Member(name) => match self.history(v, name, internal, after, link.span) {
                    Ok(None) => self.member(v, name, internal, link.span).map_err(|t| self.stop(t))?,
                    Ok(Some(history)) => {
                        rest = &after[1..];
                        history
                    }
                    Err(trap) => return Err(self.stop(trap)),
                },
                LinkKind::Method { name, args, internal } => {
                    self.method_expr(v, name, args, *internal, link.span).map_err(|t| self.stop(t))?
                }
                LinkKind::Slice(a, b) => {
                    self.slice(v, a.as_deref(), b.as_deref(), link.span).map_err(|t| self.stop(t))?
                }
                LinkKind::Call(args) => self.call_value_with(v, args, link.span)?,
            };
            internal = false;
        }
        Ok(v)
    }

    /// The key of an index, evaluated while the container is kept alive.
    #[inline(always)]
    fn key_beside(&mut self, v: Value, e: &'p Expr) -> Result<Value, Stop> {
        match &e.kind {
            ExprKind::Var(Var::Local(slot)) => Ok(self.slot(*slot)),
            ExprKind::Const(Const::Int(i)) => Ok(Value::int(*i)),
            _ => {
                let height = self.height();
                self.push(v);
                let key = self.operand(e)?;
                self.cut(height);
                Ok(key)
            }
        }
    }

    fn slice(
        &mut self,
        v: Value,
        a: Option<&'p Expr>,
        b: Option<&'p Expr>,
        span: Span,
    ) -> Result<Value, Trap> {
        let height = self.height();
        self.push(v);
        let mut ends = [Value::NULL; 2];
        for (end, e) in ends.iter_mut().zip([a, b]) {
            if let Some(e) = e {
                *end = self.expr(e)?;
                self.push(*end);
                // A side that is left out is null for the operation, so a null that is written must be refused here.
                if end.is_null() {
                    return Err(self.error(402, "Type mismatch: a slice takes integers, got Null", e.span));
                }
            }
        }
        self.cut(height);
        ops::slice(&mut self.m, v, ends[0], ends[1]).map_err(|t| self.at(t, span))
    }

    /// `this.x.history()` of a ledger variable of the running contract.
    #[inline]
    fn history(
        &mut self,
        this: Value,
        name: &Name,
        internal: bool,
        after: &'p [Link],
        span: Span,
    ) -> Result<Option<Value>, Trap> {
        if !internal {
            return Ok(None);
        }
        let Some(Link { kind: LinkKind::Method { name: method, .. }, .. }) = after.first() else {
            return Ok(None);
        };
        let Some(instance) = this.as_contract_instance() else { return Ok(None) };
        if &**method != "history" {
            return Ok(None);
        }
        let contract = self.m.contract_of(this);
        if !contract.is_some_and(|c| self.m.heap.contract(c).state.get(&**name).is_some_and(|f| f.ledger)) {
            return Ok(None);
        }
        let history = zexus_runtime::calls::field_history(&mut self.m, instance, name);
        history.map(Some).map_err(|t| self.at(t, span))
    }

    /// `v.name(args)`
    pub fn method_expr(
        &mut self,
        v: Value,
        name: &'p Name,
        args: &'p Args,
        internal: bool,
        span: Span,
    ) -> Result<Value, Trap> {
        if v.is_null() {
            let trap = ops::null_member(&mut self.m, name);
            return Err(self.at(trap, span));
        }
        let at = self.height();
        self.push_header(v, v);
        let (count, names) = self.arguments(args)?;
        match self.call_method_at(v, name, at, count, &names, internal) {
            Ok(v) => {
                self.cut(at);
                Ok(v)
            }
            Err(trap) => Err(self.at_call(trap, span)),
        }
    }

    /// Calls a method with the header and arguments that lie at `at`, in the order of language.md 5.9.
    pub fn call_method_at(
        &mut self,
        v: Value,
        name: &Name,
        at: usize,
        count: usize,
        names: &[&Name],
        internal: bool,
    ) -> Result<Value, Trap> {
        let method = calls::find_method(&mut self.m, v, name, internal)?;
        match method {
            Method::Own(f) => {
                self.m.stack[at] = f;
                self.call_at(at, count, names)
            }
            Method::Held(f) => {
                self.m.stack[at] = f;
                self.m.stack[at + 1] = Value::UNDEF;
                self.call_at(at, count, names)
            }
            Method::Builtin(index) if count == 1 && names.is_empty() => {
                let argument = self.m.stack[at + HEADER];
                methods::call_found(self, index, v, &[argument])
            }
            _ => {
                let (args, named) = self.split_named(at, count, names);
                calls::call_found(self, method, v, name, &args, &named, internal)
            }
        }
    }

    /// `b(args)` for a builtin that is called by its name.
    pub fn builtin_expr(&mut self, index: u32, args: &'p Args, span: Span) -> Result<Value, Trap> {
        let at = self.height();
        if args.plain {
            for arg in &args.list {
                if let Arg::Value(e) = arg {
                    let v = self.expr(e)?;
                    self.push(v);
                }
            }
        }
        let names = if args.plain { Vec::new() } else { self.arguments(args)?.1 };
        let result = match names.first() {
            None => self.call_builtin(index, at),
            Some(name) => Err(args::no_parameter(&mut self.m, builtins::row(index).name(), name)),
        };
        match result {
            Ok(v) => {
                self.cut(at);
                Ok(v)
            }
            Err(trap) => Err(self.at_call(trap, span)),
        }
    }

    /// Arguments by name as the runtime takes them: a copy of the positional ones, and the others with their names.
    pub fn split_named(
        &self,
        at: usize,
        count: usize,
        names: &[&Name],
    ) -> (Vec<Value>, Vec<(Arc<str>, Value)>) {
        let args = &self.m.stack[at + HEADER..];
        let (positional, named) = args.split_at(count.min(args.len()));
        let named = names.iter().zip(named).map(|(n, v)| ((*n).clone(), *v)).collect();
        (positional.to_vec(), named)
    }
}
