//! Pass 1: operators and jumps on constants (bytecode.md 6.5).

mod compute;

use zexus_bytecode::{Const, Opcode};

use super::Context;
use crate::code::{Code, Slot, Writer};
use crate::stats::Pass;

pub(crate) fn run(context: &mut Context, code: &mut Code) -> u64 {
    let mut writer = context.writer(code, Pass::ConstantFolding);
    while let Some(slot) = writer.read() {
        if !fold(context, &mut writer, slot) {
            writer.write(slot);
        }
    }
    context.take(writer, code, Pass::ConstantFolding)
}

/// Whether the instruction, with the constants before it, was replaced.
fn fold(context: &mut Context, writer: &mut Writer, slot: Slot) -> bool {
    match slot.op() {
        Opcode::JumpIfFalse | Opcode::JumpIfTrue => decide(context, writer, slot),
        op if compute::operands(op) == 1 => {
            let Some([a]) = writer.window() else { return false };
            let Some(operand) = operand(context, a) else { return false };
            let result = compute::unary(op, operand).filter(|r| allowed(context, &[operand], r));
            replace(context, writer, slot, 1, result)
        }
        op if compute::operands(op) == 2 => {
            let Some([a, b]) = writer.window() else { return false };
            let (Some(x), Some(y)) = (operand(context, a), operand(context, b)) else { return false };
            let (x, y) = if context.is_wrong(Pass::ConstantFolding) { (y, x) } else { (x, y) };
            let result = compute::binary(op, x, y).filter(|r| allowed(context, &[x, y], r));
            replace(context, writer, slot, 2, result)
        }
        _ => false,
    }
}

fn replace(context: &mut Context, writer: &mut Writer, slot: Slot, n: usize, result: Option<Const>) -> bool {
    match result.and_then(|result| context.pool.add(result)) {
        Some(at) => {
            writer.rewrite(n, &[slot.with(Opcode::LoadConst, at)]);
            true
        }
        None => false,
    }
}

/// A conditional jump on a constant either always jumps or never does.
fn decide(context: &Context, writer: &mut Writer, slot: Slot) -> bool {
    let Some([condition]) = writer.window() else { return false };
    let (Some(value), Some(label)) = (operand(context, condition), slot.instruction.label()) else {
        return false;
    };
    if value.is_falsy() == (slot.op() == Opcode::JumpIfFalse) {
        writer.rewrite(1, &[slot.with(Opcode::Jump, label)]);
    } else {
        writer.rewrite(1, &[]);
    }
    true
}

/// The constant that a slot loads, if it is null, a boolean, a number or a string.
fn operand(context: &Context, slot: Slot) -> Option<&Const> {
    let plain = |c: &&Const| {
        matches!(
            c,
            Const::Null | Const::Bool(_) | Const::Int(_) | Const::Big(_) | Const::Float(_) | Const::Str(_)
        )
    };
    context.loaded(slot).filter(plain)
}

/// In metered code an operator is computed only if nothing is charged or allocated for it (bytecode.md 5.5, rule 3).
fn allowed(context: &Context, operands: &[&Const], result: &Const) -> bool {
    let free = |c: &Const| matches!(c, Const::Null | Const::Bool(_) | Const::Int(_) | Const::Float(_));
    !context.metered || free(result) && operands.iter().all(|c| free(c))
}
