//! The hash input of values (chain.md 2.4): text as it is, everything else as canonical JSON (RFC 8785 with exact integers).

use std::sync::Arc;

use zexus_bytecode::schedule;

use crate::encode::{REDACTED, Refusal, decode, encode};
use crate::key::Key;
use crate::kinds::type_name;
use crate::limits::VALUE_DEPTH;
use crate::machine::Machine;
use crate::meter::Meter;
use crate::object::Restrictions;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// Why there is no canonical JSON.
enum Stop {
    Refused(Refusal),
    /// A map with a key that is no string.
    Key,
    /// More bytes than the limit of memory.
    Memory,
    /// A place of the state was met; it has to be read first.
    Live,
    /// The gas is used up.
    Gas(Trap),
}

/// Canonical JSON that grows and is paid for in steps, with the meter apart from the machine, which is only read.
struct Output {
    text: String,
    paid: usize,
    meter: Meter,
}

/// What `hash(v)` and its relatives hash.
///
/// # Errors
/// E0510 for a kind that cannot be hashed, for keys that are no strings and for more than 64 levels; E0408 for a float that is not
/// finite.
pub fn hash_input(m: &mut Machine, v: Value) -> Result<Vec<u8>, Trap> {
    match v.kind() {
        Kind::Str(s) => return Ok(m.heap.str(s).text().as_bytes().to_vec()),
        Kind::Bytes(b) => return Ok(m.heap.bytes_obj(b).0.to_vec()),
        Kind::ContractInstance(i) => return Ok(m.addresses.text(i).into_bytes()),
        _ => {}
    }
    canonical_json(m, v).map(String::into_bytes)
}

/// The canonical JSON of a value; a contract instance is its address as a string, also at the top.
///
/// # Errors
/// As [`hash_input`], and for bytes.
pub fn canonical_json(m: &mut Machine, v: Value) -> Result<String, Trap> {
    let mut out = Output { text: String::new(), paid: 0, meter: Meter::default() };
    match write(m, v, &mut out) {
        Err(Stop::Live) => {
            let bytes = encode(m, v)?;
            let copy = decode(m, &bytes)?;
            out.text.clear();
            write(m, copy, &mut out)
        }
        written => written,
    }
    .map_err(|stop| raise(m, stop))?;
    m.charge_units(schedule::CANONICAL_JSON, out.text.len().saturating_sub(out.paid))?;
    Ok(out.text)
}

fn write(m: &mut Machine, v: Value, out: &mut Output) -> Result<(), Stop> {
    std::mem::swap(&mut m.meter, &mut out.meter);
    let written = json(m, v, out, 1);
    std::mem::swap(&mut m.meter, &mut out.meter);
    written
}

#[cold]
fn raise(m: &mut Machine, stop: Stop) -> Trap {
    match stop {
        Stop::Refused(refusal) => refusal.raise(m),
        Stop::Key => m.error(510, "only maps with string keys can be hashed"),
        Stop::Memory => Trap::MemoryLimit,
        Stop::Gas(trap) => trap,
        Stop::Live => Refusal::Record("it is a place of the state").raise(m),
    }
}

fn json(m: &Machine, v: Value, output: &mut Output, depth: usize) -> Result<(), Stop> {
    if depth > VALUE_DEPTH {
        return Err(Stop::Refused(Refusal::Depth));
    }
    if output.text.len() as u64 > m.limits.memory {
        return Err(Stop::Memory);
    }
    let len = output.text.len();
    output.meter.charge_steps(schedule::CANONICAL_JSON, &mut output.paid, len).map_err(Stop::Gas)?;
    let out = &mut output.text;
    match v.kind() {
        Kind::Null => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if b { "true" } else { "false" }),
        Kind::Int(i) => out.push_str(&i.to_string()),
        Kind::BigInt(b) => out.push_str(&m.heap.bigint(b).0.to_string()),
        Kind::Float(f) if f.is_finite() => out.push_str(ryu_js::Buffer::new().format_finite(f)),
        Kind::Float(_) => return Err(Stop::Refused(Refusal::NotFinite)),
        Kind::Str(s) => quote(m.heap.str(s).text(), out),
        Kind::ContractInstance(i) => quote(&m.addresses.text(i), out),
        Kind::List(l) => {
            out.push('[');
            for (i, v) in m.heap.list(l).items.iter().enumerate() {
                if i > 0 {
                    output.text.push(',');
                }
                json(m, *v, output, depth + 1)?;
            }
            output.text.push(']');
        }
        Kind::Map(r) => {
            let o = m.heap.map(r);
            let mut fields = Vec::with_capacity(o.map.len());
            for (k, v) in o.map.iter() {
                let Key::Str(name) = k else { return Err(Stop::Key) };
                fields.push((name, *v));
            }
            object(m, fields, o.restricted.as_deref(), output, depth)?;
        }
        Kind::Instance(i) => {
            let o = m.heap.instance(i);
            let fields = m.heap.ty(o.ty).fields.keys().zip(o.fields.iter().copied()).collect();
            object(m, fields, o.restricted.as_deref(), output, depth)?;
        }
        Kind::Live(_) => return Err(Stop::Live),
        _ => return Err(Stop::Refused(Refusal::Kind(type_name(m, v).to_owned()))),
    }
    Ok(())
}

fn object(
    m: &Machine,
    mut fields: Vec<(&Arc<str>, Value)>,
    restricted: Option<&Restrictions>,
    out: &mut Output,
    depth: usize,
) -> Result<(), Stop> {
    fields.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
    out.text.push('{');
    for (i, (name, v)) in fields.into_iter().enumerate() {
        if i > 0 {
            out.text.push(',');
        }
        quote(name, &mut out.text);
        out.text.push(':');
        if restricted.is_some_and(|r| r.redacts(name)) {
            quote(REDACTED, &mut out.text);
        } else {
            json(m, v, out, depth + 1)?;
        }
    }
    out.text.push('}');
    Ok(())
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Quiet;
    use crate::limits::Limits;
    use zexus_crypto::{HashAlgorithm, hash_hex};

    fn check(make: impl FnOnce(&mut Machine) -> Value, input: &str, sha256: &str) {
        let mut m = Machine::new(Box::new(Quiet::default()), Limits::default());
        let v = make(&mut m);
        let bytes = hash_input(&mut m, v).unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), input);
        assert_eq!(hash_hex(HashAlgorithm::Sha256, &bytes), sha256, "{input}");
    }

    fn big(m: &mut Machine) -> Value {
        let n = num_bigint::BigInt::from(1) << 64;
        Value::bigint(m.heap.alloc_bigint(crate::object::BigIntObj(n)).unwrap())
    }

    #[test]
    fn vectors_of_the_specification() {
        let one = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
        check(
            |m| m.string("").unwrap(),
            "",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        );
        check(
            |m| m.string("hello world").unwrap(),
            "hello world",
            "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
        );
        check(|_| Value::int(42), "42", "73475cb40a568e8da8a045ced110137e159f890ac4da883b6b17dc651b3a8049");
        check(
            big,
            "18446744073709551616",
            "8b292fc2d32f1fd491784610c61b90dc4632a6e4add19261eca4c3979e4ea6d2",
        );
        check(|_| Value::int(1), "1", one);
        check(|_| Value::float(1.0), "1", one);
        check(
            |_| Value::float(0.5),
            "0.5",
            "d2cbad71ff333de67d07ec676e352ab7f38248eb69c942950157220607c55e84",
        );
        check(
            |_| Value::float(1e21),
            "1e+21",
            "241c4643fa70b1dcde1205b71be4e3bebb17e9f880c8e1a33d0ead6c27271d3c",
        );
        check(|_| Value::TRUE, "true", "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b");
        check(|_| Value::NULL, "null", "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b");
        check(
            |m| m.list(vec![Value::int(1), Value::int(2), Value::int(3)]).unwrap(),
            "[1,2,3]",
            "a615eeaee21de5179de080de8c3052c8da901138406ba71c38c032845f7d54f4",
        );
        check(
            |m| m.record(&[]).unwrap(),
            "{}",
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        );
        check(
            |m| {
                let (z, y) = (Value::float(0.1), m.string("é\n\u{1}\"\\/").unwrap());
                let a = m.record(&[("z", z), ("y", y)]).unwrap();
                let b = m.list(vec![Value::int(1), Value::NULL, Value::TRUE]).unwrap();
                m.record(&[("b", b), ("a", a)]).unwrap()
            },
            "{\"a\":{\"y\":\"é\\n\\u0001\\\"\\\\/\",\"z\":0.1},\"b\":[1,null,true]}",
            "554ea4126d1309da00877753b8ec37922ab2a0610a067dd49bc9d42088544b4a",
        );
        check(
            |m| m.record(&[("\u{fb33}", Value::int(1)), ("\u{1f30d}", Value::int(2))]).unwrap(),
            "{\"\u{1f30d}\":2,\"\u{fb33}\":1}",
            "4f8d13d8742dd04268cb92bc90322918ca2ad1593126ddb07f0fc5bd7fceff7b",
        );
        check(
            |_| Value::float(-0.0),
            "0",
            "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
        );
    }

    #[test]
    fn bytes_are_hashed_only_alone() {
        let mut m = Machine::new(Box::new(Quiet::default()), Limits::default());
        let b = m.heap.alloc_bytes(crate::object::BytesObj([0u8, 255].as_slice().into())).unwrap();
        let b = Value::bytes(b);
        let input = hash_input(&mut m, b).unwrap();
        let hash = "06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8";
        assert_eq!(hash_hex(HashAlgorithm::Sha256, &input), hash);
        let list = m.list(vec![b]).unwrap();
        assert_eq!(hash_input(&mut m, list), Err(Trap::Raised));
    }
}
