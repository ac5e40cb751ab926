//! What the names of functions are: their own variables, captures, and which of them live in cells.
//!
//! A captured variable is captured by value if no other function stores it, if no path leads from the making of a closure that captures it
//! to a store without a new variable in between, and if it surely has a value wherever such a closure is made. Otherwise it lives in
//! a cell, in its function and in all that capture it.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zexus_bytecode::verify::UNREACHED;
use zexus_bytecode::{Const, Instruction, Module, Opcode, OperandKind, ParamKind, Verified};

use super::flow::{self, Flow};

/// A variable that a function has itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    /// A parameter or local, by its register.
    Slot(u32),
    /// A capture.
    Capture(u32),
}

/// The names of a function.
#[derive(Debug, Default)]
pub(crate) struct Vars {
    /// Parameters and locals; the register of each is its place here.
    pub slots: Vec<Arc<str>>,
    /// The first so many are parameters.
    pub params: usize,
    /// Captures.
    pub captures: Vec<Arc<str>>,
    /// All of them by name.
    pub index: FxHashMap<Arc<str>, Own>,
    /// Which slots live in cells.
    pub cells: Vec<bool>,
    /// Which captures are cells.
    pub capture_cells: Vec<bool>,
    /// Which slots are captured by some function.
    pub captured: Vec<bool>,
    /// Which slots are named by constants that support functions look at.
    pub named: Vec<bool>,
}

impl Vars {
    fn new(module: &Module, index: usize) -> Vars {
        let Some(function) = module.functions.get(index) else { return Vars::default() };
        let mut vars = Vars::default();
        for param in &function.params {
            vars.slot(&param.name);
        }
        vars.params = vars.slots.len();
        if function.flags.is_scoped() {
            for name in &function.locals {
                vars.slot(name);
            }
            for name in &function.captures {
                vars.index.insert(name.clone(), Own::Capture(vars.captures.len() as u32));
                vars.captures.push(name.clone());
            }
        } else if index != 0 {
            for instruction in function.code.iter().filter(|i| i.info().flags.writes()) {
                if let Some(name) = name_of(module, *instruction)
                    && !vars.index.contains_key(&name)
                {
                    vars.slot(&name);
                }
            }
        }
        vars
    }

    /// Adds a slot.
    pub fn slot(&mut self, name: &Arc<str>) -> u32 {
        let slot = self.slots.len() as u32;
        self.index.insert(name.clone(), Own::Slot(slot));
        self.slots.push(name.clone());
        slot
    }
}

/// The name that an instruction has as its operand.
pub(crate) fn name_of(module: &Module, instruction: Instruction) -> Option<Arc<str>> {
    let (_, index) = instruction.parts().find(|(kind, _)| *kind == OperandKind::Name)?;
    match module.constant(index)? {
        Const::Str(name) => Some(name.clone()),
        _ => None,
    }
}

/// The variable that the string constant before an instruction names, for support functions that look at it.
pub(crate) fn named_before(module: &Module, code: &[Instruction], pc: usize) -> Option<Arc<str>> {
    let before = code.get(pc.checked_sub(1)?)?;
    match (before.op(), module.constant(before.first())?) {
        (Opcode::LoadConst, Const::Str(name)) => Some(name.clone()),
        _ => None,
    }
}

/// What an instruction does to variables of its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Gives a slot a value.
    Store(u32),
    /// Makes a slot a new variable without a value.
    New(u32),
    /// Makes a slot a new variable with the old value.
    Copy(u32),
    /// Makes a closure of the function with this index.
    Create(u32),
}

/// The functions inside each constant of a module.
pub(crate) struct Inside {
    functions: FxHashMap<u64, Vec<u32>>,
}

impl Inside {
    fn new(module: &Module) -> Inside {
        let mut functions = FxHashMap::default();
        for (index, constant) in (0..).zip(module.constants.iter()) {
            let mut found = Vec::new();
            let mut work = vec![constant];
            while let Some(c) = work.pop() {
                match c {
                    Const::Func(f) => found.push(*f),
                    Const::List(items) => work.extend(items.iter()),
                    Const::Map(entries) => work.extend(entries.iter().map(|(_, v)| v)),
                    _ => (),
                }
            }
            if !found.is_empty() {
                functions.insert(index, found);
            }
        }
        Inside { functions }
    }

    /// The functions that an instruction makes closures of.
    pub fn created(&self, instruction: Instruction) -> impl Iterator<Item = u32> + '_ {
        let parts = instruction.parts().filter(|(kind, _)| kind.is_constant());
        parts.filter_map(|(_, index)| self.functions.get(&index)).flatten().copied()
    }
}

/// The variables of all functions of a module.
pub(crate) struct Scopes {
    /// By function.
    pub vars: Vec<Vars>,
    /// The functions inside constants.
    pub inside: Inside,
}

impl Scopes {
    /// Finds out everything.
    pub fn new(verified: &Verified) -> Scopes {
        let module = verified.module();
        let inside = Inside::new(module);
        let vars: Vec<Vars> = (0..module.functions.len()).map(|index| Vars::new(module, index)).collect();
        let mut scopes = Scopes { vars, inside };
        scopes.decide(verified);
        scopes
    }

    /// The events of an instruction, in order.
    pub fn events(&self, module: &Module, function: usize, pc: usize, mut event: impl FnMut(Event)) {
        let (Some(code), Some(vars)) =
            (module.functions.get(function).map(|f| &f.code), self.vars.get(function))
        else {
            return;
        };
        let Some(&instruction) = code.get(pc) else { return };
        let slot = |name: Option<Arc<str>>| match name.and_then(|name| vars.index.get(&name).copied()) {
            Some(Own::Slot(slot)) => Some(slot),
            _ => None,
        };
        self.inside.created(instruction).for_each(|f| event(Event::Create(f)));
        if instruction.info().flags.writes() {
            slot(name_of(module, instruction)).into_iter().for_each(|slot| event(Event::Store(slot)));
        } else if instruction.op() == Opcode::CallBuiltin {
            let callee = name_of(module, instruction);
            let made: fn(u32) -> Event = match callee.as_deref() {
                Some("@new") => Event::New,
                Some("@copy") => Event::Copy,
                Some("@define_module") => Event::Store,
                _ => return,
            };
            slot(named_before(module, code, pc)).into_iter().for_each(|slot| event(made(slot)));
        }
    }

    fn decide(&mut self, verified: &Verified) {
        let module = verified.module();
        let mut groups = Groups::new(&self.vars);
        for (index, vars) in self.vars.iter_mut().enumerate() {
            vars.cells = vec![false; vars.slots.len()];
            vars.captured = vec![false; vars.slots.len()];
            vars.capture_cells = vec![false; vars.captures.len()];
            vars.named = vec![false; vars.slots.len()];
            let Some(function) = module.functions.get(index) else { continue };
            for (pc, instruction) in function.code.iter().enumerate() {
                let support = instruction.op() == Opcode::CallBuiltin
                    && name_of(module, *instruction).is_some_and(|name| name.starts_with('@'));
                if support
                    && let Some(name) = named_before(module, &function.code, pc)
                    && let Some(Own::Slot(slot)) = vars.index.get(&name)
                    && let Some(named) = vars.named.get_mut(*slot as usize)
                {
                    *named = true;
                }
            }
        }
        for (index, function) in module.functions.iter().enumerate() {
            let heights = verified.facts().get(index).map(|f| &f.heights[..]).unwrap_or_default();
            for (instruction, height) in function.code.iter().zip(heights) {
                if *height == UNREACHED {
                    continue;
                }
                let made: Vec<u32> = self.inside.created(*instruction).collect();
                for created in made {
                    self.unite(&mut groups, index, created as usize);
                }
                let stored = name_of(module, *instruction).filter(|_| instruction.info().flags.writes());
                if let Some(name) = stored
                    && let Some(Own::Capture(capture)) =
                        self.vars.get(index).and_then(|v| v.index.get(&name)).copied()
                {
                    groups.need_cell(groups.capture(index, capture));
                }
            }
        }
        for index in 0..module.functions.len() {
            if self.vars.get(index).is_some_and(|vars| vars.captured.contains(&true)) {
                self.stores_after(verified, index, &mut groups);
            }
        }
        for (index, vars) in self.vars.iter_mut().enumerate() {
            for slot in 0..vars.cells.len() {
                let node = groups.slot(index, slot as u32);
                let cell = groups.is_cell(node) && vars.captured.get(slot) == Some(&true);
                if let Some(place) = vars.cells.get_mut(slot) {
                    *place = cell;
                }
            }
            for (capture, place) in vars.capture_cells.iter_mut().enumerate() {
                let node = groups.capture(index, capture as u32);
                *place = groups.is_cell(node);
            }
        }
    }

    /// The captures of a function that another one makes are variables of that one.
    fn unite(&mut self, groups: &mut Groups, maker: usize, created: usize) {
        let count = self.vars.get(created).map_or(0, |v| v.captures.len());
        for capture in 0..count {
            let Some(name) = self.vars.get(created).and_then(|v| v.captures.get(capture)).cloned() else {
                continue;
            };
            let Some(vars) = self.vars.get_mut(maker) else { continue };
            let node = match vars.index.get(&name) {
                Some(Own::Slot(slot)) => {
                    if let Some(captured) = vars.captured.get_mut(*slot as usize) {
                        *captured = true;
                    }
                    groups.slot(maker, *slot)
                }
                Some(Own::Capture(own)) => groups.capture(maker, *own),
                None => continue,
            };
            groups.unite(groups.capture(created, capture as u32), node);
        }
    }

    /// Marks slots that are stored after a closure has captured them, or that may have no value when one does.
    fn stores_after(&self, verified: &Verified, index: usize, groups: &mut Groups) {
        let Some(vars) = self.vars.get(index) else { return };
        match Flow::new(verified, self, index) {
            Some(flow) => {
                for slot in flow::unstable(verified, self, index, &flow) {
                    groups.need_cell(groups.slot(index, slot));
                }
            }
            None => {
                for slot in 0..vars.slots.len() as u32 {
                    groups.need_cell(groups.slot(index, slot));
                }
            }
        }
    }
}

/// Variables that are one and the same, across functions.
struct Groups {
    parent: Vec<u32>,
    cell: Vec<bool>,
    bases: Vec<(u32, u32)>,
}

impl Groups {
    fn new(vars: &[Vars]) -> Groups {
        let mut bases = Vec::with_capacity(vars.len());
        let mut next = 0;
        for v in vars {
            bases.push((next, next + v.slots.len() as u32));
            next += (v.slots.len() + v.captures.len()) as u32;
        }
        Groups { parent: (0..next).collect(), cell: vec![false; next as usize], bases }
    }

    fn slot(&self, function: usize, slot: u32) -> u32 {
        self.bases.get(function).map_or(0, |(base, _)| base + slot)
    }

    fn capture(&self, function: usize, capture: u32) -> u32 {
        self.bases.get(function).map_or(0, |(_, base)| base + capture)
    }

    fn root(&mut self, mut node: u32) -> u32 {
        while let Some(&parent) = self.parent.get(node as usize)
            && parent != node
        {
            let above = self.parent.get(parent as usize).copied().unwrap_or(parent);
            if let Some(place) = self.parent.get_mut(node as usize) {
                *place = above;
            }
            node = above;
        }
        node
    }

    fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            let cell = self.is_cell(a);
            if let Some(place) = self.parent.get_mut(a as usize) {
                *place = b;
            }
            if cell {
                self.need_cell(b);
            }
        }
    }

    fn need_cell(&mut self, node: u32) {
        let root = self.root(node);
        if let Some(cell) = self.cell.get_mut(root as usize) {
            *cell = true;
        }
    }

    fn is_cell(&mut self, node: u32) -> bool {
        let root = self.root(node);
        self.cell.get(root as usize) == Some(&true)
    }
}

/// Parameters that a call need not give, in order.
pub(crate) fn optional_params(function: &zexus_bytecode::Function) -> impl Iterator<Item = usize> + '_ {
    let params = function.params.iter().enumerate();
    params.filter(|(_, p)| p.kind == ParamKind::Optional).map(|(i, _)| i)
}
