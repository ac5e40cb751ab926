//! `zexus doc`: builtins, methods, modules and keywords from their tables.

use std::collections::BTreeSet;
use std::fmt::Write;

use zexus_runtime::builtins::{self, Accept, Row, TABLE};
use zexus_runtime::host::Caps;
use zexus_runtime::modules::MODULES;
use zexus_syntax::Keyword;

use crate::output::{note, print};

/// The mark of the tables that hold methods.
const METHODS: &str = "@";

/// Something to be called, as its users see it.
struct Item {
    /// The kind or module before its name; empty for a builtin of the outermost scope.
    owner: &'static str,
    /// Whether the owner is a kind and the first parameter the receiver.
    method: bool,
    name: &'static str,
    row: &'static Row,
}

impl Item {
    fn what(&self) -> String {
        match (self.owner, self.method) {
            ("", _) => "builtin".to_owned(),
            ("any", true) => "method of every value".to_owned(),
            (kind, true) => format!("method of {kind}"),
            (module, false) => format!("module {module}"),
        }
    }

    /// The heading under which it is listed.
    fn group(&self) -> String {
        match (self.owner, self.method) {
            ("", _) => "builtins".to_owned(),
            ("any", true) => "methods of every value".to_owned(),
            (kind, true) => format!("methods of {kind}"),
            (module, false) => format!("module {module}"),
        }
    }

    /// How it is written, with its owner in front.
    fn path(&self) -> String {
        match self.owner {
            "" => self.name.to_owned(),
            "any" => format!("x.{}", self.name),
            owner => format!("{owner}.{}", self.name),
        }
    }

    fn is(&self, owner: &str, name: &str) -> bool {
        let squeeze = |text: &str| text.replace('_', "").to_ascii_lowercase();
        let named = |n: &str| n == name || squeeze(n) == squeeze(name);
        (owner.is_empty() || owner == self.owner)
            && (named(self.name) || self.row.names.iter().any(|n| named(n)))
    }

    /// How it is called, with the kinds of its parameters.
    fn signature(&self) -> String {
        let params = self.row.params.iter().skip(usize::from(self.method)).map(|param| {
            let rest = if param.accept == Accept::Many { "..." } else { "" };
            let kind = match param.accept {
                Accept::Any | Accept::Many => String::new(),
                accept => format!(": {}", accept.text()),
            };
            let default = match param.default {
                None => String::new(),
                Some("") => "?".to_owned(),
                Some(text) => format!(" = {text}"),
            };
            format!("{rest}{}{kind}{default}", param.name)
        });
        format!("{}({})", self.path(), params.collect::<Vec<_>>().join(", "))
    }

    fn write(&self, out: &mut String) {
        let _ = writeln!(out, "{}    {}\n    {}", self.signature(), self.what(), self.row.doc.trim());
        let others: Vec<&str> = self.row.names.iter().copied().filter(|n| *n != self.name).collect();
        if !others.is_empty() && self.row.names.contains(&self.name) {
            let _ = writeln!(out, "    also: {}", others.join(", "));
        }
        for cap in Caps::NAMES {
            if Caps::from_name(cap).is_some_and(|c| self.row.caps.contains(c)) {
                let _ = writeln!(out, "    needs the capability {cap}");
            }
        }
        out.push('\n');
    }
}

/// Everything that can be called, in the order of the tables.
fn items() -> Vec<Item> {
    let item = |owner, method, row: &'static Row| Item { owner, method, name: row.name(), row };
    let mut items: Vec<Item> = Vec::new();
    items.extend(TABLE.iter().filter(|row| row.module.is_empty()).map(|row| item("", false, row)));
    items.extend(TABLE.iter().filter_map(|row| Some(item(row.module.strip_prefix(METHODS)?, true, row))));
    for module in MODULES {
        items.extend(module.builtins.iter().filter_map(|(name, builtin)| {
            let row = builtins::row(builtins::lookup(builtin)?);
            Some(Item { owner: module.name, method: false, name, row })
        }));
        let rows = TABLE.iter().filter(|row| module.rows.contains(&row.module));
        items.extend(rows.map(|row| item(module.name, false, row)));
    }
    items
}

/// Shows what a name does, or lists all names; gives the exit code: 2 for an unknown name.
pub fn doc(name: Option<&str>) -> u8 {
    let Some(name) = name else { return print(&overview()) };
    match lookup(name) {
        Ok(text) => print(&text),
        Err(message) => {
            note(&message);
            2
        }
    }
}

/// The text about a name.
///
/// # Errors
/// What to say if there is nothing of this name: similar ones.
pub fn lookup(name: &str) -> Result<String, String> {
    let name = name.trim();
    let (owner, last) = name.rsplit_once('.').unwrap_or(("", name));
    let items = items();
    let mut out = String::new();
    items.iter().filter(|item| item.is(owner, last)).for_each(|item| item.write(&mut out));
    for module in MODULES.iter().filter(|m| owner.is_empty() || m.name == owner) {
        for (constant, value) in module.constants.iter().filter(|(constant, _)| *constant == last) {
            let _ = writeln!(out, "{}.{constant}    {value}\n", module.name);
        }
    }
    if owner.is_empty() {
        for keyword in Keyword::ALL.iter().filter(|keyword| keyword.as_str() == name) {
            let _ = writeln!(out, "{name}    keyword\n    {}\n", keyword.doc());
        }
        group(&mut out, name, &items);
    }
    if out.is_empty() { Err(unknown(name)) } else { Ok(out) }
}

/// All methods of a kind and all exports of a module.
fn group(out: &mut String, name: &str, items: &[Item]) {
    for method in [true, false] {
        let mut members = items.iter().filter(|item| item.owner == name && item.method == method).peekable();
        let Some(first) = members.peek() else { continue };
        let _ = writeln!(out, "{}", first.group());
        for (constant, value) in
            MODULES.iter().filter(|m| !method && m.name == name).flat_map(|m| m.constants)
        {
            let _ = writeln!(out, "    {name}.{constant} = {value}");
        }
        for item in members {
            let _ = writeln!(out, "    {}\n        {}", item.signature(), item.row.doc.trim());
        }
        out.push('\n');
    }
}

fn unknown(name: &str) -> String {
    let wanted = name.to_lowercase();
    let mut names: BTreeSet<String> = items().iter().map(Item::path).collect();
    names.extend(Keyword::ALL.iter().map(|keyword| keyword.as_str().to_owned()));
    let distance = |n: &str| {
        let last = n.rsplit('.').next().unwrap_or(n);
        strsim::damerau_levenshtein(&wanted, n).min(strsim::damerau_levenshtein(&wanted, last))
    };
    let mut close: Vec<(usize, &String)> = names
        .iter()
        .map(|n| (distance(&n.to_lowercase()), n))
        .filter(|(d, n)| {
            *d <= 1 + wanted.len() / 4 || (wanted.len() > 1 && n.to_lowercase().contains(&wanted))
        })
        .collect();
    close.sort();
    let close: Vec<&str> = close.iter().take(12).map(|(_, n)| n.as_str()).collect();
    let help = match close.as_slice() {
        [] => "`zexus doc` lists all names".to_owned(),
        close => format!("similar: {}", close.join(", ")),
    };
    format!("error: there is nothing of the name '{name}'\nhelp: {help}")
}

fn overview() -> String {
    let items = items();
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for item in &items {
        let title = item.group();
        match groups.last_mut() {
            Some((last, names)) if *last == title => names.push(item.name),
            _ => groups.push((title, vec![item.name])),
        }
    }
    groups.push(("keywords".to_owned(), Keyword::ALL.iter().map(|k| k.as_str()).collect()));
    let mut out = String::new();
    for (title, names) in groups {
        let _ = writeln!(out, "{title}");
        let mut line = String::from("   ");
        for name in names {
            if line.len() + name.len() > 98 {
                let _ = writeln!(out, "{line}");
                line = String::from("   ");
            }
            line.push(' ');
            line.push_str(name);
        }
        let _ = writeln!(out, "{line}\n");
    }
    out.push_str("`zexus doc NAME` tells more, for example `zexus doc sort`, `zexus doc list.push`, `zexus doc math`.\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_both_spellings() {
        for name in ["to_hex", "toHex"] {
            let text = lookup(name).unwrap();
            assert!(text.starts_with("to_hex(n: "), "{text}");
        }
    }

    #[test]
    fn methods_modules_and_keywords_are_found() {
        assert!(lookup("list.push").unwrap().contains("method of list"));
        assert!(lookup("list").unwrap().contains("list.push("));
        assert!(lookup("math").unwrap().contains("math.pi = 3.14"));
        assert!(lookup("math.floor").unwrap().starts_with("math.floor(n: number)    module math"));
        assert!(lookup("crypto.sign").unwrap().starts_with("crypto.sign("));
        assert!(lookup("while").unwrap().contains("keyword"));
    }

    #[test]
    fn a_typing_error_gets_suggestions() {
        let message = lookup("to_hx").unwrap_err();
        assert!(message.contains("to_hex"), "{message}");
        assert!(lookup("qqqqqqqq").unwrap_err().contains("lists all names"));
    }

    #[test]
    fn every_row_says_what_it_does() {
        for item in items() {
            assert!(item.row.doc.trim().len() > 3, "{} has no text", item.path());
        }
    }
}
