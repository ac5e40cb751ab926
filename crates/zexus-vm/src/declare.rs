//! Declarations: descriptors become objects (bytecode.md 2.6).

use zexus_bytecode::{Const, Opcode};
use zexus_runtime::{Trap, Value};

use crate::exec::Exec;

impl Exec<'_> {
    /// `DEFINE_ENUM`, `DEFINE_PROTOCOL`, `DEFINE_CONTRACT`, `DEFINE_ENTITY`: the value to be bound. `current` is what the variable holds,
    /// `UNDEF` if nothing: an object that a forward declaration made is filled.
    ///
    /// # Errors
    /// Those of language.md 11 and 15.
    pub fn define(&mut self, op: Opcode, current: Value, _descriptor: &Const) -> Result<Value, Trap> {
        let _ = current;
        Err(self.m.error(402, format!("{op} is not there yet")))
    }

    /// `ASSERT_PROTOCOL`.
    ///
    /// # Errors
    /// E0402.
    pub fn assert_protocol(&mut self, _v: Value, _protocol: Value) -> Result<(), Trap> {
        Err(self.m.error(402, "protocols are not there yet"))
    }
}
