//! Pass 5: short sequences that do nothing, or need not be so long (bytecode.md 6.9).

use zexus_bytecode::{Const, Opcode};

use super::Context;
use crate::code::{Code, Slot};
use crate::facts::Facts;
use crate::stats::Pass;

pub(crate) fn run(context: &mut Context, code: &mut Code) -> u64 {
    let wrong = context.is_wrong(Pass::Peephole);
    let mut writer = context.writer(code, Pass::Peephole);
    let Context { pool, names, vars, metered, level, .. } = &mut *context;
    let mut facts = Facts::new(names, vars, pool);
    let idle = |facts: &Facts<'_>, pushed: Slot| match pushed.op() {
        // In metered code a list or map is charged and allocated, so it is made.
        Opcode::LoadConst => match pool.loaded(pushed.instruction) {
            Some(Const::List(_) | Const::Map(_) | Const::Func(_)) => !*metered,
            constant => constant.is_some(),
        },
        Opcode::LoadName => {
            pool.first(pushed.instruction).is_some() && facts.is_bound(pushed.instruction.first())
        }
        Opcode::Dup => true,
        _ => false,
    };
    while let Some(slot) = writer.read() {
        if writer.at_head() {
            facts.start_block();
        }
        let label = slot.instruction.label();
        match (slot.op(), writer.window()) {
            (Opcode::Pop, Some([pushed])) if idle(&facts, pushed) => writer.rewrite(1, &[]),
            (Opcode::Nop, _) => writer.rewrite(0, &[]),
            (Opcode::Jump, _) if *level >= 3 && label == Some(writer.pc() as u32 + 1) => {
                writer.rewrite(0, &[])
            }
            (Opcode::JumpIfFalse, Some([not])) if not.op() == Opcode::Not => {
                let turned = if wrong { Opcode::JumpIfFalse } else { Opcode::JumpIfTrue };
                writer.rewrite(1, &[slot.with(turned, label.unwrap_or_default())]);
            }
            (Opcode::JumpIfTrue, Some([not])) if not.op() == Opcode::Not => {
                writer.rewrite(1, &[slot.with(Opcode::JumpIfFalse, label.unwrap_or_default())]);
            }
            _ => writer.write(slot),
        }
        facts.step(slot.instruction, pool);
    }
    context.take(writer, code, Pass::Peephole)
}
