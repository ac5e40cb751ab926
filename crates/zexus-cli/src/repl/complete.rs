//! Completion of names, keywords, builtins and members.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use reedline::{Completer, CompletionResult, Span, Suggestion};
use zexus::Session;
use zexus_runtime::builtins;
use zexus_syntax::Keyword;

/// Looks at the scope of the session; no entry runs while a line is edited.
pub struct Names(pub Arc<Mutex<Session>>);

/// The commands of the REPL.
const COMMANDS: &[(&str, &str)] = &[
    (":doc", "tell what a name does"),
    (":help", "list the commands"),
    (":load", "run a file here"),
    (":quit", "leave"),
    (":type", "show the kind of a value"),
];

impl Completer for Names {
    fn complete(&mut self, line: &str, pos: usize) -> CompletionResult {
        let before = line.get(..pos).unwrap_or(line);
        let mut session = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, found) = candidates(before, &mut session);
        let suggestions: Vec<Suggestion> = found
            .into_iter()
            .map(|(value, description)| Suggestion {
                value,
                description: Some(description).filter(|d| !d.is_empty()),
                span: Span::new(start.min(pos), pos),
                ..Suggestion::default()
            })
            .collect();
        CompletionResult::fresh(suggestions)
    }
}

/// Where the word begins that is completed, and what can stand there, by name with a description.
pub fn candidates(before: &str, session: &mut Session) -> (usize, BTreeMap<String, String>) {
    if before.starts_with(':') && !before.contains(char::is_whitespace) {
        let commands = COMMANDS.iter().filter(|(name, _)| name.starts_with(before));
        return (0, commands.map(|(name, doc)| ((*name).to_owned(), (*doc).to_owned())).collect());
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| is_word(*c))
        .last()
        .map_or(before.len(), |(at, _)| at);
    let word = before.get(start..).unwrap_or_default();
    let head = before.get(..start).unwrap_or_default();
    if let Some(base) = head.strip_suffix('.').map(|base| base.strip_suffix('?').unwrap_or(base)) {
        let from = base
            .char_indices()
            .rev()
            .take_while(|(_, c)| is_word(*c))
            .last()
            .map_or(base.len(), |(at, _)| at);
        let members = session.members(base.get(from..).unwrap_or_default()).into_iter();
        return (start, members.filter(|m| m.starts_with(word)).map(|m| (m, String::new())).collect());
    }
    if word.is_empty() {
        return (start, BTreeMap::new());
    }
    let mut found = BTreeMap::new();
    for keyword in Keyword::ALL.iter().filter(|k| k.as_str().starts_with(word)) {
        found.insert(keyword.as_str().to_owned(), keyword.doc().to_owned());
    }
    for (name, index) in builtins::names("").into_iter().filter(|(name, _)| name.starts_with(word)) {
        found.insert(name, builtins::row(index).doc.trim().to_owned());
    }
    for name in session.names().into_iter().filter(|name| name.starts_with(word)) {
        found.insert(name, "declared here".to_owned());
    }
    (start, found)
}

#[cfg(test)]
mod tests {
    use zexus::Engine;
    use zexus::host::Captured;

    use super::*;

    #[track_caller]
    fn check(before: &str, start: usize, expected: &[&str]) {
        let mut session = Engine::new().session_on(Captured::new()).unwrap();
        assert!(session.enter("let list = [1]\nlet point = {x_axis: 1}\nlet whistle = 2").outcome.is_ok());
        let (at, found) = candidates(before, &mut session);
        assert_eq!(
            (at, found.keys().map(String::as_str).collect::<Vec<_>>()),
            (start, expected.to_vec()),
            "{before}"
        );
    }

    #[test]
    fn names_keywords_builtins_and_members() {
        check("print(whi", 6, &["while", "whistle"]);
        check("list.pus", 5, &["push"]);
        check("1 + point?.x_", 11, &["x_axis"]);
        check("nothing.x", 8, &[]);
        check("toHe", 0, &["toHex"]);
        check("", 0, &[]);
        check(":l", 0, &[":load"]);
        check("print(\"\u{e4}\" + whist", 13, &["whistle"]);
    }
}
