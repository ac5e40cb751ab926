//! How errors leave instructions and calls: places and traces as tier 0 notes them, regions, ends of frames.

use std::sync::Arc;

use zexus_bytecode::Opcode;
use zexus_runtime::trap::{Call, MOST_CALLS, Pending};
use zexus_runtime::{Loc, Trap, Value, calls};

use crate::exec::{Caught, Exec};
use crate::frame;

impl Exec<'_> {
    /// Runs the frame on top until it ends. Its frame has the flag [`frame::ENTRY`]. `fresh`: its call begins here, so native code may
    /// take it over.
    pub(crate) fn run(&mut self, mut fresh: bool) -> Result<Value, Trap> {
        loop {
            let trap = match self.run_frames::<false>(fresh && self.is_hot_top()) {
                Ok(v) => return Ok(v),
                Err(trap) => trap,
            };
            fresh = false;
            if let Some(trap) = self.unwind(trap) {
                return Err(trap);
            }
        }
    }

    /// Takes an error that the instruction before the top frame's pc has raised to the region that takes it. If none does, the frame
    /// that native code has called is gone, and this gives what left it: the error, or a fatal one that came up on the way.
    #[cold]
    #[inline(never)]
    pub fn unwind(&mut self, mut trap: Trap) -> Option<Trap> {
        let mut inside = false;
        loop {
            let frame = self.frame();
            let at = frame.pc.saturating_sub(1) as usize;
            let fresh = self.shared.traced && {
                self.trace_last();
                !inside && self.is_fresh(trap, frame.func, at)
            };
            self.note(trap, frame.func, at, inside);
            if fresh {
                self.trace_throw();
            }
            if let Some(target) = self.region_for(trap, frame.func, at) {
                match self.enter_region(trap, target, at) {
                    Ok(()) => return None,
                    // No region takes what is raised here.
                    Err(fatal) => trap = fatal,
                }
            }
            self.drop_frame();
            if frame.flags & frame::TRACED != 0 {
                self.trace_return(&frame, None);
            }
            if frame.flags & frame::ENTRY != 0 {
                return Some(trap);
            }
            inside = true;
        }
    }

    /// Notes the place of an error, or, if it was raised inside a call that this instruction makes, the call.
    fn note(&mut self, trap: Trap, func: u32, at: usize, inside: bool) {
        let Some(pc) = self.function(func).and_then(|f| f.pcs.get(at)).copied() else { return };
        let loc = self.loc(func, pc);
        // A run with line 0 has no place: what is raised there is marked at the call.
        if self.unplaced(loc) {
            return;
        }
        let raises =
            !inside && matches!(self.public(func, at).map(|i| i.op()), Some(Opcode::Throw | Opcode::Revert));
        let caller = self.caller_name(func);
        let Some(pending) = self.details(trap) else { return };
        if pending.at.is_none() {
            pending.at = Some(loc);
        } else if !raises && pending.trace.len() < MOST_CALLS {
            pending.trace.push(Call { caller, at: loc });
        }
    }

    fn unplaced(&self, loc: Loc) -> bool {
        let Some(function) = self.function(loc.file) else { return true };
        let module = self.program.modules.get(function.module as usize);
        module
            .and_then(|m| m.module.source_map.find(function.index, loc.start))
            .is_some_and(|run| run.line == 0)
    }

    /// What traces call a function that makes calls.
    fn caller_name(&self, func: u32) -> Arc<str> {
        match self.function(func) {
            Some(f) if f.index == 0 => "the main program".into(),
            Some(f) if f.info.name.is_empty() => "lambda".into(),
            Some(f) => f.info.name.clone(),
            None => "".into(),
        }
    }

    fn details(&mut self, trap: Trap) -> Option<&mut Pending> {
        match trap {
            Trap::Exit | Trap::Cancelled => return None,
            Trap::Raised | Trap::HostFailed => return self.m.pending.as_deref_mut(),
            _ => (),
        }
        let message = self.m.fatal_message(trap);
        let fresh = || Box::new(Pending::error(trap.code(), message));
        Some(self.m.pending.get_or_insert_with(fresh))
    }

    /// The innermost region of the running function that takes the error.
    fn region_for(&self, trap: Trap, func: u32, at: usize) -> Option<u32> {
        if trap.is_fatal() {
            return None;
        }
        let function = self.function(func)?;
        let mut region = *function.region_of.get(at)?;
        let passes = trap == Trap::Exit || calls::passes_catch(&self.m);
        loop {
            let handler = function.regions.get(region as usize)?;
            if handler.finally || !passes {
                return Some(region);
            }
            region = handler.parent;
        }
    }

    /// Goes on in the code of a region, with the error that the instruction `at` raised in its register. Where this leads back it is
    /// a safe point, as a jump is: code may loop by throwing alone.
    ///
    /// # Errors
    /// Fatal ones only: no memory for the error, or the host stops the run.
    fn enter_region(&mut self, trap: Trap, region: u32, at: usize) -> Result<(), Trap> {
        let func = self.frame().func;
        let Some(handler) = self.function(func).and_then(|f| f.regions.get(region as usize)).copied() else {
            return Ok(());
        };
        if self.shared.traced && trap != Trap::Exit {
            self.trace_catch(handler.target);
        }
        let (value, pending) = match trap {
            Trap::Exit => (Value::NULL, None),
            _ => {
                let pending = self.m.take_pending();
                let line = pending.at.and_then(|at| self.program.place(at)).map_or(0, |place| place.line);
                (self.m.caught(&pending, line)?, Some(pending))
            }
        };
        let depth = self.frames.len();
        self.caught.retain(|c| c.depth < depth || c.depth == depth && c.target != handler.target);
        self.caught.push(Caught { depth, target: handler.target, value, trap, pending });
        self.set_register(handler.register, value);
        if handler.target as usize <= at {
            self.ticks += 1;
            if self.ticks >= super::TICKS || self.m.heap.wants_collection() {
                self.safe_point(self.live_registers())?;
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.pc = handler.target;
        }
        Ok(())
    }

    /// `THROW`: raises a value. One whose place is line 0 goes on as the region took it.
    pub fn throw(&mut self, func: u32, at: usize, v: Value) -> Trap {
        let pc = self.function(func).and_then(|f| f.pcs.get(at)).copied().unwrap_or_default();
        let depth = self.frames.len();
        if self.unplaced(self.loc(func, pc))
            && let Some(last) = self.caught.iter().rposition(|c| c.depth == depth && c.value.same(v))
        {
            let caught = self.caught.remove(last);
            if caught.pending.is_some() {
                self.m.pending = caught.pending;
            }
            return caught.trap;
        }
        self.m.throw(v)
    }
}
