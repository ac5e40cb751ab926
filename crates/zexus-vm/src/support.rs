//! Support functions: builtins whose names start with `@` (bytecode.md 7.1).

use zexus_runtime::{Trap, Value};

use crate::exec::Exec;

impl Exec<'_> {
    /// Calls a support function. `@new` and `@copy` never come here: the linker knows them.
    ///
    /// # Errors
    /// Those of the function.
    pub fn call_support(&mut self, name: &str, _args: &[Value]) -> Result<Value, Trap> {
        Err(self.m.error(402, format!("{name} is not there yet")))
    }
}
