//! The code of a function while it is optimized, and the writer by which a pass makes new code of it.

use zexus_bytecode::{Instruction, Opcode, Operand};

use crate::explain::Change;
use crate::stats::Pass;

/// An instruction, and the instruction of the function before optimization from which it has its place in the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub instruction: Instruction,
    pub origin: u32,
}

impl Slot {
    pub fn op(self) -> Opcode {
        self.instruction.op()
    }

    /// Another instruction from the same place.
    pub fn with(self, op: Opcode, operand: impl Into<Operand>) -> Slot {
        Slot { instruction: Instruction::new(op, operand), ..self }
    }
}

/// The code of a function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Code {
    pub slots: Vec<Slot>,
    pub entries: Vec<u32>,
}

impl Code {
    pub fn new(code: &[Instruction], entries: &[u32]) -> Code {
        let slots = (0..).zip(code).map(|(origin, &instruction)| Slot { instruction, origin }).collect();
        Code { slots, entries: entries.to_vec() }
    }

    /// How many labels and entries lead to each instruction and to the end, counted to 255; the start is an entry.
    pub fn aims(&self) -> Vec<u8> {
        let mut aims = vec![0_u8; self.slots.len() + 1];
        let labels = self.slots.iter().filter_map(|slot| slot.instruction.label());
        for label in self.entries.iter().copied().chain(labels).chain([0]) {
            if let Some(count) = aims.get_mut(label as usize) {
                *count = count.saturating_add(1);
            }
        }
        aims
    }
}

/// Makes new code of old: reads one instruction after the other, and rewrites the end of what was written.
///
/// A sequence is rewritten only if none of its instructions but the first is a target (bytecode.md 6.2, rule 1). Afterwards every
/// label leads to the first instruction that replaced its target, or to the next one that is left.
pub(crate) struct Writer {
    old: Code,
    aims: Vec<u8>,
    next: usize,
    out: Vec<Slot>,
    /// For each instruction written, whether something leads to it.
    aimed: Vec<bool>,
    /// Whether something leads to what is written next.
    pending: bool,
    /// Where each old instruction has gone.
    places: Vec<u32>,
    pass: Pass,
    count: u64,
    log: Option<Vec<Change>>,
}

impl Writer {
    pub fn new(code: &mut Code, pass: Pass, log: bool) -> Writer {
        let old = std::mem::take(code);
        let len = old.slots.len();
        Writer {
            aims: old.aims(),
            old,
            next: 0,
            out: Vec::with_capacity(len),
            aimed: Vec::with_capacity(len),
            pending: false,
            places: Vec::with_capacity(len + 1),
            pass,
            count: 0,
            log: log.then(Vec::new),
        }
    }

    /// Reads the next instruction.
    #[inline]
    pub fn read(&mut self) -> Option<Slot> {
        let slot = *self.old.slots.get(self.next)?;
        self.places.push(self.out.len() as u32);
        self.pending |= self.aims.get(self.next).is_some_and(|&aims| aims > 0);
        self.next += 1;
        Some(slot)
    }

    /// The index of the instruction read last, in the old code.
    pub fn pc(&self) -> usize {
        self.next.saturating_sub(1)
    }

    /// The old code.
    pub fn old(&self) -> &[Slot] {
        &self.old.slots
    }

    /// How many labels and entries lead to an instruction of the old code.
    pub fn aims(&self, pc: usize) -> u8 {
        self.aims.get(pc).copied().unwrap_or(0)
    }

    /// Whether the instruction read last starts a basic block.
    #[inline]
    pub fn at_head(&self) -> bool {
        let pc = self.pc();
        self.aims(pc) > 0 || self.after_branch()
    }

    /// Whether the instruction before the one read last may go elsewhere.
    #[inline]
    pub fn after_branch(&self) -> bool {
        let before = self.pc().checked_sub(1).and_then(|pc| self.old.slots.get(pc));
        before.is_some_and(|slot| slot.op().flags().branches())
    }

    /// The last N instructions written, if together with the one read last they may be rewritten.
    #[inline]
    pub fn window<const N: usize>(&self) -> Option<[Slot; N]> {
        if N > 0 && self.pending {
            return None;
        }
        let window = *self.out.last_chunk::<N>()?;
        let inner = self.aimed.get(self.aimed.len() + 1 - N.max(1)..)?;
        if N > 1 && inner.contains(&true) { None } else { Some(window) }
    }

    /// Writes an instruction.
    #[inline]
    pub fn write(&mut self, slot: Slot) {
        self.out.push(slot);
        self.aimed.push(std::mem::take(&mut self.pending));
    }

    /// Replaces the last `n` instructions written, which were a window, and the one read last.
    pub fn rewrite(&mut self, n: usize, after: &[Slot]) {
        let read = self.pc();
        self.replace(n, read, after);
    }

    /// As [`Writer::rewrite`], where what was read goes on to before `end`, which is read next.
    pub fn rewrite_through(&mut self, end: usize, after: &[Slot]) {
        let first = self.pc();
        while self.next < end {
            self.places.push(self.out.len() as u32);
            self.next += 1;
        }
        self.replace(0, first, after);
    }

    fn replace(&mut self, n: usize, first_read: usize, after: &[Slot]) {
        let keep = self.out.len().saturating_sub(n);
        if let Some(log) = &mut self.log {
            let written = self.out.get(keep..).unwrap_or_default();
            let read = self.old.slots.get(first_read..self.next).unwrap_or_default();
            log.push(Change::new(self.pass, written.iter().chain(read), after));
        }
        self.pending |= n > 0 && self.aimed.get(keep) == Some(&true);
        self.out.truncate(keep);
        self.aimed.truncate(keep);
        after.iter().for_each(|&slot| self.write(slot));
        self.count += 1;
    }

    /// Leaves out the instruction read last, without a count of its own.
    pub fn skip(&mut self) {
        if let (Some(log), Some(slot)) = (&mut self.log, self.old.slots.get(self.next.saturating_sub(1))) {
            // Instructions left out one after the other make one entry.
            let joins = self.places.len() > 1
                && self.places.last() == self.places.get(self.places.len() - 2)
                && !log.is_empty();
            match log.last_mut() {
                Some(last) if joins => {
                    last.before.push(slot.instruction);
                    last.origins.push(slot.origin);
                }
                _ => log.push(Change::new(self.pass, [slot], [])),
            }
        }
        self.count += 1;
    }

    /// The new code, how many changes were counted, and the changes if they were wanted.
    pub fn finish(mut self) -> (Code, u64, Vec<Change>) {
        self.places.push(self.out.len() as u32);
        let place = |label: u32| self.places.get(label as usize).copied().unwrap_or(label);
        if self.count > 0 {
            for slot in &mut self.out {
                if let Some(label) = slot.instruction.label() {
                    slot.instruction = slot.instruction.with_label(place(label));
                }
            }
            for entry in &mut self.old.entries {
                *entry = place(*entry);
            }
        }
        let code = Code { slots: self.out, entries: self.old.entries };
        (code, self.count, self.log.unwrap_or_default())
    }
}
