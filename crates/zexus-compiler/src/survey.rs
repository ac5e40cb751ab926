//! What must be known of a module before its code is made: which functions it has and in what order, who makes them, which
//! variables they capture, and what is declared where.

mod walk;

use rustc_hash::{FxHashMap, FxHashSet};
use zexus_hir::ir::{
    Bind, ContractDecl, Decl, DeclKind, FuncId, Function, GlobalId, ModuleId, Program, Slot, Var,
};

use walk::Walk;

/// No function.
pub(crate) const NOBODY: u32 = u32::MAX;

/// What is known of a function.
#[derive(Debug)]
pub(crate) struct Facts<'p> {
    /// The function.
    pub func: &'p Function,
    /// The function that makes it, by number.
    pub parent: u32,
    /// Slots that functions made here capture.
    pub captured: FxHashSet<Slot>,
    /// Slots that a declaration at the head of a block binds.
    pub fixed: FxHashMap<Slot, Option<FuncId>>,
    /// The contract whose action it is, or in whose action it stands.
    pub contract: Option<&'p ContractDecl>,
    /// How many `defer` statements it has.
    pub defers: usize,
    /// Whether one of them does not stand directly in its body.
    pub nested_defer: bool,
    /// Whether it is an action inside modifiers.
    pub has_body: bool,
}

/// What is known of a module.
#[derive(Debug)]
pub(crate) struct Survey<'p> {
    /// The functions by number, in the order of the source, each behind the one around it; 0 is the body.
    pub functions: Vec<Facts<'p>>,
    numbers: FxHashMap<FuncId, u32>,
    /// The globals that this module declares, in the order of their numbers.
    pub globals: Vec<GlobalId>,
    /// Globals that a declaration at the head of a block binds.
    pub fixed: FxHashMap<GlobalId, Option<FuncId>>,
    /// Contracts by the global they are bound to.
    pub contracts: FxHashMap<GlobalId, &'p ContractDecl>,
    /// Contracts of functions: by number of the function and slot.
    pub local_contracts: FxHashMap<(u32, Slot), &'p ContractDecl>,
    /// The modules that this one imports.
    pub imports: Vec<ModuleId>,
}

impl<'p> Survey<'p> {
    /// Looks over a module.
    pub fn new(program: &'p Program, module: ModuleId) -> Survey<'p> {
        let mut survey = Survey {
            functions: Vec::new(),
            numbers: FxHashMap::default(),
            globals: Vec::new(),
            fixed: FxHashMap::default(),
            contracts: FxHashMap::default(),
            local_contracts: FxHashMap::default(),
            imports: Vec::new(),
        };
        let mut work = Vec::new();
        work.extend(program.modules.get(module.index()).map(|m| (m.body, NOBODY, None)));
        while let Some((id, parent, contract)) = work.pop() {
            let Some(func) = program.functions.get(id.index()) else { continue };
            if survey.numbers.contains_key(&id) {
                continue;
            }
            let number = survey.functions.len() as u32;
            survey.numbers.insert(id, number);
            let mut walk = Walk::new(&mut survey, number, contract);
            walk.function(func);
            let (facts, mut children) = walk.finish(func, parent);
            survey.functions.push(facts);
            let place = |id: FuncId| program.functions.get(id.index()).map_or(0, |f| f.span.start);
            children.sort_by_key(|(id, _)| place(*id));
            work.extend(children.into_iter().rev().map(|(id, contract)| (id, number, contract)));
        }
        survey.note_captures();
        survey.globals.sort_unstable();
        survey.globals.dedup();
        survey
    }

    fn note_captures(&mut self) {
        for index in 0..self.functions.len() {
            let Some(facts) = self.functions.get(index) else { continue };
            let (func, parent) = (facts.func, facts.parent);
            let Some(parent) = self.functions.get_mut(parent as usize) else { continue };
            for capture in &func.captures {
                if let Var::Local(slot) | Var::Cell(slot) = capture.from {
                    parent.captured.insert(slot);
                }
            }
        }
    }

    /// The number of a function.
    pub fn number(&self, id: FuncId) -> u32 {
        self.numbers.get(&id).copied().unwrap_or(0)
    }

    /// The function and slot where a captured variable lives.
    pub fn origin(&self, mut function: u32, mut var: Var) -> Option<(u32, Slot)> {
        loop {
            let facts = self.functions.get(function as usize)?;
            match var {
                Var::Local(slot) | Var::Cell(slot) => return Some((function, slot)),
                Var::Capture(id) | Var::CaptureCell(id) => {
                    var = facts.func.captures.get(id.index())?.from;
                    function = facts.parent;
                }
                Var::Global(_) | Var::State(_) => return None,
            }
        }
    }

    /// Notes a declaration that is bound at the head of a block of a function.
    fn declared(&mut self, function: u32, facts: &mut FxHashMap<Slot, Option<FuncId>>, decl: &'p Decl) {
        let known = match &decl.kind {
            DeclKind::Function(id) | DeclKind::External(id) => Some(*id),
            _ => None,
        };
        match decl.bind {
            Bind::Global(id) => {
                self.fixed.insert(id, known);
                if let DeclKind::Contract(c) = &decl.kind {
                    self.contracts.insert(id, c);
                }
            }
            Bind::Local(slot) | Bind::NewCell(slot) | Bind::EarlyCell(slot) => {
                facts.insert(slot, known);
                if let DeclKind::Contract(c) = &decl.kind {
                    self.local_contracts.insert((function, slot), c);
                }
            }
        }
    }
}
