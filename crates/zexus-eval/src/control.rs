//! How control leaves statements: `try`, `defer`, `using`, transactions (language.md 8.6, 8.7, 10, 15.2).

use zexus_hir::ir::{Bind, Block, Expr, FuncId, Slot, Span, Try};
use zexus_runtime::control::Aside;
use zexus_runtime::policy::validate;
use zexus_runtime::{Trap, Value, calls, control};

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

impl<'p> Eval<'p> {
    /// Runs `code` however `outcome` is, short of a fatal error; what leaves `code` replaces what was under way.
    pub fn finally(
        &mut self,
        outcome: Result<Flow, Trap>,
        code: impl FnOnce(&mut Self) -> Result<Flow, Trap>,
    ) -> Result<Flow, Trap> {
        if outcome.is_err_and(Trap::is_fatal) {
            return outcome;
        }
        // Otherwise the value is an old one, which nothing has kept alive.
        let value = match outcome {
            Ok(Flow::Normal | Flow::Return) => self.value,
            _ => Value::NULL,
        };
        let aside = Aside::new(&mut self.m, value);
        match code(self)? {
            Flow::Normal => {
                self.value = aside.take_up(&mut self.m);
                outcome
            }
            flow => {
                aside.forget(&mut self.m);
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
        let (pending, v) = control::catch(self)?;
        self.cut(height);
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
        Err(control::raise_again(&mut self.m, pending))
    }

    /// `defer`: notes the function in the frame.
    pub fn defer(&mut self, body: FuncId) -> Result<(), Trap> {
        let f = self.closure(body, Value::UNDEF)?;
        let deferred = self.deferred();
        let deferred = control::defer(&mut self.m, deferred, f)?;
        self.set_deferred(deferred);
        Ok(())
    }

    /// Runs the deferred blocks of the frame in reverse order. An error in one replaces what was under way; the others still run.
    #[inline(never)]
    pub fn run_deferred(&mut self, outcome: Result<Flow, Trap>) -> Result<Flow, Trap> {
        if outcome.is_err() {
            self.cut(self.base + self.func.slots as usize);
        }
        let deferred = self.deferred();
        let value = outcome.map(|_| self.value);
        self.value = control::run_deferred(self, deferred, value)?;
        outcome
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

    fn close(&mut self, resource: Value, span: Span) -> Result<(), Trap> {
        control::close(self, resource).map_err(|t| self.at_call(t, span))
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
