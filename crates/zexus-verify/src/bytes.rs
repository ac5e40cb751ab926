//! Varints, segments and big-endian numbers (chain.md 1.1), written and strictly read.

use alloc::vec::Vec;
use core::fmt;

/// Why bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for Malformed {}

const CUT: Malformed = Malformed("it is cut off");

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

/// Reads bytes from the front.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Refuses bytes that are left over.
    ///
    /// # Errors
    /// If something was not read.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed("bytes are left over")) }
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// If there are fewer.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or(CUT)?;
        self.rest = rest;
        Ok(head)
    }

    /// The next bytes, as many as the array has.
    ///
    /// # Errors
    /// If there are fewer.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(CUT)?;
        self.rest = rest;
        Ok(*head)
    }

    /// The next byte.
    ///
    /// # Errors
    /// If there is none.
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        self.array().map(|[byte]| byte)
    }

    /// Refuses anything but these bytes: a tag and its version.
    ///
    /// # Errors
    /// If others follow.
    pub fn expect(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        if self.take(bytes.len())? == bytes { Ok(()) } else { Err(Malformed("another tag or version")) }
    }

    /// A `u64`.
    ///
    /// # Errors
    /// If it is cut off.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_be_bytes)
    }

    /// An `i64`.
    ///
    /// # Errors
    /// If it is cut off.
    pub fn i64(&mut self) -> Result<i64, Malformed> {
        self.array().map(i64::from_be_bytes)
    }

    /// A `u32`.
    ///
    /// # Errors
    /// If it is cut off.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    /// A `u16`.
    ///
    /// # Errors
    /// If it is cut off.
    pub fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_be_bytes)
    }

    /// A varint.
    ///
    /// # Errors
    /// If it is longer than needed or beyond 64 bits.
    pub fn varint(&mut self) -> Result<u64, Malformed> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if shift == 63 && low > 1 {
                break;
            }
            n |= low << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(Malformed("a long varint")) } else { Ok(n) };
            }
        }
        Err(Malformed("a varint beyond 64 bits"))
    }

    /// A number of things that follow, each of at least one byte.
    ///
    /// # Errors
    /// If there are not as many bytes left.
    pub fn count(&mut self) -> Result<usize, Malformed> {
        let n = usize::try_from(self.varint()?).map_err(|_| CUT)?;
        if n > self.rest.len() { Err(CUT) } else { Ok(n) }
    }

    /// A segment.
    ///
    /// # Errors
    /// If it is cut off.
    pub fn seg(&mut self) -> Result<&'a [u8], Malformed> {
        let n = self.count()?;
        self.take(n)
    }

    /// A segment of UTF-8.
    ///
    /// # Errors
    /// If it is cut off or not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        core::str::from_utf8(self.seg()?).map_err(|_| Malformed("text that is not UTF-8"))
    }
}
