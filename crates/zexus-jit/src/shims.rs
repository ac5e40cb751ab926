//! What native code calls: the rest of the machine, one task at a time.
//!
//! Each takes the task that native code was entered with. Until it returns nothing else refers to the task, so it may be borrowed.

use cranelift_codegen::ir::{AbiParam, Signature, types};
use cranelift_codegen::isa::CallConv;
use zexus_runtime::{Trap, Value};
use zexus_vm::native::Exec;

use crate::lower::{LEFT, RAISED};

/// A function that native code can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shim {
    /// Task, pc: runs an instruction. The next pc, or a status, negated.
    Step,
    /// Task, pc after the instruction, tag, bits: ends the call. 0, or a status, negated.
    Leave,
    /// Task, status: runs the frame on top, which native code has left, to its end. Tag, bits; or a status.
    Finish,
}

impl Shim {
    /// Its signature.
    pub fn signature(self, conv: CallConv) -> Signature {
        let (params, returns) = match self {
            Shim::Step => (2, 1),
            Shim::Leave => (4, 1),
            Shim::Finish => (2, 2),
        };
        let mut signature = Signature::new(conv);
        signature.params.extend(vec![AbiParam::new(types::I64); params]);
        signature.returns.extend(vec![AbiParam::new(types::I64); returns]);
        signature
    }
}

/// Its address.
pub(crate) fn address(shim: Shim) -> usize {
    match shim {
        Shim::Step => step as *const () as usize,
        Shim::Leave => leave as *const () as usize,
        Shim::Finish => finish as *const () as usize,
    }
}

/// Two registers.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// Tag or status.
    pub tag: u64,
    /// Bits.
    pub bits: u64,
}

fn raised(trap: Trap) -> i64 {
    RAISED | trap as i64
}

/// The trap of a status.
pub(crate) fn trap_of(status: u64) -> Trap {
    const ALL: [Trap; 9] = [
        Trap::Raised,
        Trap::OutOfGas,
        Trap::StackOverflow,
        Trap::MemoryLimit,
        Trap::OutputLimit,
        Trap::Interrupted,
        Trap::Exit,
        Trap::Cancelled,
        Trap::HostFailed,
    ];
    ALL.into_iter().find(|t| *t as u64 == status & 0xff).unwrap_or(Trap::Interrupted)
}

fn pair(result: Result<Value, Trap>) -> Pair {
    match result {
        Ok(v) => Pair { tag: v.tag() as u64, bits: v.bits() },
        Err(trap) => Pair { tag: raised(trap) as u64, bits: 0 },
    }
}

/// The task behind the address that native code passes on.
///
/// # Safety
/// The address is the one that native code was entered with, which is that of a task borrowed for as long as native code runs; and no
/// other reference to the task is in use while the shim runs.
unsafe fn task<'e>(exec: *mut Exec<'static>) -> &'e mut Exec<'static> {
    // SAFETY: as above.
    unsafe { &mut *exec }
}

extern "C" fn step(exec: *mut Exec<'static>, pc: u64) -> i64 {
    // SAFETY: native code passes its task.
    let exec = unsafe { task(exec) };
    match exec.one(pc as u32) {
        Ok(_) if exec.must_leave() => -LEFT,
        Ok(pc) => i64::from(pc),
        Err(trap) => -raised(trap),
    }
}

extern "C" fn leave(exec: *mut Exec<'static>, pc: u64, tag: u64, bits: u64) -> i64 {
    // SAFETY: native code passes its task.
    let exec = unsafe { task(exec) };
    exec.native_leave(pc as u32, Value::from_parts(tag as u8, bits)).map_or_else(|trap| -raised(trap), |()| 0)
}

extern "C" fn finish(exec: *mut Exec<'static>, status: u64) -> Pair {
    // SAFETY: native code passes its task.
    let exec = unsafe { task(exec) };
    if status as i64 == LEFT {
        exec.note_left();
    }
    pair(exec.finish(false))
}
