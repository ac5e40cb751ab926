//! Policies, trails, channels and events with names (language.md 13.5, 14, 16).

use std::sync::Arc;

use zexus_bytecode::schedule;
use zexus_runtime::{Trap, Value, events, intrinsics, policy};

use super::{arg, given, null};
use crate::exec::Exec;

impl Exec<'_> {
    /// `v → null`
    pub(super) fn support_debug(&mut self, args: &[Value]) -> Result<Value, Trap> {
        intrinsics::debug(&mut self.m, arg(args, 0))
    }

    /// `name v action [time] → entry`
    pub(super) fn support_audit(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = self.text_at(args, 0);
        intrinsics::audit(&mut self.m, &name, arg(args, 1), arg(args, 2), args.get(3).copied())
    }

    /// `v → v`
    pub(super) fn support_seal(&mut self, args: &[Value]) -> Result<Value, Trap> {
        intrinsics::seal(&mut self.m, arg(args, 0))
    }

    /// `name o → null`
    pub(super) fn support_seal_member(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = self.text_at(args, 0);
        intrinsics::seal_member(&mut self.m, arg(args, 1), &name)
    }

    /// `name o rule → null`
    pub(super) fn support_restrict(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let name = self.text_at(args, 0);
        intrinsics::restrict(&mut self.m, arg(args, 1), &name, arg(args, 2))
    }

    /// `what filter → null`
    pub(super) fn support_trail(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let what = self.text_at(args, 0);
        let filter = given(args, 1).and_then(|filter| self.m.text(filter).cloned());
        intrinsics::trail(&mut self.m, &what, filter)
    }

    /// `capability who → null`
    pub(super) fn support_grant(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let capability = self.text_at(args, 0);
        self.m.charge_metered(schedule::STATE_WRITE_CALL)?;
        intrinsics::grant(&mut self.m, arg(args, 1), &capability)
    }

    /// `capability who → null`
    pub(super) fn support_revoke(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let capability = self.text_at(args, 0);
        self.m.charge_metered(schedule::STATE_WRITE_CALL)?;
        intrinsics::revoke(&mut self.m, arg(args, 1), &capability)
    }

    /// `f rules [level] → null`
    pub(super) fn support_protect(&mut self, args: &[Value]) -> Result<Value, Trap> {
        intrinsics::protect(&mut self.m, arg(args, 0), arg(args, 1), args.get(2).copied())
    }

    /// `[capacity] text TYPE → channel`
    pub(super) fn support_channel(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (capacity, ty) = args.split_at(args.len().saturating_sub(2));
        let ty = match given(ty, 1) {
            Some(descriptor) => Some(self.type_of_values(descriptor, arg(ty, 0))?),
            None => None,
        };
        intrinsics::channel(&mut self.m, ty, capacity.first().copied())
    }

    /// `policy → null`
    pub(super) fn support_sandbox_enter(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let policy = match given(args, 0) {
            Some(policy) => Some(intrinsics::text_of(&mut self.m, policy)?),
            None => None,
        };
        policy::sandbox_enter(&mut self.m, policy.as_deref())?;
        self.sandboxes.push(self.frames.len());
        Ok(Value::NULL)
    }

    /// `→ null`: leaves what this call has entered, and what calls made from here forgot to leave. A sandbox around this call stays.
    pub(super) fn support_sandbox_leave(&mut self) -> Value {
        let depth = self.frames.len();
        while let Some(entered) = self.sandboxes.pop_if(|entered| *entered >= depth) {
            policy::sandbox_leave(&mut self.m);
            if entered == depth {
                break;
            }
        }
        Value::NULL
    }

    /// `name names l → null`
    pub(super) fn support_emit(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (name, names) = (self.text_at(args, 0), self.texts_of(arg(args, 1)));
        let values = arg(args, 2).as_list().map(|l| self.m.heap.list(l).items.clone()).unwrap_or_default();
        let names: Option<Arc<[Arc<str>]>> = if names.is_empty() { None } else { Some(names.into()) };
        null(events::emit(self, &name, &values, names))
    }
}
