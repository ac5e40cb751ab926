//! How control leaves statements: what is under way is put aside while `finally`, `defer` and the like run (language.md 8.6, 8.7, 10).

use crate::calls;
use crate::interp::Interp;
use crate::key::KeyRef;
use crate::machine::Machine;
use crate::trap::{Pending, Raised, Trap};
use crate::value::{Kind, Value};

/// What was under way when code that must run in between began.
#[derive(Debug)]
#[must_use]
pub struct Aside {
    pending: Option<Box<Pending>>,
    exit_code: u8,
    /// The stack of the machine holds the value, and what was thrown, from here on.
    height: usize,
}

impl Aside {
    /// Puts aside a value and the error that is on its way, if there is one.
    pub fn new(m: &mut Machine, value: Value) -> Aside {
        let pending = m.pending.take();
        let height = m.stack.len();
        let thrown = match pending.as_ref().map(|p| &p.raised) {
            Some(Raised::Value(v)) => *v,
            _ => Value::NULL,
        };
        m.stack.extend_from_slice(&[value, thrown]);
        Aside { pending, exit_code: m.exit_code, height }
    }

    /// Goes on with what was under way; the value.
    pub fn take_up(self, m: &mut Machine) -> Value {
        let value = m.stack.get(self.height).copied().unwrap_or(Value::NULL);
        m.stack.truncate(self.height);
        m.pending = self.pending;
        m.exit_code = self.exit_code;
        value
    }

    /// Forgets what was under way: something else replaces it.
    pub fn forget(self, m: &mut Machine) {
        m.stack.truncate(self.height);
    }
}

/// Runs `code` however `outcome` is, short of a fatal error; an error of `code` replaces what was under way.
///
/// # Errors
/// That of `code`, else that of `outcome`.
pub fn finally(
    interp: &mut dyn Interp,
    outcome: Result<Value, Trap>,
    code: impl FnOnce(&mut dyn Interp) -> Result<(), Trap>,
) -> Result<Value, Trap> {
    if outcome.is_err_and(Trap::is_fatal) {
        return outcome;
    }
    let aside = Aside::new(interp.machine(), outcome.unwrap_or(Value::NULL));
    match code(interp) {
        Ok(()) => {
            aside.take_up(interp.machine());
            outcome
        }
        Err(trap) => {
            aside.forget(interp.machine());
            Err(trap)
        }
    }
}

/// Calls a function without arguments however `outcome` is; its error replaces what was under way.
///
/// # Errors
/// Those of [`finally`].
pub fn call_finally(interp: &mut dyn Interp, outcome: Result<Value, Trap>, f: Value) -> Result<Value, Trap> {
    finally(interp, outcome, |interp| interp.call(f, &[]).map(drop))
}

/// Runs the deferred functions of a call, a list or `UNDEF`, the last one first. An error in one replaces what was under way; the
/// others still run, unless it is fatal.
///
/// # Errors
/// Those of [`finally`].
pub fn run_deferred(
    interp: &mut dyn Interp,
    deferred: Value,
    outcome: Result<Value, Trap>,
) -> Result<Value, Trap> {
    let Some(list) = deferred.as_list() else { return outcome };
    let mut outcome = outcome;
    let m = interp.machine();
    let base = m.stack.len();
    m.stack.push(deferred);
    while !outcome.is_err_and(Trap::is_fatal) {
        let Some(f) = interp.machine().heap.list_mut(list).items.pop() else { break };
        outcome = call_finally(interp, outcome, f);
    }
    interp.machine().stack.truncate(base);
    outcome
}

/// Notes a deferred function: the list of those of the call, which was `deferred` before, a list or `UNDEF`.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn defer(m: &mut Machine, deferred: Value, f: Value) -> Result<Value, Trap> {
    let Some(list) = deferred.as_list() else { return m.list(vec![f]) };
    m.heap.charge(16)?;
    m.heap.list_mut(list).items.push(f);
    Ok(deferred)
}

/// Takes the error that is on its way for a `catch`: its details, and the value that `catch` gives. If no clause takes it,
/// [`raise_again`] follows.
///
/// # Errors
/// [`Trap::Raised`] if it must pass, because it is a `revert` whose transaction is still open; [`Trap::MemoryLimit`].
pub fn catch(interp: &mut dyn Interp) -> Result<(Box<Pending>, Value), Trap> {
    if calls::passes_catch(interp.machine()) {
        return Err(Trap::Raised);
    }
    let pending = interp.machine().take_pending();
    let line = pending.at.map_or(0, |at| interp.line_of(at));
    let v = interp.machine().caught(&pending, line)?;
    Ok((pending, v))
}

/// Lets an error go on that [`catch`] took and no clause wants.
pub fn raise_again(m: &mut Machine, pending: Box<Pending>) -> Trap {
    m.pending = Some(pending);
    Trap::Raised
}

/// The end of `using`: calls `close`, or else `cleanup`, if the resource has it.
///
/// # Errors
/// What it raises.
pub fn close(interp: &mut dyn Interp, resource: Value) -> Result<(), Trap> {
    for name in ["close", "cleanup"] {
        if has_function(interp.machine(), resource, name) {
            return calls::call_method(interp, resource, &name.into(), &[], &[], false).map(drop);
        }
    }
    Ok(())
}

fn has_function(m: &Machine, v: Value, name: &str) -> bool {
    let held = match v.kind() {
        Kind::Instance(i) => {
            let object = m.heap.instance(i);
            let ty = m.heap.ty(object.ty);
            if ty.methods.contains_key(name) {
                return true;
            }
            ty.fields.get_index_of(name).and_then(|slot| object.fields.get(slot).copied())
        }
        Kind::Map(r) => m.heap.map(r).map.get(&KeyRef::Str(name)).copied(),
        Kind::Contract(_) | Kind::ContractInstance(_) => {
            return m.contract_of(v).is_some_and(|c| calls::action(m, c, name).is_some());
        }
        Kind::Channel(_) => return name == "close",
        _ => None,
    };
    held.is_some_and(|f| matches!(f.kind(), Kind::Function(_) | Kind::Builtin(_)))
}
