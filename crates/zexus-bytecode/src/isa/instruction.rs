//! Instructions and their operands.

use super::{OpInfo, Opcode, OperandKind};

/// The operand of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// None.
    None,
    /// A number.
    One(u64),
    /// A pair of numbers.
    Two(u32, u32),
    /// What is neither, such as a negative number; the verifier rejects it.
    Bad,
}

/// An opcode and its operand, in 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instruction {
    bits: u64,
    op: Opcode,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    None,
    One,
    Two,
    Bad,
}

impl Instruction {
    /// An instruction; whether the operand suits the opcode is for the verifier to say.
    #[inline]
    pub fn new(op: Opcode, operand: impl Into<Operand>) -> Instruction {
        let (form, bits) = match operand.into() {
            Operand::None => (Form::None, 0),
            Operand::One(n) => (Form::One, n),
            Operand::Two(a, b) => (Form::Two, u64::from(a) << 32 | u64::from(b)),
            Operand::Bad => (Form::Bad, 0),
        };
        Instruction { bits, op, form }
    }

    /// An instruction of an opcode given by number, which may be outside the tables.
    pub fn from_number(number: u64, operand: impl Into<Operand>) -> Instruction {
        match u8::try_from(number).ok().and_then(Opcode::from_number) {
            Some(op) => Instruction::new(op, operand),
            None => Instruction::new(Opcode::Invalid, number),
        }
    }

    /// The opcode.
    #[inline]
    pub const fn op(self) -> Opcode {
        self.op
    }

    /// The operand.
    #[inline]
    pub const fn operand(self) -> Operand {
        match self.form {
            Form::None => Operand::None,
            Form::One => Operand::One(self.bits),
            Form::Two => Operand::Two((self.bits >> 32) as u32, self.bits as u32),
            Form::Bad => Operand::Bad,
        }
    }

    /// The row of the opcode table.
    #[inline]
    pub const fn info(self) -> &'static OpInfo {
        self.op.info()
    }

    /// The first number of the operand; 0 if there is none.
    #[inline]
    pub const fn first(self) -> u64 {
        match self.form {
            Form::One => self.bits,
            Form::Two => self.bits >> 32,
            Form::None | Form::Bad => 0,
        }
    }

    /// The second number of the operand; 0 if there is none.
    #[inline]
    pub const fn second(self) -> u64 {
        match self.form {
            Form::Two => self.bits & 0xffff_ffff,
            _ => 0,
        }
    }

    /// Whether the operand has the parts that the opcode asks for.
    pub fn is_well_formed(self) -> bool {
        match self.form {
            Form::None => self.info().operands.is_empty() || self.info().optional,
            Form::One => self.info().operands.len() == 1,
            Form::Two => self.info().operands.len() == 2,
            Form::Bad => false,
        }
    }

    /// The parts of the operand with their kinds; nothing for an operand that is not well formed.
    pub fn parts(self) -> impl Iterator<Item = (OperandKind, u64)> {
        let kinds = if self.is_well_formed() && self.form != Form::None { self.info().operands } else { &[] };
        kinds.iter().copied().zip([self.first(), self.second()])
    }

    /// The label, if the opcode has one.
    #[inline]
    pub fn label(self) -> Option<u32> {
        match (self.info().operands.first(), self.is_well_formed()) {
            (Some(OperandKind::Label), true) => Some(u32::try_from(self.first()).unwrap_or(u32::MAX)),
            _ => None,
        }
    }

    /// The same instruction with another label; itself if it has none.
    #[must_use]
    pub fn with_label(self, label: u32) -> Instruction {
        match (self.label(), self.form) {
            (None, _) => self,
            (Some(_), Form::Two) => {
                Instruction { bits: u64::from(label) << 32 | self.bits & 0xffff_ffff, ..self }
            }
            (Some(_), _) => Instruction { bits: u64::from(label), ..self },
        }
    }

    /// The count or number of arguments, on which prices and the stack depend; 1 if it is optional and absent.
    #[inline]
    pub fn count(self) -> u64 {
        let info = self.info();
        match (info.operands, self.form) {
            ([OperandKind::Count | OperandKind::Args], Form::None) => u64::from(info.optional),
            ([OperandKind::Count | OperandKind::Args], _) => self.first(),
            ([_, OperandKind::Count | OperandKind::Args], _) => self.second(),
            _ => 0,
        }
    }

    /// How many values it needs on the stack.
    #[inline]
    pub fn pops(self) -> u64 {
        self.info().pops.at(self.count())
    }

    /// How many values it leaves in their place, when it goes on with the next instruction.
    #[inline]
    pub fn pushes(self) -> u64 {
        self.info().pushes.at(self.count())
    }

    /// The base price (bytecode.md 5.2).
    #[inline]
    pub fn gas(self) -> u64 {
        self.info().gas.at(self.count())
    }
}

impl std::fmt::Debug for Instruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.operand() {
            Operand::None => write!(f, "{}", self.op),
            operand => write!(f, "{} {operand}", self.op),
        }
    }
}

impl std::fmt::Display for Operand {
    /// Writes the operand as listings show it; nothing for none.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Operand::None => Ok(()),
            Operand::One(n) => write!(f, "{n}"),
            Operand::Two(a, b) => write!(f, "({a}, {b})"),
            Operand::Bad => f.write_str("?"),
        }
    }
}

impl From<()> for Operand {
    fn from((): ()) -> Operand {
        Operand::None
    }
}

macro_rules! from_numbers {
    ($($int:ty),*) => { $(
        impl From<$int> for Operand {
            #[inline]
            fn from(n: $int) -> Operand {
                u64::try_from(n).map_or(Operand::Bad, Operand::One)
            }
        }

        impl From<($int, $int)> for Operand {
            #[inline]
            fn from((a, b): ($int, $int)) -> Operand {
                match (u32::try_from(a), u32::try_from(b)) {
                    (Ok(a), Ok(b)) => Operand::Two(a, b),
                    _ => Operand::Bad,
                }
            }
        }
    )* };
}

from_numbers!(u8, u16, u32, u64, usize, i32, i64);

macro_rules! from_mixed_pairs {
    ($($first:ty, $second:ty);*) => { $(
        impl From<($first, $second)> for Operand {
            #[inline]
            fn from((a, b): ($first, $second)) -> Operand {
                match (u32::try_from(a), u32::try_from(b)) {
                    (Ok(a), Ok(b)) => Operand::Two(a, b),
                    _ => Operand::Bad,
                }
            }
        }
    )* };
}

// An index from `add_constant` together with a literal or a length.
from_mixed_pairs!(u32, i32; u32, usize; usize, u32);
