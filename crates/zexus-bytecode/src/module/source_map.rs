//! Where instructions come from (bytecode.md 1.2).

use std::sync::Arc;

/// For each function, runs of instructions that come from the same place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// The files that the runs name by index.
    pub files: Vec<Arc<str>>,
    /// The runs of each function, by rising first pc; the last one is not empty, so that equal maps are equal values.
    runs: Vec<Vec<Run>>,
}

/// A run: the instructions from `pc` to the next run come from one place.
///
/// Two runs are equal if all but their lengths are: lengths are not part of the text and binary forms.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// The first instruction.
    pub pc: u32,
    /// The file, by its index in [`SourceMap::files`].
    pub file: u32,
    /// The line, from 1; 0 for instructions that come from no place.
    pub line: u32,
    /// The column in code points, from 1.
    pub column: u32,
    /// How many bytes of the file reports mark; 0 if that is not known, as in a module that was read.
    pub length: u32,
}

impl Run {
    /// A run whose length is not known.
    pub const fn new(pc: u32, file: u32, line: u32, column: u32) -> Run {
        Run { pc, file, line, column, length: 0 }
    }
}

impl PartialEq for Run {
    fn eq(&self, other: &Run) -> bool {
        (self.pc, self.file, self.line, self.column) == (other.pc, other.file, other.line, other.column)
    }
}

impl Eq for Run {}

impl SourceMap {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.runs.is_empty()
    }

    /// The index of a file, which is appended if it is not there.
    pub fn add_file(&mut self, name: &str) -> u32 {
        let at = self.files.iter().position(|file| **file == *name).unwrap_or_else(|| {
            self.files.push(name.into());
            self.files.len() - 1
        });
        at as u32
    }

    /// The runs of a function.
    pub fn runs(&self, function: u32) -> &[Run] {
        self.runs.get(function as usize).map_or(&[], Vec::as_slice)
    }

    /// The number of functions that have runs, counted to the last one which has.
    pub fn functions(&self) -> usize {
        self.runs.len()
    }

    /// Appends a run; false, and nothing happens, if it does not start after the last one of the function.
    pub fn push(&mut self, function: u32, run: Run) -> bool {
        let at = function as usize;
        if self.runs(function).last().is_some_and(|last| last.pc >= run.pc) {
            return false;
        }
        if self.runs.len() <= at {
            self.runs.resize_with(at + 1, Vec::new);
        }
        if let Some(runs) = self.runs.get_mut(at) {
            runs.push(run);
        }
        true
    }

    /// Replaces the runs of a function by others, whose pcs must rise.
    pub fn set_runs(&mut self, function: u32, runs: Vec<Run>) {
        let at = function as usize;
        if self.runs.len() <= at {
            // So a walk over many functions without runs does not grow and shrink the list each time.
            if runs.is_empty() {
                return;
            }
            self.runs.resize_with(at + 1, Vec::new);
        }
        if let Some(old) = self.runs.get_mut(at) {
            *old = runs;
        }
        while self.runs.last().is_some_and(Vec::is_empty) {
            self.runs.pop();
        }
    }

    /// The run that an instruction is in.
    pub fn find(&self, function: u32, pc: u32) -> Option<Run> {
        let runs = self.runs(function);
        let after = runs.partition_point(|run| run.pc <= pc);
        after.checked_sub(1).and_then(|at| runs.get(at)).copied()
    }
}
