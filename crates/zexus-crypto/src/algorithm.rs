//! The names of signature algorithms (chain.md 3.4, 3.5).

use std::str::FromStr;

/// A name that stands for no algorithm (E0424).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown algorithm '{0}'")]
pub struct UnknownAlgorithm(
    /// The name as it was given.
    pub String,
);

/// The algorithm that a key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA on secp256k1 with SHA-256.
    Secp256k1,
    /// ECDSA on P-256 with SHA-256.
    P256,
}

/// The algorithm that a program asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA on secp256k1 with SHA-256.
    Secp256k1,
    /// ECDSA on P-256 with SHA-256.
    P256,
    /// ECDSA on either curve, by the key; secp256k1 if a key is made or does not tell.
    Ecdsa,
}

impl SignatureAlgorithm {
    /// The algorithm of keys that are made for this one.
    pub fn key_algorithm(self) -> KeyAlgorithm {
        match self {
            SignatureAlgorithm::Ed25519 => KeyAlgorithm::Ed25519,
            SignatureAlgorithm::Secp256k1 | SignatureAlgorithm::Ecdsa => KeyAlgorithm::Secp256k1,
            SignatureAlgorithm::P256 => KeyAlgorithm::P256,
        }
    }

    /// Whether a key of that algorithm may be used.
    pub fn accepts(self, key: KeyAlgorithm) -> bool {
        self.key_algorithm() == key || (self == SignatureAlgorithm::Ecdsa && key == KeyAlgorithm::P256)
    }
}

impl FromStr for SignatureAlgorithm {
    type Err = UnknownAlgorithm;

    /// Names are compared without case, `-` and `_`.
    fn from_str(name: &str) -> Result<SignatureAlgorithm, UnknownAlgorithm> {
        [
            ("ED25519", SignatureAlgorithm::Ed25519),
            ("SECP256K1", SignatureAlgorithm::Secp256k1),
            ("P-256", SignatureAlgorithm::P256),
            ("ECDSA", SignatureAlgorithm::Ecdsa),
        ]
        .into_iter()
        .find(|(spelling, _)| same_name(spelling, name))
        .map(|(_, algorithm)| algorithm)
        .ok_or_else(|| UnknownAlgorithm(name.to_string()))
    }
}

/// Whether two names are the same without case, `-` and `_`.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = char> {
        name.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_uppercase())
    }
    letters(a).eq(letters(b))
}
