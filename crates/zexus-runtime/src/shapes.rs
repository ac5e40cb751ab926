//! What patterns and destructuring ask of values (language.md 6.3, 8.5).

use std::cmp::Ordering;
use std::sync::Arc;

use crate::calls;
use crate::heap::Ref;
use crate::interp::Interp;
use crate::key::KeyRef;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::object::TypeObj;
use crate::ops;
use crate::state;
use crate::trap::Trap;
use crate::types::fits_named;
use crate::value::{Kind, Value};

/// Whether a value lies in an interval of a pattern: numbers or strings that have an order with its ends.
pub fn in_interval(m: &Machine, v: Value, lo: Value, hi: Value, inclusive: bool) -> bool {
    let above = ops::compare_numbers_or_texts(m, lo, v).flatten();
    let below = ops::compare_numbers_or_texts(m, v, hi).flatten();
    matches!(above, Some(Ordering::Less | Ordering::Equal))
        && (below == Some(Ordering::Less) || inclusive && below == Some(Ordering::Equal))
}

/// The list that a pattern with `fewest` items, and perhaps a rest, goes through; `None` if `v` is none of such a length. A list of
/// the state is copied.
///
/// # Errors
/// What reading of the state raises.
pub fn list_of(m: &mut Machine, v: Value, fewest: usize, rest: bool) -> Result<Option<Value>, Trap> {
    let v = state::plain(m, v)?;
    let Kind::List(list) = v.kind() else { return Ok(None) };
    let len = m.heap.list(list).items.len();
    Ok((len == fewest || rest && len > fewest).then_some(v))
}

/// The item of a list at a position; null beyond its end.
#[inline]
pub fn item(m: &Machine, list: Value, at: usize) -> Value {
    list.as_list().and_then(|l| m.heap.list(l).items.get(at).copied()).unwrap_or(Value::NULL)
}

/// The items of a list from a position on, as a new list.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn rest(m: &mut Machine, list: Value, from: usize) -> Result<Value, Trap> {
    ops::slice(m, list, Value::int(from as i64), Value::NULL)
}

/// The map or instance that a pattern of entries looks into; `None` for another kind. A map of the state is copied.
///
/// # Errors
/// What reading of the state raises.
pub fn record_of(m: &mut Machine, v: Value) -> Result<Option<Value>, Trap> {
    let v = state::plain(m, v)?;
    Ok(matches!(v.kind(), Kind::Map(_) | Kind::Instance(_)).then_some(v))
}

/// Whether a map has this key, or an instance this field; false for another kind.
pub fn has(m: &Machine, v: Value, name: &str) -> bool {
    match v.kind() {
        Kind::Map(r) => m.heap.map(r).map.contains_key(&KeyRef::Str(name)),
        Kind::Instance(i) => {
            let ty = m.heap.ty(m.heap.instance(i).ty);
            ty.fields.contains_key(name) || ty.computed.contains_key(name)
        }
        _ => false,
    }
}

/// Whether `v` is of the type `t` of a pattern with so many fields.
///
/// # Errors
/// E0216 if the type has another number of fields.
pub fn is_instance(m: &mut Machine, v: Value, t: Value, count: usize) -> Result<bool, Trap> {
    if !fits_named(m, v, t) {
        return Ok(false);
    }
    let Kind::Type(declared) = t.kind() else { return Ok(count == 0) };
    let expected = m.heap.ty(declared).fields.len();
    if expected != count {
        return Err(m.error(216, format!("the type has {expected} fields")));
    }
    Ok(true)
}

/// The name of a field by its position among those of a type.
pub fn field_name(m: &Machine, t: Ref<TypeObj>, at: usize) -> Option<Arc<str>> {
    m.heap.ty(t).fields.get_index(at).map(|(n, _)| n.clone())
}

/// The items that `[a, b, ...rest]` takes from a list or range: `count` of them, null where there is none, and then a list of the
/// others if `with_rest`.
///
/// # Errors
/// E0402 for another kind, [`Trap::MemoryLimit`].
pub fn list_parts(m: &mut Machine, v: Value, count: usize, with_rest: bool) -> Result<Vec<Value>, Trap> {
    let v = state::plain(m, v)?;
    let mut parts: Vec<Value> = match v.kind() {
        Kind::List(l) => m.heap.list(l).items.iter().take(count).copied().collect(),
        Kind::Range(r) => {
            let r = *m.heap.range(r);
            (0..r.len()).take(count).map(|i| Value::int(r.at(i))).collect()
        }
        _ => return Err(cannot_destructure(m, v)),
    };
    parts.resize(count, Value::NULL);
    if with_rest {
        parts.push(rest(m, v, count)?);
    }
    Ok(parts)
}

/// What `{name: x}` takes from a map or instance: null if there is no such key or field. A map of the state must have been copied by
/// [`state::plain`] before.
///
/// # Errors
/// E0402 for another kind, and what a computed field raises.
pub fn entry(interp: &mut dyn Interp, v: Value, name: &str) -> Result<Value, Trap> {
    let m = interp.machine();
    if !matches!(v.kind(), Kind::Map(_) | Kind::Instance(_)) {
        return Err(cannot_destructure(m, v));
    }
    if has(m, v, name) { calls::member(interp, v, name, false) } else { Ok(Value::NULL) }
}

/// E0402 for a value that has no parts.
#[cold]
pub fn cannot_destructure(m: &mut Machine, v: Value) -> Trap {
    let message = format!("Type mismatch: cannot destructure {}", type_name(m, v));
    m.error(402, message)
}
