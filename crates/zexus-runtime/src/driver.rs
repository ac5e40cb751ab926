//! Runs the main program and its tasks, each on a coroutine of its own (language.md 8.6, 13.4, 18.7).
//!
//! 1. A tier is what runs code: it implements [`Tier`], and its running tasks implement [`Interp`], whose `suspend` is
//!    [`Seat::pause`].
//! 2. There is one machine, which goes from one task to the next. A task that waits keeps nothing of it.
//! 3. A native stack is a row of segments: where a tier calls itself it compares [`here`] with [`Seat::low`] and goes on by [`grow`].
//! 4. After the statements of the main program, and after a failure in them, the tier calls [`end_program`].

use std::cell::RefCell;
use std::rc::Rc;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use rustc_hash::FxHashMap;

use crate::control;
use crate::display;
use crate::interp::{Interp, Wait};
use crate::machine::Machine;
use crate::policy;
use crate::tasks::{self, MAIN, Start, Turn};
use crate::trap::{Pending, Raised, Trap};
use crate::value::{Kind, Value};

mod report;
mod seat;
mod stacks;

pub use report::{Ended, Failure};
use seat::{Baton, Order, Waiting};
pub use seat::{Seat, grow, placeholder};
use stacks::Segments;
pub use stacks::here;

/// What runs code.
pub trait Tier: Clone + 'static {
    /// What a run may begin with.
    type Entry: 'static;

    /// Runs the main program to the very end, [`end_program`] included; gives the machine back. Called once for a run.
    fn main(
        &self,
        seat: Seat<'_>,
        machine: Box<Machine>,
        entry: Self::Entry,
    ) -> (Box<Machine>, Result<Value, Trap>);

    /// Runs a task whose turn has come for the first time: a function of the program for [`tasks::Job::Function`], else
    /// [`Start::run`].
    fn task(
        &self,
        seat: Seat<'_>,
        machine: Box<Machine>,
        start: Start,
    ) -> (Box<Machine>, Result<Value, Trap>);
}

type Done = (Box<Machine>, Result<Value, Trap>);
type Fiber = Coroutine<Baton, Waiting, Done, DefaultStack>;

/// Runs an entry and everything that follows from it. Native stacks are taken from `stacks` and given back.
pub fn drive<T: Tier>(
    machine: Box<Machine>,
    tier: &T,
    entry: T::Entry,
    stacks: &mut Stacks,
) -> (Box<Machine>, Ended) {
    let segments = Rc::new(RefCell::new(std::mem::take(&mut stacks.0)));
    let mut driver = Driver {
        tier: tier.clone(),
        segments: segments.clone(),
        fibers: FxHashMap::default(),
        failures: Vec::new(),
        waits_for_tasks: false,
    };
    let done = driver.run(machine, entry);
    stacks.0 = segments.take();
    done
}

/// Native stacks that are free between two runs, so that a short run needs no new one.
#[derive(Default)]
pub struct Stacks(Segments);

impl std::fmt::Debug for Stacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stacks").finish_non_exhaustive()
    }
}

struct Driver<T> {
    tier: T,
    segments: Rc<RefCell<Segments>>,
    fibers: FxHashMap<u64, Fiber>,
    /// Errors of tasks.
    failures: Vec<Failure>,
    /// Whether the main program waits for the end of all tasks.
    waits_for_tasks: bool,
}

impl<T: Tier> Driver<T> {
    fn run(&mut self, mut m: Box<Machine>, entry: T::Entry) -> (Box<Machine>, Ended) {
        m.pending = None;
        m.thrown = Value::UNDEF;
        m.sched.current = MAIN;
        if !self.start(MAIN, move |tier, seat, m| tier.main(seat, m, entry)) {
            let ended = self.ended(&mut m, Err(Trap::MemoryLimit));
            return (m, ended);
        }
        let (mut current, mut order) = (MAIN, Order::Run);
        loop {
            m.sched.current = current;
            let Some(fiber) = self.fibers.get_mut(&current) else { break };
            match fiber.resume(Baton { machine: m, order }) {
                CoroutineResult::Yield(Waiting { machine, wait }) => {
                    m = machine;
                    if wait == Wait::Dropped {
                        m = self.drop_tasks(m);
                        (current, order) = (MAIN, Order::Run);
                        continue;
                    }
                    if current == MAIN {
                        self.waits_for_tasks = wait == Wait::Tasks;
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
                        Err(trap) => return self.give_up(m, trap),
                    }
                }
            }
            (current, order) = match self.next(&mut m) {
                Ok(turn) => turn,
                Err(trap) => return self.give_up(m, trap),
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
            Some(Turn::Start(start)) => {
                let id = start.id;
                let started = self.start(id, move |tier, seat, mut m| {
                    start.enter(&mut m);
                    tier.task(seat, m, start)
                });
                if started { Ok((id, Order::Run)) } else { Err(Trap::MemoryLimit) }
            }
            None if self.waits_for_tasks && m.sched.unfinished() == 0 => Ok((MAIN, Order::Run)),
            None => Ok((MAIN, Order::Deadlock)),
        }
    }

    /// Makes a coroutine; whether there was a stack for it.
    fn start(&mut self, id: u64, body: impl FnOnce(&T, Seat<'_>, Box<Machine>) -> Done + 'static) -> bool {
        let Some(stack) = self.segments.borrow_mut().take() else { return false };
        let (tier, segments) = (self.tier.clone(), self.segments.clone());
        let low = stacks::low_water(&stack);
        let fiber = Coroutine::with_stack(stack, move |yielder: &Yielder<Baton, Waiting>, baton: Baton| {
            let seat = Seat { task: id, low, spare: None, segments, yielder };
            let mut m = baton.machine;
            m.stack.clear();
            let (mut m, result) = body(&tier, seat, m);
            m.stack.clear();
            (m, result)
        });
        self.fibers.insert(id, fiber);
        true
    }

    fn finish_fiber(&mut self, id: u64) {
        if let Some(fiber) = self.fibers.remove(&id)
            && fiber.done()
        {
            self.segments.borrow_mut().give(fiber.into_stack());
        }
    }

    /// Ends all tasks but the main program without running anything of them.
    fn drop_tasks(&mut self, mut m: Box<Machine>) -> Box<Machine> {
        self.collect_failures(&mut m);
        tasks::drop_all(&mut m);
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

    /// Ends the run after a fatal error outside the main program.
    fn give_up(&mut self, m: Box<Machine>, trap: Trap) -> (Box<Machine>, Ended) {
        let m = self.drop_tasks(m);
        let m = self.cancel(MAIN, m);
        self.finish(m, Err(trap))
    }

    fn finish(&mut self, m: Box<Machine>, result: Result<Value, Trap>) -> (Box<Machine>, Ended) {
        let mut m = self.drop_tasks(m);
        let ended = self.ended(&mut m, result);
        (m, ended)
    }

    fn ended(&mut self, m: &mut Machine, result: Result<Value, Trap>) -> Ended {
        let mut failures = Vec::new();
        // The last commit may have failed after which the program did nothing more.
        let result = if m.journal.failure().is_some() { Err(Trap::HostFailed) } else { result };
        let exited = matches!(result, Err(Trap::Exit));
        if let Err(trap) = result
            && !exited
        {
            let pending = match m.pending.take() {
                Some(pending) => *pending,
                None => Pending::error(trap.code(), m.fatal_message(trap)),
            };
            failures.push(failure(m, &pending));
            if let Raised::Value(v) = pending.raised {
                m.thrown = v;
            }
        }
        failures.append(&mut self.failures);
        m.journal.note_revert_all();
        m.journal.revert_all(&mut m.heap);
        m.pending = None;
        m.stack.clear();
        m.parked.clear();
        let exit_code = if exited { m.exit_code } else { u8::from(!failures.is_empty()) };
        Ended { value: result.unwrap_or(Value::NULL), failures, exit_code, exited }
    }
}

/// What a report says of an error.
pub fn failure(m: &mut Machine, pending: &Pending) -> Failure {
    let (code, message) = match &pending.raised {
        Raised::Error { code, message } => (*code, message.clone()),
        Raised::Value(v) => match v.kind() {
            Kind::Error(e) => {
                let e = m.heap.error(e);
                (e.code, e.message.clone())
            }
            _ => (428, m.uncharged(|m| display::display(m, *v)).unwrap_or_default().into()),
        },
    };
    Failure { code, message, at: pending.at, trace: pending.trace.clone() }
}

/// What follows the statements of the main program, or its failure: the tasks run to their ends, or are dropped; then come its deferred
/// functions, a list or `UNDEF`, and, if `hooks`, the functions given to `on_exit` (language.md 8.6, 13.4, 18.7).
///
/// # Errors
/// How the program ended.
pub fn end_program(
    interp: &mut dyn Interp,
    outcome: Result<Value, Trap>,
    deferred: Value,
    hooks: bool,
) -> Result<Value, Trap> {
    let mut outcome = end_tasks(interp, outcome);
    outcome = control::run_deferred(interp, deferred, outcome);
    // A hook may register further ones.
    while hooks && !outcome.is_err_and(Trap::is_fatal) {
        let m = interp.machine();
        let Some((hook, confined)) = m.exit_hooks.pop_front() else { break };
        let base = m.stack.len();
        m.stack.push(hook);
        outcome = control::finally(interp, outcome, |interp| {
            policy::call_confined(interp, &confined, hook, &[]).map(drop)
        });
        interp.machine().stack.truncate(base);
    }
    end_tasks(interp, outcome)
}

fn end_tasks(interp: &mut dyn Interp, outcome: Result<Value, Trap>) -> Result<Value, Trap> {
    let mut outcome = outcome;
    loop {
        if outcome.is_err_and(Trap::is_fatal) || interp.machine().sched.unfinished() == 0 {
            return outcome;
        }
        let well = outcome.is_ok();
        let wait = if well { Wait::Tasks } else { Wait::Dropped };
        outcome = control::finally(interp, outcome, |interp| interp.suspend(wait));
        if !(well && outcome.is_err()) {
            return outcome;
        }
    }
}
