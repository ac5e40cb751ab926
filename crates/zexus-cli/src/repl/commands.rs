//! Commands of the REPL that are no part of the language.

use std::path::Path;

use zexus::files::{self, read_regular};

use super::{Next, Shell};
use crate::doc;
use crate::output::note;

const HELP: &str = "\
Enter statements; a value that is not null is shown. Open brackets, braces and strings go on in the next line.

  :type EXPR    run an expression and show the kind of its value
  :load FILE    run the statements of a file here
  :doc NAME     tell what a builtin, method, module or keyword does
  :help         this text
  :quit         leave; also exit, quit, Ctrl-D

Ctrl-C stops what runs, or clears the line. Tab completes.";

impl Shell {
    pub(super) fn command(&self, text: &str) -> Next {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match (name, rest) {
            (":help" | ":h" | ":?", _) => self.say(HELP),
            (":quit" | ":q" | ":exit", _) => return Next::Leave(0),
            (":type" | ":t", "") => note("error: write :type EXPR"),
            (":type" | ":t", expression) => return self.show_type(expression),
            (":load" | ":l", "") => note("error: write :load FILE"),
            (":load" | ":l", file) => return self.load(file),
            (":doc" | ":d", "") => note("error: write :doc NAME"),
            (":doc" | ":d", name) => match doc::lookup(name) {
                Ok(text) => self.say(text.trim_end()),
                Err(message) => note(&message),
            },
            _ => note(&format!("error: there is no command '{name}'; :help lists all")),
        }
        Next::Continue
    }

    fn show_type(&self, expression: &str) -> Next {
        let entry = self.evaluate(expression);
        if entry.outcome.is_ok() && !entry.outcome.exited {
            self.say(&entry.kind);
        }
        self.report(&entry)
    }

    fn load(&self, file: &str) -> Next {
        let text = read_regular(Path::new(file))
            .map_err(|e| files::reason(&e))
            .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not valid UTF-8".to_owned()));
        match text {
            Ok(text) => self.run(&text, false),
            Err(reason) => {
                note(&format!("error: cannot read {file}: {reason}"));
                Next::Continue
            }
        }
    }
}
