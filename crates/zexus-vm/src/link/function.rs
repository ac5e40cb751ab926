//! From the functions of a module to linked functions.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::verify::NO_REGION;
use zexus_bytecode::{Function as Public, Instruction, Module, Opcode, OperandKind, ParamKind, Verified};

use super::LinkMode;
use super::emit::Code;
use super::flow::{Flow, Set};
use super::iters::Iters;
use super::vars::{Own, Scopes, Vars};
use super::{promote, stepwise, translate, vars};
use crate::exec::WINDOW;
use crate::program::{Capture, Function, Handler, Program, Spot};
use crate::run::insn::Op;
use crate::types::LinkedType;

/// Registers that the linker keeps free at the end of a window.
const SPARE: u32 = 4;

/// What the translation of a function looks at.
pub(crate) struct Job<'l> {
    /// The program so far, for constants, sites and names.
    pub program: &'l mut Program,
    /// The index of the module.
    pub module_index: u32,
    /// The module.
    pub module: &'l Module,
    /// The function.
    pub function: &'l Public,
    /// Its index in the module.
    pub index: usize,
    /// The height of the stack before each instruction.
    pub heights: &'l [u32],
    /// Variables of all functions.
    pub scopes: &'l Scopes,
    /// Data flow, if it is known.
    pub flow: Option<Flow>,
    /// Iterators, if their state can be in registers.
    pub iters: Option<Iters>,
    /// The first register of iterators.
    pub iter_start: u32,
    /// The first register of the stack.
    pub stack_start: u32,
    /// Constants of the module that are constants of the program already.
    pub consts: &'l mut FxHashMap<u64, u32>,
    /// Slots whose value is looked at where it may be missing, so that it must be taken away when a call begins.
    pub unsure: Set,
    /// Which instructions labels and entries lead to.
    pub labels: Vec<bool>,
    /// What each name is.
    pub spots: FxHashMap<Arc<str>, Spot>,
}

impl Job<'_> {
    /// The variables of the function.
    pub fn vars(&self) -> Option<&Vars> {
        self.scopes.vars.get(self.index)
    }

    /// Whether a label or entry leads to an instruction.
    pub fn is_label(&self, pc: u32) -> bool {
        self.labels.get(pc as usize) == Some(&true)
    }

    /// Whether a slot lives in a cell.
    pub fn in_cell(&self, slot: u32) -> bool {
        self.vars().and_then(|v| v.cells.get(slot as usize)) == Some(&true)
    }

    /// What a name operand is.
    pub fn spot(&self, name: &Arc<str>) -> Spot {
        match self.spots.get(name) {
            Some(spot) => *spot,
            None => self.program.resolve(self.module_index, name),
        }
    }
}

/// Links all functions of a module.
pub(crate) fn link_module(program: &mut Program, module_index: u32, verified: &Verified, mut scopes: Scopes) {
    let module = verified.module();
    let mut promoted = Vec::new();
    if program.mode != LinkMode::Stepwise
        && let Some(linked) = program.modules.get(module_index as usize)
    {
        let exports: Vec<Arc<str>> = linked.exports.iter().map(|(name, _)| name.clone()).collect();
        let names = promote::promotable(module, &exports, &scopes.vars);
        let globals: Vec<Option<u32>> = names.iter().map(|n| linked.globals.get(n).copied()).collect();
        if let Some(entry) = scopes.vars.first_mut()
            && entry.slots.len() + names.len() < 200
        {
            for (name, global) in names.iter().zip(globals) {
                if let Some(global) = global {
                    promoted.push((entry.slot(name), global));
                }
            }
            let slots = entry.slots.len();
            entry.cells.resize(slots, false);
            entry.captured.resize(slots, false);
            entry.named.resize(slots, false);
        }
    }
    let mut consts = FxHashMap::default();
    let parents = makers(module, &scopes);
    for index in 0..module.functions.len() {
        let promoted = if index == 0 { std::mem::take(&mut promoted) } else { Vec::new() };
        let maker = parents.get(index).copied().flatten();
        let function =
            link_function(program, module_index, verified, &scopes, index, &mut consts, promoted, maker);
        program.functions.push(function);
    }
}

/// For each function one that makes closures of it.
fn makers(module: &Module, scopes: &Scopes) -> Vec<Option<usize>> {
    let mut out = vec![None; module.functions.len()];
    for (index, function) in module.functions.iter().enumerate() {
        for instruction in &function.code {
            for created in scopes.inside.created(*instruction) {
                if let Some(place) = out.get_mut(created as usize) {
                    *place = Some(index);
                }
            }
        }
    }
    out
}

/// The function with the defect of [`LinkMode::Planted`].
fn planted(function: &Public) -> Public {
    let mut wrong = function.clone();
    for instruction in wrong.code.iter_mut().filter(|i| i.op() == Opcode::Gte) {
        *instruction = Instruction::new(Opcode::Gt, ());
    }
    wrong
}

fn spot_of(vars: &Vars, own: Own) -> Spot {
    match own {
        Own::Slot(slot) if vars.cells.get(slot as usize) == Some(&true) => Spot::Cell(slot),
        Own::Slot(slot) => Spot::Register(slot),
        Own::Capture(c) if vars.capture_cells.get(c as usize) == Some(&true) => Spot::CaptureCell(c),
        Own::Capture(c) => Spot::Capture(c),
    }
}

#[allow(clippy::too_many_arguments)]
fn link_function(
    program: &mut Program,
    module_index: u32,
    verified: &Verified,
    scopes: &Scopes,
    index: usize,
    consts: &mut FxHashMap<u64, u32>,
    promoted: Vec<(u32, u32)>,
    maker: Option<usize>,
) -> Function {
    let module = verified.module();
    let empty = Public::new("");
    let function = module.functions.get(index).unwrap_or(&empty);
    let wrong = (program.mode == LinkMode::Planted).then(|| planted(function));
    let function = wrong.as_ref().unwrap_or(function);
    let no_vars = Vars::default();
    let vars = scopes.vars.get(index).unwrap_or(&no_vars);
    let (heights, max_stack) =
        verified.facts().get(index).map_or((&[][..], 0), |f| (&f.heights[..], f.max_stack));
    let iters = Iters::new(function, heights);
    let iter_start = vars.slots.len() as u32;
    let stack_start = iter_start + 2 * iters.as_ref().map_or(0, |i| i.most);
    let registers = stack_start + max_stack + SPARE;
    let near = registers as usize + 2 < WINDOW && program.mode != LinkMode::Stepwise;
    let spots: FxHashMap<Arc<str>, Spot> =
        vars.index.iter().map(|(name, own)| (name.clone(), spot_of(vars, *own))).collect();
    let flow = if near { Flow::new(verified, scopes, index) } else { None };
    let mut labels = vec![false; function.code.len()];
    for label in function.code.iter().filter_map(|i| i.label()).chain(function.entries.iter().copied()) {
        if let Some(place) = labels.get_mut(label as usize) {
            *place = true;
        }
    }
    let mut job = Job {
        program,
        module_index,
        module,
        function,
        index,
        heights,
        scopes,
        flow,
        iters: if near { iters } else { None },
        iter_start,
        stack_start,
        consts,
        unsure: Set::new(vars.slots.len()),
        labels,
        spots,
    };
    for (slot, named) in (0..).zip(&vars.named) {
        if *named {
            job.unsure.add(slot);
        }
    }
    let code = if near { translate::translate(&mut job) } else { stepwise::translate(&mut job) };
    let scope = job.spots;
    finish(
        program,
        module_index,
        verified,
        scopes,
        index,
        code,
        scope,
        (stack_start, registers),
        promoted,
        maker,
    )
}

/// The linked function around its code.
#[allow(clippy::too_many_arguments)]
fn finish(
    program: &Program,
    module_index: u32,
    verified: &Verified,
    scopes: &Scopes,
    index: usize,
    code: Code,
    scope: FxHashMap<Arc<str>, Spot>,
    (stack_start, registers): (u32, u32),
    promoted: Vec<(u32, u32)>,
    maker: Option<usize>,
) -> Function {
    let module = verified.module();
    let empty = Public::new("");
    let function = module.functions.get(index).unwrap_or(&empty);
    let path = program.modules.get(module_index as usize).map(|m| m.path.clone()).unwrap_or_default();
    let info = Arc::new(super::info(&path, function, index));
    let facts = verified.facts().get(index);
    let regions = facts.map(|f| &f.regions[..]).unwrap_or_default();
    let handler = |region: &zexus_bytecode::Region| Handler {
        parent: region.parent,
        target: code.handlers.get(&(region.handler, region.height)).copied().unwrap_or_default(),
        register: stack_start + region.height,
        finally: region.finally,
    };
    let region_of =
        |pc: &u32| facts.and_then(|f| f.region_of.get(*pc as usize)).copied().unwrap_or(NO_REGION);
    let this = match scope.get("this") {
        Some(Spot::Register(r) | Spot::Cell(r)) if function.flags.0 & FnFlags::METHOD.0 != 0 => Some(*r),
        _ => None,
    };
    let rest = function.params.last().is_some_and(|p| p.kind == ParamKind::Rest);
    let guarded = FnFlags::ASYNC.0 | FnFlags::VIEW.0 | FnFlags::PURE.0 | FnFlags::SECURE.0;
    let required_only = function.params.iter().all(|p| p.kind == ParamKind::Required);
    let bare = function.flags.0 & guarded == 0
        && function.gas_limit.is_none()
        && required_only
        && registers as usize <= WINDOW;
    let makers_vars = maker.and_then(|maker| scopes.vars.get(maker));
    let captures = function.captures.iter().map(|name| Capture {
        from: makers_vars
            .and_then(|v| v.index.get(name).map(|own| spot_of(v, *own)))
            .unwrap_or(Spot::Nothing),
    });
    let start = code.starts.first().copied().unwrap_or_default();
    let mut types = FxHashMap::default();
    for (pc, instruction) in (0..).zip(&function.code) {
        if matches!(instruction.op(), Opcode::CheckType | Opcode::IsType)
            && let Some((OperandKind::Type, at)) = instruction.parts().next()
            && let Some(constant) = module.constant(at)
        {
            types.insert(pc, LinkedType::parse(constant));
        }
    }
    Function {
        first: program.functions.last().map_or(0, |f| f.first + f.code.len() as u32),
        module: module_index,
        index: index as u32,
        captures: if function.flags.is_scoped() { captures.collect() } else { Vec::new() },
        info,
        region_of: code.pcs.iter().map(region_of).collect(),
        regions: regions.iter().map(handler).collect(),
        start,
        entry_gas: code.insns.get(start as usize).filter(|i| i.op == Op::Gas).map_or(0, |i| i.d),
        starts: code.starts,
        code: code.insns,
        pcs: code.pcs,
        step_targets: code.step_targets,
        // What is promoted has the value of its global at the beginning.
        clears: code.clears.into_iter().filter(|(slot, _)| promoted.iter().all(|(p, _)| p != slot)).collect(),
        registers,
        params: (function.params.len() - usize::from(rest)) as u32,
        required: function.params.iter().filter(|p| p.kind == ParamKind::Required).count() as u32,
        rest,
        plain_params: if bare && this.is_none() { function.params.len() as u32 } else { u32::MAX },
        method_params: if bare && this.is_some() { function.params.len() as u32 } else { u32::MAX },
        this,
        this_register: this.unwrap_or(u32::MAX >> 1),
        flags: function.flags,
        gas_limit: function.gas_limit,
        scope,
        types,
        promoted,
    }
}

/// The names of the variables that an instruction stores or declares, as slots.
pub(crate) fn stored_slot(job: &Job<'_>, instruction: zexus_bytecode::Instruction) -> Option<u32> {
    if !instruction.info().flags.writes() {
        return None;
    }
    let name = vars::name_of(job.module, instruction)?;
    match job.vars()?.index.get(&name) {
        Some(Own::Slot(slot)) => Some(*slot),
        _ => None,
    }
}
