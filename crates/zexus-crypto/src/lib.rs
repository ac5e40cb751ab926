//! Hashes, signatures and Merkle trees of Zexus: pure functions.
//!
//! Everything takes bytes and gives bytes or hex; values and their hash input (chain.md 2.4) are not known here. Nothing
//! reads a clock or a random source: a key is made from 32 bytes that the caller supplies.
//!
//! ```
//! use zexus_crypto::{Encoded, KeyAlgorithm, SignatureAlgorithm, generate_keypair, seed_secret, sign, verify};
//!
//! let pair = generate_keypair(KeyAlgorithm::Ed25519, seed_secret(KeyAlgorithm::Ed25519, b"demo"));
//! let signature = sign(b"hello world", &pair.private_key, SignatureAlgorithm::Ed25519)?;
//! assert!(verify(b"hello world", Encoded::Text(&signature), Encoded::Text(&pair.public_key), None));
//! # Ok::<(), zexus_crypto::KeyError>(())
//! ```
//!
//! Source: chain.md chapter 3.

mod address;
mod algorithm;
mod hash;
pub mod hex;
mod mac;
pub mod merkle;
mod password;
mod private_key;
mod public_key;

pub use address::{Address, caller_address, derive_address, name_address};
pub use algorithm::{KeyAlgorithm, SignatureAlgorithm, UnknownAlgorithm};
pub use hash::{Hash, HashAlgorithm, hash, hash_hex, keccak256, sha256};
pub use mac::{constant_time_eq, hmac_sha256, pbkdf2_sha256, pbkdf2_sha256_while};
pub use password::PasswordHash;
pub use private_key::{KeyPair, generate_keypair, seed_secret, sign};
pub use public_key::{Encoded, KeyError, PublicKey, verify};
