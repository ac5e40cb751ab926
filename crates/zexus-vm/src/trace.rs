//! Traces: what a run does, told to whoever wants to know (bytecode.md 9.1).
//!
//! 1. A traced program is linked in [`crate::LinkMode::Stepwise`], where an internal instruction before each public one tells that the one
//!    before has ended. Programs that are not traced have no such instructions.
//! 2. Whoever listens ([`Tracer`]) sees values only as text that costs nothing, so a traced run means and costs what it always does.

use zexus_bytecode::{Const, Instruction, Opcode};
use zexus_runtime::journal::notes::Note;
use zexus_runtime::trap::Raised;
use zexus_runtime::{Kind, Machine, Trap, Value, display};

use crate::exec::Exec;
use crate::frame::{Frame, TRACED};
use crate::report::Ended;
use crate::run::insn::Insn;

mod filter;
mod lines;

pub use filter::{Filter, FilterError};
pub use lines::Lines;

/// Characters of the text of a value.
const MOST: usize = 80;

/// Who is told what a run does. It must not depend on time or place if the trace shall not.
pub trait Tracer: Send {
    /// A run begins; `metered` if gas is counted.
    fn begin(&mut self, metered: bool);

    /// Something happened.
    fn trace(&mut self, event: &TraceEvent<'_>);
}

/// Something that happened in a traced run.
#[derive(Debug)]
pub struct TraceEvent<'a> {
    /// The function that ran; nothing at the end of the run.
    pub function: Option<TracedFunction<'a>>,
    /// The number of the task that ran.
    pub task: u64,
    /// Gas used so far.
    pub gas_used: u64,
    /// What happened.
    pub what: Traced<'a>,
}

/// A function of a traced program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TracedFunction<'a> {
    /// The path of its module.
    pub module: &'a str,
    /// Whether that is the main module.
    pub main: bool,
    /// Its index in the module.
    pub index: u32,
    /// Its name; that of a module's entry is `main`.
    pub name: &'a str,
    /// Its number in the program, counted over all modules.
    pub number: u32,
}

/// What happened.
#[derive(Debug)]
pub enum Traced<'a> {
    /// A function starts.
    Call {
        /// Active calls below it.
        depth: u32,
        /// Gas left, if there is a limit.
        gas: Option<u64>,
    },
    /// A function ends.
    Return {
        /// Active calls below it.
        depth: u32,
        /// Its value; nothing if an error ends it.
        value: Option<Shown<'a>>,
    },
    /// An instruction has ended or raised.
    Op {
        /// Its place in the function.
        pc: u32,
        /// The instruction.
        instruction: Instruction,
        /// Its line in the source; 0 if it has none.
        line: u32,
        /// The height of the stack before it.
        height: u32,
        /// Gas left before it, if there is a limit.
        gas: Option<u64>,
        /// The top of the stack after it, if there is one.
        top: Option<Shown<'a>>,
    },
    /// An error is raised.
    Throw {
        /// Its code, such as 405; 428 for a thrown value that is no error.
        code: u16,
        /// Its message.
        message: &'a str,
    },
    /// An error is taken by a region.
    Catch {
        /// Its code.
        code: u16,
        /// Its message.
        message: &'a str,
        /// The label of the region.
        pc: u32,
    },
    /// State, ledger, events or transactions.
    Noted {
        /// What happened.
        note: &'a Note,
        /// The note of a `TX_REVERT`.
        remark: Option<&'a str>,
    },
    /// The run ends, with the code of the first error that nobody took; 0 if the host stopped it.
    End {
        /// The code.
        code: Option<u16>,
    },
}

/// A value, whose text is the beginning of its repr, at most 80 characters.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    m: &'a Machine,
    v: Value,
}

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&display::preview(self.m, self.v, MOST))
    }
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// An instruction that has begun and not ended.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    /// Active calls of the task, its own included.
    frames: usize,
    pc: u32,
    instruction: Instruction,
    height: u32,
    gas: Option<u64>,
}

impl Exec<'_> {
    fn tell(&self, func: u32, what: Traced<'_>) {
        let mut tracer = self.shared.tracer.borrow_mut();
        let Some(tracer) = tracer.as_mut() else { return };
        let function = self.function(func).and_then(|f| {
            let module = self.program.modules.get(f.module as usize)?;
            Some(TracedFunction {
                module: &module.path,
                main: f.module == self.program.main,
                index: f.index,
                name: module.module.function(f.index).map_or("", |public| &public.name),
                number: func,
            })
        });
        let (task, gas_used) = (self.m.sched.current, self.m.meter.used());
        tracer.trace(&TraceEvent { function, task, gas_used, what });
    }

    /// Tells what happened since the last time, all of it in a function.
    fn tell_notes(&mut self, func: u32) {
        if !self.m.journal.has_notes() {
            return;
        }
        let notes = self.m.journal.take_notes();
        let remark = self.remark(func);
        // An instruction that undoes a transaction undoes those inside it first; the note is that of the last one.
        let last = notes.iter().rposition(|note| matches!(note, Note::Revert(_)));
        for (at, note) in notes.iter().enumerate() {
            self.tell(func, Traced::Noted { note, remark: remark.filter(|_| Some(at) == last) });
        }
    }

    /// The note of the `TX_REVERT` that runs.
    fn remark(&self, func: u32) -> Option<&str> {
        let begun = self.begun.last().filter(|begun| begun.frames == self.frames.len())?;
        let instruction = begun.instruction;
        let (_, at) = instruction.parts().next().filter(|_| instruction.op() == Opcode::TxRevert)?;
        let module = self.program.modules.get(self.function(func)?.module as usize)?;
        module.module.constant(at).and_then(Const::as_str)
    }

    /// Before a public instruction, or the end of the code: the one before has ended.
    #[cold]
    pub fn trace_step(&mut self, i: Insn) {
        if !self.shared.traced {
            return;
        }
        let top = if i.d == u32::MAX { None } else { Some(self.register(i.d)) };
        self.end_step(top);
        let frame = self.frame();
        let at = frame.pc.saturating_sub(1) as usize;
        if let (Some(&pc), Some(instruction)) = (frame.function.pcs.get(at), self.public(frame.func, at)) {
            let (frames, gas) = (self.frames.len(), self.m.meter.remaining());
            self.begun.push(Begun { frames, pc, instruction, height: i.price(), gas });
        }
    }

    /// The instruction of the running call has ended or raised.
    fn end_step(&mut self, top: Option<Value>) {
        let func = self.frame().func;
        self.tell_notes(func);
        let frames = self.frames.len();
        let Some(Begun { pc, instruction, height, gas, .. }) = self.begun.pop_if(|b| b.frames == frames)
        else {
            return;
        };
        let line = self.line_at(func, pc);
        let top = top.map(|v| Shown { m: &self.m, v });
        self.tell(func, Traced::Op { pc, instruction, line, height, gas, top });
    }

    /// The line of an instruction; what stands before all known places is where the first one is.
    fn line_at(&self, func: u32, pc: u32) -> u32 {
        self.program.run_at(func, pc).map_or(0, |run| run.line)
    }

    /// The call on top begins.
    #[cold]
    pub fn trace_call(&mut self) {
        let below = self.frames.len().checked_sub(2).and_then(|at| self.frames.get(at));
        let func = self.frame().func;
        self.tell_notes(below.map_or(func, |caller| caller.func));
        if let Some(frame) = self.frames.last_mut() {
            frame.flags |= TRACED;
        }
        let (depth, gas) = (self.frames.len().saturating_sub(1) as u32, self.m.meter.remaining());
        self.tell(func, Traced::Call { depth, gas });
    }

    /// The call on top is about to end, well or with an error that its instruction has raised.
    #[cold]
    pub fn trace_last(&mut self) {
        self.end_step(None);
    }

    /// A call has ended, whose frame is gone; with its value, or by an error.
    #[cold]
    pub fn trace_return(&mut self, frame: &Frame<'_>, v: Option<Value>) {
        self.tell_notes(frame.func);
        let value = v.map(|v| Shown { m: &self.m, v });
        let depth = self.frames.len() as u32;
        self.tell(frame.func, Traced::Return { depth, value });
    }

    /// Whether an error comes from the instruction itself, not from what it called.
    pub fn is_fresh(&self, trap: Trap, func: u32, at: usize) -> bool {
        let raises = || matches!(self.public(func, at).map(|i| i.op()), Some(Opcode::Throw | Opcode::Revert));
        let known = self.m.pending.as_ref().is_some_and(|pending| pending.at.is_some());
        !matches!(trap, Trap::Exit | Trap::Cancelled) && (!known || raises())
    }

    /// An error was raised.
    #[cold]
    pub fn trace_throw(&mut self) {
        if let Some((code, message)) = self.details_shown() {
            self.tell(self.frame().func, Traced::Throw { code, message: &message });
        }
    }

    /// An error is taken by the region whose code starts at an internal instruction.
    #[cold]
    pub fn trace_catch(&mut self, target: u32) {
        if let Some((code, message)) = self.details_shown() {
            let frame = self.frame();
            let pc = frame.function.pcs.get(target as usize).copied().unwrap_or_default();
            self.tell(frame.func, Traced::Catch { code, message: &message, pc });
        }
    }

    fn details_shown(&self) -> Option<(u16, String)> {
        Some(match &self.m.pending.as_ref()?.raised {
            Raised::Error { code, message } => (*code, message.to_string()),
            Raised::Value(v) => match v.kind() {
                Kind::Error(e) => {
                    let e = self.m.heap.error(e);
                    (e.code, e.message.to_string())
                }
                Kind::Str(s) => (428, self.m.heap.str(s).text().to_string()),
                _ => (428, display::preview(&self.m, *v, MOST)),
            },
        })
    }
}

/// Tells of the beginning of a run.
pub(crate) fn begin(m: &mut Machine, tracer: &mut dyn Tracer) {
    m.journal.keep_notes(true);
    tracer.begin(m.meter.is_metered());
}

/// Tells of the end of a run, and before it what happened after the last call.
pub(crate) fn end(m: &mut Machine, tracer: &mut dyn Tracer, ended: &Ended) {
    let (task, gas_used) = (m.sched.current, m.meter.used());
    let notes = m.journal.take_notes();
    m.journal.keep_notes(false);
    let mut tell = |what| tracer.trace(&TraceEvent { function: None, task, gas_used, what });
    for note in &notes {
        tell(Traced::Noted { note, remark: None });
    }
    tell(Traced::End { code: ended.failures.first().map(|failure| failure.code) });
}
