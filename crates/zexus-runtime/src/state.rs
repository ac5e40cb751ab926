//! State variables and live containers: lists and maps that are places of the state (chain.md 4.1-4.3).
//!
//! 1. A map or list of the state is a header at its place and a record for each entry; the operations here touch only the records
//!    they need. [`snapshot`] reads a whole container, [`replace`] writes one.
//! 2. A write makes all records of the new value first, which reads only; so what cannot be stored changes nothing.
//! 3. A live value means what its place holds now ([`resolve`]).
//! 4. Recursion follows containers and ends at 64 levels, because no write makes more.
//!
//! The functions that take a [`LiveObj`] are what operations and builtins call when they meet a
//! [`Kind::Live`] value.

use crate::contracts::{may_read, may_write};
use crate::encode::bytes::Reader;
use crate::encode::{Refusal, decode, kind};
use crate::heap::Ref;
use crate::journal::notes;
use crate::key::Key;
use crate::machine::Machine;
use crate::object::LiveObj;
use crate::trap::Trap;
use crate::value::{Kind, Value};

mod containers;
pub mod place;
mod records;
pub mod variables;

pub use records::encode_place;

pub(crate) use records::{pay_read, pay_whole};

use records::{Record, record};

/// Room for the key of most places.
const KEY_ROOM: usize = 64;

/// What a place holds: null if nothing, a live value for a container, else a fresh value.
///
/// # Errors
/// E0510 for a record that does not read.
pub fn read(m: &mut Machine, place: &[u8]) -> Result<Value, Trap> {
    let v = read_record(m, place)?;
    notes::read(m, place, v);
    Ok(v)
}

#[inline]
fn read_record(m: &mut Machine, place: &[u8]) -> Result<Value, Trap> {
    pay_read(m, place)?;
    match record(&m.journal, place) {
        Ok(Record::Nothing) => Ok(Value::NULL),
        Ok(Record::Map { .. }) => live(m, place, false),
        Ok(Record::List { .. }) => live(m, place, true),
        Ok(Record::Value(bytes) | Record::Ledger { latest: bytes, .. }) => {
            // The most frequent values need no copy of their record.
            match bytes {
                [kind::NULL] => Ok(Value::NULL),
                [kind::FALSE] => Ok(Value::FALSE),
                [kind::TRUE] => Ok(Value::TRUE),
                [kind::INT, ..] if bytes.len() <= 10 => {
                    let int = Reader::new(bytes.get(1..).unwrap_or_default()).int();
                    match int {
                        Ok(Key::Int(i)) => Ok(Value::int(i)),
                        _ => Err(Refusal::Record("an integer that is none").raise(m)),
                    }
                }
                _ => {
                    let bytes = bytes.to_vec();
                    decode(m, &bytes)
                }
            }
        }
        Err(refusal) => Err(refusal.raise(m)),
    }
}

fn live(m: &mut Machine, place: &[u8], list: bool) -> Result<Value, Trap> {
    Ok(Value::live(m.heap.alloc_live(LiveObj { place: place.into(), list })?))
}

/// Writes a value to a variable, field or `persist_set` place: a copy of all of it. What was there before goes.
///
/// Whether writing is allowed was checked ([`may_write`]).
///
/// # Errors
/// E0510 for what cannot be stored, E0408 for a float that is not finite, [`Trap::MemoryLimit`].
pub fn write(m: &mut Machine, place: &[u8], v: Value) -> Result<(), Trap> {
    atomically(m, |m| records::put(m, place, &[], v))
}

/// Runs writes that belong together as a transaction of their own, unless one is open anyway (chain.md 4.5 rule 3).
pub(crate) fn atomically<T>(
    m: &mut Machine,
    writes: impl FnOnce(&mut Machine) -> Result<T, Trap>,
) -> Result<T, Trap> {
    if m.journal.depth() > 0 {
        return writes(m);
    }
    let serial = m.journal.begin(&mut m.heap)?;
    let noted = m.journal.count_notes();
    let result = writes(m);
    match result {
        Ok(_) => m.journal.commit(&mut m.heap, serial),
        Err(_) => {
            m.journal.revert(&mut m.heap, serial);
            m.journal.forget_notes(noted);
        }
    }
    result
}

/// Removes what a place holds; whether there was something.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn remove(m: &mut Machine, place: &[u8]) -> Result<bool, Trap> {
    if m.journal.read(place).is_none() {
        pay_read(m, place)?;
        return Ok(false);
    }
    atomically(m, |m| records::clear(m, place))?;
    notes::written(m, place, None);
    Ok(true)
}

/// A counter: the integer at a place, 0 if there is none.
pub(crate) fn read_counter(m: &mut Machine, place: &[u8]) -> Result<u64, Trap> {
    Ok(read(m, place)?.as_int().and_then(|i| u64::try_from(i).ok()).unwrap_or(0))
}

pub(crate) fn write_counter(m: &mut Machine, place: &[u8], n: u64) -> Result<(), Trap> {
    write(m, place, Value::int(i64::try_from(n).unwrap_or(i64::MAX)))
}

/// The current value of a state variable ([`Machine::states`]): a live list or map, or a value; null before it was written.
/// A ledger variable gives a copy of its latest value.
///
/// # Errors
/// E0507 in a `pure` call.
pub fn read_variable(m: &mut Machine, index: u32) -> Result<Value, Trap> {
    may_read(m)?;
    let Some(place) = m.states.get(index as usize).map(|v| v.place.clone()) else { return Ok(Value::NULL) };
    read(m, &place)
}

/// Assigns a state variable. Its declared type was checked.
///
/// # Errors
/// E0507, E0516, E0510, E0408.
pub fn write_variable(m: &mut Machine, index: u32, v: Value) -> Result<(), Trap> {
    let Some(var) = m.states.get(index as usize).cloned() else { return Ok(()) };
    crate::policy::trail_state(m, &var.name, v)?;
    if var.ledger {
        return crate::ledger::assign(m, &var.place, &var.name, v);
    }
    may_write(m)?;
    write(m, &var.place, v)
}

/// Gives a state variable the initial value of its declaration, which strict transactions do not refuse. For `persistent storage`
/// ask [`is_stored`] before the value is evaluated.
///
/// # Errors
/// E0510, E0408.
pub fn declare_variable(m: &mut Machine, index: u32, v: Value) -> Result<(), Trap> {
    declare(m, |m| write_variable(m, index, v))
}

/// Writes the value of a declaration, which strict transactions do not refuse.
fn declare(m: &mut Machine, write: impl FnOnce(&mut Machine) -> Result<(), Trap>) -> Result<(), Trap> {
    let strict = std::mem::replace(&mut m.limits.strict_transactions, false);
    let result = write(m);
    m.limits.strict_transactions = strict;
    result
}

/// Whether the state holds a value for a state variable.
pub fn is_stored(m: &Machine, index: u32) -> bool {
    m.states.get(index as usize).is_some_and(|v| m.journal.read(&v.place).is_some())
}

/// `x.history()` of a ledger variable at the top level.
///
/// # Errors
/// E0507 in a `pure` call.
pub fn variable_history(m: &mut Machine, index: u32) -> Result<Value, Trap> {
    let Some(place) = m.states.get(index as usize).map(|v| v.place.clone()) else { return Ok(Value::NULL) };
    crate::ledger::history(m, &place)
}

/// What a live value means now: a live list or map, another value that stands at its place, or null.
///
/// # Errors
/// What reading raises.
pub fn resolve(m: &mut Machine, live: Ref<LiveObj>) -> Result<Value, Trap> {
    may_read(m)?;
    let (place, list) = (m.heap.live(live).place.clone(), m.heap.live(live).list);
    match record(&m.journal, &place) {
        Ok(Record::List { .. }) if list => Ok(Value::live(live)),
        Ok(Record::Map { .. }) if !list => Ok(Value::live(live)),
        _ => read(m, &place),
    }
}

/// A whole copy as an ordinary list or map; null if nothing is left at the place.
///
/// # Errors
/// What reading raises.
pub fn snapshot(m: &mut Machine, live: Ref<LiveObj>) -> Result<Value, Trap> {
    may_read(m)?;
    let place = m.heap.live(live).place.clone();
    snapshot_place(m, &place)
}

/// [`snapshot`] of what stands at a place.
pub(crate) fn snapshot_place(m: &mut Machine, place: &[u8]) -> Result<Value, Trap> {
    if m.journal.read(place).is_none() {
        pay_read(m, place)?;
        return Ok(Value::NULL);
    }
    records::read_whole(m, place)
}

/// The value itself; for a live list or map a whole copy.
///
/// # Errors
/// What reading raises.
pub fn plain(m: &mut Machine, v: Value) -> Result<Value, Trap> {
    match v.kind() {
        Kind::Live(live) => snapshot(m, live),
        _ => Ok(v),
    }
}

/// Writes a whole list or map to the place.
///
/// # Errors
/// What writing raises.
pub fn replace(m: &mut Machine, live: Ref<LiveObj>, v: Value) -> Result<(), Trap> {
    may_write(m)?;
    let place = m.heap.live(live).place.clone();
    let shape = place::shape(&place);
    let prefix = if shape.entry { records::prefix(m, &place) } else { Vec::new() };
    if shape.entry && prefix.is_empty() {
        return Err(nothing_left(m));
    }
    atomically(m, |m| records::put(m, &place, &prefix, v))
}

#[cold]
fn nothing_left(m: &mut Machine) -> Trap {
    m.error(412, "cannot index null; use ?. or ??")
}

pub use containers::{delete, get, index, keys, len, pop, push, set, set_index};

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
