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

/// How many rounds of PBKDF2 are made between two questions whether to go on.
const ROUNDS_AT_ONCE: u32 = 4096;

/// `bytes` bytes of PBKDF2-HMAC-SHA256 (RFC 8018).
///
/// The time is `rounds` times the number of blocks of 32 bytes; the caller bounds both.
pub fn pbkdf2_sha256(password: &[u8], salt: &[u8], rounds: NonZeroU32, bytes: usize) -> Vec<u8> {
    pbkdf2_sha256_while(password, salt, rounds, bytes, &mut || true).unwrap_or_default()
}

/// The same, but `None` as soon as `go_on` says false, which is asked a few thousand times a second.
pub fn pbkdf2_sha256_while(
    password: &[u8],
    salt: &[u8],
    rounds: NonZeroU32,
    bytes: usize,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Vec<u8>> {
    let keyed = Hmac::<Sha256>::new_from_slice(password).ok()?;
    let mac = |parts: [&[u8]; 2]| -> Hash {
        parts.iter().fold(keyed.clone(), |mac, part| mac.chain_update(part)).finalize().into_bytes().into()
    };
    let mut key = Vec::with_capacity(bytes);
    let mut made = 0_u32;
    for index in 1_u32.. {
        let wanted = bytes.saturating_sub(key.len()).min(size_of::<Hash>());
        if wanted == 0 {
            break;
        }
        let mut last = mac([salt, &index.to_be_bytes()]);
        let mut block = last;
        for _ in 1..rounds.get() {
            made = made.wrapping_add(1);
            if made.is_multiple_of(ROUNDS_AT_ONCE) && !go_on() {
                return None;
            }
            last = mac([&last, &[]]);
            block.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
        }
        if !go_on() {
            return None;
        }
        key.extend(block.iter().take(wanted));
    }
    Some(key)
}

/// Whether `a` and `b` are equal, in a time that depends on their lengths only.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    let difference = a.iter().zip(b).fold(0, |difference, (x, y)| black_box(difference | (x ^ y)));
    a.len() == b.len() && black_box(difference) == 0
}
