//! The ledger: entries, audit entries, and variables that keep their history (language.md 15.9, 16.6; chain.md 7).

use std::sync::Arc;

use zexus_bytecode::schedule;
use zexus_crypto::hex;

use crate::contracts::{may_read, may_write};
use crate::encode::bytes::{Reader, put_seg, put_varint};
use crate::encode::{BigIntOr, Refusal, bytes, decode, encode, encode_into, kind};
use crate::journal::{Entry, EntryKind, notes};
use crate::key::Key;
use crate::limits::RECORD_BYTES;
use crate::machine::Machine;
use crate::object::MapObj;
use crate::ordered::OrderedMap;
use crate::state::place;
use crate::trap::Trap;
use crate::value::Value;

impl EntryKind {
    /// The name that programs see.
    pub fn name(self) -> &'static str {
        match self {
            EntryKind::Entry => "entry",
            EntryKind::Audit => "audit",
            EntryKind::Version => "ledger",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<EntryKind> {
        [EntryKind::Entry, EntryKind::Audit, EntryKind::Version].into_iter().find(|k| k.name() == name)
    }
}

/// Appends the origin of an entry or event (chain.md 7.1).
pub fn put_origin(out: &mut Vec<u8>, origin: Option<&[u8; 20]>) {
    match origin {
        None => out.push(0),
        Some(address) => {
            out.push(1);
            out.extend_from_slice(address);
        }
    }
}

/// The bytes of an entry with its index (chain.md 7.1).
pub fn entry_bytes(entry: &Entry, index: u64) -> Vec<u8> {
    let mut out = b"ZXLE\x01".to_vec();
    out.extend_from_slice(&index.to_be_bytes());
    out.extend_from_slice(&entry.height.to_be_bytes());
    out.extend_from_slice(&entry.time.to_be_bytes());
    out.extend_from_slice(&entry.id);
    put_origin(&mut out, entry.origin.as_ref());
    out.push(entry.kind as u8);
    out.extend_from_slice(&entry.payload);
    out
}

/// The head after an entry: `H(02 ‖ head ‖ leaf)` (chain.md 7.2).
pub fn next_head(head: &[u8; 32], leaf: &[u8; 32]) -> [u8; 32] {
    let mut bytes = vec![2];
    bytes.extend_from_slice(head);
    bytes.extend_from_slice(leaf);
    zexus_crypto::sha256(&bytes)
}

/// The contract whose action runs.
pub(crate) fn origin(m: &Machine) -> Option<[u8; 20]> {
    m.context.frame.instance.map(|i| m.addresses.bytes(i))
}

fn append_payload(m: &mut Machine, kind: EntryKind, payload: Vec<u8>) -> Result<u64, Trap> {
    may_write(m)?;
    if m.journal.entries().len() as u64 >= m.limits.ledger_entries {
        return Err(Trap::MemoryLimit);
    }
    m.charge_units(schedule::LEDGER, payload.len())?;
    let entry = Entry {
        origin: origin(m),
        kind,
        payload: payload.into(),
        height: m.block.height,
        time: m.block.time,
        id: m.block.id,
    };
    m.journal.append(&mut m.heap, entry)
}

/// `ledger_append(x)`: the position of the entry.
///
/// # Errors
/// E0507, E0516, E0510, E0408; E0430 beyond the limit of entries.
pub fn append(m: &mut Machine, v: Value) -> Result<u64, Trap> {
    may_write(m)?;
    let payload = encode(m, v)?;
    append_payload(m, EntryKind::Entry, payload)
}

/// `audit x, "action", time`: appends the entry and gives it as a map (language.md 16.6).
///
/// # Errors
/// As [`append`].
pub fn audit(
    m: &mut Machine,
    data_name: &str,
    action: &str,
    data_type: &str,
    time: Option<Value>,
) -> Result<Value, Trap> {
    let caller = m.context.frame.caller.clone();
    let (name, action_v) = (m.string(data_name)?, m.string(action)?);
    let (data_type, caller) = (m.string(data_type)?, m.string(caller)?);
    let time = time.unwrap_or(Value::int(m.block.time.div_euclid(1000)));
    let entry = m.record(&[
        ("data_name", name),
        ("action", action_v),
        ("data_type", data_type),
        ("caller", caller),
        ("timestamp", time),
    ])?;
    let payload = encode(m, entry)?;
    append_payload(m, EntryKind::Audit, payload)?;
    crate::policy::trail(m, "audit", || format!("{action} {data_name}"));
    Ok(entry)
}

/// `ledger_entries(kind)`: the entries of the run, in order, as maps.
///
/// # Errors
/// E0507 in a `pure` call.
pub fn entries(m: &mut Machine, kind: Option<EntryKind>) -> Result<Value, Trap> {
    may_read(m)?;
    let wanted: Vec<(u64, EntryKind, Arc<[u8]>)> = (m.journal.entries().iter().enumerate())
        .filter(|(_, e)| kind.is_none_or(|k| k == e.kind))
        .map(|(i, e)| (m.journal.first_entry() + i as u64, e.kind, e.payload.clone()))
        .collect();
    let mut list = Vec::with_capacity(wanted.len());
    for (index, kind, payload) in wanted {
        m.tick()?;
        let mut map = OrderedMap::default();
        m.charge_units(schedule::STATE_READ, payload.len())?;
        map.insert(Key::from("index"), crate::contracts::context::unsigned(index));
        map.insert(Key::from("kind"), m.string(kind.name())?);
        let payload = decode(m, &payload)?;
        match payload.as_map() {
            Some(fields) => {
                let fields: Vec<(Key, Value)> =
                    m.heap.map(fields).map.iter().map(|(k, v)| (k.clone(), *v)).collect();
                for (k, v) in fields {
                    map.insert(k, v);
                }
            }
            None => {
                map.insert(Key::from("value"), payload);
            }
        }
        m.charge_units(schedule::LIST_ITEM, 1)?;
        m.charge_units(schedule::MAP_ENTRY, map.len())?;
        list.push(Value::map(m.heap.alloc_map(MapObj { map, ..MapObj::default() })?));
    }
    m.list(list)
}

/// Assigns a ledger variable: appends a version and a ledger entry.
///
/// # Errors
/// E0507, E0516, E0510, E0408; E0430 beyond the limit of entries.
pub fn assign(m: &mut Machine, place: &[u8], name: &str, v: Value) -> Result<(), Trap> {
    may_write(m)?;
    let value = encode(m, v)?;
    let version = versions(m, place)?.checked_add(1).ok_or(Trap::MemoryLimit)?;
    let mut payload = vec![kind::MAP, 3];
    let key = |out: &mut Vec<u8>, name: &str| {
        out.push(kind::STRING);
        put_seg(out, name.as_bytes());
    };
    key(&mut payload, "name");
    key(&mut payload, name);
    key(&mut payload, "version");
    payload.push(kind::INT);
    bytes::put_int(&mut payload, &BigIntOr::Small(i64::try_from(version).unwrap_or(i64::MAX)));
    key(&mut payload, "value");
    payload.extend_from_slice(&value);
    let mut record = vec![kind::LEDGER_HEADER];
    put_varint(&mut record, version);
    record.extend_from_slice(&value);
    if record.len() > RECORD_BYTES || payload.len() > RECORD_BYTES {
        return Err(Refusal::Size(RECORD_BYTES).raise(m));
    }
    // Entry, header and version stand or fall together.
    let serial = m.journal.begin(&mut m.heap)?;
    match append_version(m, place, version, payload, record) {
        Ok(()) => m.journal.commit(&mut m.heap, serial),
        Err(trap) => {
            m.journal.revert(&mut m.heap, serial);
            return Err(trap);
        }
    }
    notes::written(m, place, Some(v));
    Ok(())
}

fn append_version(
    m: &mut Machine,
    place: &[u8],
    version: u64,
    payload: Vec<u8>,
    record: Vec<u8>,
) -> Result<(), Trap> {
    let index = append_payload(m, EntryKind::Version, payload)?;
    m.journal.write(&mut m.heap, place.into(), Some(record.into()))?;
    let version = place::version(place, version);
    m.journal.write(&mut m.heap, version.into(), Some(index.to_be_bytes().as_slice().into()))
}

fn versions(m: &mut Machine, place: &[u8]) -> Result<u64, Trap> {
    let Some(record) = m.journal.read(place) else { return Ok(0) };
    let mut r = Reader::new(record);
    match r.byte() {
        Ok(kind::LEDGER_HEADER) => r.varint().map_err(|why| Refusal::Record(why).raise(m)),
        _ => Ok(0),
    }
}

/// `x.history()`: the versions, oldest first, as maps `{value, version, timestamp, tx}`.
///
/// # Errors
/// E0507 in a `pure` call; E0510 for a version whose entry is not in the ledger at hand.
pub fn history(m: &mut Machine, place: &[u8]) -> Result<Value, Trap> {
    may_read(m)?;
    let count = versions(m, place)?;
    let mut list = Vec::new();
    for version in 1..=count {
        m.tick()?;
        let index = m.journal.read(&place::version(place, version)).and_then(|r| r[..].try_into().ok());
        let entry = index.and_then(|i| m.journal.entry(u64::from_be_bytes(i)));
        let Some(entry) = entry else {
            return Err(Refusal::Record("the entry of a version is not in this ledger").raise(m));
        };
        m.charge_units(schedule::STATE_READ, entry.payload.len())?;
        m.charge_units(schedule::LIST_ITEM, 1)?;
        m.charge_units(schedule::MAP_ENTRY, 4)?;
        let payload = decode(m, &entry.payload)?;
        let value =
            payload.as_map().and_then(|p| m.heap.map(p).map.get(&Key::from("value").as_ref()).copied());
        let tx = m.string(hex::encode(&entry.id))?;
        list.push(m.record(&[
            ("value", value.unwrap_or(Value::NULL)),
            ("version", crate::contracts::context::unsigned(version)),
            ("timestamp", Value::int(entry.time.div_euclid(1000))),
            ("tx", tx),
        ])?);
    }
    m.list(list)
}

/// The encoding of a value that has one; null for another. For results in receipts (chain.md 8.4).
pub fn encoding_or_null(m: &Machine, v: Value) -> Vec<u8> {
    let mut out = Vec::new();
    match encode_into(m, v, &mut out, 1, RECORD_BYTES) {
        Ok(()) => out,
        Err(_) => vec![kind::NULL],
    }
}

#[cfg(test)]
#[path = "ledger/tests.rs"]
mod tests;
