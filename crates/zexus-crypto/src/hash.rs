//! The hash algorithms (chain.md 3.1).

use std::str::FromStr;

use sha2::Digest;

use crate::algorithm::{UnknownAlgorithm, same_name};
use crate::hex;

/// A hash of 32 bytes.
pub type Hash = [u8; 32];

macro_rules! hash_algorithms {
    ($($(#[$doc:meta])* $name:ident $spelling:literal $function:expr;)*) => {
        /// A hash algorithm of `hash(x, alg)`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum HashAlgorithm {
            $($(#[$doc])* $name,)*
        }

        impl HashAlgorithm {
            /// Every algorithm, in the order of chain.md 3.1.
            pub const ALL: &[HashAlgorithm] = &[$(HashAlgorithm::$name),*];

            /// The spelling of the name in chain.md 3.1.
            pub fn name(self) -> &'static str {
                match self {
                    $(HashAlgorithm::$name => $spelling,)*
                }
            }
        }

        /// The hash of `bytes`, 32 or 64 bytes long.
        pub fn hash(algorithm: HashAlgorithm, bytes: &[u8]) -> Vec<u8> {
            match algorithm {
                $(HashAlgorithm::$name => {
                    let function: fn(&[u8]) -> Vec<u8> = $function;
                    function(bytes)
                })*
            }
        }
    };
}

hash_algorithms! {
    /// SHA-256 (FIPS 180-4), the default.
    Sha256 "SHA-256" |bytes| sha2::Sha256::digest(bytes).to_vec();
    /// SHA-512 (FIPS 180-4).
    Sha512 "SHA-512" |bytes| sha2::Sha512::digest(bytes).to_vec();
    /// SHA3-256 (FIPS 202).
    Sha3_256 "SHA3-256" |bytes| sha3::Sha3_256::digest(bytes).to_vec();
    /// SHA3-512 (FIPS 202).
    Sha3_512 "SHA3-512" |bytes| sha3::Sha3_512::digest(bytes).to_vec();
    /// Keccak-256 with the padding from before FIPS 202, as Ethereum uses it.
    Keccak256 "KECCAK-256" |bytes| sha3::Keccak256::digest(bytes).to_vec();
    /// BLAKE2b with 512 bits (RFC 7693).
    Blake2b "BLAKE2b" |bytes| blake2::Blake2b512::digest(bytes).to_vec();
    /// BLAKE2s with 256 bits (RFC 7693).
    Blake2s "BLAKE2s" |bytes| blake2::Blake2s256::digest(bytes).to_vec();
    /// BLAKE3 with 256 bits.
    Blake3 "BLAKE3" |bytes| blake3::hash(bytes).as_bytes().to_vec();
}

impl FromStr for HashAlgorithm {
    type Err = UnknownAlgorithm;

    /// Names are compared without case, `-` and `_`.
    fn from_str(name: &str) -> Result<HashAlgorithm, UnknownAlgorithm> {
        HashAlgorithm::ALL
            .iter()
            .copied()
            .find(|algorithm| same_name(algorithm.name(), name))
            .ok_or_else(|| UnknownAlgorithm(name.to_string()))
    }
}

/// The hash of `bytes` in lower-case hex.
pub fn hash_hex(algorithm: HashAlgorithm, bytes: &[u8]) -> String {
    hex::encode(&hash(algorithm, bytes))
}

/// SHA-256 of `bytes`, which chain.md writes as `H`.
pub fn sha256(bytes: &[u8]) -> Hash {
    sha2::Sha256::digest(bytes).into()
}

/// Keccak-256 of `bytes`.
pub fn keccak256(bytes: &[u8]) -> Hash {
    sha3::Keccak256::digest(bytes).into()
}

/// SHA-256 of the concatenation of `parts`.
pub(crate) fn sha256_of(parts: &[&[u8]]) -> Hash {
    let mut hasher = sha2::Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
