//! Tasks: the ready queue, sleepers, and everything that tasks wait for (language.md chapter 13).
//!
//! What the scheduler does and what the tier does:
//!
//! 1. Tasks have numbers. The main program is task 0 and has no [`TaskObj`]; others count from 1. [`Scheduler::current`] is the
//!    running one; the tier sets it at each switch, together with [`Locals`], which belong to the task.
//! 2. Making a task: the tier asks [`runs_at_once`]. If so, it calls the function itself and takes the result for the task (13.6).
//!    Otherwise [`spawn_call`] and its like make the task and put it at the end of the ready queue, with what it begins with.
//! 3. Only the tier takes from the queue, by [`next_turn`]: [`Turn::Start`] is a task whose body is to be run in a new coroutine,
//!    [`Turn::Resume`] one whose [`Interp::suspend`] returns now. If nobody is ready, `next_turn` sleeps by the host's clock until
//!    the first sleeper wakes; if nobody sleeps, it gives `None`.
//! 4. Waiting: the functions here check that waiting is allowed ([`may_wait`]), put the current task where it will be woken, and
//!    call `Interp::suspend`. Its argument only tells; the task is registered already. When `suspend` returns, the task was woken
//!    by somebody who left what it waited for in its mailbox, or in the object.
//! 5. Deadlock: `next_turn` gives `None` while the main program waits. The tier then calls [`deadlock`] and lets the main program's
//!    `suspend` return with that error. After the end of the main program (13.4) the tier runs turns until `None`; if
//!    [`Scheduler::unfinished`] is not 0 then, `deadlock` gives the uncaught error.
//! 6. The end of a task: the tier calls [`finish`], which keeps the outcome and makes waiters ready in their order. An error that
//!    nobody awaited is in [`unawaited`].
//! 7. Dropping all tasks (an uncaught error of the main program, `exit_program`): [`drop_all`]; the tier lets every `suspend` of
//!    the dropped coroutines return [`Trap::Cancelled`].

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::FxHashMap;

use crate::contracts::Frame;
use crate::heap::Ref;
use crate::interp::{Interp, Wait};
use crate::machine::Machine;
use crate::object::{Outcome, TaskObj};
use crate::trap::{Pending, Trap};
use crate::value::{Kind, Value};

pub mod channels;
mod start;

pub use start::{Job, Start, spawn_call, spawn_checked, spawn_method, spawn_super};

/// The number of the main program.
pub const MAIN: u64 = 0;

/// Who is ready, who sleeps.
#[derive(Debug, Default)]
pub struct Scheduler {
    /// The task that runs.
    pub current: u64,
    /// Blocks of `atomic` that the running task is in: it cannot wait there (E0422). Kept by the tier; part of [`Locals`].
    pub atomic: u32,
    ready: VecDeque<u64>,
    sleepers: BTreeMap<(i64, u64), u64>,
    /// Tasks that have not started.
    starts: FxHashMap<u64, Start>,
    /// Tasks that have not ended, and ended ones whose error nobody has awaited.
    tasks: BTreeMap<u64, Ref<TaskObj>>,
    unfinished: u64,
    /// What a task that was woken got: a value, or `None` for a refusal.
    mail: FxHashMap<u64, Option<Value>>,
    /// Where a waiting task stands, so that it can be taken away.
    waiting: FxHashMap<u64, Value>,
    ids: u64,
    order: u64,
}

/// The turn of a task.
#[derive(Debug)]
pub enum Turn {
    /// Its body is to be started.
    Start(Start),
    /// It goes on where it was suspended.
    Resume {
        /// Its number.
        id: u64,
    },
}

/// What belongs to the running task and is exchanged when another one runs.
#[derive(Clone, Debug)]
pub struct Locals {
    frame: Frame,
    sandboxes: crate::policy::Sandboxes,
    atomic: u32,
}

impl Locals {
    /// Those of a new task: it sees the call that made it, outside of any `atomic`.
    pub fn of_new_task(m: &Machine) -> Locals {
        Locals { frame: m.context.frame.clone(), sandboxes: m.policy.sandboxes().clone(), atomic: 0 }
    }

    /// Puts these in force and gives those that were.
    pub fn exchange(self, m: &mut Machine) -> Locals {
        Locals {
            frame: std::mem::replace(&mut m.context.frame, self.frame),
            sandboxes: m.policy.exchange_sandboxes(self.sandboxes),
            atomic: std::mem::replace(&mut m.sched.atomic, self.atomic),
        }
    }
}

impl Scheduler {
    /// Tasks that have not ended, the main program aside.
    pub fn unfinished(&self) -> u64 {
        self.unfinished
    }

    /// Puts a task at the end of the ready queue.
    pub(crate) fn wake(&mut self, id: u64) {
        self.waiting.remove(&id);
        self.ready.push_back(id);
    }

    fn send_mail(&mut self, id: u64, what: Option<Value>) {
        self.mail.insert(id, what);
        self.wake(id);
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.starts.values().for_each(|start| start.trace(visit));
        self.tasks.values().for_each(|t| visit(Value::task(*t)));
        self.mail.values().flatten().for_each(|v| visit(*v));
        self.waiting.values().for_each(|v| visit(*v));
    }
}

/// Whether a call that would make a task runs at once instead: inside a transaction (language.md 13.6).
pub fn runs_at_once(m: &Machine) -> bool {
    m.journal.depth() > 0
}

/// Takes the next task from the ready queue; sleeps if all sleep; `None` if nobody is ready or sleeps.
pub fn next_turn(m: &mut Machine) -> Option<Turn> {
    if !m.sched.sleepers.is_empty() {
        let now = m.host.now();
        wake_sleepers(m, now);
        if m.sched.ready.is_empty()
            && let Some(((time, _), _)) = m.sched.sleepers.first_key_value()
        {
            let time = *time;
            m.host.sleep_until(time);
            wake_sleepers(m, time);
        }
    }
    let id = m.sched.ready.pop_front()?;
    Some(match m.sched.starts.remove(&id) {
        Some(start) => Turn::Start(start),
        None => Turn::Resume { id },
    })
}

/// Makes those ready whose time has come, in the order of their times and then of their calls.
fn wake_sleepers(m: &mut Machine, now: i64) {
    while let Some(first) = m.sched.sleepers.first_entry() {
        if first.key().0 > now {
            break;
        }
        let id = first.remove();
        m.sched.ready.push_back(id);
    }
}

/// Keeps the outcome of a task that has ended and makes those ready that wait for it. For an error, its details are
/// [`Machine::pending`]; a trap without details is kept as the error of its code.
pub fn finish(m: &mut Machine, id: u64, result: Result<Value, Trap>) {
    let Some(task) = m.sched.tasks.get(&id).copied() else { return };
    let outcome = match result {
        Ok(v) => Outcome::Done(v),
        Err(Trap::Raised) => Outcome::Failed(m.take_pending()),
        Err(trap) => Outcome::Failed(Box::new(Pending::error(trap.code(), "the task was ended"))),
    };
    m.sched.unfinished = m.sched.unfinished.saturating_sub(1);
    if matches!(outcome, Outcome::Done(_)) {
        m.sched.tasks.remove(&id);
    }
    let object = m.heap.task_mut(task);
    object.outcome = outcome;
    let waiters = std::mem::take(&mut object.waiters);
    for waiter in waiters {
        m.sched.wake(waiter);
    }
}

/// The errors of tasks that ended with one and that nobody has awaited, in the order in which the tasks were made.
pub fn unawaited(m: &mut Machine) -> Vec<Pending> {
    let ended: Vec<Ref<TaskObj>> = m.sched.tasks.values().copied().collect();
    let failed = ended.into_iter().filter_map(|t| match m.heap.task(t) {
        TaskObj { awaited: false, outcome: Outcome::Failed(p), .. } => Some((**p).clone()),
        _ => None,
    });
    failed.collect()
}

/// Drops all tasks: none of them runs any more.
pub fn drop_all(m: &mut Machine) {
    let (current, atomic, ids) = (m.sched.current, m.sched.atomic, m.sched.ids);
    m.sched = Scheduler { current, atomic, ids, ..Scheduler::default() };
}

/// E0420, and the main program waits no more.
pub fn deadlock(m: &mut Machine) -> Trap {
    stop_waiting(m, MAIN);
    m.error(420, "Deadlock: every task is waiting")
}

fn stop_waiting(m: &mut Machine, id: u64) {
    let Some(object) = m.sched.waiting.remove(&id) else { return };
    match object.kind() {
        Kind::Task(t) => m.heap.task_mut(t).waiters.retain(|w| *w != id),
        Kind::Channel(c) => {
            let c = m.heap.channel_mut(c);
            c.receivers.retain(|w| *w != id);
            c.senders.retain(|(w, _)| *w != id);
        }
        Kind::WaitGroup(g) => m.heap.wait_group_mut(g).waiters.retain(|w| *w != id),
        Kind::Barrier(b) => m.heap.barrier_mut(b).waiters.retain(|w| *w != id),
        _ => {}
    }
}

/// Whether the running task may wait now.
///
/// # Errors
/// E0511 inside a transaction, E0422 inside `atomic`.
pub fn may_wait(m: &mut Machine) -> Result<(), Trap> {
    if m.journal.depth() > 0 {
        return Err(m.error(511, "cannot wait inside a transaction"));
    }
    if m.sched.atomic > 0 {
        return Err(m.error(422, "cannot wait inside atomic"));
    }
    Ok(())
}

/// Suspends the running task, which stands among the waiters of `object`.
fn wait_at(interp: &mut dyn Interp, object: Value) -> Result<(), Trap> {
    let m = interp.machine();
    m.sched.waiting.insert(m.sched.current, object);
    interp.suspend(Wait::Resumed)
}

/// `await v`: the result of a task, or its error; any other value is itself.
///
/// # Errors
/// The error of the task, each time anew; E0511, E0422, E0420.
pub fn await_value(interp: &mut dyn Interp, v: Value) -> Result<Value, Trap> {
    let Some(task) = v.as_task() else { return Ok(v) };
    loop {
        let m = interp.machine();
        match &m.heap.task(task).outcome {
            Outcome::Done(v) => return Ok(*v),
            Outcome::Failed(pending) => {
                let pending = pending.clone();
                let object = m.heap.task_mut(task);
                object.awaited = true;
                let id = object.id;
                m.sched.tasks.remove(&id);
                m.pending = Some(pending);
                return Err(Trap::Raised);
            }
            Outcome::Running => {
                may_wait(m)?;
                let me = m.sched.current;
                m.heap.task_mut(task).waiters.push(me);
                wait_at(interp, v)?;
            }
        }
    }
}

/// `sleep(seconds)`, in milliseconds.
///
/// # Errors
/// E0511, E0422, [`Trap::Cancelled`].
pub fn sleep(interp: &mut dyn Interp, millis: i64) -> Result<(), Trap> {
    let m = interp.machine();
    may_wait(m)?;
    let me = m.sched.current;
    if millis == 0 {
        m.sched.ready.push_back(me);
        return interp.suspend(Wait::Resumed);
    }
    let until = m.host.now().saturating_add(millis);
    m.sched.order += 1;
    let order = m.sched.order;
    m.sched.sleepers.insert((until, order), me);
    interp.suspend(Wait::Until(until))
}

#[cfg(test)]
mod tests;
