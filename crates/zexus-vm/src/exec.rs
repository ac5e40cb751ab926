//! The state of one running task, and what the runtime asks of it.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashSet;
use zexus_runtime::contracts::Entered;
use zexus_runtime::driver::Seat;
use zexus_runtime::trap::{Pending, Raised};
use zexus_runtime::{Loc, Machine, Trap, Value};

use crate::frame::Frame;
use crate::native::{Heat, Native};
use crate::program::{Function, LinkedModule, Program, Spot};
use crate::run::Site;
use crate::trace::{Begun, Tracer};

/// Registers that a frame sees.
pub const WINDOW: usize = 256;

/// What all tasks of a run have in common.
pub struct Shared {
    /// Modules whose bodies have run.
    pub imported: RefCell<Vec<bool>>,
    /// `exactly` statements that were reached: module and number.
    pub reached: RefCell<FxHashSet<(u32, i64)>>,
    /// The arguments of the program.
    pub args: Vec<Arc<str>>,
    /// Values of [`Program::consts`] in this machine.
    pub consts: Vec<Value>,
    /// Inline caches.
    pub sites: Vec<Cell<Site>>,
    /// What runs hot code, if anything does.
    pub native: Option<Arc<dyn Native>>,
    /// How hot code is; empty without native code.
    pub heat: Arc<Heat>,
    /// Whether somebody is told what the run does.
    pub traced: bool,
    /// Who.
    pub tracer: RefCell<Option<Box<dyn Tracer>>>,
}

/// An error that a region took, in case the same value is raised again: it then goes on as it was.
#[derive(Debug)]
pub struct Caught {
    /// Active frames of the task.
    pub depth: usize,
    /// Where the region's code starts.
    pub target: u32,
    /// What the region got.
    pub value: Value,
    /// How it was raised.
    pub trap: Trap,
    /// Its details.
    pub pending: Option<Box<Pending>>,
}

/// A running task.
pub struct Exec<'p> {
    /// The machine.
    pub m: Box<Machine>,
    /// Registers of all frames; always [`WINDOW`] longer than what the top frame needs.
    pub registers: Vec<Value>,
    /// Active calls, the running one last.
    pub frames: Vec<Frame<'p>>,
    /// The program.
    pub program: &'p Program,
    /// What all tasks share.
    pub shared: &'p Shared,
    /// How this task gives up its turn, and how its native stack grows.
    pub seat: Seat<'p>,
    /// Sandboxes that calls have entered by themselves: the number of frames then.
    pub sandboxes: Vec<usize>,
    /// Transactions that active calls have opened: the number of frames then, and the serial number.
    pub transactions: Vec<(usize, u64)>,
    /// For each `atomic` that an active call has entered the number of frames then.
    pub atomics: Vec<usize>,
    /// What `view` and `pure` calls have changed: the number of frames with theirs, and what was in force before.
    pub entered: Vec<(usize, Entered)>,
    /// Errors that regions took.
    pub caught: Vec<Caught>,
    /// The list of the main program's deferred blocks, or `UNDEF`.
    pub deferred: Value,
    /// Calls and back-edges since the host was asked whether to stop.
    pub ticks: u32,
    /// While the run is traced: in each active call, the instruction that runs.
    pub begun: Vec<Begun>,
}

impl<'p> Exec<'p> {
    /// A task that has not begun.
    pub fn new(m: Box<Machine>, program: &'p Program, shared: &'p Shared, seat: Seat<'p>) -> Exec<'p> {
        Exec {
            m,
            // As many as most programs need, so that they are not made twice.
            registers: vec![Value::UNDEF; 2 * WINDOW + 32],
            frames: vec![Exec::bottom(program)],
            program,
            shared,
            seat,
            sandboxes: Vec::new(),
            transactions: Vec::new(),
            atomics: Vec::new(),
            entered: Vec::new(),
            caught: Vec::new(),
            deferred: Value::UNDEF,
            ticks: 0,
            begun: Vec::new(),
        }
    }

    /// The lowest frame of a task, which never runs: that of the main program.
    pub fn bottom(program: &Program) -> Frame<'_> {
        static NOTHING: LazyLock<Function> = LazyLock::new(Function::default);
        let main = program.modules.get(program.main as usize).map_or(0, |main| main.first_function);
        let function = program.functions.get(main as usize).unwrap_or(&NOTHING);
        Frame { function, callee: Value::UNDEF, func: main, pc: 0, base: 0, dst: 0, flags: 0 }
    }

    /// Calls `visit` for what is alive besides registers and the machine's own roots.
    pub fn roots(&self, visit: &mut dyn FnMut(Value)) {
        self.frames.iter().for_each(|f| visit(f.callee));
        self.shared.consts.iter().for_each(|v| visit(*v));
        visit(self.deferred);
        for caught in &self.caught {
            visit(caught.value);
            if let Some(Raised::Value(v)) = caught.pending.as_ref().map(|p| &p.raised) {
                visit(*v);
            }
        }
    }

    /// The frame of the running call.
    pub fn frame(&self) -> Frame<'p> {
        match self.frames.last() {
            Some(frame) => *frame,
            None => Exec::bottom(self.program),
        }
    }

    /// A function of the program by its index, which is [`zexus_runtime::object::FunctionObj::code`].
    pub fn function(&self, index: u32) -> Option<&'p Function> {
        self.program.functions.get(index as usize)
    }

    /// The running function.
    pub fn running(&self) -> Option<&'p Function> {
        self.frames.last().map(|frame| frame.function)
    }

    /// The module of the running function.
    pub fn module(&self) -> Option<&'p LinkedModule> {
        self.running().and_then(|f| self.program.modules.get(f.module as usize))
    }

    /// A register of the running call.
    pub fn register(&self, at: u32) -> Value {
        let base = self.frame().base as usize;
        self.registers.get(base + at as usize).copied().unwrap_or(Value::UNDEF)
    }

    /// Changes a register of the running call.
    pub fn set_register(&mut self, at: u32, v: Value) {
        let base = self.frame().base as usize;
        if let Some(place) = self.registers.get_mut(base + at as usize) {
            *place = v;
        }
    }

    /// What the running function captured.
    pub fn capture(&self, index: u32) -> Value {
        match self.frame().callee.as_function() {
            Some(f) => self.m.heap.function(f).captures.get(index as usize).copied().unwrap_or(Value::UNDEF),
            None => Value::UNDEF,
        }
    }

    /// The value at a place of the running call; `UNDEF` if it has none.
    pub fn read_spot(&self, spot: Spot) -> Value {
        let open = |v: Value| v.as_cell().map_or(v, |c| self.m.heap.cell(c).0);
        match spot {
            Spot::Register(r) => self.register(r),
            Spot::Cell(r) => open(self.register(r)),
            Spot::Capture(c) => self.capture(c),
            Spot::CaptureCell(c) => open(self.capture(c)),
            Spot::Global(g) => self.m.globals.get(g as usize).copied().unwrap_or(Value::UNDEF),
            Spot::Builtin(b) => Value::builtin(b),
            Spot::Nothing => Value::UNDEF,
        }
    }

    /// `this` of the running call; null if it has none.
    pub fn this(&self) -> Value {
        let named = self.running().and_then(|f| f.scope.get("this"));
        let v = named.map_or(Value::NULL, |spot| self.read_spot(*spot));
        if v.is_undef() { Value::NULL } else { v }
    }

    /// The value of a name as the running function sees it: its variable, or the builtin.
    ///
    /// # Errors
    /// E0301, E0302.
    pub fn read_name(&mut self, name: &str) -> Result<Value, Trap> {
        match self.spot(name) {
            Spot::Global(index) if !name.contains(':') => self.read_global(index),
            Spot::Nothing => Err(self.undefined(name, name.contains(':'))),
            spot => {
                let v = self.read_spot(spot);
                if v.is_undef() { Err(self.undefined(name, true)) } else { Ok(v) }
            }
        }
    }

    /// The value of a global, or the builtin of its name.
    ///
    /// # Errors
    /// E0301, E0302.
    pub fn read_global(&mut self, index: u32) -> Result<Value, Trap> {
        let v = self.m.globals.get(index as usize).copied().unwrap_or(Value::UNDEF);
        if !v.is_undef() {
            return Ok(v);
        }
        match self.program.globals.get(index as usize) {
            Some(global) => match global.builtin {
                Some(builtin) => Ok(Value::builtin(builtin)),
                None => Err(self.undefined(&global.name, global.stored)),
            },
            None => Err(self.undefined("", false)),
        }
    }

    /// E0302 for a variable that is stored somewhere, else E0301. A `#n` at the end of the name is not shown.
    #[cold]
    pub fn undefined(&mut self, name: &str, stored: bool) -> Trap {
        let name = shown_name(name);
        match stored {
            true => self.m.error(302, format!("'{name}' is used before its declaration is reached")),
            false => self.m.error(301, format!("Identifier '{name}' not found")),
        }
    }

    /// The place of an instruction of a function: what [`Loc`] means on this tier. The runtime passes it on.
    pub fn loc(&self, func: u32, pc: u32) -> Loc {
        Loc { file: func, start: pc, end: pc }
    }
}

/// A variable's name as the source spells it.
pub(crate) fn shown_name(name: &str) -> &str {
    let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
    match name.find('#') {
        Some(at) if at > 0 => name.get(..at).unwrap_or(name),
        _ => name,
    }
}
