//! Checks, policies, capabilities and dependencies (language.md 15.2, 18.8, chapter 16).

use std::sync::Arc;

use super::{arg, given, rows, text_of};
use crate::interp::Interp;
use crate::key::Key;
use crate::machine::Machine;
use crate::policy::access::{self, Word};
use crate::policy::{protect, validate};
use crate::state::plain;
use crate::trap::Trap;
use crate::value::Value;

rows! {
    ROWS in "";
    /// True, or the error of a failed requirement.
    ["require"] (c: Any, m: Any = "null") => Plain(require);
    /// True, or the error of a failed verification.
    ["verify"] (c: Any, m: Any = "null") => Plain(verify);
    /// True, or an error if the value does not fit the schema.
    ["validate"] (x: Any, s: Any) => Plain(validate_value);
    /// Attaches rules that are checked before each call of a function.
    ["protect"] (f: Any, rules: Map, level: Str = "\"strict\"") => Plain(protect_function);
    /// Whether the rules of a function would allow a call now.
    ["check_policy"] (f: Function, args: List) => Calling(check_policy);
    /// Declares a policy for sandboxes.
    ["create_policy"] (n: Str, m: Map) => Plain(create_policy);
    /// Whether somebody holds a capability of the program.
    ["has_capability"] (who: Address, c: Str) gas StateRead => Plain(has_capability);
    /// True, or an error if somebody does not hold a capability of the program.
    ["require_capability"] (who: Address, c: Str) gas StateRead => Plain(require_capability);
    /// Offers a value under a name.
    ["register_dependency"] (n: Str, v: Any) => Plain(register_dependency);
    /// Replaces a dependency until the mocks are cleared.
    ["mock_dependency"] (n: Str, v: Any) => Plain(mock_dependency);
    /// Forgets all mocks.
    ["clear_mocks"] () => Plain(clear_mocks);
}

fn require(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    if arg(args, 0).truthy() {
        Ok(Value::TRUE)
    } else {
        Err(validate::require_error(m, args.get(1).copied()))
    }
}

fn verify(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    if arg(args, 0).truthy() { Ok(Value::TRUE) } else { Err(validate::verify_error(m, args.get(1).copied())) }
}

fn validate_value(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    validate::validate(m, arg(args, 0), arg(args, 1))?;
    Ok(Value::TRUE)
}

fn protect_function(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let level = given(args, 2).and_then(|v| m.text(v)).cloned();
    protect::protect(m, arg(args, 0), arg(args, 1), level.as_deref())?;
    Ok(Value::NULL)
}

fn check_policy(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let m = interp.machine();
    let list = plain(m, arg(args, 1))?;
    let items = list.as_list().map(|l| m.heap.list(l).items.clone()).unwrap_or_default();
    let Some(f) = arg(args, 0).as_function() else { return Ok(Value::TRUE) };
    Ok(Value::bool(protect::check_policy(interp, f, &items)?))
}

fn create_policy(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let rules = plain(m, arg(args, 1))?;
    let entries: Vec<(Key, Value)> = match rules.as_map() {
        Some(map) => m.heap.map(map).map.iter().map(|(k, v)| (k.clone(), *v)).collect(),
        None => Vec::new(),
    };
    let mut named = Vec::with_capacity(entries.len());
    for (key, v) in entries {
        let Key::Str(key) = key else { return Err(m.error(424, "the rules of a policy have names")) };
        let list = plain(m, v)?;
        let Some(list) = list.as_list() else {
            return Err(m.error(402, format!("'{key}' of a policy is a list of capabilities")));
        };
        let names: Option<Vec<String>> =
            m.heap.list(list).items.iter().map(|v| m.text(*v).map(|t| t.to_string())).collect();
        let Some(names) = names else { return Err(m.error(402, "the name of a capability is a string")) };
        named.push((key.to_string(), names));
    }
    let name = text_of(m, args, 0);
    crate::policy::create_policy(m, name, &named)?;
    Ok(Value::NULL)
}

fn who(m: &Machine, args: &[Value], i: usize) -> Arc<str> {
    access::who(m, arg(args, i))
}

fn has_capability(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (who, name) = (who(m, args, 0), text_of(m, args, 1));
    Ok(Value::bool(access::has(m, Word::Capability, &[&who, &name])?))
}

fn require_capability(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (who, name) = (who(m, args, 0), text_of(m, args, 1));
    access::require_capability(m, &who, &name)?;
    Ok(Value::TRUE)
}

fn register_dependency(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let name = text_of(m, args, 0);
    m.keep(64 + name.len() as u64)?;
    m.policy.changes += 1;
    let let_go = m.policy.dependencies.register(name, arg(args, 1));
    m.let_go(let_go);
    Ok(Value::NULL)
}

fn mock_dependency(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let name = text_of(m, args, 0);
    m.keep(64 + name.len() as u64)?;
    m.policy.changes += 1;
    let let_go = m.policy.dependencies.mock(name, arg(args, 1));
    m.let_go(let_go);
    Ok(Value::NULL)
}

fn clear_mocks(m: &mut Machine, _args: &[Value]) -> Result<Value, Trap> {
    m.policy.changes += 1;
    let let_go = m.policy.dependencies.clear_mocks();
    m.let_go(let_go);
    Ok(Value::NULL)
}
