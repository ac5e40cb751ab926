//! Support functions: builtins whose names start with `@` (bytecode.md 7.1). Their table is [`zexus_bytecode::support`].
//!
//! Operands come as values, names, keys and types among them as what `LOAD_CONST` gives. Of a hand-written module they may be of any
//! kind: what is missing is null, and what should be a text is empty.

mod calls;
mod collections;
mod control;
mod modules;
mod policies;
mod shapes;
mod states;

use std::sync::Arc;

use zexus_bytecode::support::Support;
use zexus_runtime::{Trap, Value};

use crate::exec::Exec;

/// The operand at a position; null if there is none.
fn arg(args: &[Value], at: usize) -> Value {
    args.get(at).copied().unwrap_or(Value::NULL)
}

/// The operand at a position unless it is missing or null.
fn given(args: &[Value], at: usize) -> Option<Value> {
    args.get(at).copied().filter(|v| !v.is_null())
}

/// The operand at a position as a count; 0 for what is none.
fn count(args: &[Value], at: usize) -> usize {
    arg(args, at).as_int().and_then(|i| usize::try_from(i).ok()).unwrap_or(0)
}

/// The operands after the first so many.
fn after(args: &[Value], skipped: usize) -> &[Value] {
    args.get(skipped..).unwrap_or_default()
}

fn null(result: Result<(), Trap>) -> Result<Value, Trap> {
    result.map(|()| Value::NULL)
}

impl Exec<'_> {
    /// Calls a support function. What `@new` and `@copy` do is in the linked code; as calls they do nothing.
    ///
    /// # Errors
    /// Those of the function. The linker has seen to the number of operands.
    pub fn call_support(&mut self, support: Support, args: &[Value]) -> Result<Value, Trap> {
        match support {
            Support::New | Support::Copy | Support::Export => Ok(Value::NULL),
            Support::Peek => Ok(self.peek(args).unwrap_or(Value::NULL)),
            Support::Given => Ok(Value::bool(self.peek(args).is_some())),
            Support::SealedError => self.support_sealed_error(args),
            Support::Builtin => self.support_builtin(args),
            Support::Dependency => self.support_dependency(args),
            Support::Module => self.support_module(args),
            Support::Args => self.support_args(),

            Support::StateMissing => self.support_state_missing(args),
            Support::StateInit => self.support_state_init(args),
            Support::StateRead => self.support_state_read(args),
            Support::StateWrite => self.support_state_write(args),
            Support::LedgerWrite => self.support_ledger_write(args),
            Support::History => self.support_history(args),
            Support::FieldHistory => self.support_field_history(args),

            Support::Append => self.support_append(args),
            Support::Extend => self.support_extend(args),
            Support::Spread => self.support_spread(args),
            Support::Insert => self.support_insert(args),
            Support::Key => self.support_key(args),
            Support::SliceEnd => self.support_slice_end(args),
            Support::ListParts => self.support_list_parts(args),
            Support::MapParts => self.support_map_parts(args),
            Support::Item => Ok(self.support_item(args)),
            Support::Rest => self.support_rest(args),
            Support::Entry => self.support_entry(args),
            Support::Has => Ok(self.support_has(args)),

            Support::MatchList => self.support_match_list(args),
            Support::MatchMap => self.support_match_map(args),
            Support::InInterval => Ok(self.support_in_interval(args)),
            Support::IsInstance => self.support_is_instance(args),
            Support::FieldAt => self.support_field_at(args),
            Support::MatchError => Err(self.m.error(418, "Match expression: no pattern matched")),

            Support::Super => self.support_super(args),
            Support::SuperSpread => self.support_super_spread(args),
            Support::Construct => self.support_construct(args),
            Support::SpawnMethod => self.support_spawn_method(args),
            Support::SpawnSpread => self.support_spawn_spread(args),
            Support::SpawnMethodSpread => self.support_spawn_method_spread(args),
            Support::SpawnSuper => self.support_spawn_super(args),
            Support::SpawnConstruct => self.support_spawn_construct(args),
            Support::Task => self.support_task(args),
            Support::External => self.support_external(args),

            Support::RequireFailed => Err(self.require_failed(arg(args, 0))),
            Support::VerifyFailed => Err(self.verify_failed(arg(args, 0))),
            Support::Tx => self.support_tx(args),
            Support::Gas => self.support_gas(args),

            Support::AtomicEnter => Ok(self.support_atomic_enter()),
            Support::AtomicLeave => Ok(self.support_atomic_leave()),
            Support::Exactly => Ok(self.support_exactly(args)),
            Support::NextDeferred => Ok(self.support_next_deferred(args)),
            Support::AtEnd => self.support_at_end(args),
            Support::Close => self.support_close(args),

            Support::WatchSet => self.support_watch_set(args),
            Support::Watch => self.support_watch(args),
            Support::WatchEnd => Ok(self.support_watch_end(args)),

            Support::Debug => self.support_debug(args),
            Support::Audit => self.support_audit(args),
            Support::Seal => self.support_seal(args),
            Support::SealMember => self.support_seal_member(args),
            Support::Restrict => self.support_restrict(args),
            Support::Trail => self.support_trail(args),
            Support::Grant => self.support_grant(args),
            Support::Revoke => self.support_revoke(args),
            Support::Protect => self.support_protect(args),
            Support::Channel => self.support_channel(args),
            Support::SandboxEnter => self.support_sandbox_enter(args),
            Support::SandboxLeave => Ok(self.support_sandbox_leave()),
            Support::Emit => self.support_emit(args),

            Support::DefineModule => self.support_define_module(args),
            Support::ShowVariable => self.support_show_variable(args),
            Support::ShowState => self.support_show_state(args),
            Support::ShowValue => self.support_show_value(args),
        }
    }

    /// The operand at a position as a text; empty for another kind.
    fn text_at(&self, args: &[Value], at: usize) -> Arc<str> {
        self.m.text(arg(args, at)).cloned().unwrap_or_default()
    }

    /// The texts of a list.
    fn texts_of(&self, v: Value) -> Vec<Arc<str>> {
        let items = v.as_list().map(|l| &*self.m.heap.list(l).items).unwrap_or_default();
        items.iter().filter_map(|v| self.m.text(*v).cloned()).collect()
    }

    /// The value of the variable that the first operand names, if it has one.
    fn peek(&self, args: &[Value]) -> Option<Value> {
        let name = self.text_at(args, 0);
        Some(self.read_spot(self.spot(&name))).filter(|v| !v.is_undef())
    }
}
