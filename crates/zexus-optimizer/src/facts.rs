//! What is known about values at a place of a basic block (bytecode.md 6.3).

use zexus_bytecode::{Const, Instruction, Opcode};

use crate::names::{Names, variable};
use crate::pool::Pool;

/// What is known about the kind of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing.
    #[default]
    Unknown,
    /// It is no instance, so operators with it on the left run no other code.
    Plain,
    /// A boolean.
    Bool,
    /// An integer of any size.
    Int,
    /// An integer that fits 64 bits.
    Small,
    /// A float.
    Float,
}

impl Kind {
    pub fn is_number(self) -> bool {
        self.is_int() || self == Kind::Float
    }

    fn is_int(self) -> bool {
        matches!(self, Kind::Int | Kind::Small)
    }

    /// Whether nothing is charged or allocated for such a value.
    pub fn is_free(self) -> bool {
        matches!(self, Kind::Bool | Kind::Small | Kind::Float)
    }

    pub fn of(constant: &Const) -> Kind {
        match constant {
            Const::Bool(_) => Kind::Bool,
            Const::Int(_) => Kind::Small,
            Const::Big(_) => Kind::Int,
            Const::Float(_) => Kind::Float,
            _ => Kind::Plain,
        }
    }

    /// The kind of the result of an operator of two operands.
    pub fn result(op: Opcode, a: Kind, b: Kind) -> Kind {
        match op {
            _ if a == Kind::Unknown => Kind::Unknown,
            Opcode::Eq | Opcode::Neq | Opcode::Lt | Opcode::Gt | Opcode::Lte | Opcode::Gte => Kind::Bool,
            _ if !a.is_number() || !b.is_number() => Kind::Plain,
            Opcode::Div => Kind::Float,
            _ if a == Kind::Float || b == Kind::Float => Kind::Float,
            // A negative exponent gives a float.
            Opcode::Pow => Kind::Plain,
            _ => Kind::Int,
        }
    }
}

/// What is known about a value.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fact {
    pub kind: Kind,
    /// The constant that it is.
    pub constant: Option<u32>,
}

impl Fact {
    fn of(kind: Kind) -> Fact {
        Fact { kind, constant: None }
    }

    fn constant(pool: &Pool, at: u64) -> Fact {
        let kind = pool.get(at).map_or(Kind::Unknown, Kind::of);
        Fact { kind, constant: u32::try_from(at).ok() }
    }
}

/// What is known about a variable.
#[derive(Clone, Copy, Default)]
struct Var {
    /// The block in which it was stored last.
    block: u32,
    /// How much other code had been run then.
    calls: u32,
    /// How often it was stored.
    version: u32,
    fact: Fact,
}

/// The variables of all functions, made once.
#[derive(Default)]
pub(crate) struct Vars {
    vars: Vec<Var>,
    block: u32,
    calls: u32,
    stack: Vec<Fact>,
}

/// A walk over the instructions of a function, block by block.
pub(crate) struct Facts<'a> {
    names: &'a Names,
    state: &'a mut Vars,
}

impl<'a> Facts<'a> {
    pub fn new(names: &'a Names, state: &'a mut Vars, pool: &Pool) -> Facts<'a> {
        state.vars.resize(pool.len(), Var::default());
        let mut facts = Facts { names, state };
        facts.start_block();
        facts
    }

    /// Forgets everything: a basic block starts.
    pub fn start_block(&mut self) {
        self.state.stack.clear();
        self.forget_variables();
    }

    fn forget_variables(&mut self) {
        self.state.block += 1;
        self.state.calls += 1;
    }

    /// A number that changes whenever code other than that of the function has run, or a block has started.
    pub fn calls(&self) -> u32 {
        self.state.calls
    }

    /// The value so many places below the top.
    pub fn top(&self, below: usize) -> Fact {
        let at = self.state.stack.len().checked_sub(below + 1);
        at.and_then(|at| self.state.stack.get(at)).copied().unwrap_or_default()
    }

    fn var(&self, at: u64) -> Option<&Var> {
        usize::try_from(at).ok().and_then(|at| self.state.vars.get(at))
    }

    /// What is known about the value of a variable.
    pub fn variable(&self, at: u64) -> Fact {
        match self.var(at) {
            Some(var)
                if var.block == self.state.block
                    && (var.calls == self.state.calls || self.names.is_private(at))
                    && !self.names.is_far(at) =>
            {
                var.fact
            }
            _ => Fact::default(),
        }
    }

    /// How often the variable was stored, over all.
    pub fn version(&self, at: u64) -> u32 {
        self.var(at).map_or(0, |var| var.version)
    }

    /// Whether the variable is sure to have a value here.
    pub fn is_bound(&self, at: u64) -> bool {
        self.names.is_given(at) || self.var(at).is_some_and(|var| var.block == self.state.block)
    }

    /// The fact that an instruction which only loads would push.
    pub fn load(&self, instruction: Instruction, pool: &Pool) -> Fact {
        match instruction.op() {
            _ if !instruction.is_well_formed() => Fact::default(),
            Opcode::LoadConst => Fact::constant(pool, instruction.first()),
            Opcode::LoadName => self.variable(instruction.first()),
            _ => Fact::default(),
        }
    }

    fn store(&mut self, at: u64, fact: Fact) {
        if self.names.is_far(at) {
            // It may be any variable in another spelling.
            self.forget_variables();
        }
        let (block, calls) = (self.state.block, self.state.calls);
        if let Some(var) = usize::try_from(at).ok().and_then(|at| self.state.vars.get_mut(at)) {
            *var = Var { block, calls, version: var.version.wrapping_add(1), fact };
        }
    }

    fn pop(&mut self) -> Fact {
        self.state.stack.pop().unwrap_or_default()
    }

    fn push(&mut self, fact: Fact) {
        self.state.stack.push(fact);
    }

    /// Goes past an instruction.
    pub fn step(&mut self, instruction: Instruction, pool: &Pool) {
        let op = instruction.op();
        match op {
            Opcode::LoadConst | Opcode::LoadName => {
                let fact = self.load(instruction, pool);
                self.push(fact);
            }
            Opcode::StoreName => {
                let fact = self.pop();
                self.store(instruction.first(), fact);
            }
            Opcode::StoreConst => {
                let fact = Fact::constant(pool, instruction.second());
                self.store(instruction.first(), fact);
            }
            Opcode::Dup => {
                let fact = self.top(0);
                if self.state.stack.is_empty() {
                    self.push(fact);
                }
                self.push(fact);
            }
            Opcode::Neg | Opcode::Inc | Opcode::Dec => {
                let kind = self.pop().kind;
                let kind = if kind.is_int() { Kind::Int } else { kind };
                self.operator(kind, if kind == Kind::Bool { Kind::Plain } else { kind });
            }
            Opcode::And | Opcode::Or | Opcode::Not | Opcode::In | Opcode::IsType => {
                for _ in 0..instruction.pops() {
                    self.pop();
                }
                self.push(Fact::of(Kind::Bool));
            }
            Opcode::CheckType => (),
            _ if is_operator(op) => {
                let (b, a) = (self.pop().kind, self.pop().kind);
                self.operator(a, Kind::result(op, a, b));
            }
            _ => self.other(instruction, pool),
        }
    }

    /// An operator whose left operand and result are of these kinds.
    fn operator(&mut self, left: Kind, result: Kind) {
        if left == Kind::Unknown {
            self.state.calls += 1;
        }
        self.push(Fact::of(result));
    }

    fn other(&mut self, instruction: Instruction, pool: &Pool) {
        let op = instruction.op();
        let len = self.state.stack.len();
        let pops = usize::try_from(instruction.pops()).unwrap_or(len).min(len);
        self.state.stack.truncate(len - pops);
        if op.flags().writes()
            && let Some(at) = variable(instruction)
        {
            self.store(at, Fact::of(Kind::Plain));
        }
        if op == Opcode::CallBuiltin && is_support(pool, instruction) {
            self.forget_variables();
        } else if op.flags().calls() {
            self.state.calls += 1;
        }
        let kind = match op {
            Opcode::BuildList | Opcode::BuildMap | Opcode::BuildSet | Opcode::BuildString => Kind::Plain,
            _ => Kind::Unknown,
        };
        if !op.flags().branches() {
            (0..instruction.pushes()).for_each(|_| self.push(Fact::of(kind)));
        }
    }
}

/// Whether a `CALL_BUILTIN` calls a support function, which may look at variables by their names.
pub(crate) fn is_support(pool: &Pool, instruction: Instruction) -> bool {
    let name = pool.get(instruction.first()).and_then(Const::as_str);
    name.is_none_or(|name| name.starts_with('@'))
}

/// Whether an instruction is an operator of two operands that passes compute and compare: one of 10 to 17 or 20 to 25.
pub(crate) fn is_operator(op: Opcode) -> bool {
    use Opcode::*;
    matches!(op, Add | Sub | Mul | Div | Mod | Pow | IntDiv | Eq | Neq | Lt | Gt | Lte | Gte)
}
