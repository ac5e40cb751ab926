//! SHA-256, and hex for people.

use alloc::string::String;
use alloc::vec::Vec;

use sha2::Digest;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// 32 zero bytes: the head of an empty log, the root of an empty state (chain.md 1.1).
pub const ZERO: Hash = [0; 32];

/// SHA-256 of bytes that come piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Sha256(sha2::Sha256);

impl Sha256 {
    /// Nothing yet.
    pub fn new() -> Sha256 {
        Sha256::default()
    }

    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all of them.
    pub fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

/// The hash of the parts, one after the other.
pub fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finish()
}

/// The bytes as lower-case hex.
pub fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of hex digits of any case, with or without `0x`; `None` for any other text.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let pairs = text.strip_prefix("0x").unwrap_or(text).as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
            _ => None,
        })
        .collect()
}

/// The hash that 64 hex digits stand for.
pub fn hash_from_hex(text: &str) -> Option<Hash> {
    from_hex(text)?.try_into().ok()
}
