//! Operators, members and collections.

use zexus_bytecode::{Const, Instruction, Opcode};

use super::super::stack::Sym;
use super::Translator;
use crate::run::insn::{Insn, Op};

/// The instruction for two registers, and whether the operands change places.
fn compare_op(op: Opcode) -> Option<(Op, bool)> {
    Some(match op {
        Opcode::Lt => (Op::Lt, false),
        Opcode::Gt => (Op::Lt, true),
        Opcode::Lte => (Op::Le, false),
        Opcode::Gte => (Op::Le, true),
        Opcode::Eq => (Op::Eq, false),
        Opcode::Neq => (Op::Ne, false),
        _ => return None,
    })
}

/// The jump for two registers, by the comparison and by what jumps.
fn jump_op(op: Op, when: bool) -> Op {
    match (op, when) {
        (Op::Lt, true) => Op::JumpLt,
        (Op::Lt, false) => Op::JumpNotLt,
        (Op::Le, true) => Op::JumpLe,
        (Op::Le, false) => Op::JumpNotLe,
        (Op::Eq, true) | (Op::Ne, false) => Op::JumpEq,
        _ => Op::JumpNe,
    }
}

/// The jump for a register and a small integer on its right.
fn short_op(op: Opcode, when: bool) -> Op {
    match (op, when) {
        (Opcode::Lt, true) => Op::JumpLtI,
        (Opcode::Lt, false) => Op::JumpNotLtI,
        (Opcode::Lte, true) => Op::JumpLeI,
        (Opcode::Lte, false) => Op::JumpNotLeI,
        (Opcode::Gt, true) => Op::JumpGtI,
        (Opcode::Gt, false) => Op::JumpNotGtI,
        (Opcode::Gte, true) => Op::JumpGeI,
        (Opcode::Gte, false) => Op::JumpNotGeI,
        (Opcode::Eq, true) | (Opcode::Neq, false) => Op::JumpEqI,
        _ => Op::JumpNeI,
    }
}

/// The jump for a register and a constant float on its right.
fn float_op(op: Opcode, when: bool) -> Op {
    match (op, when) {
        (Opcode::Lt, true) => Op::JumpLtK,
        (Opcode::Lt, false) => Op::JumpNotLtK,
        (Opcode::Lte, true) => Op::JumpLeK,
        (Opcode::Lte, false) => Op::JumpNotLeK,
        (Opcode::Gt, true) => Op::JumpGtK,
        (Opcode::Gt, false) => Op::JumpNotGtK,
        (_, true) => Op::JumpGeK,
        (_, false) => Op::JumpNotGeK,
    }
}

/// The comparison with the operands the other way round.
fn mirrored(op: Opcode) -> Opcode {
    match op {
        Opcode::Lt => Opcode::Gt,
        Opcode::Gt => Opcode::Lt,
        Opcode::Lte => Opcode::Gte,
        Opcode::Gte => Opcode::Lte,
        op => op,
    }
}

impl Translator<'_, '_> {
    /// Translates an operator or an access to a member; false for other instructions.
    pub fn operator(&mut self, pc: u32, end: u32, i: Instruction) -> bool {
        match i.op() {
            Opcode::Add
            | Opcode::Sub
            | Opcode::Mul
            | Opcode::Div
            | Opcode::Mod
            | Opcode::IntDiv
            | Opcode::Pow => {
                self.arithmetic(pc, i.op());
            }
            Opcode::Neg => match self.stack.get(self.stack.len().saturating_sub(1)) {
                Sym::Int(n) if n != i32::MIN => {
                    self.stack.pop();
                    self.stack.push(Sym::Int(-n));
                }
                _ => self.unary(pc, Op::Neg),
            },
            Opcode::Lt | Opcode::Gt | Opcode::Lte | Opcode::Gte | Opcode::Eq | Opcode::Neq => {
                self.comparison(pc, end, i.op());
            }
            Opcode::Not => self.not(pc, end),
            Opcode::And => self.binary(pc, Op::And),
            Opcode::Or => self.binary(pc, Op::Or),
            Opcode::In => self.binary(pc, Op::In),
            Opcode::Index => self.index(pc),
            Opcode::StoreIndex => {
                let (v, k, x) = (self.operand(2, pc), self.operand(1, pc), self.operand(0, pc));
                self.stack.drop(3);
                self.emit(Insn::abc(Op::SetIndex, v, k, x), pc);
            }
            Opcode::GetAttr => {
                let b = self.operand(0, pc);
                self.stack.pop();
                let (a, d) = (self.stack.push_own(), self.site());
                self.emit(Insn { op: Op::Field, a, b, c: 0, d }, pc);
            }
            Opcode::StoreAttr => {
                let (a, b) = (self.operand(1, pc), self.operand(0, pc));
                self.stack.drop(2);
                let d = self.site();
                self.emit(Insn { op: Op::SetField, a, b, c: 0, d }, pc);
            }
            Opcode::BuildList => {
                let count = i.count() as usize;
                let b = self.settle_top(count, pc);
                self.stack.drop(count);
                let a = self.stack.push_own();
                self.emit(Insn { op: Op::List, a, b, c: 0, d: count as u32 }, pc);
            }
            _ => return false,
        }
        true
    }

    fn unary(&mut self, pc: u32, op: Op) {
        let b = self.operand(0, pc);
        self.stack.pop();
        let a = self.stack.push_own();
        self.emit(Insn::abc(op, a, b, 0), pc);
    }

    fn binary(&mut self, pc: u32, op: Op) {
        let (b, c) = (self.operand(1, pc), self.operand(0, pc));
        self.stack.pop();
        self.stack.pop();
        let a = self.stack.push_own();
        self.emit(Insn::abc(op, a, b, c), pc);
    }

    fn top_two(&self) -> (Sym, Sym) {
        let len = self.stack.len();
        (self.stack.get(len.saturating_sub(2)), self.stack.get(len.saturating_sub(1)))
    }

    /// The float of a constant.
    fn float(&self, sym: Sym) -> Option<(u32, f64)> {
        let Sym::K(k) = sym else { return None };
        match self.job.program.consts.get(k as usize) {
            Some(Const::Float(f)) => Some((k, *f)),
            _ => None,
        }
    }

    /// The index of a constant float in two bytes.
    fn short_float(&self, sym: Sym) -> Option<[u8; 2]> {
        let (k, _) = self.float(sym)?;
        u16::try_from(k).ok().map(u16::to_le_bytes)
    }

    fn arithmetic(&mut self, pc: u32, op: Opcode) {
        let (x, y) = self.top_two();
        let with_int = match (op, x, y) {
            (Opcode::Add, Sym::Reg(_), Sym::Int(n)) => Some((Op::AddI, 0, n, 1)),
            (Opcode::Add, Sym::Int(n), Sym::Reg(_)) => Some((Op::AddI, 1, n, 0)),
            (Opcode::Sub, Sym::Reg(_), Sym::Int(n)) => Some((Op::SubI, 0, n, 1)),
            (Opcode::Mul, Sym::Reg(_), Sym::Int(n)) => Some((Op::MulI, 0, n, 1)),
            (Opcode::Mul, Sym::Int(n), Sym::Reg(_)) => Some((Op::MulI, 1, n, 0)),
            (Opcode::Mod, Sym::Reg(_), Sym::Int(n)) if n > 0 => Some((Op::ModI, 0, n, 1)),
            (Opcode::IntDiv, Sym::Reg(_), Sym::Int(n)) if n > 0 => Some((Op::IntDivI, 0, n, 1)),
            _ => None,
        };
        if let Some((op, c, n, below)) = with_int {
            return self.with_constant(pc, op, c, n as u32, below);
        }
        let (left, right) = (self.float(x), self.float(y));
        let with_float = match (op, left, right) {
            (Opcode::Add, None, Some((k, _))) => Some((Op::AddK, k, 1)),
            (Opcode::Sub, None, Some((k, _))) => Some((Op::SubK, k, 1)),
            (Opcode::Mul, None, Some((k, _))) => Some((Op::MulK, k, 1)),
            (Opcode::Div, None, Some((k, f))) if f != 0.0 => Some((Op::DivK, k, 1)),
            (Opcode::Add, Some((k, _)), None) => Some((Op::KAdd, k, 0)),
            (Opcode::Sub, Some((k, _)), None) => Some((Op::KSub, k, 0)),
            (Opcode::Mul, Some((k, _)), None) => Some((Op::KMul, k, 0)),
            (Opcode::Div, Some((k, _)), None) => Some((Op::KDiv, k, 0)),
            _ => None,
        };
        if let Some((op, k, below)) = with_float
            && matches!((x, y), (Sym::Reg(_), _) | (_, Sym::Reg(_)))
        {
            return self.with_constant(pc, op, 0, k, below);
        }
        let op = match op {
            Opcode::Add => Op::Add,
            Opcode::Sub => Op::Sub,
            Opcode::Mul => Op::Mul,
            Opcode::Div => Op::Div,
            Opcode::Mod => Op::Mod,
            Opcode::IntDiv => Op::IntDiv,
            _ => Op::Pow,
        };
        self.binary(pc, op);
    }

    /// An operation of the value `below` places under the top with a constant.
    fn with_constant(&mut self, pc: u32, op: Op, c: u8, d: u32, below: usize) {
        let b = self.operand(below, pc);
        self.stack.pop();
        self.stack.pop();
        let a = self.stack.push_own();
        self.emit(Insn { op, a, b, c, d }, pc);
    }

    fn comparison(&mut self, pc: u32, end: u32, op: Opcode) {
        if let Some((when, label, count)) = self.condition_follows(pc, end) {
            return self.jump_comparison(pc, op, when, label, count);
        }
        let Some((insn, swapped)) = compare_op(op) else { return };
        let (mut b, mut c) = (self.operand(1, pc), self.operand(0, pc));
        if swapped {
            (b, c) = (c, b);
        }
        self.stack.pop();
        self.stack.pop();
        let a = self.stack.push_own();
        self.emit(Insn::abc(insn, a, b, c), pc);
    }

    /// Whether a conditional jump follows, perhaps behind negations: on which value it jumps, its label, and how many instructions that are.
    fn condition_follows(&self, pc: u32, end: u32) -> Option<(bool, u32, u32)> {
        let (mut at, mut negated) = (pc, false);
        loop {
            let next = self.next(at, end)?;
            at += 1;
            match next.op() {
                Opcode::Not => negated = !negated,
                Opcode::JumpIfFalse => return Some((negated, next.label()?, at - pc)),
                Opcode::JumpIfTrue => return Some((!negated, next.label()?, at - pc)),
                _ => return None,
            }
        }
    }

    fn jump_comparison(&mut self, pc: u32, op: Opcode, when: bool, label: u32, count: u32) {
        let (x, y) = self.top_two();
        let short = |n: i32| i16::try_from(n).ok().map(i16::to_le_bytes);
        let equality = matches!(op, Opcode::Eq | Opcode::Neq);
        let make: Box<dyn Fn(bool) -> Insn> = match (x, y) {
            (Sym::Reg(a), Sym::Null) if equality => {
                let equal = op == Opcode::Eq;
                let jump = move |when| if when == equal { Op::JumpEqNull } else { Op::JumpNeNull };
                Box::new(move |when| Insn::abc(jump(when), a, 0, 0))
            }
            (Sym::Reg(a), Sym::Int(n)) if let Some([b, c]) = short(n) => {
                Box::new(move |when| Insn::abc(short_op(op, when), a, b, c))
            }
            (Sym::Int(n), Sym::Reg(a)) if let Some([b, c]) = short(n) => {
                let op = mirrored(op);
                Box::new(move |when| Insn::abc(short_op(op, when), a, b, c))
            }
            (Sym::Reg(a), k) if !equality && let Some([b, c]) = self.short_float(k) => {
                Box::new(move |when| Insn::abc(float_op(op, when), a, b, c))
            }
            (k, Sym::Reg(a)) if !equality && let Some([b, c]) = self.short_float(k) => {
                let op = mirrored(op);
                Box::new(move |when| Insn::abc(float_op(op, when), a, b, c))
            }
            _ => {
                let (mut a, mut b) = (self.operand(1, pc), self.operand(0, pc));
                let Some((op, swapped)) = compare_op(op) else { return };
                if swapped {
                    (a, b) = (b, a);
                }
                Box::new(move |when| Insn::abc(jump_op(op, when), a, b, 0))
            }
        };
        self.stack.pop();
        self.stack.pop();
        self.settle_all(pc);
        self.conditional(pc, &*make, when, label, pc + count);
        self.skip(count);
    }

    fn not(&mut self, pc: u32, end: u32) {
        match self.condition_follows(pc, end) {
            Some((when, label, count)) => {
                // The negation of this instruction.
                self.truth(pc, !when, label, pc + count);
                self.skip(count);
            }
            None => self.unary(pc, Op::Not),
        }
    }

    fn index(&mut self, pc: u32) {
        let (_, k) = self.top_two();
        match k {
            Sym::Int(n) if n >= 0 => self.with_constant(pc, Op::IndexI, 0, n as u32, 1),
            Sym::K(k) => self.with_constant(pc, Op::IndexK, 0, k, 1),
            _ => self.binary(pc, Op::Index),
        }
    }
}
