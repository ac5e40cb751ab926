//! Lines and columns of byte offsets, fast for offsets that mostly rise.

use zexus_hir::ir::Span;
use zexus_syntax::SourceFile;

/// Bytes between two counts of continuation bytes.
const STEP: usize = 128;

/// The places in one file.
pub(crate) struct Places<'p> {
    file: Option<&'p SourceFile>,
    /// The line of the last question: its first byte, the first byte of the next line, its number.
    line: (u32, u32, u32),
    /// For each `STEP` bytes, how many continuation bytes stand before them; empty for ASCII text.
    before: Vec<u32>,
}

impl<'p> Places<'p> {
    pub fn new(file: Option<&'p SourceFile>) -> Places<'p> {
        let text = file.map_or(&[][..], |f| f.text().as_bytes());
        let mut before = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for chunk in text.chunks(STEP) {
                before.push(count);
                count += continuations(chunk);
            }
        }
        Places { file, line: (0, 0, 0), before }
    }

    /// Line, column and length of a span; zeros if the file is not known.
    pub fn of(&mut self, span: Span) -> (u32, u32, u32) {
        let Some(file) = self.file else { return (0, 0, 0) };
        let offset = span.start.min(u32::try_from(file.text().len()).unwrap_or(u32::MAX));
        let (first, next, _) = self.line;
        if !(first..next).contains(&offset) {
            self.find_line(file, offset);
        }
        let (first, _, line) = self.line;
        let column = offset.saturating_sub(first) - self.continuations_between(file, first, offset) + 1;
        (line, column, span.end.saturating_sub(span.start))
    }

    fn find_line(&mut self, file: &SourceFile, offset: u32) {
        let line = file.line(offset);
        let first = file.line_span(line).start;
        let next = if line < file.line_count() { file.line_span(line + 1).start } else { u32::MAX };
        self.line = (first, next, line);
    }

    fn continuations_between(&self, file: &SourceFile, start: u32, end: u32) -> u32 {
        if self.before.is_empty() { 0 } else { self.count_to(file, end) - self.count_to(file, start) }
    }

    fn count_to(&self, file: &SourceFile, offset: u32) -> u32 {
        let offset = offset as usize;
        let step = offset / STEP;
        let known = self.before.get(step).or(self.before.last()).copied().unwrap_or(0);
        let from = (step.min(self.before.len().saturating_sub(1))) * STEP;
        known + continuations(file.text().as_bytes().get(from..offset).unwrap_or(&[]))
    }
}

fn continuations(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|&&byte| byte & 0xC0 == 0x80).count() as u32
}
