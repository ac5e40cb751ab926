//! Collects diagnostics up to a bound, each place once for each code.

use rustc_hash::FxHashSet;
use zexus_syntax::{Code, Diagnostic, FileId, Span};

/// How many errors, and how many warnings, one file can have at most.
const MAX_REPORTED: usize = 100;

/// A bounded list of diagnostics.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    list: Vec<Diagnostic>,
    seen: FxHashSet<(Code, FileId, Span)>,
    /// Whether undefined names are not reported: where the scope is not known in full.
    pub mute_names: bool,
    errors: usize,
    warnings: usize,
}

impl Reports {
    /// Adds a diagnostic unless the same was reported for the same place, or the list is full.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        if self.mute_names && matches!(diagnostic.code, Code::E0301 | Code::E0303) {
            return;
        }
        if let Some((file, span)) = diagnostic.primary()
            && !self.seen.insert((diagnostic.code, file, span))
        {
            return;
        }
        let of_its_kind = if diagnostic.is_error() { &mut self.errors } else { &mut self.warnings };
        *of_its_kind += 1;
        if *of_its_kind <= MAX_REPORTED {
            self.list.push(diagnostic);
        }
    }

    /// Whether one more is taken, so that making it is worth the work.
    pub fn has_room(&self) -> bool {
        self.errors < MAX_REPORTED && self.warnings < MAX_REPORTED
    }

    /// The diagnostics in the order of the text.
    pub fn finish(self) -> Vec<Diagnostic> {
        let mut list = self.list;
        list.sort_by_key(|diagnostic| diagnostic.primary().map(|(file, span)| (file, span.start)));
        list
    }
}
