//! Operators on integers, floats and truth values.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Value, types};
use zexus_runtime::Tag;
use zexus_vm::native::{Insn, Op};

use super::{Lower, arg};
use crate::options::Defect;
use crate::plan::{Arith, Class, Compare, Form, Operand};

/// Integers up to this are floats without loss.
const EXACT: i64 = 1 << 53;

impl Lower<'_, '_> {
    /// Lowers an operator; whether it has ended the block.
    pub(super) fn numbers(&mut self, pc: u32, i: Insn, p: Class, q: Class) -> bool {
        match self.know.form(i) {
            Form::Arith(op, x, y) => {
                let (x, y) = self.operands(pc, (x, p), (y, q));
                self.arith(pc, i, op, (x, p), (y, q));
                false
            }
            Form::Compare(op, x, y) => {
                let (x, y) = self.operands(pc, (x, p), (y, q));
                let v = self.compare(op, (x, p), (y, q));
                self.def_bool(i.a.into(), v);
                false
            }
            Form::Jump(op, when, x, y) => {
                let (x, y) = self.operands(pc, (x, p), (y, q));
                let paid = matches!(
                    i.op,
                    Op::PaidLt | Op::PaidLe | Op::PaidLtI | Op::PaidLeI | Op::PaidGtI | Op::PaidGeI
                );
                let next = if paid { pc + 2 } else { pc + 1 };
                if paid && let Some(prices) = self.know.unit.function.code.get(pc as usize + 1) {
                    self.charge(pc, prices.price());
                    self.paid = prices.price();
                }
                let v = self.compare(op, (x, p), (y, q));
                self.branch(pc, v, when, i.d, next);
                self.paid = 0;
                true
            }
            Form::Other => {
                let (a, b) = (usize::from(i.a), usize::from(i.b));
                if p == Class::Int {
                    self.guard(b, Tag::Int, pc);
                    let x = self.bits_of(b);
                    let fine = self.b.ins().icmp_imm(IntCC::NotEqual, x, i64::MIN);
                    self.exit_unless(fine, pc);
                    let v = self.b.ins().ineg(x);
                    self.def_bits(a, v);
                } else {
                    self.guard(b, Tag::Float, pc);
                    let x = self.float_of(b);
                    let v = self.b.ins().fneg(x);
                    self.def_float(a, v);
                }
                false
            }
        }
    }

    fn operands(&mut self, pc: u32, x: (Operand, Class), y: (Operand, Class)) -> (Value, Value) {
        for (operand, class) in [x, y] {
            if let Operand::Reg(r) = operand {
                let tag = match class {
                    Class::Int => Tag::Int,
                    Class::Float => Tag::Float,
                    Class::Bool => Tag::Bool,
                };
                self.guard(r.into(), tag, pc);
            }
        }
        (self.operand(x), self.operand(y))
    }

    fn operand(&mut self, (operand, class): (Operand, Class)) -> Value {
        match operand {
            Operand::Reg(r) if class == Class::Float => self.float_of(r.into()),
            Operand::Reg(r) => self.bits_of(r.into()),
            Operand::Int(n) => self.b.ins().iconst(types::I64, n),
            Operand::Float(f) => self.b.ins().f64const(f),
        }
    }

    fn float(&mut self, (v, class): (Value, Class)) -> Value {
        if class == Class::Float { v } else { self.b.ins().fcvt_from_sint(types::F64, v) }
    }

    fn compare(&mut self, op: Compare, x: (Value, Class), y: (Value, Class)) -> Value {
        if x.1 != Class::Float && y.1 != Class::Float {
            let code = match op {
                Compare::Lt => IntCC::SignedLessThan,
                Compare::Le => IntCC::SignedLessThanOrEqual,
                Compare::Gt => IntCC::SignedGreaterThan,
                Compare::Ge => IntCC::SignedGreaterThanOrEqual,
                Compare::Eq => IntCC::Equal,
                Compare::Ne => IntCC::NotEqual,
            };
            return self.b.ins().icmp(code, x.0, y.0);
        }
        let code = match op {
            Compare::Lt => FloatCC::LessThan,
            Compare::Le => FloatCC::LessThanOrEqual,
            Compare::Gt => FloatCC::GreaterThan,
            Compare::Ge => FloatCC::GreaterThanOrEqual,
            Compare::Eq => FloatCC::Equal,
            Compare::Ne => FloatCC::NotEqual,
        };
        let (x, y) = (self.float(x), self.float(y));
        self.b.ins().fcmp(code, x, y)
    }

    fn arith(&mut self, pc: u32, i: Insn, op: Arith, x: (Value, Class), y: (Value, Class)) {
        let a = usize::from(i.a);
        if (x.1, y.1) == (Class::Int, Class::Int) {
            return self.integers(pc, i, op, x.0, y.0);
        }
        let (x, y) = (self.float(x), self.float(y));
        let v = match op {
            Arith::Add => self.b.ins().fadd(x, y),
            Arith::Sub => self.b.ins().fsub(x, y),
            Arith::Mul => self.b.ins().fmul(x, y),
            _ => {
                self.not_zero(pc, y);
                self.b.ins().fdiv(x, y)
            }
        };
        self.def_float(a, v);
    }

    fn not_zero(&mut self, pc: u32, y: Value) {
        let zero = self.b.ins().f64const(0.0);
        let fine = self.b.ins().fcmp(FloatCC::NotEqual, y, zero);
        self.exit_unless(fine, pc);
    }

    fn integers(&mut self, pc: u32, i: Insn, op: Arith, x: Value, y: Value) {
        let a = usize::from(i.a);
        let constant = match self.know.form(i) {
            Form::Arith(_, _, Operand::Int(n)) => Some(n),
            _ => None,
        };
        let (v, overflow) = match op {
            // With a constant a comparison tells, which is cheaper than the flag.
            Arith::Add | Arith::Sub if constant.is_some() => {
                let c = constant.unwrap_or_default();
                let v = if op == Arith::Add { self.b.ins().iadd(x, y) } else { self.b.ins().isub(x, y) };
                let grows = (op == Arith::Add) == (c >= 0);
                let code = if grows { IntCC::SignedLessThan } else { IntCC::SignedGreaterThan };
                (v, self.b.ins().icmp(code, v, x))
            }
            Arith::Add => self.b.ins().sadd_overflow(x, y),
            Arith::Sub => self.b.ins().ssub_overflow(x, y),
            Arith::Mul => self.b.ins().smul_overflow(x, y),
            Arith::Div => {
                for n in [x, y] {
                    let shifted = self.b.ins().iadd_imm(n, EXACT);
                    let fine = self.b.ins().icmp_imm(IntCC::UnsignedLessThanOrEqual, shifted, 2 * EXACT);
                    self.exit_unless(fine, pc);
                }
                let y = self.b.ins().fcvt_from_sint(types::F64, y);
                self.not_zero(pc, y);
                let x = self.b.ins().fcvt_from_sint(types::F64, x);
                let v = self.b.ins().fdiv(x, y);
                return self.def_float(a, v);
            }
            Arith::Mod | Arith::IntDiv => {
                let v = match constant.filter(|n| *n > 0) {
                    Some(n) => self.divide_by(op, x, n),
                    None => {
                        let fine = self.b.ins().icmp_imm(IntCC::SignedGreaterThan, y, 0);
                        self.exit_unless(fine, pc);
                        self.divide(op, x, y)
                    }
                };
                if self.know.overflows(pc) {
                    let tag = self.b.ins().iconst(types::I64, Tag::Int as i64);
                    return self.def_any(a, tag, v);
                }
                return self.def_bits(a, v);
            }
        };
        if !self.know.overflows(pc) {
            if !(op == Arith::Add && self.planted == Some(Defect::MissedExit)) {
                self.exit_if(overflow, pc);
            }
            return self.def_bits(a, v);
        }
        let (slow, done) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(slow);
        self.b.append_block_param(done, types::I64);
        self.b.append_block_param(done, types::I64);
        let tag = self.b.ins().iconst(types::I64, Tag::Int as i64);
        self.b.ins().brif(overflow, slow, &[], done, &[arg(tag), arg(v)]);
        self.b.switch_to_block(slow);
        self.b.seal_block(slow);
        let (tag, bits) = self.step_for_value(pc, a);
        self.b.ins().jump(done, &[arg(tag), arg(bits)]);
        self.b.switch_to_block(done);
        self.b.seal_block(done);
        if let [tag, bits] = *self.b.block_params(done) {
            self.def_any(a, tag, bits);
        }
    }

    /// `x % n` or `x div n` for a positive constant, without a division.
    fn divide_by(&mut self, op: Arith, x: Value, n: i64) -> Value {
        if n & (n - 1) == 0 {
            return match op {
                Arith::Mod => self.b.ins().band_imm(x, n - 1),
                _ => self.b.ins().sshr_imm(x, i64::from(n.trailing_zeros())),
            };
        }
        // The quotient toward zero by a multiplication (Hacker's Delight, 10-1), then toward negative infinity.
        let (magic, shift) = magic(n);
        let m = self.b.ins().iconst(types::I64, magic);
        let mut q = self.b.ins().smulhi(x, m);
        if magic < 0 {
            q = self.b.ins().iadd(q, x);
        }
        q = self.b.ins().sshr_imm(q, i64::from(shift));
        let sign = self.b.ins().ushr_imm(x, 63);
        q = self.b.ins().iadd(q, sign);
        let whole = self.b.ins().imul_imm(q, n);
        let rest = self.b.ins().isub(x, whole);
        let below = self.b.ins().sshr_imm(rest, 63);
        match op {
            Arith::Mod => {
                let more = self.b.ins().band_imm(below, n);
                self.b.ins().iadd(rest, more)
            }
            _ => self.b.ins().iadd(q, below),
        }
    }

    /// `x % y` or `x div y` for a positive `y`.
    fn divide(&mut self, op: Arith, x: Value, y: Value) -> Value {
        let (small, large, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.append_block_param(done, types::I64);
        let both = self.b.ins().bor(x, y);
        let high = self.b.ins().ushr_imm(both, 31);
        self.b.ins().brif(high, large, &[], small, &[]);
        self.b.switch_to_block(small);
        self.b.seal_block(small);
        let (n, m) = (self.b.ins().ireduce(types::I32, x), self.b.ins().ireduce(types::I32, y));
        let v = if op == Arith::Mod { self.b.ins().urem(n, m) } else { self.b.ins().udiv(n, m) };
        let v = self.b.ins().uextend(types::I64, v);
        self.b.ins().jump(done, &[arg(v)]);
        self.b.switch_to_block(large);
        self.b.seal_block(large);
        let rest = self.b.ins().srem(x, y);
        let below = self.b.ins().sshr_imm(rest, 63);
        let v = if op == Arith::Mod {
            let more = self.b.ins().band(below, y);
            self.b.ins().iadd(rest, more)
        } else {
            let q = self.b.ins().sdiv(x, y);
            self.b.ins().iadd(q, below)
        };
        self.b.ins().jump(done, &[arg(v)]);
        self.b.switch_to_block(done);
        self.b.seal_block(done);
        match self.b.block_params(done) {
            [v] => *v,
            _ => x,
        }
    }
}

/// Multiplier and shift for divisions by `d`, which is above 1 and no power of two.
fn magic(d: i64) -> (i64, u32) {
    const HALF: u64 = 1 << 63;
    let ad = d.unsigned_abs();
    let anc = HALF - 1 - HALF % ad;
    let mut p = 63;
    let (mut q1, mut r1) = (HALF / anc, HALF % anc);
    let (mut q2, mut r2) = (HALF / ad, HALF % ad);
    loop {
        p += 1;
        (q1, r1) = (q1.wrapping_mul(2), r1.wrapping_mul(2));
        if r1 >= anc {
            q1 = q1.wrapping_add(1);
            r1 -= anc;
        }
        (q2, r2) = (q2.wrapping_mul(2), r2.wrapping_mul(2));
        if r2 >= ad {
            q2 = q2.wrapping_add(1);
            r2 -= ad;
        }
        let delta = ad - r2;
        if !(q1 < delta || (q1 == delta && r1 == 0)) {
            return (q2.wrapping_add(1) as i64, p - 64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quotient(x: i64, d: i64) -> i64 {
        let (m, s) = magic(d);
        let mut q = ((i128::from(x) * i128::from(m)) >> 64) as i64;
        if m < 0 {
            q = q.wrapping_add(x);
        }
        (q >> s) + ((x as u64) >> 63) as i64
    }

    #[test]
    fn division_by_multiplication_is_exact() {
        for d in [3, 5, 6, 7, 10, 641, 1_000_003, 1_000_000_007, i32::MAX as i64, i64::MAX] {
            for x in [0, 1, -1, 2, 17, -17, 1 << 40, i64::MAX, i64::MIN, i64::MIN + 1, d, -d, d - 1, 1 - d] {
                assert_eq!(quotient(x, d), x / d, "{x} / {d}");
            }
        }
    }
}
