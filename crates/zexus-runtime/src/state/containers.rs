//! Operations on live lists and maps that touch only the records they need (chain.md 4.3).

use std::sync::Arc;

use super::records::{self, Record, positions, record};
use super::{atomically, may_read, may_write, nothing_left, place};
use crate::encode::Refusal;
use crate::encode::bytes::{Reader, put_varint};
use crate::heap::Ref;
use crate::journal::notes;
use crate::key::Key;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::object::LiveObj;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// What stands at the place of a live value, without what borrows from the journal.
enum Now {
    Nothing,
    List(u64),
    Map(u64, u64),
    Other,
}

fn now(m: &mut Machine, live: Ref<LiveObj>) -> Result<(Arc<[u8]>, Now), Trap> {
    let place = m.heap.live(live).place.clone();
    records::pay_read(m, &place)?;
    let now = match record(&m.journal, &place) {
        Ok(Record::Nothing) => Now::Nothing,
        Ok(Record::List { count }) => Now::List(count),
        Ok(Record::Map { count, next }) => Now::Map(count, next),
        Ok(Record::Value([0])) => Now::Nothing,
        Ok(_) => Now::Other,
        Err(refusal) => return Err(refusal.raise(m)),
    };
    Ok((place, now))
}

#[cold]
fn not_a(m: &mut Machine, live: Ref<LiveObj>, now: &Now, wanted: &str) -> Trap {
    if matches!(now, Now::Nothing) {
        return nothing_left(m);
    }
    let found = match super::resolve(m, live) {
        Ok(v) => type_name(m, v).to_owned(),
        Err(trap) => return trap,
    };
    m.error(402, format!("expected {wanted}, got {found}"))
}

/// The number of items or entries.
///
/// # Errors
/// E0412 if nothing is left, E0402 if something else stands at the place, E0507 in a `pure` call.
pub fn len(m: &mut Machine, live: Ref<LiveObj>) -> Result<u64, Trap> {
    may_read(m)?;
    match now(m, live)?.1 {
        Now::List(n) | Now::Map(n, _) => Ok(n),
        other => Err(not_a(m, live, &other, "a list or map")),
    }
}

/// `x[k]` with the meaning and errors of language.md 5.8.
///
/// # Errors
/// E0410, E0402, E0411, E0412, E0507.
pub fn index(m: &mut Machine, live: Ref<LiveObj>, key: Value) -> Result<Value, Trap> {
    may_read(m)?;
    let (place, now) = now(m, live)?;
    match now {
        Now::List(count) => {
            let i = list_position(m, key, count)?;
            super::read(m, &place::item(&place, i))
        }
        Now::Map(..) => {
            let key = map_key(m, key)?;
            super::read(m, &place::entry(&place, &key))
        }
        other => Err(not_a(m, live, &other, "a list or map")),
    }
}

/// `x[k] = v`.
///
/// # Errors
/// E0410, E0402, E0411, E0412, and what writing raises.
pub fn set_index(m: &mut Machine, live: Ref<LiveObj>, key: Value, v: Value) -> Result<(), Trap> {
    may_write(m)?;
    let (place, now) = now(m, live)?;
    match now {
        Now::List(count) => {
            let i = list_position(m, key, count)?;
            atomically(m, |m| records::put(m, &place::item(&place, i), &[], v))
        }
        Now::Map(count, next) => {
            let key = map_key(m, key)?;
            atomically(m, |m| set_entry(m, &place, count, next, &key, v))
        }
        other => Err(not_a(m, live, &other, "a list or map")),
    }
}

/// The value of a key of a map, or `None`.
///
/// # Errors
/// E0412 if nothing is left, E0402 if no map stands at the place, E0507 in a `pure` call.
pub fn get(m: &mut Machine, live: Ref<LiveObj>, key: &Key) -> Result<Option<Value>, Trap> {
    may_read(m)?;
    let (place, now) = now(m, live)?;
    let Now::Map(..) = now else { return Err(not_a(m, live, &now, "a map")) };
    let entry = place::entry(&place, key);
    if m.journal.read(&entry).is_none() {
        records::pay_read(m, &entry)?;
        return Ok(None);
    }
    super::read(m, &entry).map(Some)
}

/// Inserts or replaces the value of a key of a map.
///
/// # Errors
/// As [`get`], and what writing raises.
pub fn set(m: &mut Machine, live: Ref<LiveObj>, key: &Key, v: Value) -> Result<(), Trap> {
    may_write(m)?;
    let (place, now) = now(m, live)?;
    let Now::Map(count, next) = now else { return Err(not_a(m, live, &now, "a map")) };
    atomically(m, |m| set_entry(m, &place, count, next, key, v))
}

fn set_entry(m: &mut Machine, place: &[u8], count: u64, next: u64, key: &Key, v: Value) -> Result<(), Trap> {
    let entry = place::entry(place, key);
    let prefix = records::prefix(m, &entry);
    if !prefix.is_empty() {
        return records::put(m, &entry, &prefix, v);
    }
    let mut prefix = Vec::new();
    put_varint(&mut prefix, next);
    records::put(m, &entry, &prefix, v)?;
    let mut encoded = Vec::new();
    crate::encode::put_key(&mut encoded, key);
    records::set(m, place::position(place, next), encoded)?;
    header(m, place, |prefix| records::map_header(prefix, count + 1, next + 1))
}

fn header(m: &mut Machine, place: &[u8], make: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<(), Trap> {
    let prefix = if place::shape(place).entry { records::prefix(m, place) } else { Vec::new() };
    records::set(m, place.to_vec(), make(&prefix))
}

/// The keys of a map in order.
///
/// # Errors
/// As [`get`].
pub fn keys(m: &mut Machine, live: Ref<LiveObj>) -> Result<Vec<Key>, Trap> {
    may_read(m)?;
    let (place, now) = now(m, live)?;
    let Now::Map(count, next) = now else { return Err(not_a(m, live, &now, "a map")) };
    let taken: Vec<_> = positions(&m.journal, &place, count, next).collect();
    let mut keys = Vec::with_capacity(taken.len());
    for (position, key) in taken {
        records::pay_read(m, &place::position(&place, position))?;
        keys.push(Reader::new(&key).key().map_err(|why| Refusal::Record(why).raise(m))?);
    }
    Ok(keys)
}

/// Removes a key of a map; whether it was there.
///
/// # Errors
/// As [`get`], and what writing raises.
pub fn delete(m: &mut Machine, live: Ref<LiveObj>, key: &Key) -> Result<bool, Trap> {
    may_write(m)?;
    let (place, now) = now(m, live)?;
    let Now::Map(count, next) = now else { return Err(not_a(m, live, &now, "a map")) };
    let entry = place::entry(&place, key);
    let Some(position) = m.journal.read(&entry).map(|r| Reader::new(r).varint()) else {
        records::pay_read(m, &entry)?;
        return Ok(false);
    };
    let position = position.map_err(|why| Refusal::Record(why).raise(m))?;
    atomically(m, |m| {
        records::clear(m, &entry)?;
        records::write(m, place::position(&place, position).into(), None)?;
        header(m, &place, |prefix| records::map_header(prefix, count.saturating_sub(1), next))
    })?;
    notes::written(m, &entry, None);
    Ok(true)
}

/// Appends an item to a list.
///
/// # Errors
/// E0412 if nothing is left, E0402 if no list stands at the place, and what writing raises.
pub fn push(m: &mut Machine, live: Ref<LiveObj>, v: Value) -> Result<(), Trap> {
    may_write(m)?;
    let (place, now) = now(m, live)?;
    let Now::List(count) = now else { return Err(not_a(m, live, &now, "a list")) };
    atomically(m, |m| {
        records::put(m, &place::item(&place, count), &[], v)?;
        header(m, &place, |prefix| records::list_header(prefix, count + 1))
    })
}

/// Removes the last item of a list and gives a copy of it, or null.
///
/// # Errors
/// As [`push`].
pub fn pop(m: &mut Machine, live: Ref<LiveObj>) -> Result<Value, Trap> {
    may_write(m)?;
    let (place, now) = now(m, live)?;
    let Now::List(count) = now else { return Err(not_a(m, live, &now, "a list")) };
    let Some(last) = count.checked_sub(1) else { return Ok(Value::NULL) };
    let item = place::item(&place, last);
    let v = super::snapshot_place(m, &item)?;
    atomically(m, |m| {
        records::clear(m, &item)?;
        header(m, &place, |prefix| records::list_header(prefix, last))
    })?;
    notes::written(m, &item, None);
    Ok(v)
}

fn map_key(m: &mut Machine, key: Value) -> Result<Key, Trap> {
    crate::ops::key_of(m, key)
}

fn list_position(m: &mut Machine, key: Value, count: u64) -> Result<u64, Trap> {
    if let Kind::Int(i) = key.kind() {
        let at = if i < 0 { count.checked_sub(i.unsigned_abs()) } else { u64::try_from(i).ok() };
        return match at {
            Some(at) if at < count => Ok(at),
            _ => Err(m.error(410, format!("index {i} is out of range for a list of {count}"))),
        };
    }
    let found = type_name(m, key).to_owned();
    Err(m.error(402, format!("an index must be an integer, got {found}")))
}
