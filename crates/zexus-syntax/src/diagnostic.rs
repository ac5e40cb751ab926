//! What is reported to people: codes with messages, marked places, notes and help.

use crate::span::{FileId, Span};
use zexus_codes::{Class, Code};

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The program does not start, or ended.
    Error,
    /// Changes nothing.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A marked place of a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The file of the place.
    pub file: FileId,
    /// The bytes marked.
    pub span: Span,
    /// Text beside the mark; may be empty.
    pub text: String,
    /// Whether this is the place that the diagnostic is about; others add context.
    pub primary: bool,
}

/// One error or warning. Build it with [`Diagnostic::new`] and the `with_…` methods.
///
/// ```
/// use zexus_syntax::{Code, Diagnostic, FileId, Span};
/// let found = Diagnostic::new(Code::E0301, "Identifier 'x' not found")
///     .at(FileId(0), Span::new(6, 7))
///     .with_help("did you mean `y`?");
/// assert_eq!(found.primary(), Some((FileId(0), Span::new(6, 7))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Error or warning; follows from the code.
    pub severity: Severity,
    /// One line.
    pub message: String,
    /// The places, the primary one first.
    pub labels: Vec<Label>,
    /// Lines of context, such as `called from demo.zx:4:7 in the main program`.
    pub notes: Vec<String>,
    /// The next step for the reader.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without a place. The severity follows from the code.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let severity = if code.class() == Class::Warning { Severity::Warning } else { Severity::Error };
        Self { code, severity, message: message.into(), labels: Vec::new(), notes: Vec::new(), help: None }
    }

    /// Adds the primary place, without text beside the mark.
    #[must_use]
    pub fn at(self, file: FileId, span: Span) -> Self {
        self.at_with(file, span, "")
    }

    /// Adds the primary place with a text beside the mark.
    #[must_use]
    pub fn at_with(mut self, file: FileId, span: Span, text: impl Into<String>) -> Self {
        self.labels.insert(0, Label { file, span, text: text.into(), primary: true });
        self
    }

    /// Adds a place that gives context.
    #[must_use]
    pub fn with_label(mut self, file: FileId, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { file, span, text: text.into(), primary: false });
        self
    }

    /// Adds a line of context.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether this stops the program from starting or ended it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// File and span of the primary place, if there is one.
    #[must_use]
    pub fn primary(&self) -> Option<(FileId, Span)> {
        self.labels.iter().find(|label| label.primary).map(|label| (label.file, label.span))
    }
}
