//! Hashes and signatures (language.md 18.6), and the module `crypto` (chapter 20).

use std::num::NonZeroU32;

use zexus_bytecode::schedule::{self, Rate};
use zexus_crypto::{
    Encoded, HashAlgorithm, KeyAlgorithm, KeyError, PasswordHash, PublicKey, SignatureAlgorithm, hash_hex,
    hex, merkle,
};

use super::{arg, given, need_named, rows, text_of};
use crate::canonical::hash_input;
use crate::host::Caps;
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};

rows! {
    ROWS in "";
    /// The hash of a value as lower-case hex.
    ["hash"] (x: Any, alg: Str = "\"SHA256\"") gas Hash => Plain(hash);
    /// The Keccak-256 of a value as hex.
    ["keccak256"] (x: Any) gas Hash => Plain(keccak256);
    /// The Merkle root of the items as hex.
    ["merkle_root"] (l: List) gas Hash => Plain(merkle_root);
    /// A pair of keys, from a seed or from the host's randomness.
    ["generate_keypair"] (alg: Str = "\"ECDSA\"", seed: Any = "null") gas Signature => Plain(generate_keypair);
    /// The signature of a value as hex.
    ["signature"] (x: Any, private_key: Str, alg: Str = "\"ECDSA\"") gas Signature => Plain(signature);
    /// Whether a signature is valid; malformed input is not.
    ["verify_sig"] (x: Any, sig: Data, public_key: Data, alg: Str = "null") gas Signature => Plain(verify_sig);
    /// The address of a public key.
    ["derive_address"] (public_key: Data, prefix: Str = "\"0x\"") gas Signature => Plain(derive_address);
    /// A password with salt and rounds, to be stored.
    ["hash_password"] (s: Str) needs RANDOM gas Signature => Plain(hash_password);
    /// Whether a stored password is this one.
    ["verify_password"] (s: Str, h: Str) gas Signature => Plain(verify_password);
    /// Random bytes of the host as hex.
    ["crypto_random"] (bytes: Int = "32") needs RANDOM => Plain(random_bytes);
    /// Whether two strings are equal, in time that tells nothing of where they differ.
    ["constant_time_compare"] (a: Str, b: Str) gas Text => Plain(constant_time_compare);
}

rows! {
    MODULE_ROWS in "crypto";
    /// SHA-256 as hex.
    ["sha256", "hash_sha256"] (x: Any) gas Hash => Plain(|m, args| hash_by(m, args, HashAlgorithm::Sha256));
    /// SHA-512 as hex.
    ["sha512"] (x: Any) gas Hash => Plain(|m, args| hash_by(m, args, HashAlgorithm::Sha512));
    /// SHA3-256 as hex.
    ["sha3_256"] (x: Any) gas Hash => Plain(|m, args| hash_by(m, args, HashAlgorithm::Sha3_256));
    /// SHA3-512 as hex.
    ["sha3_512"] (x: Any) gas Hash => Plain(|m, args| hash_by(m, args, HashAlgorithm::Sha3_512));
    /// BLAKE2b of 512 bits as hex.
    ["blake2b"] (x: Any) gas Hash => Plain(|m, args| hash_by(m, args, HashAlgorithm::Blake2b));
    /// BLAKE2s of 256 bits as hex.
    ["blake2s"] (x: Any) gas Hash => Plain(|m, args| hash_by(m, args, HashAlgorithm::Blake2s));
    /// HMAC-SHA256 as hex.
    ["hmac_sha256"] (key: Data, s: Data) gas Hash => Plain(hmac_sha256);
    /// PBKDF2-HMAC-SHA256 as hex.
    ["pbkdf2"] (s: Data, salt: Data, rounds: Int, bytes: Int = "32") gas Signature => Plain(pbkdf2);
    /// Random bytes of the host as hex.
    ["random_bytes"] (n: Int) needs RANDOM => Plain(random_bytes);
    /// The UTF-8 of a string as hex.
    ["hex_encode"] (s: Data) gas TextMade => Plain(hex_encode);
    /// The string whose UTF-8 the hex digits are.
    ["hex_decode"] (s: Str) gas TextMade => Plain(hex_decode);
    /// The UTF-8 of a string in Base64 with padding.
    ["base64_encode"] (s: Data) gas TextMade => Plain(base64_encode);
    /// The string whose UTF-8 the Base64 stands for.
    ["base64_decode"] (s: Str) gas TextMade => Plain(base64_decode);
}

/// Rounds of `hash_password`.
const PASSWORD_ROUNDS: u32 = 100_000;
/// The most rounds of `pbkdf2` and of a stored password.
const MOST_ROUNDS: u32 = 10_000_000;
/// The most random or derived bytes of a call.
const MOST_BYTES: i64 = 1 << 20;

/// What hashing costs.
fn rate(algorithm: HashAlgorithm) -> Rate {
    match algorithm {
        HashAlgorithm::Sha3_256 | HashAlgorithm::Sha3_512 | HashAlgorithm::Keccak256 => schedule::SHA3,
        _ => schedule::SHA2,
    }
}

/// `HASH_BLOCK`: the SHA-256 of the hash input of a value, as hex.
///
/// # Errors
/// E0510, E0408.
pub fn hash_block(m: &mut Machine, v: Value) -> Result<Value, Trap> {
    hash_by(m, &[v], HashAlgorithm::Sha256)
}

fn hash_by(m: &mut Machine, args: &[Value], algorithm: HashAlgorithm) -> Result<Value, Trap> {
    let input = hash_input(m, arg(args, 0))?;
    m.charge_units(rate(algorithm), input.len())?;
    m.string(hash_hex(algorithm, &input))
}

fn hash(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let algorithm = match args.get(1).and_then(|a| m.text(*a)) {
        None => Ok(HashAlgorithm::Sha256),
        Some(name) => name.parse::<HashAlgorithm>(),
    };
    match algorithm {
        Ok(algorithm) => hash_by(m, args, algorithm),
        Err(unknown) => Err(m.error(424, unknown.to_string())),
    }
}

fn keccak256(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    hash_by(m, args, HashAlgorithm::Keccak256)
}

/// `merkle_root(l)`: the empty string for an empty list.
pub(crate) fn merkle_root(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let list = crate::state::plain(m, arg(args, 0))?;
    let items = list.as_list().map(|l| m.heap.list(l).items.clone()).unwrap_or_default();
    m.charge_units(schedule::MERKLE_ITEM, items.len())?;
    merkle_of(m, &items)
}

/// `MERKLE_ROOT`: the root over some values, `""` for none; the price of each is in that of the opcode.
///
/// # Errors
/// E0510, E0408.
pub fn merkle_of(m: &mut Machine, items: &[Value]) -> Result<Value, Trap> {
    let mut leaves = Vec::with_capacity(items.len());
    for v in items {
        let input = hash_input(m, *v)?;
        m.charge_units(schedule::MERKLE_INPUT, input.len())?;
        leaves.push(merkle::leaf(&input));
    }
    let root = merkle::root(&leaves).map(|r| hex::encode(&r)).unwrap_or_default();
    m.string(root)
}

fn algorithm(m: &mut Machine, args: &[Value], i: usize) -> Result<Option<SignatureAlgorithm>, Trap> {
    let Some(name) = given(args, i).and_then(|v| m.text(v)).cloned() else { return Ok(None) };
    match name.parse() {
        Ok(algorithm) => Ok(Some(algorithm)),
        Err(zexus_crypto::UnknownAlgorithm(_)) => {
            Err(m.error(424, format!("unknown signature algorithm '{name}'")))
        }
    }
}

#[cold]
fn key_error(m: &mut Machine, e: KeyError) -> Trap {
    m.error(425, e.to_string())
}

fn generate_keypair(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let algorithm = algorithm(m, args, 0)?.unwrap_or(SignatureAlgorithm::Ecdsa).key_algorithm();
    let d = match given(args, 1) {
        Some(seed) => {
            m.charge_metered(schedule::KEYPAIR)?;
            zexus_crypto::seed_secret(algorithm, &hash_input(m, seed)?)
        }
        None => {
            need_named(m, "generate_keypair", Caps::RANDOM)?;
            m.charge_metered(schedule::KEYPAIR)?;
            let mut d = [0; 32];
            m.host.random(&mut d);
            d
        }
    };
    let pair = zexus_crypto::generate_keypair(algorithm, d);
    let (private_key, public_key) = (m.string(pair.private_key)?, m.string(pair.public_key)?);
    m.record(&[("private_key", private_key), ("public_key", public_key)])
}

fn signature(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let algorithm = algorithm(m, args, 2)?.unwrap_or(SignatureAlgorithm::Ecdsa);
    let message = hash_input(m, arg(args, 0))?;
    m.charge_metered(schedule::SIGN.saturating_add(schedule::SHA2.cost(message.len() as u64)))?;
    match zexus_crypto::sign(&message, &text_of(m, args, 1), algorithm) {
        Ok(signature) => m.string(signature),
        Err(e) => Err(key_error(m, e)),
    }
}

fn encoded(m: &Machine, v: Value) -> Encoded<'_> {
    match v.kind() {
        Kind::Str(s) => Encoded::Text(m.heap.str(s).text()),
        Kind::Bytes(b) => Encoded::Bytes(&m.heap.bytes_obj(b).0),
        _ => Encoded::Bytes(&[]),
    }
}

fn verify_sig(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let algorithm = algorithm(m, args, 3)?;
    let message = hash_input(m, arg(args, 0))?;
    m.charge_units(schedule::SIGNED, message.len())?;
    let (signature, key) = (encoded(m, arg(args, 1)), encoded(m, arg(args, 2)));
    let Ok(key) = PublicKey::read(key) else { return Ok(Value::FALSE) };
    let signature = match signature {
        Encoded::Bytes(signature) => Some(signature.to_vec()),
        Encoded::Text(text) => hex::decode_prefixed(text),
    };
    let accepted = algorithm.is_none_or(|algorithm| algorithm.accepts(key.algorithm()));
    let Some(signature) = signature.filter(|s| accepted && key.is_signature(s)) else {
        return Ok(Value::FALSE);
    };
    m.charge_metered(match key.algorithm() {
        KeyAlgorithm::Ed25519 => schedule::ED25519,
        KeyAlgorithm::Secp256k1 => schedule::SECP256K1,
        KeyAlgorithm::P256 => schedule::P256,
    })?;
    Ok(Value::bool(key.verify(&message, &signature)))
}

/// `derive_address(public_key, prefix)`.
pub(crate) fn derive_address(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let prefix = given(args, 1).and_then(|v| m.text(v)).cloned().unwrap_or_else(|| "0x".into());
    m.charge_metered(schedule::ADDRESS)?;
    match zexus_crypto::derive_address(encoded(m, arg(args, 0)), &prefix) {
        Ok(address) => m.string(address),
        Err(e) => Err(key_error(m, e)),
    }
}

fn hash_password(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    m.charge_units(schedule::PBKDF2, PASSWORD_ROUNDS as usize)?;
    let mut salt = [0; 16];
    m.host.random(&mut salt);
    let rounds = NonZeroU32::new(PASSWORD_ROUNDS).unwrap_or(NonZeroU32::MIN);
    let hash = PasswordHash::new(text_of(m, args, 0).as_bytes(), &salt, rounds);
    m.string(hash.to_string())
}

fn verify_password(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (password, stored) = (text_of(m, args, 0), text_of(m, args, 1));
    let stored = stored.parse::<PasswordHash>().ok().filter(|h| h.rounds().get() <= MOST_ROUNDS);
    let Some(stored) = stored else { return Ok(Value::FALSE) };
    m.charge_units(schedule::PBKDF2, stored.rounds().get() as usize)?;
    match stored.matches_while(password.as_bytes(), &mut || !m.host.interrupted()) {
        Some(matches) => Ok(Value::bool(matches)),
        None => Err(Trap::Interrupted),
    }
}

/// An integer argument within bounds, or its default.
fn bounded(
    m: &mut Machine,
    args: &[Value],
    i: usize,
    default: i64,
    least: i64,
    most: i64,
) -> Result<i64, Trap> {
    match given(args, i).map(Value::kind) {
        None => Ok(default),
        Some(Kind::Int(n)) if (least..=most).contains(&n) => Ok(n),
        _ => Err(m.error(415, format!("expected a number from {least} to {most}"))),
    }
}

fn random_bytes(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let n = bounded(m, args, 0, 32, 0, MOST_BYTES)?;
    let mut bytes = vec![0; n as usize];
    m.host.random(&mut bytes);
    m.string(hex::encode(&bytes))
}

fn constant_time_compare(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (a, b) = (text_of(m, args, 0), text_of(m, args, 1));
    Ok(Value::bool(zexus_crypto::constant_time_eq(a.as_bytes(), b.as_bytes())))
}

/// The bytes of a string or of bytes.
fn data(m: &Machine, args: &[Value], i: usize) -> Vec<u8> {
    match encoded(m, arg(args, i)) {
        Encoded::Text(text) => text.as_bytes().to_vec(),
        Encoded::Bytes(bytes) => bytes.to_vec(),
    }
}

fn hmac_sha256(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (key, message) = (data(m, args, 0), data(m, args, 1));
    let bytes = schedule::SHA2.cost((key.len() + message.len()) as u64);
    m.charge_metered(schedule::HMAC.saturating_add(bytes))?;
    let mac = zexus_crypto::hmac_sha256(&key, &message);
    m.string(hex::encode(&mac))
}

fn pbkdf2(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let rounds = bounded(m, args, 2, 1, 1, i64::from(MOST_ROUNDS))?;
    let bytes = bounded(m, args, 3, 32, 1, MOST_BYTES)?;
    let blocks = (bytes as u64).div_ceil(32);
    m.charge_metered(schedule::PBKDF2.cost((rounds as u64).saturating_mul(blocks)))?;
    let rounds = u32::try_from(rounds).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    let (password, salt) = (data(m, args, 0), data(m, args, 1));
    let mut go_on = || !m.host.interrupted();
    let derived = zexus_crypto::pbkdf2_sha256_while(&password, &salt, rounds, bytes as usize, &mut go_on);
    match derived {
        Some(derived) => m.string(hex::encode(&derived)),
        None => Err(Trap::Interrupted),
    }
}

fn hex_encode(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = hex::encode(&data(m, args, 0));
    m.string(text)
}

fn text_from(m: &mut Machine, bytes: Option<Vec<u8>>, what: &str) -> Result<Value, Trap> {
    match bytes.map(String::from_utf8) {
        Some(Ok(text)) => m.string(text),
        Some(Err(_)) => Err(m.error(425, format!("the {what} does not stand for UTF-8"))),
        None => Err(m.error(425, format!("malformed {what}"))),
    }
}

fn hex_decode(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let bytes = hex::decode(&text_of(m, args, 0));
    text_from(m, bytes, "hex")
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_encode(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let bytes = data(m, args, 0);
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0u32, |w, i| w << 8 | u32::from(chunk.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let digit = (word >> (18 - 6 * i)) & 63;
            out.push(if i > chunk.len() { '=' } else { char::from(BASE64[digit as usize]) });
        }
    }
    m.string(out)
}

/// The bytes of Base64 (RFC 4648, section 4): padding is needed, unused bits are zero, nothing else stands between.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    for chunk in digits.as_bytes().chunks(4) {
        let mut word = 0u32;
        for b in chunk {
            word = word << 6 | BASE64.iter().position(|d| d == b)? as u32;
        }
        let bits = 6 * chunk.len();
        let bytes = bits / 8;
        let unused = bits - bytes * 8;
        if word & ((1 << unused) - 1) != 0 || bytes == 0 {
            return None;
        }
        let word = word >> unused;
        out.extend((0..bytes).rev().map(|i| (word >> (8 * i)) as u8));
    }
    Some(out)
}

fn base64_decode(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let bytes = from_base64(&text_of(m, args, 0));
    text_from(m, bytes, "Base64")
}

#[cfg(test)]
mod tests;
