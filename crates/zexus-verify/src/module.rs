//! Files of modules (`.zxc`): their frame and content hash (bytecode.md 3.3, 3.6), not what is in them.

use crate::bytes::{Malformed, Reader};
use crate::hash::{Hash, sha256};

/// Magic, version 1, and a zero, both little-endian.
const HEAD: &[u8] = b"\x89ZXC\r\n\x1a\n\x01\0\0\0";

/// The content hash of a module.
///
/// # Errors
/// If the file is damaged or of another version.
pub fn content_hash(file: &[u8]) -> Result<Hash, Malformed> {
    let (body, sum) = file.split_last_chunk::<32>().ok_or(Malformed("it is cut off"))?;
    if sha256(&[body]) != *sum {
        return Err(Malformed("its checksum is wrong"));
    }
    let mut r = Reader::new(body);
    r.expect(HEAD)?;
    let sections = r.rest();
    let mut content = 0;
    let mut last = 0;
    while !r.rest().is_empty() {
        let number = r.byte()?;
        if number <= last || number > 4 {
            return Err(Malformed("sections out of order"));
        }
        let length = u32::from_le_bytes(r.array()?);
        r.take(length as usize)?;
        last = number;
        match number {
            2 => content = sections.len() - r.rest().len(),
            // Sections 1 and 2 are required, so the first is 1 and nothing comes between them.
            3.. if content == 0 => return Err(Malformed("a section is missing")),
            _ => {}
        }
    }
    match sections.split_at_checked(content) {
        Some((content @ [1, ..], _)) => Ok(sha256(&[b"ZXMOD\x01", content])),
        _ => Err(Malformed("a section is missing")),
    }
}
