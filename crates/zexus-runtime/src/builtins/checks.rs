//! Forms that texts may be asked for (language.md 18.5).

use zexus_bytecode::num::{self, ParseNumberError};

/// `name@host.tld`.
pub(crate) fn is_email(s: &str) -> bool {
    let Some((name, host)) = s.split_once('@') else { return false };
    let name_byte = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b);
    !name.is_empty()
        && name.bytes().all(name_byte)
        && host.contains('.')
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
