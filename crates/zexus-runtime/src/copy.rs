//! Deep copies (language.md 15.4, 16.1, 18.1).
//!
//! Lists, maps and instances are copied, everything else is itself. Parts that are shared stay shared, also with what contains
//! them. Copies are not sealed, carry no rules of `restrict`, and hold `"***"` where a rule redacts.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::display::hidden;
use crate::key::Key;
use crate::limits::VALUE_DEPTH;
use crate::machine::Machine;
use crate::object::{InstanceObj, ListObj, MapObj};
use crate::ops::REDACTED;
use crate::ordered::OrderedMap;
use crate::state;
use crate::trap::Trap;
use crate::value::{Kind, Value};
use zexus_bytecode::schedule;

type Node = (u8, u64);

fn node(v: Value) -> Node {
    (v.tag() as u8, v.bits())
}

fn is_container(v: Value) -> bool {
    matches!(v.kind(), Kind::List(_) | Kind::Map(_) | Kind::Instance(_) | Kind::Live(_))
}

/// A deep copy.
///
/// # Errors
/// [`Trap::MemoryLimit`], and what reading of the state raises.
pub fn deep(m: &mut Machine, v: Value) -> Result<Value, Trap> {
    if !is_container(v) {
        return Ok(v);
    }
    m.charge_units(schedule::VALUE, 1)?;
    copy(m, v, 1)
}

/// The copy of a list or map constant that `LOAD_CONST` makes; in metered runs only the items and entries made are paid for.
///
/// # Errors
/// [`Trap::OutOfGas`], [`Trap::MemoryLimit`].
pub fn constant(m: &mut Machine, v: Value) -> Result<Value, Trap> {
    if is_container(v) { copy(m, v, 0) } else { Ok(v) }
}

/// A deep copy; a part costs `visit` besides what is made for it.
fn copy(m: &mut Machine, v: Value, visit: u64) -> Result<Value, Trap> {
    let mut copies: FxHashMap<Node, Value> = FxHashMap::default();
    let mut todo = Vec::new();
    let mut shell =
        |m: &mut Machine, todo: &mut Vec<(Value, Value)>, v| shell(m, &mut copies, todo, v, visit);
    let result = shell(m, &mut todo, v)?;
    while let Some((old, new)) = todo.pop() {
        match (old.kind(), new.kind()) {
            (Kind::List(l), Kind::List(n)) => {
                let mut i = 0;
                while let Some(item) = m.heap.list(l).items.get(i).copied() {
                    let item = shell(m, &mut todo, item)?;
                    m.heap.list_mut(n).items.push(item);
                    i += 1;
                }
            }
            (Kind::Map(r), Kind::Map(n)) => {
                let mut cursor = 0;
                while let Some((next, key, v)) = m.heap.map(r).map.entry_from(cursor) {
                    let (key, v) = (key.clone(), *v);
                    cursor = next;
                    let redacted =
                        matches!(&key, Key::Str(k) if hidden(m.heap.map(r).restricted.as_deref(), k));
                    let v = if redacted { m.string(REDACTED)? } else { shell(m, &mut todo, v)? };
                    m.heap.map_mut(n).map.insert(key, v);
                }
            }
            (Kind::Instance(i), Kind::Instance(n)) => {
                let mut slot = 0;
                while let Some(v) = m.heap.instance(i).fields.get(slot).copied() {
                    let object = m.heap.instance(i);
                    let name = m.heap.ty(object.ty).fields.get_index(slot).map_or("", |(n, _)| n);
                    let redacted = hidden(object.restricted.as_deref(), name);
                    let v = if redacted { m.string(REDACTED)? } else { shell(m, &mut todo, v)? };
                    if let Some(place) = m.heap.instance_mut(n).fields.get_mut(slot) {
                        *place = v;
                    }
                    slot += 1;
                }
            }
            _ => (),
        }
    }
    Ok(result)
}

/// Pays for the parts of a container: what is made for each, and looking at it.
fn pay(m: &mut Machine, made: schedule::Rate, visit: u64, len: usize) -> Result<(), Trap> {
    if !m.meter.is_metered() {
        return Ok(());
    }
    let visits = schedule::VALUE.cost(visit.saturating_mul(len as u64));
    m.charge(made.cost(len as u64).saturating_add(visits))
}

/// The copy of a value: the value itself, a copy made before, or a new object of the right size that is filled later.
fn shell(
    m: &mut Machine,
    copies: &mut FxHashMap<Node, Value>,
    todo: &mut Vec<(Value, Value)>,
    v: Value,
    visit: u64,
) -> Result<Value, Trap> {
    if !is_container(v) {
        return Ok(v);
    }
    let entry = match copies.entry(node(v)) {
        Entry::Occupied(copy) => return Ok(*copy.get()),
        Entry::Vacant(entry) => entry,
    };
    let new = match v.kind() {
        Kind::List(l) => {
            let len = m.heap.list(l).items.len();
            pay(m, schedule::LIST_ITEM, visit, len)?;
            m.heap.charge(16 * len as u64)?;
            Value::list(m.heap.alloc_list(ListObj { items: Vec::with_capacity(len), sealed: false })?)
        }
        Kind::Map(r) => {
            let len = m.heap.map(r).map.len();
            pay(m, schedule::MAP_ENTRY, visit, len)?;
            m.heap.charge(48 * len as u64)?;
            let map = OrderedMap::with_capacity(len);
            Value::map(m.heap.alloc_map(MapObj { map, ..MapObj::default() })?)
        }
        Kind::Instance(i) => {
            pay(m, schedule::LIST_ITEM, visit, m.heap.instance(i).fields.len())?;
            let object = m.heap.instance(i);
            let copy = InstanceObj {
                ty: object.ty,
                fields: object.fields.clone(),
                type_args: object.type_args.clone(),
                sealed: false,
                restricted: None,
            };
            Value::instance(m.heap.alloc_instance(copy)?)
        }
        Kind::Live(l) => {
            let copy = state::snapshot(m, l)?;
            entry.insert(copy);
            return Ok(copy);
        }
        _ => return Ok(v),
    };
    entry.insert(new);
    todo.push((v, new));
    Ok(new)
}

/// A deep copy of a value that crosses a border: `allow` says which values other than lists, maps and instances may.
///
/// # Errors
/// E0510 for a value that may not cross, one that contains itself, and one nested more than 64 deep; those of [`deep`].
pub fn deep_checked(m: &mut Machine, v: Value, allow: fn(&Machine, Value) -> bool) -> Result<Value, Trap> {
    check(m, v, allow)?;
    deep(m, v)
}

/// The checks of [`deep_checked`].
///
/// # Errors
/// E0510.
pub fn check(m: &mut Machine, v: Value, allow: fn(&Machine, Value) -> bool) -> Result<(), Trap> {
    /// A container under way, its parts that are left, and its height so far.
    struct Frame {
        v: Value,
        parts: Vec<Value>,
        height: usize,
    }
    // Heights of the containers that are done; those under way have none.
    let mut heights: FxHashMap<Node, Option<usize>> = FxHashMap::default();
    let mut frames = vec![Frame { v: Value::NULL, parts: vec![v], height: 0 }];
    while let Some(frame) = frames.last_mut() {
        if frame.height > VALUE_DEPTH || frames.len() > VALUE_DEPTH + 2 {
            return Err(m.error(510, format!("the value is nested more than {VALUE_DEPTH} deep")));
        }
        let Some(frame) = frames.last_mut() else { break };
        let Some(part) = frame.parts.pop() else {
            let (v, height) = (frame.v, frame.height + 1);
            frames.pop();
            heights.insert(node(v), Some(height));
            if let Some(outer) = frames.last_mut() {
                outer.height = outer.height.max(height);
            }
            continue;
        };
        if !is_container(part) {
            if !allow(m, part) {
                let message = format!("{} cannot cross here", crate::kinds::type_name(m, part));
                return Err(m.error(510, message));
            }
            continue;
        }
        match heights.entry(node(part)) {
            Entry::Occupied(done) => match done.get() {
                Some(height) => frame.height = frame.height.max(*height),
                None => return Err(m.error(510, "the value contains itself")),
            },
            Entry::Vacant(entry) => {
                entry.insert(None);
                let parts = match part.kind() {
                    Kind::List(l) => m.heap.list(l).items.clone(),
                    Kind::Map(r) => m.heap.map(r).map.values().copied().collect(),
                    Kind::Instance(i) => m.heap.instance(i).fields.to_vec(),
                    // What is stored was checked when it was stored.
                    _ => Vec::new(),
                };
                frames.push(Frame { v: part, parts, height: 0 });
            }
        }
    }
    Ok(())
}
