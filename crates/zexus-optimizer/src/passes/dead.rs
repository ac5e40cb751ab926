//! Pass 4: code that no path reaches (bytecode.md 6.8).

use std::collections::HashSet;

use zexus_bytecode::{Const, Opcode, Support};

use super::Context;
use crate::code::{Code, Slot};
use crate::names::variable;
use crate::stats::Pass;

pub(crate) fn run(context: &mut Context, code: &mut Code) -> u64 {
    let mut kept = reached(code, context.is_wrong(Pass::DeadCode));
    if kept.iter().all(|&reached| reached) {
        return 0;
    }
    if !context.names.is_fragment() {
        keep_what_matters(context, code, &mut kept);
    }
    let mut writer = context.writer(code, Pass::DeadCode);
    while let Some(slot) = writer.read() {
        match kept.get(writer.pc()) {
            Some(false) => writer.skip(),
            _ => writer.write(slot),
        }
    }
    context.take(writer, code, Pass::DeadCode)
}

/// For each instruction, whether a path from the start, from an entry or from the label of a reached region reaches it.
fn reached(code: &Code, wrong: bool) -> Vec<bool> {
    let mut reached = vec![false; code.slots.len()];
    let mut work = code.entries.clone();
    work.push(0);
    while let Some(start) = work.pop() {
        let mut at = start as usize;
        while let (Some(slot), Some(seen @ false)) = (code.slots.get(at), reached.get_mut(at)) {
            *seen = true;
            work.extend(slot.instruction.label().filter(|_| !wrong || slot.op() != Opcode::JumpIfTrue));
            if slot.op().ends_block() {
                break;
            }
            at += 1;
        }
    }
    reached
}

/// Keeps unreached instructions whose mere presence means something: exports, a `GAS_LIMIT`, which makes the module metered, and the
/// last store of a name if whether there is one decides what the name is, or which error reading it is.
fn keep_what_matters(context: &Context, code: &Code, kept: &mut [bool]) {
    let mut stored: HashSet<u64> = HashSet::new();
    for (slot, _) in code.slots.iter().zip(&*kept).filter(|(_, kept)| **kept) {
        if slot.op().flags().writes() {
            stored.extend(variable(slot.instruction));
        }
    }
    let is_export = |slot: &Slot| {
        let name = context.pool.get(slot.instruction.first()).and_then(Const::as_str);
        slot.op() == Opcode::CallBuiltin && name == Some(Support::Export.name())
    };
    for (at, slot) in code.slots.iter().enumerate() {
        let needed = match slot.op() {
            Opcode::GasLimit => true,
            Opcode::Export => context.names.is_entry(),
            Opcode::CallBuiltin => context.names.is_entry() && is_export(slot),
            op if op.flags().writes() => variable(slot.instruction)
                .is_some_and(|name| context.names.store_matters(name) && stored.insert(name)),
            _ => false,
        };
        // The row of an export is the constant loaded before it.
        let first = if needed && is_export(slot) { at.saturating_sub(1) } else { at };
        if needed {
            kept.iter_mut().take(at + 1).skip(first).for_each(|kept| *kept = true);
        }
    }
}
