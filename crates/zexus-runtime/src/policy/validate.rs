//! `require`, `verify` and `validate` (language.md 15.2, 16.5).

use std::net::{Ipv4Addr, Ipv6Addr};

use rustc_hash::FxHashSet;
use zexus_bytecode::prim::Prim;

use crate::builtins::{Run, lookup, row};
use crate::key::Key;
use crate::limits::VALUE_DEPTH;
use crate::machine::Machine;
use crate::state::plain;
use crate::trap::Trap;
use crate::types::fits_prim;
use crate::value::Value;

/// The error of a failed `require`: E0501. `message` is null or absent if none was given.
pub fn require_error(m: &mut Machine, message: Option<Value>) -> Trap {
    match message.filter(|v| !v.is_null()).map(|v| crate::display::display(m, v)) {
        None => m.error(501, "Requirement failed: Requirement not met"),
        Some(Ok(text)) => m.error(501, format!("Requirement failed: {text}")),
        Some(Err(trap)) => trap,
    }
}

/// The error of a failed `verify`: E0502.
pub fn verify_error(m: &mut Machine, message: Option<Value>) -> Trap {
    match message.filter(|v| !v.is_null()).map(|v| crate::display::display(m, v)) {
        None => m.error(502, "Verification failed"),
        Some(Ok(text)) => m.error(502, format!("Verification failed: {text}")),
        Some(Err(trap)) => trap,
    }
}

/// `validate v, schema`.
///
/// # Errors
/// E0415 if `v` does not fit, E0424 for a schema that is none.
pub fn validate(m: &mut Machine, v: Value, schema: Value) -> Result<(), Trap> {
    match mismatch(m, v, schema, 1, &mut FxHashSet::default())? {
        None => Ok(()),
        Some(what) => Err(m.error(415, format!("Validation failed: {what}"))),
    }
}

/// What does not fit, in words. Pairs of a map and a schema in `fitting` need no second look: parts may be shared many times.
fn mismatch(
    m: &mut Machine,
    v: Value,
    schema: Value,
    depth: usize,
    fitting: &mut FxHashSet<(u64, u64)>,
) -> Result<Option<String>, Trap> {
    if depth > VALUE_DEPTH {
        return Err(m.error(424, "a schema is nested deeper than 64 levels"));
    }
    let schema = plain(m, schema)?;
    if let Some(name) = m.text(schema).cloned() {
        let holds = match named(m, v, &name)? {
            Some(holds) => holds,
            None => return Err(m.error(424, format!("unknown schema '{name}'"))),
        };
        return Ok((!holds).then(|| format!("expected {name}, got {}", crate::kinds::type_name(m, v))));
    }
    let Some(schema) = schema.as_map() else {
        return Err(m.error(424, "a schema is the name of a type or format, or a map"));
    };
    let value = plain(m, v)?;
    let Some(map) = value.as_map() else {
        return Ok(Some(format!("expected a map, got {}", crate::kinds::type_name(m, v))));
    };
    let pair = (value.bits(), Value::map(schema).bits());
    if fitting.contains(&pair) {
        return Ok(None);
    }
    let rules: Vec<(Key, Value)> = m.heap.map(schema).map.iter().map(|(k, v)| (k.clone(), *v)).collect();
    for (key, rule) in rules {
        let shown = match &key {
            Key::Str(s) => s.to_string(),
            Key::Int(i) => i.to_string(),
            Key::Bool(b) => b.to_string(),
            Key::Big(b) => b.to_string(),
        };
        let Some(item) = m.heap.map(map).map.get(&key.as_ref()).copied() else {
            return Ok(Some(format!("key '{shown}' is missing")));
        };
        if let Some(what) = mismatch(m, item, rule, depth + 1, fitting)? {
            return Ok(Some(format!("key '{shown}': {what}")));
        }
    }
    fitting.insert(pair);
    Ok(None)
}

/// Whether `v` fits a named schema; `None` if there is no such name.
fn named(m: &mut Machine, v: Value, name: &str) -> Result<Option<bool>, Trap> {
    let text = m.text(v).cloned();
    let of_text = |holds: fn(&str) -> bool| Some(text.as_ref().is_some_and(|t| holds(t)));
    Ok(match name {
        "email" | "url" | "phone" | "alpha" | "alphanumeric" if text.is_none() => Some(false),
        "email" => says(m, "is_email", v)?,
        "url" => says(m, "is_url", v)?,
        "phone" => says(m, "is_phone", v)?,
        "alpha" => says(m, "is_alpha", v)?,
        "alphanumeric" => says(m, "is_alphanumeric", v)?,
        "numeric" => says(m, "is_numeric", v)?,
        "uuid" => of_text(is_uuid),
        "ipv4" => of_text(|t| t.parse::<Ipv4Addr>().is_ok()),
        "ipv6" => of_text(|t| t.parse::<Ipv6Addr>().is_ok()),
        _ => Prim::from_name(name).map(|prim| fits_prim(m, v, prim)),
    })
}

/// What a check among the builtins says, so that both mean the same.
fn says(m: &mut Machine, builtin: &str, v: Value) -> Result<Option<bool>, Trap> {
    match lookup(builtin).map(|i| row(i).run) {
        Some(Run::Plain(check)) => Ok(Some(check(m, &[v])?.truthy())),
        _ => Ok(Some(false)),
    }
}

/// 8-4-4-4-12 hex digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == 5
        && groups
            .iter()
            .zip([8, 4, 4, 4, 12])
            .all(|(g, n)| g.len() == n && g.bytes().all(|b| b.is_ascii_hexdigit()))
}
