//! Places of the state and what may stand at them (chain.md 4.1, 4.2).

use crate::bytes::{Malformed, Reader};
use crate::value::{self, kind};

/// Bytes that a key may have.
pub const KEY_BYTES: usize = 1024;
/// Bytes that a record may have.
pub const RECORD_BYTES: usize = 1 << 20;

const MAP_HEADER: u8 = 0x10;
const LIST_HEADER: u8 = 0x11;
const LEDGER_HEADER: u8 = 0x12;

/// What a record must be.
enum Record {
    /// A value, or the header of a container.
    Variable,
    /// A value.
    Value,
    /// The entry of a map: its position, then as [`Record::Variable`].
    Entry,
    /// The key of a map that is at a position.
    Position,
    /// The index of a ledger entry.
    Version,
}

/// Refuses keys that are no place, and records that cannot be there.
///
/// Whether a container has the entries that its header counts is not seen from one record.
///
/// # Errors
/// What is wrong.
pub fn check(key: &[u8], record: &[u8]) -> Result<(), Malformed> {
    if key.len() > KEY_BYTES {
        return Err(Malformed("a key of more than 1024 bytes"));
    }
    if record.len() > RECORD_BYTES {
        return Err(Malformed("a record of more than 1 MiB"));
    }
    let expected = place(key)?;
    let mut r = Reader::new(record);
    match expected {
        Record::Variable => variable(&mut r)?,
        Record::Value => {
            value::take(&mut r)?;
        }
        Record::Entry => {
            r.varint()?;
            variable(&mut r)?;
        }
        Record::Position => {
            value::key(&mut r)?;
        }
        Record::Version => {
            r.u64()?;
        }
    }
    r.end()
}

fn place(key: &[u8]) -> Result<Record, Malformed> {
    let mut r = Reader::new(key);
    match r.byte()? {
        1 => {
            if r.text()?.starts_with('~') {
                return Err(Malformed("a variable that lives only for its run"));
            }
        }
        2 => {
            r.take(20)?;
            r.text()?;
        }
        6 => {
            r.seg()?;
        }
        tag @ (3..=5 | 7) => {
            match tag {
                4 => {
                    r.text()?;
                }
                5 => {
                    r.take(32)?;
                    r.text()?;
                    while !r.rest().is_empty() {
                        r.text()?;
                    }
                }
                _ => {
                    r.take(20)?;
                }
            }
            r.end()?;
            return Ok(Record::Value);
        }
        _ => return Err(Malformed("an unknown place")),
    }
    let mut record = Record::Variable;
    while !r.rest().is_empty() {
        // Nothing lies below a position or a version.
        if matches!(record, Record::Position | Record::Version) {
            return Err(Malformed("an unknown place"));
        }
        record = match r.byte()? {
            1 => {
                let mut name = Reader::new(r.seg()?);
                value::key(&mut name)?;
                name.end()?;
                Record::Entry
            }
            tag @ 2..=4 => {
                r.u64()?;
                match tag {
                    2 => Record::Variable,
                    3 => Record::Position,
                    _ => Record::Version,
                }
            }
            _ => return Err(Malformed("an unknown place")),
        };
    }
    Ok(record)
}

fn variable(r: &mut Reader<'_>) -> Result<(), Malformed> {
    match r.rest().first() {
        Some(&tag @ (MAP_HEADER | LIST_HEADER | LEDGER_HEADER)) => {
            r.byte()?;
            let count = r.varint()?;
            match tag {
                MAP_HEADER if r.varint()? < count => return Err(Malformed("a map with too few positions")),
                LEDGER_HEADER => {
                    value::take(r)?;
                }
                _ => {}
            }
            Ok(())
        }
        Some(&(kind::LIST | kind::MAP)) => Err(Malformed("a list or map that is no container")),
        _ => value::take(r).map(drop),
    }
}
