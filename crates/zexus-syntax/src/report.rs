//! Collects diagnostics up to a bound, so that a hostile file cannot make millions of them.

use crate::diagnostic::Diagnostic;
use crate::span::{FileId, Span};
use zexus_codes::{Class, Code};

/// How many errors one file can have at most, and how many warnings. They are counted apart: warnings must never keep
/// an error from being seen.
pub(crate) const MAX_REPORTED: usize = 100;

/// A bounded list of diagnostics of one file.
#[derive(Debug)]
pub(crate) struct Reports {
    pub(crate) file: FileId,
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    overflow: bool,
}

impl Reports {
    pub(crate) fn new(file: FileId) -> Self {
        Self { file, errors: Vec::new(), warnings: Vec::new(), overflow: false }
    }

    /// Whether no more errors are taken.
    pub(crate) fn is_full(&self) -> bool {
        self.errors.len() >= MAX_REPORTED
    }

    /// Says that there is more than what is reported.
    pub(crate) fn overflow(&mut self) {
        self.overflow = true;
    }

    /// Adds a diagnostic that `build` finishes, unless there are too many already.
    pub(crate) fn add(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        build: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        let list = if code.class() == Class::Warning { &mut self.warnings } else { &mut self.errors };
        if list.len() >= MAX_REPORTED {
            self.overflow = true;
        } else {
            list.push(build(Diagnostic::new(code, message).at(self.file, span)));
        }
    }

    /// Takes over what another list holds.
    pub(crate) fn append(&mut self, other: Self) {
        self.errors.extend(other.errors);
        self.warnings.extend(other.warnings);
        self.overflow |= other.overflow;
    }

    /// The diagnostics in the order of the text, with a note on the last if some are missing.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        let place = |diagnostic: &Diagnostic| diagnostic.primary().map(|(_, span)| span.start);
        for list in [&mut self.errors, &mut self.warnings] {
            list.sort_by_key(place);
            self.overflow |= list.len() > MAX_REPORTED;
            list.truncate(MAX_REPORTED);
        }
        let mut all = self.errors;
        all.append(&mut self.warnings);
        all.sort_by_key(place);
        if self.overflow
            && let Some(last) = all.last_mut()
        {
            last.notes
                .push(format!("only the first {MAX_REPORTED} errors and warnings of this file are reported"));
        }
        all
    }
}
