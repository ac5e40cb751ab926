//! How each instruction is lowered, from what is known of its operands, and what is known after it.
//!
//! The analysis and the code generator ask the same two functions, [`Knowledge::plan`] and [`Knowledge::apply`], so they agree.

use rustc_hash::FxHashMap;
use zexus_bytecode::Const;
use zexus_runtime::Tag;
use zexus_vm::Program;
use zexus_vm::native::{Insn, Op};

use crate::set::Set;
use crate::state::{Kind, Reg, State};
use crate::unit::Unit;

/// What exits have taught about a unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lessons {
    /// Registers whose kind at the entry was not the one supposed.
    pub entry: Set,
    /// By instruction, what was seen there when native code left.
    pub seen: FxHashMap<u32, Seen>,
    /// Nothing is supposed any more.
    pub suppose_nothing: bool,
}

/// What was seen at an instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Operands were integers.
    pub int: bool,
    /// Operands were floats.
    pub float: bool,
    /// The fast way does not do: other kinds, or a rare case.
    pub slow: bool,
    /// The result did not fit 64 bits.
    pub overflow: bool,
}

/// An operand of an operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operand {
    /// A register.
    Reg(u8),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
}

/// Operators with arithmetic results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Arith {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    IntDiv,
}

/// Operators with truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Compare {
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
}

/// What an instruction computes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// `a = x op y`
    Arith(Arith, Operand, Operand),
    /// `a = x op y`, a truth value.
    Compare(Compare, Operand, Operand),
    /// A jump if `x op y` is as said.
    Jump(Compare, bool, Operand, Operand),
    /// All else.
    Other,
}

/// How an operand of an operator is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// An integer.
    Int,
    /// A float.
    Float,
    /// A truth value.
    Bool,
}

/// How an instruction is lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// As its form says, with operands of these classes; other kinds leave.
    Numbers(Class, Class),
    /// As its operation says; rare cases leave or call the shim.
    Inline,
    /// By the shim that runs one instruction.
    Shim,
    /// Native code ends here; tier 1 goes on.
    Leave,
}

/// All that lowering looks at.
#[derive(Debug)]
pub(crate) struct Knowledge<'k> {
    /// The program.
    pub program: &'k Program,
    /// The unit.
    pub unit: &'k Unit<'k>,
    /// What exits have taught.
    pub lessons: &'k Lessons,
    /// The tags of the registers when the unit is compiled.
    pub tags: Vec<Tag>,
}

impl Knowledge<'_> {
    /// What an instruction computes.
    pub fn form(&self, i: Insn) -> Form {
        use Op::*;
        use Operand::{Int, Reg};
        let (a, b, c) = (Reg(i.a), Reg(i.b), Reg(i.c));
        let number = Int(i.signed());
        let (short, k, short_k) = (Int(i.short()), self.float(i.d), self.float(u32::from(i.index())));
        let arith = |op, x, y| Form::Arith(op, x, y);
        match i.op {
            Add => arith(Arith::Add, b, c),
            Sub => arith(Arith::Sub, b, c),
            Mul => arith(Arith::Mul, b, c),
            Div => arith(Arith::Div, b, c),
            Mod => arith(Arith::Mod, b, c),
            IntDiv => arith(Arith::IntDiv, b, c),
            AddI => arith(Arith::Add, b, number),
            SubI => arith(Arith::Sub, b, number),
            MulI => arith(Arith::Mul, b, number),
            ModI => arith(Arith::Mod, b, number),
            IntDivI => arith(Arith::IntDiv, b, number),
            AddK => arith(Arith::Add, b, k),
            SubK => arith(Arith::Sub, b, k),
            MulK => arith(Arith::Mul, b, k),
            DivK => arith(Arith::Div, b, k),
            KAdd => arith(Arith::Add, k, b),
            KSub => arith(Arith::Sub, k, b),
            KMul => arith(Arith::Mul, k, b),
            KDiv => arith(Arith::Div, k, b),
            Lt => Form::Compare(Compare::Lt, b, c),
            Le => Form::Compare(Compare::Le, b, c),
            Eq => Form::Compare(Compare::Eq, b, c),
            Ne => Form::Compare(Compare::Ne, b, c),
            JumpLt | PaidLt => Form::Jump(Compare::Lt, true, a, b),
            JumpNotLt => Form::Jump(Compare::Lt, false, a, b),
            JumpLe | PaidLe => Form::Jump(Compare::Le, true, a, b),
            JumpNotLe => Form::Jump(Compare::Le, false, a, b),
            JumpEq => Form::Jump(Compare::Eq, true, a, b),
            JumpNe => Form::Jump(Compare::Ne, true, a, b),
            JumpLtI | PaidLtI => Form::Jump(Compare::Lt, true, a, short),
            JumpNotLtI => Form::Jump(Compare::Lt, false, a, short),
            JumpLeI | PaidLeI => Form::Jump(Compare::Le, true, a, short),
            JumpNotLeI => Form::Jump(Compare::Le, false, a, short),
            JumpGtI | PaidGtI => Form::Jump(Compare::Gt, true, a, short),
            JumpNotGtI => Form::Jump(Compare::Gt, false, a, short),
            JumpGeI | PaidGeI => Form::Jump(Compare::Ge, true, a, short),
            JumpNotGeI => Form::Jump(Compare::Ge, false, a, short),
            JumpEqI => Form::Jump(Compare::Eq, true, a, short),
            JumpNeI => Form::Jump(Compare::Ne, true, a, short),
            JumpLtK => Form::Jump(Compare::Lt, true, a, short_k),
            JumpNotLtK => Form::Jump(Compare::Lt, false, a, short_k),
            JumpLeK => Form::Jump(Compare::Le, true, a, short_k),
            JumpNotLeK => Form::Jump(Compare::Le, false, a, short_k),
            JumpGtK => Form::Jump(Compare::Gt, true, a, short_k),
            JumpNotGtK => Form::Jump(Compare::Gt, false, a, short_k),
            JumpGeK => Form::Jump(Compare::Ge, true, a, short_k),
            JumpNotGeK => Form::Jump(Compare::Ge, false, a, short_k),
            _ => Form::Other,
        }
    }

    fn float(&self, k: u32) -> Operand {
        match self.program.consts.get(k as usize) {
            Some(Const::Float(f)) => Operand::Float(*f),
            _ => Operand::Float(f64::NAN),
        }
    }

    /// What exits taught about an instruction.
    pub fn seen(&self, at: u32) -> Seen {
        self.lessons.seen.get(&at).copied().unwrap_or_default()
    }

    /// Whether a register that may hold anything is supposed to be of a kind here.
    pub fn supposes(&self, at: u32) -> bool {
        !self.lessons.suppose_nothing && !self.seen(at).slow
    }

    /// How the instruction at `at` is lowered.
    pub fn plan(&self, at: u32, i: Insn, state: &State) -> Plan {
        use Op::*;
        match self.form(i) {
            Form::Arith(_, x, y) | Form::Compare(_, x, y) | Form::Jump(_, _, x, y) => {
                return self.plan_numbers(at, i, x, y, state);
            }
            Form::Other => (),
        }
        let is = |r: u8, tag| self.may_be(at, state, r, tag);
        let inline = |yes| if yes { Plan::Inline } else { Plan::Shim };
        match i.op {
            Nop | Gas | Move | LoadK | LoadInt | LoadNull | LoadBool | Undef | StoreGlobal | Not | Jump
            | Loop | JumpFalse | JumpTrue | JumpNull | JumpNotNull | Return | ReturnNull | And | Or => {
                Plan::Inline
            }
            Check | LoadGlobal | LoadCapture | CheckTags => inline(!self.seen(at).slow),
            LoadCell | StoreCell | LoadCaptureCell | StoreCaptureCell => inline(!self.seen(at).slow),
            Neg => match self.class(at, state, Operand::Reg(i.b), None) {
                Some(class @ (Class::Int | Class::Float)) => Plan::Numbers(class, class),
                _ => Plan::Shim,
            },
            Index => inline(is(i.b, Tag::List) && is(i.c, Tag::Int)),
            IndexI => inline(i.signed() >= 0 && is(i.b, Tag::List)),
            SetIndex => inline(is(i.a, Tag::List) && is(i.b, Tag::Int)),
            Len => inline(is(i.b, Tag::List)),
            Append => inline(is(i.b, Tag::List)),
            Sqrt => inline(is(i.b, Tag::Float)),
            IterNext | IterLoop => inline(is(i.b, Tag::Int) && is(i.b.wrapping_add(1), Tag::Int)),
            Field | SetField => Plan::Inline,
            CallGlobal | CallMethod | CallValue => inline(!self.seen(at).slow),
            Trace => Plan::Leave,
            Step if self.ends(at) => Plan::Leave,
            _ => Plan::Shim,
        }
    }

    /// Whether a step ends the call.
    fn ends(&self, at: u32) -> bool {
        let function = self.unit.function;
        let module = self.program.modules.get(function.module as usize);
        let code = module.and_then(|m| m.module.function(function.index)).map(|f| &f.code);
        let public = function.pcs.get(at as usize).and_then(|pc| code?.get(*pc as usize));
        public.is_none_or(|i| i.op() == zexus_bytecode::Opcode::Return)
    }

    /// Whether a register is, or is supposed to be, of a kind.
    fn may_be(&self, at: u32, state: &State, r: u8, tag: Tag) -> bool {
        match state.kind(r.into()) {
            Kind::Is(t) => t == tag && !self.seen(at).slow,
            _ => self.supposes(at),
        }
    }

    fn plan_numbers(&self, at: u32, i: Insn, x: Operand, y: Operand, state: &State) -> Plan {
        if self.seen(at).slow {
            return Plan::Shim;
        }
        let (Some(p), Some(q)) = (self.class(at, state, x, Some(y)), self.class(at, state, y, Some(x)))
        else {
            return Plan::Shim;
        };
        let form = self.form(i);
        let fits = match (form, p, q) {
            (
                Form::Compare(Compare::Eq | Compare::Ne, ..) | Form::Jump(Compare::Eq | Compare::Ne, ..),
                ..,
            ) => p == q || matches!((p, q, y), (Class::Float, Class::Int, Operand::Int(_))),
            (_, Class::Bool, _) | (_, _, Class::Bool) => false,
            (Form::Arith(Arith::Mod | Arith::IntDiv, ..), ..) => (p, q) == (Class::Int, Class::Int),
            (Form::Arith(..), ..) => true,
            _ => p == q || matches!((p, q, y), (Class::Float, Class::Int, Operand::Int(_))),
        };
        if fits { Plan::Numbers(p, q) } else { Plan::Shim }
    }

    /// How an operand is taken; `None` if it is of another kind.
    fn class(&self, at: u32, state: &State, x: Operand, other: Option<Operand>) -> Option<Class> {
        let known = |x: Operand| match x {
            Operand::Int(_) => Some(Some(Class::Int)),
            Operand::Float(_) => Some(Some(Class::Float)),
            Operand::Reg(r) => match state.kind(r.into()) {
                Kind::Is(Tag::Int) => Some(Some(Class::Int)),
                Kind::Is(Tag::Float) => Some(Some(Class::Float)),
                Kind::Is(Tag::Bool) => Some(Some(Class::Bool)),
                Kind::Is(_) => Some(None),
                Kind::Any | Kind::Memory => None,
            },
        };
        if let Some(class) = known(x) {
            return class;
        }
        if self.lessons.suppose_nothing {
            return None;
        }
        let seen = self.seen(at);
        match (seen.int, seen.float) {
            (true, true) => return None,
            (true, false) => return Some(Class::Int),
            (false, true) => return Some(Class::Float),
            (false, false) => (),
        }
        if let Operand::Reg(r) = x {
            match self.tags.get(usize::from(r)) {
                Some(Tag::Int) => return Some(Class::Int),
                Some(Tag::Float) => return Some(Class::Float),
                _ => (),
            }
        }
        match other.and_then(known) {
            Some(class) => class,
            None => match other {
                Some(Operand::Reg(r)) if self.tags.get(usize::from(r)) == Some(&Tag::Float) => {
                    Some(Class::Float)
                }
                _ => Some(Class::Int),
            },
        }
    }

    /// What is known after the instruction.
    pub fn apply(&self, at: u32, i: Insn, plan: Plan, state: &mut State) {
        use Op::*;
        let (a, b, c) = (usize::from(i.a), usize::from(i.b), usize::from(i.c));
        if matches!(plan, Plan::Shim) {
            return self.after_shim(at, state);
        }
        if let Plan::Numbers(p, q) = plan {
            return self.after_numbers(at, i, p, q, state);
        }
        match i.op {
            Move => {
                state.load(b);
                let from = state.get(b);
                state.define(a, from.kind);
            }
            LoadK => state.define(a, self.const_kind(i.d)),
            LoadInt => state.define(a, Kind::Is(Tag::Int)),
            LoadNull => state.define(a, Kind::Is(Tag::Null)),
            LoadBool => state.define(a, Kind::Is(Tag::Bool)),
            Undef => state.define(a, Kind::Is(Tag::Undef)),
            LoadGlobal | LoadCapture | LoadCaptureCell => state.define(a, Kind::Any),
            LoadCell => {
                self.learned(state, b, Tag::Cell);
                state.define(a, Kind::Any);
            }
            StoreCell => {
                self.learned(state, a, Tag::Cell);
                state.load(b);
            }
            Check | StoreGlobal | StoreCaptureCell | CheckTags | JumpFalse | JumpTrue | JumpNull
            | JumpNotNull => {
                state.load(a);
            }
            Not => {
                state.load(b);
                state.define(a, Kind::Is(Tag::Bool));
            }
            And | Or => {
                state.load(b);
                state.load(c);
                state.define(a, Kind::Is(Tag::Bool));
            }
            Index => {
                self.learned(state, b, Tag::List);
                self.learned(state, c, Tag::Int);
                state.define(a, Kind::Any);
            }
            IndexI => {
                self.learned(state, b, Tag::List);
                state.define(a, Kind::Any);
            }
            SetIndex => {
                self.learned(state, a, Tag::List);
                self.learned(state, b, Tag::Int);
                state.load(c);
            }
            Len => {
                self.learned(state, b, Tag::List);
                state.define(a, Kind::Is(Tag::Int));
            }
            Append => {
                self.learned(state, b, Tag::List);
                state.load(c);
                state.define(a, Kind::Is(Tag::List));
            }
            Sqrt => {
                self.learned(state, b, Tag::Float);
                state.define(a, Kind::Is(Tag::Float));
            }
            IterNext | IterLoop => {
                self.learned(state, b, Tag::Int);
                self.learned(state, b + 1, Tag::Int);
                state.define(b, Kind::Is(Tag::Int));
            }
            Field => {
                state.load(b);
                state.define(a, Kind::Any);
            }
            SetField => {
                state.load(a);
                state.load(b);
            }
            CallGlobal | CallValue | CallMethod => {
                Self::flushed(state);
                state.set(a, Reg { kind: Kind::Any, dirty: true });
            }
            _ => (),
        }
    }

    fn learned(&self, state: &mut State, r: usize, tag: Tag) {
        state.load(r);
        state.learn(r, tag);
    }

    /// The kind of a constant of the program.
    pub fn const_kind(&self, k: u32) -> Kind {
        match self.program.consts.get(k as usize) {
            Some(Const::Int(_)) => Kind::Is(Tag::Int),
            Some(Const::Float(_)) => Kind::Is(Tag::Float),
            Some(Const::Bool(_)) => Kind::Is(Tag::Bool),
            Some(Const::Str(_)) => Kind::Is(Tag::Str),
            _ => Kind::Any,
        }
    }

    fn after_numbers(&self, at: u32, i: Insn, p: Class, q: Class, state: &mut State) {
        let mut learn = |x: Operand, class: Class| {
            if let Operand::Reg(r) = x {
                let tag = match class {
                    Class::Int => Tag::Int,
                    Class::Float => Tag::Float,
                    Class::Bool => Tag::Bool,
                };
                self.learned(state, r.into(), tag);
            }
        };
        let a = usize::from(i.a);
        match self.form(i) {
            Form::Arith(op, x, y) => {
                learn(x, p);
                learn(y, q);
                let float = op == Arith::Div || p == Class::Float || q == Class::Float;
                let kind = match float {
                    true => Kind::Is(Tag::Float),
                    false if self.overflows(at) => Kind::Any,
                    false => Kind::Is(Tag::Int),
                };
                state.define(a, kind);
            }
            Form::Compare(_, x, y) => {
                learn(x, p);
                learn(y, q);
                state.define(a, Kind::Is(Tag::Bool));
            }
            Form::Jump(_, _, x, y) => {
                learn(x, p);
                learn(y, q);
            }
            Form::Other => {
                learn(Operand::Reg(i.b), p);
                state.define(a, Kind::Is(if p == Class::Int { Tag::Int } else { Tag::Float }));
            }
        }
    }

    /// Whether results of the instruction beyond 64 bits do not leave native code.
    pub fn overflows(&self, at: u32) -> bool {
        self.seen(at).overflow || self.lessons.suppose_nothing
    }

    /// Memory has all that is alive.
    fn flushed(state: &mut State) {
        for reg in &mut state.0 {
            reg.dirty = false;
        }
    }

    fn after_shim(&self, at: u32, state: &mut State) {
        Self::flushed(state);
        let Some(e) = self.unit.effects.get(at as usize) else { return };
        for r in 0..state.0.len() {
            if e.any || e.defs.has(r) {
                state.set(r, Reg::MEMORY);
            }
        }
        // An iterator stores its items as well.
        if let Some(i) = self.unit.function.code.get(at as usize)
            && matches!(i.op, Op::IterNext | Op::IterLoop | Op::IterNext2)
        {
            state.set(i.a.into(), Reg::MEMORY);
            state.set(usize::from(i.a) + 1, Reg::MEMORY);
        }
    }

    /// What is known at a block: registers that are not alive are not looked at.
    pub fn enter(&self, at: u32, state: &mut State) {
        let live = self.unit.live.get(at as usize).copied().unwrap_or(Set::ALL);
        for r in 0..state.0.len() {
            if !live.has(r) {
                state.set(r, Reg::MEMORY);
            }
        }
    }

    /// What is known at each block, to a fixed point.
    pub fn analyze(&self) -> FxHashMap<u32, State> {
        let unit = self.unit;
        let mut states: FxHashMap<u32, State> = FxHashMap::default();
        states.insert(unit.entry, self.entry_state());
        let mut work = vec![unit.entry];
        while let Some(at) = work.pop() {
            let Some(mut state) = states.get(&at).cloned() else { continue };
            for pc in at..unit.end(at) {
                let Some(i) = unit.function.code.get(pc as usize).copied() else { break };
                let plan = self.plan(pc, i, &state);
                let e = unit.effects[pc as usize];
                self.apply(pc, i, plan, &mut state);
                if plan == Plan::Leave {
                    break;
                }
                let mut flow = |to: u32, mut state: State| {
                    self.enter(to, &mut state);
                    let joined = match states.get(&to) {
                        Some(old) => State(old.0.iter().zip(&state.0).map(|(a, b)| a.join(*b)).collect()),
                        None => state,
                    };
                    if states.get(&to) != Some(&joined) {
                        states.insert(to, joined);
                        work.push(to);
                    }
                };
                if pc + 1 == unit.end(at) {
                    let item = matches!(i.op, Op::IterNext | Op::IterLoop) && plan == Plan::Inline;
                    let mut with_item = state.clone();
                    if item {
                        with_item.define(i.a.into(), Kind::Is(Tag::Int));
                    }
                    let (jumped, fell) = match i.op {
                        Op::IterLoop => (with_item, state.clone()),
                        Op::IterNext => (state.clone(), with_item),
                        _ => (state.clone(), state.clone()),
                    };
                    if let Some(to) = e.target {
                        flow(to, jumped);
                    }
                    if let Some(to) = e.next {
                        flow(to, fell);
                    }
                }
            }
        }
        states
    }

    /// Registers that are needed are loaded when native code is entered, with the kinds that they have now.
    fn entry_state(&self) -> State {
        let mut state = State::new(self.unit.function.registers.min(256) as usize);
        let near = self.unit.near.get(self.unit.entry as usize).copied().unwrap_or_default();
        for (r, tag) in self.tags.iter().enumerate() {
            if near.has(r) {
                let supposed = !self.lessons.suppose_nothing && !self.lessons.entry.has(r);
                let kind = if supposed && *tag != Tag::Undef { Kind::Is(*tag) } else { Kind::Any };
                state.set(r, Reg { kind, dirty: false });
            }
        }
        state
    }
}
