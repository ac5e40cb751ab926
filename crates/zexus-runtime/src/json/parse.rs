//! Reading JSON (RFC 8259).

use zexus_bytecode::num::{self, NumError, NumResult, ParseNumberError};
use zexus_bytecode::schedule;

use crate::key::Key;
use crate::machine::Machine;
use crate::object::MapObj;
use crate::ops::{finish, float_too_large};
use crate::ordered::OrderedMap;
use crate::trap::Trap;
use crate::value::Value;

/// A container that is being read.
enum Frame {
    List(Vec<Value>),
    Map(OrderedMap<Key, Value>, Key),
}

/// What is counted for a container that is not complete, an item and an entry of it.
const FRAME_BYTES: u64 = 128;
const ITEM_BYTES: u64 = 16;
const ENTRY_BYTES: u64 = 48;

/// The value that a JSON text stands for: objects become maps, numbers with a fraction or exponent floats, others integers; of
/// equal keys the last counts.
///
/// # Errors
/// E0425 with the position in characters, E0407, [`Trap::MemoryLimit`].
pub fn parse(m: &mut Machine, text: &str) -> Result<Value, Trap> {
    let mut p = Parser { text, at: 0 };
    let mut frames: Vec<Frame> = Vec::new();
    // Bytes of the containers that are not complete; those are counted when they become objects.
    let mut open: u64 = 0;
    loop {
        // A value starts here.
        m.heap.room(open)?;
        p.space();
        let mut value = match p.peek() {
            Some(b'[') => {
                p.at += 1;
                p.space();
                if p.peek() != Some(b']') {
                    open += FRAME_BYTES;
                    frames.push(Frame::List(Vec::new()));
                    continue;
                }
                p.at += 1;
                m.list(Vec::new())?
            }
            Some(b'{') => {
                p.at += 1;
                p.space();
                if p.peek() != Some(b'}') {
                    open += FRAME_BYTES;
                    let key = p.key(m)?;
                    frames.push(Frame::Map(OrderedMap::default(), key));
                    continue;
                }
                p.at += 1;
                Value::map(m.heap.alloc_map(MapObj::default())?)
            }
            _ => p.scalar(m)?,
        };
        // A value has ended: it goes into the innermost container, which may end too.
        loop {
            p.space();
            let Some(frame) = frames.last_mut() else {
                return if p.at == text.len() { Ok(value) } else { Err(p.error(m, "the end")) };
            };
            let (close, expected) = match frame {
                Frame::List(items) => {
                    open += ITEM_BYTES;
                    items.push(value);
                    (b']', "',' or ']'")
                }
                Frame::Map(map, key) => {
                    open += ENTRY_BYTES;
                    m.charge_units(schedule::MAP_ENTRY, 1)?;
                    map.insert(std::mem::replace(key, Key::Bool(false)), value);
                    (b'}', "',' or '}'")
                }
            };
            match p.peek() {
                Some(b',') => {
                    p.at += 1;
                    if let Frame::Map(_, key) = frame {
                        p.space();
                        *key = p.key(m)?;
                    }
                    break;
                }
                Some(b) if b == close => {
                    p.at += 1;
                    value = match frames.pop() {
                        Some(Frame::List(items)) => {
                            open = open.saturating_sub(FRAME_BYTES + ITEM_BYTES * items.len() as u64);
                            m.list(items)?
                        }
                        Some(Frame::Map(map, _)) => {
                            open = open.saturating_sub(FRAME_BYTES + ENTRY_BYTES * map.len() as u64);
                            Value::map(m.heap.alloc_map(MapObj { map, ..MapObj::default() })?)
                        }
                        None => value,
                    };
                }
                _ => return Err(p.error(m, expected)),
            }
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    /// The position in bytes.
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    #[cold]
    fn error(&self, m: &mut Machine, expected: &str) -> Trap {
        let position = self.text.get(..self.at).map_or(0, |t| t.chars().count());
        m.error(425, format!("malformed JSON at position {position}: expected {expected}"))
    }

    fn scalar(&mut self, m: &mut Machine) -> Result<Value, Trap> {
        match self.peek() {
            Some(b'"') => {
                let text = self.string(m)?;
                m.string(text)
            }
            Some(b'-' | b'0'..=b'9') => self.number(m),
            _ => {
                for (word, v) in [("null", Value::NULL), ("true", Value::TRUE), ("false", Value::FALSE)] {
                    if self.rest().starts_with(word) {
                        self.at += word.len();
                        return Ok(v);
                    }
                }
                Err(self.error(m, "a value"))
            }
        }
    }

    fn digits(&mut self) -> usize {
        let n = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += n;
        n
    }

    fn number(&mut self, m: &mut Machine) -> Result<Value, Trap> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let zero = self.peek() == Some(b'0');
        let digits = self.digits();
        if digits == 0 || zero && digits > 1 {
            return Err(self.error(m, "a number"));
        }
        let mut float = false;
        if self.peek() == Some(b'.') {
            float = true;
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.error(m, "a digit"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            float = true;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.error(m, "a digit"));
            }
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let number = if float { num::parse_float(text).map(NumResult::Float) } else { num::parse_int(text) };
        match number {
            Ok(n) => finish(m, Ok(n)),
            Err(ParseNumberError::TooLarge) if float => Err(float_too_large(m)),
            Err(ParseNumberError::TooLarge) => finish(m, Err(NumError::TooLarge)),
            Err(ParseNumberError::Malformed) => Err(self.error(m, "a number")),
        }
    }

    /// A key and the colon after it.
    fn key(&mut self, m: &mut Machine) -> Result<Key, Trap> {
        if self.peek() != Some(b'"') {
            return Err(self.error(m, "a key in quotes"));
        }
        let key = self.string(m)?;
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.error(m, "':'"));
        }
        self.at += 1;
        Ok(Key::Str(key.into()))
    }

    fn string(&mut self, m: &mut Machine) -> Result<String, Trap> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let plain = self.rest().bytes().take_while(|b| !matches!(b, b'"' | b'\\' | 0..=31)).count();
            out.push_str(self.rest().get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => match self.escape() {
                    Some(c) => out.push(c),
                    None => return Err(self.error(m, "an escape")),
                },
                _ => return Err(self.error(m, "a character or '\"'")),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let c = match self.text.as_bytes().get(self.at + 1)? {
            b'u' => return self.unicode(),
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            c @ (b'"' | b'\\' | b'/') => char::from(*c),
            _ => return None,
        };
        self.at += 2;
        Some(c)
    }

    /// `\uXXXX`, or two of them for a character beyond U+FFFF.
    fn unicode(&mut self) -> Option<char> {
        let high = self.unit(self.at)?;
        if !(0xd800..0xdc00).contains(&high) {
            let c = char::from_u32(high)?;
            self.at += 6;
            return Some(c);
        }
        let low = self.unit(self.at + 6)?;
        if !(0xdc00..0xe000).contains(&low) {
            return None;
        }
        self.at += 12;
        char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    }

    fn unit(&self, at: usize) -> Option<u32> {
        let hex = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        u32::from_str_radix(hex, 16).ok()
    }
}
