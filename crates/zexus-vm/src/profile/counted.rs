//! What is counted of a function.

use std::collections::BTreeMap;

use zexus_bytecode::cfg::Cfg;
use zexus_bytecode::{Function, Opcode};

/// What was counted of a function, by places of its public code.
pub(super) struct Counted {
    /// Its calls.
    pub calls: u64,
    /// The time in it, calls from there not included.
    pub seconds: f64,
    /// How often it jumped back, by where it jumped to.
    pub back: BTreeMap<u32, u64>,
    /// The instructions.
    places: Vec<Count>,
}

/// What was counted of an instruction.
#[derive(Clone, Default)]
pub(super) struct Count {
    /// How often it ended or raised.
    pub executed: u64,
    /// Gas that is its own and no part of a block's charge.
    pub own: u64,
    /// If it is the charge of a block.
    pub charge: Option<Charge>,
}

/// What was counted of the charge of a block.
#[derive(Clone, Copy, Default)]
pub(super) struct Charge {
    /// Its gas.
    pub gas: u64,
    /// The instruction after the block.
    pub end: u32,
    /// How often it was paid in full.
    pub paid: u64,
    /// How often an error left the block half-way.
    pub broken: u64,
}

impl Counted {
    /// Nothing yet. A block has a charge if it starts with one that is the sum of the base prices of its other instructions.
    pub fn new(function: &Function) -> Counted {
        let mut places = vec![Count::default(); function.code.len()];
        for block in Cfg::new(function).blocks() {
            let code = function.code.get(block.start as usize..block.end as usize).unwrap_or_default();
            let Some((head, rest)) = code.split_first() else { continue };
            let gas = rest.iter().fold(0_u64, |sum, instruction| sum.saturating_add(instruction.gas()));
            let pays = head.op() == Opcode::GasCharge && head.first() == gas;
            if let Some(count) = places.get_mut(block.start as usize).filter(|_| pays) {
                count.charge = Some(Charge { gas, end: block.end, ..Charge::default() });
            }
        }
        Counted { calls: 0, seconds: 0.0, back: BTreeMap::new(), places }
    }

    /// The counts of all instructions.
    pub fn places(&self) -> &[Count] {
        &self.places
    }

    /// An instruction has ended, having taken gas; whether it has paid for a block.
    pub fn step(&mut self, pc: u32, gas: u64) -> bool {
        let Some(count) = self.places.get_mut(pc as usize) else { return false };
        count.executed += 1;
        match &mut count.charge {
            Some(charge) if charge.gas == gas => {
                charge.paid += 1;
                true
            }
            _ => {
                count.own = count.own.saturating_add(gas);
                false
            }
        }
    }

    /// Gas of an instruction that did not end.
    pub fn pay(&mut self, pc: u32, gas: u64) {
        if let Some(count) = self.places.get_mut(pc as usize) {
            count.own = count.own.saturating_add(gas);
        }
    }

    /// The block of a charge is left after an instruction.
    pub fn leave_block(&mut self, head: u32, last: u32) {
        let charge = self.places.get_mut(head as usize).and_then(|count| count.charge.as_mut());
        if let Some(charge) = charge.filter(|charge| last.saturating_add(1) < charge.end) {
            charge.broken += 1;
        }
    }
}
