//! Runs the main program and its tasks, each on a coroutine of its own (language.md 8.6, 13.4, 18.7).

use std::rc::Rc;
use std::sync::Arc;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use rustc_hash::FxHashMap;
use zexus_hir::ir::{ModuleId, Program, StateKind};
use zexus_runtime::machine::StateVar;
use zexus_runtime::tasks::{self, MAIN, Turn};
use zexus_runtime::trap::{Pending, Raised};
use zexus_runtime::{Kind, Machine, Trap, Value, display, state};

use crate::code::Code;
use crate::control::Flow;
use crate::eval::{Baton, Birth, Eval, Order, Shared, Waiting, Why};
use crate::frame::HEADER;
use crate::report::{Ended, Failure};
use crate::stacks;

/// What is to be run.
pub(crate) enum Entry {
    /// The body of a module.
    Module(ModuleId),
    /// A call of a value.
    Call(Value, Vec<Value>),
}

type Fiber = Coroutine<Baton, Waiting, (Box<Machine>, Result<Value, Trap>), DefaultStack>;

/// Makes room for the variables of a program.
pub(crate) fn prepare(m: &mut Machine, program: &Program) {
    m.constants.clear();
    m.globals.resize(program.globals.len(), Value::UNDEF);
    for declared in program.states.iter().skip(m.states.len()) {
        m.states.push(StateVar {
            place: state::place::variable(&declared.key).into(),
            ledger: declared.kind == StateKind::Ledger,
            name: declared.name.clone(),
        });
    }
}

/// Runs an entry and everything that follows from it.
pub(crate) fn drive(
    machine: Box<Machine>,
    code: &Arc<Code>,
    shared: &Rc<Shared>,
    entry: Entry,
) -> (Box<Machine>, Ended) {
    let mut driver = Driver {
        code: code.clone(),
        shared: shared.clone(),
        fibers: FxHashMap::default(),
        failures: Vec::new(),
        waits_for_tasks: false,
    };
    driver.run(machine, entry)
}

struct Driver {
    code: Arc<Code>,
    shared: Rc<Shared>,
    fibers: FxHashMap<u64, Fiber>,
    /// Errors of tasks.
    failures: Vec<Failure>,
    /// Whether the main program waits for the end of all tasks.
    waits_for_tasks: bool,
}

impl Driver {
    fn run(&mut self, mut m: Box<Machine>, entry: Entry) -> (Box<Machine>, Ended) {
        m.pending = None;
        m.sched.current = MAIN;
        if !self.start(MAIN, move |me| me.main(entry)) {
            let ended = self.ended(&mut m, Err(Trap::MemoryLimit));
            return (m, ended);
        }
        let (mut current, mut order) = (MAIN, Order::Run);
        loop {
            m.sched.current = current;
            let Some(fiber) = self.fibers.get_mut(&current) else { break };
            match fiber.resume(Baton { machine: m, order }) {
                CoroutineResult::Yield(Waiting { machine, why }) => {
                    m = machine;
                    if why == Why::Dropped {
                        m = self.drop_tasks(m);
                        (current, order) = (MAIN, Order::Run);
                        continue;
                    }
                    if current == MAIN {
                        self.waits_for_tasks = why == Why::Tasks;
                    }
                }
                CoroutineResult::Return((machine, result)) => {
                    m = machine;
                    self.finish_fiber(current);
                    match result {
                        _ if current == MAIN => return self.finish(m, result),
                        Ok(_) | Err(Trap::Raised) => tasks::finish(&mut m, current, result),
                        Err(Trap::Exit) => {
                            m = self.drop_tasks(m);
                            (current, order) = (MAIN, Order::Exit);
                            continue;
                        }
                        Err(trap) => {
                            m = self.drop_tasks(m);
                            m = self.cancel(MAIN, m);
                            return self.finish(m, Err(trap));
                        }
                    }
                }
            }
            (current, order) = match self.next(&mut m) {
                Ok(turn) => turn,
                Err(trap) => {
                    m = self.drop_tasks(m);
                    m = self.cancel(MAIN, m);
                    return self.finish(m, Err(trap));
                }
            };
        }
        self.finish(m, Ok(Value::NULL))
    }

    /// Whose turn it is.
    fn next(&mut self, m: &mut Machine) -> Result<(u64, Order), Trap> {
        let turn = tasks::next_turn(m);
        if m.host.interrupted() {
            return Err(Trap::Interrupted);
        }
        match turn {
            Some(Turn::Resume { id }) => Ok((id, Order::Run)),
            Some(Turn::Start { id, f, args }) => {
                let Some(Birth { locals, method }) = self.shared.births.borrow_mut().remove(&id) else {
                    return Ok((id, Order::Run));
                };
                // Until the task runs its function and arguments are kept alive as its stack.
                m.parked.insert(id, std::iter::once(f).chain(args.iter().copied()).collect());
                let started = self.start(id, move |me| {
                    me.m.parked.remove(&id);
                    locals.exchange(&mut me.m);
                    me.run_task(f, &args, method)
                });
                if started { Ok((id, Order::Run)) } else { Err(Trap::MemoryLimit) }
            }
            None if self.waits_for_tasks && m.sched.unfinished() == 0 => Ok((MAIN, Order::Run)),
            None => Ok((MAIN, Order::Deadlock)),
        }
    }

    /// Makes a coroutine; whether there was a stack for it.
    fn start(&mut self, id: u64, body: impl FnOnce(&mut Eval<'_>) -> Result<Value, Trap> + 'static) -> bool {
        let Some(stack) = self.shared.segments.borrow_mut().take() else { return false };
        let (code, shared) = (self.code.clone(), self.shared.clone());
        let low = stacks::low_water(&stack);
        let fiber = Coroutine::with_stack(stack, move |yielder: &Yielder<Baton, Waiting>, baton: Baton| {
            let Some(func) = code.outermost() else { return (baton.machine, Ok(Value::NULL)) };
            let mut eval = Eval {
                m: baton.machine,
                spare: None,
                code: &code,
                program: &code.program,
                shared: &shared,
                yielder,
                task: id,
                func,
                base: HEADER,
                value: Value::NULL,
                leaving: None,
                trap: Trap::Cancelled,
                depth: 0,
                ticks: 0,
                watches: Vec::new(),
                low,
            };
            eval.m.stack.clear();
            eval.push_header(Value::UNDEF, Value::UNDEF);
            eval.m.stack.resize(HEADER + func.slots as usize, Value::UNDEF);
            let result = body(&mut eval);
            eval.m.stack.clear();
            (eval.m, result)
        });
        self.fibers.insert(id, fiber);
        true
    }

    fn finish_fiber(&mut self, id: u64) {
        if let Some(fiber) = self.fibers.remove(&id)
            && fiber.done()
        {
            self.shared.segments.borrow_mut().give(fiber.into_stack());
        }
    }

    /// Ends all tasks but the main program without running anything of them.
    fn drop_tasks(&mut self, mut m: Box<Machine>) -> Box<Machine> {
        self.collect_failures(&mut m);
        tasks::drop_all(&mut m);
        self.shared.births.borrow_mut().clear();
        let mut waiting: Vec<u64> = self.fibers.keys().copied().filter(|id| *id != MAIN).collect();
        waiting.sort_unstable();
        for id in waiting {
            m = self.cancel(id, m);
        }
        m
    }

    fn cancel(&mut self, id: u64, mut m: Box<Machine>) -> Box<Machine> {
        let kept = (m.pending.take(), m.exit_code);
        while let Some(fiber) = self.fibers.get_mut(&id) {
            match fiber.resume(Baton { machine: m, order: Order::Drop }) {
                CoroutineResult::Yield(waiting) => m = waiting.machine,
                CoroutineResult::Return((machine, _)) => {
                    m = machine;
                    self.finish_fiber(id);
                    break;
                }
            }
        }
        (m.pending, m.exit_code) = kept;
        m
    }

    fn collect_failures(&mut self, m: &mut Machine) {
        for pending in tasks::unawaited(m) {
            let failure = failure(m, &pending);
            self.failures.push(failure);
        }
    }

    fn finish(&mut self, m: Box<Machine>, result: Result<Value, Trap>) -> (Box<Machine>, Ended) {
        let mut m = self.drop_tasks(m);
        let ended = self.ended(&mut m, result);
        (m, ended)
    }

    fn ended(&mut self, m: &mut Machine, result: Result<Value, Trap>) -> Ended {
        let mut failures = Vec::new();
        let exited = matches!(result, Err(Trap::Exit));
        if let Err(trap) = result
            && !exited
        {
            let pending = match m.pending.take() {
                Some(pending) => *pending,
                None => Pending::error(trap.code(), m.fatal_message(trap)),
            };
            failures.push(failure(m, &pending));
        }
        failures.append(&mut self.failures);
        m.journal.revert_all(&mut m.heap);
        m.pending = None;
        m.stack.clear();
        m.parked.clear();
        let exit_code = if exited { m.exit_code } else { u8::from(!failures.is_empty()) };
        Ended { value: result.unwrap_or(Value::NULL), failures, exit_code, exited }
    }
}

/// What a report says of an error.
fn failure(m: &mut Machine, pending: &Pending) -> Failure {
    let (code, message) = match &pending.raised {
        Raised::Error { code, message } => (*code, message.clone()),
        Raised::Value(v) => match v.kind() {
            Kind::Error(e) => {
                let e = m.heap.error(e);
                (e.code, e.message.clone())
            }
            _ => (428, display::display(m, *v).unwrap_or_default().into()),
        },
    };
    Failure { code, message, at: pending.at, trace: pending.trace.clone() }
}

impl Eval<'_> {
    /// The main program, to the very end.
    fn main(&mut self, entry: Entry) -> Result<Value, Trap> {
        let program = self.program;
        let (outcome, hooks) = match entry {
            Entry::Module(id) => {
                if let Some(done) = self.shared.imported.borrow_mut().get_mut(id.index()) {
                    *done = true;
                }
                self.func = &program.functions[program.modules[id.index()].body.index()];
                self.m.stack.resize(HEADER + self.func.slots as usize, Value::UNDEF);
                self.enter_module(id);
                (self.block(&self.func.body), true)
            }
            Entry::Call(f, args) => {
                let result = self.call_values(f, Value::UNDEF, &args);
                self.value = result.unwrap_or(Value::NULL);
                (result.map(|_| Flow::Normal), false)
            }
        };
        let mut outcome = self.end_tasks(outcome);
        outcome = self.run_deferred(outcome);
        while hooks && !self.m.exit_hooks.is_empty() {
            let hook = self.m.exit_hooks.remove(0);
            outcome = self.call_finally(outcome, hook);
        }
        outcome = self.end_tasks(outcome);
        outcome.map(|_| self.value)
    }

    /// After the main program's statements: the tasks run to their ends, or are dropped if it failed.
    fn end_tasks(&mut self, outcome: Result<Flow, Trap>) -> Result<Flow, Trap> {
        if outcome.is_err_and(Trap::is_fatal) || self.m.sched.unfinished() == 0 {
            return outcome;
        }
        let why = if outcome.is_ok() { Why::Tasks } else { Why::Dropped };
        let ended = self.finally(outcome, |me| me.pause(why).map(|()| Flow::Normal));
        match ended {
            Err(trap) if outcome.is_ok() && !trap.is_fatal() => self.end_tasks(ended),
            _ => ended,
        }
    }
}
