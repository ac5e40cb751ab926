//! The lines of a file that a report shows.

use std::ops::Range;

use crate::diagnostic::Label;
use crate::span::SourceFile;

/// Lines further apart than this are shown in separate excerpts.
const MAX_GAP: u32 = 20;

/// A mark over more lines than this shows its first line only.
const MAX_LINES: u32 = 8;

/// Lines of more bytes than this are clipped.
const MAX_LINE: usize = 200;

/// What a clipped line shows before the mark, and the most of the mark and what follows it, in bytes.
const BEFORE: usize = 60;
const AFTER: usize = 120;

/// A mark in the text of an excerpt.
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) text: String,
    pub(super) primary: bool,
}

/// Consecutive lines with marks.
pub(super) struct Excerpt {
    pub(super) text: String,
    /// The number of the first line, from 1.
    pub(super) first_line: usize,
    pub(super) marks: Vec<Mark>,
}

/// A label with the lines that it touches.
struct Placed<'a> {
    label: &'a Label,
    first: u32,
    last: u32,
    end: u32,
}

impl Excerpt {
    /// The excerpts for labels of one file, that of the first label first.
    pub(super) fn of(source: &SourceFile, labels: &[&Label]) -> Vec<Self> {
        let mut groups: Vec<Vec<Placed<'_>>> = Vec::new();
        for &label in labels {
            let placed = place(source, label);
            let near = |other: &Placed<'_>| {
                placed.first <= other.last.saturating_add(MAX_GAP)
                    && other.first <= placed.last.saturating_add(MAX_GAP)
            };
            match groups.iter_mut().find(|group| group.iter().any(near)) {
                Some(group) => group.push(placed),
                None => groups.push(vec![placed]),
            }
        }
        groups.iter().map(|group| excerpt(source, group)).collect()
    }
}

fn place<'a>(source: &SourceFile, label: &'a Label) -> Placed<'a> {
    let first = source.line(label.span.start);
    let mut last = source.line(label.span.end.max(label.span.start));
    let mut end = label.span.end;
    if last > first && source.line_span(last).start == end {
        // The mark ends with the line before.
        last -= 1;
        end = source.line_span(last).end;
    }
    if last - first >= MAX_LINES {
        last = first;
        end = source.line_span(first).end;
    }
    Placed { label, first, last, end }
}

fn excerpt(source: &SourceFile, group: &[Placed<'_>]) -> Excerpt {
    let first = group.iter().map(|placed| placed.first).min().unwrap_or(1);
    let last = group.iter().map(|placed| placed.last).max().unwrap_or(1);
    let mut marks: Vec<Mark> = group
        .iter()
        .map(|placed| Mark { range: 0..0, text: placed.label.text.clone(), primary: placed.label.primary })
        .collect();
    let mut text = String::new();
    for line in first..=last {
        let shown = clip(source, line, group);
        let prefix = if shown.start > source.line_span(line).start as usize { "…" } else { "" };
        let suffix = if shown.end < source.line_span(line).end as usize { "…" } else { "" };
        let start = text.len() + prefix.len();
        text.push_str(prefix);
        for character in source.text().get(shown.clone()).unwrap_or("").chars() {
            // Marks are counted in bytes, so a character that must not reach a terminal is replaced by as many.
            match character {
                '\t' => text.push('\t'),
                c if c.is_control() => (0..c.len_utf8()).for_each(|_| text.push('?')),
                c => text.push(c),
            }
        }
        let end = text.len();
        text.push_str(suffix);
        text.push('\n');
        for (mark, placed) in marks.iter_mut().zip(group) {
            let at = |offset: u32| (start + (offset as usize).saturating_sub(shown.start)).min(end);
            if placed.first == line {
                mark.range.start = boundary_before(&text, at(placed.label.span.start));
            }
            if placed.last == line {
                mark.range.end = boundary_after(&text, at(placed.end)).max(mark.range.start);
            }
        }
    }
    Excerpt { text, first_line: first as usize, marks }
}

/// The bytes of a line that are shown: all of them, or a piece around the first label that starts in it.
fn clip(source: &SourceFile, line: u32, group: &[Placed<'_>]) -> Range<usize> {
    let span = source.line_span(line);
    let (start, end) = (span.start as usize, span.end as usize);
    if end - start <= MAX_LINE {
        return start..end;
    }
    let center = group
        .iter()
        .find(|placed| placed.first == line)
        .map_or(start, |placed| (placed.label.span.start as usize).clamp(start, end));
    let from = boundary_before(source.text(), center.saturating_sub(BEFORE).max(start));
    let to = boundary_after(source.text(), (center + AFTER).min(end));
    from..to
}

/// The nearest place between two characters that is not behind `at`.
fn boundary_before(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The nearest place between two characters that is not before `at`.
fn boundary_after(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}
