//! Members and indexes, where code of the program may run: computed fields, contracts (language.md 5.8, 11.1, 15.4).

use zexus_hir::ir::{Name, Span};
use zexus_runtime::ops::{self, Member};
use zexus_runtime::{Tag, Trap, Value, calls};

use crate::eval::Eval;

impl Eval<'_> {
    /// `v.name`; `internal` if `v` is the `this` of the running code.
    #[inline]
    pub fn member(&mut self, v: Value, name: &Name, internal: bool, span: Span) -> Result<Value, Trap> {
        match ops::member(&mut self.m, v, name, internal) {
            Ok(Member::Value(v)) => Ok(v),
            Ok(Member::Computed(f)) => self.computed(f, v, span),
            Ok(Member::Contract) => self.contract_member(v, name, internal, span),
            Err(trap) => Err(self.at(trap, span)),
        }
    }

    #[inline(never)]
    fn computed(&mut self, f: Value, this: Value, span: Span) -> Result<Value, Trap> {
        self.call_values(f, this, &[]).map_err(|t| self.at_call(t, span))
    }

    fn contract_member(&mut self, v: Value, name: &Name, internal: bool, span: Span) -> Result<Value, Trap> {
        calls::contract_member(self, v, name, internal).map_err(|t| self.at_call(t, span))
    }

    /// `v[key]`
    #[inline]
    pub fn index(&mut self, v: Value, key: Value, span: Span) -> Result<Value, Trap> {
        match ops::index(&mut self.m, v, key) {
            Ok(Member::Value(v)) => Ok(v),
            Ok(Member::Computed(f)) => self.computed(f, v, span),
            Ok(Member::Contract) => {
                let name = self.m.text(key).cloned().unwrap_or_default();
                self.contract_member(v, &name, false, span)
            }
            Err(trap) => Err(self.at(trap, span)),
        }
    }

    /// `v.name = value`
    #[inline]
    pub fn set_member(
        &mut self,
        v: Value,
        name: &Name,
        value: Value,
        internal: bool,
        span: Span,
    ) -> Result<(), Trap> {
        calls::set_member(self, v, name, value, internal).map_err(|t| self.at_call(t, span))
    }

    /// `v[key] = value`
    #[inline]
    pub fn set_index(&mut self, v: Value, key: Value, value: Value, span: Span) -> Result<(), Trap> {
        if v.tag() == Tag::Instance
            && let Some(name) = self.m.text(key).cloned()
        {
            return self.set_member(v, &name, value, false, span);
        }
        ops::set_index(&mut self.m, v, key, value).map(drop).map_err(|t| self.at(t, span))
    }
}
