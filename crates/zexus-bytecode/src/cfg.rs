//! Basic blocks and the edges between them (bytecode.md 5.2).

use crate::isa::Opcode;
use crate::module::Function;

/// For each instruction, whether a basic block starts with it: at 0, at every label, at every entry, and after every
/// instruction that may go elsewhere.
///
/// Labels beyond the code are passed over.
pub fn block_heads(function: &Function) -> Vec<bool> {
    let mut heads = vec![false; function.code.len()];
    let mut mark = |pc: usize| {
        if let Some(head) = heads.get_mut(pc) {
            *head = true;
        }
    };
    mark(0);
    function.entries.iter().for_each(|&entry| mark(entry as usize));
    for (pc, instruction) in function.code.iter().enumerate() {
        if let Some(label) = instruction.label() {
            mark(label as usize);
        }
        if instruction.info().flags.branches() {
            mark(pc + 1);
        }
    }
    heads
}

/// The basic blocks of a function, those that no path reaches included.
#[derive(Clone, Debug)]
pub struct Cfg {
    starts: Vec<u32>,
    len: u32,
}

/// A basic block: the instructions from `start` to before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its first instruction.
    pub start: u32,
    /// The instruction after its last one.
    pub end: u32,
}

impl Cfg {
    /// The blocks of a function.
    pub fn new(function: &Function) -> Cfg {
        let heads = block_heads(function);
        let starts = (0_u32..).zip(&heads).filter(|(_, head)| **head).map(|(pc, _)| pc).collect();
        Cfg { starts, len: function.code.len() as u32 }
    }

    /// The first instruction of each block, rising.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The number of blocks.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is no code.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The block of this number.
    pub fn block(&self, index: usize) -> Option<Block> {
        let start = *self.starts.get(index)?;
        Some(Block { start, end: self.starts.get(index + 1).copied().unwrap_or(self.len) })
    }

    /// All blocks in order.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        (0..self.len()).filter_map(|i| self.block(i))
    }

    /// The number of the block that an instruction is in; `None` for the end of the code.
    pub fn block_of(&self, pc: u32) -> Option<usize> {
        if pc >= self.len { None } else { self.starts.partition_point(|&start| start <= pc).checked_sub(1) }
    }

    /// The blocks that may come after a block: the next one first, then the one its label leads to.
    ///
    /// The label of a region counts as a successor of the block that opens it. The end of the code is no block.
    pub fn successors(&self, function: &Function, index: usize) -> impl Iterator<Item = usize> {
        let last = self.block(index).and_then(|b| function.code.get((b.end as usize).checked_sub(1)?));
        let falls = last.is_none_or(|last| !last.op().ends_block()) && index + 1 < self.len();
        let label = last.and_then(|last| last.label()).and_then(|label| self.block_of(label));
        falls.then_some(index + 1).into_iter().chain(label)
    }

    /// For each block, whether a path from 0 or from an entry reaches it.
    pub fn reachable(&self, function: &Function) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut work: Vec<usize> =
            function.entries.iter().filter_map(|&entry| self.block_of(entry)).collect();
        work.extend(self.block_of(0));
        while let Some(block) = work.pop() {
            match reached.get_mut(block) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            work.extend(self.successors(function, block));
        }
        reached
    }
}

/// Whether an opcode opens a region.
pub(crate) fn opens_region(op: Opcode) -> bool {
    matches!(op, Opcode::SetupTry | Opcode::SetupFinally)
}
