//! Whether the stack of a function has room for the values that passes keep on it (bytecode.md 4.1, step 5).

use zexus_bytecode::{Opcode, limits};

use crate::code::Code;

/// How many more values passes may keep on the stack at one place.
const ROOM: u64 = 16;

/// Whether the stack never comes near its limit; takes time linear in the code.
pub(crate) fn has_room(code: &Code) -> bool {
    // No instruction leaves more than two values more than it found.
    if 2 * code.slots.len() as u64 + ROOM <= limits::STACK {
        return true;
    }
    let mut seen = vec![false; code.slots.len()];
    let mut work: Vec<(u32, u64)> = code.entries.iter().map(|&entry| (entry, 0)).collect();
    work.push((0, 0));
    while let Some((start, height)) = work.pop() {
        let (mut at, mut height) = (start as usize, height);
        while let (Some(slot), Some(seen @ false)) = (code.slots.get(at), seen.get_mut(at)) {
            *seen = true;
            let left = height.saturating_sub(slot.instruction.pops());
            let after = left.saturating_add(slot.instruction.pushes());
            if height.max(after) + ROOM > limits::STACK {
                return false;
            }
            if let Some(label) = slot.instruction.label() {
                let height = match slot.op() {
                    Opcode::ForIter => left,
                    Opcode::SetupTry | Opcode::SetupFinally => height + 1,
                    _ => after,
                };
                work.push((label, height));
            }
            if slot.op().ends_block() {
                break;
            }
            height = after;
            at += 1;
        }
    }
    true
}
