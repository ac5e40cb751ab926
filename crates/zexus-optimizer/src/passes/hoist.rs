//! Constants of innermost loops, from level 2 and after all rounds, in modules: an operator that the virtual machine has no short form
//! for with such a constant would load it into a register each time. It is stored once before the loop instead, in a variable of its own.
//!
//! ```text
//! h: …, LOAD_NAME f, LOAD_NAME i, LOAD_CONST true, STORE_INDEX, …, JUMP h
//!    =>  STORE_CONST #k0 true, h: …, LOAD_NAME f, LOAD_NAME i, LOAD_NAME #k0, STORE_INDEX, …, JUMP h
//! ```
//! Jumps to the head from outside the loop go to the store, and nothing else leads into the loop, so the variable always has its value.
//! Loading and storing such constants raises nothing and runs no code; in metered code only those count for which nothing is charged.

use std::collections::HashMap;
use std::sync::Arc;

use zexus_bytecode::{Const, Function, Opcode};

use super::Context;
use crate::code::{Code, Slot};
use crate::explain::Change;
use crate::stats::Pass;

/// The most constants of a loop, and of a function.
const MOST: (usize, usize) = (4, 8);
/// A function with more variables keeps its registers for them.
const VARIABLES: usize = 64;

/// A loop and the constants that are stored before it, by the names of their variables.
struct Loop {
    head: usize,
    end: usize,
    stored: Vec<(u32, u32)>,
}

/// Gives the variables that the function now has besides its own.
pub(crate) fn run(context: &mut Context, code: &mut Code, function: &Function) -> Vec<Arc<str>> {
    let variables = function.params.len() + function.locals.len() + function.captures.len();
    if !function.flags.is_scoped() || variables > VARIABLES {
        return Vec::new();
    }
    let mut names: Names = Names { function, made: Vec::new(), of: HashMap::new() };
    let mut changes = Vec::new();
    let mut loops = Vec::new();
    for (head, end) in innermost(code) {
        let mut stored: Vec<(u32, u32)> = Vec::new();
        for at in constants(context, code, head, end) {
            let Some(slot) = code.slots.get_mut(at) else { continue };
            let constant = slot.instruction.first() as u32;
            let known = stored.iter().find(|(_, k)| *k == constant).map(|(name, _)| *name);
            let room = stored.len() < MOST.0 && context.growth > 0;
            let Some(name) = known.or_else(|| if room { names.variable(context, constant) } else { None })
            else {
                continue;
            };
            if known.is_none() {
                stored.push((name, constant));
                context.growth -= 1;
            }
            let load = slot.with(Opcode::LoadName, name);
            changes.push(Change::new(Pass::LoopConstants, [&*slot], [&load]));
            *slot = load;
        }
        if !stored.is_empty() {
            loops.push(Loop { head, end, stored });
        }
    }
    let made = names.made;
    if !loops.is_empty() {
        *code = with_stores(code, &loops);
        context.note(Pass::LoopConstants, changes.len() as u64, changes);
    }
    made
}

/// The variables that are made.
struct Names<'f> {
    function: &'f Function,
    made: Vec<Arc<str>>,
    /// The name of the variable for a constant.
    of: HashMap<u32, u32>,
}

impl Names<'_> {
    /// The name of the variable for a constant, as a constant.
    fn variable(&mut self, context: &mut Context, constant: u32) -> Option<u32> {
        let key = if context.is_wrong(Pass::LoopConstants) { 0 } else { constant };
        if let Some(&name) = self.of.get(&key) {
            return Some(name);
        }
        if self.made.len() == MOST.1 {
            return None;
        }
        let taken = |name: &str| {
            let f = self.function;
            let own = f.locals.iter().chain(&f.captures).chain(&self.made).any(|n| &**n == name);
            own || f.params.iter().any(|p| &*p.name == name)
        };
        let text: Arc<str> = (0..).map(|n| format!("#k{n}")).find(|name| !taken(name))?.into();
        let name = context.pool.add(Const::Str(text.clone()))?;
        self.made.push(text);
        self.of.insert(key, name);
        Some(name)
    }
}

/// The loops without loops in them into which nothing leads but their heads, as first and last instruction.
fn innermost(code: &Code) -> Vec<(usize, usize)> {
    let len = code.slots.len();
    // The first and the last instruction that leads to each.
    let mut sources = vec![(usize::MAX, 0); len];
    let mut ends = vec![0; len];
    for (pc, slot) in code.slots.iter().enumerate() {
        let Some(label) = slot.instruction.label().map(|label| label as usize) else { continue };
        if let Some((first, last)) = sources.get_mut(label) {
            (*first, *last) = ((*first).min(pc), pc);
        }
        if label <= pc
            && matches!(slot.op(), Opcode::Jump | Opcode::JumpIfFalse | Opcode::JumpIfTrue)
            && let Some(end) = ends.get_mut(label)
        {
            *end = pc + 1;
        }
    }
    for &entry in &code.entries {
        if let Some(sources) = sources.get_mut(entry as usize) {
            *sources = (0, usize::MAX);
        }
    }
    let heads: Vec<(usize, usize)> =
        ends.iter().enumerate().filter(|(_, end)| **end > 0).map(|(head, &end)| (head, end - 1)).collect();
    let inner = heads
        .iter()
        .enumerate()
        .filter(|(at, (_, end))| heads.get(at + 1).is_none_or(|(next, _)| next > end));
    let closed = |&(head, end): &(usize, usize)| {
        let inside = sources.get(head + 1..=end).unwrap_or_default();
        inside.iter().all(|&(first, last)| first == usize::MAX || first >= head && last <= end)
    };
    inner.map(|(_, range)| *range).filter(closed).collect()
}

/// The loads of constants in a loop that are to be replaced.
fn constants(context: &Context, code: &Code, head: usize, end: usize) -> Vec<usize> {
    let mut found = Vec::new();
    // For each value of the block, the `LOAD_CONST` that it comes from.
    let mut stack: Vec<Option<usize>> = Vec::new();
    let labels: std::collections::HashSet<usize> = code
        .slots
        .get(head..=end)
        .unwrap_or_default()
        .iter()
        .filter_map(|s| s.instruction.label())
        .map(|l| l as usize)
        .collect();
    for at in head..=end {
        let Some(slot) = code.slots.get(at) else { break };
        if labels.contains(&at) {
            stack.clear();
        }
        if slot.op() == Opcode::LoadConst {
            stack.push(Some(at));
            continue;
        }
        let top =
            |below: usize| stack.len().checked_sub(below + 1).and_then(|i| stack.get(i)).copied().flatten();
        let (left, right) = (top(1), top(0));
        for (load, is_left) in [(left, true), (right, false)] {
            let constant = load.and_then(|load| code.slots.get(load)).and_then(|load| context.loaded(*load));
            if let (Some(load), Some(constant)) = (load, constant)
                && may_wait(constant, context.metered)
                && needs_register(slot, constant, is_left, context)
            {
                found.push(load);
            }
        }
        let pops = usize::try_from(slot.instruction.pops()).unwrap_or(usize::MAX);
        stack.truncate(stack.len().saturating_sub(pops));
        if slot.op().flags().branches() {
            stack.clear();
        } else {
            (0..slot.instruction.pushes()).for_each(|_| stack.push(None));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether nothing is charged or allocated for loading a constant, or that does not matter.
fn may_wait(constant: &Const, metered: bool) -> bool {
    match constant {
        Const::Bool(_) | Const::Int(_) | Const::Float(_) => true,
        Const::Str(_) | Const::Big(_) => !metered,
        _ => false,
    }
}

/// Whether an instruction reads a constant from a register, because the virtual machine has no form of it for such constants.
fn needs_register(slot: &Slot, constant: &Const, is_left: bool, context: &Context) -> bool {
    use Opcode::*;
    let int = match constant {
        Const::Int(n) => Some(*n),
        _ => None,
    };
    let fits_operand = int.is_some_and(|n| i32::try_from(n).is_ok());
    let fits_jump = int.is_some_and(|n| i16::try_from(n).is_ok());
    let float = matches!(constant, Const::Float(_));
    match slot.op() {
        // Index and value.
        StoreIndex | In => true,
        StoreAttr => !is_left,
        Eq | Neq => !fits_jump,
        Lt | Gt | Lte | Gte => !fits_jump && !float,
        Add | Mul => !fits_operand && !float,
        Sub => !float && (is_left || !fits_operand),
        Div => !float,
        Mod | IntDiv => is_left || !int.is_some_and(|n| n > 0 && fits_operand),
        Pow => true,
        CallBuiltin => {
            let name = context.pool.first(slot.instruction).and_then(Const::as_str);
            !is_left && name == Some("append") && slot.instruction.count() == 2
        }
        _ => false,
    }
}

/// The code with the stores before the heads of loops.
fn with_stores(code: &Code, loops: &[Loop]) -> Code {
    let len = code.slots.len();
    let (mut slots, mut places) = (Vec::with_capacity(len + loops.len()), Vec::with_capacity(len + 1));
    // For each head, by its place in the old code: its loop.
    let mut waiting = loops.iter().peekable();
    let mut heads: HashMap<usize, (u32, usize)> = HashMap::new();
    for (pc, slot) in code.slots.iter().enumerate() {
        if let Some(found) = waiting.next_if(|found| found.head == pc) {
            heads.insert(pc, (slots.len() as u32, found.end));
            for &(name, constant) in &found.stored {
                slots.push(slot.with(Opcode::StoreConst, (name, constant)));
            }
        }
        places.push(slots.len() as u32);
        slots.push(*slot);
    }
    places.push(slots.len() as u32);
    let place = |label: u32, from: Option<usize>| {
        let at = label as usize;
        match heads.get(&at) {
            Some(&(before, end)) if !from.is_some_and(|pc| (at..=end).contains(&pc)) => before,
            _ => places.get(at).copied().unwrap_or(label),
        }
    };
    for (pc, &new) in places.iter().enumerate().take(len) {
        if let Some(slot) = slots.get_mut(new as usize)
            && let Some(label) = slot.instruction.label()
        {
            slot.instruction = slot.instruction.with_label(place(label, Some(pc)));
        }
    }
    let entries = code.entries.iter().map(|&entry| place(entry, None)).collect();
    Code { slots, entries }
}
