//! State variables of top levels, and what programs see of the run (language.md 15.3, 15.9, 15.10).

use zexus_bytecode::schedule;
use zexus_runtime::contracts::context;
use zexus_runtime::policy::validate;
use zexus_runtime::state::variables;
use zexus_runtime::{Trap, Value, calls};

use super::{arg, null};
use crate::exec::Exec;

/// The base price of `LEDGER_APPEND`, which a call that stands for it costs besides.
const LEDGER_CALL: u64 = 200;

impl Exec<'_> {
    /// `KEY → boolean`
    pub(super) fn support_state_missing(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let key = self.text_at(args, 0);
        variables::is_missing(&mut self.m, &key).map(Value::bool)
    }

    /// `v kind KEY → null`
    pub(super) fn support_state_init(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (kind, key) = (self.text_at(args, 1), self.text_at(args, 2));
        self.m.charge_metered(schedule::STATE_WRITE_CALL)?;
        null(variables::initialize(&mut self.m, &key, &*kind == "ledger", arg(args, 0)))
    }

    /// `KEY → v`
    pub(super) fn support_state_read(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let key = self.text_at(args, 0);
        self.m.charge_metered(schedule::STATE_READ_CALL)?;
        variables::get(&mut self.m, &key)
    }

    /// `v KEY → null`
    pub(super) fn support_state_write(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let key = self.text_at(args, 1);
        self.m.charge_metered(schedule::STATE_WRITE_CALL)?;
        null(variables::set(&mut self.m, &key, arg(args, 0)))
    }

    /// `v KEY → null`
    pub(super) fn support_ledger_write(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let key = self.text_at(args, 1);
        self.m.charge_metered(LEDGER_CALL)?;
        null(variables::append_version(&mut self.m, &key, arg(args, 0)))
    }

    /// `KEY → list`
    pub(super) fn support_history(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let key = self.text_at(args, 0);
        variables::history(&mut self.m, &key)
    }

    /// `this name → list`
    pub(super) fn support_field_history(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = self.text_at(args, 1);
        match arg(args, 0).as_contract_instance() {
            Some(instance) if self.acts_for(arg(args, 0)) => {
                calls::field_history(&mut self.m, instance, &name)
            }
            _ => calls::call_method(self, arg(args, 0), &name, &[], &[], true),
        }
    }

    /// E0502 with a message, or the default one for null.
    #[cold]
    pub(super) fn verify_failed(&mut self, message: Value) -> Trap {
        validate::verify_error(&mut self.m, Some(message))
    }

    /// `name → v`
    pub(super) fn support_tx(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = self.text_at(args, 0);
        context::tx_member(&mut self.m, &name)
    }

    /// `name → v`
    pub(super) fn support_gas(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = self.text_at(args, 0);
        context::gas_member(&mut self.m, &name)
    }
}
