//! Internal instructions: for registers, eight bytes each.
//!
//! Registers are named by bytes relative to the frame. In the comments `a`, `b`, `c` are registers of that number unless said otherwise,
//! `#d` is the fourth field as a number, `k[d]` the constant of the program with that index, and `-> d` a jump.

macro_rules! ops {
    ($( $(#[doc = $doc:literal])+ $name:ident; )*) => {
        /// What an internal instruction does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Op { $( $(#[doc = $doc])+ $name, )* }
    };
}

ops! {
    /// Nothing.
    Nop;
    /// `a = b`
    Move;
    /// E0302 if `a` has no value.
    Check;
    /// `a = k[d]`
    LoadK;
    /// `a = #d` as a signed integer.
    LoadInt;
    /// `a = null`
    LoadNull;
    /// `a = #b != 0`
    LoadBool;
    /// `a` has no value.
    Undef;
    /// `a = globals[d]`, or the builtin of its name unless `#b` is 1.
    LoadGlobal;
    /// `globals[d] = a`
    StoreGlobal;
    /// `a =` what the cell `b` holds; E0302.
    LoadCell;
    /// The cell `a` holds `b`.
    StoreCell;
    /// `a =` captured value `d`.
    LoadCapture;
    /// `a =` what captured cell `d` holds; E0302.
    LoadCaptureCell;
    /// Captured cell `d` holds `a`.
    StoreCaptureCell;
    /// Does to registers what the beginning of a call does.
    Enter;
    /// `a` becomes a new cell without a value.
    RenewCell;
    /// `a` becomes a new cell that holds what the old one holds.
    CopyCell;

    /// `a = b + c`
    Add;
    /// `a = b - c`
    Sub;
    /// `a = b * c`
    Mul;
    /// `a = b / c`
    Div;
    /// `a = b % c`
    Mod;
    /// `a = b div c`
    IntDiv;
    /// `a = b ** c`
    Pow;
    /// `a = -b`
    Neg;
    /// `a = b + #d`; if `#c` is 1, `#d + b`.
    AddI;
    /// `a = b - #d`
    SubI;
    /// `a = b * #d`; if `#c` is 1, `#d * b`.
    MulI;
    /// `a = b % #d`, with `#d` above 0.
    ModI;
    /// `a = b div #d`, with `#d` above 0.
    IntDivI;
    /// `a = b + k[d]`, a float.
    AddK;
    /// `a = b - k[d]`, a float.
    SubK;
    /// `a = b * k[d]`, a float.
    MulK;
    /// `a = b / k[d]`, a float that is not 0.
    DivK;
    /// `a = k[d] + b`, a float.
    KAdd;
    /// `a = k[d] - b`, a float.
    KSub;
    /// `a = k[d] * b`, a float.
    KMul;
    /// `a = k[d] / b`, a float.
    KDiv;
    /// `a = b < c`; for `>` with the operands the other way round.
    Lt;
    /// `a = b <= c`; for `>=` with the operands the other way round.
    Le;
    /// `a = b == c`
    Eq;
    /// `a = b != c`
    Ne;
    /// `a = !b`
    Not;
    /// `a = b && c`, both evaluated.
    And;
    /// `a = b || c`, both evaluated.
    Or;
    /// `a = b in c`
    In;

    /// `-> d`, forward.
    Jump;
    /// `-> d`, backward: a safe point.
    Loop;
    /// `-> d` if `a` is false.
    JumpFalse;
    /// `-> d` if `a` is true.
    JumpTrue;
    /// `-> d` if `a` is null.
    JumpNull;
    /// `-> d` if `a` is not null.
    JumpNotNull;
    /// `-> d` if `a < b`
    JumpLt;
    /// `-> d` unless `a < b`
    JumpNotLt;
    /// `-> d` if `a <= b`
    JumpLe;
    /// `-> d` unless `a <= b`
    JumpNotLe;
    /// `-> d` if `a == b`
    JumpEq;
    /// `-> d` if `a != b`
    JumpNe;
    /// `-> d` if `a == null`; an instance may have an operator.
    JumpEqNull;
    /// `-> d` if `a != null`; an instance may have an operator.
    JumpNeNull;
    /// `-> d` if `a < #bc`
    JumpLtI;
    /// `-> d` unless `a < #bc`
    JumpNotLtI;
    /// `-> d` if `a <= #bc`
    JumpLeI;
    /// `-> d` unless `a <= #bc`
    JumpNotLeI;
    /// `-> d` if `a > #bc`
    JumpGtI;
    /// `-> d` unless `a > #bc`
    JumpNotGtI;
    /// `-> d` if `a >= #bc`
    JumpGeI;
    /// `-> d` unless `a >= #bc`
    JumpNotGeI;
    /// `-> d` if `a == #bc`
    JumpEqI;
    /// `-> d` if `a != #bc`
    JumpNeI;

    /// `-> d` if `a < k[#bc]`, a float.
    JumpLtK;
    /// `-> d` unless `a < k[#bc]`, a float.
    JumpNotLtK;
    /// `-> d` if `a <= k[#bc]`, a float.
    JumpLeK;
    /// `-> d` unless `a <= k[#bc]`, a float.
    JumpNotLeK;
    /// `-> d` if `a > k[#bc]`, a float.
    JumpGtK;
    /// `-> d` unless `a > k[#bc]`, a float.
    JumpNotGtK;
    /// `-> d` if `a >= k[#bc]`, a float.
    JumpGeK;
    /// `-> d` unless `a >= k[#bc]`, a float.
    JumpNotGeK;

    /// As `JumpLt`, paying first `#abc` of the next place; if it jumps, its `#d` in all, for the `Gas` that stands there, too.
    PaidLt;
    /// As `PaidLt`, for `JumpLe`.
    PaidLe;
    /// As `PaidLt`, for `JumpLtI`.
    PaidLtI;
    /// As `PaidLt`, for `JumpLeI`.
    PaidLeI;
    /// As `PaidLt`, for `JumpGtI`.
    PaidGtI;
    /// As `PaidLt`, for `JumpGeI`.
    PaidGeI;

    /// `a =` an iterator over `a` for `#c` names. What it goes through and how far it is are in `b` and the register after it.
    IterStart;
    /// `a =` the next item of the iterator whose state is in `b`; `-> d` at the end. Its value is in `c`.
    IterNext;
    /// As `IterNext`, for two names in `a` and the register after it.
    IterNext2;
    /// As `IterNext`, but `-> d`, backward, if there is an item, and else on.
    IterLoop;

    /// `a = b[c]`
    Index;
    /// `a = b[#d]`
    IndexI;
    /// `a = b[k[d]]`
    IndexK;
    /// `a[b] = c`
    SetIndex;
    /// `a = b.name`, by the site `d`.
    Field;
    /// `a.name = b`, by the site `d`.
    SetField;
    /// `a = [b, ...]`, `#d` items.
    List;

    /// `a =` a call of `globals[d]` with `#c` arguments from `b` on.
    CallGlobal;
    /// `a =` a call of the register `#d` with `#c` arguments from `b` on.
    CallValue;
    /// `a =` a call of the builtin `#d` with `#c` arguments from `b` on.
    CallBuiltin;
    /// `a =` a call of the support function `#d` with `#c` arguments from `b` on.
    CallSupport;
    /// `a =` a method call with the receiver in `b` and `#c` arguments after it, by the site `d`.
    CallMethod;
    /// `a = len(b)`; other kinds than lists call the builtin `#d`.
    Len;
    /// `a = append(b, c)`, by the builtin `#d` if `b` is no list that can be changed.
    Append;
    /// `a = sqrt(b)`, by the builtin `#d` if `b` is no float of at least 0.
    Sqrt;
    /// Unless the tag of `a` is one of the bits `#d`, the public instruction checks its type.
    CheckTags;
    /// Ends the call with `a`.
    Return;
    /// Ends the call with null.
    ReturnNull;
    /// In code of defaults: if parameters are given out of order and `a` is given, `-> d`.
    SkipGiven;

    /// Pays `#d` gas.
    Gas;
    /// A public instruction begins with `#abc` values on the stack, the top in the register `#d`; or the code ends. For traces.
    Trace;
    /// The public instruction, with its operands in the registers of the stack, the first one in `#d`.
    Step;
}

/// An internal instruction, in eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Insn {
    /// What it does.
    pub op: Op,
    /// Mostly the result.
    pub a: u8,
    /// Mostly the first operand.
    pub b: u8,
    /// Mostly the second operand.
    pub c: u8,
    /// A jump, an index or a number.
    pub d: u32,
}

const _: () = assert!(size_of::<Insn>() == 8);

impl Insn {
    /// An instruction with registers only.
    pub const fn abc(op: Op, a: u8, b: u8, c: u8) -> Insn {
        Insn { op, a, b, c, d: 0 }
    }

    /// An instruction with one register and a number.
    pub const fn ad(op: Op, a: u8, d: u32) -> Insn {
        Insn { op, a, b: 0, c: 0, d }
    }

    /// The number `#d`, signed.
    #[inline(always)]
    pub const fn signed(self) -> i64 {
        self.d as i32 as i64
    }

    /// A place that says prices: in `#abc`, and in `#d`.
    pub const fn prices(before: u32, both: u32) -> Insn {
        let [a, b, c, _] = before.to_le_bytes();
        Insn { op: Op::Nop, a, b, c, d: both }
    }

    /// The number `#abc`.
    #[inline(always)]
    pub const fn price(self) -> u32 {
        u32::from_le_bytes([self.a, self.b, self.c, 0])
    }

    /// The beginning of a public instruction.
    pub const fn trace(height: u32, top: u32) -> Insn {
        Insn { op: Op::Trace, d: top, ..Insn::prices(height, 0) }
    }

    /// The jump that pays as well.
    pub const fn paid(self) -> Option<Insn> {
        let op = match self.op {
            Op::JumpLt => Op::PaidLt,
            Op::JumpLe => Op::PaidLe,
            Op::JumpLtI => Op::PaidLtI,
            Op::JumpLeI => Op::PaidLeI,
            Op::JumpGtI => Op::PaidGtI,
            Op::JumpGeI => Op::PaidGeI,
            _ => return None,
        };
        Some(Insn { op, ..self })
    }

    /// The number `#bc`.
    #[inline(always)]
    pub const fn index(self) -> u16 {
        u16::from_le_bytes([self.b, self.c])
    }

    /// The number `#bc`, signed.
    #[inline(always)]
    pub const fn short(self) -> i64 {
        i16::from_le_bytes([self.b, self.c]) as i64
    }

    /// Whether `a` gets a value that nothing else reads in the same instruction's effects, so another register may take it.
    pub const fn gives_a(self) -> bool {
        use Op::*;
        matches!(
            self.op,
            Move | LoadK
                | LoadInt
                | LoadNull
                | LoadBool
                | LoadGlobal
                | LoadCell
                | LoadCapture
                | LoadCaptureCell
                | Add
                | Sub
                | Mul
                | Div
                | Mod
                | IntDiv
                | Pow
                | Neg
                | AddI
                | SubI
                | MulI
                | ModI
                | IntDivI
                | AddK
                | SubK
                | MulK
                | DivK
                | KAdd
                | KSub
                | KMul
                | KDiv
                | Lt
                | Le
                | Eq
                | Ne
                | Not
                | And
                | Or
                | In
                | IterNext
                | IterLoop
                | Index
                | IndexI
                | IndexK
                | Field
                | List
                | CallGlobal
                | CallValue
                | CallBuiltin
                | CallSupport
                | CallMethod
                | Len
                | Append
                | Sqrt
        )
    }
}
