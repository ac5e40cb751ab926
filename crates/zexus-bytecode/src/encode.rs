//! The value encoding of constants (chain.md 2.2 and 2.3) and the pieces it is made of.

use std::collections::HashSet;
use std::sync::Arc;

use num_bigint::BigInt;

use crate::constant::Const;
use crate::num::MAX_INT_BITS;

/// How deep lists and maps may be nested.
pub const MAX_DEPTH: usize = 64;

/// For how many items memory is reserved before they are read: nested lists may all claim the bytes that are left.
const RESERVED: usize = 16;

/// Kind bytes of the value encoding.
mod kind {
    pub const NULL: u8 = 0x00;
    pub const FALSE: u8 = 0x01;
    pub const TRUE: u8 = 0x02;
    pub const INT: u8 = 0x03;
    pub const FLOAT: u8 = 0x04;
    pub const STR: u8 = 0x05;
    pub const BYTES: u8 = 0x06;
    pub const LIST: u8 = 0x07;
    pub const MAP: u8 = 0x08;
    pub const FUNC: u8 = 0x0e;
}

/// Why bytes are no encoding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end too early.
    #[error("cut off")]
    CutOff,
    /// A varint that is longer than needed or than 64 bits.
    #[error("malformed varint")]
    Varint,
    /// A number that is too large for its place.
    #[error("number out of range")]
    Range,
    /// An integer that is longer than needed.
    #[error("integer is not in its shortest form")]
    LongInt,
    /// An integer of more than 4,096 bits.
    #[error("integer of more than 4096 bits")]
    HugeInt,
    /// A NaN that is not the one NaN.
    #[error("NaN that is not canonical")]
    Nan,
    /// A text that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// A map key that is no string, integer or boolean.
    #[error("map key that is no string, integer or boolean")]
    KeyKind,
    /// A map key that occurs twice.
    #[error("map key occurs twice")]
    KeyTwice,
    /// A kind of value that does not exist here.
    #[error("unknown kind of value {0:#04x}")]
    Kind(u8),
    /// Nesting beyond [`MAX_DEPTH`].
    #[error("nested more than 64 deep")]
    Depth,
    /// Bytes after the end.
    #[error("bytes left over")]
    LeftOver,
}

/// The bits of a float; every NaN has the same.
#[inline]
pub fn float_bits(f: f64) -> u64 {
    if f.is_nan() { 0x7ff8_0000_0000_0000 } else { f.to_bits() }
}

/// Appends unsigned LEB128 of least length.
#[inline]
pub fn put_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Appends a length as varint and the bytes.
#[inline]
pub fn put_seg(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends an integer without its kind: a varint length, then two's complement, big-endian, as few bytes as possible.
pub fn put_int(out: &mut Vec<u8>, n: i64) {
    let bytes = n.to_be_bytes();
    let sign = if n < 0 { 0xff } else { 0 };
    let mut skip = bytes.iter().take_while(|&&b| b == sign).count();
    // The first byte that is kept must show the sign; 0 alone needs no byte.
    if n != 0 && bytes.get(skip).is_none_or(|b| (b & 0x80 != 0) != (n < 0)) {
        skip -= 1;
    }
    put_seg(out, bytes.get(skip..).unwrap_or_default());
}

/// Appends an integer of any size as [`put_int`] does.
pub fn put_big_int(out: &mut Vec<u8>, n: &BigInt) {
    match i64::try_from(n) {
        Ok(n) => put_int(out, n),
        Err(_) => put_seg(out, &n.to_signed_bytes_be()),
    }
}

/// Appends the encoding of a constant.
pub fn put_const(out: &mut Vec<u8>, constant: &Const) {
    match constant {
        Const::Null => out.push(kind::NULL),
        Const::Bool(false) => out.push(kind::FALSE),
        Const::Bool(true) => out.push(kind::TRUE),
        Const::Int(i) => {
            out.push(kind::INT);
            put_int(out, *i);
        }
        Const::Big(i) => {
            out.push(kind::INT);
            put_big_int(out, i);
        }
        Const::Float(f) => {
            out.push(kind::FLOAT);
            out.extend_from_slice(&float_bits(*f).to_be_bytes());
        }
        Const::Str(text) => {
            out.push(kind::STR);
            put_seg(out, text.as_bytes());
        }
        Const::Bytes(bytes) => {
            out.push(kind::BYTES);
            put_seg(out, bytes);
        }
        Const::List(items) => {
            out.push(kind::LIST);
            put_varint(out, items.len() as u64);
            items.iter().for_each(|item| put_const(out, item));
        }
        Const::Map(entries) => {
            out.push(kind::MAP);
            put_varint(out, entries.len() as u64);
            for (key, value) in entries.iter() {
                put_const(out, key);
                put_const(out, value);
            }
        }
        Const::Func(index) => {
            out.push(kind::FUNC);
            put_varint(out, u64::from(*index));
        }
    }
}

/// The encoding of a constant.
pub fn encode(constant: &Const) -> Vec<u8> {
    let mut out = Vec::new();
    put_const(&mut out, constant);
    out
}

/// The constant that all of `bytes` encode.
///
/// Rejects everything that [`encode`] does not make (chain.md 2.3).
pub fn decode(bytes: &[u8]) -> Result<Const, DecodeError> {
    let mut reader = Reader::new(bytes);
    let constant = reader.constant()?;
    reader.end()?;
    Ok(constant)
}

/// Takes encoded things from the front of bytes.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// The bytes that are not yet read.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Fails unless everything is read.
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::LeftOver) }
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(DecodeError::CutOff)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next byte.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        let (&first, rest) = self.rest.split_first().ok_or(DecodeError::CutOff)?;
        self.rest = rest;
        Ok(first)
    }

    /// The next bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (&taken, rest) = self.rest.split_first_chunk().ok_or(DecodeError::CutOff)?;
        self.rest = rest;
        Ok(taken)
    }

    /// A varint.
    #[inline]
    pub fn varint(&mut self) -> Result<u64, DecodeError> {
        u64::try_from(self.long_varint()?).map_err(|_| DecodeError::Varint)
    }

    /// A varint of at most 65 bits: a number of 64 bits and 1.
    pub fn long_varint(&mut self) -> Result<u128, DecodeError> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(first.into());
        }
        let mut n = u128::from(first & 0x7f);
        for shift in (7..=63).step_by(7) {
            let byte = self.byte()?;
            n |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let fits = byte != 0 && n <= 1 << 64;
                return if fits { Ok(n) } else { Err(DecodeError::Varint) };
            }
        }
        Err(DecodeError::Varint)
    }

    /// A varint of at most 32 bits.
    #[inline]
    pub fn varint32(&mut self) -> Result<u32, DecodeError> {
        u32::try_from(self.varint()?).map_err(|_| DecodeError::Range)
    }

    /// A varint that counts things of at least `size` bytes each which follow.
    pub fn count(&mut self, size: usize) -> Result<usize, DecodeError> {
        let n = usize::try_from(self.varint()?).map_err(|_| DecodeError::CutOff)?;
        if n.saturating_mul(size) > self.rest.len() { Err(DecodeError::CutOff) } else { Ok(n) }
    }

    /// A length and that many bytes.
    pub fn seg(&mut self) -> Result<&'a [u8], DecodeError> {
        let n = self.count(1)?;
        self.take(n)
    }

    /// A seg that is UTF-8.
    pub fn text(&mut self) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.seg()?).map_err(|_| DecodeError::Utf8)
    }

    /// An integer without its kind.
    pub fn int(&mut self) -> Result<Const, DecodeError> {
        let bytes = self.seg()?;
        let long = match bytes {
            [0] => true,
            [first, second, ..] => matches!((first, second & 0x80), (0, 0) | (0xff, 0x80)),
            _ => false,
        };
        if long {
            return Err(DecodeError::LongInt);
        }
        let Some(&first) = bytes.first() else { return Ok(Const::Int(0)) };
        if bytes.len() <= 8 {
            let mut n = if first & 0x80 != 0 { -1 } else { 0 };
            bytes.iter().for_each(|&b| n = n << 8 | i64::from(b));
            return Ok(Const::Int(n));
        }
        // One more byte than the magnitude may have is needed for the sign.
        if bytes.len() as u64 > MAX_INT_BITS / 8 + 1 {
            return Err(DecodeError::HugeInt);
        }
        let n = BigInt::from_signed_bytes_be(bytes);
        if n.bits() > MAX_INT_BITS { Err(DecodeError::HugeInt) } else { Ok(Const::Big(Arc::new(n))) }
    }

    /// A constant.
    pub fn constant(&mut self) -> Result<Const, DecodeError> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Result<Const, DecodeError> {
        let kind = self.byte()?;
        if matches!(kind, kind::LIST | kind::MAP) && depth == MAX_DEPTH {
            return Err(DecodeError::Depth);
        }
        Ok(match kind {
            kind::NULL => Const::Null,
            kind::FALSE => Const::Bool(false),
            kind::TRUE => Const::Bool(true),
            kind::INT => self.int()?,
            kind::FLOAT => {
                let f = f64::from_bits(u64::from_be_bytes(self.array()?));
                if f.is_nan() && f.to_bits() != float_bits(f) {
                    return Err(DecodeError::Nan);
                }
                Const::Float(f)
            }
            kind::STR => Const::Str(self.text()?.into()),
            kind::BYTES => Const::Bytes(self.seg()?.into()),
            kind::LIST => {
                let n = self.count(1)?;
                let mut items = Vec::with_capacity(n.min(RESERVED));
                for _ in 0..n {
                    items.push(self.nested(depth + 1)?);
                }
                Const::List(items.into())
            }
            kind::MAP => self.map(depth)?,
            kind::FUNC => Const::Func(self.varint32()?),
            other => return Err(DecodeError::Kind(other)),
        })
    }

    fn map(&mut self, depth: usize) -> Result<Const, DecodeError> {
        let n = self.count(2)?;
        let mut entries = Vec::with_capacity(n.min(RESERVED));
        let mut seen = HashSet::new();
        for _ in 0..n {
            let start = self.rest;
            match start.first() {
                Some(&(kind::STR | kind::INT | kind::FALSE | kind::TRUE)) => (),
                Some(_) => return Err(DecodeError::KeyKind),
                None => return Err(DecodeError::CutOff),
            }
            let key = self.nested(depth)?;
            let read = start.len() - self.rest.len();
            if !seen.insert(start.get(..read).unwrap_or_default()) {
                return Err(DecodeError::KeyTwice);
            }
            entries.push((key, self.nested(depth + 1)?));
        }
        Ok(Const::Map(entries.into()))
    }
}
