//! `protect` and `secure` (language.md 16.4, 9.1).

use std::collections::VecDeque;
use std::sync::Arc;

use super::access::{self, Word};
use crate::heap::Ref;
use crate::interp::Interp;
use crate::key::Key;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::object::{FunctionObj, Protection};
use crate::trap::Trap;
use crate::value::Value;

/// Kinds of the values of rules.
enum RuleKind {
    Count,
    Flag,
    List,
    Name,
    Function,
}

const RULES: &[(&str, RuleKind)] = &[
    ("max_calls", RuleKind::Count),
    ("rate_limit", RuleKind::Count),
    ("window", RuleKind::Count),
    ("auth_required", RuleKind::Flag),
    ("allowed_callers", RuleKind::List),
    ("capability", RuleKind::Name),
    ("check", RuleKind::Function),
];

const LEVELS: &[&str] = &["strict", "warn", "audit"];

/// Seconds of `rate_limit` without `window`.
const DEFAULT_WINDOW: f64 = 60.0;

/// `protect(f, rules, level)`: adds to the rules that `f` has. Nothing takes them away, so that no code can unprotect a function.
///
/// # Errors
/// E0402 for a target that is no function of the program and for a rule with a value of another kind; E0424 for an unknown rule
/// or level.
pub fn protect(m: &mut Machine, target: Value, rules: Value, level: Option<&str>) -> Result<(), Trap> {
    let Some(f) = target.as_function() else {
        let found = type_name(m, target).to_owned();
        return Err(m.error(402, format!("protect expects a function of the program, got {found}")));
    };
    let level = level.unwrap_or("strict");
    if !LEVELS.contains(&level) {
        return Err(m.error(424, format!("unknown level '{level}'")));
    }
    let rules = crate::state::plain(m, rules)?;
    let Some(map) = rules.as_map() else {
        let found = type_name(m, rules).to_owned();
        return Err(m.error(402, format!("the rules of protect are a map, got {found}")));
    };
    let entries: Vec<(Key, Value)> = m.heap.map(map).map.iter().map(|(k, v)| (k.clone(), *v)).collect();
    let mut protection =
        Protection { level: level.into(), confined: m.policy.confined(), ..Protection::default() };
    for (key, v) in entries {
        let Key::Str(name) = key else { return Err(m.error(424, "the rules of protect have names")) };
        let Some((_, kind)) = RULES.iter().find(|(n, _)| **n == *name) else {
            return Err(m.error(424, format!("unknown rule '{name}'")));
        };
        let fits = match kind {
            RuleKind::Count => v.as_int().is_some() || v.as_float().is_some(),
            RuleKind::Flag => v.as_bool().is_some(),
            RuleKind::List => v.as_list().is_some(),
            RuleKind::Name => v.as_str().is_some(),
            RuleKind::Function => v.as_function().is_some() || matches!(v.tag(), crate::value::Tag::Builtin),
        };
        if !fits {
            let found = type_name(m, v).to_owned();
            return Err(m.error(402, format!("rule '{name}' does not accept {found}")));
        }
        protection.rules.push((name, v));
    }
    m.heap.charge(64 + 48 * protection.rules.len() as u64)?;
    m.heap.function_mut(f).protection.get_or_insert_default().0.push(protection);
    Ok(())
}

/// Called by the tier before each call of a function that is `secure` or has a protection; once the arguments are there, before
/// the parameters are bound.
///
/// # Errors
/// E0427 `Call of f denied: rule`, and what a `check` function or the ledger raises.
pub fn before_call(interp: &mut dyn Interp, f: Ref<FunctionObj>, args: &[Value]) -> Result<(), Trap> {
    let m = interp.machine();
    let info = m.heap.function(f).info.clone();
    if info.flags.is_secure() {
        crate::ledger::audit(m, &info.name, "call", "function", None)?;
    }
    for i in 0..count(m, f) {
        let Some((rule, level)) = broken_rule(interp, f, i, args)? else { continue };
        let m = interp.machine();
        let message = format!("Call of {} denied: {rule}", info.name);
        match &*level {
            "warn" => m.host.diagnostic(&format!("warning: {message}")),
            "audit" => {
                crate::ledger::audit(m, &info.name, &format!("denied: {rule}"), "function", None)?;
            }
            _ => return Err(m.error(427, message)),
        }
    }
    let m = interp.machine();
    let Some(protections) = &m.heap.function(f).protection else { return Ok(()) };
    let limited = protections.0.iter().any(|p| rule_number(p, "rate_limit").is_some());
    let now = limited.then(|| clock(m));
    for p in m.heap.function_mut(f).protection.iter_mut().flat_map(|p| &mut p.0) {
        p.calls = p.calls.saturating_add(1);
        let Some(limit) = rule_number(p, "rate_limit") else { continue };
        p.times.extend(now);
        // Only the last `limit` times can matter.
        while p.times.len() as f64 > limit.max(1.0) {
            p.times.pop_front();
        }
    }
    Ok(())
}

/// How many protections a function has.
fn count(m: &Machine, f: Ref<FunctionObj>) -> usize {
    m.heap.function(f).protection.as_ref().map_or(0, |p| p.0.len())
}

fn protection(m: &Machine, f: Ref<FunctionObj>, i: usize) -> Option<&Protection> {
    m.heap.function(f).protection.as_ref()?.0.get(i)
}

fn rule_number(p: &Protection, name: &str) -> Option<f64> {
    p.rules.iter().find(|(n, _)| &**n == name).map(|(_, v)| number(*v))
}

/// `check_policy(f, args)`: whether `f(...args)` would be allowed now. Nothing is counted.
///
/// # Errors
/// What a `check` function raises.
pub fn check_policy(interp: &mut dyn Interp, f: Ref<FunctionObj>, args: &[Value]) -> Result<bool, Trap> {
    for i in 0..count(interp.machine(), f) {
        if broken_rule(interp, f, i, args)?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A rule that does not hold: its name, and the level of its protection.
type Broken = (Arc<str>, Arc<str>);

/// The first rule of a protection that does not hold.
fn broken_rule(
    interp: &mut dyn Interp,
    f: Ref<FunctionObj>,
    index: usize,
    args: &[Value],
) -> Result<Option<Broken>, Trap> {
    for i in 0.. {
        let m = interp.machine();
        let Some(p) = protection(m, f, index) else { break };
        let Some((name, v)) = p.rules.get(i).cloned() else { break };
        let level = p.level.clone();
        let calls = p.calls;
        let caller = m.context.frame.caller.clone();
        let holds = match &*name {
            "max_calls" => (calls as f64) < number(v),
            "rate_limit" => {
                let window = p
                    .rules
                    .iter()
                    .find(|(n, _)| &**n == "window")
                    .map_or(DEFAULT_WINDOW, |(_, w)| number(*w));
                let since = clock(m) as f64 - window * 1000.0;
                let times = protection(m, f, index).map_or(0, |p| recent(&p.times, since));
                (times as f64) < number(v)
            }
            "auth_required" => !v.truthy() || *caller != *"system",
            "allowed_callers" => {
                let allowed = v.as_list().map(|l| m.heap.list(l).items.clone()).unwrap_or_default();
                allowed.iter().any(|a| access::who(m, *a) == caller)
            }
            "capability" => {
                let name = m.text(v).cloned().unwrap_or_default();
                access::has(m, Word::Capability, &[&caller, &name])?
            }
            "check" => {
                let confined = p.confined.clone();
                super::within(interp, &confined, |interp| crate::builtins::callback(interp, v, args, 1))?
                    .truthy()
            }
            _ => true,
        };
        if !holds {
            return Ok(Some((name, level)));
        }
    }
    Ok(None)
}

fn recent(times: &VecDeque<i64>, since: f64) -> usize {
    // Times never fall as long as the same clock is asked; those of a transaction and of the host are told apart by nothing.
    times.iter().rev().take_while(|t| **t as f64 > since).count()
}

/// Milliseconds by `TX.timestamp` in a transaction, else by the host's clock.
fn clock(m: &mut Machine) -> i64 {
    if m.journal.depth() > 0 { m.block.time.div_euclid(1000) * 1000 } else { m.host.now() }
}

fn number(v: Value) -> f64 {
    v.as_int().map(|i| i as f64).or(v.as_float()).unwrap_or(0.0)
}
