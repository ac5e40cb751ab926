//! The state of one running task, and what the runtime asks of it.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use zexus_hir::ir::{FuncId, Function, Program, Role, Span};
use zexus_runtime::driver::{self, Seat};
use zexus_runtime::interp::{Interp, Wait};
use zexus_runtime::trap::{Call, MOST_CALLS, Pending};
use zexus_runtime::{Loc, Machine, Trap, Value};

use crate::code::{Code, Facts};
use crate::control::Flow;
use crate::driver::Entry;
use crate::evaluator::LineOf;
use crate::frame::HEADER;

/// Calls and back-edges between two questions to the host whether to stop.
const TICKS: u32 = 1024;

/// What all tasks of a run have in common.
pub(crate) struct Shared {
    pub lines: LineOf,
    /// Modules whose bodies have run.
    pub imported: RefCell<Vec<bool>>,
    /// `exactly` statements that were reached.
    pub reached: RefCell<FxHashSet<u32>>,
}

/// A trap on the hot path: which one is in [`Eval::trap`]. Without a payload a `Result` of a value fits two registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop;

/// A running task.
pub(crate) struct Eval<'p> {
    pub m: Box<Machine>,
    pub code: &'p Code,
    pub program: &'p Program,
    pub shared: &'p Shared,
    /// Its coroutine.
    pub seat: Seat<'p>,
    /// The running function.
    pub func: &'p Function,
    /// Where its slots start on the machine's stack.
    pub base: usize,
    /// The value of the last statement, or of `return`.
    pub value: Value,
    /// What an arm of a `match` expression does to the statements around it, on its way there as [`Trap::Cancelled`].
    pub leaving: Option<Flow>,
    /// The trap of the last [`Stop`].
    pub trap: Trap,
    /// Active calls.
    pub depth: u32,
    pub ticks: u32,
    /// Watches that were set in blocks that run.
    pub watches: Vec<u64>,
}

impl<'p> Eval<'p> {
    /// A task that begins, in the outermost function.
    pub fn new(
        m: Box<Machine>,
        seat: Seat<'p>,
        code: &'p Code,
        shared: &'p Shared,
        func: &'p Function,
    ) -> Eval<'p> {
        let mut eval = Eval {
            m,
            code,
            program: &code.program,
            shared,
            seat,
            func,
            base: HEADER,
            value: Value::NULL,
            leaving: None,
            trap: Trap::Cancelled,
            depth: 0,
            ticks: 0,
            watches: Vec::new(),
        };
        eval.push_header(Value::UNDEF, Value::UNDEF);
        eval.m.stack.resize(HEADER + func.slots as usize, Value::UNDEF);
        eval
    }

    /// The function with its facts.
    #[inline]
    pub fn function(&self, id: FuncId) -> (&'p Function, &'p Facts) {
        let facts = &self.code.facts[id.index()];
        (&facts.func, facts)
    }

    /// Between statements: collects if it is time to.
    #[inline]
    pub fn safe_point(&mut self) -> Result<(), Trap> {
        if self.m.heap.wants_collection() { self.m.collect() } else { Ok(()) }
    }

    /// At calls and back-edges: asks the host now and then whether to stop.
    #[inline]
    pub fn tick(&mut self) -> Result<(), Trap> {
        self.ticks += 1;
        if self.ticks < TICKS { Ok(()) } else { self.ask_host() }
    }

    #[cold]
    fn ask_host(&mut self) -> Result<(), Trap> {
        self.ticks = 0;
        if self.m.host.interrupted() { Err(Trap::Interrupted) } else { Ok(()) }
    }

    /// Calls `f` on a new segment of native stack.
    #[cold]
    #[inline(never)]
    pub fn grow<R>(&mut self, f: impl FnOnce(&mut Self) -> Result<R, Trap>) -> Result<R, Trap> {
        driver::grow(self, |me| &mut me.seat, f)
    }

    /// A trap on the hot path.
    #[cold]
    pub fn stop(&mut self, trap: Trap) -> Stop {
        self.trap = trap;
        Stop
    }

    /// The place of a span of the running function.
    pub fn loc(&self, span: Span) -> Loc {
        let file = self.program.modules.get(self.func.module.index()).map_or(0, |m| m.file.0);
        Loc { file, start: span.start, end: span.end }
    }

    /// Raises an error of the run time at a place.
    #[cold]
    pub fn error(&mut self, code: u16, message: impl Into<Arc<str>>, span: Span) -> Trap {
        let trap = self.m.error(code, message);
        self.at(trap, span)
    }

    /// Notes the place of an error unless a place further inside is noted already.
    #[cold]
    pub fn at(&mut self, trap: Trap, span: Span) -> Trap {
        let loc = self.loc(span);
        if let Some(pending) = self.details(trap) {
            pending.at.get_or_insert(loc);
        }
        trap
    }

    /// Notes the place of an error, or, if it was raised inside a function that was called here, the call.
    #[cold]
    pub fn at_call(&mut self, trap: Trap, span: Span) -> Trap {
        let at = self.loc(span);
        let caller = self.caller();
        if let Some(pending) = self.details(trap) {
            if pending.at.is_none() {
                pending.at = Some(at);
            } else if pending.trace.len() < MOST_CALLS {
                pending.trace.push(Call { caller, at });
            }
        }
        trap
    }

    fn caller(&self) -> Arc<str> {
        match self.func.role {
            Role::Module => "the main program".into(),
            _ if self.func.name.is_empty() => "lambda".into(),
            _ => self.func.name.clone(),
        }
    }

    fn details(&mut self, trap: Trap) -> Option<&mut Pending> {
        let message = match trap {
            Trap::Exit | Trap::Cancelled => return None,
            Trap::Raised | Trap::HostFailed => return self.m.pending.as_deref_mut(),
            _ => self.m.fatal_message(trap),
        };
        let fresh = || Box::new(Pending::error(trap.code(), message));
        Some(self.m.pending.get_or_insert_with(fresh))
    }
}

impl Interp for Eval<'_> {
    fn machine(&mut self) -> &mut Machine {
        &mut self.m
    }

    fn call(&mut self, f: Value, args: &[Value]) -> Result<Value, Trap> {
        self.call_values(f, Value::UNDEF, args)
    }

    fn call_method(&mut self, f: Value, this: Value, args: &[Value]) -> Result<Value, Trap> {
        self.call_values(f, this, args)
    }

    fn suspend(&mut self, wait: Wait) -> Result<(), Trap> {
        self.seat.pause(&mut self.m, &mut Vec::new(), wait)
    }

    fn depth(&self) -> u32 {
        self.depth
    }

    fn run_main(&mut self) -> Result<Value, Trap> {
        match self.program.main {
            Some(main) => self.main(Entry::Module(main)),
            None => Ok(Value::NULL),
        }
    }

    fn begin_run(&mut self) {
        self.shared.reached.borrow_mut().clear();
    }

    fn line_of(&self, at: Loc) -> u32 {
        (self.shared.lines)(at)
    }
}
