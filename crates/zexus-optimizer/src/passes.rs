//! The passes, one file each, and what they work on.

pub(crate) mod combine;
pub(crate) mod common;
pub(crate) mod copy;
pub(crate) mod dead;
pub(crate) mod fold;
pub(crate) mod hoist;
pub(crate) mod peephole;
pub(crate) mod strength;
pub(crate) mod tails;
pub(crate) mod thread;
pub(crate) mod unroll;

use zexus_bytecode::Const;

use crate::code::{Code, Slot, Writer};
use crate::explain::Change;
use crate::facts::Vars;
use crate::names::Names;
use crate::pool::Pool;
use crate::stats::{Pass, Stats};

/// Everything that a pass needs besides the code of the function.
pub(crate) struct Context {
    pub pool: Pool,
    pub names: Names,
    pub vars: Vars,
    pub level: u8,
    /// Whether 5.5 holds: the module is metered, or may be.
    pub metered: bool,
    /// The pass that is to go wrong, so that tests can show that they would find it.
    pub defect: Option<Pass>,
    /// Whether the stack of the function has room for a few more values.
    pub room: bool,
    /// How many instructions the function, and the module, may still grow by.
    pub growth: usize,
    pub stats: Stats,
    /// The changes so far, if they are wanted.
    pub log: Option<Vec<Change>>,
    pub function: u32,
    pub round: u32,
}

impl Context {
    pub fn writer(&self, code: &mut Code, pass: Pass) -> Writer {
        Writer::new(code, pass, self.log.is_some())
    }

    /// Whether a pass is to go wrong.
    pub fn is_wrong(&self, pass: Pass) -> bool {
        self.defect == Some(pass)
    }

    /// Takes over what a writer has written; gives how many changes there were.
    pub fn take(&mut self, writer: Writer, code: &mut Code, pass: Pass) -> u64 {
        let (new, count, changes) = writer.finish();
        *code = new;
        self.note(pass, count, changes);
        count
    }

    /// Counts changes.
    pub fn note(&mut self, pass: Pass, count: u64, changes: Vec<Change>) {
        self.stats.count(pass, count);
        if let Some(log) = &mut self.log {
            let (function, round) = (self.function, self.round);
            log.extend(changes.into_iter().map(|change| Change { function, round, ..change }));
        }
    }

    /// The constant that a slot loads, if it is a `LOAD_CONST` of one in the pool.
    pub fn loaded(&self, slot: Slot) -> Option<&Const> {
        self.pool.loaded(slot.instruction)
    }

    /// Whether the first number of an operand is an index of the pool, as it always is in a verified module.
    pub fn in_pool(&self, slot: Slot) -> bool {
        self.pool.first(slot.instruction).is_some()
    }
}

/// Runs a pass; gives how many changes there were.
pub(crate) fn run(pass: Pass, context: &mut Context, code: &mut Code) -> u64 {
    let run: fn(&mut Context, &mut Code) -> u64 = match pass {
        Pass::ConstantFolding => fold::run,
        Pass::CopyPropagation => copy::run,
        Pass::CommonSubexpressions => common::run,
        Pass::DeadCode => dead::run,
        Pass::Peephole => peephole::run,
        Pass::Combining => combine::run,
        Pass::JumpThreading => |context, code| thread::run(context, code) + tails::run(context, code),
        Pass::StrengthReduction => strength::run,
        Pass::LoopUnrolling => unroll::run,
        // It comes after the rounds.
        Pass::LoopConstants => |_, _| 0,
    };
    run(context, code)
}
