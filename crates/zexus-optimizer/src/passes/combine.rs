//! Pass 6: one instruction for two (bytecode.md 6.10).

use zexus_bytecode::{Const, Opcode};

use super::Context;
use crate::code::{Code, Slot, Writer};
use crate::stats::Pass;

pub(crate) fn run(context: &mut Context, code: &mut Code) -> u64 {
    let mut writer = context.writer(code, Pass::Combining);
    while let Some(slot) = writer.read() {
        let combined = match slot.op() {
            Opcode::StoreName if context.in_pool(slot) => store(context, &mut writer, slot),
            Opcode::Add if context.level >= 3 => step(context, &mut writer, slot, Opcode::Inc),
            Opcode::Sub if context.level >= 3 => step(context, &mut writer, slot, Opcode::Dec),
            _ => false,
        };
        if !combined {
            writer.write(slot);
        }
    }
    context.take(writer, code, Pass::Combining)
}

fn store(context: &Context, writer: &mut Writer, slot: Slot) -> bool {
    // Loading may raise, for want of memory or gas, and storing does not: so the place is that of the load.
    let both =
        |load: Slot| load.with(Opcode::StoreConst, (slot.instruction.first(), load.instruction.first()));
    if let Some([load]) = writer.window()
        && context.loaded(load).is_some_and(|c| !matches!(c, Const::Func(_)))
    {
        writer.rewrite(1, &[both(load)]);
        return true;
    }
    if context.level >= 3
        && let Some([load, dup]) = writer.window()
        && dup.op() == Opcode::Dup
        && context.loaded(load).is_some_and(|c| !matches!(c, Const::List(_) | Const::Map(_) | Const::Func(_)))
    {
        writer.rewrite(2, &[both(load), load]);
        return true;
    }
    false
}

fn step(context: &Context, writer: &mut Writer, slot: Slot, op: Opcode) -> bool {
    match writer.window() {
        Some([one]) if matches!(context.loaded(one), Some(Const::Int(1))) => {
            let op = if context.is_wrong(Pass::Combining) { Opcode::Inc } else { op };
            writer.rewrite(1, &[slot.with(op, ())]);
            true
        }
        _ => false,
    }
}
