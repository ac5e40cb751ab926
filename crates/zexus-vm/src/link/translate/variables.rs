//! Constants and variables.

use zexus_bytecode::{Const, Instruction, Opcode};

use super::super::stack::Sym;
use super::super::vars::{self, Event};
use super::Translator;
use crate::program::Spot;
use crate::run::insn::{Insn, Op};

impl Translator<'_, '_> {
    /// `LOAD_CONST`
    pub fn load_const(&mut self, pc: u32, i: Instruction) {
        let Some(constant) = self.job.module.constant(i.first()) else { return };
        let sym = match constant {
            Const::Null => Sym::Null,
            Const::Bool(b) => Sym::Bool(*b),
            Const::Int(n) if i32::try_from(*n).is_ok() => Sym::Int(*n as i32),
            Const::List(_) | Const::Map(_) | Const::Func(_) => return self.step(pc, i),
            _ => Sym::K(self.constant(i.first(), constant.clone())),
        };
        self.stack.push(sym);
    }

    /// The constant of the program that a constant of the module is.
    pub fn constant(&mut self, index: u64, constant: Const) -> u32 {
        let consts = &mut self.job.program.consts;
        *self.job.consts.entry(index).or_insert_with(|| {
            consts.push(constant);
            (consts.len() - 1) as u32
        })
    }

    /// A new inline cache.
    pub fn site(&mut self) -> u32 {
        self.job.program.sites += 1;
        self.job.program.sites - 1
    }

    /// A variable of a register: raises unless it surely has a value.
    pub fn sure(&mut self, slot: u32, pc: u32) {
        if !self.assigned.has(slot) {
            self.job.unsure.add(slot);
            self.emit(Insn::abc(Op::Check, slot as u8, 0, 0), pc);
            self.assigned.add(slot);
        }
    }

    /// `LOAD_NAME`
    pub fn load_name(&mut self, pc: u32, i: Instruction) {
        let Some(name) = vars::name_of(self.job.module, i) else { return };
        let own = self.stack.own(self.stack.len());
        let insn = match self.job.spot(&name) {
            Spot::Register(slot) => {
                self.sure(slot, pc);
                return self.stack.push(Sym::Reg(slot as u8));
            }
            Spot::Cell(slot) => Insn::abc(Op::LoadCell, own, slot as u8, 0),
            Spot::Capture(c) => Insn::ad(Op::LoadCapture, own, c),
            Spot::CaptureCell(c) => Insn::ad(Op::LoadCaptureCell, own, c),
            Spot::Global(g) => Insn { op: Op::LoadGlobal, a: own, b: name.contains(':').into(), c: 0, d: g },
            Spot::Builtin(_) | Spot::Nothing => return self.step(pc, i),
        };
        self.emit(insn, pc);
        self.stack.push_own();
    }

    /// The store after a `DUP`, if both are the same as to store and load again: into a register.
    pub fn kept_in_variable(&self, pc: u32, end: u32) -> Option<Instruction> {
        let store = self.next(pc, end).filter(|i| i.op() == Opcode::StoreName)?;
        let name = vars::name_of(self.job.module, store)?;
        let register = matches!(self.job.spot(&name), Spot::Register(_)) && !self.job.is_label(pc + 1);
        register.then_some(store)
    }

    /// `STORE_NAME`, unless `FOR_ITER` has put the item there.
    pub fn store_or_skip(&mut self, pc: u32, i: Instruction) {
        if self.stored.contains(&pc) {
            self.stack.pop();
            self.events(pc);
        } else {
            self.store_name(pc, i);
        }
    }

    /// `STORE_NAME`
    pub fn store_name(&mut self, pc: u32, i: Instruction) {
        let Some(name) = vars::name_of(self.job.module, i) else { return };
        let spot = self.job.spot(&name);
        if let Spot::Register(slot) = spot {
            let place = self.stack.len().saturating_sub(1);
            let sym = self.stack.pop();
            let own = self.stack.own(place);
            let waiting = self.stack.has_pending(slot);
            self.flush(slot, pc);
            let last = self.code.insns.len();
            let maker = if waiting || last <= self.block || sym != Sym::Reg(own) {
                None
            } else {
                self.code.insns.last_mut().filter(|insn| insn.gives_a() && insn.a == own)
            };
            match maker {
                Some(insn) => insn.a = slot as u8,
                None if sym == Sym::Reg(slot as u8) => (),
                None => self.load(slot as u8, sym, pc),
            }
            self.assigned.add(slot);
            return;
        }
        let b = self.operand(0, pc);
        let insn = match spot {
            Spot::Cell(slot) => Insn::abc(Op::StoreCell, slot as u8, b, 0),
            Spot::CaptureCell(c) => Insn::ad(Op::StoreCaptureCell, b, c),
            Spot::Global(g) => Insn::ad(Op::StoreGlobal, b, g),
            _ => return self.step(pc, i),
        };
        self.stack.pop();
        self.emit(insn, pc);
    }

    /// The variable that an instruction makes a new one, or stores by its name.
    pub fn renewed(&self, pc: u32) -> Option<u32> {
        let mut slot = None;
        self.job.scopes.events(self.job.module, self.job.index, pc as usize, |event| {
            if let Event::New(s) | Event::Copy(s) | Event::Store(s) = event {
                slot = Some(s);
            }
        });
        slot
    }

    /// `@new` and `@copy` of a variable named by the constant before.
    pub fn renew(&mut self, pc: u32, copy: bool) -> bool {
        let Some(slot) = self.renewed(pc) else { return false };
        self.stack.pop();
        self.flush(slot, pc);
        let op = match (self.job.in_cell(slot), copy) {
            (true, true) => Some(Op::CopyCell),
            (true, false) => Some(Op::RenewCell),
            (false, true) => None,
            (false, false) => {
                self.assigned.remove(slot);
                Some(Op::Undef)
            }
        };
        if let Some(op) = op {
            self.emit(Insn::abc(op, slot as u8, 0, 0), pc);
        }
        self.stack.push(Sym::Null);
        true
    }
}
