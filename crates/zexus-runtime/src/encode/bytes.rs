//! Varints, segments and integers (chain.md 1.1, 2.2), written and strictly read.

use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::{BigIntOr, kind};
use crate::key::Key;

/// Bits that the magnitude of an integer may have (language.md 4.3).
const INT_BITS: u64 = 4096;

/// Appends unsigned LEB128 of least length.
pub fn put_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Appends the length and then the bytes.
pub fn put_seg(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends an integer without its kind: the number of bytes, and two's complement with as few as possible; 0 has none.
pub fn put_int(out: &mut Vec<u8>, n: &BigIntOr<'_>) {
    match n {
        BigIntOr::Small(0) => out.push(0),
        BigIntOr::Small(i) => {
            let bytes = i.to_be_bytes();
            let redundant = if *i < 0 { i.leading_ones() } else { i.leading_zeros() };
            // The sign bit stays.
            let skip = (redundant.saturating_sub(1) / 8) as usize;
            put_seg(out, bytes.get(skip..).unwrap_or(&bytes));
        }
        BigIntOr::Big(b) => put_seg(out, &b.to_signed_bytes_be()),
    }
}

/// Reads bytes from the front. Errors say what is wrong with them.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next byte.
    ///
    /// # Errors
    /// If there is none.
    pub fn byte(&mut self) -> Result<u8, &'static str> {
        let (first, rest) = self.rest.split_first().ok_or("it is cut off")?;
        self.rest = rest;
        Ok(*first)
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// If there are fewer.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], &'static str> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or("it is cut off")?;
        self.rest = rest;
        Ok(head)
    }

    /// The next bytes, as many as the array has.
    ///
    /// # Errors
    /// If there are fewer.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        self.take(N)?.try_into().map_err(|_| "it is cut off")
    }

    /// A varint.
    ///
    /// # Errors
    /// If it is longer than needed or beyond 64 bits.
    pub fn varint(&mut self) -> Result<u64, &'static str> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let b = self.byte()?;
            let low = u64::from(b & 0x7f);
            if shift == 63 && low > 1 {
                return Err("a varint beyond 64 bits");
            }
            n |= low << shift;
            if b & 0x80 == 0 {
                return if b == 0 && shift > 0 { Err("a long varint") } else { Ok(n) };
            }
        }
        Err("a varint beyond 64 bits")
    }

    /// A number of things that follow, each of at least one byte.
    ///
    /// # Errors
    /// If there are not as many bytes left.
    pub fn count(&mut self) -> Result<usize, &'static str> {
        let n = usize::try_from(self.varint()?).map_err(|_| "it is cut off")?;
        if n > self.rest.len() { Err("it is cut off") } else { Ok(n) }
    }

    /// A segment.
    ///
    /// # Errors
    /// If it is cut off.
    pub fn seg(&mut self) -> Result<&'a [u8], &'static str> {
        let n = self.count()?;
        self.take(n)
    }

    /// A segment of UTF-8.
    ///
    /// # Errors
    /// If it is cut off or not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, &'static str> {
        std::str::from_utf8(self.seg()?).map_err(|_| "text that is not UTF-8")
    }

    /// An integer without its kind.
    ///
    /// # Errors
    /// If it is longer than needed or beyond 4,096 bits.
    pub fn int(&mut self) -> Result<Key, &'static str> {
        let bytes = self.seg()?;
        match bytes {
            [] => return Ok(Key::Int(0)),
            [0] | [0, 0..0x80, ..] | [0xff, 0x80..=0xff, ..] => return Err("a long integer"),
            _ => {}
        }
        let n = BigInt::from_signed_bytes_be(bytes);
        if n.bits() > INT_BITS {
            return Err("an integer beyond 4096 bits");
        }
        Ok(n.to_i64().map_or_else(|| Key::Big(Arc::new(n)), Key::Int))
    }

    /// A map key: a string, an integer or a boolean.
    ///
    /// # Errors
    /// If it is something else.
    pub fn key(&mut self) -> Result<Key, &'static str> {
        match self.byte()? {
            kind::STRING => Ok(Key::Str(self.text()?.into())),
            kind::INT => self.int(),
            kind::FALSE => Ok(Key::Bool(false)),
            kind::TRUE => Ok(Key::Bool(true)),
            _ => Err("a map key that is none"),
        }
    }
}
