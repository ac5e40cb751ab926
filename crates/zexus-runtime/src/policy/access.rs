//! Owners, roles, permissions and capabilities of the program: state (chain.md 11.1, language.md 16.9).

use std::sync::Arc;

use zexus_bytecode::schedule;

use crate::contracts::{may_read, may_write};
use crate::machine::Machine;
use crate::state::{self, place};
use crate::trap::Trap;
use crate::value::Value;

/// What a record grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The owner of something.
    Owner,
    /// A role of somebody for something.
    Role,
    /// A permission of somebody for something.
    Permission,
    /// A capability of the program that somebody holds.
    Capability,
}

impl Word {
    fn text(self) -> &'static str {
        match self {
            Word::Owner => "owner",
            Word::Role => "role",
            Word::Permission => "permission",
            Word::Capability => "capability",
        }
    }
}

/// The namespace is the content hash of the module on a chain, and zeros for programs.
fn place_of(m: &Machine, word: Word, parts: &[&str]) -> Vec<u8> {
    place::access(&m.code.unwrap_or_default(), word.text(), parts)
}

/// `set_owner(id, who)`.
///
/// # Errors
/// E0507, E0516, E0510.
pub fn set_owner(m: &mut Machine, id: &str, who: Arc<str>) -> Result<(), Trap> {
    may_write(m)?;
    let who = m.string(who)?;
    let place = place_of(m, Word::Owner, &[id]);
    store(m, &place, who)
}

/// `get_owner(id)`, or null.
///
/// # Errors
/// E0507.
pub fn owner(m: &mut Machine, id: &str) -> Result<Value, Trap> {
    may_read(m)?;
    let place = place_of(m, Word::Owner, &[id]);
    state::read(m, &place)
}

/// Whether `who` owns `id`.
///
/// # Errors
/// E0507.
pub fn is_owner(m: &mut Machine, id: &str, who: &str) -> Result<bool, Trap> {
    let owner = owner(m, id)?;
    Ok(m.text(owner).is_some_and(|o| **o == *who))
}

/// Grants a role, permission (`parts` are id, who, name) or capability (who, name). Granting again changes nothing.
///
/// # Errors
/// E0507, E0516, E0510.
pub fn grant(m: &mut Machine, word: Word, parts: &[&str]) -> Result<(), Trap> {
    may_write(m)?;
    let place = place_of(m, word, parts);
    if m.journal.read(&place).is_some() {
        state::pay_read(m, &place)?;
        return Ok(());
    }
    let v = match word {
        Word::Role => {
            let holder = parts.split_last().map_or(parts, |(_, holder)| holder);
            Value::int(roles(m, holder)?.last().map_or(0, |(position, _)| position + 1))
        }
        _ => Value::TRUE,
    };
    store(m, &place, v)
}

/// `grant who c, d`: capabilities of the program, by their names.
///
/// # Errors
/// As [`grant`]; E0402 for names that are no strings.
pub fn grant_capabilities(m: &mut Machine, who: Value, names: &[Value]) -> Result<(), Trap> {
    change_capabilities(m, who, names, grant)
}

/// `revoke who c, d`.
///
/// # Errors
/// As [`grant_capabilities`].
pub fn revoke_capabilities(m: &mut Machine, who: Value, names: &[Value]) -> Result<(), Trap> {
    change_capabilities(m, who, names, revoke)
}

fn change_capabilities(
    m: &mut Machine,
    holder: Value,
    names: &[Value],
    change: fn(&mut Machine, Word, &[&str]) -> Result<(), Trap>,
) -> Result<(), Trap> {
    let texts: Option<Vec<Arc<str>>> = names.iter().map(|v| m.text(*v).cloned()).collect();
    let named = m.text(holder).is_some() || holder.as_contract_instance().is_some();
    let Some(texts) = texts.filter(|_| named) else {
        return Err(m.error(402, "grant and revoke need strings: who, and names of capabilities"));
    };
    let holder = who(m, holder);
    may_write(m)?;
    crate::state::atomically(m, |m| {
        texts.iter().try_for_each(|c| {
            m.charge_metered(schedule::STATE_WRITE_CALL)?;
            change(m, Word::Capability, &[&holder, c])
        })
    })
}

/// Takes back what [`grant`] gave; what was not granted is left.
///
/// # Errors
/// E0507, E0516.
pub fn revoke(m: &mut Machine, word: Word, parts: &[&str]) -> Result<(), Trap> {
    may_write(m)?;
    let place = place_of(m, word, parts);
    state::remove(m, &place).map(drop)
}

/// Whether it was granted.
///
/// # Errors
/// E0507.
pub fn has(m: &mut Machine, word: Word, parts: &[&str]) -> Result<bool, Trap> {
    may_read(m)?;
    let place = place_of(m, word, parts);
    state::pay_read(m, &place)?;
    Ok(m.journal.read(&place).is_some())
}

/// `get_roles(id, who)` in the order of granting.
///
/// # Errors
/// E0507, E0510 for a record that does not read.
pub fn role_list(m: &mut Machine, id: &str, who: &str) -> Result<Vec<String>, Trap> {
    may_read(m)?;
    Ok(roles(m, &[id, who])?.into_iter().map(|(_, name)| name).collect())
}

fn roles(m: &mut Machine, prefix: &[&str]) -> Result<Vec<(i64, String)>, Trap> {
    let prefix = place_of(m, Word::Role, prefix);
    let found: Vec<Vec<u8>> = m.journal.scan(&prefix).map(|key| key.to_vec()).collect();
    let mut roles = Vec::with_capacity(found.len());
    for key in found {
        let position = state::read(m, &key)?.as_int().unwrap_or_default();
        let name = key.get(prefix.len()..).unwrap_or_default();
        let name = crate::encode::bytes::Reader::new(name).text();
        let name = name.map_err(|why| crate::encode::Refusal::Record(why).raise(m))?;
        roles.push((position, name.to_owned()));
    }
    roles.sort();
    Ok(roles)
}

fn store(m: &mut Machine, place: &[u8], v: Value) -> Result<(), Trap> {
    state::write(m, place, v)
}

/// `require_owner(id, m)`: `TX.caller` owns `id`.
///
/// # Errors
/// E0518 `Owner required`, or with the message.
pub fn require_owner(m: &mut Machine, id: &str, message: Option<Arc<str>>) -> Result<(), Trap> {
    let caller = m.context.frame.caller.clone();
    let held = is_owner(m, id, &caller)?;
    required(m, held, message, || "Owner required".to_owned())
}

/// `require_role(id, r, m)`: `TX.caller` has the role.
///
/// # Errors
/// E0518 `Role 'ADMIN' required`, or with the message.
pub fn require_role(m: &mut Machine, id: &str, role: &str, message: Option<Arc<str>>) -> Result<(), Trap> {
    let caller = m.context.frame.caller.clone();
    let held = has(m, Word::Role, &[id, &caller, role])?;
    required(m, held, message, || format!("Role '{role}' required"))
}

/// `require_permission(id, p, m)`: `TX.caller` has the permission.
///
/// # Errors
/// E0518 `Permission 'write' required`, or with the message.
pub fn require_permission(
    m: &mut Machine,
    id: &str,
    name: &str,
    message: Option<Arc<str>>,
) -> Result<(), Trap> {
    let caller = m.context.frame.caller.clone();
    let held = has(m, Word::Permission, &[id, &caller, name])?;
    required(m, held, message, || format!("Permission '{name}' required"))
}

/// `require_capability(who, c)`.
///
/// # Errors
/// E0518.
pub fn require_capability(m: &mut Machine, who: &str, name: &str) -> Result<(), Trap> {
    let held = has(m, Word::Capability, &[who, name])?;
    required(m, held, None, || format!("Capability '{name}' required"))
}

fn required(
    m: &mut Machine,
    held: bool,
    message: Option<Arc<str>>,
    text: impl FnOnce() -> String,
) -> Result<(), Trap> {
    if held {
        return Ok(());
    }
    let message = message.unwrap_or_else(|| text().into());
    Err(m.error(518, message))
}

/// The text that stands for somebody: a string, or the address of a contract instance.
pub fn who(m: &Machine, v: Value) -> Arc<str> {
    match (m.text(v), v.as_contract_instance()) {
        (Some(text), _) => text.clone(),
        (None, Some(i)) => m.addresses.text(i).into(),
        (None, None) => "".into(),
    }
}
