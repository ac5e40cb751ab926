//! The place of a task on its coroutine: how it gives up its turn, and how its native stack grows.

use std::cell::RefCell;
use std::rc::Rc;

use corosensei::Yielder;

use super::stacks::{self, Segments};
use crate::host::Quiet;
use crate::interp::Wait;
use crate::limits::Limits;
use crate::machine::Machine;
use crate::tasks::{self, Locals};
use crate::trap::Trap;
use crate::value::Value;

/// What goes into a coroutine: the machine, and what the task shall do.
pub(super) struct Baton {
    pub machine: Box<Machine>,
    pub order: Order,
}

/// What a task that is resumed shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Go on.
    Run,
    /// Raise E0420: nobody can go on.
    Deadlock,
    /// Another task called `exit_program`.
    Exit,
    /// Unwind without running anything of the program.
    Drop,
}

/// What comes out of a coroutine that waits.
pub(super) struct Waiting {
    pub machine: Box<Machine>,
    pub wait: Wait,
}

/// The place of a running task.
pub struct Seat<'y> {
    /// The task; 0 is the main program.
    pub task: u64,
    /// Below this address the native stack goes on on another segment: compare with [`here`](super::here).
    pub low: usize,
    /// A machine that stands for the real one while this task waits.
    pub(super) spare: Option<Box<Machine>>,
    pub(super) segments: Rc<RefCell<Segments>>,
    pub(super) yielder: &'y Yielder<Baton, Waiting>,
}

impl std::fmt::Debug for Seat<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seat").field("task", &self.task).finish_non_exhaustive()
    }
}

impl Seat<'_> {
    /// What [`Interp::suspend`](crate::Interp::suspend) does: gives up the turn and returns when it comes again. The stack of the
    /// machine is put aside meanwhile, and with it `own`: other values of this task that must be kept alive.
    ///
    /// # Errors
    /// E0420, [`Trap::Exit`], [`Trap::Cancelled`].
    pub fn pause(&mut self, m: &mut Box<Machine>, own: &mut Vec<Value>, wait: Wait) -> Result<(), Trap> {
        let parked = [std::mem::take(&mut m.stack), std::mem::take(own)];
        m.parked.insert(self.task, parked);
        let locals = Locals::of_new_task(m).exchange(m);
        let module = m.module.clone();
        let spare = self.spare.take().unwrap_or_else(placeholder);
        let machine = std::mem::replace(m, spare);
        let baton = self.yielder.suspend(Waiting { machine, wait });
        self.spare = Some(std::mem::replace(m, baton.machine));
        m.module = module;
        locals.exchange(m);
        [m.stack, *own] = m.parked.remove(&self.task).unwrap_or_default();
        match baton.order {
            Order::Run => Ok(()),
            Order::Deadlock => Err(tasks::deadlock(m)),
            Order::Exit => Err(Trap::Exit),
            Order::Drop => Err(Trap::Cancelled),
        }
    }
}

/// Calls `f` on a new segment of native stack; `seat` gives the seat of the tier's task.
///
/// # Errors
/// Those of `f`; [`Trap::MemoryLimit`] if the system has no more stacks.
#[cold]
#[inline(never)]
pub fn grow<'y, T, R>(
    me: &mut T,
    seat: impl for<'a> Fn(&'a mut T) -> &'a mut Seat<'y>,
    f: impl FnOnce(&mut T) -> Result<R, Trap>,
) -> Result<R, Trap> {
    let here = seat(me);
    let Some(mut segment) = here.segments.borrow_mut().take() else {
        return Err(Trap::MemoryLimit);
    };
    let low = std::mem::replace(&mut here.low, stacks::low_water(&segment));
    let result = corosensei::on_stack(&mut segment, || f(me));
    let here = seat(me);
    here.low = low;
    here.segments.borrow_mut().give(segment);
    result
}

/// A machine that nothing runs on, to stand where the real one was taken away.
pub fn placeholder() -> Box<Machine> {
    Box::new(Machine::new(Box::new(Quiet::default()), Limits::default()))
}
