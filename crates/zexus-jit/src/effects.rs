//! What an internal instruction reads and writes, and where it leads.

use zexus_vm::native::{Insn, Op};

use crate::set::Set;

/// What is to be known of an instruction before it is lowered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Effects {
    /// Registers whose values it needs.
    pub uses: Set,
    /// Registers that get new values.
    pub defs: Set,
    /// Where it may jump.
    pub target: Option<u32>,
    /// The instruction after it, if it may go on there.
    pub next: Option<u32>,
    /// Whether it may read and write any register of the frame by name.
    pub any: bool,
}

/// The effects of the instruction at `at`.
pub(crate) fn effects(i: Insn, at: u32) -> Effects {
    use Op::*;
    let (a, b, c) = (usize::from(i.a), usize::from(i.b), usize::from(i.c));
    let set = |registers: &[usize]| Set::of(registers.iter().copied());
    let on = Effects { next: Some(at + 1), ..Effects::default() };
    let op = |uses: &[usize], defs: &[usize]| Effects { uses: set(uses), defs: set(defs), ..on };
    let jump = |uses: &[usize]| Effects { uses: set(uses), target: Some(i.d), ..on };
    let row = |first: usize, count: usize, more: &[usize]| Set::of(first..first + count).or(set(more));
    match i.op {
        Nop | Gas | Trace => on,
        Move | LoadCell => op(&[b], &[a]),
        Check | StoreGlobal | StoreCaptureCell | CheckTags => op(&[a], &[]),
        LoadK | LoadInt | LoadNull | LoadBool | Undef | LoadGlobal | LoadCapture | LoadCaptureCell
        | RenewCell => op(&[], &[a]),
        StoreCell => op(&[a, b], &[]),
        CopyCell => op(&[a], &[a]),
        Enter | Step | CallSupport => {
            let target = if i.op == Step { Some(u32::MAX) } else { None };
            Effects {
                any: true,
                uses: if i.op == CallSupport { row(b, c, &[]) } else { Set::default() },
                target,
                ..on
            }
        }
        Add | Sub | Mul | Div | Mod | IntDiv | Pow | Lt | Le | Eq | Ne | And | Or | In | Index => {
            op(&[b, c], &[a])
        }
        Neg | Not | AddI | SubI | MulI | ModI | IntDivI | AddK | SubK | MulK | DivK | KAdd | KSub | KMul
        | KDiv | IndexI | IndexK | Field | Len | Sqrt => op(&[b], &[a]),
        Jump | Loop => Effects { target: Some(i.d), ..Effects::default() },
        JumpFalse | JumpTrue | JumpNull | JumpNotNull | JumpEqNull | JumpNeNull | JumpLtI | JumpNotLtI
        | JumpLeI | JumpNotLeI | JumpGtI | JumpNotGtI | JumpGeI | JumpNotGeI | JumpEqI | JumpNeI
        | JumpLtK | JumpNotLtK | JumpLeK | JumpNotLeK | JumpGtK | JumpNotGtK | JumpGeK | JumpNotGeK
        | SkipGiven => jump(&[a]),
        JumpLt | JumpNotLt | JumpLe | JumpNotLe | JumpEq | JumpNe => jump(&[a, b]),
        PaidLt | PaidLe => Effects { next: Some(at + 2), ..jump(&[a, b]) },
        PaidLtI | PaidLeI | PaidGtI | PaidGeI => Effects { next: Some(at + 2), ..jump(&[a]) },
        IterStart => op(&[a], &[b, b + 1]),
        // An item is not stored at the end, so what was there before is still needed.
        IterNext | IterLoop => Effects { defs: set(&[b, b + 1]), ..jump(&[a, b, b + 1]) },
        IterNext2 => Effects { defs: set(&[b, b + 1]), ..jump(&[a, a + 1, b, b + 1]) },
        SetIndex => op(&[a, b, c], &[]),
        SetField => op(&[a, b], &[]),
        List => Effects { uses: row(b, i.d as usize, &[]), defs: set(&[a]), ..on },
        CallGlobal | CallBuiltin => Effects { uses: row(b, c, &[]), defs: set(&[a]), ..on },
        CallValue => Effects { uses: row(b, c, &[i.d as u8 as usize]), defs: set(&[a]), ..on },
        CallMethod => Effects { uses: row(b, c + 1, &[]), defs: set(&[a]), ..on },
        Append => op(&[b, c], &[a]),
        Return => Effects { uses: set(&[a]), ..Effects::default() },
        ReturnNull => Effects::default(),
    }
}
