//! One internal instruction for each public one: for traces, and for functions with too many registers for a window.

use zexus_bytecode::Opcode;
use zexus_bytecode::verify::UNREACHED;

use super::LinkMode;
use super::emit::{Code, Exit, label_in};
use super::function::Job;
use crate::program::Clear;
use crate::run::insn::{Insn, Op};

/// Translates a function.
pub(crate) fn translate(job: &mut Job<'_>) -> Code {
    let mut code = Code::default();
    code.traced = job.program.mode == LinkMode::Stepwise;
    let mut exits = Vec::new();
    let len = job.function.code.len();
    let top = |height: u32| height.checked_sub(1).map(|below| job.stack_start + below);
    let mut falls = job.heights.is_empty().then_some(0);
    for (pc, (instruction, &height)) in (0..).zip(job.function.code.iter().zip(job.heights)) {
        code.skip_given(job, pc);
        code.labels.insert(pc, code.here());
        if height == UNREACHED {
            code.emit(Insn::ad(Op::Nop, 0, 0), pc);
            continue;
        }
        let left = u64::from(height).saturating_sub(instruction.pops()) as u32;
        let first = match instruction.op() {
            Opcode::Return => top(height).unwrap_or(u32::MAX),
            _ => job.stack_start + left,
        };
        code.trace(height, top(height), pc);
        code.emit(Insn::ad(Op::Step, 0, first), pc);
        let after = left + instruction.pushes() as u32;
        match (label_in(*instruction, len), instruction.label()) {
            (Some(label), _) => code.step_jump(pc, label),
            (None, Some(_)) => {
                let after = if instruction.op() == Opcode::ForIter { left } else { after };
                exits.push(Exit { from: pc as usize, step: true, register: top(after) });
            }
            (None, None) => (),
        }
        if pc as usize + 1 == len && !instruction.op().ends_block() {
            falls = Some(after);
        }
    }
    if let Some(height) = falls {
        code.trace(0, top(height), len as u32);
        code.emit(Insn::ad(Op::Step, 0, top(height).unwrap_or(u32::MAX)), len as u32);
    }
    code.exits(exits, len as u32);
    super::translate::handlers(job, &mut code);
    code.resolve();
    let vars = job.vars();
    let params = vars.map_or(0, |v| v.params);
    let slots = vars.map_or(0, |v| v.slots.len());
    for slot in 0..slots as u32 {
        let clear = match (job.in_cell(slot), (slot as usize) < params) {
            (true, true) => Clear::Wrap,
            (true, false) => Clear::Cell,
            (false, true) => continue,
            (false, false) => Clear::Undef,
        };
        // `this` is given by the call.
        let this = vars.and_then(|v| v.slots.get(slot as usize)).is_some_and(|name| &**name == "this");
        match clear {
            Clear::Undef if this => (),
            Clear::Cell if this => code.clears.push((slot, Clear::Wrap)),
            clear => code.clears.push((slot, clear)),
        }
    }
    code.finish_starts(job);
    code
}
