//! What the optimizer has changed, for people who want to see it.

use std::fmt::{self, Write};

use zexus_bytecode::{Const, Instruction, Module, OperandKind, Run};

use crate::code::Slot;
use crate::stats::{Pass, Stats};

/// A change that a pass made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The function, by index; 0 for a fragment.
    pub function: u32,
    /// The round, from 1.
    pub round: u32,
    /// The pass.
    pub pass: Pass,
    /// The instructions of the function *before optimization* from which those of `before` come.
    pub origins: Vec<u32>,
    /// The instructions that were replaced, as they were at that time; their labels count in the code of that time.
    pub before: Vec<Instruction>,
    /// What replaced them; nothing if they were removed.
    pub after: Vec<Instruction>,
}

impl Change {
    pub(crate) fn new<'a>(
        pass: Pass,
        before: impl IntoIterator<Item = &'a Slot>,
        after: impl IntoIterator<Item = &'a Slot>,
    ) -> Change {
        let (origins, before) = before.into_iter().map(|slot| (slot.origin, slot.instruction)).unzip();
        let after = after.into_iter().map(|slot| slot.instruction).collect();
        Change { function: 0, round: 0, pass, origins, before, after }
    }

    /// Where the changed code stands in the source, if the source map of the module before optimization says.
    pub fn place(&self, before: &Module) -> Option<Run> {
        before.source_map.find(self.function, *self.origins.first()?)
    }

    /// The change in one line, such as `constant folding: LOAD_CONST 10; LOAD_CONST 20; ADD => LOAD_CONST 30`.
    ///
    /// `constants` is the pool after optimization, in which that before is contained.
    pub fn describe(&self, constants: &[Const]) -> String {
        let text = |code: &[Instruction]| {
            let parts: Vec<String> = code.iter().map(|&i| instruction_text(i, constants)).collect();
            if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") }
        };
        format!("{}: {} => {}", self.pass.text(), text(&self.before), text(&self.after))
    }
}

/// An instruction with its constants instead of their indexes, such as `STORE_CONST x 10`.
pub fn instruction_text(instruction: Instruction, constants: &[Const]) -> String {
    let mut out = instruction.op().name().to_owned();
    for (kind, n) in instruction.parts() {
        let constant = usize::try_from(n).ok().and_then(|n| constants.get(n)).filter(|_| kind.is_constant());
        // Writing to a string cannot fail.
        let _ = match (kind, constant) {
            (OperandKind::Name | OperandKind::Key, Some(Const::Str(name))) => write!(out, " {name}"),
            (OperandKind::Label, _) => write!(out, " -> {n}"),
            (_, Some(constant)) => write!(out, " {}", short(constant)),
            (_, None) => write!(out, " {n}"),
        };
    }
    out
}

/// A constant in few characters.
fn short(constant: &Const) -> String {
    const WIDTH: usize = 24;
    match constant {
        Const::Null => "null".to_owned(),
        Const::Bool(b) => b.to_string(),
        Const::Int(i) => i.to_string(),
        Const::Big(b) => format!("integer of {} bits", b.bits()),
        Const::Float(f) => zexus_bytecode::num::format_float(*f),
        Const::Str(text) => format!("{:?}", text.chars().take(WIDTH).collect::<String>()),
        Const::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Const::List(items) => format!("list of {}", items.len()),
        Const::Map(entries) => format!("map of {}", entries.len()),
        Const::Func(f) => format!("function {f}"),
    }
}

/// A module before and after, and how the one became the other.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The module after.
    pub module: Module,
    /// The statistics of this module alone.
    pub stats: Stats,
    /// All changes: function by function, round by round, pass by pass, in the order of the code.
    pub changes: Vec<Change>,
    /// For each function and each of its instructions after, the instruction before from which it has its place.
    pub origins: Vec<Vec<u32>>,
}

/// A row of a comparison: an instruction before, one after, or one of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The instruction before, by its index.
    pub before: Option<u32>,
    /// The instruction after, by its index.
    pub after: Option<u32>,
    /// The passes that changed something here, in the order in which they did.
    pub passes: Vec<Pass>,
}

impl Explained {
    /// The code of a function before and after, side by side: instructions that come from one another share a row.
    ///
    /// Rows stand in the order of the code after; what was removed stands where it was. `before` is the module that was optimized.
    pub fn rows(&self, before: &Module, function: u32) -> Vec<Row> {
        let len = before.function(function).map_or(0, |f| f.code.len());
        let mut passes = vec![Vec::new(); len];
        for change in self.changes.iter().filter(|change| change.function == function) {
            for &origin in &change.origins {
                if let Some(passes) = passes.get_mut(origin as usize)
                    && !passes.contains(&change.pass)
                {
                    passes.push(change.pass);
                }
            }
        }
        let mut shown = vec![false; len];
        let mut rows = Vec::new();
        let mut next = 0;
        let mut row = |before: Option<u32>, after: Option<u32>| {
            let at = before.map(|at| at as usize);
            let passes = at.and_then(|at| passes.get_mut(at)).map(std::mem::take).unwrap_or_default();
            rows.push(Row { before, after, passes });
        };
        let origins = self.origins.get(function as usize).map_or(&[][..], Vec::as_slice);
        for (after, &origin) in (0..).zip(origins) {
            // What comes before in the old code and is not shown yet was removed.
            while next < origin {
                if shown.get(next as usize) == Some(&false) && !is_used(origins, after, next) {
                    row(Some(next), None);
                }
                next += 1;
            }
            let first = shown.get_mut(origin as usize).is_some_and(|shown| !std::mem::replace(shown, true));
            row(first.then_some(origin), Some(after));
            next = next.max(origin + 1);
        }
        for at in next..len as u32 {
            row(Some(at), None);
        }
        rows
    }

    /// The comparison of a function as text: index and instruction before, index and instruction after, passes.
    pub fn side_by_side(&self, before: &Module, function: u32) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_rows(&mut out, before, function);
        out
    }

    fn write_rows(&self, out: &mut String, before: &Module, function: u32) -> fmt::Result {
        const WIDTH: usize = 36;
        let code = |module: &Module, at: Option<u32>| {
            let found =
                at.zip(module.function(function)).and_then(|(at, f)| Some((at, *f.code.get(at as usize)?)));
            match found {
                Some((at, i)) => format!("{at:>4}  {}", instruction_text(i, &self.module.constants)),
                None => String::new(),
            }
        };
        for row in self.rows(before, function) {
            let (left, right) = (code(before, row.before), code(&self.module, row.after));
            let passes: Vec<&str> = row.passes.iter().map(|pass| pass.text()).collect();
            let line = format!("{left:<WIDTH$} | {right:<WIDTH$} | {}", passes.join(", "));
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Whether an instruction after `from` has its place from the old instruction `at`; looks a short way ahead, since code keeps its order
/// but for a few instructions.
fn is_used(origins: &[u32], from: u32, at: u32) -> bool {
    const AHEAD: usize = 8;
    origins.iter().skip(from as usize).take(AHEAD).any(|&origin| origin == at)
}
