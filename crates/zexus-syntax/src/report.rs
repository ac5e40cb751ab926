//! Collects diagnostics up to a bound, so that a hostile file cannot make millions of them.

use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::span::{FileId, Span};

/// How many diagnostics one file can have at most.
pub(crate) const MAX_REPORTED: usize = 100;

/// A bounded list of diagnostics of one file.
#[derive(Debug)]
pub(crate) struct Reports {
    pub(crate) file: FileId,
    list: Vec<Diagnostic>,
    overflow: bool,
}

impl Reports {
    pub(crate) fn new(file: FileId) -> Self {
        Self { file, list: Vec::new(), overflow: false }
    }

    /// Whether nothing more is taken.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= MAX_REPORTED
    }

    /// Adds a diagnostic that `build` finishes, unless the list is full.
    pub(crate) fn add(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        build: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        if self.is_full() {
            self.overflow = true;
        } else {
            self.list.push(build(Diagnostic::new(code, message).at(self.file, span)));
        }
    }

    /// Takes over what another list holds.
    pub(crate) fn append(&mut self, other: Self) {
        self.list.extend(other.list);
        self.overflow |= other.overflow;
    }

    /// The diagnostics in the order of the text, with a note on the last if some are missing.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|diagnostic| diagnostic.primary().map(|(_, span)| span.start));
        if self.list.len() > MAX_REPORTED {
            self.list.truncate(MAX_REPORTED);
            self.overflow = true;
        }
        if self.overflow && let Some(last) = self.list.last_mut() {
            last.notes.push(format!("only the first {MAX_REPORTED} problems of this file are reported"));
        }
        self.list
    }
}
