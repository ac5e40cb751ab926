//! Which variables surely have values where: data flow over the basic blocks of a function.

use zexus_bytecode::cfg::Cfg;
use zexus_bytecode::verify::UNREACHED;
use zexus_bytecode::{Opcode, ParamKind, Verified};

use super::vars::{Event, Own, Scopes, optional_params};

/// Bits of all sets of a function together; beyond this nothing is found out.
const MOST_BITS: usize = 1 << 26;

/// A set of slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Set(Vec<u64>);

impl Set {
    /// The empty set.
    pub fn new(len: usize) -> Set {
        Set(vec![0; len.div_ceil(64)])
    }

    /// Whether it holds a slot.
    pub fn has(&self, slot: u32) -> bool {
        self.0.get(slot as usize / 64).is_some_and(|word| word >> (slot % 64) & 1 != 0)
    }

    /// Adds a slot.
    pub fn add(&mut self, slot: u32) {
        if let Some(word) = self.0.get_mut(slot as usize / 64) {
            *word |= 1 << (slot % 64);
        }
    }

    /// Takes a slot away.
    pub fn remove(&mut self, slot: u32) {
        if let Some(word) = self.0.get_mut(slot as usize / 64) {
            *word &= !(1 << (slot % 64));
        }
    }

    fn combine(&mut self, other: &Set, f: impl Fn(u64, u64) -> u64) -> bool {
        let mut changed = false;
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            let new = f(*a, *b);
            changed |= new != *a;
            *a = new;
        }
        changed
    }
}

/// What is known about a function's slots.
pub(crate) struct Flow {
    /// The basic blocks.
    pub cfg: Cfg,
    /// For each block, the slots that surely have a value at its start; `None` if no path reaches it.
    pub assigned: Vec<Option<Set>>,
}

impl Flow {
    /// Analyses a function; `None` if it is too large for that.
    pub fn new(verified: &Verified, scopes: &Scopes, index: usize) -> Option<Flow> {
        let module = verified.module();
        let function = module.functions.get(index)?;
        let vars = scopes.vars.get(index)?;
        let cfg = Cfg::new(function);
        let slots = vars.slots.len();
        if slots.max(1).saturating_mul(cfg.len()) > MOST_BITS {
            return None;
        }
        let mut given = Set::new(slots);
        for (slot, param) in (0..).zip(&function.params) {
            if param.kind != ParamKind::Optional {
                given.add(slot);
            }
        }
        // Calls give `this` to functions that have one.
        if function.flags.is_method()
            && let Some(Own::Slot(slot)) = vars.index.get("this")
        {
            given.add(*slot);
        }
        let mut roots = vec![(0, given.clone())];
        for (&entry, param) in function.entries.iter().zip(optional_params(function)) {
            given.add(param as u32);
            roots.push((entry, given.clone()));
        }
        // An error may come from any place in a region, also after a variable has become a new one.
        let mut renewed = Set::new(slots);
        for pc in 0..function.code.len() {
            scopes.events(module, index, pc, |event| {
                if let Event::New(slot) = event {
                    renewed.add(slot);
                }
            });
        }
        let mut flow = Flow { assigned: vec![None; cfg.len()], cfg };
        let mut work = Vec::new();
        for (pc, set) in roots {
            if let Some(block) = flow.cfg.block_of(pc) {
                flow.meet(block, &set, &mut work);
            }
        }
        while let Some(block) = work.pop() {
            let Some(range) = flow.cfg.block(block) else { continue };
            let Some(Some(mut state)) = flow.assigned.get(block).cloned() else { continue };
            for pc in range.start..range.end {
                scopes.events(module, index, pc as usize, |event| apply(event, &mut state));
            }
            let last = function.code.get(range.end.saturating_sub(1) as usize);
            let opens = last.is_some_and(|i| matches!(i.op(), Opcode::SetupTry | Opcode::SetupFinally));
            let handler = last.filter(|_| opens).and_then(|i| i.label()).and_then(|l| flow.cfg.block_of(l));
            let next: Vec<usize> = flow.cfg.successors(function, block).collect();
            for successor in next {
                if Some(successor) == handler {
                    let mut inside = state.clone();
                    inside.combine(&renewed, |a, b| a & !b);
                    flow.meet(successor, &inside, &mut work);
                }
                if Some(successor) != handler || successor == block + 1 {
                    flow.meet(successor, &state, &mut work);
                }
            }
        }
        Some(flow)
    }

    fn meet(&mut self, block: usize, state: &Set, work: &mut Vec<usize>) {
        let Some(place) = self.assigned.get_mut(block) else { return };
        let changed = match place {
            Some(known) => known.combine(state, |a, b| a & b),
            None => {
                *place = Some(state.clone());
                true
            }
        };
        if changed {
            work.push(block);
        }
    }
}

/// What an event does to the set of slots that surely have a value.
pub(crate) fn apply(event: Event, assigned: &mut Set) {
    match event {
        Event::Store(slot) => assigned.add(slot),
        Event::New(slot) => assigned.remove(slot),
        Event::Copy(_) | Event::Create(_) => (),
    }
}

/// The captured slots that cannot be captured by value: stored after a closure was made, or perhaps without a value when one is.
pub(crate) fn unstable(verified: &Verified, scopes: &Scopes, index: usize, flow: &Flow) -> Vec<u32> {
    let module = verified.module();
    let (Some(function), Some(vars), Some(facts)) =
        (module.functions.get(index), scopes.vars.get(index), verified.facts().get(index))
    else {
        return Vec::new();
    };
    let slots = vars.slots.len();
    let captures_of = |f: u32| {
        let captures = scopes.vars.get(f as usize).map(|v| &v.captures[..]).unwrap_or_default();
        captures.iter().filter_map(|name| match vars.index.get(name) {
            Some(Own::Slot(slot)) => Some(*slot),
            _ => None,
        })
    };
    let mut bad = Set::new(slots);
    // All slots that some closure captures: what may have happened when an error comes out of a region.
    let mut anywhere = Set::new(slots);
    for (slot, captured) in (0..).zip(&vars.captured) {
        if *captured {
            anywhere.add(slot);
        }
    }
    let handlers: Vec<usize> =
        facts.regions.iter().filter_map(|region| flow.cfg.block_of(region.handler)).collect();
    let mut made: Vec<Set> = vec![Set::new(slots); flow.cfg.len()];
    for handler in handlers {
        if let Some(set) = made.get_mut(handler) {
            *set = anywhere.clone();
        }
    }
    let mut work: Vec<usize> = (0..flow.cfg.len()).rev().collect();
    while let Some(block) = work.pop() {
        let Some(range) = flow.cfg.block(block) else { continue };
        let Some(Some(mut assigned)) = flow.assigned.get(block).cloned() else { continue };
        let Some(mut state) = made.get(block).cloned() else { continue };
        for pc in range.start..range.end {
            if facts.heights.get(pc as usize) == Some(&UNREACHED) {
                continue;
            }
            scopes.events(module, index, pc as usize, |event| {
                match event {
                    Event::Create(f) => {
                        for slot in captures_of(f) {
                            state.add(slot);
                            if !assigned.has(slot) {
                                bad.add(slot);
                            }
                        }
                    }
                    Event::Store(slot) if state.has(slot) => bad.add(slot),
                    Event::New(slot) | Event::Copy(slot) => state.remove(slot),
                    Event::Store(_) => (),
                }
                apply(event, &mut assigned);
            });
        }
        let next: Vec<usize> = flow.cfg.successors(function, block).collect();
        for successor in next {
            if let Some(set) = made.get_mut(successor)
                && set.combine(&state, |a, b| a | b)
            {
                work.push(successor);
            }
        }
    }
    (0..slots as u32).filter(|slot| bad.has(*slot)).collect()
}
