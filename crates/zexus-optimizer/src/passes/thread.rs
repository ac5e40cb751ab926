//! Pass 7: jumps to jumps (bytecode.md 6.11).

use zexus_bytecode::Opcode;

use super::Context;
use crate::code::{Code, Slot};
use crate::explain::Change;
use crate::stats::Pass;

/// What is known about where the chain of jumps ends that starts with an instruction.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Unknown,
    /// The chain is being followed.
    Open,
    /// It comes back to itself.
    Never,
    At(u32),
}

pub(crate) fn run(context: &mut Context, code: &mut Code) -> u64 {
    let is_jump = |slot: &Slot| matches!(slot.op(), Opcode::Jump | Opcode::JumpIfFalse | Opcode::JumpIfTrue);
    let mut ends = vec![End::Unknown; code.slots.len()];
    let (mut count, mut changes) = (0, Vec::new());
    for at in 0..code.slots.len() {
        let Some(&slot) = code.slots.get(at).filter(|slot| is_jump(slot)) else { continue };
        let Some(label) = slot.instruction.label() else { continue };
        let End::At(end) = follow(code, &mut ends, label) else { continue };
        if end == label {
            continue;
        }
        let end = if context.is_wrong(Pass::JumpThreading) { end + 1 } else { end };
        let threaded = slot.instruction.with_label(end);
        if context.log.is_some() {
            let after = Slot { instruction: threaded, ..slot };
            changes.push(Change::new(Pass::JumpThreading, [&slot], [&after]));
        }
        if let Some(slot) = code.slots.get_mut(at) {
            slot.instruction = threaded;
        }
        count += 1;
    }
    context.note(Pass::JumpThreading, count, changes);
    count
}

/// Where the chain of jumps ends that starts at `label`; each jump is followed once.
fn follow(code: &Code, ends: &mut [End], label: u32) -> End {
    let mut path = Vec::new();
    let mut at = label;
    let end = loop {
        let jump = code.slots.get(at as usize).filter(|slot| slot.op() == Opcode::Jump);
        let (Some(next), Some(end)) =
            (jump.and_then(|jump| jump.instruction.label()), ends.get_mut(at as usize))
        else {
            break End::At(at);
        };
        match *end {
            End::Unknown => *end = End::Open,
            End::Open => break End::Never,
            known => break known,
        }
        path.push(at);
        at = next;
    };
    for at in path {
        if let Some(known) = ends.get_mut(at as usize) {
            *known = end;
        }
    }
    end
}
