//! `zexus explain`.

use std::fmt::Write;

use zexus_syntax::Code;

use crate::output::{note, print};

/// Explains a code, or lists all; gives the exit code: 2 for an unknown code.
pub fn explain(code: Option<&str>) -> u8 {
    let Some(text) = code else { return print(&list()) };
    match find(text) {
        Some(code) => print(&format!("{code}: {}\n\n{}\n", code.title(), code.explanation().trim_end())),
        None => {
            note(&format!("error: there is no code '{text}'{}", suggestion(text)));
            note("help: `zexus explain` lists all codes");
            2
        }
    }
}

/// The code as people may write it: `E0405`, `e405`, `405`.
fn find(text: &str) -> Option<Code> {
    let digits = text.trim_start_matches(['E', 'e', 'W', 'w']);
    let number = digits.parse::<u16>().ok();
    Code::parse(text).or_else(|| {
        let number = number?;
        ["E", "W"].iter().find_map(|letter| Code::parse(&format!("{letter}{number:04}")))
    })
}

fn suggestion(text: &str) -> String {
    let close = Code::ALL
        .iter()
        .map(|code| (strsim::damerau_levenshtein(&text.to_uppercase(), code.as_str()), code))
        .min();
    match close {
        Some((1..=2, code)) => format!("; did you mean {code}?"),
        _ => String::new(),
    }
}

fn list() -> String {
    let mut out = String::new();
    for code in Code::ALL {
        let _ = writeln!(out, "{code}  {}", code.title());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_any_spelling() {
        for text in ["E0405", "e0405", "405", "E405", "0405"] {
            assert_eq!(find(text), Some(Code::E0405), "{text}");
        }
        assert_eq!(find("901"), Some(Code::W0901));
        assert_eq!(find("nonsense"), None);
    }

    #[test]
    fn a_typing_error_gets_a_suggestion() {
        assert_eq!(suggestion("E0O405"), "; did you mean E0405?");
        assert_eq!(suggestion("nonsense"), "");
    }
}
