//! `@zexus` comments, which set options (language.md 21.1).

use crate::report::Reports;
use crate::span::Span;
use crate::token::{Token, TokenKind};
use zexus_codes::Code;

/// Directives count in this many lines at the start of a file.
const LINES: usize = 25;

/// More keys than this in one file are ignored, so that a hostile comment costs no memory.
const MAX_KEYS: usize = 100;

/// One key of a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The key as it is written.
    pub key: String,
    /// The value as it is written, without quotes.
    pub value: String,
    /// The place of key and value; of the whole text if it is JSON.
    pub span: Span,
    /// What it sets; nothing if W0907 was reported.
    pub setting: Option<Setting>,
}

/// A valid setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// `gas_limit`
    GasLimit(u64),
    /// `optimize`, 0 to 3
    Optimize(u8),
    /// `tier`
    Tier(TierSetting),
    /// `strict_transactions`
    StrictTransactions(bool),
    /// `trace`
    Trace(bool),
}

/// The values of `tier`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierSetting {
    /// `auto`
    Auto,
    /// 0, 1 or 2
    Fixed(u8),
}

/// Finds the directives in the first lines of a text and reports those without effect (W0907).
pub(crate) fn directives(text: &str, tokens: &[Token], reports: &mut Reports) -> Vec<Directive> {
    let mut found = Vec::new();
    let mut line = 1;
    for token in tokens {
        if line > LINES {
            break;
        }
        let source = token.span.text(text);
        if token.kind == TokenKind::Comment {
            comment(source, token.span, LINES - line + 1, &mut found, reports);
        }
        line += line_ends(source);
    }
    found
}

/// Number of line ends in a text, which may stop counting above [`LINES`].
fn line_ends(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ends =
        |(at, &byte): (usize, &u8)| byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    bytes.iter().enumerate().filter(|&item| ends(item)).take(LINES + 1).count()
}

fn comment(source: &str, span: Span, lines: usize, found: &mut Vec<Directive>, reports: &mut Reports) {
    const MARK: &str = "@zexus";
    let offset = |part: &str| {
        let before = (part.as_ptr() as usize).saturating_sub(source.as_ptr() as usize);
        span.start + u32::try_from(before).unwrap_or(0)
    };
    let in_first_lines = |piece: &&str| {
        let before = (offset(piece) - span.start) as usize;
        line_ends(source.get(..before).unwrap_or("")) < lines
    };
    for line in source.split(['\n', '\r']).take_while(in_first_lines) {
        let Some(at) = line.find(MARK) else { continue };
        let rest = line.get(at + MARK.len()..).unwrap_or("");
        if rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_') {
            continue;
        }
        let rest = rest.trim_start_matches(':').trim().trim_start_matches(':').trim_start();
        let rest = rest.strip_suffix("*/").unwrap_or(rest).trim_end();
        let whole = Span::new(offset(rest), offset(rest) + u32::try_from(rest.len()).unwrap_or(0));
        if rest.starts_with('{') {
            json(rest, whole, found, reports);
            continue;
        }
        for part in rest.split(';') {
            let part = part.trim();
            if part.is_empty() {
                continue;
            }
            let start = offset(part);
            let place = Span::new(start, start + u32::try_from(part.len()).unwrap_or(0));
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().trim_matches('"');
            add(key.trim(), value, place, found, reports);
        }
    }
}

fn json(text: &str, span: Span, found: &mut Vec<Directive>, reports: &mut Reports) {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Ok(entries) => {
            for (key, value) in &entries {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                add(key, &value, span, found, reports);
            }
        }
        Err(_) => reports.add(Code::W0907, span, "this directive is not valid JSON", |d| {
            d.with_help("write `{\"gas_limit\": 5000}` or `gas_limit=5000; optimize=2`")
        }),
    }
}

fn add(key: &str, value: &str, span: Span, found: &mut Vec<Directive>, reports: &mut Reports) {
    if found.len() >= MAX_KEYS {
        return;
    }
    let boolean = || value.parse::<bool>().ok();
    let level = |most: u8| value.parse::<u8>().ok().filter(|&level| level <= most);
    let (setting, takes) = match key {
        "gas_limit" => (value.parse().ok().map(Setting::GasLimit), "a non-negative integer"),
        "optimize" => (level(3).map(Setting::Optimize), "0, 1, 2 or 3"),
        "tier" if value == "auto" => (Some(Setting::Tier(TierSetting::Auto)), ""),
        "tier" => (level(2).map(TierSetting::Fixed).map(Setting::Tier), "0, 1, 2 or auto"),
        "strict_transactions" => (boolean().map(Setting::StrictTransactions), "true or false"),
        "trace" => (boolean().map(Setting::Trace), "true or false"),
        _ => (None, ""),
    };
    if setting.is_none() {
        let shown: String = key.chars().take(40).collect();
        let (message, help) = if takes.is_empty() {
            (
                format!("directive without effect: unknown key `{shown}`"),
                "keys are gas_limit, optimize, tier, strict_transactions and trace".to_owned(),
            )
        } else {
            (format!("directive without effect: bad value of `{shown}`"), format!("`{shown}` takes {takes}"))
        };
        reports.add(Code::W0907, span, message, |d| d.with_help(help));
    }
    found.push(Directive { key: key.to_owned(), value: value.to_owned(), span, setting });
}
