//! Strict decoding (chain.md 2.3).

use std::sync::Arc;

use super::bytes::Reader;
use super::kind;
use crate::key::Key;
use crate::limits::VALUE_DEPTH;
use crate::machine::Machine;
use crate::object::{BigIntObj, BytesObj, ErrorObj, InstanceObj, ListObj, MapObj, RangeObj};
use crate::ordered::OrderedMap;
use crate::trap::Trap;
use crate::value::Value;

/// Why bytes are not a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// They are not what encoding makes.
    Malformed(&'static str),
    /// The value could not be made.
    Trap(Trap),
}

impl From<&'static str> for Unreadable {
    fn from(why: &'static str) -> Self {
        Unreadable::Malformed(why)
    }
}

impl From<Trap> for Unreadable {
    fn from(trap: Trap) -> Self {
        Unreadable::Trap(trap)
    }
}

impl Unreadable {
    /// The error of the run time for it: E0510, or the trap.
    pub fn raise(self, m: &mut Machine) -> Trap {
        match self {
            Unreadable::Malformed(why) => m.error(510, format!("encoded value cannot be read: {why}")),
            Unreadable::Trap(trap) => trap,
        }
    }
}

/// The value of an encoding.
///
/// # Errors
/// E0510 for bytes that encoding does not make and for instances of types that the program does not declare.
pub fn decode(m: &mut Machine, bytes: &[u8]) -> Result<Value, Trap> {
    try_decode(m, bytes).map_err(|u| u.raise(m))
}

/// [`decode`] with the reason of a failure.
///
/// # Errors
/// [`Unreadable`].
pub fn try_decode(m: &mut Machine, bytes: &[u8]) -> Result<Value, Unreadable> {
    let mut r = Reader::new(bytes);
    let v = decode_next(m, &mut r, 1)?;
    if r.is_empty() { Ok(v) } else { Err("bytes are left over".into()) }
}

fn decode_next(m: &mut Machine, r: &mut Reader<'_>, depth: usize) -> Result<Value, Unreadable> {
    if depth > VALUE_DEPTH {
        return Err("more than 64 levels".into());
    }
    Ok(match r.byte()? {
        kind::NULL => Value::NULL,
        kind::FALSE => Value::FALSE,
        kind::TRUE => Value::TRUE,
        kind::INT => match r.int()? {
            Key::Big(b) => Value::bigint(m.heap.alloc_bigint(BigIntObj((*b).clone()))?),
            Key::Int(i) => Value::int(i),
            _ => Value::NULL,
        },
        kind::FLOAT => {
            let f = f64::from_bits(u64::from_be_bytes(r.array()?));
            if !f.is_finite() {
                return Err("a float that is not finite".into());
            }
            Value::float(f)
        }
        kind::STRING => m.string(r.text()?)?,
        kind::BYTES => Value::bytes(m.heap.alloc_bytes(BytesObj(r.seg()?.into()))?),
        kind::LIST => {
            let count = r.count()?;
            let mut items = Vec::with_capacity(count);
            for _ in 0..count {
                items.push(decode_next(m, r, depth + 1)?);
            }
            Value::list(m.heap.alloc_list(ListObj { items, sealed: false })?)
        }
        kind::MAP => {
            let count = r.count()?;
            let mut map = OrderedMap::with_capacity(count);
            for _ in 0..count {
                let key = r.key()?;
                let v = decode_next(m, r, depth + 1)?;
                if map.insert(key, v).is_some() {
                    return Err("a map key occurs twice".into());
                }
            }
            Value::map(m.heap.alloc_map(MapObj { map, ..MapObj::default() })?)
        }
        kind::INSTANCE => decode_instance(m, r, depth)?,
        kind::CONTRACT => {
            let address = r.array()?;
            m.contract_instance(address)
        }
        kind::RANGE => {
            let (Key::Int(start), Key::Int(end)) = (r.int()?, r.int()?) else {
                return Err("a range beyond 64 bits".into());
            };
            if end < start {
                return Err("a range that ends before its start".into());
            }
            Value::range(m.heap.alloc_range(RangeObj { start, end })?)
        }
        kind::DATETIME => Value::datetime(i64::from_be_bytes(r.array()?)),
        kind::ERROR => {
            let code = r.text()?;
            let digits =
                code.strip_prefix('E').filter(|d| d.len() == 4 && d.bytes().all(|b| b.is_ascii_digit()));
            let code = digits.and_then(|d| d.parse().ok()).ok_or("an error code that is none")?;
            let message = r.text()?.into();
            let line = u32::try_from(r.varint()?).map_err(|_| "a line beyond 32 bits")?;
            Value::error(m.heap.alloc_error(ErrorObj { code, message, line, at: None, trace: Vec::new() })?)
        }
        _ => return Err("an unknown kind".into()),
    })
}

fn decode_instance(m: &mut Machine, r: &mut Reader<'_>, depth: usize) -> Result<Value, Unreadable> {
    let module = r.text()?;
    let name = r.text()?;
    let ty = m.declared.ty(module, name).ok_or("the program declares no such type")?;
    let count = r.count()?;
    if count != m.heap.ty(ty).fields.len() {
        return Err("a type with other fields".into());
    }
    let names: Vec<Arc<str>> = m.heap.ty(ty).fields.keys().cloned().collect();
    let mut fields = Vec::with_capacity(count);
    for name in names {
        if r.text()? != &*name {
            return Err("a type with other fields".into());
        }
        fields.push(decode_next(m, r, depth + 1)?);
    }
    let object = InstanceObj { ty, fields: fields.into(), ..InstanceObj::default() };
    Ok(Value::instance(m.heap.alloc_instance(object)?))
}
