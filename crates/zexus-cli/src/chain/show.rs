//! Values, places, receipts and transactions as JSON.

use serde_json::{Map, Value as Json, json};
use zexus::{Data, Key};
use zexus_chain::data::{CONTRACT, decode};
use zexus_chain::{Action, StoredReceipt, Transaction};
use zexus_verify::bytes::Reader;
use zexus_verify::to_hex;

/// An argument of the command line: JSON, `@0x…` for a contract instance, or text.
pub fn argument(text: &str) -> Data {
    if let Some(address) = text.strip_prefix('@') {
        return Data::Opaque(CONTRACT.to_owned(), address.to_owned());
    }
    // Integers of any size, which JSON numbers of this program are not.
    if let Ok(big) = text.parse::<num_bigint::BigInt>() {
        return i64::try_from(&big).map_or(Data::Big(big), Data::Int);
    }
    match serde_json::from_str::<Json>(text) {
        Ok(json) => data_from(json),
        Err(_) => Data::Str(text.to_owned()),
    }
}

fn data_from(json: Json) -> Data {
    match json {
        Json::Null => Data::Null,
        Json::Bool(b) => Data::Bool(b),
        Json::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(i), _) => Data::Int(i),
            (None, Some(f)) => Data::Float(f),
            (None, None) => Data::Null,
        },
        Json::String(s) => Data::Str(s),
        Json::Array(items) => Data::List(items.into_iter().map(data_from).collect()),
        Json::Object(entries) => {
            Data::Map(entries.into_iter().map(|(k, v)| (Key::Str(k), data_from(v))).collect())
        }
    }
}

/// A value as JSON; what JSON cannot say is its text.
pub fn json_of(data: &Data) -> Json {
    match data {
        Data::Null => Json::Null,
        Data::Bool(b) => (*b).into(),
        Data::Int(i) => (*i).into(),
        Data::Big(b) => b.to_string().into(),
        Data::Float(f) => (*f).into(),
        Data::Str(s) => s.as_str().into(),
        Data::Bytes(b) => format!("0x{}", to_hex(b)).into(),
        Data::DateTime(micros) => (*micros).into(),
        Data::List(items) => items.iter().map(json_of).collect(),
        Data::Map(entries) => {
            let key = |key: &Key| match key {
                Key::Str(s) => s.clone(),
                Key::Int(i) => i.to_string(),
                Key::Bool(b) => b.to_string(),
                Key::Big(b) => b.to_string(),
            };
            Json::Object(entries.iter().map(|(k, v)| (key(k), json_of(v))).collect::<Map<_, _>>())
        }
        Data::Instance(_, fields) => {
            Json::Object(fields.iter().map(|(k, v)| (k.clone(), json_of(v))).collect::<Map<_, _>>())
        }
        Data::Range(start, end) => format!("{start}..{end}").into(),
        Data::Opaque(_, text) => text.as_str().into(),
        other => other.kind().into(),
    }
}

/// The value of an encoding as JSON; its bytes in hex if it is none.
pub fn data_of(bytes: &[u8]) -> Json {
    decode(bytes).map_or_else(|_| to_hex(bytes).into(), |data| json_of(&data))
}

/// A place of the state in words, as far as its key says; the rest in hex.
pub fn place(key: &[u8]) -> String {
    let mut r = Reader::new(key);
    let mut text = match r.byte() {
        Ok(1) => r.text().unwrap_or_default().to_owned(),
        Ok(2) => match (r.array::<20>(), r.text()) {
            (Ok(address), Ok(name)) => format!("0x{}.{name}", to_hex(&address)),
            _ => return to_hex(key),
        },
        Ok(3) => match r.array::<20>() {
            Ok(address) => format!("instance 0x{}", to_hex(&address)),
            Err(_) => return to_hex(key),
        },
        Ok(4) => format!("nonce of {}", r.text().unwrap_or_default()),
        Ok(7) => match r.array::<20>() {
            Ok(address) => format!("instances made by 0x{}", to_hex(&address)),
            Err(_) => return to_hex(key),
        },
        _ => return to_hex(key),
    };
    loop {
        let part = match r.byte() {
            Ok(1) => r.seg().map(|key| format!("[{}]", data_of(key))),
            Ok(2) => r.u64().map(|i| format!("[{i}]")),
            Ok(3) => r.u64().map(|i| format!(" position {i}")),
            Ok(4) => r.u64().map(|i| format!(" version {i}")),
            _ => break,
        };
        match part {
            Ok(part) => text += &part,
            Err(_) => return to_hex(key),
        }
    }
    text
}

/// The record at a place: its value, or for containers and their parts what it says.
pub fn record_json(key: &[u8], record: &[u8]) -> Json {
    let entry = is_entry(key);
    let mut r = Reader::new(record);
    if entry {
        let _ = r.varint();
    }
    let rest = r.rest();
    match (rest.first(), Reader::new(rest.get(1..).unwrap_or_default()).varint()) {
        (Some(0x10), Ok(count)) => format!("map of {count}").into(),
        (Some(0x11), Ok(count)) => format!("list of {count}").into(),
        (Some(0x12), Ok(count)) => format!("ledger variable of {count} versions").into(),
        _ => data_of(rest),
    }
}

/// Whether the last part of a key is the entry of a map.
fn is_entry(key: &[u8]) -> bool {
    let mut r = Reader::new(key);
    let head = match r.byte() {
        Ok(1) => r.seg().is_ok(),
        Ok(2) => r.array::<20>().is_ok() && r.seg().is_ok(),
        _ => false,
    };
    let mut entry = false;
    while head && !r.rest().is_empty() {
        entry = match r.byte() {
            Ok(1) => r.seg().is_ok(),
            _ => r.u64().is_err(),
        };
    }
    entry
}

/// A receipt.
pub fn receipt_json(number: u64, stored: &StoredReceipt) -> Json {
    let r = &stored.receipt;
    let pair = |pair: &[[u8; 32]; 2]| pair.iter().map(|hash| to_hex(hash)).collect::<Vec<_>>();
    let events = r.events.iter().map(|e| {
        json!({ "origin": e.origin.map(|a| format!("0x{}", to_hex(&a))), "name": e.name, "args": data_of(&e.args) })
    });
    json!({
        "number": number, "id": to_hex(&r.id), "hash": to_hex(&r.hash()), "height": r.height, "time": r.time,
        "status": format!("{:?}", r.status), "error": r.error, "message": stored.message,
        "result": data_of(&r.result), "gas_used": r.gas_used, "gas_limit": r.gas_limit,
        "schedule": r.schedule, "semantics": r.semantics, "code": to_hex(&r.code),
        "state": pair(&r.state), "ledger": pair(&r.ledger), "first_entry": r.first_entry,
        "entries": r.entries, "events": events.collect::<Vec<_>>(), "output": stored.output,
    })
}

/// A transaction.
pub fn transaction_json(t: &Transaction) -> Json {
    let action = match &t.action {
        Action::Run(code) => json!({ "run": to_hex(code) }),
        Action::Make { code, contract } => json!({ "make": contract, "code": to_hex(code) }),
        Action::Call { target, action } => {
            json!({ "call": action, "target": format!("0x{}", to_hex(target)) })
        }
    };
    json!({
        "chain": t.chain, "caller": t.caller, "nonce": t.nonce, "action": action, "args": data_of(&t.args),
        "value": data_of(&t.value), "gas_limit": t.gas_limit,
    })
}
