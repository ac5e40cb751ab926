//! Methods of maps (language.md 19.3).

use crate::builtins::{arg, callback, rows};
use crate::heap::Ref;
use crate::interp::Interp;
use crate::key::Key;
use crate::machine::Machine;
use crate::object::MapObj;
use crate::ops::{insert, key_of, key_value, sealed, visible};
use crate::trap::Trap;
use crate::value::Value;
use zexus_bytecode::schedule;

rows! {
    ROWS in "@map";
    /// The value of a key, or the default.
    ["get"] (m: Map, k: Any, default: Any = "null") => Plain(get);
    /// Whether the key is there.
    ["has", "contains"] (m: Map, k: Any) => Plain(has);
    /// Inserts or replaces an entry; the map.
    ["set"] (m: Map, k: Any, v: Any) changes m => Plain(set);
    /// The keys in order.
    ["keys"] (m: Map) gas Items => Plain(keys);
    /// The values in order.
    ["values"] (m: Map) gas Items => Plain(values);
    /// The entries in order, as `[key, value]`.
    ["entries"] (m: Map) gas Items => Plain(entries);
    /// The number of entries.
    ["length", "size", "count"] (m: Map) => Plain(length);
    /// Whether there are no entries.
    ["is_empty"] (m: Map) => Plain(is_empty);
    /// Removes an entry; whether it was there.
    ["delete", "remove"] (m: Map, k: Any) changes m => Plain(delete);
    /// Removes all entries; the map.
    ["clear"] (m: Map) changes m => Plain(clear);
    /// A new map with the entries of both; those of `other` win.
    ["merge"] (m: Map, other: Map) gas Each => Plain(merge);
    /// A new map with the results of `f` for each key and value.
    ["map"] (m: Map, f: Callable) gas Each => Calling(map);
    /// A new map of the entries for which `f` is true.
    ["filter"] (m: Map, f: Callable) gas Each => Calling(filter);
    /// Null; calls `f` with each key and value.
    ["each"] (m: Map, f: Callable) gas Each => Calling(each);
}

fn map_of(args: &[Value], i: usize) -> Ref<MapObj> {
    arg(args, i).as_map().unwrap_or(Ref::from_index(0))
}

/// What reading an entry gives.
fn entry(m: &mut Machine, r: Ref<MapObj>, key: &Key) -> Result<Option<Value>, Trap> {
    match m.heap.map(r).map.get(&key.as_ref()).copied() {
        Some(v) => visible(m, r, key, v).map(Some),
        None => Ok(None),
    }
}

fn get(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let key = key_of(m, arg(args, 1))?;
    Ok(entry(m, map_of(args, 0), &key)?.unwrap_or(arg(args, 2)))
}

fn has(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let key = key_of(m, arg(args, 1))?;
    Ok(Value::bool(m.heap.map(map_of(args, 0)).map.contains_key(&key.as_ref())))
}

fn set(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let key = key_of(m, arg(args, 1))?;
    insert(m, map_of(args, 0), key, arg(args, 2))?;
    Ok(arg(args, 0))
}

/// Builds a list from the visible entries in order.
fn collect(
    m: &mut Machine,
    r: Ref<MapObj>,
    mut part: impl FnMut(&mut Machine, &Key, Value) -> Result<Value, Trap>,
) -> Result<Value, Trap> {
    m.heap.room(16 * m.heap.map(r).map.len() as u64)?;
    let mut items = Vec::with_capacity(m.heap.map(r).map.len());
    let mut cursor = 0;
    while let Some((next, key, v)) = m.heap.map(r).map.entry_from(cursor) {
        let (key, v) = (key.clone(), *v);
        cursor = next;
        items.push(part(m, &key, v)?);
    }
    m.list(items)
}

/// `m.keys()`, `keys(m)`.
pub(crate) fn keys(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    collect(m, map_of(args, 0), |m, key, _| key_value(m, key))
}

/// `m.values()`, `values(m)`.
pub(crate) fn values(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let r = map_of(args, 0);
    collect(m, r, |m, key, v| visible(m, r, key, v))
}

/// `m.entries()`, `entries(m)`.
pub(crate) fn entries(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let r = map_of(args, 0);
    collect(m, r, |m, key, v| {
        let v = visible(m, r, key, v)?;
        let key = key_value(m, key)?;
        m.list(vec![key, v])
    })
}

fn length(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::int(m.heap.map(map_of(args, 0)).map.len() as i64))
}

fn is_empty(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::bool(m.heap.map(map_of(args, 0)).map.is_empty()))
}

/// E0417 if the map is sealed, or a field that is to be removed (all, without a key) is read-only.
fn removable(m: &mut Machine, map: Value, r: Ref<MapObj>, key: Option<&Key>) -> Result<(), Trap> {
    sealed(m, map)?;
    let Some(rules) = &m.heap.map(r).restricted else { return Ok(()) };
    let kept = match key {
        Some(Key::Str(name)) => rules.read_only(name).then_some(name),
        Some(_) => None,
        None => rules.any_read_only(),
    };
    match kept {
        Some(name) => {
            let message = format!("Field '{name}' is read-only");
            Err(m.error(417, message))
        }
        None => Ok(()),
    }
}

fn delete(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let r = map_of(args, 0);
    let key = key_of(m, arg(args, 1))?;
    removable(m, arg(args, 0), r, Some(&key))?;
    let old = m.heap.map_mut(r).map.remove(&key.as_ref());
    if old.is_some() {
        m.heap.release(48);
    }
    Ok(Value::bool(old.is_some()))
}

fn clear(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let r = map_of(args, 0);
    removable(m, arg(args, 0), r, None)?;
    let count = m.heap.map(r).map.len();
    m.heap.map_mut(r).map = Default::default();
    m.heap.release(48 * count as u64);
    Ok(arg(args, 0))
}

fn merge(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let new = m.heap.alloc_map(MapObj::default())?;
    for r in [map_of(args, 0), map_of(args, 1)] {
        let mut cursor = 0;
        while let Some((next, key, v)) = m.heap.map(r).map.entry_from(cursor) {
            let (key, v) = (key.clone(), *v);
            cursor = next;
            let v = visible(m, r, &key, v)?;
            if m.meter.is_metered() && !m.heap.map(new).map.contains_key(&key.as_ref()) {
                m.charge_units(schedule::MAP_ENTRY, 1)?;
            }
            insert(m, new, key, v)?;
        }
    }
    Ok(Value::map(new))
}

/// Calls `f` with the keys of the start that are still there and their values; key, value and result go to `sink`.
fn each_entry(
    interp: &mut dyn Interp,
    args: &[Value],
    mut sink: impl FnMut(&mut Machine, Key, Value, Value) -> Result<(), Trap>,
) -> Result<(), Trap> {
    let r = map_of(args, 0);
    let m = interp.machine();
    m.heap.room(16 * m.heap.map(r).map.len() as u64)?;
    let keys: Vec<Key> = m.heap.map(r).map.keys().cloned().collect();
    let place = m.stack.len();
    m.stack.push(Value::NULL);
    for key in keys {
        let m = interp.machine();
        let Some(v) = entry(m, r, &key)? else { continue };
        if let Some(slot) = m.stack.get_mut(place) {
            *slot = v;
        }
        let name = key_value(m, &key)?;
        let result = callback(interp, arg(args, 1), &[name, v], 1)?;
        sink(interp.machine(), key, v, result)?;
    }
    Ok(())
}

/// A new map on the stack, to be filled by callbacks.
fn new_map(interp: &mut dyn Interp) -> Result<Ref<MapObj>, Trap> {
    let m = interp.machine();
    let new = m.heap.alloc_map(MapObj::default())?;
    m.stack.push(Value::map(new));
    Ok(new)
}

/// An entry of a map that is filled by callbacks.
fn made(m: &mut Machine, map: Ref<MapObj>, key: Key, v: Value) -> Result<(), Trap> {
    m.charge_units(schedule::MAP_ENTRY, 1)?;
    insert(m, map, key, v)
}

fn map(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let new = new_map(interp)?;
    each_entry(interp, args, |m, key, _, result| made(m, new, key, result))?;
    Ok(Value::map(new))
}

fn filter(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let new = new_map(interp)?;
    each_entry(interp, args, |m, key, v, keep| if keep.truthy() { made(m, new, key, v) } else { Ok(()) })?;
    Ok(Value::map(new))
}

fn each(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    each_entry(interp, args, |m, _, _, _| m.charge_units(schedule::LIST_ITEM, 1))?;
    Ok(Value::NULL)
}
