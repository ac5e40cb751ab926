//! The evaluator as those see it who embed it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use zexus_hir::ir::Program;
use zexus_runtime::driver::{Ended, Failure, Stacks, drive, placeholder};
use zexus_runtime::interp::Visitor;
use zexus_runtime::{Loc, Machine, Value};

use crate::code::Code;
use crate::driver::{self, Entry, Run};
use crate::eval::Shared;

/// Gives the line of a place, from 1; 0 if it is unknown. It stands for the source map, which only the front end has.
pub type LineOf = Arc<dyn Fn(Loc) -> u32 + Send + Sync>;

/// Runs programs on one machine, whose variables and objects stay from one run to the next.
pub struct Evaluator {
    machine: Box<Machine>,
    code: Arc<Code>,
    lines: LineOf,
    /// The modules whose bodies have run, by index.
    imported: Vec<bool>,
    /// `exactly` statements that were reached.
    reached: FxHashSet<u32>,
    stress: bool,
    stacks: Stacks,
}

impl std::fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evaluator").field("machine", &self.machine).finish_non_exhaustive()
    }
}

impl Evaluator {
    /// An evaluator that owns a machine.
    pub fn new(machine: Machine, lines: LineOf) -> Evaluator {
        Evaluator {
            machine: Box::new(machine),
            code: Arc::default(),
            lines,
            imported: Vec::new(),
            reached: FxHashSet::default(),
            stress: false,
            stacks: Stacks::default(),
        }
    }

    /// The arguments of the program, `__ARGS__`.
    pub fn set_args(&mut self, args: Vec<Arc<str>>) {
        self.machine.args = args;
    }

    /// The machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The machine, to change limits, register functions of the host or convert values between runs.
    pub fn machine_mut(&mut self) -> &mut Machine {
        &mut self.machine
    }

    /// The machine, when no more runs follow.
    pub fn into_machine(self) -> Machine {
        *self.machine
    }

    /// Collects at every safe point from now on, to find values that are not rooted. Very slow.
    pub fn stress(&mut self, on: bool) {
        self.stress = on;
    }

    /// Gives the lines of places; for longer programs of a REPL.
    pub fn set_lines(&mut self, lines: LineOf) {
        self.lines = lines;
    }

    /// Runs the body of the main module and then what language.md 8.6, 13.4 and 18.7 say. `program` is new or a longer form of the one
    /// that was run before: what it had as globals and functions has the same numbers, and its modules are not run again.
    pub fn run(&mut self, program: Arc<Program>) -> Ended {
        self.load(program);
        self.start()
    }

    /// Runs the program that was loaded.
    pub fn start(&mut self) -> Ended {
        match self.code.program.main {
            Some(main) => self.enter(Entry::Module(main)),
            None => Ended { value: Value::NULL, failures: Vec::new(), exit_code: 0, exited: false },
        }
    }

    /// Calls the function that a global of the last module that declares this name holds.
    pub fn call(&mut self, name: &str, args: &[Value]) -> Ended {
        match self.global(name) {
            Some(f) => self.call_value(f, args),
            None => {
                let message = format!("Identifier '{name}' not found").into();
                let failure = Failure { code: 301, message, at: None, trace: Vec::new() };
                Ended { value: Value::NULL, failures: vec![failure], exit_code: 1, exited: false }
            }
        }
    }

    /// Calls a value as the program would.
    pub fn call_value(&mut self, f: Value, args: &[Value]) -> Ended {
        self.enter(Entry::Call(f, args.to_vec()))
    }

    /// Lets the host call what it likes while the program of the last run is there. What the visitor leaves open is undone.
    pub fn visit(&mut self, visitor: Visitor) -> Ended {
        self.enter(Entry::Visit(visitor))
    }

    /// The value of a global, if it has one.
    pub fn global(&self, name: &str) -> Option<Value> {
        let globals = &self.code.program.globals;
        let index = globals.iter().rposition(|g| &*g.name == name)?;
        self.machine.globals.get(index).copied().filter(|v| !v.is_undef())
    }

    /// Gives a global a value, before [`Evaluator::start`]. False if there is none of this name.
    pub fn set_global(&mut self, name: &str, v: Value) -> bool {
        let globals = &self.code.program.globals;
        let index = globals.iter().rposition(|g| &*g.name == name);
        let place = index.and_then(|index| self.machine.globals.get_mut(index));
        place.map(|place| *place = v).is_some()
    }

    /// Takes a program, new or a longer form of the one before: for hosts that give variables values before [`Evaluator::start`].
    pub fn load(&mut self, program: Arc<Program>) {
        let longer = match (self.code.program.modules.first(), program.modules.first()) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            _ => false,
        };
        if !longer {
            self.machine.modules.clear();
            self.machine.globals.clear();
            self.machine.states.clear();
            self.imported.clear();
            self.reached.clear();
        }
        driver::prepare(&mut self.machine, &program);
        self.imported.resize(program.modules.len(), false);
        self.code = Arc::new(Code::new(program));
    }

    fn enter(&mut self, entry: Entry) -> Ended {
        if self.stress {
            self.machine.heap.force_collection();
        }
        let machine = std::mem::replace(&mut self.machine, placeholder());
        let shared = Rc::new(Shared {
            lines: self.lines.clone(),
            imported: RefCell::new(std::mem::take(&mut self.imported)),
            reached: RefCell::new(std::mem::take(&mut self.reached)),
        });
        let run = Run { code: self.code.clone(), shared: shared.clone() };
        let (machine, ended) = drive(machine, &run, entry, &mut self.stacks);
        self.machine = machine;
        self.imported = shared.imported.take();
        self.reached = shared.reached.take();
        ended
    }
}
