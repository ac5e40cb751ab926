//! Calls of values from outside the loop.

use std::sync::Arc;

use zexus_runtime::interp::{Interp, Wait};
use zexus_runtime::{Loc, Machine, Trap, Value};

use crate::exec::Exec;

impl Exec<'_> {
    /// Calls a value: function, builtin, declared type or contract. Arguments need not be rooted.
    ///
    /// # Errors
    /// E0403, E0404, and whatever the call raises.
    pub fn call_value(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap> {
        self.call_with_this(f, Value::UNDEF, args)
    }

    /// Calls a function of the program as a method.
    ///
    /// # Errors
    /// As [`Exec::call_value`].
    pub fn call_with_this(&mut self, _f: Value, _this: Value, _args: &[Value]) -> Result<Value, Trap> {
        Err(self.m.error(403, "calls are not there yet"))
    }

    /// Calls a value with named arguments besides those by position.
    ///
    /// # Errors
    /// As [`Exec::call_value`].
    pub fn call_named(
        &mut self,
        _f: Value,
        _args: &[Value],
        _named: &[(Arc<str>, Value)],
    ) -> Result<Value, Trap> {
        Err(self.m.error(403, "calls are not there yet"))
    }

    /// `v.name(args)` in the order of language.md 5.9; `internal` for `this.name(args)`.
    ///
    /// # Errors
    /// E0412, E0413, E0515, and whatever the call raises.
    pub fn call_method_named(
        &mut self,
        _v: Value,
        _name: &Arc<str>,
        _args: &[Value],
        _named: &[(Arc<str>, Value)],
        _internal: bool,
    ) -> Result<Value, Trap> {
        Err(self.m.error(403, "calls are not there yet"))
    }

    /// A closure of a function of the program over the variables of the running call.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn closure(&mut self, _func: u32) -> Result<Value, Trap> {
        Err(Trap::MemoryLimit)
    }
}

impl Interp for Exec<'_> {
    fn machine(&mut self) -> &mut Machine {
        &mut self.m
    }

    fn call(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap> {
        self.call_value(f, args)
    }

    fn call_method(&mut self, f: Value, this: Value, args: &[Value]) -> Result<Value, Trap> {
        self.call_with_this(f, this, args)
    }

    fn suspend(&mut self, wait: Wait) -> Result<(), Trap> {
        self.pause(crate::tasks::Why::Wait(wait))
    }

    fn line_of(&self, at: Loc) -> u32 {
        self.program.place(at).map_or(0, |place| place.line)
    }
}
