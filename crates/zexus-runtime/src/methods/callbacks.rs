//! Functions of lists and ranges that call back (language.md 18.4, 19.1).
//!
//! A callback may change the list: items are read one by one, up to the length at the start. The item of a callback stays on the
//! stack until the next one, and lists that grow are on it too, because a callback may collect.

use crate::builtins::{arg, callback};
use crate::interp::Interp;
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};
use zexus_bytecode::schedule;

/// The number of items of a list or range.
fn count(m: &Machine, v: Value) -> u64 {
    match v.kind() {
        Kind::List(l) => m.heap.list(l).items.len() as u64,
        Kind::Range(r) => m.heap.range(r).len(),
        _ => 0,
    }
}

fn item(m: &Machine, v: Value, i: u64) -> Option<Value> {
    match v.kind() {
        Kind::List(l) => m.heap.list(l).items.get(i as usize).copied(),
        Kind::Range(r) => {
            let r = m.heap.range(r);
            (i < r.len()).then(|| Value::int(r.at(i)))
        }
        _ => None,
    }
}

/// Calls `f` with each item and its index and gives item and result to `sink`, until that says false. `visits`: each item that is
/// visited costs; otherwise `sink` pays for what it makes.
fn each_item(
    interp: &mut dyn Interp,
    args: &[Value],
    visits: bool,
    mut sink: impl FnMut(&mut Machine, Value, Value) -> Result<bool, Trap>,
) -> Result<(), Trap> {
    let (source, f) = (arg(args, 0), arg(args, 1));
    let m = interp.machine();
    let n = count(m, source);
    let place = m.stack.len();
    m.stack.push(Value::NULL);
    for i in 0..n {
        let m = interp.machine();
        let Some(item) = item(m, source, i) else { break };
        if visits {
            m.charge_units(schedule::LIST_ITEM, 1)?;
        }
        if let Some(slot) = m.stack.get_mut(place) {
            *slot = item;
        }
        let result = callback(interp, f, &[item, Value::int(i as i64)], 1)?;
        if !sink(interp.machine(), item, result)? {
            break;
        }
    }
    Ok(())
}

/// A new list on the stack, to be filled by callbacks.
fn new_list(interp: &mut dyn Interp) -> Result<Value, Trap> {
    let m = interp.machine();
    let list = m.list(Vec::new())?;
    m.stack.push(list);
    Ok(list)
}

/// Appends to a list that is being built.
pub(crate) fn append(m: &mut Machine, list: Value, v: Value) -> Result<(), Trap> {
    m.heap.charge(16)?;
    if let Kind::List(l) = list.kind() {
        m.heap.list_mut(l).items.push(v);
    }
    Ok(())
}

/// `l.map(f)`.
pub(crate) fn map(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let list = new_list(interp)?;
    each_item(interp, args, true, |m, _, result| append(m, list, result).map(|()| true))?;
    Ok(list)
}

/// `l.filter(f)`.
pub(crate) fn filter(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let list = new_list(interp)?;
    each_item(interp, args, false, |m, item, keep| {
        if keep.truthy() {
            m.charge_units(schedule::LIST_ITEM, 1)?;
            append(m, list, item)?;
        }
        Ok(true)
    })?;
    Ok(list)
}

/// `l.each(f)`.
pub(crate) fn each(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    each_item(interp, args, true, |_, _, _| Ok(true))?;
    Ok(Value::NULL)
}

/// `l.find(f)`.
pub(crate) fn find(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let mut found = Value::NULL;
    each_item(interp, args, true, |_, item, result| {
        if result.truthy() {
            found = item;
        }
        Ok(!result.truthy())
    })?;
    Ok(found)
}

/// `l.any(f)`.
pub(crate) fn any(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let mut found = false;
    each_item(interp, args, true, |_, _, result| {
        found = result.truthy();
        Ok(!found)
    })?;
    Ok(Value::bool(found))
}

/// `l.all(f)`.
pub(crate) fn all(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let mut holds = true;
    each_item(interp, args, true, |_, _, result| {
        holds = result.truthy();
        Ok(holds)
    })?;
    Ok(Value::bool(holds))
}

/// `l.reduce(f, init)`: without `init` it starts with the first item; null for no items.
pub(crate) fn reduce(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let (source, f) = (arg(args, 0), arg(args, 1));
    let m = interp.machine();
    let n = count(m, source);
    let (mut total, start) = match args.get(2) {
        Some(init) => (*init, 0),
        None => (item(m, source, 0).unwrap_or(Value::NULL), 1),
    };
    for i in start..n {
        let m = interp.machine();
        let Some(item) = item(m, source, i) else { break };
        m.charge_units(schedule::LIST_ITEM, 1)?;
        total = callback(interp, f, &[total, item, Value::int(i as i64)], 2)?;
    }
    Ok(total)
}
