//! The loop that runs linked code.

use zexus_runtime::{Trap, Value};

use crate::exec::Exec;

pub(crate) mod insn;

impl Exec<'_> {
    /// Runs the body of a module in a frame of its own.
    ///
    /// # Errors
    /// Whatever it raises.
    pub fn run_module(&mut self, _module: u32) -> Result<Value, Trap> {
        self.run()
    }

    /// Runs the frame on top until it ends.
    pub(crate) fn run(&mut self) -> Result<Value, Trap> {
        Ok(Value::NULL)
    }
}
