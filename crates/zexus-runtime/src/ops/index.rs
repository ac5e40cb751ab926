//! `x[i]`, `x[i] = v`, `x[a:b]` (language.md 5.8).

use std::sync::Arc;

use zexus_bytecode::num::Integer;
use zexus_bytecode::schedule;

use super::arith::integer_of;
use super::errors::{null_index, out_of_range, sealed};
use super::keys::{insert, key_of, visible};
use super::member::{Check, Member, member, set_member};
use crate::key::KeyRef;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::object::{ListObj, MapObj, StrObj};
use crate::state;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// `v[key]`. A field of an instance that is computed is [`Member::Computed`]; everything else is a value.
///
/// # Errors
/// E0410, E0402, E0411, E0412, E0416.
#[inline]
pub fn index(m: &mut Machine, v: Value, key: Value) -> Result<Member, Trap> {
    if let (Some(l), Some(i)) = (v.as_list(), key.as_int()) {
        let items = &m.heap.list(l).items;
        let at = if i < 0 { i + items.len() as i64 } else { i };
        if let Some(item) = items.get(at as usize) {
            return Ok(Member::Value(*item));
        }
    } else if let Some(value) = entry(m, v, key) {
        return Ok(Member::Value(value));
    }
    index_slow(m, v, key)
}

/// What a map holds under a string or an integer, or null; `None` for all else, and for maps with rules.
#[inline]
pub fn entry(m: &Machine, v: Value, key: Value) -> Option<Value> {
    let map = m.heap.map(v.as_map()?);
    if map.restricted.is_some() {
        return None;
    }
    let found = match key.kind() {
        Kind::Str(s) => map.map.get(&KeyRef::Str(m.heap.str(s).text())),
        Kind::Int(i) => map.map.get(&KeyRef::Int(i)),
        _ => return None,
    };
    // Not `copied`: the value is moved as a whole, where selecting its parts would stall on what was stored just now.
    match found {
        Some(value) => Some(*value),
        None => Some(Value::NULL),
    }
}

#[inline(never)]
fn index_slow(m: &mut Machine, v: Value, key: Value) -> Result<Member, Trap> {
    let value = match v.kind() {
        Kind::List(l) => {
            let len = m.heap.list(l).items.len() as u64;
            let at = position(m, v, key, len)?;
            m.heap.list(l).items.get(at as usize).copied().unwrap_or(Value::NULL)
        }
        Kind::Range(r) => {
            let range = *m.heap.range(r);
            let at = position(m, v, key, range.len())?;
            Value::int(range.at(at))
        }
        Kind::Str(s) => {
            let at = position(m, v, key, u64::from(m.heap.str(s).chars))?;
            m.meter.charge_units(schedule::TEXT, m.heap.str(s).len())?;
            let text = char_at(m.heap.str(s), at);
            m.string(text)?
        }
        Kind::Map(r) => {
            let key = key_of(m, key)?;
            match m.heap.map(r).map.get(&key.as_ref()) {
                Some(v) => {
                    let v = *v;
                    visible(m, r, &key, v)?
                }
                None => Value::NULL,
            }
        }
        Kind::Live(l) => state::index(m, l, key)?,
        Kind::Null => return Err(null_index(m)),
        Kind::Instance(_) => match m.text(key) {
            Some(name) => {
                let name = name.clone();
                return member(m, v, &name, false);
            }
            None => return Err(cannot_index(m, v, key)),
        },
        _ => return Err(cannot_index(m, v, key)),
    };
    Ok(Member::Value(value))
}

/// The character at a position below the length, as text.
pub(crate) fn char_at(s: &StrObj, at: u64) -> String {
    if s.len() == s.chars as usize {
        let at = at as usize;
        return s.text().get(at..at + 1).unwrap_or_default().to_owned();
    }
    s.text().chars().nth(at as usize).map(String::from).unwrap_or_default()
}

#[cold]
fn cannot_index(m: &mut Machine, v: Value, key: Value) -> Trap {
    let message = format!("Type mismatch: cannot index {} with {}", type_name(m, v), type_name(m, key));
    m.error(402, message)
}

/// The position that an index names in something with `len` places.
fn position(m: &mut Machine, v: Value, key: Value, len: u64) -> Result<u64, Trap> {
    match key.kind() {
        Kind::Int(i) => match place(i, len) {
            Some(at) => Ok(at),
            None => Err(out_of_range(m, v, i)),
        },
        Kind::BigInt(b) => {
            let text = m.heap.bigint(b).0.to_string();
            Err(out_of_range(m, v, text))
        }
        _ => Err(cannot_index(m, v, key)),
    }
}

/// The position that `i` names, counted from the end if negative; `None` outside.
pub(crate) fn place(i: i64, len: u64) -> Option<u64> {
    let at = if i < 0 { i128::from(i) + i128::from(len) } else { i128::from(i) };
    u64::try_from(at).ok().filter(|at| *at < len)
}

/// `v[key] = value`. A check that is given back is run by [`super::store_member`], which the tier calls in place of this function
/// for instances.
///
/// # Errors
/// E0410, E0402, E0411, E0412, E0416, E0417, E0401.
#[inline]
pub fn set_index(m: &mut Machine, v: Value, key: Value, value: Value) -> Result<Option<Check>, Trap> {
    if let (Some(l), Some(i)) = (v.as_list(), key.as_int()) {
        let list = m.heap.list_mut(l);
        let at = if i < 0 { i + list.items.len() as i64 } else { i };
        if !list.sealed
            && let Some(item) = list.items.get_mut(at as usize)
        {
            *item = value;
            return Ok(None);
        }
    } else if let Some(r) = v.as_map() {
        let place = match key.kind() {
            Kind::Str(s) => {
                let (map, text) = m.heap.map_and_str(r, s);
                replaced(map, KeyRef::Str(text.text()))
            }
            Kind::Int(i) => replaced(m.heap.map_mut(r), KeyRef::Int(i)),
            _ => None,
        };
        match place {
            Some(place) => *place = value,
            None => {
                let key = key_of(m, key)?;
                insert(m, r, key, value)?;
            }
        }
        return Ok(None);
    }
    set_index_slow(m, v, key, value)
}

/// The place of a key that is there, in a map without any rules.
#[inline]
fn replaced<'a>(map: &'a mut MapObj, key: KeyRef<'_>) -> Option<&'a mut Value> {
    if map.sealed || map.restricted.is_some() { None } else { map.map.get_mut(&key) }
}

#[inline(never)]
fn set_index_slow(m: &mut Machine, v: Value, key: Value, value: Value) -> Result<Option<Check>, Trap> {
    match v.kind() {
        Kind::List(l) => {
            sealed(m, v)?;
            let len = m.heap.list(l).items.len() as u64;
            let at = position(m, v, key, len)?;
            if let Some(item) = m.heap.list_mut(l).items.get_mut(at as usize) {
                *item = value;
            }
            Ok(None)
        }
        Kind::Live(l) => state::set_index(m, l, key, value).map(|()| None),
        Kind::Null => Err(null_index(m)),
        Kind::Str(_) | Kind::Range(_) => {
            let message = format!("Cannot modify {}", crate::kinds::typeof_name(m, v));
            Err(m.error(417, message))
        }
        Kind::Instance(_) => match m.text(key) {
            Some(name) => {
                let name = name.clone();
                set_member(m, v, &name, value)
            }
            None => Err(cannot_index(m, v, key)),
        },
        _ => Err(cannot_index(m, v, key)),
    }
}

/// `v[a:b]`; null stands for a side that is left out.
///
/// # Errors
/// E0402, E0412.
pub fn slice(m: &mut Machine, v: Value, a: Value, b: Value) -> Result<Value, Trap> {
    let v = match v.kind() {
        Kind::Live(l) => state::snapshot(m, l)?,
        _ => v,
    };
    let len = match v.kind() {
        Kind::List(l) => m.heap.list(l).items.len() as u64,
        Kind::Str(s) => u64::from(m.heap.str(s).chars),
        Kind::Range(r) => m.heap.range(r).len(),
        Kind::Null => return Err(null_index(m)),
        _ => {
            let message = format!("Type mismatch: cannot slice {}", type_name(m, v));
            return Err(m.error(402, message));
        }
    };
    let (from, to) = slice_bounds(m, a, b, len)?;
    match v.kind() {
        Kind::List(l) => {
            m.charge_units(schedule::LIST_ITEM, (to - from) as usize)?;
            m.heap.room(32 + 16 * (to - from))?;
            let items = m.heap.list(l).items.get(from as usize..to as usize).unwrap_or_default().to_vec();
            Ok(Value::list(m.heap.alloc_list(ListObj { items, sealed: false })?))
        }
        Kind::Range(r) => {
            let range = *m.heap.range(r);
            m.charge_units(schedule::LIST_ITEM, (to - from) as usize)?;
            m.heap.room((to - from).saturating_mul(16))?;
            m.list((from..to).map(|i| Value::int(range.at(i))).collect())
        }
        Kind::Str(s) => {
            let s = m.heap.str(s);
            let part = chars(s.text(), from as usize, to as usize, s.len() as u64 == len);
            m.meter.charge_units(schedule::TEXT, part.len())?;
            m.heap.room(32 + part.len() as u64)?;
            let (text, chars) = (Arc::from(part), (to - from) as u32);
            Ok(Value::str(m.heap.alloc_str(StrObj::new(text, chars))?))
        }
        _ => Ok(Value::NULL),
    }
}

/// The characters from `from` up to, not including, `to`.
fn chars(text: &str, from: usize, to: usize, ascii: bool) -> &str {
    if ascii {
        return text.get(from..to).unwrap_or_default();
    }
    let rest = |text: &str, n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    let tail = text.get(rest(text, from)..).unwrap_or_default();
    tail.get(..rest(tail, to - from)).unwrap_or_default()
}

/// The bounds of a slice of something with `len` places, clamped as in Python; the first is not above the second.
///
/// # Errors
/// E0402 for bounds that are neither integers nor null.
pub fn slice_bounds(m: &mut Machine, a: Value, b: Value, len: u64) -> Result<(u64, u64), Trap> {
    let from = bound(m, a, len, 0)?;
    let to = bound(m, b, len, len)?;
    Ok((from, to.max(from)))
}

fn bound(m: &mut Machine, v: Value, len: u64, default: u64) -> Result<u64, Trap> {
    if v.is_null() {
        return Ok(default);
    }
    match integer_of(m, v) {
        Some(Integer::Small(i)) if i < 0 => Ok((i128::from(i) + i128::from(len)).max(0) as u64),
        Some(Integer::Small(i)) => Ok((i as u64).min(len)),
        Some(Integer::Big(b)) => Ok(if b.sign() == num_bigint::Sign::Minus { 0 } else { len }),
        None => {
            let message = format!("Type mismatch: a slice takes integers, not {}", type_name(m, v));
            Err(m.error(402, message))
        }
    }
}
