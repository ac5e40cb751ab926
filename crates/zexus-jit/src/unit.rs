//! What is known of a unit before code is made of it: the instructions it reaches, its blocks, and which registers are alive where.

use rustc_hash::FxHashMap;
use zexus_vm::Program;
use zexus_vm::native::{Function, Op};

use crate::effects::{Effects, effects};
use crate::set::Set;

/// The instructions that can be reached from an entry.
#[derive(Debug)]
pub(crate) struct Unit<'p> {
    /// The function.
    pub function: &'p Function,
    /// Where it starts.
    pub entry: u32,
    /// Effects of each instruction of the function, with the targets of steps found.
    pub effects: Vec<Effects>,
    /// Which instructions are reached.
    pub reached: Vec<bool>,
    /// Which of them begin a block.
    pub leaders: Vec<bool>,
    /// Registers alive before each: native code has their values, or memory has.
    pub live: Vec<Set>,
    /// The same without what only instructions need that look into memory.
    pub near: Vec<Set>,
}

impl<'p> Unit<'p> {
    /// Looks at a function from an entry on.
    pub fn new(program: &'p Program, func: u32, entry: u32) -> Option<Unit<'p>> {
        let function = program.functions.get(func as usize)?;
        let n = function.code.len();
        let mut all: Vec<Effects> = (0..).zip(&function.code).map(|(at, i)| effects(*i, at)).collect();
        for (at, e) in all.iter_mut().enumerate() {
            if function.code.get(at).is_some_and(|i| i.op == Op::Step) {
                let pc = function.pcs.get(at);
                e.target = pc.and_then(|pc| function.step_targets.get(pc)).copied();
            }
        }
        let (mut reached, mut leaders) = (vec![false; n], vec![false; n]);
        let mut work = vec![entry];
        *leaders.get_mut(entry as usize)? = true;
        while let Some(at) = work.pop() {
            let seen = reached.get_mut(at as usize)?;
            if std::mem::replace(seen, true) {
                continue;
            }
            let e = all.get(at as usize)?;
            let jumps = e.target.is_some() || e.next.is_none();
            for to in [e.target, e.next].into_iter().flatten() {
                if jumps || to != at + 1 {
                    *leaders.get_mut(to as usize)? = true;
                }
                work.push(to);
            }
        }
        let mut unit =
            Unit { function, entry, effects: all, reached, leaders, live: Vec::new(), near: Vec::new() };
        unit.live = unit.liveness(true);
        unit.near = unit.liveness(false);
        Some(unit)
    }

    /// Registers alive before each instruction, backwards to a fixed point.
    fn liveness(&self, memory: bool) -> Vec<Set> {
        let n = self.effects.len();
        let mut live = vec![Set::default(); n];
        let promoted = Set::of(self.function.promoted.iter().map(|(r, _)| *r as usize));
        let handlers: FxHashMap<u32, Vec<(u32, u32)>> = self.handlers();
        loop {
            let mut changed = false;
            for at in (0..n).rev().filter(|at| self.reached[*at]) {
                let e = &self.effects[at];
                let mut out = Set::default();
                for to in [e.target, e.next].into_iter().flatten() {
                    out = out.or(live.get(to as usize).copied().unwrap_or_default());
                }
                let mut now = out.without(e.defs).or(e.uses);
                if memory {
                    now = now.or(promoted);
                    if e.any {
                        now = Set::ALL;
                    }
                    for (target, register) in handlers.get(&self.function.region_of[at]).into_iter().flatten()
                    {
                        let there = self.caught(*target, &live);
                        now = now.or(there.without(Set::of([*register as usize])));
                    }
                }
                if live[at] != now {
                    live[at] = now;
                    changed = true;
                }
            }
            if !changed {
                return live;
            }
        }
    }

    /// What the code of a region needs: all registers if native code does not reach it.
    fn caught(&self, target: u32, live: &[Set]) -> Set {
        match self.reached.get(target as usize) {
            Some(true) => live[target as usize],
            _ => Set::ALL,
        }
    }

    /// For each region the handlers of it and those around it.
    fn handlers(&self) -> FxHashMap<u32, Vec<(u32, u32)>> {
        let regions = &self.function.regions;
        (0..regions.len() as u32)
            .map(|region| {
                let mut all = Vec::new();
                let mut next = region;
                while let Some(handler) = regions.get(next as usize) {
                    all.push((handler.target, handler.register));
                    if handler.parent == next || all.len() > regions.len() {
                        break;
                    }
                    next = handler.parent;
                }
                (region, all)
            })
            .collect()
    }

    /// Where the block ends that begins at `at`: one after its last instruction.
    pub fn end(&self, at: u32) -> u32 {
        let mut end = at;
        loop {
            let e = &self.effects[end as usize];
            let over = e.next != Some(end + 1) || e.target.is_some();
            end += 1;
            if over || self.leaders.get(end as usize) != Some(&false) {
                return end;
            }
        }
    }

    /// How many instructions are reached.
    pub fn len(&self) -> usize {
        self.reached.iter().filter(|r| **r).count()
    }
}
