//! Traces as lines of JSON (bytecode.md 9.1).

use std::fmt::Write as _;

use zexus_bytecode::{Module, Operand};
use zexus_runtime::display::quoted;
use zexus_runtime::journal::notes::Note;

use super::{Filter, TraceEvent, Traced, TracedFunction, Tracer};

/// Writes each event as a line, without its end, to where a function takes it.
pub struct Lines<S> {
    module: String,
    level: u8,
    filter: Filter,
    written: u64,
    /// Module and line of the last instruction that was shown.
    place: (String, u32),
    sink: S,
}

impl<S> std::fmt::Debug for Lines<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines")
            .field("module", &self.module)
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

impl<S: FnMut(&str)> Lines<S> {
    /// Lines of runs of a program by its main module as it was before it was metered, and its level of optimization.
    pub fn new(main: &Module, level: u8, filter: Filter, sink: S) -> Lines<S> {
        let module = main.content_hash().iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Lines { module, level, filter, written: 0, place: (String::new(), 0), sink }
    }
}

/// A line that is being made.
struct Line(String);

impl Line {
    fn key(&mut self, key: &str) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, ",\"{key}\":");
    }

    fn number(&mut self, key: &str, n: impl Into<u64>) {
        self.key(key);
        let _ = write!(self.0, "{}", n.into());
    }

    fn gas(&mut self, gas: Option<u64>) {
        if let Some(gas) = gas {
            self.number("gas", gas);
        }
    }

    fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        self.0.push_str(&quoted(text));
    }

    fn shown(&mut self, key: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.text(key, &value.to_string());
        }
    }

    fn code(&mut self, key: &str, code: u16) {
        self.text(key, &format!("E{code:04}"));
    }

    fn function(&mut self, function: Option<TracedFunction<'_>>, depth: u32) {
        if let Some(function) = function {
            self.number("fn", function.index);
            self.text("name", function.name);
            self.number("depth", depth);
        }
    }

    /// For functions of other modules than the main one: which.
    fn module(&mut self, function: Option<TracedFunction<'_>>) {
        if let Some(function) = function.filter(|f| !f.main) {
            self.text("module", function.module);
        }
    }
}

/// The kind of an event's line.
fn kind(what: &Traced<'_>) -> &'static str {
    match what {
        Traced::Call { .. } => "call",
        Traced::Return { .. } => "return",
        Traced::Op { .. } => "op",
        Traced::Throw { .. } => "throw",
        Traced::Catch { .. } => "catch",
        Traced::Noted { note, .. } => match note {
            Note::Begin(_) | Note::Commit(_) | Note::Revert(_) => "tx",
            Note::Read { .. } | Note::Write { .. } => "state",
            Note::Event(_) => "event",
            Note::Entry(_) => "ledger",
        },
        Traced::End { .. } => "end",
    }
}

impl<S: FnMut(&str) + Send> Tracer for Lines<S> {
    fn begin(&mut self, metered: bool) {
        self.written = 0;
        self.place = (String::new(), 0);
        let (module, level) = (&self.module, self.level);
        let head =
            format!("{{\"zexus_trace\":1,\"module\":\"{module}\",\"level\":{level},\"metered\":{metered}}}");
        (self.sink)(&head);
    }

    fn trace(&mut self, event: &TraceEvent<'_>) {
        let kind = kind(&event.what);
        if !self.filter.shows(kind, event) {
            return;
        }
        self.written += 1;
        let mut line = Line(format!("{{\"t\":\"{kind}\",\"n\":{}", self.written));
        match &event.what {
            Traced::Call { depth, gas } => {
                line.function(event.function, *depth);
                line.gas(*gas);
                line.module(event.function);
            }
            Traced::Return { depth, value } => {
                line.function(event.function, *depth);
                line.shown("value", *value);
                line.module(event.function);
            }
            Traced::Op { pc, instruction, line: source, height, gas, top } => {
                line.number("pc", *pc);
                line.text("op", instruction.op().name());
                match instruction.operand() {
                    Operand::One(n) => line.number("operand", n),
                    Operand::Two(first, second) => {
                        line.key("operand");
                        let _ = write!(line.0, "[{first},{second}]");
                    }
                    Operand::None | Operand::Bad => (),
                }
                let module = event.function.map_or("", |f| f.module);
                if *source > 0 && (self.place.1 != *source || self.place.0 != module) {
                    line.number("line", *source);
                    self.place = (module.to_owned(), *source);
                }
                line.number("height", *height);
                line.gas(*gas);
                line.shown("top", *top);
            }
            Traced::Throw { code, message } => {
                line.code("code", *code);
                line.text("message", message);
            }
            Traced::Catch { code, message, pc } => {
                line.code("code", *code);
                line.text("message", message);
                line.number("pc", *pc);
            }
            Traced::Noted { note, remark } => noted(&mut line, note, *remark),
            Traced::End { code } => {
                match code {
                    None => line.text("status", "ok"),
                    Some(0) => line.text("status", "stopped"),
                    Some(code) => line.code("status", *code),
                }
                line.number("gas_used", event.gas_used);
            }
        }
        line.0.push('}');
        (self.sink)(&line.0);
    }
}

fn noted(line: &mut Line, note: &Note, remark: Option<&str>) {
    match note {
        Note::Begin(level) | Note::Commit(level) | Note::Revert(level) => {
            line.text(
                "what",
                match note {
                    Note::Begin(_) => "begin",
                    Note::Commit(_) => "commit",
                    _ => "revert",
                },
            );
            line.number("level", *level as u64);
            line.shown("note", remark);
        }
        Note::Read { key, value } => {
            line.text("what", "read");
            line.text("key", key);
            line.text("value", value);
        }
        Note::Write { key, value } => {
            line.text("what", "write");
            line.text("key", key);
            line.shown("value", value.as_ref());
        }
        Note::Event(name) => line.text("name", name),
        Note::Entry(index) => line.number("index", *index),
    }
}
