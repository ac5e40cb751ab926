//! Making keys and signing (chain.md 3.5).

use ed25519_dalek as ed25519;
use ed25519_dalek::Signer;
use k256::pkcs8::PrivateKeyInfoRef;
use k256::pkcs8::der::Decode;
use k256::{Secp256k1, ecdsa as secp256k1};
use p256::{NistP256, ecdsa as p256_ecdsa};

use crate::hash::sha256_of;
use crate::public_key::pem;
use crate::{KeyAlgorithm, KeyError, SignatureAlgorithm, hex};

/// A pair of keys as programs see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPair {
    /// 32 bytes in hex.
    pub private_key: String,
    /// 32 bytes (Ed25519) or 33 (ECDSA) in hex, with `p256:` before them for P-256.
    pub public_key: String,
}

/// The 32 bytes that `generate_keypair(alg, seed)` makes a key from; `seed` is the hash input of the seed.
pub fn seed_secret(algorithm: KeyAlgorithm, seed: &[u8]) -> [u8; 32] {
    let name: &[u8] = match algorithm {
        KeyAlgorithm::Ed25519 => b"\x07ED25519",
        KeyAlgorithm::Secp256k1 => b"\x09SECP256K1",
        KeyAlgorithm::P256 => b"\x04P256",
    };
    sha256_of(&[b"ZXKY", name, seed])
}

/// Makes a pair of keys from 32 bytes `d`: Ed25519 takes them as they are, ECDSA takes 1 + (d mod (n − 1)).
pub fn generate_keypair(algorithm: KeyAlgorithm, d: [u8; 32]) -> KeyPair {
    let private_key = match algorithm {
        KeyAlgorithm::Ed25519 => d,
        KeyAlgorithm::Secp256k1 => into_range(d, SECP256K1_ORDER_LESS_1),
        KeyAlgorithm::P256 => into_range(d, P256_ORDER_LESS_1),
    };
    match PrivateKey::from_bytes(algorithm, &private_key) {
        Some(key) => KeyPair { private_key: hex::encode(&private_key), public_key: key.public_key() },
        // `into_range` gives 1 … n − 1, and every 32 bytes are a key of Ed25519.
        None => unreachable!("a private key in range was refused"),
    }
}

/// Signs `message`: 128 hex digits, the same for the same input.
///
/// The private key is hex of 32 bytes, with or without `0x`, or PKCS#8 in PEM. Ed25519 as in RFC 8032; ECDSA over SHA-256
/// with k by RFC 6979, for secp256k1 with the lower s. Any other key, or one of another algorithm, is
/// [`KeyError::PrivateKey`].
pub fn sign(message: &[u8], private_key: &str, algorithm: SignatureAlgorithm) -> Result<String, KeyError> {
    let key = PrivateKey::read(private_key, algorithm).ok_or(KeyError::PrivateKey)?;
    Ok(hex::encode(&key.sign(message)))
}

enum PrivateKey {
    Ed25519(ed25519::SigningKey),
    Secp256k1(secp256k1::SigningKey),
    P256(p256_ecdsa::SigningKey),
}

impl PrivateKey {
    fn read(text: &str, algorithm: SignatureAlgorithm) -> Option<PrivateKey> {
        let key = match pem(text, "PRIVATE KEY") {
            Some(document) => PrivateKey::from_der(document.as_bytes())?,
            None => PrivateKey::from_bytes(algorithm.key_algorithm(), &hex::decode_prefixed(text)?)?,
        };
        algorithm.accepts(key.algorithm()).then_some(key)
    }

    fn from_bytes(algorithm: KeyAlgorithm, bytes: &[u8]) -> Option<PrivateKey> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        match algorithm {
            KeyAlgorithm::Ed25519 => Some(PrivateKey::Ed25519(ed25519::SigningKey::from_bytes(bytes))),
            KeyAlgorithm::Secp256k1 => {
                secp256k1::SigningKey::from_slice(bytes).ok().map(PrivateKey::Secp256k1)
            }
            KeyAlgorithm::P256 => p256_ecdsa::SigningKey::from_slice(bytes).ok().map(PrivateKey::P256),
        }
    }

    /// Reads PKCS#8; a public key that stands beside the private one must belong to it.
    fn from_der(bytes: &[u8]) -> Option<PrivateKey> {
        let info = || PrivateKeyInfoRef::from_der(bytes).ok();
        if let Ok(key) = ed25519::SigningKey::try_from(info()?) {
            return Some(PrivateKey::Ed25519(key));
        }
        if let Ok(key) = k256::elliptic_curve::SecretKey::<Secp256k1>::try_from(info()?) {
            return Some(PrivateKey::Secp256k1(key.into()));
        }
        p256::elliptic_curve::SecretKey::<NistP256>::try_from(info()?)
            .ok()
            .map(|key| PrivateKey::P256(key.into()))
    }

    fn algorithm(&self) -> KeyAlgorithm {
        match self {
            PrivateKey::Ed25519(_) => KeyAlgorithm::Ed25519,
            PrivateKey::Secp256k1(_) => KeyAlgorithm::Secp256k1,
            PrivateKey::P256(_) => KeyAlgorithm::P256,
        }
    }

    fn public_key(&self) -> String {
        match self {
            PrivateKey::Ed25519(key) => hex::encode(key.verifying_key().as_bytes()),
            PrivateKey::Secp256k1(key) => hex::encode(key.verifying_key().to_sec1_point(true).as_bytes()),
            PrivateKey::P256(key) => {
                format!("p256:{}", hex::encode(key.verifying_key().to_sec1_point(true).as_bytes()))
            }
        }
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        match self {
            PrivateKey::Ed25519(key) => key.sign(message).to_bytes(),
            PrivateKey::Secp256k1(key) => {
                let signature: secp256k1::Signature = key.sign(message);
                signature.normalize_s().to_bytes().into()
            }
            PrivateKey::P256(key) => {
                let signature: p256_ecdsa::Signature = key.sign(message);
                signature.to_bytes().into()
            }
        }
    }
}

/// The order of the group of secp256k1, less 1, in big-endian order (SEC 2).
const SECP256K1_ORDER_LESS_1: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba,
    0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x40,
];

/// The order of the group of P-256, less 1, in big-endian order (FIPS 186).
const P256_ORDER_LESS_1: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x50,
];

/// `1 + (d mod m)` for an `m` above 2^255, so that one subtraction reduces.
fn into_range(mut d: [u8; 32], m: [u8; 32]) -> [u8; 32] {
    if d >= m {
        let mut borrow = false;
        for (digit, less) in d.iter_mut().zip(m).rev() {
            let (difference, under) = digit.overflowing_sub(less);
            let (difference, more) = difference.overflowing_sub(u8::from(borrow));
            (*digit, borrow) = (difference, under || more);
        }
    }
    for digit in d.iter_mut().rev() {
        *digit = digit.wrapping_add(1);
        if *digit != 0 {
            break;
        }
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_is_brought_into_range() {
        for order in [SECP256K1_ORDER_LESS_1, P256_ORDER_LESS_1] {
            let plus = |low: u8| {
                let mut bytes = [0; 32];
                bytes[31] = low;
                bytes
            };
            let mut below = order;
            below[31] -= 1;
            let mut above = order;
            above[31] += 1;
            assert_eq!(into_range([0; 32], order), plus(1));
            assert_eq!(into_range(below, order), order);
            assert_eq!(into_range(order, order), plus(1));
            assert_eq!(into_range(above, order), plus(2));
        }
        for algorithm in [KeyAlgorithm::Ed25519, KeyAlgorithm::Secp256k1, KeyAlgorithm::P256] {
            for d in [[0; 32], [0xff; 32], SECP256K1_ORDER_LESS_1, P256_ORDER_LESS_1] {
                assert_eq!(generate_keypair(algorithm, d).private_key.len(), 64);
            }
        }
    }
}
