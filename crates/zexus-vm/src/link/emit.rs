//! Code as it grows: instructions, their public places, labels.

use rustc_hash::FxHashMap;
use zexus_bytecode::Instruction;

use super::function::Job;
use super::vars::optional_params;
use crate::program::Clear;
use crate::run::insn::{Insn, Op};

/// The code of a function.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// The instructions.
    pub insns: Vec<Insn>,
    /// For each, the public instruction.
    pub pcs: Vec<u32>,
    /// Where calls start.
    pub starts: Vec<u32>,
    /// By label and height of a region, where its errors go.
    pub handlers: FxHashMap<(u32, u32), u32>,
    /// By the place of a jump that runs as a step, where it leads.
    pub step_targets: FxHashMap<u32, u32>,
    /// What the beginning of a call does to registers.
    pub clears: Vec<(u32, Clear)>,
    /// By public instruction, where its code starts.
    pub labels: FxHashMap<u32, u32>,
    /// By segment of defaults, where the test is that passes over it.
    pub skips: Vec<u32>,
    /// Whether instructions are traced.
    pub traced: bool,
    fixups: Vec<(usize, u32)>,
    step_fixups: Vec<(u32, u32)>,
}

/// The end of a jump that leaves the function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exit {
    /// The jump, or for a step its place.
    pub from: usize,
    /// Whether it is a step.
    pub step: bool,
    /// The register of the result, or none.
    pub register: Option<u32>,
}

impl Code {
    /// Appends an instruction.
    pub fn emit(&mut self, insn: Insn, pc: u32) -> usize {
        self.insns.push(insn);
        self.pcs.push(pc);
        self.insns.len() - 1
    }

    /// For traces: a public instruction begins, or the code ends, with the top of the stack in a register, if there is one.
    pub fn trace(&mut self, height: u32, top: Option<u32>, pc: u32) {
        if self.traced {
            self.emit(Insn::trace(height, top.unwrap_or(u32::MAX)), pc);
        }
    }

    /// Appends a jump to a public instruction.
    pub fn jump(&mut self, insn: Insn, label: u32, pc: u32) -> usize {
        let at = self.emit(insn, pc);
        match self.labels.get(&label) {
            Some(&target) => self.set_target(at, target),
            None => self.fixups.push((at, label)),
        }
        at
    }

    /// Sets where a jump leads.
    pub fn set_target(&mut self, at: usize, target: u32) {
        if let Some(insn) = self.insns.get_mut(at) {
            insn.d = target;
        }
    }

    /// A step that may go to a label.
    pub fn step_jump(&mut self, pc: u32, label: u32) {
        self.step_fixups.push((pc, label));
    }

    /// The index of the next instruction.
    pub fn here(&self) -> u32 {
        self.insns.len() as u32
    }

    /// Ends jumps out of the function with returns.
    pub fn exits(&mut self, exits: Vec<Exit>, end: u32) {
        for exit in exits {
            let target = self.here();
            self.trace(0, exit.register, end);
            let step = Insn::ad(Op::Step, 0, exit.register.unwrap_or(u32::MAX));
            match exit.register.map(u8::try_from) {
                None => self.emit(Insn::abc(Op::ReturnNull, 0, 0, 0), end),
                Some(Ok(register)) => self.emit(Insn::abc(Op::Return, register, 0, 0), end),
                Some(Err(_)) => self.emit(step, end),
            };
            if exit.step {
                self.step_targets.insert(exit.from as u32, target);
            } else {
                self.set_target(exit.from, target);
            }
        }
    }

    /// Sets the targets of all jumps.
    pub fn resolve(&mut self) {
        for (at, label) in std::mem::take(&mut self.fixups) {
            let target = self.labels.get(&label).copied().unwrap_or_default();
            self.set_target(at, target);
        }
        for (pc, label) in std::mem::take(&mut self.step_fixups) {
            let target = self.labels.get(&label).copied().unwrap_or_default();
            self.step_targets.insert(pc, target);
        }
    }

    /// Before the code at `pc`: the tests that pass over defaults of given parameters.
    pub fn skip_given(&mut self, job: &Job<'_>, pc: u32) {
        let entries = &job.function.entries;
        let optional: Vec<usize> = optional_params(job.function).collect();
        let segment = |j: usize| if j == 0 { Some(0) } else { entries.get(j - 1).copied() };
        for (j, param) in optional.iter().enumerate() {
            if segment(j) == Some(pc) {
                let at = self.here();
                if self.skips.len() <= j {
                    self.skips.resize(j + 1, u32::MAX);
                }
                if let Some(skip) = self.skips.get_mut(j) {
                    *skip = at;
                }
                self.emit(Insn::ad(Op::SkipGiven, *param as u8, 0), pc);
            }
        }
    }

    /// After all code: where those tests lead, and where calls start, after what their beginning does to registers.
    pub fn finish_starts(&mut self, job: &Job<'_>) {
        let entries = &job.function.entries;
        let target = |code: &Code, j: usize| -> u32 {
            let pc = if j == 0 { 0 } else { entries.get(j - 1).copied().unwrap_or_default() };
            match code.skips.get(j) {
                Some(&skip) if skip != u32::MAX => skip,
                _ => code.labels.get(&pc).copied().unwrap_or_default(),
            }
        };
        for j in 0..entries.len() {
            let to = target(self, j + 1);
            if let Some(&skip) = self.skips.get(j)
                && skip != u32::MAX
            {
                self.set_target(skip as usize, to);
            }
        }
        for j in 0..=entries.len() {
            let mut to = target(self, j);
            if !self.clears.is_empty() {
                let stub = self.here();
                self.emit(Insn::ad(Op::Enter, 0, 0), 0);
                self.emit(Insn::ad(Op::Jump, 0, to), 0);
                to = stub;
            }
            self.starts.push(to);
        }
    }
}

/// The label of an instruction that is in the code.
pub(crate) fn label_in(instruction: Instruction, len: usize) -> Option<u32> {
    instruction.label().filter(|label| (*label as usize) < len)
}
