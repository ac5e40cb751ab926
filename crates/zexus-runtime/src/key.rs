//! Map keys: strings, integers and booleans, distinct by kind (language.md 4.7).

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use indexmap::Equivalent;
use num_bigint::BigInt;

/// A key of a map. It owns what it holds, so hashing needs no heap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A string.
    Str(Arc<str>),
    /// An integer of 64 bits.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// An integer beyond 64 bits.
    Big(Arc<BigInt>),
}

/// A borrowed key, for look-ups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRef<'a> {
    /// A string.
    Str(&'a str),
    /// An integer of 64 bits.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// An integer beyond 64 bits.
    Big(&'a BigInt),
}

/// Bytes of a text that the 48 of an entry pay for.
const ENTRY_TEXT: u64 = 64;

impl Key {
    /// What a key is counted as besides its entry. Without it the texts of keys could hold any amount of memory, because a map keeps
    /// them alive after their strings.
    #[inline]
    pub fn excess(&self) -> u64 {
        match self {
            Key::Str(s) => (s.len() as u64).saturating_sub(ENTRY_TEXT),
            _ => 0,
        }
    }

    /// The borrowed form.
    #[inline]
    pub fn as_ref(&self) -> KeyRef<'_> {
        match self {
            Key::Str(s) => KeyRef::Str(s),
            Key::Int(i) => KeyRef::Int(*i),
            Key::Bool(b) => KeyRef::Bool(*b),
            Key::Big(b) => KeyRef::Big(b),
        }
    }
}

impl From<&str> for Key {
    fn from(s: &str) -> Key {
        Key::Str(s.into())
    }
}

impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_ref().hash(state);
    }
}

impl Hash for KeyRef<'_> {
    #[inline(always)]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            KeyRef::Str(s) => s.hash(state),
            KeyRef::Int(i) => state.write_i64(*i),
            KeyRef::Bool(b) => state.write_u8(u8::from(*b)),
            KeyRef::Big(b) => b.hash(state),
        }
    }
}

impl Equivalent<Key> for KeyRef<'_> {
    #[inline(always)]
    fn equivalent(&self, key: &Key) -> bool {
        match (self, key) {
            (KeyRef::Int(a), Key::Int(b)) => a == b,
            // The same text is often the same object.
            (KeyRef::Str(a), Key::Str(b)) => a.len() == b.len() && (a.as_ptr() == b.as_ptr() || *a == &**b),
            _ => *self == key.as_ref(),
        }
    }
}
