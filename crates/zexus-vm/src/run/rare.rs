//! Internal instructions that are not hot: out of line, so that the loop keeps what it needs in registers of the machine.

use zexus_bytecode::operator::BinOp;
use zexus_runtime::{Trap, Value, ops};

use super::hot::{opened, square};
use super::insn::{Insn, Op};
use crate::exec::Exec;
use crate::frame;

impl Exec<'_> {
    /// Runs an instruction of the frame whose registers start at `base`; where to go on, if that is not the next one.
    #[inline(never)]
    pub fn rare(&mut self, i: Insn, base: usize) -> Result<Option<u32>, Trap> {
        let get = |me: &Self, r: u8| me.registers.get(base + r as usize).copied().unwrap_or(Value::NULL);
        let (a, x, y) = (get(self, i.a), get(self, i.b), get(self, i.c));
        let v = match i.op {
            Op::Undef => Value::UNDEF,
            Op::RenewCell => self.new_cell(Value::UNDEF)?,
            Op::CopyCell => self.new_cell(opened(&self.m, a))?,
            Op::Pow => match square(x).filter(|_| y.as_int() == Some(2)) {
                Some(v) => v,
                None => self.binary(BinOp::Pow, x, y)?,
            },
            Op::Neg => match x.as_float() {
                Some(f) => Value::float(-f),
                None => ops::neg(&mut self.m, x)?,
            },
            Op::KDiv => {
                let k = self.shared.consts.get(i.d as usize).copied().unwrap_or(Value::NULL);
                match (k.as_float(), x.as_float()) {
                    (Some(k), Some(x)) if x != 0.0 => Value::float(k / x),
                    _ => self.binary(BinOp::Div, k, x)?,
                }
            }
            Op::And => Value::bool(x.truthy() && y.truthy()),
            Op::Or => Value::bool(x.truthy() || y.truthy()),
            Op::In => self.binary(BinOp::In, x, y)?,
            Op::Lt | Op::Le => {
                let at = self.frame().pc.saturating_sub(1) as usize;
                let op = if i.op == Op::Lt { BinOp::Lt } else { BinOp::Le };
                self.compare(at, op, x, y)?
            }
            Op::Eq => self.binary(BinOp::Eq, x, y)?,
            Op::Ne => self.binary(BinOp::Ne, x, y)?,
            Op::CallSupport => self.support_at(i.d as usize, base + i.b as usize, i.c.into())?,
            Op::Trace => {
                self.trace_step(i);
                return Ok(None);
            }
            Op::Enter => {
                if let Some(function) = self.running() {
                    self.clear_registers(base, function)?;
                }
                return Ok(None);
            }
            Op::IterStart => return self.start_iteration(base, i, a).map(|()| None),
            Op::IterNext2 => return Ok((!self.next_item(base, i)?).then_some(i.d)),
            Op::SkipGiven => {
                let gaps = self.frame().flags & frame::GAPS != 0;
                let given = if a.as_cell().is_some() { opened(&self.m, a) } else { a };
                return Ok((gaps && !given.is_undef()).then_some(i.d));
            }
            _ => return Ok(None),
        };
        if let Some(place) = self.registers.get_mut(base + i.a as usize) {
            *place = v;
        }
        Ok(None)
    }
}
