//! Text and checks (language.md 18.5).

use std::sync::Arc;

use zexus_bytecode::num;

use super::{arg, checks, rows, sanitize, text_of};
use crate::machine::Machine;
use crate::methods::{list, string};
use crate::ops::{integer_of, num_of};
use crate::trap::Trap;
use crate::value::Value;

rows! {
    ROWS in "";
    /// In upper case.
    ["uppercase"] (s: Str) gas TextMade => Plain(string::upper);
    /// In lower case.
    ["lowercase"] (s: Str) gas TextMade => Plain(string::lower);
    /// The parts between separators; an empty separator gives the characters.
    ["split"] (s: Str, sep: Str) gas Parts => Plain(string::split);
    /// The display forms of the items in one string.
    ["join"] (l: List, sep: Str = "\"\"") gas Text => Plain(list::join);
    /// Whether the regular expression `p` matches at the start of `s`.
    ["matches_pattern"] (s: Str, p: Str) gas Pattern => Plain(matches_pattern);
    /// Whether `s` has the form `name@host.tld`.
    ["is_email"] (s: Str) gas Text => Plain(is_email);
    /// Whether `s` starts with `http://` or `https://` and a host.
    ["is_url"] (s: Str) gas Text => Plain(is_url);
    /// Whether `s` has 7 to 15 digits, with `+ - ( )` and spaces.
    ["is_phone"] (s: Str) gas Text => Plain(is_phone);
    /// Whether `x` is a number, or text written as one.
    ["is_numeric"] (x: Any) gas Text => Plain(is_numeric);
    /// Whether `s` consists of ASCII letters.
    ["is_alpha"] (s: Str) gas Text => Plain(is_alpha);
    /// Whether `s` consists of ASCII letters and digits.
    ["is_alphanumeric"] (s: Str) gas Text => Plain(is_alphanumeric);
    /// Whether `s` has from `min` to `max` characters.
    ["validate_length"] (s: Str, min: Int, max: Int) gas Text => Plain(validate_length);
    /// `"weak"`, `"medium"` or `"strong"`.
    ["password_strength"] (s: Str) gas Text => Plain(password_strength);
    /// The display form of `x`, escaped for `html`, `url`, `js`, `sql` or `shell`.
    ["sanitize"] (x: Any, mode: Str = "\"html\"") gas Text => Plain(sanitize::sanitize);
    /// Without NUL, with line ends as `\n`.
    ["sanitize_input"] (s: Str) gas TextMade => Plain(sanitize::sanitize_input);
}

/// Bytes that a compiled pattern may take; larger ones are E0425.
const PATTERN_BYTES: usize = 1 << 21;

fn matches_pattern(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (text, pattern) = (text_of(m, args, 0), text_of(m, args, 1));
    match regex::RegexBuilder::new(&pattern).size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES).build() {
        // The leftmost match starts at 0 if any match does.
        Ok(regex) => Ok(Value::bool(regex.find(&text).is_some_and(|found| found.start() == 0))),
        Err(regex::Error::CompiledTooBig(_)) => Err(m.error(425, "the pattern is too large")),
        Err(_) => Err(m.error(425, "malformed pattern")),
    }
}

/// Declares builtins that ask something of a text.
macro_rules! of_text {
    ($( $name:ident; )*) => { $(
        fn $name(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
            let text: Arc<str> = text_of(m, args, 0);
            Ok(Value::bool(checks::$name(&text)))
        }
    )* };
}

of_text! { is_email; is_url; is_phone; is_alpha; is_alphanumeric; }

fn is_numeric(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let v = arg(args, 0);
    let numeric = num_of(m, v).is_some() || m.text(v).is_some_and(|text| checks::is_numeric(text));
    Ok(Value::bool(numeric))
}

fn validate_length(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let chars = arg(args, 0).as_str().map_or(0, |s| m.heap.str(s).chars);
    let order = |i: usize| {
        integer_of(m, arg(args, i)).and_then(|n| num::compare(num::Num::Int(i64::from(chars)), n.into()))
    };
    Ok(Value::bool(order(1).is_some_and(|o| o.is_ge()) && order(2).is_some_and(|o| o.is_le())))
}

fn password_strength(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of(m, args, 0);
    let chars = text.chars().count();
    let has = |class: fn(char) -> bool| text.chars().any(class);
    let points = [
        chars >= 8,
        chars >= 12,
        has(|c| c.is_lowercase()),
        has(|c| c.is_uppercase()),
        has(|c| c.is_ascii_digit()),
        has(|c| !c.is_lowercase() && !c.is_uppercase() && !c.is_ascii_digit()),
    ];
    m.string(match points.iter().filter(|p| **p).count() {
        0..=2 => "weak",
        3..=4 => "medium",
        _ => "strong",
    })
}
