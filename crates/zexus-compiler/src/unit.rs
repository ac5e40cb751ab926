//! What all functions of a module share while it is compiled.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use zexus_bytecode::{Module, Run, limits};
use zexus_hir::ir::{
    self, ContractDecl, ExportValue, Expr, ExprKind, GlobalId, ModuleId, Name, Program, Var,
};
use zexus_syntax::SourceMap;

use crate::function::FnCompiler;
use crate::names::{self, Builtins};
use crate::places::Places;
use crate::pool::Pool;
use crate::survey::{NOBODY, Survey};

/// So deep may blocks, expressions and the code for leaving blocks be nested while they are compiled, which bounds the native stack.
pub(crate) const MAX_DEPTH: u32 = 900;

/// What the fields of a contract are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    /// Own and inherited fields, and whether they keep their history.
    known: FxHashMap<Name, bool>,
}

impl Fields {
    /// Whether there is a field of this name that keeps its history, or does not; `None` if it is not known to be a field.
    pub fn keeps_history(&self, name: &Name) -> Option<bool> {
        self.known.get(name).copied()
    }
}

/// A module that is being compiled.
pub(crate) struct Unit<'p> {
    pub program: &'p Program,
    pub id: ModuleId,
    pub survey: Survey<'p>,
    pub builtins: &'p Builtins,
    pub pool: Pool,
    pub places: Places<'p>,
    /// The names of the variables of each function, by number: of slots, then of captures.
    pub names: Vec<names::Variables>,
    /// The functions that take `this` from around them.
    pub takes_this: Vec<bool>,
    /// What is too large.
    pub error: Option<String>,
    pub depth: u32,
    /// Numbers of `exactly` statements in this module.
    pub exactly: FxHashMap<u32, u32>,
    /// Names of globals as this module knows them.
    global_names: FxHashMap<GlobalId, Name>,
    /// Names of all own globals.
    own_names: FxHashSet<Name>,
    /// Names of the variables of other modules.
    foreign: Option<FxHashMap<GlobalId, Name>>,
    /// Contracts that stand at the top level of a module of the program.
    contracts: Option<FxHashMap<GlobalId, &'p ContractDecl>>,
    fields: FxHashMap<*const ContractDecl, Arc<Fields>>,
    instructions: usize,
}

impl<'p> Unit<'p> {
    pub fn new(
        program: &'p Program,
        id: ModuleId,
        builtins: &'p Builtins,
        sources: &'p SourceMap,
    ) -> Unit<'p> {
        let survey = Survey::new(program, id);
        let functions = survey.functions.len();
        let file = program.modules.get(id.index()).and_then(|m| sources.get(m.file));
        let mut unit = Unit {
            program,
            id,
            survey,
            builtins,
            pool: Pool::new(functions),
            places: Places::new(file),
            names: Vec::with_capacity(functions),
            takes_this: vec![false; functions],
            error: None,
            depth: 0,
            exactly: FxHashMap::default(),
            global_names: FxHashMap::default(),
            own_names: FxHashSet::default(),
            foreign: None,
            contracts: None,
            fields: FxHashMap::default(),
            instructions: 0,
        };
        unit.name_globals();
        unit
    }

    /// The last declared of several globals with the same name keeps it.
    fn name_globals(&mut self) {
        let mut used: FxHashMap<&Name, u32> = FxHashMap::default();
        for id in self.survey.globals.iter().rev() {
            let Some(global) = self.program.globals.get(id.index()) else { continue };
            let count = used.entry(&global.name).or_insert(0);
            let name =
                if *count == 0 { global.name.clone() } else { format!("{}#{count}", global.name).into() };
            *count += 1;
            self.own_names.insert(name.clone());
            self.global_names.insert(*id, name);
        }
    }

    /// Whether an own global has this name.
    pub fn is_own_global(&self, name: &str) -> bool {
        self.own_names.contains(name)
    }

    /// The name of a global: plain for own ones, with its module for others.
    pub fn global(&mut self, id: GlobalId) -> Name {
        if let Some(name) = self.global_names.get(&id) {
            return name.clone();
        }
        if self.foreign.is_none() {
            self.foreign = Some(self.foreign_names());
        }
        let foreign = self.foreign.as_ref().and_then(|names| names.get(&id)).cloned();
        let plain = || self.program.globals.get(id.index()).map(|g| g.name.clone());
        let name = foreign.or_else(plain).unwrap_or_default();
        self.global_names.insert(id, name.clone());
        name
    }

    fn foreign_names(&self) -> FxHashMap<GlobalId, Name> {
        let mut names = FxHashMap::default();
        for id in &self.survey.imports {
            let Some(module) = self.program.modules.get(id.index()) else { continue };
            for export in &module.exports {
                if let ExportValue::Var(Var::Global(global)) = export.value {
                    names.entry(global).or_insert_with(|| format!("{}:{}", module.path, export.name).into());
                }
            }
        }
        names
    }

    /// The path by which `IMPORT` finds a module.
    pub fn path(&self, id: ModuleId) -> Name {
        self.program.modules.get(id.index()).map(|m| m.path.clone()).unwrap_or_default()
    }

    /// The fields of a contract, as far as its parents can be found.
    pub fn fields(&mut self, contract: &'p ContractDecl, function: u32) -> Arc<Fields> {
        let key = std::ptr::from_ref(contract);
        if let Some(known) = self.fields.get(&key) {
            return known.clone();
        }
        let mut fields = Fields::default();
        let mut next = Some(contract);
        let mut seen = FxHashSet::default();
        while let Some(contract) = next {
            if !seen.insert(std::ptr::from_ref(contract)) {
                break;
            }
            for field in &contract.state {
                fields.known.entry(field.name.clone()).or_insert(field.ledger);
            }
            next = contract.extends.as_ref().and_then(|parent| self.contract_of(parent, function));
        }
        let fields = Arc::new(fields);
        self.fields.insert(key, fields.clone());
        fields
    }

    /// The contract that an expression of a function reads.
    fn contract_of(&mut self, e: &Expr, function: u32) -> Option<&'p ContractDecl> {
        let ExprKind::Var(var) = e.kind else { return None };
        match var {
            Var::Global(id) => match self.survey.contracts.get(&id) {
                Some(own) => Some(own),
                None => self.foreign_contract(id),
            },
            _ => self.survey.local_contracts.get(&self.survey.origin(function, var)?).copied(),
        }
    }

    /// A contract that another module declares.
    fn foreign_contract(&mut self, id: GlobalId) -> Option<&'p ContractDecl> {
        if self.contracts.is_none() {
            self.contracts = Some(declared_contracts(self.program));
        }
        self.contracts.as_ref()?.get(&id).copied()
    }

    /// Notes what is too large.
    pub fn fail(&mut self, what: impl Into<String>) {
        self.error.get_or_insert_with(|| what.into());
    }

    /// Whether compiling can stop.
    pub fn failed(&self) -> bool {
        self.error.is_some() || self.pool.error.is_some()
    }

    /// Counts the instructions of a function.
    pub fn count(&mut self, instructions: usize) {
        self.instructions += instructions;
        if instructions > limits::FUNCTION_INSTRUCTIONS {
            self.fail(format!("more than {} instructions in a function", limits::FUNCTION_INSTRUCTIONS));
        }
        if self.instructions > limits::MODULE_INSTRUCTIONS {
            self.fail(format!("more than {} instructions", limits::MODULE_INSTRUCTIONS));
        }
    }

    /// The module.
    pub fn compile(mut self) -> Result<Module, String> {
        let count = self.survey.functions.len();
        if count > limits::FUNCTIONS {
            return Err(format!("more than {} functions", limits::FUNCTIONS));
        }
        let mut functions = Vec::with_capacity(count);
        let mut runs: Vec<Vec<Run>> = Vec::with_capacity(count);
        for number in 0..count as u32 {
            let (function, places) = FnCompiler::new(&mut self, number).compile();
            functions.push(function);
            runs.push(places);
            if let Some(what) = self.error.take().or(self.pool.error.take()) {
                return Err(what);
            }
        }
        if self.pool.len() > limits::CONSTANTS {
            return Err(format!("more than {} constants", limits::CONSTANTS));
        }
        for (function, takes) in functions.iter_mut().zip(&self.takes_this) {
            if *takes {
                function.captures.push("this".into());
            }
        }
        let mut module = Module { functions, constants: self.pool.finish(), ..Module::new() };
        let path = self.program.modules.get(self.id.index()).map_or("", |m| &m.path);
        module.source_map.add_file(path);
        for (number, runs) in (0..).zip(runs) {
            if !runs.is_empty() {
                module.source_map.set_runs(number, runs);
            }
        }
        module.metadata.insert("source_file".to_owned(), path.to_owned());
        module.metadata.insert("version".to_owned(), "1.0".to_owned());
        Ok(module)
    }

    /// A function uses `this`: the literals around it up to the method take it along.
    pub fn use_this(&mut self, mut function: u32) {
        while function != NOBODY {
            let Some(facts) = self.survey.functions.get(function as usize) else { return };
            if facts.func.flags.is_method() {
                return;
            }
            match self.takes_this.get_mut(function as usize) {
                Some(takes) if !*takes => *takes = true,
                _ => return,
            }
            function = facts.parent;
        }
    }
}

fn declared_contracts(program: &Program) -> FxHashMap<GlobalId, &ContractDecl> {
    let bodies = program.modules.iter().filter_map(|m| program.functions.get(m.body.index()));
    let declared = bodies.flat_map(|f| {
        let late = f.body.stmts.iter().filter_map(|stmt| match &stmt.kind {
            ir::StmtKind::Declare(decl) => Some(decl),
            _ => None,
        });
        f.body.hoisted.iter().chain(late)
    });
    let contracts = declared.filter_map(|decl| match (&decl.bind, &decl.kind) {
        (ir::Bind::Global(id), ir::DeclKind::Contract(c)) => Some((*id, &**c)),
        _ => None,
    });
    contracts.collect()
}
