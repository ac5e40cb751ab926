//! `sort` (language.md 18.3): stable, O(n log n), with comparisons that may run code of the program and fail.

use std::cmp::Ordering;

use super::callbacks::append;
use crate::builtins::{arg, callback, given};
use crate::interp::Interp;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::ops::{Member, compare_numbers_or_texts, index, num_of};
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// `sort(l, by, descending)`: a new list.
pub(crate) fn sort(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let by = given(args, 1);
    let mut descending = arg(args, 2).truthy();
    let m = interp.machine();
    let items = match arg(args, 0).kind() {
        Kind::List(l) => m.heap.list(l).items.clone(),
        _ => Vec::new(),
    };
    // The callbacks may change the list that is sorted; this one keeps its items alive and becomes the result.
    m.heap.room(48 * items.len() as u64)?;
    let list = m.list(items.clone())?;
    m.stack.push(list);
    let order = match by.map(|v| v.kind()) {
        Some(Kind::Bool(b)) => {
            descending |= b;
            by_value(m, &items, descending)?
        }
        None => by_value(m, &items, descending)?,
        Some(Kind::Str(_) | Kind::Int(_)) => {
            let keys = keys_of(interp, &items, arg(args, 1))?;
            by_value(interp.machine(), &keys, descending)?
        }
        Some(Kind::Function(_) | Kind::Builtin(_)) => {
            let f = arg(args, 1);
            merge_sort(items.len(), &mut |i, j| {
                let (Some(a), Some(b)) = (items.get(i), items.get(j)) else { return Ok(false) };
                let row = if descending { [*b, *a] } else { [*a, *b] };
                let result = callback(interp, f, &row, 1)?;
                let first = match num_of(interp.machine(), result) {
                    Some(n) => n.is_negative(),
                    None => result.as_bool() == Some(true),
                };
                Ok(first)
            })?
        }
        _ => {
            let message = format!(
                "Type mismatch: parameter 'by' of sort expects a key, a function or a bool, got {}",
                type_name(m, arg(args, 1))
            );
            return Err(m.error(402, message));
        }
    };
    let sorted: Vec<Value> = order.iter().filter_map(|i| items.get(*i).copied()).collect();
    if let Kind::List(l) = list.kind() {
        interp.machine().heap.list_mut(l).items = sorted;
    }
    Ok(list)
}

/// The values of a key or field of all items, kept alive by a list on the stack.
fn keys_of(interp: &mut dyn Interp, items: &[Value], by: Value) -> Result<Vec<Value>, Trap> {
    let m = interp.machine();
    let keep = m.list(Vec::new())?;
    m.stack.push(keep);
    let mut keys = Vec::with_capacity(items.len());
    for item in items {
        let key = match index(interp.machine(), *item, by)? {
            Member::Value(v) => v,
            Member::Computed(f) => interp.call_method(f, *item, &[])?,
            Member::Contract => Value::NULL,
        };
        append(interp.machine(), keep, key)?;
        keys.push(key);
    }
    Ok(keys)
}

/// The order of values that are all numbers or all strings.
fn by_value(m: &mut Machine, keys: &[Value], descending: bool) -> Result<Vec<usize>, Trap> {
    if let Some(first) = keys.first() {
        for v in keys {
            if compare_numbers_or_texts(m, *v, *first).is_none() {
                let message =
                    format!("Type mismatch: cannot compare {} < {}", type_name(m, *v), type_name(m, *first));
                return Err(m.error(409, message));
            }
        }
    }
    if let Some(ints) = all(keys, Value::as_int) {
        return Ok(ordered(&ints, descending));
    }
    if let Some(texts) = all(keys, |v| m.text(v).map(|t| &**t)) {
        return Ok(ordered(&texts, descending));
    }
    let wanted = if descending { Ordering::Greater } else { Ordering::Less };
    merge_sort(keys.len(), &mut |i, j| {
        let (Some(a), Some(b)) = (keys.get(i), keys.get(j)) else { return Ok(false) };
        // A NaN comes neither before nor after anything.
        Ok(compare_numbers_or_texts(m, *a, *b).flatten() == Some(wanted))
    })
}

/// The keys as something simpler, if all of them are.
fn all<T>(keys: &[Value], simple: impl Fn(Value) -> Option<T>) -> Option<Vec<T>> {
    keys.iter().map(|v| simple(*v)).collect()
}

/// The positions in the order of keys that have a total one.
fn ordered<T: Ord>(keys: &[T], descending: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|i, j| {
        let natural = keys.get(*i).cmp(&keys.get(*j));
        if descending { natural.reverse() } else { natural }
    });
    order
}

/// The positions 0 to n-1 in order; `before(i, j)` says whether item `i` must come before item `j`, and may contradict itself.
fn merge_sort(
    n: usize,
    before: &mut dyn FnMut(usize, usize) -> Result<bool, Trap>,
) -> Result<Vec<usize>, Trap> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut merged = Vec::with_capacity(n);
    let mut width = 1;
    while width < n {
        merged.clear();
        for run in order.chunks(2 * width) {
            let (mut left, mut right) = run.split_at(width.min(run.len()));
            while let ([l, more_left @ ..], [r, more_right @ ..]) = (left, right) {
                if before(*r, *l)? {
                    merged.push(*r);
                    right = more_right;
                } else {
                    merged.push(*l);
                    left = more_left;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut order, &mut merged);
        width *= 2;
    }
    Ok(order)
}
