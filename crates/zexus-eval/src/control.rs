//! How control leaves statements: `try`, `defer`, `using`, transactions (language.md 8.6, 8.7, 10, 15.2).

use zexus_hir::ir::{Bind, Block, Expr, FuncId, Slot, Span, Try};
use zexus_runtime::policy::validate;
use zexus_runtime::trap::{Pending, Raised};
use zexus_runtime::{Kind, Trap, Value, calls};

use crate::eval::Eval;

/// How a statement ended; a value that belongs to it is in [`Eval::value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The next statement follows.
    Normal,
    /// The function ends.
    Return,
    /// The innermost loop ends.
    Break,
    /// The next iteration follows.
    Continue,
}

/// What was under way when code that must run in between began.
struct Aside {
    outcome: Result<Flow, Trap>,
    pending: Option<Box<Pending>>,
    exit_code: u8,
    /// The stack holds the value, and what was thrown, from here on.
    height: usize,
}

impl<'p> Eval<'p> {
    fn set_aside(&mut self, outcome: Result<Flow, Trap>) -> Aside {
        let pending = self.m.pending.take();
        let height = self.height();
        let thrown = match pending.as_ref().map(|p| &p.raised) {
            Some(Raised::Value(v)) => *v,
            _ => Value::NULL,
        };
        self.m.stack.extend_from_slice(&[self.value, thrown]);
        Aside { outcome, pending, exit_code: self.m.exit_code, height }
    }

    /// Goes on with what was under way.
    fn take_up(&mut self, aside: Aside) -> Result<Flow, Trap> {
        self.value = self.m.stack[aside.height];
        self.cut(aside.height);
        self.m.pending = aside.pending;
        self.m.exit_code = aside.exit_code;
        aside.outcome
    }

    /// Runs `code` however `outcome` is, short of a fatal error; what leaves `code` replaces what was under way.
    pub fn finally(
        &mut self,
        outcome: Result<Flow, Trap>,
        code: impl FnOnce(&mut Self) -> Result<Flow, Trap>,
    ) -> Result<Flow, Trap> {
        if outcome.is_err_and(Trap::is_fatal) {
            return outcome;
        }
        let aside = self.set_aside(outcome);
        match code(self)? {
            Flow::Normal => self.take_up(aside),
            flow => {
                self.cut(aside.height);
                Ok(flow)
            }
        }
    }

    /// `try`
    pub fn try_stmt(&mut self, parts: &'p Try) -> Result<Flow, Trap> {
        let height = self.height();
        let mut outcome = self.block(&parts.body);
        if outcome == Err(Trap::Raised) && !parts.catches.is_empty() {
            outcome = self.catch(parts, height);
        }
        let Some(finally) = &parts.finally else { return outcome };
        if outcome.is_err() {
            self.cut(height);
        }
        self.finally(outcome, |me| me.block(finally))
    }

    fn catch(&mut self, parts: &'p Try, height: usize) -> Result<Flow, Trap> {
        if calls::passes_catch(&self.m) {
            return Err(Trap::Raised);
        }
        self.cut(height);
        let pending = self.m.take_pending();
        let line = pending.at.map_or(0, |at| (self.shared.lines)(at));
        let v = self.m.caught(&pending, line)?;
        self.push(v);
        for clause in &parts.catches {
            let takes = match &clause.ty {
                None => true,
                Some(ty) => self.fits(v, &ty.kind)?,
            };
            if takes {
                self.early(&clause.early)?;
                self.bind(clause.bind, v)?;
                self.cut(height);
                return self.block(&clause.body);
            }
        }
        self.cut(height);
        self.m.pending = Some(pending);
        Err(Trap::Raised)
    }

    /// `defer`: notes the function in the frame.
    pub fn defer(&mut self, body: FuncId) -> Result<(), Trap> {
        let f = self.closure(body, Value::UNDEF)?;
        let list = match self.deferred().as_list() {
            Some(list) => list,
            None => {
                let list = self.m.list(vec![f])?;
                self.set_deferred(list);
                return Ok(());
            }
        };
        self.m.heap.charge(16)?;
        self.m.heap.list_mut(list).items.push(f);
        Ok(())
    }

    /// Runs the deferred blocks of the frame in reverse order. An error in one replaces what was under way; the others still run.
    #[inline(never)]
    pub fn run_deferred(&mut self, outcome: Result<Flow, Trap>) -> Result<Flow, Trap> {
        let mut outcome = outcome;
        if outcome.is_err() {
            self.cut(self.base + self.func.slots as usize);
        }
        while let Some(f) = self.next_deferred() {
            outcome = self.call_finally(outcome, f);
            if outcome.is_err_and(Trap::is_fatal) {
                break;
            }
        }
        outcome
    }

    /// Calls a function without arguments however `outcome` is; its error replaces what was under way.
    pub fn call_finally(&mut self, outcome: Result<Flow, Trap>, f: Value) -> Result<Flow, Trap> {
        let outcome = self.finally(outcome, |me| {
            me.call_values(f, Value::UNDEF, &[])?;
            Ok(Flow::Normal)
        });
        if outcome.is_err() {
            self.cut(self.base + self.func.slots as usize);
        }
        outcome
    }

    fn next_deferred(&mut self) -> Option<Value> {
        let list = self.deferred().as_list()?;
        self.m.heap.list_mut(list).items.pop()
    }

    /// `using (r = e) { }`
    pub fn using(
        &mut self,
        bind: Bind,
        early: &'p [Slot],
        value: &'p Expr,
        body: &'p Block,
        span: Span,
    ) -> Result<Flow, Trap> {
        let height = self.height();
        let resource = self.expr(value)?;
        self.push(resource);
        self.early(early)?;
        self.bind(bind, resource)?;
        let outcome = self.block(body);
        if outcome.is_err() {
            self.cut(height + 1);
        }
        let flow = self.finally(outcome, |me| {
            me.close(resource, span)?;
            Ok(Flow::Normal)
        })?;
        self.cut(height);
        Ok(flow)
    }

    /// Calls `close`, or else `cleanup`, if the resource has it.
    fn close(&mut self, resource: Value, span: Span) -> Result<(), Trap> {
        for name in ["close", "cleanup"] {
            if !self.has_function(resource, name) {
                continue;
            }
            let at = self.height();
            self.push_header(resource, resource);
            self.call_method_at(resource, &name.into(), at, 0, &[], false)
                .map_err(|t| self.at_call(t, span))?;
            self.cut(at);
            break;
        }
        Ok(())
    }

    fn has_function(&mut self, v: Value, name: &str) -> bool {
        let held = match v.kind() {
            Kind::Instance(i) => {
                let object = self.m.heap.instance(i);
                let ty = self.m.heap.ty(object.ty);
                if ty.methods.contains_key(name) {
                    return true;
                }
                ty.fields.get_index_of(name).and_then(|slot| object.fields.get(slot).copied())
            }
            Kind::Map(r) => self.m.heap.map(r).map.get(&zexus_runtime::key::KeyRef::Str(name)).copied(),
            Kind::Contract(_) | Kind::ContractInstance(_) => {
                return self.m.contract_of(v).is_some_and(|c| calls::action(&self.m, c, name).is_some());
            }
            Kind::Channel(_) => return name == "close",
            _ => None,
        };
        held.is_some_and(|f| matches!(f.kind(), Kind::Function(_) | Kind::Builtin(_)))
    }

    /// `tx { }`
    pub fn tx(&mut self, block: &'p Block, span: Span) -> Result<Flow, Trap> {
        let serial = calls::tx_begin(&mut self.m).map_err(|t| self.at(t, span))?;
        let outcome = self.block(block);
        match outcome {
            Ok(_) => calls::tx_commit(&mut self.m, serial),
            Err(_) => calls::tx_revert(&mut self.m, serial),
        }
        outcome
    }

    /// `revert` and `revert(reason)`
    pub fn revert(&mut self, reason: Option<&'p Expr>, span: Span) -> Result<Flow, Trap> {
        let reason = match reason {
            Some(e) => self.expr(e)?,
            None => Value::NULL,
        };
        let trap = calls::revert(&mut self.m, reason);
        Err(self.at(trap, span))
    }

    /// `atomic { }`
    pub fn atomic(&mut self, block: &'p Block) -> Result<Flow, Trap> {
        self.m.sched.atomic += 1;
        let outcome = self.block(block);
        self.m.sched.atomic -= 1;
        outcome
    }

    /// `require c, m { }` and `verify c, m { }`: on failure the block runs, and unless its value is true the error follows.
    pub fn check(
        &mut self,
        verify: bool,
        condition: &'p Expr,
        message: Option<&'p Expr>,
        block: Option<&'p Block>,
        span: Span,
    ) -> Result<Flow, Trap> {
        if self.condition(condition)? {
            return self.null();
        }
        if let Some(block) = block {
            match self.block(block)? {
                Flow::Normal if self.value.truthy() => return self.null(),
                Flow::Normal => (),
                flow => return Ok(flow),
            }
        }
        let message = match message {
            Some(e) => self.expr(e)?,
            None => Value::NULL,
        };
        Err(self.failed(verify, message, span))
    }

    /// E0501 or E0502.
    pub fn failed(&mut self, verify: bool, message: Value, span: Span) -> Trap {
        let trap = match verify {
            false => validate::require_error(&mut self.m, Some(message)),
            true => validate::verify_error(&mut self.m, Some(message)),
        };
        self.at(trap, span)
    }
}
