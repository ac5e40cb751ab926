//! Addresses of keys and of names (chain.md 3.6).

use crate::hash::sha256_of;
use crate::{Encoded, Hash, KeyError, PublicKey, hex, keccak256};

/// An address of 20 bytes.
pub type Address = [u8; 20];

/// The address of a public key as text: `prefix` and 40 hex digits; the usual prefix is `0x`.
///
/// Fails with [`KeyError::PublicKey`].
pub fn derive_address(public_key: Encoded, prefix: &str) -> Result<String, KeyError> {
    Ok(format!("{prefix}{}", hex::encode(&PublicKey::read(public_key)?.address())))
}

impl PublicKey {
    /// The last 20 bytes of KECCAK-256 over X ‖ Y for secp256k1, `01` and the key for Ed25519, `02` ‖ X ‖ Y for P-256.
    pub fn address(&self) -> Address {
        let mut input = Vec::with_capacity(65);
        match self {
            PublicKey::Ed25519(key) => {
                input.push(1);
                input.extend(key.as_bytes());
            }
            PublicKey::Secp256k1(key) => input.extend(coordinates(key.to_sec1_point(false).as_bytes())),
            PublicKey::P256(key) => {
                input.push(2);
                input.extend(coordinates(key.to_sec1_point(false).as_bytes()));
            }
        }
        last_20(keccak256(&input))
    }
}

/// An uncompressed point without its first byte, which only says that it is one.
fn coordinates(point: &[u8]) -> &[u8] {
    point.get(1..).unwrap_or_default()
}

/// The 20 bytes that a caller stands for: those of a `0x` and 40 hex digits, or else of a name.
pub fn caller_address(caller: &str) -> Address {
    caller
        .strip_prefix("0x")
        .filter(|digits| digits.len() == 40)
        .and_then(hex::decode)
        .and_then(|bytes| bytes.try_into().ok())
        .unwrap_or_else(|| name_address(caller))
}

/// The 20 bytes that a name stands for; `system` is 20 zero bytes.
pub fn name_address(name: &str) -> Address {
    match name {
        "system" => [0; 20],
        _ => last_20(sha256_of(&[b"ZXNM", name.as_bytes()])),
    }
}

fn last_20(hash: Hash) -> Address {
    let mut last = Address::default();
    last.copy_from_slice(&hash[12..]);
    last
}
