//! Contracts: what the tier adds to the runtime's functions (language.md chapter 15).

use zexus_hir::ir::{Args, FuncId, Name, Span};
use zexus_runtime::object::FunctionObj;
use zexus_runtime::{Kind, Ref, Trap, Value, calls, contracts, ops, policy};

use crate::eval::{Eval, Stop};
use crate::frame::HEADER;

impl<'p> Eval<'p> {
    /// `C(args)` with the arguments at `at`.
    pub fn instantiate(&mut self, at: usize, count: usize, names: &[&Name]) -> Result<Value, Trap> {
        let Some(contract) = self.m.stack[at].as_contract() else { return Ok(Value::NULL) };
        let (args, named) = self.split_named(at, count, names);
        calls::instantiate(self, contract, &args, &named)
    }

    /// `c.name(args)`: external, or internal through `this`.
    pub fn call_contract_at(
        &mut self,
        v: Value,
        name: &Name,
        at: usize,
        count: usize,
        names: &[&Name],
        internal: bool,
    ) -> Result<Value, Trap> {
        let (args, named) = self.split_named(at, count, names);
        let action = self.m.contract_of(v).and_then(|c| calls::action(&self.m, c, name));
        match action {
            None if matches!(&**name, "toString" | "to_string") => self.builtin_method(v, name, at),
            Some((f, info)) if internal => {
                let args = calls::arrange(&mut self.m, &info, &args, &named)?;
                calls::call_internal(self, f, v, &args)
            }
            _ => calls::call_action(self, v, name, &args, &named),
        }
    }

    /// `super.m(args)`
    pub fn super_call(&mut self, name: &'p Name, args: &'p Args, span: Span) -> Result<Value, Trap> {
        let this = self.this();
        let home = self.callee().as_function().map_or(Value::UNDEF, |f| self.m.heap.function(f).home);
        let at = self.height();
        self.push_header(this, this);
        let (count, names) = self.arguments(args)?;
        let result = match home.kind() {
            Kind::Type(t) => {
                let inherited =
                    self.m.heap.ty(t).parent.and_then(|p| self.m.heap.ty(p).methods.get(&**name).copied());
                match inherited {
                    Some(f) => {
                        self.m.stack[at] = f;
                        self.call_at(at, count, &names)
                    }
                    None => match self.automatic(this, name, at) {
                        Some(result) => result,
                        None => Err(ops::no_method(&mut self.m, this, name)),
                    },
                }
            }
            Kind::Contract(c) => self.super_action(c, this, name, at, count, &names),
            _ => Err(ops::no_method(&mut self.m, this, name)),
        };
        match result {
            Ok(v) => {
                self.cut(at);
                Ok(v)
            }
            Err(trap) => Err(self.at_call(trap, span)),
        }
    }

    fn super_action(
        &mut self,
        home: Ref<zexus_runtime::object::ContractObj>,
        this: Value,
        name: &Name,
        at: usize,
        count: usize,
        names: &[&Name],
    ) -> Result<Value, Trap> {
        let parent = self.m.heap.contract(home).parent;
        let Some((f, info)) = parent.and_then(|p| calls::action(&self.m, p, name)) else {
            let contract = self.m.heap.contract(home).name.clone();
            return Err(self.m.error(515, format!("Action '{name}' not found in contract {contract}")));
        };
        let (args, named) = self.split_named(at, count, names);
        let args = calls::arrange(&mut self.m, &info, &args, &named)?;
        calls::call_internal(self, f, this, &args)
    }

    /// A call of a function with modifiers, protection or a gas limit.
    #[inline(never)]
    pub fn enter_guarded(&mut self, f: Ref<FunctionObj>, at: usize, count: usize) -> Result<Value, Trap> {
        self.before_call(f, at)?;
        let (func, facts) = self.function(FuncId(self.m.heap.function(f).code));
        if func.flags.is_async() && self.m.journal.depth() == 0 {
            self.check_count(facts, at, count, count)?;
            return self.start_task(at, crate::tasks::Start::Function);
        }
        self.run_guarded(f, at, count)
    }

    /// Rules of `protect` and the entry that `secure` makes.
    pub fn before_call(&mut self, f: Ref<FunctionObj>, at: usize) -> Result<(), Trap> {
        let object = self.m.heap.function(f);
        if object.protection.is_none() && !object.info.flags.is_secure() {
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
