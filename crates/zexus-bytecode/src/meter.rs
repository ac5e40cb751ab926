//! The meter pass, which defines the price of a run (bytecode.md 5.2).

use crate::cfg::Cfg;
use crate::isa::{Instruction, Opcode};
use crate::module::{Function, Module, Run};

/// The module with `GAS_CHARGE s` at the head of every basic block whose base prices add up to s, unless s is 0.
///
/// It works on unoptimized code, once. A module may leave the limits of form by it; then verifying it fails.
#[must_use]
pub fn meter(module: &Module) -> Module {
    let mut metered = module.clone();
    for (index, function) in (0..).zip(&mut metered.functions) {
        let places = meter_function(function);
        let moved = |run: &Run| Run { pc: place(&places, run.pc), ..*run };
        let runs: Vec<Run> = module.source_map.runs(index).iter().map(moved).collect();
        if !runs.is_empty() {
            metered.source_map.set_runs(index, runs);
        }
    }
    metered
}

/// Where an instruction or the end of the code has gone; what is beyond the end stays.
fn place(places: &[u32], pc: u32) -> u32 {
    places.get(pc as usize).copied().unwrap_or(pc)
}

/// Meters a function; gives for each old instruction, and the end, its new place, which for a head is that of the charge.
fn meter_function(function: &mut Function) -> Vec<u32> {
    let cfg = Cfg::new(function);
    let mut places = Vec::with_capacity(function.code.len() + 1);
    let mut code = Vec::with_capacity(function.code.len() + cfg.len());
    for block in cfg.blocks() {
        let old = function.code.get(block.start as usize..block.end as usize).unwrap_or_default();
        let sum = old.iter().fold(0_u64, |sum, instruction| sum.saturating_add(instruction.gas()));
        let head = code.len() as u32;
        if sum > 0 {
            code.push(Instruction::new(Opcode::GasCharge, sum));
        }
        places.push(head);
        let first = code.len() as u32;
        places.extend((first..).zip(old).skip(1).map(|(pc, _)| pc));
        code.extend_from_slice(old);
    }
    places.push(code.len() as u32);
    for instruction in &mut code {
        if let Some(label) = instruction.label() {
            *instruction = instruction.with_label(place(&places, label));
        }
    }
    for entry in &mut function.entries {
        *entry = place(&places, *entry);
    }
    function.code = code;
    places
}
