//! The value encoding (chain.md 2.2) and its strict decoding (2.3).
//!
//! 1. Recursion follows the nesting of the value and ends at 64 levels; a value that contains itself ends there too.
//! 2. What shared parts expand to is bounded by the number of bytes that the caller allows.
//! 3. Live containers are encoded from their records, as if they had been read whole.
//! 4. Redacted fields are encoded as `"***"` (language.md 16.3).

use num_bigint::BigInt;
use zexus_bytecode::schedule;

use crate::key::Key;
use crate::kinds::type_name;
use crate::limits::{RECORD_BYTES, VALUE_DEPTH};
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};

pub mod bytes;
mod decode;

pub use decode::{Unreadable, decode, try_decode};

use bytes::{put_int, put_seg, put_varint};

/// What a redacted field shows.
pub const REDACTED: &str = "***";

/// Kinds of values in their encoding.
#[allow(missing_docs)]
pub mod kind {
    pub const NULL: u8 = 0x00;
    pub const FALSE: u8 = 0x01;
    pub const TRUE: u8 = 0x02;
    pub const INT: u8 = 0x03;
    pub const FLOAT: u8 = 0x04;
    pub const STRING: u8 = 0x05;
    pub const BYTES: u8 = 0x06;
    pub const LIST: u8 = 0x07;
    pub const MAP: u8 = 0x08;
    pub const INSTANCE: u8 = 0x09;
    pub const CONTRACT: u8 = 0x0a;
    pub const RANGE: u8 = 0x0b;
    pub const DATETIME: u8 = 0x0c;
    pub const ERROR: u8 = 0x0d;
    pub const MAP_HEADER: u8 = 0x10;
    pub const LIST_HEADER: u8 = 0x11;
    pub const LEDGER_HEADER: u8 = 0x12;
}

/// Why a value has no encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A float that is not finite: E0408.
    NotFinite,
    /// A kind that has no encoding: E0510.
    Kind(String),
    /// More than 64 levels, or a value that contains itself: E0510.
    Depth,
    /// More bytes than are allowed: E0510.
    Size(usize),
    /// A place whose key, with the keys of the containers around it, has more bytes than are allowed: E0510.
    Key(usize),
    /// A record of the state that is not what this program writes: E0510.
    Record(&'static str),
}

impl Refusal {
    /// The error of the run time for it.
    #[cold]
    pub fn raise(self, m: &mut Machine) -> Trap {
        match self {
            Refusal::NotFinite => m.error(408, "a float that is not finite has no encoding"),
            Refusal::Kind(name) => m.error(
                510,
                format!("a value of kind {name} cannot be stored, hashed or cross a contract border"),
            ),
            Refusal::Depth => m.error(510, format!("value is nested deeper than {VALUE_DEPTH} levels")),
            Refusal::Size(max) => m.error(510, format!("value is larger than {max} bytes")),
            Refusal::Key(max) => {
                m.error(510, format!("the keys that lead to the value have more than {max} bytes together"))
            }
            Refusal::Record(why) => m.error(510, format!("stored value cannot be read: {why}")),
        }
    }
}

/// The encoding of a value that may have at most 1 MiB: a record, payload, result or event.
///
/// # Errors
/// E0510 for a kind without encoding, for more than 64 levels, and for more bytes; E0408 for a float that is not finite.
pub fn encode(m: &mut Machine, v: Value) -> Result<Vec<u8>, Trap> {
    encode_within(m, v, RECORD_BYTES)
}

/// The encoding of a value that may have at most `max` bytes.
///
/// # Errors
/// As [`encode`].
pub fn encode_within(m: &mut Machine, v: Value, max: usize) -> Result<Vec<u8>, Trap> {
    pay_records(m, v)?;
    let mut out = Vec::new();
    encode_into(m, v, &mut out, 1, max).map_err(|r| r.raise(m))?;
    Ok(out)
}

/// Pays for the records of a list or map of the state that is encoded from them.
fn pay_records(m: &mut Machine, v: Value) -> Result<(), Trap> {
    let Kind::Live(l) = v.kind() else { return Ok(()) };
    let place = m.heap.live(l).place.clone();
    crate::state::pay_whole(m, &place)
}

/// The encoding of the list of `items`.
///
/// # Errors
/// As [`encode`].
pub fn encode_list(m: &mut Machine, items: &[Value]) -> Result<Vec<u8>, Trap> {
    let mut out = vec![kind::LIST];
    put_varint(&mut out, items.len() as u64);
    for v in items {
        pay_records(m, *v)?;
        encode_into(m, *v, &mut out, 2, RECORD_BYTES).map_err(|r| r.raise(m))?;
    }
    Ok(out)
}

/// Appends the encoding of `v`, which stands at level `depth` (from 1); `out` may have at most `max` bytes.
///
/// # Errors
/// Why there is none; `out` then holds a part of it.
pub fn encode_into(
    m: &Machine,
    v: Value,
    out: &mut Vec<u8>,
    depth: usize,
    max: usize,
) -> Result<(), Refusal> {
    if depth > VALUE_DEPTH {
        return Err(Refusal::Depth);
    }
    match v.kind() {
        Kind::Null => out.push(kind::NULL),
        Kind::Bool(b) => out.push(if b { kind::TRUE } else { kind::FALSE }),
        Kind::Int(i) => {
            out.push(kind::INT);
            put_int(out, &BigIntOr::Small(i));
        }
        Kind::BigInt(b) => {
            out.push(kind::INT);
            put_int(out, &BigIntOr::Big(&m.heap.bigint(b).0));
        }
        Kind::Float(f) if f.is_finite() => {
            out.push(kind::FLOAT);
            out.extend_from_slice(&f.to_bits().to_be_bytes());
        }
        Kind::Float(_) => return Err(Refusal::NotFinite),
        Kind::Str(s) => {
            out.push(kind::STRING);
            put_seg(out, m.heap.str(s).text().as_bytes());
        }
        Kind::Bytes(b) => {
            out.push(kind::BYTES);
            put_seg(out, &m.heap.bytes_obj(b).0);
        }
        Kind::List(l) => {
            let items = &m.heap.list(l).items;
            out.push(kind::LIST);
            put_varint(out, items.len() as u64);
            for v in items {
                encode_into(m, *v, out, depth + 1, max)?;
            }
        }
        Kind::Map(r) => {
            let o = m.heap.map(r);
            out.push(kind::MAP);
            put_varint(out, o.map.len() as u64);
            for (k, v) in o.map.iter() {
                put_key(out, k);
                let redacted = match k {
                    Key::Str(name) => redacts(&o.restricted, name),
                    _ => false,
                };
                encode_field(m, *v, redacted, out, depth + 1, max)?;
            }
        }
        Kind::Instance(i) => {
            let o = m.heap.instance(i);
            let ty = m.heap.ty(o.ty);
            out.push(kind::INSTANCE);
            put_seg(out, ty.module.as_bytes());
            put_seg(out, ty.name.as_bytes());
            put_varint(out, o.fields.len() as u64);
            for (name, v) in ty.fields.keys().zip(&o.fields) {
                put_seg(out, name.as_bytes());
                encode_field(m, *v, redacts(&o.restricted, name), out, depth + 1, max)?;
            }
        }
        Kind::ContractInstance(i) => {
            out.push(kind::CONTRACT);
            out.extend_from_slice(&m.addresses.bytes(i));
        }
        Kind::Range(r) => {
            let r = m.heap.range(r);
            out.push(kind::RANGE);
            put_int(out, &BigIntOr::Small(r.start));
            put_int(out, &BigIntOr::Small(r.end));
        }
        Kind::DateTime(micros) => {
            out.push(kind::DATETIME);
            out.extend_from_slice(&micros.to_be_bytes());
        }
        Kind::Error(e) => {
            let e = m.heap.error(e);
            out.push(kind::ERROR);
            put_seg(out, format!("E{:04}", e.code).as_bytes());
            put_seg(out, e.message.as_bytes());
            put_varint(out, u64::from(e.line));
        }
        Kind::Live(l) => crate::state::encode_place(&m.journal, &m.heap.live(l).place, out, depth, max)?,
        Kind::Undef
        | Kind::Builtin(_)
        | Kind::Function(_)
        | Kind::Enum(_)
        | Kind::Type(_)
        | Kind::Contract(_)
        | Kind::Module(_)
        | Kind::Task(_)
        | Kind::Channel(_)
        | Kind::WaitGroup(_)
        | Kind::Barrier(_)
        | Kind::Cell(_)
        | Kind::Iter(_) => return Err(Refusal::Kind(type_name(m, v).to_owned())),
    }
    if out.len() > max { Err(Refusal::Size(max)) } else { Ok(()) }
}

fn encode_field(
    m: &Machine,
    v: Value,
    redacted: bool,
    out: &mut Vec<u8>,
    depth: usize,
    max: usize,
) -> Result<(), Refusal> {
    if redacted {
        out.push(kind::STRING);
        put_seg(out, REDACTED.as_bytes());
        return Ok(());
    }
    encode_into(m, v, out, depth, max)
}

fn redacts(restricted: &Option<Box<crate::object::Restrictions>>, name: &str) -> bool {
    restricted.as_ref().is_some_and(|r| r.redacts(name))
}

/// An integer of either size, borrowed.
#[derive(Clone, Copy, Debug)]
pub enum BigIntOr<'a> {
    /// Of 64 bits.
    Small(i64),
    /// Beyond 64 bits.
    Big(&'a BigInt),
}

/// Appends the encoding of a map key.
pub fn put_key(out: &mut Vec<u8>, key: &Key) {
    match key {
        Key::Str(s) => {
            out.push(kind::STRING);
            put_seg(out, s.as_bytes());
        }
        Key::Int(i) => {
            out.push(kind::INT);
            put_int(out, &BigIntOr::Small(*i));
        }
        Key::Big(b) => {
            out.push(kind::INT);
            put_int(out, &BigIntOr::Big(b));
        }
        Key::Bool(b) => out.push(if *b { kind::TRUE } else { kind::FALSE }),
    }
}

/// A deep copy as it arrives on the other side of a contract border (language.md 15.4): by encoding and decoding.
/// Values that hold nothing are themselves.
///
/// # Errors
/// As [`encode`].
pub fn cross(m: &mut Machine, v: Value) -> Result<Value, Trap> {
    if m.meter.is_metered() {
        pay_border(m, v)?;
    }
    if !v.is_heap() && v.as_float().is_none() {
        return match v.kind() {
            Kind::Builtin(_) => Err(Refusal::Kind("Builtin".to_owned()).raise(m)),
            _ => Ok(v),
        };
    }
    if v.as_str().is_some() || v.as_bigint().is_some() || v.as_bytes().is_some() {
        return Ok(v);
    }
    let bytes = encode(m, v)?;
    m.charge_units(schedule::BORDER, bytes.len())?;
    decode(m, &bytes)
}

/// Pays for a value that crosses without being encoded: for what its encoding would take.
#[cold]
fn pay_border(m: &mut Machine, v: Value) -> Result<(), Trap> {
    let length = |n: usize| (64 - (n as u64 | 1).leading_zeros()).div_ceil(7) as usize;
    let size = match v.kind() {
        Kind::Str(s) => m.heap.str(s).len(),
        Kind::Bytes(b) => m.heap.bytes_obj(b).0.len(),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Int(_)
        | Kind::BigInt(_)
        | Kind::DateTime(_)
        | Kind::ContractInstance(_) => {
            let mut out = Vec::new();
            return match encode_into(m, v, &mut out, 1, RECORD_BYTES) {
                Ok(()) => m.charge_units(schedule::BORDER, out.len()),
                Err(_) => Ok(()),
            };
        }
        _ => return Ok(()),
    };
    m.charge_units(schedule::BORDER, 1 + length(size) + size)
}

#[cfg(test)]
mod tests;
