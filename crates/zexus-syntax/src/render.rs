//! Diagnostics as text for people and as JSON for programs.

mod excerpt;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::span::{FileId, SourceMap};
use excerpt::Excerpt;

/// Excerpts clip their lines themselves; this only keeps the renderer from clipping them again.
const WIDTH: usize = 1000;

/// The report of language.md 10.4: title, place, marked source lines, notes and help, without a line end at the end.
///
/// Long lines are clipped around the mark. With `color` the text has ANSI escapes. Labels in files that `sources` does
/// not hold are left out.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(printable(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    for (file, labels) in labels_by_file(diagnostic) {
        let Some(source) = sources.get(file) else { continue };
        for excerpt in Excerpt::of(source, &labels) {
            let annotations = excerpt.marks.into_iter().map(|mark| {
                let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
                let text = (!mark.text.is_empty()).then(|| printable(&mark.text));
                kind.span(mark.range).label(text)
            });
            let snippet = Snippet::source(excerpt.text)
                .path(printable(source.name()))
                .line_start(excerpt.first_line)
                .annotations(annotations);
            group = group.element(snippet);
        }
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.no_name().message(printable(note)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let place = diagnostic
        .primary()
        .and_then(|(file, span)| Some(sources.get(file)?.line_column(span.start)))
        .map(|place| format!("{}:{}", place.line, place.column));
    lay_out(&renderer.term_width(WIDTH).render(&[group]), place.as_deref())
}

/// Brings a report into the layout of language.md 10.4: everything below the title stands one column to the right, and
/// notes follow the excerpt directly. The place is written anew, because the renderer counts columns in clipped lines.
fn lay_out(report: &str, place: Option<&str>) -> String {
    let mut lines = report.lines().peekable();
    let mut out = lines.next().unwrap_or("").to_owned();
    let mut place = place;
    while let Some(line) = lines.next() {
        let before_note =
            bare(line).trim() == "|" && lines.peek().is_some_and(|next| bare(next).trim().starts_with("= "));
        if before_note {
            continue;
        }
        out.push_str("\n ");
        match place.filter(|_| bare(line).trim_start().starts_with("--> ")) {
            Some(exact) => {
                place = None;
                let path = line.rsplitn(3, ':').nth(2).unwrap_or(line);
                out.push_str(path);
                out.push(':');
                out.push_str(exact);
            }
            None => out.push_str(line.trim_end()),
        }
    }
    out
}

/// The line without ANSI escapes.
fn bare(line: &str) -> String {
    let mut out = String::new();
    let mut pieces = line.split('\u{1b}');
    out.push_str(pieces.next().unwrap_or(""));
    for piece in pieces {
        out.push_str(piece.split_once('m').map_or("", |(_, text)| text));
    }
    out
}

/// The text without control characters that could confuse a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
}

/// The labels of each file, that of the primary label first, and in it the primary label first.
fn labels_by_file(diagnostic: &Diagnostic) -> Vec<(FileId, Vec<&Label>)> {
    let mut files: Vec<(FileId, Vec<&Label>)> = Vec::new();
    let primary_first = diagnostic
        .labels
        .iter()
        .filter(|label| label.primary)
        .chain(diagnostic.labels.iter().filter(|label| !label.primary));
    for label in primary_first {
        match files.iter_mut().find(|(file, _)| *file == label.file) {
            Some((_, labels)) => labels.push(label),
            None => files.push((label.file, vec![label])),
        }
    }
    files
}

/// A diagnostic as it goes into JSON.
#[derive(Serialize)]
struct Json<'a> {
    code: &'static str,
    severity: &'static str,
    title: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    notes: &'a [String],
    help: Option<&'a str>,
}

/// One JSON object on one line, with the keys `code`, `severity`, `title`, `message`, `file`, `line`, `column`,
/// `end_line`, `end_column`, `notes`, `help`. Lines and columns count from 1, columns in code points; the end is the
/// place after the last character. What is not known is null.
#[must_use]
pub fn render_json(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let place = diagnostic.primary().and_then(|(file, span)| Some((sources.get(file)?, span)));
    let start = place.map(|(source, span)| source.line_column(span.start));
    let end = place.map(|(source, span)| source.line_column(span.end));
    let json = Json {
        code: diagnostic.code.as_str(),
        severity: diagnostic.severity.as_str(),
        title: diagnostic.code.title(),
        message: &diagnostic.message,
        file: place.map(|(source, _)| source.name()),
        line: start.map(|place| place.line),
        column: start.map(|place| place.column),
        end_line: end.map(|place| place.line),
        end_column: end.map(|place| place.column),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
    };
    // Strings and numbers always serialize; the fallback only keeps this free of panics.
    serde_json::to_string(&json).unwrap_or_default()
}
