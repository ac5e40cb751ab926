//! The virtual machine as those see it who embed it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use zexus_bytecode::Const;
use zexus_runtime::driver::Stacks;
use zexus_runtime::host::Quiet;
use zexus_runtime::interp::Visitor;
use zexus_runtime::object::{BigIntObj, BytesObj};
use zexus_runtime::{Limits, Machine, Trap, Value};

use crate::exec::Shared;
use crate::native::{Heat, Native};
use crate::program::Program;
use crate::report::{Ended, Failure};
use crate::run::Site;
use crate::tasks::{self, Entry};
use crate::trace::{self, Tracer};

/// Runs linked programs on one machine, whose objects stay from one run to the next.
pub struct Vm {
    machine: Box<Machine>,
    program: Option<Arc<Program>>,
    args: Vec<Arc<str>>,
    imported: Vec<bool>,
    reached: FxHashSet<(u32, i64)>,
    metered: bool,
    stress: bool,
    tracer: Option<Box<dyn Tracer>>,
    stacks: Stacks,
    /// A machine that stands for the real one while a run has it.
    spare: Option<Box<Machine>>,
    native: Option<Arc<dyn Native>>,
    heat: Arc<Heat>,
}

impl std::fmt::Debug for Vm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vm").field("machine", &self.machine).finish_non_exhaustive()
    }
}

impl Vm {
    /// A virtual machine that owns a machine.
    pub fn new(machine: Machine) -> Vm {
        Vm {
            machine: Box::new(machine),
            program: None,
            args: Vec::new(),
            imported: Vec::new(),
            reached: FxHashSet::default(),
            metered: false,
            stress: false,
            tracer: None,
            stacks: Stacks::default(),
            spare: None,
            native: None,
            heat: Arc::default(),
        }
    }

    /// The arguments of the program, `__ARGS__`.
    pub fn set_args(&mut self, args: Vec<Arc<str>>) {
        self.args = args;
    }

    /// Whether runs are metered (bytecode.md 5.1); the modules must have been metered before they were linked. A program that asks
    /// for a meter is metered in any case.
    pub fn set_metered(&mut self, on: bool) {
        self.metered = on;
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

    /// Tells somebody what the runs from now on do. Only programs that were linked in [`crate::LinkMode::Stepwise`] may be traced.
    pub fn set_tracer(&mut self, tracer: Option<Box<dyn Tracer>>) {
        self.tracer = tracer;
    }

    /// Gives hot code to somebody who runs it natively. What was counted before is forgotten. Traced runs stay on tier 1.
    pub fn set_native(&mut self, native: Option<Arc<dyn Native>>) {
        self.native = native;
        self.heat = Arc::default();
    }

    /// Runs the body of the main module and then what language.md 8.6, 13.4 and 18.7 say. Variables of an earlier program are gone.
    pub fn run(&mut self, program: Arc<Program>) -> Ended {
        self.load(program);
        self.start()
    }

    /// Takes a program, whose variables have no values yet: for hosts that give some before [`Vm::start`].
    pub fn load(&mut self, program: Arc<Program>) {
        let m = &mut self.machine;
        m.modules.clear();
        m.constants.clear();
        m.globals.clear();
        m.states.clear();
        m.globals.resize(program.globals.len(), Value::UNDEF);
        self.imported.clear();
        self.imported.resize(program.modules.len(), false);
        self.reached.clear();
        self.program = Some(program);
    }

    /// Runs the program that was loaded.
    pub fn start(&mut self) -> Ended {
        let main = self.program.as_ref().map_or(0, |program| program.main);
        if let Some(done) = self.imported.get_mut(main as usize) {
            *done = true;
        }
        self.enter(Entry::Module(main))
    }

    /// Calls the function that a global of the main module holds.
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

    /// The value of a global of the main module, if it has one.
    pub fn global(&self, name: &str) -> Option<Value> {
        let program = self.program.as_ref()?;
        let index = *program.modules.get(program.main as usize)?.globals.get(name)?;
        self.machine.globals.get(index as usize).copied().filter(|v| !v.is_undef())
    }

    /// Gives a global of the main module a value, before [`Vm::start`]. False if there is none of this name.
    pub fn set_global(&mut self, name: &str, v: Value) -> bool {
        let program = self.program.as_ref();
        let main = program.and_then(|program| program.modules.get(program.main as usize));
        let index = main.and_then(|main| main.globals.get(name));
        let place = index.and_then(|index| self.machine.globals.get_mut(*index as usize));
        place.map(|place| *place = v).is_some()
    }

    fn enter(&mut self, entry: Entry) -> Ended {
        let Some(program) = self.program.clone() else {
            return Ended { value: Value::NULL, failures: Vec::new(), exit_code: 0, exited: false };
        };
        if self.stress {
            self.machine.heap.force_collection();
        }
        if self.metered || program.asks_for_meter {
            self.machine.start_metering();
        }
        let consts = match make_consts(&mut self.machine, &program) {
            Ok(consts) => consts,
            Err(trap) => return tasks::failed(&self.machine, trap),
        };
        if let Some(tracer) = &mut self.tracer {
            trace::begin(&mut self.machine, &mut **tracer);
        }
        let native = self.native.clone().filter(|_| self.tracer.is_none());
        if let Some(native) = &native {
            native.begin(&program);
            if !self.heat.fits(&program) {
                self.heat = Arc::new(Heat::new(&program, native.thresholds()));
            }
        }
        let heat = if native.is_some() { self.heat.clone() } else { Arc::default() };
        let spare = self.spare.take().unwrap_or_else(placeholder);
        let machine = std::mem::replace(&mut self.machine, spare);
        let shared = Rc::new(Shared {
            imported: RefCell::new(std::mem::take(&mut self.imported)),
            reached: RefCell::new(std::mem::take(&mut self.reached)),
            args: self.args.clone(),
            consts,
            sites: vec![Cell::new(Site::EMPTY); program.sites as usize],
            native,
            heat,
            traced: self.tracer.is_some(),
            tracer: RefCell::new(self.tracer.take()),
        });
        let (machine, ended) = tasks::drive(machine, &program, &shared, entry, &mut self.stacks);
        self.spare = Some(std::mem::replace(&mut self.machine, machine));
        self.imported = shared.imported.take();
        self.reached = shared.reached.take();
        self.tracer = shared.tracer.take();
        if let Some(tracer) = &mut self.tracer {
            trace::end(&mut self.machine, &mut **tracer, &ended);
        }
        ended
    }
}

/// The values of the constants that code loads as they are. In the machine they are made anew for each run, since nothing keeps
/// them alive in between.
fn make_consts(m: &mut Machine, program: &Program) -> Result<Vec<Value>, Trap> {
    program
        .consts
        .iter()
        .map(|c| match c {
            Const::Bool(b) => Ok(Value::bool(*b)),
            Const::Int(i) => Ok(Value::int(*i)),
            Const::Big(b) => Ok(Value::bigint(m.heap.alloc_bigint(BigIntObj((**b).clone()))?)),
            Const::Float(f) => Ok(Value::float(*f)),
            Const::Str(s) => m.string(s.clone()),
            Const::Bytes(b) => Ok(Value::bytes(m.heap.alloc_bytes(BytesObj(b.clone()))?)),
            Const::Null | Const::List(_) | Const::Map(_) | Const::Func(_) => Ok(Value::NULL),
        })
        .collect()
}

/// A machine that nothing runs on, to stand where the real one was taken away.
pub(crate) fn placeholder() -> Box<Machine> {
    Box::new(Machine::new(Box::new(Quiet::default()), Limits::default()))
}
