//! Stored passwords: PBKDF2-HMAC-SHA256 with its parameters as one text.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::mac::{constant_time_eq, pbkdf2_sha256, pbkdf2_sha256_while};
use crate::{Hash, KeyError, hex};

const SCHEME: &str = "pbkdf2-sha256";

/// A hashed password; its text is `pbkdf2-sha256$ROUNDS$SALT$HASH`, the last two in hex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordHash {
    rounds: NonZeroU32,
    salt: Vec<u8>,
    hash: Hash,
}

impl PasswordHash {
    /// Hashes a password; takes `rounds` times the time of one HMAC.
    pub fn new(password: &[u8], salt: &[u8], rounds: NonZeroU32) -> PasswordHash {
        PasswordHash { rounds, salt: salt.to_vec(), hash: derive(password, salt, rounds) }
    }

    /// The rounds that [`matches`](PasswordHash::matches) will take, so that they can be paid for first.
    pub fn rounds(&self) -> NonZeroU32 {
        self.rounds
    }

    /// Whether this is the hash of `password`.
    pub fn matches(&self, password: &[u8]) -> bool {
        self.matches_while(password, &mut || true).unwrap_or_default()
    }

    /// The same, but `None` as soon as `go_on` says false, which is asked a few thousand times a second.
    pub fn matches_while(&self, password: &[u8], go_on: &mut dyn FnMut() -> bool) -> Option<bool> {
        let derived = pbkdf2_sha256_while(password, &self.salt, self.rounds, self.hash.len(), go_on)?;
        Some(constant_time_eq(&derived, &self.hash))
    }
}

fn derive(password: &[u8], salt: &[u8], rounds: NonZeroU32) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(&pbkdf2_sha256(password, salt, rounds, 32));
    hash
}

impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}${}${}${}", self.rounds, hex::encode(&self.salt), hex::encode(&self.hash))
    }
}

impl FromStr for PasswordHash {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<PasswordHash, KeyError> {
        let parts: Vec<&str> = text.splitn(5, '$').collect();
        let [SCHEME, rounds, salt, hash] = parts.as_slice() else { return Err(KeyError::PasswordHash) };
        (|| {
            Some(PasswordHash {
                rounds: rounds.parse().ok()?,
                salt: hex::decode(salt)?,
                hash: hex::decode(hash)?.try_into().ok()?,
            })
        })()
        .ok_or(KeyError::PasswordHash)
    }
}
