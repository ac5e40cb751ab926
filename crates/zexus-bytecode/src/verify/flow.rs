//! Steps 6 and 7, and the limits of step 5 that they show: heights of the stack and open regions along every path.
//!
//! Every instruction is visited once, with the first state that reaches it; other states are compared with that one. Regions
//! are nodes of a tree, made once for each place, handler and height, so comparing the regions that are open is comparing two numbers.

use std::collections::HashMap;

use crate::cfg::opens_region;
use crate::isa::{Instruction, Opcode};
use crate::limits;
use crate::module::Function;

use super::{MOST_ERRORS, block_starts, counted};

/// The height of an instruction that no path reaches.
pub const UNREACHED: u32 = u32::MAX;

/// The region of an instruction that is in none.
pub const NO_REGION: u32 = u32::MAX;

/// What the verifier found out about a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The most values that are on the stack.
    pub max_stack: u32,
    /// For each instruction, the values on the stack before it; [`UNREACHED`] if no path leads to it.
    pub heights: Vec<u32>,
    /// For each instruction, the innermost region it is in, by its index in `regions`, or [`NO_REGION`].
    pub region_of: Vec<u32>,
    /// The regions; a region stands after the one around it.
    pub regions: Vec<Region>,
    /// The first instruction of each basic block, rising.
    pub block_starts: Vec<u32>,
}

/// A region whose errors go to a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// The region around it, or [`NO_REGION`].
    pub parent: u32,
    /// Where errors go; may be the end of the code.
    pub handler: u32,
    /// How many values are on the stack when it is opened; the error comes on top of them.
    pub height: u32,
    /// Whether it is a `SETUP_FINALLY`.
    pub finally: bool,
}

/// A violation, in the step that it belongs to.
pub(super) struct Violation {
    pub step: u8,
    pub pc: u32,
    pub message: String,
}

impl Violation {
    pub fn code(&self) -> &'static str {
        if self.step == 5 { "E0707" } else { "E0705" }
    }
}

#[derive(Clone, Copy)]
struct State {
    height: u32,
    region: u32,
}

struct Flow<'f> {
    code: &'f [Instruction],
    facts: Facts,
    depths: Vec<u32>,
    known: HashMap<Region, u32>,
    work: Vec<u32>,
    violations: Vec<Violation>,
}

/// The facts about a function, and the violations of its first failing step.
pub(super) fn analyse(function: &Function) -> (Facts, Vec<Violation>) {
    let len = function.code.len();
    let mut flow = Flow {
        code: &function.code,
        facts: Facts {
            heights: vec![UNREACHED; len],
            region_of: vec![NO_REGION; len],
            block_starts: block_starts(function),
            ..Facts::default()
        },
        depths: Vec::new(),
        known: HashMap::new(),
        work: Vec::new(),
        violations: Vec::new(),
    };
    let start = State { height: 0, region: NO_REGION };
    flow.reach(0, start);
    function.entries.iter().for_each(|&entry| flow.reach(entry, start));
    while let Some(pc) = flow.work.pop() {
        flow.visit(pc);
    }
    let first = flow.violations.iter().map(|v| v.step).min();
    let mut violations = flow.violations;
    violations.retain(|v| Some(v.step) == first);
    violations.sort_by_key(|v| v.pc);
    violations.dedup_by_key(|v| v.pc);
    violations.truncate(MOST_ERRORS);
    (flow.facts, violations)
}

impl Flow<'_> {
    fn violation(&mut self, step: u8, pc: u32, message: impl FnOnce() -> String) {
        // A limit for each step bounds the memory, and keeps later steps from hiding earlier ones.
        if self.violations.iter().filter(|v| v.step == step).count() < 2 * MOST_ERRORS {
            self.violations.push(Violation { step, pc, message: message() });
        }
    }

    /// A path leads to `pc` with this state; the end of the code takes every state.
    fn reach(&mut self, pc: u32, state: State) {
        let at = pc as usize;
        let (Some(height), Some(region)) = (self.facts.heights.get_mut(at), self.facts.region_of.get_mut(at))
        else {
            return;
        };
        if *height == UNREACHED {
            (*height, *region) = (state.height, state.region);
            self.work.push(pc);
            return;
        }
        let (known_height, known_region) = (*height, *region);
        if known_height != state.height {
            let (low, high) = (known_height.min(state.height), known_height.max(state.height));
            self.violation(6, pc, || {
                format!("paths meet with {low} and {} on the stack", counted(high.into(), "value"))
            });
        } else if known_region != state.region {
            self.violation(7, pc, || "paths meet with different regions open".to_owned());
        }
    }

    fn visit(&mut self, pc: u32) {
        let at = pc as usize;
        let (Some(&instruction), Some(&height), Some(&region)) =
            (self.code.get(at), self.facts.heights.get(at), self.facts.region_of.get(at))
        else {
            return;
        };
        let op = instruction.op();
        let (pops, pushes) = (instruction.pops(), instruction.pushes());
        let have = u64::from(height);
        if have < pops {
            let message = || format!("{op} needs {}, the stack has {have}", counted(pops, "value"));
            self.violation(6, pc, message);
        }
        let left = have.saturating_sub(pops);
        self.keeps_region(pc, op, (have, left), region);
        let after = left.saturating_add(pushes);
        if after > limits::STACK {
            let message = || format!("more than {} values on the stack", limits::STACK);
            return self.violation(5, pc, message);
        }
        let mut state = State { height: after as u32, region };
        self.facts.max_stack = self.facts.max_stack.max(height).max(state.height);
        let label = instruction.label().unwrap_or_default();
        match op {
            Opcode::ForIter => {
                let end = State { height: left as u32, region };
                self.reach(label, end);
            }
            Opcode::PopTry => match self.facts.regions.get(region as usize) {
                Some(open) => state.region = open.parent,
                None => self.violation(7, pc, || format!("{op} without an open region")),
            },
            op if opens_region(op) => {
                if after == limits::STACK {
                    let message = || format!("more than {} values on the stack", limits::STACK);
                    return self.violation(5, pc, message);
                }
                self.facts.max_stack = self.facts.max_stack.max(height + 1);
                self.reach(label, State { height: height + 1, region });
                match self.open(region, label, height, op == Opcode::SetupFinally) {
                    Some(inner) => state.region = inner,
                    None => {
                        let message = || format!("regions nested more than {} deep", limits::REGIONS);
                        return self.violation(5, pc, message);
                    }
                }
            }
            _ if instruction.label().is_some() => self.reach(label, state),
            _ => (),
        }
        if !op.ends_block() {
            self.reach(pc + 1, state);
        }
    }

    /// The label of a region finds the stack as it was when the region was opened, so what lies there must stay while it is
    /// open. Instructions that only look at the top, or end the region, are free to.
    fn keeps_region(&mut self, pc: u32, op: Opcode, (have, left): (u64, u64), region: u32) {
        let looks = matches!(
            op,
            Opcode::Dup
                | Opcode::JumpIfNull
                | Opcode::JumpIfNotNull
                | Opcode::CheckType
                | Opcode::Return
                | Opcode::Throw
                | Opcode::Revert
        );
        let Some(open) = self.facts.regions.get(region as usize).copied() else { return };
        let height = u64::from(open.height);
        // Only the first that goes too far is to blame.
        if !looks && have >= height && left < height {
            let message =
                || format!("{op} takes values from below the open region, which began with {height}");
            self.violation(6, pc, message);
        }
    }

    fn open(&mut self, parent: u32, handler: u32, height: u32, finally: bool) -> Option<u32> {
        let depth = self.depths.get(parent as usize).map_or(1, |depth| depth + 1);
        if depth > limits::REGIONS {
            return None;
        }
        let next = self.facts.regions.len() as u32;
        let region = Region { parent, handler, height, finally };
        let id = *self.known.entry(region).or_insert(next);
        if id == next {
            self.facts.regions.push(region);
            self.depths.push(depth);
        }
        Some(id)
    }
}
