//! What `for` goes through (language.md 8.3), but for channels: there the tier calls `receive`.

use crate::heap::Ref;
use crate::interp::Interp;
use crate::key::Key;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::object::IterObj;
use crate::ops::{key_value, visible};
use crate::state;
use crate::tasks::channels;
use crate::trap::Trap;
use crate::value::{Kind, Value};
use zexus_bytecode::schedule;

/// An iterator over `v` for one or two names. Also made for a channel with one name; the tier must look at
/// [`IterObj::source`] and not call [`next`] then.
///
/// # Errors
/// E0402 for a value that cannot be gone through.
pub fn begin(m: &mut Machine, v: Value, names: u8) -> Result<Value, Trap> {
    let keys: Vec<Key> = match v.kind() {
        Kind::List(_) | Kind::Str(_) | Kind::Range(_) => Vec::new(),
        Kind::Channel(_) if names == 1 => Vec::new(),
        Kind::Map(r) => {
            // The keys are copied, so they cost what the items of a list do.
            let count = m.heap.map(r).map.len();
            m.charge_units(schedule::LIST_ITEM, count)?;
            m.heap.room(16 * count as u64)?;
            m.heap.map(r).map.keys().cloned().collect()
        }
        Kind::Enum(e) => m.heap.enumeration(e).members.keys().map(|k| Key::Str(k.clone())).collect(),
        Kind::Live(l) if m.heap.live(l).list => Vec::new(),
        Kind::Live(l) => state::keys(m, l)?,
        _ => {
            let names = if v.as_channel().is_some() { " with two names" } else { "" };
            let message = format!("Type mismatch: cannot go through {}{names}", type_name(m, v));
            return Err(m.error(402, message));
        }
    };
    let iter = IterObj { source: v, position: 0, byte: 0, keys, names };
    Ok(Value::iter(m.heap.alloc_iter(iter)?))
}

/// The next step of an iterator: what its one name or two names hold (the second is null if there is one name); `None` at the end.
///
/// # Errors
/// [`Trap::MemoryLimit`], and what reading of the state raises.
#[inline]
pub fn next(m: &mut Machine, iter: Ref<IterObj>) -> Result<Option<[Value; 2]>, Trap> {
    let it = m.heap.iter(iter);
    let (source, position, one) = (it.source, it.position, it.names == 1);
    let item = match source.kind() {
        Kind::List(l) => match m.heap.list(l).items.get(position as usize) {
            Some(v) => *v,
            None => return Ok(None),
        },
        Kind::Range(r) => {
            let r = m.heap.range(r);
            if position >= r.len() {
                return Ok(None);
            }
            Value::int(r.at(position))
        }
        _ => return next_slow(m, iter),
    };
    m.heap.iter_mut(iter).position = position + 1;
    Ok(Some(if one { [item, Value::NULL] } else { [Value::int(position as i64), item] }))
}

/// [`next`] of any iterator: one that was made for a channel receives until it is closed and empty.
///
/// # Errors
/// Those of [`next`] and [`channels::receive`].
pub fn advance(interp: &mut dyn Interp, iter: Ref<IterObj>) -> Result<Option<[Value; 2]>, Trap> {
    let m = interp.machine();
    match m.heap.iter(iter).source.kind() {
        Kind::Channel(c) => Ok(channels::receive(interp, c)?.map(|v| [v, Value::NULL])),
        _ => next(m, iter),
    }
}

#[inline(never)]
fn next_slow(m: &mut Machine, iter: Ref<IterObj>) -> Result<Option<[Value; 2]>, Trap> {
    let it = m.heap.iter(iter);
    let (source, position, one) = (it.source, it.position, it.names == 1);
    let item = match source.kind() {
        Kind::Str(s) => {
            let byte = it.byte;
            let Some(c) = m.heap.str(s).text().get(byte..).and_then(|t| t.chars().next()) else {
                return Ok(None);
            };
            m.heap.iter_mut(iter).byte = byte + c.len_utf8();
            m.string(&*c.encode_utf8(&mut [0; 4]))?
        }
        Kind::Live(l) if m.heap.live(l).list => {
            if position >= state::len(m, l)? {
                return Ok(None);
            }
            state::index(m, l, Value::int(position as i64))?
        }
        _ => return next_key(m, iter),
    };
    m.heap.iter_mut(iter).position = position + 1;
    Ok(Some(if one { [item, Value::NULL] } else { [Value::int(position as i64), item] }))
}

/// The next key that is still there, and its value.
fn next_key(m: &mut Machine, iter: Ref<IterObj>) -> Result<Option<[Value; 2]>, Trap> {
    loop {
        let it = m.heap.iter_mut(iter);
        let (source, one) = (it.source, it.names == 1);
        let Some(key) = it.keys.get(it.position as usize).cloned() else { return Ok(None) };
        it.position += 1;
        let value = match (source.kind(), &key) {
            (Kind::Map(r), _) => match m.heap.map(r).map.get(&key.as_ref()).copied() {
                Some(v) if !one => Some(visible(m, r, &key, v)?),
                found => found,
            },
            (Kind::Enum(e), Key::Str(name)) => m.heap.enumeration(e).members.get(name).copied(),
            (Kind::Live(l), _) => state::get(m, l, &key)?,
            _ => None,
        };
        let Some(value) = value else { continue };
        let key = key_value(m, &key)?;
        return Ok(Some([key, if one { Value::NULL } else { value }]));
    }
}

#[cfg(test)]
mod tests;
