//! `super`, and calls of functions with modifiers (language.md 9.1, 11.3).

use zexus_hir::ir::{Args, FuncId, Name, Span};
use zexus_runtime::object::FunctionObj;
use zexus_runtime::{Ref, Trap, Value, calls, contracts, policy, tasks};

use crate::eval::{Eval, Stop};
use crate::frame::HEADER;

impl<'p> Eval<'p> {
    /// `super.m(args)`
    pub fn super_call(&mut self, name: &'p Name, args: &'p Args, span: Span) -> Result<Value, Trap> {
        let this = self.this();
        let home = self.own_home();
        let at = self.height();
        self.push_header(this, this);
        let (count, names) = self.arguments(args)?;
        let method = home.as_type().and_then(|t| calls::super_method(&self.m, t, name));
        let result = match method {
            Some(f) => {
                self.m.stack[at] = f;
                self.call_at(at, count, &names)
            }
            None => {
                let (args, named) = self.split_named(at, count, &names);
                calls::call_super(self, home, this, name, &args, &named)
            }
        };
        match result {
            Ok(v) => {
                self.cut(at);
                Ok(v)
            }
            Err(trap) => Err(self.at_call(trap, span)),
        }
    }

    /// A call of a function with modifiers, protection or a gas limit.
    #[inline(never)]
    pub fn enter_guarded(&mut self, f: Ref<FunctionObj>, at: usize, count: usize) -> Result<Value, Trap> {
        self.before_call(f, at)?;
        let (func, facts) = self.function(FuncId(self.m.heap.function(f).code));
        if calls::becomes_task(&self.m, func.flags) {
            self.check_count(facts, count)?;
            let (f, this) = (self.m.stack[at], self.m.stack[at + 1]);
            let args = self.m.stack[at + HEADER..].to_vec();
            return tasks::spawn_checked(&mut self.m, f, this, &args);
        }
        self.run_guarded(f, at, count)
    }

    /// Rules of `protect` and the entry that `secure` makes.
    pub fn before_call(&mut self, f: Ref<FunctionObj>, at: usize) -> Result<(), Trap> {
        if !calls::needs_check(self.m.heap.function(f)) {
            return Ok(());
        }
        let args = self.m.stack[at + HEADER..].to_vec();
        policy::before_call(self, f, &args)
    }

    /// The same after the checks, for tasks that start.
    pub fn run_guarded(&mut self, f: Ref<FunctionObj>, at: usize, count: usize) -> Result<Value, Trap> {
        let (func, facts) = self.function(FuncId(self.m.heap.function(f).code));
        if !func.flags.is_view() && !func.flags.is_pure() {
            return self.run(func, facts, at, count).map_err(|Stop| self.trap);
        }
        let before = contracts::enter(&mut self.m, func.flags);
        let result = self.run(func, facts, at, count).map_err(|Stop| self.trap);
        contracts::leave(&mut self.m, before);
        result
    }
}
