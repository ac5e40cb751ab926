//! The module `blockchain`: blocks and transactions as plain maps (chain.md 11.3).

use zexus_bytecode::schedule;
use zexus_crypto::{HashAlgorithm, hash_hex, hex, sha256};

use super::super::{arg, crypto, given, rows, text_of};
use crate::canonical::hash_input;
use crate::contracts::context;
use crate::heap::Ref;
use crate::key::KeyRef;
use crate::machine::Machine;
use crate::object::MapObj;
use crate::ops::compare_numbers_or_texts;
use crate::state::plain;
use crate::trap::Trap;
use crate::value::{Kind, Value};

rows! {
    MODULE_ROWS in "blockchain";
    /// A block with its hash.
    ["create_block"] (index: Number, timestamp: Number, data: Any, previous_hash: Str, nonce: Number = "0") gas Hash
        => Plain(create_block);
    /// The hash of a block.
    ["hash_block"] (b: Map) gas Hash => Plain(hash_without_hash);
    /// Whether a block has the right hash and follows the previous one.
    ["validate_block"] (b: Map, previous: Map = "null") gas Hash => Plain(validate_block);
    /// The first block of a chain.
    ["create_genesis_block"] (timestamp: Number = "TX.timestamp") gas Hash => Plain(create_genesis_block);
    /// Whether all blocks follow each other from the first one.
    ["validate_chain"] (list: List) gas Hash => Plain(validate_chain);
    /// The least nonce, and the hash, that begins with that many zeros; null if there is none.
    ["proof_of_work"] (text: Str, difficulty: Int = "4", max: Int = "10000000") gas Hash => Plain(proof_of_work);
    /// A transaction with its hash.
    ["create_transaction"] (from: Str, to: Str, amount: Number, timestamp: Number = "TX.timestamp") gas Hash
        => Plain(create_transaction);
    /// The hash of a transaction.
    ["hash_transaction"] (t: Map) gas Hash => Plain(hash_without_hash);
    /// The Merkle root of the items.
    ["calculate_merkle_root"] (hashes: List) gas Hash => Plain(crypto::merkle_root);
    /// The address of a public key.
    ["create_address"] (public_key: Data, prefix: Str = "\"0x\"") gas Signature => Plain(crypto::derive_address);
    /// Whether a text is the prefix and 40 hex digits.
    ["validate_address"] (a: Str, prefix: Str = "\"0x\"") => Plain(validate_address);
}

const GENESIS_PREVIOUS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The map of an argument; a place of the state as a copy.
fn map_of(m: &mut Machine, v: Value) -> Result<Ref<MapObj>, Trap> {
    let v = plain(m, v)?;
    match v.as_map() {
        Some(map) => Ok(map),
        None => {
            let found = crate::kinds::type_name(m, v).to_owned();
            Err(m.error(402, format!("expected a map, got {found}")))
        }
    }
}

fn field(m: &Machine, map: Ref<MapObj>, name: &str) -> Value {
    m.heap.map(map).map.get(&KeyRef::Str(name)).copied().unwrap_or(Value::NULL)
}

/// SHA-256 of the hash input of a map without its key `hash`.
fn hash_of(m: &mut Machine, map: Ref<MapObj>) -> Result<String, Trap> {
    let mut copy = MapObj { restricted: m.heap.map(map).restricted.clone(), ..MapObj::default() };
    for (k, v) in m.heap.map(map).map.iter().filter(|(k, _)| k.as_ref() != KeyRef::Str("hash")) {
        copy.map.insert(k.clone(), *v);
    }
    let copy = Value::map(m.heap.alloc_map(copy)?);
    let input = hash_input(m, copy)?;
    m.charge_units(schedule::SHA2, input.len())?;
    Ok(hash_hex(HashAlgorithm::Sha256, &input))
}

fn hash_without_hash(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let map = map_of(m, arg(args, 0))?;
    let hash = hash_of(m, map)?;
    m.string(hash)
}

/// A map of these fields, and `hash` at the end.
fn hashed(m: &mut Machine, fields: &[(&str, Value)]) -> Result<Value, Trap> {
    let record = m.record(fields)?;
    let input = hash_input(m, record)?;
    m.charge_units(schedule::SHA2, input.len())?;
    let hash = m.string(hash_hex(HashAlgorithm::Sha256, &input))?;
    let mut fields = fields.to_vec();
    fields.push(("hash", hash));
    m.record(&fields)
}

fn block(m: &mut Machine, fields: [Value; 5]) -> Result<Value, Trap> {
    let [index, timestamp, data, previous_hash, nonce] = fields;
    hashed(
        m,
        &[
            ("index", index),
            ("timestamp", timestamp),
            ("data", data),
            ("previous_hash", previous_hash),
            ("nonce", nonce),
        ],
    )
}

fn create_block(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let data = plain(m, arg(args, 2))?;
    let nonce = given(args, 4).unwrap_or(Value::int(0));
    block(m, [arg(args, 0), arg(args, 1), data, arg(args, 3), nonce])
}

fn timestamp(m: &mut Machine, args: &[Value], i: usize) -> Result<Value, Trap> {
    match given(args, i) {
        Some(t) => Ok(t),
        None => context::tx_member(m, "timestamp"),
    }
}

fn create_genesis_block(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let timestamp = timestamp(m, args, 0)?;
    let (data, previous) = (m.string("genesis")?, m.string(GENESIS_PREVIOUS)?);
    block(m, [Value::int(0), timestamp, data, previous, Value::int(0)])
}

/// Whether the hash of a block is right. A block that cannot be hashed is not valid.
fn is_hashed(m: &mut Machine, map: Ref<MapObj>) -> Result<bool, Trap> {
    let hash = match hash_of(m, map) {
        Ok(hash) => hash,
        Err(Trap::Raised) => {
            m.take_pending();
            return Ok(false);
        }
        Err(trap) => return Err(trap),
    };
    let field = field(m, map, "hash");
    Ok(m.text(field).is_some_and(|h| **h == *hash))
}

fn follows(m: &Machine, map: Ref<MapObj>, previous: Ref<MapObj>) -> bool {
    let index = |map| field(m, map, "index").as_int();
    let (Some(i), Some(p)) = (index(map), index(previous)) else { return false };
    let times = compare_numbers_or_texts(m, field(m, map, "timestamp"), field(m, previous, "timestamp"));
    let (link, hash) = (field(m, map, "previous_hash"), field(m, previous, "hash"));
    p.checked_add(1) == Some(i)
        && times.flatten().is_some_and(|o| o.is_ge())
        && m.text(link).is_some_and(|l| m.text(hash) == Some(l))
}

fn validate_block(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let map = map_of(m, arg(args, 0))?;
    if !is_hashed(m, map)? {
        return Ok(Value::FALSE);
    }
    Ok(Value::bool(match given(args, 1) {
        None => true,
        Some(previous) => {
            let previous = map_of(m, previous)?;
            follows(m, map, previous)
        }
    }))
}

fn validate_chain(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let list = plain(m, arg(args, 0))?;
    let items = list.as_list().map(|l| m.heap.list(l).items.clone()).unwrap_or_default();
    let mut previous = None;
    for v in items {
        let v = plain(m, v)?;
        let Some(map) = v.as_map() else { return Ok(Value::FALSE) };
        let linked = match previous {
            None => field(m, map, "index").as_int() == Some(0),
            Some(previous) => follows(m, map, previous),
        };
        if !linked || !is_hashed(m, map)? {
            return Ok(Value::FALSE);
        }
        previous = Some(map);
    }
    Ok(Value::TRUE)
}

fn proof_of_work(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    let number = |i: usize, default: i64| match given(args, i).map(Value::kind) {
        None => Some(default),
        Some(Kind::Int(n)) if n >= 0 => Some(n),
        _ => None,
    };
    let (Some(difficulty), Some(max)) = (number(1, 4), number(2, 10_000_000)) else {
        return Err(m.error(415, "difficulty and maximum are non-negative integers"));
    };
    let Ok(zeros) = usize::try_from(difficulty) else { return Ok(Value::NULL) };
    if zeros > 64 {
        return Ok(Value::NULL);
    }
    let mut input = text.as_bytes().to_vec();
    for nonce in 0..max {
        if nonce % 4096 == 0 && m.host.interrupted() {
            return Err(Trap::Interrupted);
        }
        input.truncate(text.len());
        input.extend_from_slice(nonce.to_string().as_bytes());
        m.charge_metered(
            schedule::PROOF_OF_WORK_TRY.saturating_add(schedule::SHA2.cost(input.len() as u64)),
        )?;
        let hash = sha256(&input);
        let full = hash.iter().take(zeros / 2).all(|b| *b == 0);
        if full && (zeros % 2 == 0 || hash.get(zeros / 2).is_some_and(|b| b >> 4 == 0)) {
            let hash = m.string(hex::encode(&hash))?;
            return m.list(vec![Value::int(nonce), hash]);
        }
    }
    Ok(Value::NULL)
}

fn create_transaction(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let timestamp = timestamp(m, args, 3)?;
    let fields =
        [("from", arg(args, 0)), ("to", arg(args, 1)), ("amount", arg(args, 2)), ("timestamp", timestamp)];
    hashed(m, &fields)
}

fn validate_address(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let address = text_of(m, args, 0);
    let prefix = given(args, 1).and_then(|v| m.text(v)).cloned().unwrap_or_else(|| "0x".into());
    let digits = address.strip_prefix(&*prefix);
    let valid = digits.is_some_and(|d| d.len() == 40 && d.bytes().all(|b| b.is_ascii_hexdigit()));
    Ok(Value::bool(valid))
}
