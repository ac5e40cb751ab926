//! Values across the border of an instance: copies in both directions, bounded in depth and number.

use indexmap::IndexMap;
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use zexus_bytecode::num::MAX_INT_BITS;
use zexus_runtime::encode::REDACTED;
use zexus_runtime::heap::Ref;
use zexus_runtime::key::Key as RunKey;
use zexus_runtime::object::{BigIntObj, BytesObj, InstanceObj, MapObj, RangeObj, Restrictions};
use zexus_runtime::ordered::OrderedMap;
use zexus_runtime::{Kind, Machine, Trap, Value};

use crate::data::{Callable, Data, Handle, Key};

/// How deep lists, maps and instances that cross may be nested.
pub const MAX_DEPTH: usize = 64;

/// How many values may cross at once. Parts that are shared inside the program are counted each time.
pub const MAX_VALUES: usize = 16_000_000;

/// Why a value did not come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutError {
    /// Nested deeper than [`MAX_DEPTH`], which a list that holds itself always is.
    #[error("the value is nested more than {MAX_DEPTH} levels deep")]
    Depth,
    /// More than [`MAX_VALUES`].
    #[error("the value has more than {MAX_VALUES} parts")]
    Size,
}

/// Why a value did not go in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InError {
    /// A limit of the machine, or an error it raised.
    Trap(Trap),
    /// It is none that a program can have; the reason.
    Refused(String),
}

impl From<Trap> for InError {
    fn from(trap: Trap) -> InError {
        InError::Trap(trap)
    }
}

/// Copies a value out.
pub(crate) fn data(m: &mut Machine, v: Value) -> Result<Data, OutError> {
    out(m, v, MAX_DEPTH, &mut Out { left: MAX_VALUES, pin: false })
}

/// Copies a value out, with handles for what stays inside.
pub(crate) fn data_with_handles(m: &mut Machine, v: Value) -> Result<Data, OutError> {
    out(m, v, MAX_DEPTH, &mut Out { left: MAX_VALUES, pin: true })
}

/// The fields of an instance, with handles for what stays inside; nothing for a value of another kind.
pub(crate) fn fields(m: &mut Machine, v: Value) -> Result<Option<IndexMap<String, Data>>, OutError> {
    let Kind::Instance(i) = v.kind() else { return Ok(None) };
    let Data::Instance(_, fields) = instance(m, i, MAX_DEPTH, &mut Out { left: MAX_VALUES, pin: true })?
    else {
        return Ok(None);
    };
    Ok(Some(fields))
}

/// What is under way while a value goes out.
struct Out {
    /// How many more values may go out.
    left: usize,
    /// Whether what has no copy is pinned and gets a handle.
    pin: bool,
}

impl Out {
    fn count(&mut self, n: usize) -> Result<(), OutError> {
        self.left = self.left.checked_sub(n).ok_or(OutError::Size)?;
        Ok(())
    }
}

fn handle(m: &mut Machine, v: Value) -> Data {
    let kind = zexus_runtime::kinds::type_name(m, v).to_owned();
    let pin = u32::try_from(m.pins.len()).unwrap_or(u32::MAX);
    m.pins.push(v);
    Data::Handle(Handle { pin, kind })
}

fn out(m: &mut Machine, v: Value, depth: usize, left: &mut Out) -> Result<Data, OutError> {
    left.count(1)?;
    let inner = depth.checked_sub(1);
    Ok(match v.kind() {
        Kind::Undef | Kind::Null => Data::Null,
        Kind::Bool(b) => Data::Bool(b),
        Kind::Int(i) => Data::Int(i),
        Kind::Float(f) => Data::Float(f),
        Kind::DateTime(micros) => Data::DateTime(micros),
        Kind::BigInt(b) => Data::Big(m.heap.bigint(b).0.clone()),
        Kind::Str(s) => Data::Str(m.heap.str(s).text().to_string()),
        Kind::Bytes(b) => Data::Bytes(m.heap.bytes_obj(b).0.to_vec()),
        Kind::Range(r) => {
            let range = *m.heap.range(r);
            Data::Range(range.start, range.end)
        }
        Kind::List(l) => {
            let inner = inner.ok_or(OutError::Depth)?;
            let items = m.heap.list(l).items.clone();
            Data::List(items.into_iter().map(|v| out(m, v, inner, left)).collect::<Result<_, _>>()?)
        }
        Kind::Map(map) => {
            let inner = inner.ok_or(OutError::Depth)?;
            let object = m.heap.map(map);
            let rules = object.restricted.as_deref();
            let entries: Vec<_> = (object.map.iter())
                .map(|(k, v)| (key_out(k), *v, matches!(k, RunKey::Str(name) if hidden(rules, name))))
                .collect();
            let entries =
                entries.into_iter().map(|(k, v, hidden)| Ok((k, field(m, v, hidden, inner, left)?)));
            Data::Map(entries.collect::<Result<_, _>>()?)
        }
        Kind::Instance(_) if left.pin => handle(m, v),
        Kind::Instance(i) => instance(m, i, inner.ok_or(OutError::Depth)?, left)?,
        Kind::Builtin(i) if i >= zexus_runtime::builtins::FIRST_HOST_VALUE => match m.host_value_at(i) {
            Some((name, function)) => {
                Data::Function(Callable { name: name.clone(), function: function.clone() })
            }
            None => Data::Null,
        },
        Kind::Live(_) => match zexus_runtime::state::plain(m, v) {
            Ok(copy) if copy.as_live().is_none() => out(m, copy, depth, left)?,
            _ => Data::Null,
        },
        _ if left.pin => handle(m, v),
        _ => {
            let kind = zexus_runtime::kinds::type_name(m, v).to_owned();
            Data::Opaque(kind, zexus_runtime::display::display(m, v).unwrap_or_default())
        }
    })
}

fn instance(m: &mut Machine, i: Ref<InstanceObj>, inner: usize, left: &mut Out) -> Result<Data, OutError> {
    let object = m.heap.instance(i);
    let ty = m.heap.ty(object.ty);
    let name = ty.name.to_string();
    let rules = object.restricted.as_deref();
    let fields: Vec<_> = (ty.fields.keys().zip(&object.fields))
        .map(|(name, v)| (name.to_string(), *v, hidden(rules, name)))
        .collect();
    let fields = fields.into_iter().map(|(k, v, hidden)| Ok((k, field(m, v, hidden, inner, left)?)));
    Ok(Data::Instance(name, fields.collect::<Result<IndexMap<_, _>, _>>()?))
}

fn hidden(rules: Option<&Restrictions>, name: &str) -> bool {
    rules.is_some_and(|rules| rules.redacts(name))
}

/// A field or entry; one that a rule redacts is not shown to the host either (language.md 16.3).
fn field(m: &mut Machine, v: Value, hidden: bool, depth: usize, left: &mut Out) -> Result<Data, OutError> {
    if hidden { Ok(Data::Str(REDACTED.to_owned())) } else { out(m, v, depth, left) }
}

fn key_out(key: &RunKey) -> Key {
    match key {
        RunKey::Str(s) => Key::Str(s.to_string()),
        RunKey::Int(i) => Key::Int(*i),
        RunKey::Bool(b) => Key::Bool(*b),
        RunKey::Big(b) => Key::Big((**b).clone()),
    }
}

/// Copies a value in. What it makes is not rooted: nothing of the program may run before the caller has stored it.
pub(crate) fn value(m: &mut Machine, data: Data) -> Result<Value, InError> {
    put(m, data, MAX_DEPTH)
}

fn put(m: &mut Machine, data: Data, depth: usize) -> Result<Value, InError> {
    let inner = || depth.checked_sub(1).ok_or_else(|| InError::Refused(OutError::Depth.to_string()));
    Ok(match data {
        Data::Null => Value::NULL,
        Data::Bool(b) => Value::bool(b),
        Data::Int(i) => Value::int(i),
        Data::Float(f) if f.is_finite() => Value::float(f),
        Data::Float(f) => return Err(InError::Refused(format!("{f} is no float of a program"))),
        Data::DateTime(micros) => Value::datetime(micros),
        Data::Big(b) => match b.to_i64() {
            Some(i) => Value::int(i),
            None => Value::bigint(m.heap.alloc_bigint(BigIntObj(checked(b)?))?),
        },
        Data::Str(s) => m.string(s)?,
        Data::Bytes(b) => Value::bytes(m.heap.alloc_bytes(BytesObj(b.into()))?),
        Data::List(items) => {
            let inner = inner()?;
            let items = items.into_iter().map(|d| put(m, d, inner)).collect::<Result<Vec<_>, _>>()?;
            m.list(items)?
        }
        Data::Map(entries) => {
            let inner = inner()?;
            let mut map = OrderedMap::with_capacity(entries.len());
            for (k, d) in entries {
                let v = put(m, d, inner)?;
                map.insert(key_in(k)?, v);
            }
            Value::map(m.heap.alloc_map(MapObj { map, ..MapObj::default() })?)
        }
        Data::Range(start, end) => {
            let end = end.max(start);
            Value::range(m.heap.alloc_range(RangeObj { start, end })?)
        }
        Data::Function(callable) => m.host_value(callable.name, callable.function),
        Data::Handle(handle) => match m.pins.get(handle.pin as usize) {
            Some(v) => *v,
            None => return Err(InError::Refused(format!("a {} of another instance", handle.kind))),
        },
        Data::Instance(kind, _) | Data::Opaque(kind, _) => {
            return Err(InError::Refused(format!("a value of kind {kind} cannot be given to a program")));
        }
    })
}

fn key_in(key: Key) -> Result<RunKey, InError> {
    Ok(match key {
        Key::Str(s) => RunKey::Str(s.into()),
        Key::Int(i) => RunKey::Int(i),
        Key::Bool(b) => RunKey::Bool(b),
        Key::Big(b) => match b.to_i64() {
            Some(i) => RunKey::Int(i),
            None => RunKey::Big(checked(b)?.into()),
        },
    })
}

fn checked(b: BigInt) -> Result<BigInt, InError> {
    if b.bits() <= MAX_INT_BITS {
        Ok(b)
    } else {
        Err(InError::Refused(format!("the integer has more than {MAX_INT_BITS} bits")))
    }
}

#[cfg(test)]
mod tests {
    use zexus_runtime::Limits;
    use zexus_runtime::host::Quiet;

    use super::*;

    #[test]
    fn redacted_entries_do_not_go_out() {
        let mut m = Machine::new(Box::new(Quiet::default()), Limits::default());
        let map = m.record(&[("name", Value::int(1)), ("ssn", Value::int(123))]).unwrap();
        zexus_runtime::policy::seal::restrict(&mut m, map, &"ssn".into(), "redact").unwrap();
        let Ok(Data::Map(entries)) = data(&mut m, map) else { panic!("expected a map") };
        assert_eq!(entries.get(&Key::Str("ssn".into())), Some(&Data::Str("***".into())));
        assert_eq!(entries.get(&Key::Str("name".into())), Some(&Data::Int(1)));
    }

    #[test]
    fn shared_parts_count_each_time() {
        let mut m = Machine::new(Box::new(Quiet::default()), Limits::default());
        let mut wide = Value::int(1);
        for _ in 0..40 {
            wide = m.list(vec![wide, wide]).unwrap();
        }
        assert_eq!(out(&mut m, wide, MAX_DEPTH, &mut Out { left: 1000, pin: false }), Err(OutError::Size));
        let pair = m.list(vec![Value::NULL, Value::TRUE]).unwrap();
        let expected = Data::List(vec![Data::Null, Data::Bool(true)]);
        assert_eq!(out(&mut m, pair, MAX_DEPTH, &mut Out { left: 3, pin: false }), Ok(expected));
        assert_eq!(out(&mut m, pair, MAX_DEPTH, &mut Out { left: 2, pin: false }), Err(OutError::Size));
    }
}
