//! Capabilities, sandboxes and trails, and the policies of language.md chapter 16.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::host::Caps;
use crate::interp::Interp;
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::Value;

pub mod access;
mod dependencies;
pub mod protect;
pub mod seal;
pub mod validate;

pub use dependencies::Dependencies;
pub use protect::before_call;

/// The sandboxes around the running code, outermost first, with the capabilities that each leaves.
#[derive(Clone, Debug, Default)]
pub struct Sandboxes(Vec<(Arc<str>, Caps)>);

/// What the sandboxes leave in which something was made that runs later, such as a handler; nothing outside of all sandboxes.
#[derive(Clone, Debug, Default)]
pub struct Confined(Option<(Arc<str>, Caps)>);

/// What policies are in force.
#[derive(Debug)]
pub struct Policies {
    caps: Caps,
    sandboxes: Sandboxes,
    named: FxHashMap<Arc<str>, Caps>,
    trails: Vec<(Arc<str>, Option<Arc<str>>)>,
    /// How often policies, trails or dependencies were set.
    pub(crate) changes: u64,
    pub(crate) dependencies: Dependencies,
}

/// The name of the policy of a `sandbox` without one: it leaves nothing.
const DEFAULT_POLICY: &str = "default";

/// What `trail` can watch.
const TRAILS: &[&str] = &["print", "debug", "audit", "event", "call", "state", "*"];

impl Policies {
    /// With what the host grants.
    pub fn new(caps: Caps) -> Policies {
        Policies {
            caps,
            sandboxes: Sandboxes::default(),
            named: FxHashMap::default(),
            trails: Vec::new(),
            changes: 0,
            dependencies: Dependencies::default(),
        }
    }

    /// Capabilities in force, transactions aside.
    pub fn caps(&self) -> Caps {
        self.sandboxes.0.last().map_or(self.caps, |s| s.1)
    }

    /// The name of the innermost sandbox's policy, if code runs inside one.
    pub fn sandbox(&self) -> Option<&str> {
        self.sandboxes.0.last().map(|s| &*s.0)
    }

    /// The sandboxes around the running code.
    pub fn sandboxes(&self) -> &Sandboxes {
        &self.sandboxes
    }

    /// What the sandboxes around the running code leave, for code that is made here and runs later.
    pub fn confined(&self) -> Confined {
        Confined(self.sandboxes.0.last().cloned())
    }

    /// Puts the sandboxes of another task in force and gives those that were.
    pub fn exchange_sandboxes(&mut self, other: Sandboxes) -> Sandboxes {
        std::mem::replace(&mut self.sandboxes, other)
    }

    /// Whether some `trail` watches this: if not, the text need not be made.
    #[inline]
    pub fn trails(&self, what: &str) -> bool {
        self.trails.iter().any(|(w, _)| &**w == what || &**w == "*")
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.dependencies.trace(visit);
    }
}

/// Enters `sandbox("policy") { }`; `None` is the default policy. [`sandbox_leave`] follows on every way out.
///
/// # Errors
/// E0424 for an unknown policy.
pub fn sandbox_enter(m: &mut Machine, policy: Option<&str>) -> Result<(), Trap> {
    let name = policy.unwrap_or(DEFAULT_POLICY);
    let allowed = match m.policy.named.get(name) {
        Some(caps) => *caps,
        None if name == DEFAULT_POLICY => Caps::NONE,
        None => return Err(m.error(424, format!("unknown policy '{name}'"))),
    };
    let left = m.policy.caps().and(allowed);
    m.policy.sandboxes.0.push((name.into(), left));
    Ok(())
}

/// Leaves the innermost sandbox.
pub fn sandbox_leave(m: &mut Machine) {
    m.policy.sandboxes.0.pop();
}

/// Calls a function that was made where `confined` was in force, without the capabilities that were missing there or are here.
///
/// # Errors
/// Whatever the call raises.
pub(crate) fn call_confined(
    interp: &mut dyn Interp,
    confined: &Confined,
    f: Value,
    args: &[Value],
) -> Result<Value, Trap> {
    within(interp, confined, |interp| interp.call(f, args))
}

/// Runs code that was made where `confined` was in force; see [`call_confined`].
pub(crate) fn within<T>(
    interp: &mut dyn Interp,
    confined: &Confined,
    code: impl FnOnce(&mut dyn Interp) -> T,
) -> T {
    let Some((name, caps)) = &confined.0 else { return code(interp) };
    let m = interp.machine();
    let left = m.policy.caps().and(*caps);
    m.policy.sandboxes.0.push((name.clone(), left));
    let result = code(interp);
    sandbox_leave(interp.machine());
    result
}

/// `create_policy(name, {allow: [caps]})`. What a `sandbox` without a policy leaves cannot be changed, nor can code inside a
/// sandbox change the policies that there are: either would let it out.
///
/// # Errors
/// E0415 for the name of the default policy, E0426 for an existing policy inside a sandbox, E0424 for an unknown capability or
/// another key.
pub fn create_policy(m: &mut Machine, name: Arc<str>, rules: &[(String, Vec<String>)]) -> Result<(), Trap> {
    if *name == *DEFAULT_POLICY {
        return Err(m.error(415, format!("policy '{name}' cannot be changed")));
    }
    if let Some(policy) = m.policy.sandbox()
        && m.policy.named.contains_key(&name)
    {
        let message = format!("policy '{name}' cannot be changed inside sandbox policy '{policy}'");
        return Err(m.error(426, message));
    }
    let mut caps = Caps::NONE;
    for (key, names) in rules {
        if key != "allow" {
            return Err(m.error(424, format!("unknown rule '{key}' of a policy; there is only 'allow'")));
        }
        for name in names {
            match Caps::from_name(name) {
                Some(cap) => caps = caps.or(cap),
                None => return Err(m.error(424, format!("unknown capability '{name}'"))),
            }
        }
    }
    let bytes = 64 + name.len() as u64;
    m.keep(bytes)?;
    m.policy.changes += 1;
    if m.policy.named.insert(name, caps).is_some() {
        m.let_go(bytes);
    }
    Ok(())
}

/// `trail WHAT, "filter"` (language.md 16.7).
///
/// # Errors
/// E0424 for another word.
pub fn set_trail(m: &mut Machine, what: &str, filter: Option<Arc<str>>) -> Result<(), Trap> {
    if !TRAILS.contains(&what) {
        return Err(m.error(424, format!("unknown trail '{what}'")));
    }
    m.keep(64)?;
    m.policy.changes += 1;
    m.policy.trails.push((what.into(), filter));
    Ok(())
}

/// Writes a line for each trail that watches this and whose filter the text contains.
pub fn trail(m: &mut Machine, what: &str, text: impl FnOnce() -> String) {
    if !m.policy.trails(what) {
        return;
    }
    let text = text();
    let lines = (m.policy.trails.iter())
        .filter(|(w, f)| (&**w == what || &**w == "*") && f.as_ref().is_none_or(|f| text.contains(&**f)))
        .count();
    for _ in 0..lines {
        m.host.diagnostic(&format!("[trail {what}] {text}"));
    }
}

/// The trail of an event: its name and values.
pub(crate) fn trail_event(m: &mut Machine, name: &str, args: &[Value]) -> Result<(), Trap> {
    if !m.policy.trails("event") {
        return Ok(());
    }
    let mut shown = Vec::with_capacity(args.len());
    for v in args {
        shown.push(crate::display::display(m, *v)?);
    }
    trail(m, "event", || format!("{name}({})", shown.join(", ")));
    Ok(())
}

/// The trail of an assignment of a state variable.
pub(crate) fn trail_state(m: &mut Machine, name: &str, v: Value) -> Result<(), Trap> {
    if !m.policy.trails("state") {
        return Ok(());
    }
    let shown = crate::display::display(m, v)?;
    trail(m, "state", || format!("{name} = {shown}"));
    Ok(())
}

#[cfg(test)]
mod tests;
