//! Map keys as values, and entries that `restrict` hides (language.md 4.7, 16.3).

use std::sync::Arc;

use num_bigint::BigInt;

use crate::heap::Ref;
use crate::key::Key;
use crate::machine::Machine;
use crate::object::{BigIntObj, MapObj};
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// What a redacted field shows.
pub const REDACTED: &str = "***";

/// The key that a value stands for.
///
/// # Errors
/// E0411 for a value that is no string, integer or boolean.
#[inline]
pub fn key_of(m: &mut Machine, v: Value) -> Result<Key, Trap> {
    match v.kind() {
        Kind::Str(s) => Ok(Key::Str(m.heap.str(s).text().clone())),
        Kind::Int(i) => Ok(Key::Int(i)),
        Kind::Bool(b) => Ok(Key::Bool(b)),
        Kind::BigInt(b) => Ok(Key::Big(Arc::new(m.heap.bigint(b).0.clone()))),
        _ => Err(bad_key(m, v)),
    }
}

/// E0411.
#[cold]
pub fn bad_key(m: &mut Machine, v: Value) -> Trap {
    let message =
        format!("a map key must be a string, integer or boolean, not {}", crate::kinds::type_name(m, v));
    m.error(411, message)
}

/// The value of a key.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn key_value(m: &mut Machine, key: &Key) -> Result<Value, Trap> {
    match key {
        Key::Str(s) => m.string(s.clone()),
        Key::Int(i) => Ok(Value::int(*i)),
        Key::Bool(b) => Ok(Value::bool(*b)),
        Key::Big(b) => Ok(Value::bigint(m.heap.alloc_bigint(BigIntObj(BigInt::clone(b)))?)),
    }
}

/// What reading the field `key` with value `v` gives: `"***"` if a rule redacts it.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn visible(m: &mut Machine, map: Ref<MapObj>, key: &Key, v: Value) -> Result<Value, Trap> {
    match (&m.heap.map(map).restricted, key) {
        (Some(rules), Key::Str(name)) if rules.redacts(name) => m.string(REDACTED),
        _ => Ok(v),
    }
}

/// E0417 for a field that a rule makes read-only.
#[cold]
pub(super) fn read_only(m: &mut Machine, name: &str) -> Trap {
    m.error(417, format!("Field '{name}' is read-only"))
}

/// Inserts or replaces an entry, with the checks and the counting that every way to do so needs.
///
/// # Errors
/// E0417, [`Trap::MemoryLimit`].
#[inline]
pub fn insert(m: &mut Machine, r: Ref<MapObj>, key: Key, v: Value) -> Result<(), Trap> {
    let map = m.heap.map_mut(r);
    if map.sealed || map.restricted.is_some() {
        check_insert(m, r, &key)?;
    }
    let map = &mut m.heap.map_mut(r).map;
    let (before, bytes) = (map.len(), 48 + key.excess());
    map.insert(key, v);
    if map.len() > before { m.heap.charge(bytes) } else { Ok(()) }
}

#[cold]
pub(crate) fn check_insert(m: &mut Machine, r: Ref<MapObj>, key: &Key) -> Result<(), Trap> {
    super::errors::sealed(m, Value::map(r))?;
    match (&m.heap.map(r).restricted, key) {
        (Some(rules), Key::Str(name)) if rules.read_only(name) => Err(read_only(m, name)),
        _ => Ok(()),
    }
}
