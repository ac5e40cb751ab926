//! The value encoding (chain.md 2.2): whether bytes are one, and no others (2.3).
//!
//! Types are not known here, so an instance is any list of fields. Recursion ends at 64 levels.

use alloc::collections::BTreeSet;

use crate::bytes::{Malformed, Reader};

/// Levels of a value (chain.md 12).
const DEPTH: usize = 64;
/// Bits of the magnitude of an integer (language.md 4.3).
const INT_BITS: usize = 4096;

/// Kinds of values.
#[allow(missing_docs)]
pub mod kind {
    pub const NULL: u8 = 0x00;
    pub const FALSE: u8 = 0x01;
    pub const TRUE: u8 = 0x02;
    pub const INT: u8 = 0x03;
    pub const FLOAT: u8 = 0x04;
    pub const STRING: u8 = 0x05;
    pub const BYTES: u8 = 0x06;
    pub const LIST: u8 = 0x07;
    pub const MAP: u8 = 0x08;
    pub const INSTANCE: u8 = 0x09;
    pub const CONTRACT: u8 = 0x0a;
    pub const RANGE: u8 = 0x0b;
    pub const DATETIME: u8 = 0x0c;
    pub const ERROR: u8 = 0x0d;
}

/// Whether `bytes` are the encoding of one value.
///
/// # Errors
/// What is wrong with them.
pub fn check(bytes: &[u8]) -> Result<(), Malformed> {
    let mut r = Reader::new(bytes);
    skip(&mut r, 1)?;
    r.end()
}

/// The bytes of the next value.
///
/// # Errors
/// If what follows is no value.
pub fn take<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let mut after = r.clone();
    skip(&mut after, 1)?;
    r.take(r.rest().len() - after.rest().len())
}

/// The bytes of the next value, which must be a list.
///
/// # Errors
/// If what follows is no list.
pub fn take_list<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    if r.rest().first() == Some(&kind::LIST) { take(r) } else { Err(Malformed("no list")) }
}

/// Refuses anything but a map with exactly these keys, in this order.
///
/// # Errors
/// If it is something else.
pub fn check_map(bytes: &[u8], keys: &[&str]) -> Result<(), Malformed> {
    let other = Malformed("a map with other keys");
    let mut r = Reader::new(bytes);
    if r.byte()? != kind::MAP || r.count()? != keys.len() {
        return Err(other);
    }
    for key in keys {
        if r.byte()? != kind::STRING || r.seg()? != key.as_bytes() {
            return Err(other);
        }
        skip(&mut r, 2)?;
    }
    r.end()
}

/// An integer without its kind; its value if it has 64 bits.
///
/// # Errors
/// If it is longer than needed or beyond 4,096 bits.
pub fn int(r: &mut Reader<'_>) -> Result<Option<i64>, Malformed> {
    let bytes = r.seg()?;
    let negative = match bytes {
        [] => return Ok(Some(0)),
        [0] | [0, 0..0x80, ..] | [0xff, 0x80..=0xff, ..] => return Err(Malformed("a long integer")),
        [first, ..] => *first >= 0x80,
    };
    if bytes.len() <= 8 {
        let fill = if negative { -1 } else { 0 };
        return Ok(Some(bytes.iter().fold(fill, |n: i64, byte| n << 8 | i64::from(*byte))));
    }
    // Beyond 512 bytes only a sign byte fits, and for a negative number a magnitude below 2 to the 4,096.
    let magnitude_fits = match bytes.split_first_chunk::<1>() {
        _ if bytes.len() <= INT_BITS / 8 => true,
        Some(([0], _)) => bytes.len() == INT_BITS / 8 + 1,
        Some(([0xff], rest)) => rest.len() == INT_BITS / 8 && rest.iter().any(|byte| *byte != 0),
        _ => false,
    };
    if magnitude_fits { Ok(None) } else { Err(Malformed("an integer beyond 4096 bits")) }
}

/// A key of a map: a string, an integer or a boolean.
///
/// # Errors
/// If it is something else.
pub fn key<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    match r.rest().first() {
        Some(&(kind::STRING | kind::INT | kind::FALSE | kind::TRUE)) => take(r),
        _ => Err(Malformed("a map key that is none")),
    }
}

fn skip(r: &mut Reader<'_>, depth: usize) -> Result<(), Malformed> {
    if depth > DEPTH {
        return Err(Malformed("more than 64 levels"));
    }
    match r.byte()? {
        kind::NULL | kind::FALSE | kind::TRUE => {}
        kind::INT => {
            int(r)?;
        }
        kind::FLOAT => {
            if !f64::from_bits(r.u64()?).is_finite() {
                return Err(Malformed("a float that is not finite"));
            }
        }
        kind::STRING => {
            r.text()?;
        }
        kind::BYTES => {
            r.seg()?;
        }
        kind::LIST => {
            for _ in 0..r.count()? {
                skip(r, depth + 1)?;
            }
        }
        kind::MAP => {
            let mut keys = BTreeSet::new();
            for _ in 0..r.count()? {
                if !keys.insert(key(r)?) {
                    return Err(Malformed("a map key occurs twice"));
                }
                skip(r, depth + 1)?;
            }
        }
        kind::INSTANCE => {
            r.text()?;
            r.text()?;
            let mut names = BTreeSet::new();
            for _ in 0..r.count()? {
                if !names.insert(r.text()?) {
                    return Err(Malformed("a field occurs twice"));
                }
                skip(r, depth + 1)?;
            }
        }
        kind::CONTRACT => {
            r.take(20)?;
        }
        kind::RANGE => match (int(r)?, int(r)?) {
            (Some(start), Some(end)) if start <= end => {}
            _ => return Err(Malformed("a range that is none")),
        },
        kind::DATETIME => {
            r.i64()?;
        }
        kind::ERROR => {
            error_code(r)?;
            r.text()?;
            u32::try_from(r.varint()?).map_err(|_| Malformed("a line beyond 32 bits"))?;
        }
        _ => return Err(Malformed("an unknown kind")),
    }
    Ok(())
}

/// A segment that holds the code of an error: `E` and four digits.
///
/// # Errors
/// If it holds something else.
pub fn error_code<'a>(r: &mut Reader<'a>) -> Result<&'a str, Malformed> {
    let code = r.text()?;
    match code.as_bytes() {
        [b'E', digits @ ..] if digits.len() == 4 && digits.iter().all(u8::is_ascii_digit) => Ok(code),
        _ => Err(Malformed("an error code that is none")),
    }
}
