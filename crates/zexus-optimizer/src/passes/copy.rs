//! Pass 2: a value that is stored and loaded again stays on the stack (bytecode.md 6.6).

use zexus_bytecode::Opcode;

use super::Context;
use crate::code::Code;
use crate::stats::Pass;

pub(crate) fn run(context: &mut Context, code: &mut Code) -> u64 {
    if !context.room {
        return 0;
    }
    let mut writer = context.writer(code, Pass::CopyPropagation);
    while let Some(slot) = writer.read() {
        match writer.window() {
            Some([store])
                if (store.op(), slot.op()) == (Opcode::StoreName, Opcode::LoadName)
                    && (store.instruction.operand() == slot.instruction.operand()
                        || context.is_wrong(Pass::CopyPropagation))
                    && context.in_pool(store) =>
            {
                writer.rewrite(1, &[slot.with(Opcode::Dup, ()), store]);
            }
            _ => writer.write(slot),
        }
    }
    context.take(writer, code, Pass::CopyPropagation)
}
