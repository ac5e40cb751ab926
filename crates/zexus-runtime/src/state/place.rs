//! The keys of the state (chain.md 4.1).

use super::KEY_ROOM;
use crate::contracts::Address;
use crate::display::quoted;
use crate::encode::bytes::{Reader, put_seg};
use crate::encode::put_key;
use crate::key::Key;

/// Tags of roots of places.
mod root {
    pub const VARIABLE: u8 = 1;
    pub const FIELD: u8 = 2;
    pub const INSTANCE: u8 = 3;
    pub const ACCESS: u8 = 5;
    pub const PERSISTENT: u8 = 6;
    pub const MADE_BY: u8 = 7;
}

const ENTRY: u8 = 1;
const ITEM: u8 = 2;
const POSITION: u8 = 3;
const VERSION: u8 = 4;

/// A state variable of the program. The name is that of the variable for the main file, `path:name` for another module, with `~`
/// before it for a variable that lives only for its run.
pub fn variable(name: &str) -> Vec<u8> {
    let mut key = vec![root::VARIABLE];
    put_seg(&mut key, name.as_bytes());
    key
}

/// Whether what stands at or below a place goes to a store: all but the variables that live only for their run.
pub fn is_kept(key: &[u8]) -> bool {
    match key.split_first() {
        Some((&root::VARIABLE, name)) => !Reader::new(name).seg().is_ok_and(|name| name.starts_with(b"~")),
        _ => true,
    }
}

/// A state variable of a contract instance.
pub fn field(address: &Address, name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(KEY_ROOM);
    key.push(root::FIELD);
    key.extend_from_slice(address);
    put_seg(&mut key, name.as_bytes());
    key
}

/// The record of a contract instance.
pub fn instance(address: &Address) -> Vec<u8> {
    let mut key = vec![root::INSTANCE];
    key.extend_from_slice(address);
    key
}

/// The number of instances that an address has made.
pub fn made_by(address: &Address) -> Vec<u8> {
    let mut key = vec![root::MADE_BY];
    key.extend_from_slice(address);
    key
}

/// A record of owners, roles, permissions or grants (chain.md 11.1).
pub fn access(namespace: &[u8; 32], word: &str, parts: &[&str]) -> Vec<u8> {
    let mut key = vec![root::ACCESS];
    key.extend_from_slice(namespace);
    put_seg(&mut key, word.as_bytes());
    for part in parts {
        put_seg(&mut key, part.as_bytes());
    }
    key
}

/// What `persist_set` stores; `code` is the content hash of the module on a chain (chain.md 11.2).
pub fn persistent(code: Option<&[u8; 32]>, key: &[u8]) -> Vec<u8> {
    let mut out = vec![root::PERSISTENT];
    let name: Vec<u8> = code.into_iter().flatten().chain(key).copied().collect();
    put_seg(&mut out, &name);
    out
}

/// The entry of a map under a key.
pub fn entry(place: &[u8], key: &Key) -> Vec<u8> {
    let mut encoded = Vec::new();
    put_key(&mut encoded, key);
    entry_encoded(place, &encoded)
}

/// [`entry`] by the encoding of the key.
pub(crate) fn entry_encoded(place: &[u8], encoded: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(place.len() + encoded.len() + 3);
    out.extend_from_slice(place);
    out.push(ENTRY);
    put_seg(&mut out, encoded);
    out
}

/// An item of a list.
pub fn item(place: &[u8], index: u64) -> Vec<u8> {
    numbered(place, ITEM, index)
}

/// A position in the order of a map.
pub fn position(place: &[u8], index: u64) -> Vec<u8> {
    numbered(place, POSITION, index)
}

/// A version of a ledger variable.
pub fn version(place: &[u8], version: u64) -> Vec<u8> {
    numbered(place, VERSION, version)
}

fn numbered(place: &[u8], tag: u8, n: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(place.len() + 9);
    out.extend_from_slice(place);
    out.push(tag);
    out.extend_from_slice(&n.to_be_bytes());
    out
}

/// What a place of a value is, read from its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Levels of containers around it, itself included: 1 for a variable.
    pub depth: usize,
    /// Whether it is the entry of a map, whose record begins with its position.
    pub entry: bool,
}

/// The shape of a variable, field, `persist_set` place, or of an entry or item below one.
pub fn shape(place: &[u8]) -> Shape {
    let mut shape = Shape { depth: 1, entry: false };
    // A place that does not read is one without levels; such places are never made.
    let _ = walk(place, &mut shape);
    shape
}

fn walk(place: &[u8], shape: &mut Shape) -> Result<(), &'static str> {
    let mut r = Reader::new(place);
    if r.byte()? == root::FIELD {
        r.take(20)?;
    }
    r.seg()?;
    while !r.is_empty() {
        shape.entry = r.byte()? == ENTRY;
        if shape.entry {
            r.seg()?;
        } else {
            r.take(8)?;
        }
        shape.depth += 1;
    }
    Ok(())
}

/// The variable, field or `persist_set` key of a place, with the keys and positions of an entry, as a person would write it; `None` for
/// other records and for what does not read.
pub fn text(place: &[u8]) -> Option<String> {
    let mut r = Reader::new(place);
    match r.byte().ok()? {
        root::VARIABLE | root::PERSISTENT => {}
        root::FIELD => drop(r.take(20).ok()?),
        _ => return None,
    }
    let mut out = String::from_utf8_lossy(r.seg().ok()?).into_owned();
    while !r.is_empty() {
        let step = match r.byte().ok()? {
            ENTRY => match Reader::new(r.seg().ok()?).key().ok()? {
                Key::Str(s) => format!("[{}]", quoted(&s)),
                Key::Int(i) => format!("[{i}]"),
                Key::Big(b) => format!("[{b}]"),
                Key::Bool(b) => format!("[{b}]"),
            },
            ITEM => format!("[{}]", u64::from_be_bytes(r.take(8).ok()?.try_into().ok()?)),
            _ => return None,
        };
        out.push_str(&step);
    }
    Some(out)
}
