//! The editor of the terminal.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use reedline::{
    Color, ColumnarMenu, DefaultHinter, EditCommand, Emacs, FileBackedHistory, KeyCode, KeyModifiers,
    MenuBuilder, Prompt, PromptEditMode, PromptHistorySearch, Reedline, ReedlineEvent, ReedlineMenu, Signal,
    ValidationResult, Validator, default_emacs_keybindings,
};
use zexus_syntax::is_incomplete;

use super::complete::Names;
use super::paint::Painter;
use super::{Next, Shell};
use crate::host::Input;
use crate::interrupt;
use crate::output::note;

/// Entries that the history keeps.
const HISTORY: usize = 2000;

struct Brackets;

impl Validator for Brackets {
    fn validate(&self, line: &str) -> ValidationResult {
        if !line.trim_start().starts_with(':') && is_incomplete(line) {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Complete
        }
    }
}

struct Marks;

impl Prompt for Marks {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        "zx".into()
    }
    fn render_prompt_right(&self) -> Cow<'_, str> {
        "".into()
    }
    fn render_prompt_indicator(&self, _mode: PromptEditMode) -> Cow<'_, str> {
        "> ".into()
    }
    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        "  | ".into()
    }
    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        format!("(search: {}) ", search.term).into()
    }
}

/// Where the history is kept: the state directory of the user.
fn history_file() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").filter(|v| !v.is_empty()).map(PathBuf::from);
    let state = state.or_else(|| Some(std::env::home_dir()?.join(".local/state")))?;
    Some(state.join("zexus").join("history"))
}

fn editor(shell: &Shell) -> Reedline {
    let mut keys = default_emacs_keybindings();
    keys.add_binding(
        KeyModifiers::NONE,
        KeyCode::Tab,
        ReedlineEvent::UntilFound(vec![
            ReedlineEvent::Menu("completion_menu".into()),
            ReedlineEvent::MenuNext,
        ]),
    );
    keys.add_binding(
        KeyModifiers::ALT,
        KeyCode::Enter,
        ReedlineEvent::Edit(vec![EditCommand::InsertNewline]),
    );
    let menu = ColumnarMenu::default().with_name("completion_menu");
    let mut editor = Reedline::create()
        .with_validator(Box::new(Brackets))
        .with_completer(Box::new(Names(shell.session.clone())))
        .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
        .with_quick_completions(true)
        .with_partial_completions(true)
        .with_hinter(Box::new(DefaultHinter::default().with_style(Color::DarkGray.italic())))
        .with_edit_mode(Box::new(Emacs::new(keys)))
        .with_ansi_colors(shell.color);
    if shell.color {
        editor = editor.with_highlighter(Box::new(Painter));
    }
    // Without a place for it the history lasts as long as the session.
    match history_file().map(|file| FileBackedHistory::with_file(HISTORY, file)) {
        Some(Ok(history)) => editor.with_history(Box::new(history)),
        _ => editor,
    }
}

/// An entry without the editor.
fn plain_line(shell: &Shell, input: &Input) -> io::Result<Signal> {
    let mut entry = String::new();
    loop {
        let prompt = if entry.is_empty() { "zx> " } else { "  | " };
        // If the terminal is gone, reading tells.
        let _ = shell.output.write(prompt).and_then(|()| shell.output.flush());
        interrupt::set_running(true);
        let line = input.line(&shell.interrupt);
        interrupt::set_running(false);
        let interrupted = shell.interrupt.is_interrupted();
        interrupt::forget(&shell.interrupt);
        match line.map_err(io::Error::other)? {
            Some(line) => entry.push_str(&line),
            None if interrupted => return Ok(Signal::CtrlC),
            None => return Ok(Signal::CtrlD),
        }
        if !matches!(Brackets.validate(&entry), ValidationResult::Incomplete) {
            return Ok(Signal::Success(entry));
        }
        entry.push('\n');
    }
}

/// Reads entries from the terminal until the end; gives the exit code.
pub fn interactive(shell: &Shell, input: &Input) -> u8 {
    shell.say(&format!("Zexus {}. :help tells more, Ctrl-D leaves.", env!("CARGO_PKG_VERSION")));
    let mut editor = editor(shell);
    loop {
        // After an interrupted `input()` its reader has the terminal for one more line, which would be lost for the editor.
        let read = if input.is_pending() { plain_line(shell, input) } else { editor.read_line(&Marks) };
        match read {
            Ok(Signal::Success(text)) => {
                if let Next::Leave(code) = shell.enter(&text) {
                    return code;
                }
            }
            Ok(Signal::CtrlD) => return 0,
            Ok(_) => {}
            Err(e) => {
                note(&format!("error: cannot read from the terminal: {e}"));
                return 1;
            }
        }
    }
}
