//! Entries of the ledger (chain.md 7.1).

use alloc::vec::Vec;

use crate::bytes::{Malformed, Reader};
use crate::hash::Hash;
use crate::value;

const TAG: &[u8] = b"ZXLE\x01";

/// What appended an entry or emitted an event: a program, or the contract instance at an address.
pub type Origin = Option<[u8; 20]>;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryKind {
    /// `ledger_append`.
    Entry = 0,
    /// `audit` and `secure`: a map `data_name, action, data_type, caller, timestamp`.
    Audit = 1,
    /// A version of a ledger variable: a map `name, version, value`.
    Version = 2,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its position, from 0.
    pub index: u64,
    /// Height of the run.
    pub height: u64,
    /// Time of the run in milliseconds since 1970, UTC.
    pub time: i64,
    /// Id of the transaction; zeros outside a chain.
    pub id: Hash,
    /// What appended it.
    pub origin: Origin,
    /// What it is.
    pub kind: EntryKind,
    /// The encoding of its payload.
    pub payload: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Reads an entry.
    ///
    /// # Errors
    /// If the bytes are not exactly those of an entry.
    pub fn decode(bytes: &'a [u8]) -> Result<Entry<'a>, Malformed> {
        let mut r = Reader::new(bytes);
        r.expect(TAG)?;
        let (index, height, time, id) = (r.u64()?, r.u64()?, r.i64()?, r.array()?);
        let origin = origin(&mut r)?;
        let kind = match r.byte()? {
            0 => EntryKind::Entry,
            1 => EntryKind::Audit,
            2 => EntryKind::Version,
            _ => return Err(Malformed("an unknown kind of entry")),
        };
        let payload = value::take(&mut r)?;
        r.end()?;
        match kind {
            EntryKind::Entry => {}
            EntryKind::Audit => {
                value::check_map(payload, &["data_name", "action", "data_type", "caller", "timestamp"])?;
            }
            EntryKind::Version => value::check_map(payload, &["name", "version", "value"])?,
        }
        Ok(Entry { index, height, time, id, origin, kind, payload })
    }

    /// The bytes of the entry.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = TAG.to_vec();
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(&self.height.to_be_bytes());
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&self.id);
        put_origin(&mut out, &self.origin);
        out.push(self.kind as u8);
        out.extend_from_slice(self.payload);
        out
    }
}

pub(crate) fn origin(r: &mut Reader<'_>) -> Result<Origin, Malformed> {
    match r.byte()? {
        0 => Ok(None),
        1 => r.array().map(Some),
        _ => Err(Malformed("an unknown origin")),
    }
}

pub(crate) fn put_origin(out: &mut Vec<u8>, origin: &Origin) {
    out.push(u8::from(origin.is_some()));
    out.extend(origin.iter().flatten());
}
