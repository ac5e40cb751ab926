//! Diagnostics with the sources they point into, so that they can be shown anywhere.

use std::fmt;
use std::sync::Arc;

use zexus_runtime::trap::MOST_CALLS;
pub use zexus_syntax::{Code, Severity};
use zexus_syntax::{FileId, SourceMap, Span};

/// How many active calls a report lists.
const MAX_CALLS: usize = 20;

/// How many characters of a text are kept.
const MAX_TEXT: usize = 2000;

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as reports name it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in code points, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// An error or warning. Its display form is one line; [`Diagnostic::render`] shows the source.
#[derive(Clone)]
pub struct Diagnostic {
    inner: zexus_syntax::Diagnostic,
    sources: Arc<SourceMap>,
}

impl Diagnostic {
    /// Texts that hold a hostile name or value are cut.
    pub(crate) fn new(mut inner: zexus_syntax::Diagnostic, sources: Arc<SourceMap>) -> Diagnostic {
        cut(&mut inner.message);
        inner.labels.iter_mut().for_each(|label| cut(&mut label.text));
        inner.notes.iter_mut().chain(&mut inner.help).for_each(cut);
        Diagnostic { inner, sources }
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.inner.code
    }

    /// Error or warning.
    pub fn severity(&self) -> Severity {
        self.inner.severity
    }

    /// Whether it keeps the program from starting, or ended it.
    pub fn is_error(&self) -> bool {
        self.inner.is_error()
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// Where it is, if it has a place.
    pub fn place(&self) -> Option<Place> {
        let (file, span) = self.inner.primary()?;
        place(&self.sources, file, span)
    }

    /// Lines of context: for an error of the run time the active calls, innermost first.
    pub fn notes(&self) -> &[String] {
        &self.inner.notes
    }

    /// The next step for the reader, if there is an obvious one.
    pub fn help(&self) -> Option<&str> {
        self.inner.help.as_deref()
    }

    /// The report of language.md 10.4: title, place, marked source, notes and help; with `color` it has ANSI escapes.
    pub fn render(&self, color: bool) -> String {
        zexus_syntax::render(&self.inner, &self.sources, color)
    }

    /// One JSON object on one line, with the keys that [`zexus_syntax::render_json`] names.
    pub fn to_json(&self) -> String {
        zexus_syntax::render_json(&self.inner, &self.sources)
    }

    /// The diagnostic of the front end, with spans in bytes.
    pub fn raw(&self) -> &zexus_syntax::Diagnostic {
        &self.inner
    }

    /// The sources that the spans point into.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place() {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}[{}]: {}", self.severity().as_str(), self.code(), self.message())
    }
}

impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT) {
        text.truncate(end);
        text.push('…');
    }
}

pub(crate) fn place(sources: &SourceMap, file: FileId, span: Span) -> Option<Place> {
    let source = sources.get(file)?;
    let at = source.line_column(span.start);
    Some(Place { file: source.name().to_owned(), line: at.line, column: at.column })
}

/// An error that nobody caught, as its tier reports it.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// Its code; 0 if the host stopped the run.
    pub code: u16,
    /// Its message.
    pub message: Arc<str>,
    /// Where it was raised.
    pub at: Option<Spot>,
    /// The active calls: who called, and where the call stands; innermost first.
    pub calls: Vec<(Arc<str>, Spot)>,
}

/// Where something is.
#[derive(Clone, Debug)]
pub(crate) enum Spot {
    /// In a source that is at hand.
    Span(FileId, Span),
    /// In a source that is not.
    Place(Place),
}

impl Spot {
    /// As file, line and column.
    pub fn place(&self, sources: &SourceMap) -> Option<Place> {
        match self {
            Spot::Span(file, span) => place(sources, *file, *span),
            Spot::Place(place) => (place.line > 0).then(|| place.clone()),
        }
    }
}

/// What language.md 10.4 says of an error that nobody caught; `None` if the host stopped the run.
pub(crate) fn of_fault(fault: &Fault, sources: &Arc<SourceMap>) -> Option<Diagnostic> {
    if fault.code == 0 {
        return None;
    }
    let code = Code::from_number(fault.code).unwrap_or(Code::E0423);
    let mut message = String::new();
    if code == Code::E0428 {
        message.push_str("Uncaught: ");
    }
    message.push_str(&fault.message);
    let mut inner = zexus_syntax::Diagnostic::new(code, message);
    match &fault.at {
        Some(Spot::Span(file, span)) => inner = inner.at(*file, *span),
        Some(Spot::Place(place)) if place.line > 0 => inner = inner.with_note(format!("at {place}")),
        _ => {}
    }
    inner.notes.extend(calls(fault, sources));
    Some(Diagnostic::new(inner, sources.clone()))
}

/// The active calls as lines, innermost first.
pub(crate) fn calls(fault: &Fault, sources: &SourceMap) -> Vec<String> {
    let line = |(caller, at): &(Arc<str>, Spot)| {
        let caller = if caller.is_empty() { "a function literal" } else { caller };
        match at.place(sources) {
            Some(place) => format!("called from {place} in {caller}"),
            None => format!("called from {caller}"),
        }
    };
    let mut notes: Vec<String> = fault.calls.iter().take(MAX_CALLS).map(line).collect();
    if let Some(more) = fault.calls.len().checked_sub(MAX_CALLS + 1) {
        // Beyond the limit calls are not noted, so nobody knows how many there were.
        let least = if fault.calls.len() >= MOST_CALLS { "at least " } else { "" };
        notes.push(format!("… {least}{} more", more + 1));
    }
    notes
}
