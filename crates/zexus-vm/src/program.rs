//! Linked programs.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::{Const, Module, Run};
use zexus_runtime::Loc;
use zexus_runtime::object::FunctionInfo;

use crate::link::LinkMode;
use crate::report::Place;
use crate::run::insn::Insn;
use crate::types::LinkedType;

/// A program that is ready to run: linked modules, whose functions and globals are numbered together.
#[derive(Debug)]
pub struct Program {
    /// The modules, in the order they were given.
    #[doc(hidden)]
    pub modules: Vec<LinkedModule>,
    /// The functions of all modules.
    #[doc(hidden)]
    pub functions: Vec<Function>,
    /// The global variables of all modules; places of [`zexus_runtime::Machine::globals`].
    pub(crate) globals: Vec<Global>,
    /// Constants that are loaded as they are, of all modules; a machine makes the values of them once.
    #[doc(hidden)]
    pub consts: Vec<Const>,
    /// The index of the main module.
    pub(crate) main: u32,
    /// The modules by path.
    pub(crate) paths: FxHashMap<Arc<str>, u32>,
    /// How many instructions have an inline cache.
    pub(crate) sites: u32,
    /// How it was linked.
    pub(crate) mode: LinkMode,
    /// Whether the run is metered because a module asks for it (bytecode.md 5.1).
    pub(crate) asks_for_meter: bool,
}

/// A module of a program.
#[derive(Debug)]
pub struct LinkedModule {
    /// Its path, by which other modules import it and which types, contracts and functions note.
    pub path: Arc<str>,
    /// Its name, for display and `__MODULE__`.
    pub name: Arc<str>,
    /// Its public form.
    pub module: Module,
    /// The index of its entry function in the program; those of its other functions follow.
    pub first_function: u32,
    /// Its global variables by name, as indexes into `Program::globals`.
    pub globals: FxHashMap<Arc<str>, u32>,
    /// What it exports, in the order of its code.
    pub exports: Vec<(Arc<str>, Exported)>,
}

/// What an export stands for.
#[derive(Clone, Debug)]
pub enum Exported {
    /// The current value of a global.
    Global(u32),
    /// The current value of a state variable of a top level, by its key.
    State(Arc<str>),
    /// A builtin.
    Builtin(u32),
    /// A constant.
    Value(Const),
    /// A module, by its path or standard name.
    Module(Arc<str>),
}

/// A global variable.
#[derive(Debug)]
pub struct Global {
    /// Its name.
    pub name: Arc<str>,
    /// Whether the module stores it somewhere.
    pub stored: bool,
    /// The builtin of that name, which it is while it has no value.
    pub builtin: Option<u32>,
}

/// A global variable of the main module, as [`Program::variables`] lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable<'p> {
    /// Its name.
    pub name: &'p Arc<str>,
    /// Its place in [`zexus_runtime::Machine::globals`].
    pub index: u32,
    /// Whether the module stores it somewhere.
    pub stored: bool,
}

/// Where a name is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// A register.
    Register(u32),
    /// A cell in a register.
    Cell(u32),
    /// A captured value.
    Capture(u32),
    /// A captured cell.
    CaptureCell(u32),
    /// A global variable.
    Global(u32),
    /// A builtin, which no variable hides.
    Builtin(u32),
    /// Nothing has this name.
    Nothing,
}

/// A linked function.
#[derive(Debug, Default)]
pub struct Function {
    /// Its module.
    pub module: u32,
    /// Its index in the module.
    pub index: u32,
    /// Name, parameters and flags for the runtime.
    pub info: Arc<FunctionInfo>,
    /// How many instructions the functions before it have in the program.
    pub first: u32,
    /// The instructions.
    pub code: Vec<Insn>,
    /// For each instruction, the public one that it belongs to.
    pub pcs: Vec<u32>,
    /// For each instruction, the innermost region it is in, or [`zexus_bytecode::NO_REGION`](zexus_bytecode::verify::NO_REGION).
    pub region_of: Vec<u32>,
    /// The regions.
    pub regions: Vec<Handler>,
    /// Where calls start: with no optional parameter given, with one, and so on.
    pub starts: Vec<u32>,
    /// The first of them.
    pub start: u32,
    /// What the `Gas` there takes; 0 if there is none.
    pub entry_gas: u32,
    /// What the beginning of a call does to registers.
    pub clears: Vec<(u32, Clear)>,
    /// Registers of a frame.
    pub registers: u32,
    /// Parameters without a rest parameter.
    pub params: u32,
    /// Parameters that must be given.
    pub required: u32,
    /// Whether there is a rest parameter, in the register after the others.
    pub rest: bool,
    /// The number of its parameters, if a call with as many arguments needs nothing but a frame; else a number that no call has.
    pub plain_params: u32,
    /// The same for a call with a `this`.
    pub method_params: u32,
    /// The register of `this`, if it is a variable of the function.
    pub this: Option<u32>,
    /// The same, or a register that no window has.
    pub this_register: u32,
    /// For public labels, the internal instruction, if it is needed at run time.
    pub step_targets: FxHashMap<u32, u32>,
    /// Registers that hold globals while the body of a module runs, with the globals.
    pub promoted: Vec<(u32, u32)>,
    /// Its flags.
    pub flags: FnFlags,
    /// Its constant gas limit.
    pub gas_limit: Option<u64>,
    /// What each capture is for the function that makes a closure of this one, in order.
    pub captures: Vec<Capture>,
    /// The variables of the function by name, for types and descriptors.
    pub scope: FxHashMap<Arc<str>, Spot>,
    /// Types that its instructions name, by public instruction.
    pub types: FxHashMap<u32, LinkedType>,
}

/// What the beginning of a call does to a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clear {
    /// It loses its value.
    Undef,
    /// It becomes a new cell without a value.
    Cell,
    /// It becomes a new cell with its value.
    Wrap,
}

/// What a closure captures.
#[derive(Clone, Debug)]
pub struct Capture {
    /// Where the function that makes the closure has it. A cell is captured as it is.
    pub from: Spot,
}

/// A region of a function.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    /// The region around it.
    pub parent: u32,
    /// The internal instruction that errors go to.
    pub target: u32,
    /// The register that gets the error.
    pub register: u32,
    /// Whether it takes errors of every kind.
    pub finally: bool,
}

impl Program {
    /// The path of the main module.
    pub fn main_path(&self) -> &Arc<str> {
        static EMPTY: std::sync::LazyLock<Arc<str>> = std::sync::LazyLock::new(|| Arc::from(""));
        self.modules.get(self.main as usize).map_or(&EMPTY, |m| &m.path)
    }

    /// The global variables of the main module, by their places in [`zexus_runtime::Machine::globals`].
    pub fn variables(&self) -> impl Iterator<Item = Variable<'_>> {
        let main = self.modules.get(self.main as usize);
        main.into_iter().flat_map(|main| main.globals.iter()).filter_map(|(name, &index)| {
            let stored = self.globals.get(index as usize)?.stored;
            Some(Variable { name, index, stored })
        })
    }

    /// Whether every run of it is metered (bytecode.md 5.1).
    pub fn asks_for_meter(&self) -> bool {
        self.asks_for_meter
    }
}

impl Program {
    /// The place of an internal instruction for people: `main.zx:12`.
    #[doc(hidden)]
    pub fn line_of(&self, func: u32, at: u32) -> String {
        let function = self.functions.get(func as usize);
        let pc = function.and_then(|f| f.pcs.get(at as usize)).copied().unwrap_or_default();
        match self.place(Loc { file: func, start: pc, end: pc }) {
            Some(place) if place.line > 0 => format!("{}:{}", place.file, place.line),
            _ => format!("instruction {at}"),
        }
    }

    /// The place in the source of an instruction, by what [`Loc`] means on this tier: function and public instruction.
    pub(crate) fn place(&self, at: Loc) -> Option<Place> {
        let function = self.functions.get(at.file as usize)?;
        let module = self.modules.get(function.module as usize)?;
        let run = module.module.source_map.find(function.index, at.start);
        let file = run.and_then(|run| module.module.source_map.files.get(run.file as usize));
        Some(Place {
            file: file.unwrap_or(&module.path).clone(),
            line: run.map_or(0, |run| run.line),
            column: run.map_or(0, |run| run.column),
            length: run.map_or(0, |run| run.length),
            function: function.index,
            pc: at.start,
        })
    }
}

impl Program {
    /// Where an instruction of a function is in the source; what stands before all known places is where the first one is.
    pub(crate) fn run_at(&self, func: u32, pc: u32) -> Option<Run> {
        let function = self.functions.get(func as usize)?;
        let map = &self.modules.get(function.module as usize)?.module.source_map;
        map.find(function.index, pc).or_else(|| map.runs(function.index).first().copied())
    }

    /// The file and the line of an instruction; line 0 if it is not known.
    pub(crate) fn file_and_line(&self, func: u32, pc: u32) -> (Arc<str>, u32) {
        let module = self.functions.get(func as usize).and_then(|f| self.modules.get(f.module as usize));
        let run = self.run_at(func, pc);
        let named = run.and_then(|run| module?.module.source_map.files.get(run.file as usize));
        let file = named.or(module.map(|m| &m.path)).cloned().unwrap_or_default();
        (file, run.map_or(0, |run| run.line))
    }

    /// The public code of a function.
    pub(crate) fn public(&self, func: u32) -> Option<&zexus_bytecode::Function> {
        let function = self.functions.get(func as usize)?;
        self.modules.get(function.module as usize)?.module.function(function.index)
    }

    /// The name of a function in its public code, and the path of its module if that is not the main one.
    pub(crate) fn function_name(&self, func: u32) -> (Option<&Arc<str>>, &str) {
        let module = self.functions.get(func as usize).map_or(self.main, |f| f.module);
        let path = self.modules.get(module as usize).filter(|_| module != self.main).map(|m| &m.path);
        (path, self.public(func).map_or("", |public| &public.name))
    }
}

impl Program {
    /// What a name stands for that is no variable of the function: `x` or `:x` a global of the module, `path:x` an export of another one,
    /// or else a builtin.
    pub(crate) fn resolve(&self, module: u32, name: &str) -> Spot {
        let own = |name: &str| {
            let globals = self.modules.get(module as usize).map(|m| &m.globals);
            globals.and_then(|globals| globals.get(name)).copied()
        };
        match name.rsplit_once(':') {
            Some(("", name)) => own(name).map_or(Spot::Nothing, Spot::Global),
            Some((path, name)) => self.exported(path, name),
            None => match own(name) {
                Some(index) => Spot::Global(index),
                None => zexus_runtime::builtins::lookup(name).map_or(Spot::Nothing, Spot::Builtin),
            },
        }
    }

    /// What a module of the program exports under a name, if it is a variable or a builtin.
    fn exported(&self, path: &str, name: &str) -> Spot {
        let module = self.paths.get(path).and_then(|index| self.modules.get(*index as usize));
        match module.and_then(|m| m.exports.iter().find(|(n, _)| **n == *name)) {
            Some((_, Exported::Global(index))) => Spot::Global(*index),
            Some((_, Exported::Builtin(index))) => Spot::Builtin(*index),
            _ => Spot::Nothing,
        }
    }
}

impl Program {
    /// The internal code as text: for each function its instructions with their public places. For tests and tools; the form is no
    /// part of anything.
    pub fn listing(&self) -> String {
        use std::fmt::Write as _;
        let mut out = String::new();
        for function in &self.functions {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "function {} {}", function.index, function.info.name);
            for (at, (insn, pc)) in function.code.iter().zip(&function.pcs).enumerate() {
                let (a, b, c, d) = (insn.a, insn.b, insn.c, insn.d as i32);
                let _ = writeln!(out, "{at:5} {:12} {a} {b} {c} {d}  ;{pc}", format!("{:?}", insn.op));
            }
        }
        out
    }
}
