//! Methods of strings (language.md 19.2); the module `string` has them as functions.

use std::sync::Arc;

use zexus_bytecode::schedule;

use crate::builtins::{arg, rows, text_of};
use crate::limits::REPEATED_CHARS;
use crate::machine::Machine;
use crate::ops::{self, out_of_range, place};
use crate::trap::Trap;
use crate::value::{Kind, Value};

rows! {
    ROWS in "@string";
    /// The number of characters.
    ["length", "size"] (s: Str) => Plain(length);
    /// Whether there are no characters.
    ["is_empty"] (s: Str) => Plain(is_empty);
    /// Whether `part` occurs.
    ["contains", "includes"] (s: Str, part: Str) gas Text => Plain(contains);
    /// Whether the string starts with `part`.
    ["starts_with"] (s: Str, part: Str) gas Text => Plain(starts_with);
    /// Whether the string ends with `part`.
    ["ends_with"] (s: Str, part: Str) gas Text => Plain(ends_with);
    /// The position of the first occurrence in characters, or -1.
    ["index_of"] (s: Str, part: Str) gas Text => Plain(index_of);
    /// The position of the last occurrence in characters, or -1.
    ["last_index_of"] (s: Str, part: Str) gas Text => Plain(last_index_of);
    /// The number of occurrences that do not overlap.
    ["count"] (s: Str, part: Str) gas Text => Plain(count);
    /// In upper case.
    ["to_upper", "upper", "toUpperCase"] (s: Str) gas TextMade => Plain(upper);
    /// In lower case.
    ["to_lower", "lower", "toLowerCase"] (s: Str) gas TextMade => Plain(lower);
    /// Without white space at both ends.
    ["trim", "strip"] (s: Str) gas TextMade => Plain(trim);
    /// Without white space at the start.
    ["trim_start"] (s: Str) gas TextMade => Plain(trim_start);
    /// Without white space at the end.
    ["trim_end"] (s: Str) gas TextMade => Plain(trim_end);
    /// Filled up at the start to `n` characters.
    ["pad_start"] (s: Str, n: Int, fill: Str = "\" \"") gas Text => Plain(pad_start);
    /// Filled up at the end to `n` characters.
    ["pad_end"] (s: Str, n: Int, fill: Str = "\" \"") gas Text => Plain(pad_end);
    /// The parts between separators; an empty separator gives the characters.
    ["split"] (s: Str, sep: Str = "\" \"") gas Parts => Plain(split);
    /// The lines without their ends.
    ["lines"] (s: Str) gas Parts => Plain(lines);
    /// The characters.
    ["chars"] (s: Str) gas Parts => Plain(chars);
    /// With all occurrences of `a` replaced by `b`.
    ["replace"] (s: Str, a: Str, b: Str) gas Text => Plain(replace);
    /// Repeated `n` times.
    ["repeat"] (s: Str, n: Int = "1") gas Text => Plain(repeat);
    /// The characters in the opposite order.
    ["reverse"] (s: Str) gas TextMade => Plain(reverse);
    /// The characters from `a` up to, not including, `b`.
    ["substring", "slice"] (s: Str, a: Int, b: Int = "null") gas Operation => Plain(super::list::slice);
    /// The character at a position, or `""`.
    ["char_at"] (s: Str, i: Int) gas Text => Plain(char_at);
    /// The code point at a position.
    ["code_at"] (s: Str, i: Int) gas Text => Plain(code_at);
}

/// The texts of the first two arguments.
fn two(m: &Machine, args: &[Value]) -> (Arc<str>, Arc<str>) {
    (text_of(m, args, 0), text_of(m, args, 1))
}

fn chars_of(m: &Machine, v: Value) -> u64 {
    v.as_str().map_or(0, |s| u64::from(m.heap.str(s).chars))
}

fn length(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::int(chars_of(m, arg(args, 0)) as i64))
}

fn is_empty(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::bool(chars_of(m, arg(args, 0)) == 0))
}

fn contains(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (s, part) = two(m, args);
    Ok(Value::bool(s.contains(&*part)))
}

fn starts_with(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (s, part) = two(m, args);
    Ok(Value::bool(s.starts_with(&*part)))
}

fn ends_with(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (s, part) = two(m, args);
    Ok(Value::bool(s.ends_with(&*part)))
}

/// A position in bytes as one in characters.
fn position(s: &str, byte: Option<usize>) -> Value {
    Value::int(byte.and_then(|b| s.get(..b)).map_or(-1, |before| before.chars().count() as i64))
}

fn index_of(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (s, part) = two(m, args);
    Ok(position(&s, s.find(&*part)))
}

fn last_index_of(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (s, part) = two(m, args);
    Ok(position(&s, s.rfind(&*part)))
}

fn count(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (s, part) = two(m, args);
    Ok(Value::int(s.matches(&*part).count() as i64))
}

/// `s.upper()`, `uppercase(s)`.
pub(crate) fn upper(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    // A character may become three.
    m.heap.room(3 * text.len() as u64)?;
    m.string(text.to_uppercase())
}

/// `s.lower()`, `lowercase(s)`.
pub(crate) fn lower(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    m.heap.room(3 * text.len() as u64)?;
    m.string(text.to_lowercase())
}

fn trim(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    m.string(text.trim())
}

fn trim_start(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    m.string(text.trim_start())
}

fn trim_end(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    m.string(text.trim_end())
}

/// What fills a string up to the length that is asked for.
fn padding(m: &mut Machine, args: &[Value]) -> Result<String, Trap> {
    let fill = if args.len() > 2 { text_of(m, args, 2) } else { " ".into() };
    let wanted = match arg(args, 1).kind() {
        Kind::Int(n) => n.max(0) as u64,
        Kind::BigInt(b) if m.heap.bigint(b).0.sign() == num_bigint::Sign::Minus => 0,
        _ => u64::MAX,
    };
    let missing = wanted.saturating_sub(chars_of(m, arg(args, 0)));
    let whole = text_of(m, args, 0).len();
    if missing == 0 || fill.is_empty() {
        m.charge_units(schedule::TEXT, whole)?;
        return Ok(String::new());
    }
    if missing > REPEATED_CHARS {
        return Err(
            m.error(419, format!("a padded string may have at most {REPEATED_CHARS} characters more"))
        );
    }
    let (chars, missing) = (fill.chars().count(), missing as usize);
    let rest = fill.char_indices().nth(missing % chars).map_or(0, |(at, _)| at);
    let bytes = fill.len() * (missing / chars) + rest;
    m.charge_units(schedule::TEXT, whole + bytes)?;
    m.heap.room((whole + bytes) as u64)?;
    let mut padding = fill.repeat(missing / chars);
    padding.push_str(fill.get(..rest).unwrap_or_default());
    Ok(padding)
}

fn pad_start(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = padding(m, args)? + &text_of(m, args, 0);
    m.string(text)
}

fn pad_end(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let padding = padding(m, args)?;
    let text = text_of(m, args, 0);
    m.string([&*text, &padding].concat())
}

/// A list of strings.
fn strings<'a>(m: &mut Machine, parts: impl Iterator<Item = &'a str>) -> Result<Value, Trap> {
    let mut items = Vec::new();
    for part in parts {
        items.push(m.string(part)?);
    }
    m.list(items)
}

/// `s.split(sep)`, `split(s, sep)`.
pub(crate) fn split(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    let sep = if args.len() > 1 { text_of(m, args, 1) } else { " ".into() };
    if sep.is_empty() { chars(m, args) } else { strings(m, text.split(&*sep)) }
}

fn lines(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    strings(m, text.lines())
}

fn chars(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    strings(m, text.split("").filter(|part| !part.is_empty()))
}

fn replace(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (text, from) = two(m, args);
    let to = text_of(m, args, 2);
    let found = text.matches(&*from).count() as u64;
    let bytes = text.len() as u64 - found * from.len() as u64 + found.saturating_mul(to.len() as u64);
    m.charge_units(schedule::TEXT, bytes as usize)?;
    m.heap.room(bytes)?;
    m.string(text.replace(&*from, &to))
}

fn repeat(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    ops::mul(m, arg(args, 0), args.get(1).copied().unwrap_or(Value::int(1)))
}

fn reverse(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    m.string(text.chars().rev().collect::<String>())
}

/// The character at an integer argument.
fn at(m: &Machine, args: &[Value]) -> Option<String> {
    let s = arg(args, 0).as_str()?;
    let at = place(arg(args, 1).as_int()?, chars_of(m, arg(args, 0)))?;
    Some(ops::char_at(m.heap.str(s), at))
}

fn char_at(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = at(m, args).unwrap_or_default();
    m.string(text)
}

fn code_at(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    match at(m, args).and_then(|text| text.chars().next()) {
        Some(c) => Ok(Value::int(i64::from(u32::from(c)))),
        None => {
            let shown = crate::display::display(m, arg(args, 1))?;
            Err(out_of_range(m, arg(args, 0), shown))
        }
    }
}
