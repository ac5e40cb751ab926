//! What a trace is limited to (bytecode.md 9.1).

use zexus_bytecode::Opcode;

use super::{TraceEvent, Traced};

/// The kinds of lines.
pub(super) const KINDS: [&str; 10] =
    ["op", "call", "return", "throw", "catch", "tx", "state", "event", "ledger", "end"];

/// What a trace is limited to: kinds of lines, opcodes, functions. Of each sort, nothing means all. The first and the last line are always
/// there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    kinds: Vec<&'static str>,
    opcodes: Vec<Opcode>,
    functions: Vec<String>,
}

/// A part of a filter that is neither a kind of line nor an opcode nor the name of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError(String);

impl std::fmt::Display for FilterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kinds = KINDS.join(", ");
        write!(
            f,
            "'{}' is no kind of line ({kinds}), no opcode such as ADD and no function such as fn:f",
            self.0
        )
    }
}

impl std::error::Error for FilterError {}

impl std::str::FromStr for Filter {
    type Err = FilterError;

    /// Reads names with commas between them: kinds of lines (`tx`), opcodes (`STATE_READ`) and functions (`fn:transfer`).
    fn from_str(text: &str) -> Result<Filter, FilterError> {
        let mut filter = Filter::default();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if let Some(function) = name.strip_prefix("fn:") {
                filter.functions.push(function.to_owned());
            } else if let Some(kind) = KINDS.iter().find(|kind| **kind == name) {
                filter.kinds.push(kind);
            } else if let Some(op) = Opcode::from_name(name) {
                filter.opcodes.push(op);
            } else {
                return Err(FilterError(name.to_owned()));
            }
        }
        Ok(filter)
    }
}

impl Filter {
    /// Limits the trace to lines of a kind, besides those named before; false if there is no such kind.
    pub fn kind(&mut self, name: &str) -> bool {
        let kind = KINDS.iter().find(|kind| **kind == name);
        self.kinds.extend(kind);
        kind.is_some()
    }

    /// Limits the trace to instructions with an opcode, besides those named before.
    pub fn opcode(&mut self, op: Opcode) {
        self.opcodes.push(op);
    }

    /// Limits the trace to what happens in functions of a name, besides those named before. Functions that these call are not meant.
    pub fn function(&mut self, name: &str) {
        self.functions.push(name.to_owned());
    }

    /// Whether an event, a line of this kind, is shown. Opcodes without kinds limit the trace to lines of instructions.
    pub(super) fn shows(&self, kind: &str, event: &TraceEvent<'_>) -> bool {
        if let Traced::End { .. } = event.what {
            return true;
        }
        let name = event.function.map_or("", |f| f.name);
        if !self.functions.is_empty() && !self.functions.iter().any(|f| f == name) {
            return false;
        }
        match &event.what {
            Traced::Op { instruction, .. } if !self.opcodes.is_empty() => {
                self.opcodes.contains(&instruction.op())
            }
            _ => match self.kinds.is_empty() {
                true => self.opcodes.is_empty(),
                false => self.kinds.contains(&kind),
            },
        }
    }
}
