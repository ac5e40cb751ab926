//! Jumps, loops, iteration, returns.

use zexus_bytecode::{Instruction, OpFlags, Opcode};

use super::super::emit::Exit;
use super::super::stack::Sym;
use super::super::vars;
use super::{HEAD, Translator};
use crate::program::Spot;
use crate::run::insn::{Insn, Op};

impl Translator<'_, '_> {
    /// Translates a jump or return; false for other instructions.
    pub fn branch(&mut self, pc: u32, _end: u32, i: Instruction) -> bool {
        match (i.op(), i.label()) {
            (Opcode::Jump, Some(label)) => {
                self.settle_all(pc);
                if !self.turn(label, pc) {
                    self.goto(label, pc);
                }
            }
            (Opcode::JumpIfFalse, Some(label)) => self.truth(pc, false, label, pc),
            (Opcode::JumpIfTrue, Some(label)) => self.truth(pc, true, label, pc),
            (Opcode::JumpIfNull | Opcode::JumpIfNotNull, Some(label)) => {
                self.settle_all(pc);
                let a = self.operand(0, pc);
                let op = if i.op() == Opcode::JumpIfNull { Op::JumpNull } else { Op::JumpNotNull };
                self.leap(Insn::abc(op, a, 0, 0), label, pc);
            }
            (Opcode::Return, _) => {
                let top = self.stack.len().checked_sub(1).map(|top| self.stack.get(top));
                if matches!(top, None | Some(Sym::Null)) {
                    self.emit(Insn::abc(Op::ReturnNull, 0, 0, 0), pc);
                } else {
                    let a = self.operand(0, pc);
                    self.emit(Insn::abc(Op::Return, a, 0, 0), pc);
                }
            }
            _ => return false,
        }
        true
    }

    /// A jump on the truth of the top, which is taken.
    pub fn truth(&mut self, pc: u32, when: bool, label: u32, at: u32) {
        let a = self.operand(0, pc);
        self.stack.pop();
        self.settle_all(pc);
        let jump = |when| Insn::abc(if when { Op::JumpTrue } else { Op::JumpFalse }, a, 0, 0);
        self.conditional(pc, &jump, when, label, at);
    }

    /// A conditional jump by the instruction at `at`. Where the head of a loop is repeated, it jumps to what follows the head.
    pub fn conditional(&mut self, pc: u32, make: &dyn Fn(bool) -> Insn, when: bool, label: u32, at: u32) {
        match self.turned {
            // What follows the head is a jump that the head passes over.
            Some(body) if let Some(&target) = self.left_out.get(&body) => {
                if !self.paid_leap(make(when), label, pc) {
                    self.leap(make(when), label, pc);
                }
                self.goto(target, at);
            }
            Some(body) if body == at + 1 => {
                if !self.paid_leap(make(!when), body, pc) {
                    self.leap(make(!when), body, pc);
                }
                self.goto(label, at);
            }
            _ => match self.jump_over(label, at) {
                Some(target) => self.leap(make(!when), target, pc),
                None => self.leap(make(when), label, pc),
            },
        }
    }

    /// Where a jump leads that is all a conditional jump at `at` passes over, if nothing else leads to it and it goes forward: it is left
    /// out then, and the condition turned round.
    fn jump_over(&mut self, label: u32, at: u32) -> Option<u32> {
        let over = at + 1;
        let jump = self.job.function.code.get(over as usize).filter(|i| i.op() == Opcode::Jump)?;
        let target = jump.label().filter(|target| *target > over && label == over + 1)?;
        if self.turned.is_some() || self.job.is_label(over) {
            return None;
        }
        self.left_out.insert(over, target);
        Some(target)
    }

    /// In a metered loop: one instruction for the condition at the end of the repeated head that pays for the body, too, and for the
    /// head if the condition is all of it. False if it is none.
    fn paid_leap(&mut self, insn: Insn, body: u32, pc: u32) -> bool {
        let Some(&target) = self.code.labels.get(&body) else { return false };
        let after = self.code.insns.get(target as usize).filter(|i| i.op == Op::Gas).map(|i| i.d);
        let before = self.code.insns.last().filter(|i| i.op == Op::Gas && i.d < 1 << 24).map(|i| i.d);
        let both = after.and_then(|after| after.checked_add(before.unwrap_or(0)));
        let (Some(both), Some(mut insn)) = (both, insn.paid()) else { return false };
        let mut charged = pc;
        if before.is_some() {
            self.code.insns.pop();
            charged = self.code.pcs.pop().unwrap_or(pc);
        }
        insn.d = target;
        self.emit(insn, pc);
        self.emit(Insn::prices(before.unwrap_or(0), both), charged);
        true
    }

    /// A jump with a condition; it may leave the function.
    fn leap(&mut self, insn: Insn, label: u32, pc: u32) {
        if (label as usize) < self.job.function.code.len() {
            self.code.jump(insn, label, pc);
        } else {
            let from = self.emit(insn, pc);
            let register = self.stack.len().checked_sub(1).map(|top| u32::from(self.stack.own(top)));
            self.exits.push(Exit { from, step: false, register });
        }
    }

    /// A jump without a condition.
    fn goto(&mut self, label: u32, pc: u32) {
        if (label as usize) < self.job.function.code.len() {
            let op = if self.code.labels.contains_key(&label) { Op::Loop } else { Op::Jump };
            self.code.jump(Insn::ad(op, 0, 0), label, pc);
        } else if let Some(top) = self.stack.len().checked_sub(1) {
            let register = self.stack.own(top);
            self.emit(Insn::abc(Op::Return, register, 0, 0), pc);
        } else {
            self.emit(Insn::abc(Op::ReturnNull, 0, 0, 0), pc);
        }
    }

    /// Instead of a jump back to the head of a loop, repeats the head, so that a round needs one jump less.
    fn turn(&mut self, label: u32, pc: u32) -> bool {
        if label > pc || self.turned.is_some() || !self.code.labels.contains_key(&label) {
            return false;
        }
        let Some(end) = self.head_end(label) else { return false };
        self.turned = Some(end);
        self.range(label, end);
        self.turned = None;
        true
    }

    /// The end of a short block that ends with a condition and changes nothing.
    fn head_end(&self, start: u32) -> Option<u32> {
        for pc in start..start + HEAD {
            let i = self.job.function.code.get(pc as usize)?;
            match i.op() {
                Opcode::JumpIfFalse | Opcode::JumpIfTrue => return Some(pc + 1),
                Opcode::ForIter => {
                    return (i.count() == 1 && self.items.contains_key(&pc)).then_some(pc + 1);
                }
                _ if i.info().flags.intersects(OpFlags::WRITES | OpFlags::BRANCH) => return None,
                Opcode::CallBuiltin
                    if vars::name_of(self.job.module, *i).is_none_or(|name| name.starts_with('@')) =>
                {
                    return None;
                }
                _ => (),
            }
        }
        None
    }

    /// `GET_ITER` and `FOR_ITER`.
    pub fn iterate(&mut self, pc: u32, _end: u32, i: Instruction) {
        let depth = self.job.iters.as_ref().and_then(|iters| iters.depths.get(&pc)).copied();
        let Some(depth) = depth else {
            if i.op() == Opcode::ForIter {
                return self.step_for_iter(pc, i);
            }
            return self.step(pc, i);
        };
        let state = (self.job.iter_start + 2 * depth) as u8;
        if i.op() == Opcode::GetIter {
            self.settle_top(1, pc);
            let a = self.operand(0, pc);
            self.emit(Insn::abc(Op::IterStart, a, state, i.count() as u8), pc);
            return;
        }
        let Some(label) = i.label() else { return };
        self.settle_all(pc);
        let own = self.stack.own(self.stack.len());
        if let Some(body) = self.turned {
            let item = self.items.get(&pc).copied().unwrap_or(own);
            self.code.jump(Insn::abc(Op::IterLoop, item, state, 0), body, pc);
            self.stack.pop();
            return self.goto(label, pc);
        }
        let item = if i.count() == 1 { self.item_slot(pc) } else { None };
        let a = item.unwrap_or(own);
        self.items.insert(pc, a);
        let op = if i.count() == 1 { Op::IterNext } else { Op::IterNext2 };
        let top = self.stack.pop();
        // At the label the iterator is gone.
        self.leap(Insn::abc(op, a, state, 0), label, pc);
        self.stack.push(top);
        (0..i.count()).for_each(|_| {
            self.stack.push_own();
        });
    }

    /// The variable that takes the item, if nothing but a charge, or a `DUP` that leaves it there, comes before the store.
    fn item_slot(&mut self, pc: u32) -> Option<u8> {
        let code = &self.job.function.code;
        let mut at = pc + 1;
        while code.get(at as usize)?.op() == Opcode::GasCharge {
            at += 1;
        }
        if code.get(at as usize)?.op() == Opcode::Dup {
            at += 1;
        }
        let store = code.get(at as usize).filter(|i| i.op() == Opcode::StoreName)?;
        let name = vars::name_of(self.job.module, *store)?;
        let Spot::Register(slot) = self.job.spot(&name) else { return None };
        // Nothing else may lead to what is between.
        if (pc + 1..=at).any(|pc| self.job.is_label(pc)) {
            return None;
        }
        self.stored.insert(at);
        Some(slot as u8)
    }

    fn step_for_iter(&mut self, pc: u32, i: Instruction) {
        self.settle_all(pc);
        let first = u32::from(self.stack.own(self.stack.len().saturating_sub(1)));
        self.emit(Insn::ad(Op::Step, 0, first), pc);
        match super::super::emit::label_in(i, self.job.function.code.len()) {
            Some(label) => self.code.step_jump(pc, label),
            None => {
                let register = first.checked_sub(1).filter(|r| *r >= self.job.stack_start);
                self.exits.push(Exit { from: pc as usize, step: true, register });
            }
        }
        (0..i.count()).for_each(|_| {
            self.stack.push_own();
        });
    }
}
