//! HMAC, PBKDF2 and comparison in constant time.

use std::hint::black_box;
use std::num::NonZeroU32;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Hash;

/// HMAC-SHA256 of `message` (RFC 2104).
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> Hash {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac.chain_update(message).finalize().into_bytes().into(),
        // HMAC takes keys of every length.
        Err(_) => unreachable!("HMAC refused a key"),
    }
}

/// `bytes` bytes of PBKDF2-HMAC-SHA256 (RFC 8018).
///
/// The time is `rounds` times the number of blocks of 32 bytes; the caller bounds both.
pub fn pbkdf2_sha256(password: &[u8], salt: &[u8], rounds: NonZeroU32, bytes: usize) -> Vec<u8> {
    let mut key = vec![0; bytes];
    pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds.get(), &mut key);
    key
}

/// Whether `a` and `b` are equal, in a time that depends on their lengths only.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    let difference = a.iter().zip(b).fold(0, |difference, (x, y)| black_box(difference | (x ^ y)));
    a.len() == b.len() && black_box(difference) == 0
}
