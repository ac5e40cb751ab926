//! Records of values and containers (chain.md 4.2).

use super::place;
use crate::encode::bytes::{Reader, put_varint};
use crate::encode::{Refusal, encode_into, kind, put_key};
use crate::journal::{Bytes, Journal, notes};
use crate::key::Key;
use crate::limits::{KEY_BYTES, RECORD_BYTES, VALUE_DEPTH};
use crate::machine::Machine;
use crate::meter::Meter;
use crate::object::{ListObj, MapObj};
use crate::ordered::OrderedMap;
use crate::trap::Trap;
use crate::value::{Kind, Value};
use zexus_bytecode::schedule;

/// What stands at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record<'a> {
    Nothing,
    Value(&'a [u8]),
    Map { count: u64, next: u64 },
    List { count: u64 },
    Ledger { versions: u64, latest: &'a [u8] },
}

/// Reads the record at the place of a value.
pub(super) fn record<'a>(journal: &'a Journal, place: &[u8]) -> Result<Record<'a>, Refusal> {
    match journal.read(place) {
        None => Ok(Record::Nothing),
        Some(bytes) => parse(bytes, place::shape(place).entry).map_err(Refusal::Record),
    }
}

fn parse(bytes: &[u8], entry: bool) -> Result<Record<'_>, &'static str> {
    let mut r = Reader::new(bytes);
    if entry {
        r.varint()?;
    }
    let rest = r.rest();
    let record = match r.byte()? {
        kind::MAP_HEADER => Record::Map { count: r.varint()?, next: r.varint()? },
        kind::LIST_HEADER => Record::List { count: r.varint()? },
        kind::LEDGER_HEADER => return Ok(Record::Ledger { versions: r.varint()?, latest: r.rest() }),
        _ => return Ok(Record::Value(rest)),
    };
    if r.is_empty() { Ok(record) } else { Err("a header that is too long") }
}

/// The varint position that the record of an entry begins with; empty if there is no such record.
pub(super) fn prefix(m: &Machine, place: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(bytes) = m.journal.read(place)
        && let Ok(position) = Reader::new(bytes).varint()
    {
        put_varint(&mut out, position);
    }
    out
}

pub(super) fn map_header(prefix: &[u8], count: u64, next: u64) -> Vec<u8> {
    let mut out = prefix.to_vec();
    out.push(kind::MAP_HEADER);
    put_varint(&mut out, count);
    put_varint(&mut out, next);
    out
}

pub(super) fn list_header(prefix: &[u8], count: u64) -> Vec<u8> {
    let mut out = prefix.to_vec();
    out.push(kind::LIST_HEADER);
    put_varint(&mut out, count);
    out
}

/// Pays, in a metered run, for reading the record under a key (bytecode.md 5.3).
#[inline]
pub(crate) fn pay_read(m: &mut Machine, key: &[u8]) -> Result<(), Trap> {
    if !m.meter.is_metered() {
        return Ok(());
    }
    let record = m.journal.read(key).map_or(0, |r| r.len());
    m.charge_units(schedule::STATE_READ, key.len() + record)
}

/// Pays, in a metered run, for writing or removing the record under a key.
#[inline]
fn pay_write(m: &mut Machine, key: &[u8], record: usize) -> Result<(), Trap> {
    if !m.meter.is_metered() {
        return Ok(());
    }
    let old = m.journal.read(key).map_or(0, |r| r.len());
    let old = schedule::STATE_OLD.cost(old as u64);
    m.charge(schedule::STATE_WRITE.cost((key.len() + record) as u64).saturating_add(old))
}

/// Writes or removes (`None`) one record, and pays for it.
pub(super) fn write(m: &mut Machine, key: Bytes, record: Option<Bytes>) -> Result<(), Trap> {
    pay_write(m, &key, record.as_ref().map_or(0, |r| r.len()))?;
    m.journal.write(&mut m.heap, key, record)
}

/// Writes one record.
pub(super) fn set(m: &mut Machine, key: Vec<u8>, record: Vec<u8>) -> Result<(), Trap> {
    write(m, key.into(), Some(record.into()))
}

/// Puts a value at a place in the stead of what is there; `prefix` is what the record of an entry begins with.
pub(super) fn put(m: &mut Machine, place: &[u8], prefix: &[u8], v: Value) -> Result<(), Trap> {
    let depth = place::shape(place).depth;
    let key: Bytes = place.into();
    if !matches!(v.kind(), Kind::List(_) | Kind::Map(_) | Kind::Live(_)) {
        let mut record = prefix.to_vec();
        let encoded = encode_into(m, v, &mut record, depth, RECORD_BYTES);
        let fits = if key.len() > KEY_BYTES { Err(Refusal::Key(KEY_BYTES)) } else { encoded };
        fits.map_err(|r| r.raise(m))?;
        clear_below(m, place)?;
        write(m, key, Some(record.into()))?;
        notes::written(m, place, Some(v));
        return Ok(());
    }
    // The records are made from the state and the heap, so they are paid for with the meter apart from the machine.
    let meter = std::mem::take(&mut m.meter);
    let mut flat = Flat { out: Vec::new(), room: m.limits.memory, meter };
    let made = flat.value(m, place.to_vec(), prefix, v, depth);
    m.meter = flat.meter;
    match made {
        Ok(()) => {}
        Err(Stop::Refused(refusal)) => return Err(refusal.raise(m)),
        Err(Stop::Trap(trap)) => return Err(trap),
    }
    let old = m.journal.read(place).map_or(0, |r| r.len());
    m.charge_units(schedule::STATE_OLD, old)?;
    if old > 0 {
        clear_below(m, place)?;
    }
    for (key, record) in flat.out {
        m.journal.write(&mut m.heap, key, Some(record))?;
    }
    notes::written(m, place, Some(v));
    Ok(())
}

/// Why there are no records of a value.
enum Stop {
    Refused(Refusal),
    Trap(Trap),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

/// The records of a value that is about to be written. They are paid for as they are made.
struct Flat {
    out: Vec<(Bytes, Bytes)>,
    room: u64,
    meter: Meter,
}

impl Flat {
    fn push(&mut self, key: Vec<u8>, record: Vec<u8>) -> Result<(), Stop> {
        if key.len() > KEY_BYTES {
            return Err(Refusal::Key(KEY_BYTES).into());
        }
        if record.len() > RECORD_BYTES {
            return Err(Refusal::Size(RECORD_BYTES).into());
        }
        self.meter.charge_units(schedule::STATE_WRITE, key.len() + record.len()).map_err(Stop::Trap)?;
        // What shared parts expand to is bounded before it is made.
        let weight = 64 + key.len() as u64 + record.len() as u64;
        self.room = self.room.checked_sub(weight).ok_or(Refusal::Size(RECORD_BYTES))?;
        self.out.push((key.into(), record.into()));
        Ok(())
    }

    fn value(
        &mut self,
        m: &Machine,
        place: Vec<u8>,
        prefix: &[u8],
        v: Value,
        depth: usize,
    ) -> Result<(), Stop> {
        if depth > VALUE_DEPTH {
            return Err(Refusal::Depth.into());
        }
        match v.kind() {
            Kind::List(l) => {
                let items = &m.heap.list(l).items;
                self.push(place.clone(), list_header(prefix, items.len() as u64))?;
                for (i, v) in items.iter().enumerate() {
                    self.value(m, place::item(&place, i as u64), &[], *v, depth + 1)?;
                }
                Ok(())
            }
            Kind::Map(r) => {
                let o = m.heap.map(r);
                let count = o.map.len() as u64;
                self.push(place.clone(), map_header(prefix, count, count))?;
                for (position, (key, v)) in o.map.iter().enumerate() {
                    let redacted = match (&o.restricted, key) {
                        (Some(r), Key::Str(name)) => r.redacts(name),
                        _ => false,
                    };
                    let entry = self.entry(&place, key, position as u64)?;
                    if redacted {
                        let mut record = entry.1;
                        record.push(kind::STRING);
                        crate::encode::bytes::put_seg(&mut record, crate::encode::REDACTED.as_bytes());
                        self.push(entry.0, record)?;
                    } else {
                        self.value(m, entry.0, &entry.1, *v, depth + 1)?;
                    }
                }
                Ok(())
            }
            Kind::Live(l) => {
                let from = m.heap.live(l).place.clone();
                self.copy(&m.journal, place, prefix, &from, depth)
            }
            _ => {
                let mut record = prefix.to_vec();
                encode_into(m, v, &mut record, depth, RECORD_BYTES)?;
                self.push(place, record)
            }
        }
    }

    /// The record of a position, and the place and prefix of its entry.
    fn entry(&mut self, place: &[u8], key: &Key, position: u64) -> Result<(Vec<u8>, Vec<u8>), Stop> {
        let mut encoded = Vec::new();
        put_key(&mut encoded, key);
        let entry = place::entry_encoded(place, &encoded);
        self.push(place::position(place, position), encoded)?;
        let mut prefix = Vec::new();
        put_varint(&mut prefix, position);
        Ok((entry, prefix))
    }

    /// Pays for reading a record.
    fn read(&mut self, journal: &Journal, key: &[u8]) -> Result<(), Stop> {
        if !self.meter.is_metered() {
            return Ok(());
        }
        let record = journal.read(key).map_or(0, |r| r.len());
        self.meter.charge_units(schedule::STATE_READ, key.len() + record).map_err(Stop::Trap)
    }

    /// Copies what stands at the place `from`.
    fn copy(
        &mut self,
        journal: &Journal,
        place: Vec<u8>,
        prefix: &[u8],
        from: &[u8],
        depth: usize,
    ) -> Result<(), Stop> {
        if depth > VALUE_DEPTH {
            return Err(Refusal::Depth.into());
        }
        self.read(journal, from)?;
        match record(journal, from)? {
            Record::Nothing => {
                let mut record = prefix.to_vec();
                record.push(kind::NULL);
                self.push(place, record)
            }
            Record::Value(bytes) | Record::Ledger { latest: bytes, .. } => {
                let mut record = prefix.to_vec();
                record.extend_from_slice(bytes);
                self.push(place, record)
            }
            Record::List { count } => {
                self.push(place.clone(), list_header(prefix, count))?;
                for i in 0..count {
                    self.copy(journal, place::item(&place, i), &[], &place::item(from, i), depth + 1)?;
                }
                Ok(())
            }
            Record::Map { count, next } => {
                self.push(place.clone(), map_header(prefix, count, count))?;
                for (position, (old, key)) in (0..).zip(positions(journal, from, count, next)) {
                    self.read(journal, &place::position(from, old))?;
                    let key = Reader::new(&key).key().map_err(Refusal::Record)?;
                    let (to, prefix) = self.entry(&place, &key, position)?;
                    self.copy(journal, to, &prefix, &place::entry(from, &key), depth + 1)?;
                }
                Ok(())
            }
        }
    }
}

/// The positions of a map that are taken, with the encodings of their keys, in order.
pub(super) fn positions<'a>(
    journal: &'a Journal,
    place: &'a [u8],
    count: u64,
    next: u64,
) -> impl Iterator<Item = (u64, Bytes)> + 'a {
    let taken = (0..next).filter_map(move |s| Some((s, journal.read(&place::position(place, s))?.clone())));
    taken.take(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Removes the record at a place and all below it.
pub(super) fn clear(m: &mut Machine, place: &[u8]) -> Result<(), Trap> {
    clear_below(m, place)?;
    write(m, place.into(), None)
}

/// Removes all records below that of a place.
fn clear_below(m: &mut Machine, place: &[u8]) -> Result<(), Trap> {
    match record(&m.journal, place) {
        Ok(Record::List { count }) => {
            for i in 0..count {
                clear(m, &place::item(place, i))?;
            }
        }
        Ok(Record::Map { count, next }) => {
            let taken: Vec<_> = positions(&m.journal, place, count, next).collect();
            for (s, key) in taken {
                clear(m, &place::entry_encoded(place, &key))?;
                write(m, place::position(place, s).into(), None)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Reads all that stands at a place as an ordinary value.
pub(super) fn read_whole(m: &mut Machine, place: &[u8]) -> Result<Value, Trap> {
    match record(&m.journal, place) {
        Ok(Record::List { count }) => {
            pay_read(m, place)?;
            let mut items = Vec::new();
            for i in 0..count {
                items.push(read_whole(m, &place::item(place, i))?);
            }
            Ok(Value::list(m.heap.alloc_list(ListObj { items, sealed: false })?))
        }
        Ok(Record::Map { count, next }) => {
            pay_read(m, place)?;
            let taken: Vec<_> = positions(&m.journal, place, count, next).collect();
            let mut map = OrderedMap::with_capacity(taken.len());
            for (position, encoded) in taken {
                pay_read(m, &place::position(place, position))?;
                let key = Reader::new(&encoded).key().map_err(|why| Refusal::Record(why).raise(m))?;
                let v = read_whole(m, &place::entry_encoded(place, &encoded))?;
                map.insert(key, v);
            }
            Ok(Value::map(m.heap.alloc_map(MapObj { map, ..MapObj::default() })?))
        }
        _ => super::read(m, place),
    }
}

/// Pays, in a metered run, for reading all records at and below a place.
pub(crate) fn pay_whole(m: &mut Machine, place: &[u8]) -> Result<(), Trap> {
    if !m.meter.is_metered() {
        return Ok(());
    }
    pay_read(m, place)?;
    match record(&m.journal, place) {
        Ok(Record::List { count }) => {
            for i in 0..count {
                pay_whole(m, &place::item(place, i))?;
            }
        }
        Ok(Record::Map { count, next }) => {
            let taken: Vec<_> = positions(&m.journal, place, count, next).collect();
            for (position, key) in taken {
                pay_read(m, &place::position(place, position))?;
                pay_whole(m, &place::entry_encoded(place, &key))?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Appends the encoding of what stands at a place, as of the value that [`super::snapshot`] gives.
///
/// # Errors
/// As [`encode_into`].
pub fn encode_place(
    journal: &Journal,
    place: &[u8],
    out: &mut Vec<u8>,
    depth: usize,
    max: usize,
) -> Result<(), Refusal> {
    if depth > VALUE_DEPTH {
        return Err(Refusal::Depth);
    }
    match record(journal, place)? {
        Record::Nothing => out.push(kind::NULL),
        Record::Value(bytes) | Record::Ledger { latest: bytes, .. } => out.extend_from_slice(bytes),
        Record::List { count } => {
            out.push(kind::LIST);
            put_varint(out, count);
            for i in 0..count {
                encode_place(journal, &place::item(place, i), out, depth + 1, max)?;
            }
        }
        Record::Map { count, next } => {
            out.push(kind::MAP);
            put_varint(out, count);
            for (_, key) in positions(journal, place, count, next) {
                out.extend_from_slice(&key);
                encode_place(journal, &place::entry_encoded(place, &key), out, depth + 1, max)?;
            }
        }
    }
    if out.len() > max { Err(Refusal::Size(max)) } else { Ok(()) }
}
