//! `require`, `verify`, `validate`, and the forms that texts may be asked for (language.md 15.2, 16.5, 18.5).

use rustc_hash::FxHashSet;
use zexus_bytecode::num::{self, ParseNumberError};
use zexus_bytecode::prim::Prim;

use super::{arg, given};
use crate::display::display;
use crate::key::Key;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::trap::Trap;
use crate::types::{fits_named, fits_prim};
use crate::value::{Kind, Value};

/// The error of `require c, message` (E0501).
pub fn require_failed(m: &mut Machine, message: Option<Value>) -> Trap {
    match message.map(|v| display(m, v)) {
        None => m.error(501, "Requirement failed: Requirement not met"),
        Some(Ok(message)) => m.error(501, format!("Requirement failed: {message}")),
        Some(Err(trap)) => trap,
    }
}

/// The error of `verify c, message` (E0502).
pub fn verify_failed(m: &mut Machine, message: Option<Value>) -> Trap {
    match message.map(|v| display(m, v)) {
        None => m.error(502, "Verification failed"),
        Some(Ok(message)) => m.error(502, format!("Verification failed: {message}")),
        Some(Err(trap)) => trap,
    }
}

/// `require(c, m)`.
pub(crate) fn require(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    if arg(args, 0).truthy() { Ok(Value::TRUE) } else { Err(require_failed(m, given(args, 1))) }
}

/// `verify(c, m)`.
pub(crate) fn verify(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    if arg(args, 0).truthy() { Ok(Value::TRUE) } else { Err(verify_failed(m, given(args, 1))) }
}

/// `validate(x, schema)`, also as a statement: true, or E0415.
///
/// # Errors
/// E0415, E0424 for an unknown schema.
pub fn validate(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let mut todo = vec![(arg(args, 0), arg(args, 1), String::new())];
    // Values and schemas may contain themselves.
    let mut seen = FxHashSet::default();
    while let Some((v, schema, path)) = todo.pop() {
        let v = match v.kind() {
            Kind::Live(l) => crate::state::snapshot(m, l)?,
            _ => v,
        };
        match schema.kind() {
            Kind::Map(fields) => {
                if !seen.insert((v.tag() as u8, v.bits(), schema.bits())) {
                    continue;
                }
                let Kind::Map(map) = v.kind() else { return Err(misfit(m, &path, "map", v)) };
                let first = todo.len();
                let (map, fields) = (m.heap.map(map), m.heap.map(fields));
                let mut missing = None;
                for (key, schema) in fields.map.iter() {
                    let path = match key {
                        Key::Str(k) => format!("{path}.{k}"),
                        Key::Int(i) => format!("{path}[{i}]"),
                        Key::Bool(b) => format!("{path}[{b}]"),
                        Key::Big(b) => format!("{path}[{b}]"),
                    };
                    match map.map.get(key) {
                        Some(v) => todo.push((*v, *schema, path)),
                        None => {
                            missing = Some(path);
                            break;
                        }
                    }
                }
                if let Some(path) = missing {
                    let message = format!("Validation failed: '{}' is missing", path.trim_start_matches('.'));
                    return Err(m.error(415, message));
                }
                // The fields are checked in order.
                if let Some(added) = todo.get_mut(first..) {
                    added.reverse();
                }
            }
            Kind::Str(s) => {
                let name = m.heap.str(s).text.clone();
                let fits = match (format_of(&name), Prim::from_name(&name)) {
                    (Some(format), _) => m.text(v).is_some_and(|text| format(text)),
                    (None, Some(prim)) => fits_prim(m, v, prim),
                    (None, None) => return Err(m.error(424, format!("unknown schema '{name}'"))),
                };
                if !fits {
                    return Err(misfit(m, &path, &name, v));
                }
            }
            Kind::Type(_) | Kind::Contract(_) | Kind::Enum(_) => {
                if !fits_named(m, v, schema) {
                    let expected = display(m, schema)?;
                    return Err(misfit(m, &path, &expected, v));
                }
            }
            _ => {
                let message = format!("a schema is a string or a map, not {}", type_name(m, schema));
                return Err(m.error(424, message));
            }
        }
    }
    Ok(Value::TRUE)
}

#[cold]
fn misfit(m: &mut Machine, path: &str, expected: &str, found: Value) -> Trap {
    let place = path.trim_start_matches('.');
    let at = if place.is_empty() { String::new() } else { format!(" for '{place}'") };
    let message = format!("Validation failed{at}: expected {expected}, got {}", type_name(m, found));
    m.error(415, message)
}

/// The test of a format that a schema may name.
fn format_of(name: &str) -> Option<fn(&str) -> bool> {
    Some(match name {
        "email" => is_email,
        "url" => is_url,
        "phone" => is_phone,
        "uuid" => is_uuid,
        "ipv4" => |s| s.parse::<std::net::Ipv4Addr>().is_ok(),
        "ipv6" => |s| s.parse::<std::net::Ipv6Addr>().is_ok(),
        "alpha" => is_alpha,
        "alphanumeric" => is_alphanumeric,
        "numeric" => is_numeric,
        _ => return None,
    })
}

/// `name@host.tld`.
pub(crate) fn is_email(s: &str) -> bool {
    let Some((name, host)) = s.split_once('@') else { return false };
    let Some((_, tld)) = host.rsplit_once('.') else { return false };
    let name_byte = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b);
    !name.is_empty()
        && name.bytes().all(name_byte)
        && tld.len() >= 2
        && host
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

/// `http(s)://host…`.
pub(crate) fn is_url(s: &str) -> bool {
    let rest = s.strip_prefix("http://").or_else(|| s.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_alphanumeric() || c == '[') && !rest.contains(char::is_whitespace)
    })
}

/// 7–15 digits with `+ - ( )` and spaces.
pub(crate) fn is_phone(s: &str) -> bool {
    let digits = s.bytes().filter(u8::is_ascii_digit).count();
    (7..=15).contains(&digits) && s.bytes().all(|b| b.is_ascii_digit() || b"+-() ".contains(&b))
}

/// A number as in language.md 2.5, with an optional sign.
pub(crate) fn is_numeric(s: &str) -> bool {
    !matches!(num::parse_number(s), Err(ParseNumberError::Malformed))
}

/// ASCII letters, at least one.
pub(crate) fn is_alpha(s: &str) -> bool {
    !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphabetic())
}

/// ASCII letters and digits, at least one.
pub(crate) fn is_alphanumeric(s: &str) -> bool {
    !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(s: &str) -> bool {
    let lengths: Vec<usize> = s.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && s.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}
