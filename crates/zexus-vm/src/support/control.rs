//! Control flow without opcodes: `atomic`, `exactly`, `defer`, `using`, watches (language.md 8.6, 8.7, 13.6, 14.3).

use std::sync::Arc;

use zexus_runtime::{Trap, Value, control, events};

use super::{arg, null};
use crate::exec::Exec;
use crate::frame::ATOMIC;

/// The numbers of variables or watches.
fn numbers(values: &[Value]) -> impl Iterator<Item = u64> {
    values.iter().filter_map(|v| v.as_int()).filter_map(|i| u64::try_from(i).ok())
}

/// The numbers of variables, which have 32 bits.
fn variables(values: &[Value]) -> impl Iterator<Item = u32> {
    numbers(values).filter_map(|i| u32::try_from(i).ok())
}

impl Exec<'_> {
    /// `→ null`
    pub(super) fn support_atomic_enter(&mut self) -> Value {
        self.m.sched.atomic += 1;
        self.atomics.push(self.frames.len());
        if let Some(frame) = self.frames.last_mut() {
            frame.flags |= ATOMIC;
        }
        Value::NULL
    }

    /// `→ null`
    pub(super) fn support_atomic_leave(&mut self) -> Value {
        self.leave_atomic();
        Value::NULL
    }

    /// Ends the innermost `atomic` that the running call has entered; false if there is none.
    pub fn leave_atomic(&mut self) -> bool {
        let depth = self.frames.len();
        let left = self.atomics.pop_if(|entered| *entered >= depth).is_some();
        if left {
            self.m.sched.atomic = self.m.sched.atomic.saturating_sub(1);
        }
        left
    }

    /// `i → boolean`
    pub(super) fn support_exactly(&mut self, args: &[Value]) -> Value {
        let module = self.running().map_or(0, |function| function.module);
        let number = arg(args, 0).as_int().unwrap_or_default();
        Value::bool(self.shared.reached.borrow_mut().insert((module, number)))
    }

    /// `l → f`
    pub(super) fn support_next_deferred(&mut self, args: &[Value]) -> Value {
        let deferred = arg(args, 0).as_list();
        deferred.and_then(|l| self.m.heap.list_mut(l).items.pop()).unwrap_or(Value::NULL)
    }

    /// `f → null`
    pub(super) fn support_at_end(&mut self, args: &[Value]) -> Result<Value, Trap> {
        self.deferred = control::defer(&mut self.m, self.deferred, arg(args, 0))?;
        Ok(Value::NULL)
    }

    /// `r → null`
    pub(super) fn support_close(&mut self, args: &[Value]) -> Result<Value, Trap> {
        null(control::close(self, arg(args, 0)))
    }

    /// `l f b ids → null`
    pub(super) fn support_watch_set(&mut self, args: &[Value]) -> Result<Value, Trap> {
        let (list, f, block) = (arg(args, 0), arg(args, 1), arg(args, 2));
        let ids = arg(args, 3).as_list().map(|l| &*self.m.heap.list(l).items).unwrap_or_default();
        let watched: Arc<[u32]> = variables(ids).collect();
        let f = if f.is_null() { Value::UNDEF } else { f };
        let id = events::set_watch(self, watched, f, block)?;
        if let Some(l) = list.as_list() {
            self.m.heap.charge(16)?;
            let id = i64::try_from(id).unwrap_or(i64::MAX);
            self.m.heap.list_mut(l).items.push(Value::int(id));
        }
        Ok(Value::NULL)
    }

    /// `i… → null`
    pub(super) fn support_watch(&mut self, args: &[Value]) -> Result<Value, Trap> {
        if !self.m.events.has_watches() {
            return Ok(Value::NULL);
        }
        let touched: Vec<u32> = variables(args).collect();
        null(events::notify(self, &touched))
    }

    /// `l → null`
    pub(super) fn support_watch_end(&mut self, args: &[Value]) -> Value {
        if let Some(l) = arg(args, 0).as_list() {
            let ended: Vec<u64> = numbers(&self.m.heap.list(l).items).collect();
            events::drop_watches(&mut self.m, &ended);
        }
        Value::NULL
    }
}
