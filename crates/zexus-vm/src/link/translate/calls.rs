//! Calls.

use zexus_bytecode::support::Support;
use zexus_bytecode::{Instruction, Opcode};
use zexus_runtime::builtins;

use super::super::vars;
use super::Translator;
use crate::program::Spot;
use crate::run::insn::{Insn, Op};

impl Translator<'_, '_> {
    /// Translates a call; false for other instructions.
    pub fn call(&mut self, pc: u32, i: Instruction) -> bool {
        let count = i.count() as usize;
        match i.op() {
            Opcode::CallName => {
                let Some(name) = vars::name_of(self.job.module, i) else { return false };
                let spot = self.job.spot(&name);
                match spot {
                    Spot::Builtin(index) => self.builtin(pc, index, count),
                    Spot::Global(g) if !name.contains(':') => self.call_op(pc, Op::CallGlobal, count, 0, g),
                    Spot::Nothing | Spot::Global(_) => return false,
                    _ => self.call_variable(pc, spot, count),
                }
            }
            Opcode::CallTop => {
                let f = self.operand(count, pc);
                self.call_op(pc, Op::CallValue, count, 1, f.into());
            }
            Opcode::CallMethod => {
                let b = self.settle_top(count + 1, pc);
                self.stack.drop(count + 1);
                let (a, d) = (self.stack.push_own(), self.site());
                self.emit(Insn { op: Op::CallMethod, a, b, c: count as u8, d }, pc);
            }
            Opcode::CallBuiltin => {
                let Some(name) = vars::name_of(self.job.module, i) else { return false };
                match (&*name, crate::exec::Exec::builtin_named(&name)) {
                    ("@new" | "@copy", _) => return self.renew(pc, &*name == "@copy"),
                    (_, Some(index)) => self.builtin(pc, index, count),
                    _ => return self.support(pc, &name, count),
                }
            }
            _ => return false,
        }
        true
    }

    /// A call with the top `count` values as arguments; `below` more values are taken from under them.
    fn call_op(&mut self, pc: u32, op: Op, count: usize, below: usize, d: u32) {
        let b = self.settle_top(count, pc);
        self.stack.drop(count + below);
        let a = self.stack.push_own();
        self.emit(Insn { op, a, b, c: count as u8, d }, pc);
    }

    /// A call of what a variable holds.
    fn call_variable(&mut self, pc: u32, spot: Spot, count: usize) {
        let first = self.settle_top(count, pc);
        // Above the arguments is room for the function, which is read before a frame takes that place.
        let above = first + count as u8;
        let f = match spot {
            Spot::Register(slot) => {
                self.sure(slot, pc);
                slot as u8
            }
            Spot::Cell(slot) => {
                self.emit(Insn::abc(Op::LoadCell, above, slot as u8, 0), pc);
                above
            }
            Spot::Capture(c) => {
                self.emit(Insn::ad(Op::LoadCapture, above, c), pc);
                above
            }
            Spot::CaptureCell(c) => {
                self.emit(Insn::ad(Op::LoadCaptureCell, above, c), pc);
                above
            }
            _ => return,
        };
        self.call_op(pc, Op::CallValue, count, 0, f.into());
    }

    /// A support function. The variables it may change are known by the constant before.
    fn support(&mut self, pc: u32, name: &str, count: usize) -> bool {
        let Some(index) = Support::ALL.iter().position(|s| s.name() == name) else { return false };
        if let Some(slot) = self.renewed(pc) {
            self.flush(slot, pc);
        }
        self.call_op(pc, Op::CallSupport, count, 0, index as u32);
        self.events(pc);
        true
    }

    fn builtin(&mut self, pc: u32, index: u32, count: usize) {
        let row = builtins::row(index);
        let own = match (row.module, row.name(), count) {
            ("", "len", 1) => Some(Op::Len),
            ("", "append", 2) => Some(Op::Append),
            ("", "sqrt", 1) => Some(Op::Sqrt),
            _ => None,
        };
        match own {
            Some(op) => {
                let c = self.operand(0, pc);
                let b = if count == 2 { self.operand(1, pc) } else { c };
                self.stack.drop(count);
                let a = self.stack.push_own();
                self.emit(Insn { op, a, b, c, d: index }, pc);
            }
            None => self.call_op(pc, Op::CallBuiltin, count, 0, index),
        }
    }
}
