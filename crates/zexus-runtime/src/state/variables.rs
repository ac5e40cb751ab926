//! State variables of top levels by the names in their keys (chain.md 4.1), as bytecode says them: `x`, `path:x`, `~x`.

use super::{declare, pay_read, place, read, write};
use crate::contracts::{may_read, may_write};
use crate::ledger;
use crate::machine::{Machine, StateVar};
use crate::policy::trail_state;
use crate::trap::Trap;
use crate::value::Value;

/// The name that the source gives a variable, for messages and ledger entries.
fn shown(key: &str) -> &str {
    let key = key.strip_prefix('~').unwrap_or(key);
    key.rsplit_once(':').map_or(key, |(_, name)| name)
}

/// The current value: a live list or map, or a value; null before it was written. A ledger variable gives a copy of its latest value.
///
/// # Errors
/// E0507 in a `pure` call.
pub fn get(m: &mut Machine, key: &str) -> Result<Value, Trap> {
    may_read(m)?;
    read(m, &place::variable(key))
}

/// Assigns a variable that keeps no history.
///
/// # Errors
/// E0507, E0516, E0510, E0408.
pub fn set(m: &mut Machine, key: &str, v: Value) -> Result<(), Trap> {
    trail_state(m, shown(key), v)?;
    may_write(m)?;
    write(m, &place::variable(key), v)
}

/// Appends a version to a ledger variable.
///
/// # Errors
/// As [`set`]; E0430 beyond the limit of entries.
pub fn append_version(m: &mut Machine, key: &str, v: Value) -> Result<(), Trap> {
    let name = shown(key);
    trail_state(m, name, v)?;
    ledger::assign(m, &place::variable(key), name, v)
}

/// Gives a variable the value of its declaration, which strict transactions do not refuse.
///
/// # Errors
/// E0507, E0510, E0408.
pub fn initialize(m: &mut Machine, key: &str, ledger: bool, v: Value) -> Result<(), Trap> {
    declare(m, |m| if ledger { append_version(m, key, v) } else { set(m, key, v) })
}

/// Whether there is no value of this variable yet.
///
/// # Errors
/// [`Trap::OutOfGas`].
pub fn is_missing(m: &mut Machine, key: &str) -> Result<bool, Trap> {
    let place = place::variable(key);
    pay_read(m, &place)?;
    Ok(m.journal.read(&place).is_none())
}

/// All versions of a ledger variable, oldest first.
///
/// # Errors
/// E0507 in a `pure` call.
pub fn history(m: &mut Machine, key: &str) -> Result<Value, Trap> {
    ledger::history(m, &place::variable(key))
}

/// The index of a variable among [`Machine::states`], where it is put if it is not there yet: what exports of modules name.
pub fn index(m: &mut Machine, key: &str, ledger: bool) -> u32 {
    let place = place::variable(key);
    let at = m.states.iter().position(|state| *state.place == *place).unwrap_or_else(|| {
        m.states.push(StateVar { place: place.into(), ledger, name: shown(key).into() });
        m.states.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX)
}
