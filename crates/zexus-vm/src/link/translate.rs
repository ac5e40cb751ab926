//! From stack code to register code, block by block.

use zexus_bytecode::verify::UNREACHED;
use zexus_bytecode::{Const, Instruction, Opcode};

use super::emit::{Code, Exit};
use super::flow::Set;
use super::function::{Job, stored_slot};
use super::stack::{Stack, Sym};
use crate::program::Clear;
use crate::run::insn::{Insn, Op};

mod branches;
mod calls;
mod operators;
mod variables;

/// Instructions of a loop's head that are repeated at its end.
const HEAD: u32 = 10;

/// The translation of a function.
pub(super) struct Translator<'t, 'l> {
    pub job: &'t mut Job<'l>,
    pub code: Code,
    pub stack: Stack,
    pub exits: Vec<Exit>,
    /// Slots that surely have a value here; without data flow, none is known to.
    pub assigned: Set,
    /// The first internal instruction of the block: none before it may be changed.
    block: usize,
    /// Instructions that the one before has done already.
    skip: u32,
    /// While the head of a loop is repeated at its end: the instruction after it.
    pub turned: Option<u32>,
    /// Stores that a `FOR_ITER` has done already.
    pub stored: rustc_hash::FxHashSet<u32>,
    /// Jumps that a condition before them makes, and where they lead.
    pub left_out: rustc_hash::FxHashMap<u32, u32>,
    /// For each `FOR_ITER`, the register of its item.
    pub items: rustc_hash::FxHashMap<u32, u8>,
}

/// Translates a function all of whose registers are in a window.
pub(crate) fn translate(job: &mut Job<'_>) -> Code {
    let slots = job.vars().map_or(0, |v| v.slots.len());
    let stack = Stack::new(job.stack_start, slots);
    let mut t = Translator {
        job,
        code: Code::default(),
        stack,
        exits: Vec::new(),
        assigned: Set::new(slots),
        block: 0,
        skip: 0,
        turned: None,
        stored: Default::default(),
        left_out: Default::default(),
        items: Default::default(),
    };
    t.blocks();
    let Translator { job, mut code, exits, .. } = t;
    let len = job.function.code.len() as u32;
    code.exits(exits, len);
    handlers(job, &mut code);
    code.resolve();
    clears(job, &mut code);
    code.finish_starts(job);
    code
}

/// Where errors of regions go.
pub(super) fn handlers(job: &Job<'_>, code: &mut Code) {
    let len = job.function.code.len() as u32;
    for (instruction, &height) in job.function.code.iter().zip(job.heights) {
        if !matches!(instruction.op(), Opcode::SetupTry | Opcode::SetupFinally) || height == UNREACHED {
            continue;
        }
        let Some(label) = instruction.label() else { continue };
        let target = match code.labels.get(&label) {
            Some(&target) if label < len => target,
            _ => {
                let at = code.here();
                let register = job.stack_start + height;
                code.trace(0, Some(register), len);
                match u8::try_from(register) {
                    Ok(register) => code.emit(Insn::abc(Op::Return, register, 0, 0), len),
                    Err(_) => code.emit(Insn::ad(Op::Step, 0, register), len),
                };
                at
            }
        };
        code.handlers.insert((label, height), target);
    }
}

/// What the beginning of a call does to registers.
fn clears(job: &Job<'_>, code: &mut Code) {
    let Some(vars) = job.vars() else { return };
    for (slot, name) in (0..).zip(&vars.slots) {
        let given = (slot as usize) < vars.params || &**name == "this" && job.function.flags.is_method();
        if job.in_cell(slot) {
            code.clears.push((slot, if given { Clear::Wrap } else { Clear::Cell }));
        } else if job.unsure.has(slot) && !given {
            code.clears.push((slot, Clear::Undef));
        }
    }
}

impl Translator<'_, '_> {
    fn blocks(&mut self) {
        let len = self.job.function.code.len() as u32;
        let starts: Vec<u32> = match &self.job.flow {
            Some(flow) => flow.cfg.starts().to_vec(),
            None => zexus_bytecode::cfg::Cfg::new(self.job.function).starts().to_vec(),
        };
        let mut falls = len == 0;
        for (index, &start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(len);
            let height = self.job.heights.get(start as usize).copied().unwrap_or(UNREACHED);
            if height == UNREACHED || self.left_out.contains_key(&start) {
                falls = false;
                continue;
            }
            self.code.skip_given(self.job, start);
            self.code.labels.insert(start, self.code.here());
            self.block = self.code.insns.len();
            self.stack.reset(height as usize);
            self.assigned = match &self.job.flow {
                Some(flow) => match flow.assigned.get(index) {
                    Some(Some(set)) => set.clone(),
                    _ => Set::new(0),
                },
                None => Set::new(self.job.vars().map_or(0, |v| v.slots.len())),
            };
            falls = self.range(start, end);
            if falls {
                self.settle_all(end);
            }
        }
        if falls {
            let top = self.stack.len().checked_sub(1).map(|top| self.stack.own(top));
            match top {
                Some(register) => self.code.emit(Insn::abc(Op::Return, register, 0, 0), len),
                None => self.code.emit(Insn::abc(Op::ReturnNull, 0, 0, 0), len),
            };
        }
    }

    /// Translates instructions of one block; whether execution goes on after the last one.
    pub fn range(&mut self, start: u32, end: u32) -> bool {
        let mut pc = start;
        while pc < end {
            let Some(instruction) = self.job.function.code.get(pc as usize).copied() else { break };
            self.skip = 0;
            self.instruction(pc, end, instruction);
            pc += 1 + self.skip;
            if instruction.op().ends_block() {
                return false;
            }
        }
        true
    }

    /// The instruction after this one, if it is in the same block.
    pub fn next(&self, pc: u32, end: u32) -> Option<Instruction> {
        if pc + 1 < end { self.job.function.code.get(pc as usize + 1).copied() } else { None }
    }

    /// The next instructions are done, too.
    pub fn skip(&mut self, count: u32) {
        self.skip += count;
    }

    pub fn emit(&mut self, insn: Insn, pc: u32) -> usize {
        self.code.emit(insn, pc)
    }

    fn instruction(&mut self, pc: u32, end: u32, i: Instruction) {
        match i.op() {
            Opcode::LoadConst => self.load_const(pc, i),
            Opcode::LoadName => self.load_name(pc, i),
            Opcode::StoreName => self.store_or_skip(pc, i),
            Opcode::StoreConst => match self.job.module.constant(i.second()) {
                Some(Const::List(_) | Const::Map(_)) => self.step(pc, i),
                _ => {
                    self.load_const(pc, Instruction::new(Opcode::LoadConst, i.second()));
                    self.store_name(pc, i);
                }
            },
            Opcode::Pop => {
                self.stack.pop();
            }
            Opcode::Dup => {
                if let Some(store) = self.kept_in_variable(pc, end) {
                    // From here on the value is read from the variable, so it need not be anywhere else.
                    self.store_or_skip(pc + 1, store);
                    self.load_name(pc + 1, store);
                    return self.skip(1);
                }
                let top = self.stack.len().saturating_sub(1);
                let sym = self.stack.get(top);
                self.stack.push(sym);
            }
            Opcode::Inc | Opcode::Dec => {
                let x = self.operand(0, pc);
                self.stack.pop();
                let op = if i.op() == Opcode::Inc { Op::AddI } else { Op::SubI };
                let a = self.stack.push_own();
                self.emit(Insn { op, a, b: x, c: 0, d: 1 }, pc);
            }
            Opcode::Nop | Opcode::PopTry | Opcode::Export => (),
            Opcode::SetupTry | Opcode::SetupFinally => self.settle_all(pc),
            Opcode::GasCharge => match u32::try_from(i.first()) {
                Ok(0) => (),
                Ok(gas) => {
                    self.emit(Insn::ad(Op::Gas, 0, gas), pc);
                }
                Err(_) => self.step(pc, i),
            },
            Opcode::CheckType => self.check_type(pc, i),
            Opcode::GetIter | Opcode::ForIter => self.iterate(pc, end, i),
            _ if self.operator(pc, end, i) || self.branch(pc, end, i) || self.call(pc, i) => (),
            _ => self.step(pc, i),
        }
    }

    /// Notes what an instruction does to variables.
    pub fn events(&mut self, pc: u32) {
        let assigned = &mut self.assigned;
        self.job.scopes.events(self.job.module, self.job.index, pc as usize, |event| {
            super::flow::apply(event, assigned);
        });
    }

    /// The register of the value `below` places under the top; puts it in its own place if it is a constant.
    pub fn operand(&mut self, below: usize, pc: u32) -> u8 {
        let place = self.stack.len().saturating_sub(1 + below);
        match self.stack.get(place) {
            Sym::Reg(r) => r,
            _ => {
                self.settle(place, pc);
                self.stack.own(place)
            }
        }
    }

    /// Puts a value in its own place.
    pub fn settle(&mut self, place: usize, pc: u32) {
        let own = self.stack.own(place);
        let sym = self.stack.get(place);
        if sym != Sym::Reg(own) {
            self.load(own, sym, pc);
            self.stack.settle(place);
        }
    }

    /// Puts all values in their own places.
    pub fn settle_all(&mut self, pc: u32) {
        for place in self.stack.first_lazy()..self.stack.len() {
            self.settle(place, pc);
        }
    }

    /// Puts the top `count` values in their own places, as operands of calls and steps; the register of the first.
    pub fn settle_top(&mut self, count: usize, pc: u32) -> u8 {
        let first = self.stack.len().saturating_sub(count);
        for place in first..self.stack.len() {
            self.settle(place, pc);
        }
        self.stack.own(first)
    }

    /// Puts values in their own places that are still to be read from a variable which is about to change.
    pub fn flush(&mut self, slot: u32, pc: u32) {
        for place in self.stack.take_pending(slot) {
            self.settle(place, pc);
        }
    }

    /// Loads a value into a register.
    pub fn load(&mut self, a: u8, sym: Sym, pc: u32) {
        let insn = match sym {
            Sym::Reg(b) => Insn::abc(Op::Move, a, b, 0),
            Sym::Int(n) => Insn::ad(Op::LoadInt, a, n as u32),
            Sym::K(k) => Insn::ad(Op::LoadK, a, k),
            Sym::Null => Insn::abc(Op::LoadNull, a, 0, 0),
            Sym::Bool(b) => Insn::abc(Op::LoadBool, a, b.into(), 0),
        };
        self.emit(insn, pc);
    }

    /// Leaves an instruction to the function that runs any.
    pub fn step(&mut self, pc: u32, i: Instruction) {
        if let Some(slot) = stored_slot(self.job, i) {
            self.flush(slot, pc);
            self.job.unsure.add(slot);
        }
        let pops = i.pops() as usize;
        self.settle_top(pops, pc);
        let first = u32::from(self.stack.own(self.stack.len().saturating_sub(pops)));
        self.stack.drop(pops);
        self.emit(Insn::ad(Op::Step, 0, first), pc);
        (0..i.pushes()).for_each(|_| {
            self.stack.push_own();
        });
        self.events(pc);
    }

    fn check_type(&mut self, pc: u32, i: Instruction) {
        let ty = self.job.module.constant(i.first()).map(crate::types::LinkedType::parse);
        match ty.as_ref().and_then(crate::run::tags_of) {
            Some(u32::MAX) => (),
            Some(tags) => {
                let a = self.operand(0, pc);
                self.emit(Insn::ad(Op::CheckTags, a, tags), pc);
            }
            None => self.step(pc, i),
        }
    }
}
