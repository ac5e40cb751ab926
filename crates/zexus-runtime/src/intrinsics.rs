//! What statements and expressions of their own syntax do with evaluated operands: policies, the host, channels (language.md 13.5,
//! 14, 16). Where nothing is said, the value is null.

use std::sync::Arc;

use crate::display;
use crate::interp::Interp;
use crate::kinds::{type_name, typeof_name};
use crate::ledger;
use crate::machine::Machine;
use crate::policy::{self, access, protect as protection, seal as sealing};
use crate::tasks::channels;
use crate::trap::Trap;
use crate::types::TypeSpec;
use crate::value::Value;

fn null(result: Result<(), Trap>) -> Result<Value, Trap> {
    result.map(|()| Value::NULL)
}

/// The text of a string.
///
/// # Errors
/// E0402 for anything else.
pub fn text_of(m: &mut Machine, v: Value) -> Result<Arc<str>, Trap> {
    match m.text(v) {
        Some(text) => Ok(text.clone()),
        None => {
            let message = format!("Type mismatch: expected a string, got {}", type_name(m, v));
            Err(m.error(402, message))
        }
    }
}

/// `debug v`: one line on the diagnostic stream.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn debug(m: &mut Machine, v: Value) -> Result<Value, Trap> {
    let line = format!("DEBUG: {}", display::repr(m, v)?);
    m.host.diagnostic(&line);
    policy::trail(m, "debug", || line);
    Ok(Value::NULL)
}

/// `audit NAME, action[, time]`, where `v` is the value of the name; gives the entry.
///
/// # Errors
/// E0402 for an action that is no string, and those of [`ledger::audit`].
pub fn audit(
    m: &mut Machine,
    name: &str,
    v: Value,
    action: Value,
    time: Option<Value>,
) -> Result<Value, Trap> {
    let action = text_of(m, action)?;
    let data_type = typeof_name(m, v);
    ledger::audit(m, name, &action, data_type, time)
}

/// `seal v`; gives the value.
///
/// # Errors
/// Those of [`sealing::seal`].
pub fn seal(m: &mut Machine, v: Value) -> Result<Value, Trap> {
    sealing::seal(m, v)?;
    Ok(v)
}

/// `seal v.name`
///
/// # Errors
/// Those of [`sealing::seal_member`].
pub fn seal_member(m: &mut Machine, v: Value, name: &Arc<str>) -> Result<Value, Trap> {
    null(sealing::seal_member(m, v, name))
}

/// `restrict v.name = rule`
///
/// # Errors
/// E0402 for a rule that is no string, and those of [`sealing::restrict`].
pub fn restrict(m: &mut Machine, v: Value, name: &Arc<str>, rule: Value) -> Result<Value, Trap> {
    let rule = text_of(m, rule)?;
    null(sealing::restrict(m, v, name, &rule))
}

/// `trail WHAT[, filter]`
///
/// # Errors
/// E0424.
pub fn trail(m: &mut Machine, what: &str, filter: Option<Arc<str>>) -> Result<Value, Trap> {
    null(policy::set_trail(m, what, filter))
}

/// Who a capability is granted to: a string or a contract instance.
fn somebody(m: &mut Machine, v: Value) -> Result<Arc<str>, Trap> {
    match v.as_contract_instance() {
        Some(_) => Ok(access::who(m, v)),
        None => text_of(m, v),
    }
}

/// `grant who capability`
///
/// # Errors
/// E0402, and those of [`access::grant`].
pub fn grant(m: &mut Machine, who: Value, capability: &str) -> Result<Value, Trap> {
    let who = somebody(m, who)?;
    null(access::grant(m, access::Word::Capability, &[&who, capability]))
}

/// `revoke who capability`
///
/// # Errors
/// E0402, and those of [`access::revoke`].
pub fn revoke(m: &mut Machine, who: Value, capability: &str) -> Result<Value, Trap> {
    let who = somebody(m, who)?;
    null(access::revoke(m, access::Word::Capability, &[&who, capability]))
}

/// `protect f, rules[, level]`
///
/// # Errors
/// E0402 for a level that is no string, and those of [`protection::protect`].
pub fn protect(m: &mut Machine, f: Value, rules: Value, level: Option<Value>) -> Result<Value, Trap> {
    let level = level.map(|level| text_of(m, level)).transpose()?;
    null(protection::protect(m, f, rules, level.as_deref()))
}

/// A new channel of values of this type; without a capacity it holds none.
///
/// # Errors
/// E0402 and E0415 for a capacity that is none.
pub fn channel(m: &mut Machine, ty: Option<TypeSpec>, capacity: Option<Value>) -> Result<Value, Trap> {
    let capacity = match capacity.map(|c| (c, c.as_int())) {
        None => 0,
        Some((_, Some(n))) if n >= 0 => usize::try_from(n).unwrap_or(usize::MAX),
        Some((_, Some(_))) => return Err(m.error(415, "the capacity of a channel cannot be below 0")),
        Some((v, None)) => {
            let kind = type_name(m, v);
            let message = format!("Type mismatch: the capacity of a channel is an integer, got {kind}");
            return Err(m.error(402, message));
        }
    };
    channels::channel(m, ty, capacity)
}

/// `sandbox(policy) { }`: calls the function, which takes nothing, without the capabilities that the policy lacks; gives its value.
///
/// # Errors
/// E0402 for a policy that is no string, E0424, and what the function raises.
pub fn sandbox(interp: &mut dyn Interp, policy: Option<Value>, f: Value) -> Result<Value, Trap> {
    let m = interp.machine();
    let policy = policy.map(|policy| text_of(m, policy)).transpose()?;
    policy::sandbox_enter(m, policy.as_deref())?;
    let result = interp.call(f, &[]);
    policy::sandbox_leave(interp.machine());
    result
}

/// Calls a function that the host supplies; `module` may be empty.
///
/// # Errors
/// E0423 if the host has none of this name, and what it raises.
pub fn external(m: &mut Machine, module: &str, name: &str, args: &[Value]) -> Result<Value, Trap> {
    let key = if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") };
    match m.host_functions.get(&*key).cloned() {
        Some(function) => function(m, args),
        None => Err(m.error(423, format!("The host has no function '{key}'"))),
    }
}

/// `__ARGS__`: a new list of the arguments of the program.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn program_args(m: &mut Machine) -> Result<Value, Trap> {
    let args = m.args.clone().into_iter().map(|arg| m.string(arg)).collect::<Result<Vec<_>, _>>()?;
    m.list(args)
}

/// `async v`, `spawn v` without a call: the task itself; inside a transaction any value.
///
/// # Errors
/// E0402 for anything else.
pub fn expect_task(m: &mut Machine, v: Value) -> Result<Value, Trap> {
    if v.as_task().is_some() || crate::tasks::runs_at_once(m) {
        return Ok(v);
    }
    let message = format!("Type mismatch: expected a task, got {}", type_name(m, v));
    Err(m.error(402, message))
}
