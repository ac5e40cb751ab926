//! Pass 7, second part, from level 2: in loops of modules, a jump forward to a short run of instructions that ends with a jump or a return
//! is replaced by a copy of the run. It saves the jump at run time; the code may grow by a part of its size.
//!
//! ```text
//! JUMP T, …, T: LOAD_NAME i, LOAD_CONST 1, ADD, STORE_NAME i, JUMP H   =>  LOAD_NAME i, LOAD_CONST 1, ADD, STORE_NAME i, JUMP H
//! JUMP T, …, T: LOAD_NAME a, LOAD_CONST 1, LT, JUMP_IF_FALSE L, N: …   =>  LOAD_NAME a, LOAD_CONST 1, LT, JUMP_IF_FALSE L, JUMP N
//! JUMP T, …, T: LOAD_NAME a, RETURN                                    =>  LOAD_NAME a, RETURN
//! ```
//! Every path has the same instructions and charges as before, but for the jump. Jumps backwards stay: the linker repeats heads of loops.

use zexus_bytecode::Opcode;

use super::Context;
use crate::code::{Code, Slot};
use crate::stats::Pass;

/// The most instructions that are copied, with the jump or return at their end.
const LONGEST: usize = 8;
/// The code grows at most by this part of its size, and a few instructions.
const SHARE: usize = 8;
/// The instructions by which even short code may grow.
const FEW: usize = 24;

pub(crate) fn run(context: &mut Context, code: &mut Code) -> u64 {
    // Copies are made once: in later rounds they would be copied again.
    if context.round != 1 || context.names.is_fragment() {
        return 0;
    }
    let loops = in_loops(code);
    if !loops.contains(&true) {
        return 0;
    }
    let mut left = context.growth.min(code.slots.len() / SHARE + FEW);
    let before = left;
    let mut writer = context.writer(code, Pass::JumpThreading);
    while let Some(slot) = writer.read() {
        let pc = writer.pc();
        let copied = match slot.instruction.label() {
            Some(label)
                if slot.op() == Opcode::Jump && label as usize > pc + 1 && loops.get(pc) == Some(&true) =>
            {
                tail(writer.old(), label as usize).filter(|tail| tail.len() <= left)
            }
            _ => None,
        };
        match copied {
            Some(tail) => {
                left -= tail.len() - 1;
                writer.rewrite(0, &tail);
            }
            None => writer.write(slot),
        }
    }
    context.growth -= before - left;
    context.take(writer, code, Pass::JumpThreading)
}

/// For each instruction, whether it is between the label of a jump backwards and the jump.
fn in_loops(code: &Code) -> Vec<bool> {
    let mut starts = vec![0_u32; code.slots.len() + 1];
    let mut ends = starts.clone();
    for (pc, slot) in code.slots.iter().enumerate() {
        if let Some(label) = slot.instruction.label().map(|label| label as usize).filter(|&label| label <= pc)
            && let (Some(start), Some(end)) = (starts.get_mut(label), ends.get_mut(pc))
        {
            *start += 1;
            *end += 1;
        }
    }
    let mut depth = 0;
    let inside = starts.iter().zip(&ends).map(|(start, end)| {
        depth += start;
        let inside = depth > 0;
        depth -= end;
        inside
    });
    inside.collect()
}

/// What a jump to `start` is replaced by.
fn tail(code: &[Slot], start: usize) -> Option<Vec<Slot>> {
    let run = code.get(start..)?;
    let end = run.iter().take(LONGEST).position(|slot| !is_plain(slot.op()))?;
    let mut tail = run.get(..=end)?.to_vec();
    let last = *tail.last()?;
    match last.op() {
        Opcode::Jump | Opcode::Return => (),
        Opcode::JumpIfFalse | Opcode::JumpIfTrue => {
            tail.push(last.with(Opcode::Jump, start as u64 + end as u64 + 1))
        }
        _ => return None,
    }
    Some(tail)
}

/// Whether an instruction only computes, so that a copy of it is nothing special to whoever looks through the code.
fn is_plain(op: Opcode) -> bool {
    use Opcode::*;
    let simple = matches!(
        op,
        LoadConst | LoadName | StoreName | StoreConst | Dup | Pop | Nop | GasCharge | Index | GetAttr
    );
    simple || crate::facts::is_operator(op) || matches!(op, Not | Neg | Inc | Dec | And | Or | In)
}
