//! The border to native code (tier 2): what counts hot code, who runs it, and what native code needs of a task.
//!
//! Native code works on the frame on top of a task: its registers in memory and its [`Frame::pc`] are exact wherever anything else can
//! look at them. Layouts are given as offsets, so that this crate stays without `unsafe`.

use std::mem::offset_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use zexus_runtime::layout as runtime;
use zexus_runtime::{Trap, Value};

pub use crate::exec::{Exec, Shared, WINDOW};
use crate::frame;
pub use crate::frame::Frame;
pub use crate::program::{Function, LinkedModule, Spot};
pub use crate::run::TICKS;
pub use crate::run::insn::{Insn, Op};
pub use crate::run::sites::Site;

/// Whether native code ran, and how it ended.
#[derive(Debug)]
pub enum Outcome {
    /// There is none; tier 1 goes on.
    Cold,
    /// The call has ended with a value; its frame is gone.
    Ended(Value),
    /// It left at [`Frame::pc`] of the frame on top; tier 1 goes on there.
    Left,
    /// The instruction before [`Frame::pc`] of the frame on top raised an error.
    Raised(Trap),
}

/// How the loop of tier 1 goes on after it has asked for native code.
#[derive(Debug)]
pub(crate) enum Went {
    /// As if nothing had been.
    Cold,
    /// The call that native code of the host made has ended.
    Ended(Value),
    /// In the frame on top.
    On,
}

/// Runs hot code.
pub trait Native: Send + Sync + std::fmt::Debug {
    /// A run of a program begins.
    fn begin(&self, program: &Arc<crate::Program>);

    /// After how many calls a function is hot, and after how many jumps back a loop.
    fn thresholds(&self) -> (u32, u32);

    /// A function or loop has become hot: compiles the code that starts at this instruction, for the registers that the frame on top
    /// has. Whether there is native code now.
    fn compile(&self, exec: &Exec<'_>, func: u32, pc: u32, call: bool) -> bool;

    /// The frame on top, which native code has called, was left by its native code.
    fn callee_left(&self, exec: &Exec<'_>);

    /// Runs the frame on top, which stands at this instruction.
    fn enter(&self, exec: &mut Exec<'_>, func: u32, pc: u32, call: bool) -> Outcome;
}

/// Counters of calls and of jumps back, which go down to 0. Code at 0 is hot.
#[derive(Debug, Default)]
pub struct Heat {
    calls: Vec<AtomicU32>,
    loops: Vec<AtomicU32>,
    program: std::sync::Weak<crate::Program>,
}

impl Heat {
    /// Counters of a program of which nothing has run.
    pub fn new(program: &Arc<crate::Program>, (call, back): (u32, u32)) -> Heat {
        let insns = program.functions.iter().map(|f| f.code.len()).sum();
        let fill = |n, with| std::iter::repeat_with(|| AtomicU32::new(with)).take(n).collect();
        Heat {
            calls: fill(program.functions.len(), call),
            loops: fill(insns, back),
            program: Arc::downgrade(program),
        }
    }

    /// Whether these are the counters of a program.
    pub fn fits(&self, program: &Arc<crate::Program>) -> bool {
        std::ptr::eq(self.program.as_ptr(), Arc::as_ptr(program))
    }

    /// Counts a jump back; whether the loop is hot.
    #[inline(always)]
    pub(crate) fn is_hot_loop(&self, function: &Function, to: usize) -> bool {
        Heat::count(self.loops.get(function.first as usize + to))
    }

    #[inline(always)]
    fn count(counter: Option<&AtomicU32>) -> bool {
        let Some(counter) = counter else { return false };
        let left = counter.load(Ordering::Relaxed).saturating_sub(1);
        counter.store(left, Ordering::Relaxed);
        left == 0
    }
}

impl<'p> Exec<'p> {
    /// Counts a call that starts; whether the function is hot.
    #[inline(always)]
    pub(crate) fn is_hot_call(&self, func: u32) -> bool {
        Heat::count(self.shared.heat.calls.get(func as usize))
    }

    /// [`Exec::is_hot_call`] for the frame on top.
    pub(crate) fn is_hot_top(&self) -> bool {
        self.frames.last().is_some_and(|frame| self.is_hot_call(frame.func))
    }

    /// The frame on top begins a call of a hot function.
    #[cold]
    #[inline(never)]
    pub(crate) fn hot_call(&mut self) -> Result<Went, Trap> {
        let frame = self.frame();
        if frame.pc != frame.function.start {
            return Ok(Went::Cold);
        }
        self.go_native(frame.func, frame.pc, true)
    }

    /// The frame on top has gone back to the head of a hot loop.
    #[cold]
    #[inline(never)]
    pub(crate) fn hot_loop(&mut self, to: usize) -> Result<Went, Trap> {
        self.go_native(self.frame().func, to as u32, false)
    }

    fn go_native(&mut self, func: u32, pc: u32, call: bool) -> Result<Went, Trap> {
        let shared = self.shared;
        let Some(native) = &shared.native else { return Ok(Went::Cold) };
        if self.m.policy.trails("call") {
            return Ok(Went::Cold);
        }
        let frame = self.frame();
        match native.enter(self, func, pc, call) {
            Outcome::Cold => {
                // The call that makes a function hot still runs here; a loop goes on in native code at once.
                if !native.compile(self, func, pc, call) {
                    let counters = if call { &shared.heat.calls } else { &shared.heat.loops };
                    let at = if call { func } else { frame.function.first + pc };
                    if let Some(counter) = counters.get(at as usize) {
                        counter.store(u32::MAX, Ordering::Relaxed);
                    }
                    return Ok(Went::Cold);
                }
                if call {
                    return Ok(Went::Cold);
                }
                match native.enter(self, func, pc, call) {
                    Outcome::Cold => Ok(Went::Cold),
                    outcome => self.went(&frame, outcome),
                }
            }
            outcome => self.went(&frame, outcome),
        }
    }

    fn went(&mut self, frame: &Frame<'p>, outcome: Outcome) -> Result<Went, Trap> {
        match outcome {
            Outcome::Cold => Ok(Went::Cold),
            Outcome::Left => Ok(Went::On),
            Outcome::Raised(trap) => Err(trap),
            Outcome::Ended(v) if frame.flags & frame::ENTRY != 0 => Ok(Went::Ended(v)),
            Outcome::Ended(v) => {
                self.set_register(frame.dst, v);
                Ok(Went::On)
            }
        }
    }

    /// For native code: runs the instruction at `pc` of the frame on top, with the call that it makes; gives the instruction after it.
    ///
    /// # Errors
    /// Whatever the instruction raises; [`Frame::pc`] is the one after it then.
    pub fn one(&mut self, pc: u32) -> Result<u32, Trap> {
        let depth = self.frames.len();
        if let Some(top) = self.frames.last_mut() {
            top.pc = pc;
        }
        self.run_frames::<true>(false)?;
        if self.frames.len() > depth {
            let dst = self.frame().dst;
            let v = self.finish(true)?;
            self.set_register(dst, v);
        }
        Ok(self.frame().pc)
    }

    /// For native code: tells that the native code of a call has left.
    pub fn note_left(&self) {
        if let Some(native) = &self.shared.native {
            native.callee_left(self);
        }
    }

    /// For native code: runs the frame on top to its end on tier 1.
    ///
    /// # Errors
    /// Whatever leaves the call.
    pub fn finish(&mut self, fresh: bool) -> Result<Value, Trap> {
        if let Some(top) = self.frames.last_mut() {
            top.flags |= frame::ENTRY;
        }
        self.run_natively(fresh)
    }

    /// For native code: ends the call on top, when there is more to do than to take its frame away.
    ///
    /// # Errors
    /// Whatever that raises.
    pub fn native_leave(&mut self, pc: u32, v: Value) -> Result<(), Trap> {
        if let Some(top) = self.frames.last_mut() {
            top.pc = pc;
        }
        self.leave(v).map(drop)
    }

    /// Native code must not go on: calls are told to a trail.
    pub fn must_leave(&self) -> bool {
        self.m.policy.trails("call")
    }

    /// The tag of a register of the frame on top.
    pub fn tag_of(&self, register: u32) -> zexus_runtime::Tag {
        self.register(register).tag()
    }

    /// The registers of the frame on top.
    pub fn window(&mut self) -> *mut Value {
        let base = self.frame().base as usize;
        self.registers.get_mut(base..).map_or(std::ptr::null_mut(), |rest| rest.as_mut_ptr())
    }

    /// The frame on top.
    pub fn top(&self) -> Frame<'p> {
        self.frame()
    }
}

/// Where things lie in an [`Exec`] and what it points to, in bytes.
#[allow(missing_docs)]
pub mod at {
    use super::*;
    pub const EXEC_MACHINE: usize = offset_of!(Exec<'static>, m);
    pub const EXEC_REGISTERS: usize = offset_of!(Exec<'static>, registers);
    pub const EXEC_FRAMES: usize = offset_of!(Exec<'static>, frames);
    pub const EXEC_TICKS: usize = offset_of!(Exec<'static>, ticks);
    pub const EXEC_SHARED: usize = offset_of!(Exec<'static>, shared);
    pub const EXEC_LOW: usize = offset_of!(Exec<'static>, seat) + runtime::SEAT_LOW;
    pub const SHARED_CONSTS: usize = offset_of!(Shared, consts);
    pub const SHARED_SITES: usize = offset_of!(Shared, sites);
    pub const SITE_SIZE: usize = size_of::<Site>();
    pub const SITE_TYPE: usize = offset_of!(Site, ty);
    pub const SITE_SLOT: usize = offset_of!(Site, slot);
    pub const SITE_ACCEPTS: usize = offset_of!(Site, accepts);
    pub const SITE_VALUE: usize = offset_of!(Site, value);
    pub const FRAME_SIZE: usize = size_of::<Frame<'static>>();
    pub const FRAME_FUNCTION: usize = offset_of!(Frame<'static>, function);
    pub const FRAME_CALLEE: usize = offset_of!(Frame<'static>, callee);
    pub const FRAME_FUNC: usize = offset_of!(Frame<'static>, func);
    pub const FRAME_PC: usize = offset_of!(Frame<'static>, pc);
    pub const FRAME_BASE: usize = offset_of!(Frame<'static>, base);
    pub const FRAME_DST: usize = offset_of!(Frame<'static>, dst);
    pub const FRAME_FLAGS: usize = offset_of!(Frame<'static>, flags);
    pub use zexus_runtime::layout::*;
}
