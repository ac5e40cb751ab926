//! Literals of the assembler.

use std::fmt::{self, Write};
use std::sync::Arc;

use num_bigint::BigInt;

use crate::constant::Const;
use crate::encode::MAX_DEPTH;
use crate::listing::write_items;
use crate::num::{MAX_INT_BITS, format_float};

/// Decimal digits of the largest integer.
const MAX_DIGITS: usize = 1234;

/// Writes a constant as a literal.
pub(super) fn write_literal(out: &mut dyn Write, constant: &Const) -> fmt::Result {
    match constant {
        Const::Null => out.write_str("null"),
        Const::Bool(b) => write!(out, "{b}"),
        Const::Int(i) => write!(out, "{i}"),
        Const::Big(i) => write!(out, "{i}"),
        Const::Float(f) => out.write_str(&format_float(*f)),
        Const::Str(text) => write_json(out, text),
        Const::Bytes(bytes) => {
            out.write_str("x\"")?;
            bytes.iter().try_for_each(|b| write!(out, "{b:02x}"))?;
            out.write_char('"')
        }
        Const::List(items) => write_items(out, ['[', ']'], items, |out, item| write_literal(out, item)),
        Const::Map(entries) => write_items(out, ['{', '}'], entries, |out, (key, value)| {
            write_literal(out, key)?;
            out.write_str(": ")?;
            write_literal(out, value)
        }),
        Const::Func(index) => write!(out, "@{index}"),
    }
}

/// Writes a JSON string.
pub(super) fn write_json(out: &mut dyn Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\u{8}' => out.write_str("\\b")?,
            '\t' => out.write_str("\\t")?,
            '\n' => out.write_str("\\n")?,
            '\u{c}' => out.write_str("\\f")?,
            '\r' => out.write_str("\\r")?,
            c if c < ' ' => write!(out, "\\u{:04x}", u32::from(c))?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}

/// What is left of a line.
pub(super) struct Cursor<'a> {
    rest: &'a str,
}

type Read<T> = Result<T, String>;

impl<'a> Cursor<'a> {
    /// A cursor at the first item of a line.
    pub fn new(line: &'a str) -> Cursor<'a> {
        let mut cursor = Cursor { rest: line };
        cursor.skip_space();
        cursor
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Whether only a comment follows.
    pub fn at_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with(';')
    }

    /// Fails unless only a comment follows.
    pub fn end(&self) -> Read<()> {
        if self.at_end() { Ok(()) } else { Err(format!("unexpected {}", self.shown())) }
    }

    /// Whether a string follows.
    pub fn at_string(&self) -> bool {
        self.rest.starts_with('"')
    }

    fn shown(&self) -> String {
        match self.rest.split([' ', '\t']).next() {
            Some("") | None => "end of line".to_owned(),
            Some(word) => format!("'{}'", word.chars().take(40).collect::<String>()),
        }
    }

    /// A run of characters up to white space or a comment; empty if there is none.
    pub fn word(&mut self) -> &'a str {
        let end = self.rest.find([' ', '\t', ';', '"']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.skip_space();
        word
    }

    /// A decimal number.
    pub fn number<T: std::str::FromStr>(&mut self) -> Read<T> {
        let shown = self.shown();
        let word = self.word();
        let digits = word.bytes().all(|b| b.is_ascii_digit());
        if digits { word.parse().ok() } else { None }
            .ok_or_else(|| format!("expected a number, found {shown}"))
    }

    fn eat(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                self.skip_space();
                true
            }
            None => false,
        }
    }

    /// A JSON string.
    pub fn string(&mut self) -> Read<String> {
        let Some(body) = self.rest.strip_prefix('"') else {
            return Err(format!("expected a string, found {}", self.shown()));
        };
        let mut out = String::new();
        let mut chars = body.chars();
        loop {
            match chars.next() {
                Some('"') => break,
                Some('\\') => out.push(escape(&mut chars)?),
                Some(c) if c >= ' ' => out.push(c),
                Some(_) => return Err("control character in string".to_owned()),
                None => return Err("string without end".to_owned()),
            }
        }
        self.rest = chars.as_str();
        self.skip_space();
        Ok(out)
    }

    /// A literal.
    pub fn literal(&mut self) -> Read<Const> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Read<Const> {
        if depth == MAX_DEPTH && self.rest.starts_with(['[', '{']) {
            return Err("nested more than 64 deep".to_owned());
        }
        if self.at_string() {
            return Ok(Const::Str(self.string()?.into()));
        }
        if let Some(rest) = self.rest.strip_prefix('x').filter(|rest| rest.starts_with('"')) {
            self.rest = rest;
            return hex(&self.string()?).map(|bytes| Const::Bytes(bytes.into()));
        }
        if self.eat('@') {
            return self.scalar_text().parse().map(Const::Func).map_err(|_| "malformed function".to_owned());
        }
        if self.eat('[') {
            let mut items = Vec::new();
            while !self.eat(']') {
                self.separator(items.is_empty())?;
                items.push(self.nested(depth + 1)?);
            }
            return Ok(Const::List(items.into()));
        }
        if self.eat('{') {
            let mut entries = Vec::new();
            while !self.eat('}') {
                self.separator(entries.is_empty())?;
                let key = self.nested(depth + 1)?;
                if !self.eat(':') {
                    return Err(format!("expected ':', found {}", self.shown()));
                }
                entries.push((key, self.nested(depth + 1)?));
            }
            return Ok(Const::Map(entries.into()));
        }
        let shown = self.shown();
        scalar(self.scalar_text()).ok_or_else(|| format!("malformed literal {shown}"))
    }

    fn separator(&mut self, first: bool) -> Read<()> {
        if first || self.eat(',') { Ok(()) } else { Err(format!("expected ',', found {}", self.shown())) }
    }

    fn scalar_text(&mut self) -> &'a str {
        let end = self.rest.find([' ', '\t', ';', ',', ':', ']', '}', '"']).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.skip_space();
        text
    }
}

fn scalar(text: &str) -> Option<Const> {
    match text {
        "null" => return Some(Const::Null),
        "true" => return Some(Const::Bool(true)),
        "false" => return Some(Const::Bool(false)),
        "inf" => return Some(Const::Float(f64::INFINITY)),
        "-inf" => return Some(Const::Float(f64::NEG_INFINITY)),
        "nan" => return Some(Const::Float(f64::NAN)),
        _ => (),
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        if let Ok(small) = text.parse::<i64>() {
            return Some(Const::Int(small));
        }
        // Reading decimal digits takes quadratic time, so their number is bounded first.
        let digits = digits.trim_start_matches('0');
        let n: BigInt = (digits.len() <= MAX_DIGITS).then(|| text.parse().ok())??;
        return match i64::try_from(&n) {
            Ok(small) => Some(Const::Int(small)),
            Err(_) => (n.bits() <= MAX_INT_BITS).then(|| Const::Big(Arc::new(n))),
        };
    }
    if !digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-')) {
        return None;
    }
    text.parse::<f64>().ok().filter(|f| f.is_finite()).map(Const::Float)
}

fn hex(text: &str) -> Read<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(pair).collect();
    bytes.ok_or_else(|| "malformed bytes".to_owned())
}

fn escape(chars: &mut std::str::Chars<'_>) -> Read<char> {
    Ok(match chars.next() {
        Some(c @ ('"' | '\\' | '/')) => c,
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => {
            let mut unit = hex4(chars)?;
            if (0xd800..0xdc00).contains(&unit) {
                let low =
                    if chars.next() == Some('\\') && chars.next() == Some('u') { hex4(chars)? } else { 0 };
                if !(0xdc00..0xe000).contains(&low) {
                    return Err("half of a surrogate pair".to_owned());
                }
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            }
            char::from_u32(unit).ok_or_else(|| "half of a surrogate pair".to_owned())?
        }
        _ => return Err("malformed escape in string".to_owned()),
    })
}

fn hex4(chars: &mut std::str::Chars<'_>) -> Read<u32> {
    let mut unit = 0;
    for _ in 0..4 {
        let digit = chars.next().and_then(|c| c.to_digit(16));
        unit = unit << 4 | digit.ok_or_else(|| "malformed escape in string".to_owned())?;
    }
    Ok(unit)
}
