//! Values of the host as the encoding of chain.md 2.2, and back, without an instance.

use zexus::{Data, Key, MAX_DEPTH};
use zexus_runtime::encode::bytes::{Reader, put_int, put_seg, put_varint};
use zexus_runtime::encode::{BigIntOr, kind};
use zexus_runtime::key::Key as RunKey;

/// The kind by which [`Data::Opaque`] stands for the address of a contract instance, `0x` and 40 hex digits.
pub const CONTRACT: &str = "contract";

/// Why a value has no encoding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// It is of a kind that cannot be stored or sent.
    #[error("a value of kind {0} cannot be sent to a chain")]
    Kind(String),
    /// A float that is not finite.
    #[error("a float that is not finite cannot be sent to a chain")]
    NotFinite,
    /// It is nested too deeply.
    #[error("the value is nested more than {MAX_DEPTH} levels deep")]
    Depth,
    /// An address is no `0x` and 40 hex digits.
    #[error("'{0}' is no address: 0x and 40 hex digits")]
    Address(String),
}

/// The encoding of a list of arguments.
///
/// # Errors
/// [`EncodeError`].
pub fn encode_args(args: &[Data]) -> Result<Vec<u8>, EncodeError> {
    let mut out = vec![kind::LIST];
    put_varint(&mut out, args.len() as u64);
    args.iter().try_for_each(|arg| encode(arg, &mut out, 2))?;
    Ok(out)
}

fn encode(data: &Data, out: &mut Vec<u8>, depth: usize) -> Result<(), EncodeError> {
    if depth > MAX_DEPTH {
        return Err(EncodeError::Depth);
    }
    match data {
        Data::Null => out.push(kind::NULL),
        Data::Bool(b) => out.push(if *b { kind::TRUE } else { kind::FALSE }),
        Data::Int(i) => {
            out.push(kind::INT);
            put_int(out, &BigIntOr::Small(*i));
        }
        Data::Big(b) => {
            out.push(kind::INT);
            put_int(out, &BigIntOr::Big(b));
        }
        Data::Float(f) if f.is_finite() => {
            out.push(kind::FLOAT);
            out.extend_from_slice(&f.to_bits().to_be_bytes());
        }
        Data::Float(_) => return Err(EncodeError::NotFinite),
        Data::Str(s) => {
            out.push(kind::STRING);
            put_seg(out, s.as_bytes());
        }
        Data::Bytes(b) => {
            out.push(kind::BYTES);
            put_seg(out, b);
        }
        Data::DateTime(micros) => {
            out.push(kind::DATETIME);
            out.extend_from_slice(&micros.to_be_bytes());
        }
        Data::List(items) => {
            out.push(kind::LIST);
            put_varint(out, items.len() as u64);
            items.iter().try_for_each(|item| encode(item, out, depth + 1))?;
        }
        Data::Map(entries) => {
            out.push(kind::MAP);
            put_varint(out, entries.len() as u64);
            for (key, value) in entries {
                match key {
                    Key::Str(s) => encode(&Data::Str(s.clone()), out, 1)?,
                    Key::Int(i) => encode(&Data::Int(*i), out, 1)?,
                    Key::Bool(b) => encode(&Data::Bool(*b), out, 1)?,
                    Key::Big(b) => encode(&Data::Big(b.clone()), out, 1)?,
                }
                encode(value, out, depth + 1)?;
            }
        }
        Data::Opaque(what, text) if what == CONTRACT => {
            out.push(kind::CONTRACT);
            out.extend_from_slice(&address(text)?);
        }
        Data::Range(start, end) => {
            out.push(kind::RANGE);
            put_int(out, &BigIntOr::Small(*start));
            put_int(out, &BigIntOr::Small(*end));
        }
        other => return Err(EncodeError::Kind(other.kind().to_owned())),
    }
    Ok(())
}

/// The bytes of an address as text.
///
/// # Errors
/// [`EncodeError::Address`].
pub fn address(text: &str) -> Result<[u8; 20], EncodeError> {
    let bytes = text.strip_prefix("0x").and_then(zexus_verify::from_hex);
    bytes.and_then(|b| b.try_into().ok()).ok_or_else(|| EncodeError::Address(text.to_owned()))
}

/// The value of an encoding, for showing it: contract instances are [`Data::Opaque`] of kind [`CONTRACT`], error objects
/// their texts.
///
/// # Errors
/// What is wrong with the bytes.
pub fn decode(bytes: &[u8]) -> Result<Data, &'static str> {
    let mut r = Reader::new(bytes);
    let data = take(&mut r, 1)?;
    if r.is_empty() { Ok(data) } else { Err("bytes are left over") }
}

fn key(key: RunKey) -> Key {
    match key {
        RunKey::Str(s) => Key::Str(s.to_string()),
        RunKey::Int(i) => Key::Int(i),
        RunKey::Bool(b) => Key::Bool(b),
        RunKey::Big(b) => Key::Big((*b).clone()),
    }
}

fn take(r: &mut Reader<'_>, depth: usize) -> Result<Data, &'static str> {
    if depth > MAX_DEPTH {
        return Err("more than 64 levels");
    }
    Ok(match r.byte()? {
        kind::NULL => Data::Null,
        kind::FALSE => Data::Bool(false),
        kind::TRUE => Data::Bool(true),
        kind::INT => match r.int()? {
            RunKey::Big(b) => Data::Big((*b).clone()),
            RunKey::Int(i) => Data::Int(i),
            _ => return Err("an integer that is none"),
        },
        kind::FLOAT => Data::Float(f64::from_bits(u64::from_be_bytes(r.array()?))),
        kind::STRING => Data::Str(r.text()?.to_owned()),
        kind::BYTES => Data::Bytes(r.seg()?.to_vec()),
        kind::LIST => {
            let count = r.count()?;
            Data::List((0..count).map(|_| take(r, depth + 1)).collect::<Result<_, _>>()?)
        }
        kind::MAP => {
            let count = r.count()?;
            let entries = (0..count).map(|_| Ok::<_, &'static str>((key(r.key()?), take(r, depth + 1)?)));
            Data::Map(entries.collect::<Result<_, _>>()?)
        }
        kind::INSTANCE => {
            let (_, name, count) = (r.text()?, r.text()?.to_owned(), r.count()?);
            let fields =
                (0..count).map(|_| Ok::<_, &'static str>((r.text()?.to_owned(), take(r, depth + 1)?)));
            Data::Instance(name, fields.collect::<Result<_, _>>()?)
        }
        kind::CONTRACT => {
            Data::Opaque(CONTRACT.to_owned(), zexus_runtime::contracts::address_text(&r.array()?))
        }
        kind::RANGE => match (r.int()?, r.int()?) {
            (RunKey::Int(start), RunKey::Int(end)) => Data::Range(start, end),
            _ => return Err("a range beyond 64 bits"),
        },
        kind::DATETIME => Data::DateTime(i64::from_be_bytes(r.array()?)),
        kind::ERROR => {
            let (code, message) = (r.text()?, r.text()?);
            let text = format!("{code}: {message}");
            r.varint()?;
            Data::Opaque("error".into(), text)
        }
        _ => return Err("an unknown kind"),
    })
}
