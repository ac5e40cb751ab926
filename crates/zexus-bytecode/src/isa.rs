//! The instruction set, generated from one table (bytecode.md, chapter 2).

mod docs;
mod instruction;
mod table;

pub use docs::opcodes_markdown;
pub use instruction::{Instruction, Operand};

/// What a part of an operand is.
///
/// Where the meaning of a constant is fixed by the opcode, the kind says which constants are good; the letters of
/// bytecode.md 2.1 are given by [`OperandKind::letter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperandKind {
    /// Index of any constant.
    Const,
    /// Index of a constant that is no function.
    Plain,
    /// Index of a constant that only traces show.
    Note,
    /// Index of a type descriptor.
    Type,
    /// Index of a string, a message.
    Message,
    /// Index of a string, the path of a module.
    Path,
    /// Index of the descriptor of an enum.
    Enum,
    /// Index of the descriptor of a protocol or interface.
    Protocol,
    /// Index of the descriptor of a contract.
    Contract,
    /// Index of the descriptor of a `data` or `entity` type.
    Data,
    /// Index of a string that is a name.
    Name,
    /// Index of a string that is a key of state or ledger.
    Key,
    /// Index of a function constant.
    Func,
    /// An instruction of the same function, or its length, which is the end.
    Label,
    /// A count to 65,535.
    Count,
    /// A number of arguments to 255.
    Args,
    /// An amount to 2^64-1.
    Amount,
}

impl OperandKind {
    /// The letter of bytecode.md 2.1.
    pub const fn letter(self) -> char {
        match self {
            OperandKind::Name => 'n',
            OperandKind::Key => 'y',
            OperandKind::Func => 'f',
            OperandKind::Label => 'L',
            OperandKind::Count => 'c',
            OperandKind::Args => 'a',
            OperandKind::Amount => 'u',
            _ => 'k',
        }
    }

    /// Whether the number is an index into the pool of constants.
    pub const fn is_constant(self) -> bool {
        !matches!(self, OperandKind::Label | OperandKind::Count | OperandKind::Args | OperandKind::Amount)
    }
}

/// A number that may depend on the count of an instruction: `base + per_count * count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// The fixed part.
    pub base: u32,
    /// What each of the count adds.
    pub per_count: u32,
}

impl Linear {
    /// The value for a count; saturates.
    #[inline]
    pub const fn at(self, count: u64) -> u64 {
        (self.per_count as u64).saturating_mul(count).saturating_add(self.base as u64)
    }
}

macro_rules! op_flags {
    ($( $(#[$doc:meta])* $name:ident $is:ident = $letter:literal $bit:literal; )*) => {
        /// The effect flags of an opcode (bytecode.md 2.1).
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct OpFlags(u16);

        impl OpFlags {
            $( $(#[$doc])* pub const $name: OpFlags = OpFlags($bit);

               $(#[$doc])* #[inline] pub const fn $is(self) -> bool { self.0 & $bit != 0 } )*

            /// The flags of these letters; other characters mean nothing.
            pub const fn from_letters(letters: &str) -> OpFlags {
                let bytes = letters.as_bytes();
                let (mut bits, mut i) = (0, 0);
                while i < bytes.len() {
                    bits |= match bytes[i] { $( $letter => $bit, )* _ => 0 };
                    i += 1;
                }
                OpFlags(bits)
            }

            /// The letters, separated by spaces, in the order of the table.
            pub fn letters(self) -> String {
                let mut out = Vec::new();
                $( if self.$is() { out.push(char::from($letter).to_string()); } )*
                out.join(" ")
            }
        }
    };
}

op_flags! {
    /// Does nothing but change the stack; never fails.
    PURE is_pure = b'P' 1;
    /// Reads a variable.
    READS reads = b'R' 2;
    /// Writes a variable.
    WRITES writes = b'W' 4;
    /// May raise an error.
    TRAPS traps = b'T' 8;
    /// May allocate.
    ALLOCS allocs = b'A' 16;
    /// Talks to the host: state, ledger, events, output, tasks.
    HOST host = b'H' 32;
    /// Has a price that depends on sizes, or looks at the meter.
    METERS meters = b'M' 64;
    /// May run other code: a call, an operator of an instance.
    CALLS calls = b'C' 128;
    /// May go elsewhere than to the next instruction.
    BRANCH branches = b'B' 256;
}

impl OpFlags {
    /// Whether one of these flags is set.
    #[inline]
    pub const fn intersects(self, other: OpFlags) -> bool {
        self.0 & other.0 != 0
    }
}

impl std::ops::BitOr for OpFlags {
    type Output = OpFlags;
    fn bitor(self, other: OpFlags) -> OpFlags {
        OpFlags(self.0 | other.0)
    }
}

/// A row of the opcode table.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// The opcode.
    pub opcode: Opcode,
    /// Its text name, such as `LOAD_CONST`.
    pub name: &'static str,
    /// Its name in Rust, such as `LoadConst`.
    pub rust_name: &'static str,
    /// Meaning and errors.
    pub doc: &'static str,
    /// What the parts of its operand are: none, one or two.
    pub operands: &'static [OperandKind],
    /// Whether the operand may be absent; it then has one part.
    pub optional: bool,
    /// The stack before and after, as text.
    pub stack: &'static str,
    /// How many values it needs; `RETURN` takes one more if there is one.
    pub pops: Linear,
    /// How many values it leaves in their place.
    pub pushes: Linear,
    /// The base price (bytecode.md 5.2).
    pub gas: Linear,
    /// Its effects.
    pub flags: OpFlags,
}

impl OpInfo {
    /// The base price as text, such as `5 + 4c`.
    pub fn gas_text(&self) -> String {
        match (self.gas.base, self.gas.per_count) {
            (base, 0) => base.to_string(),
            (base, 1) => format!("{base} + c"),
            (base, per) => format!("{base} + {per}c"),
        }
    }

    /// The operand as letters, such as `n a` or `k?`.
    pub fn operand_text(&self) -> String {
        let letters: Vec<String> = self.operands.iter().map(|k| k.letter().to_string()).collect();
        letters.join(" ") + if self.optional { "?" } else { "" }
    }
}

macro_rules! opcode_enum {
    ($( $(#[doc = $doc:literal])+ $name:ident $text:literal $emit:ident $number:literal
        ($($kind:ident)*; $presence:ident) $stack:literal
        [$pops:literal, $pops_per:literal => $pushes:literal, $pushes_per:literal]
        gas [$gas:literal, $gas_per:literal] $flags:literal; )*) => {
        /// An operation of the bytecode.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Opcode {
            /// Stands for a number outside the tables, which is the operand; no verified code has it.
            Invalid = 0,
            $( $(#[doc = $doc])+ $name = $number, )*
        }

        impl Opcode {
            /// All opcodes in the order of the table.
            pub const ALL: &'static [Opcode] = &[ $( Opcode::$name ),* ];

            /// The opcode of this number; `None` for reserved ones.
            #[inline]
            pub const fn from_number(number: u8) -> Option<Opcode> {
                match number { $( $number => Some(Opcode::$name), )* _ => None }
            }

            /// The opcode of this text name, such as `LOAD_CONST`; `None` if there is none.
            pub fn from_name(name: &str) -> Option<Opcode> {
                match name { $( $text => Some(Opcode::$name), )* _ => None }
            }

            /// The row of the table.
            #[inline]
            pub const fn info(self) -> &'static OpInfo {
                match self {
                    Opcode::Invalid => &INVALID,
                    $( Opcode::$name => const { &OpInfo {
                        opcode: Opcode::$name,
                        name: $text,
                        rust_name: stringify!($name),
                        doc: concat!($($doc),+),
                        operands: &[ $( OperandKind::$kind ),* ],
                        optional: is_optional!($presence),
                        stack: $stack,
                        pops: Linear { base: $pops, per_count: $pops_per },
                        pushes: Linear { base: $pushes, per_count: $pushes_per },
                        gas: Linear { base: $gas, per_count: $gas_per },
                        flags: OpFlags::from_letters($flags),
                    } }, )*
                }
            }
        }
    };
}

macro_rules! is_optional {
    (required) => {
        false
    };
    (optional) => {
        true
    };
}

crate::for_each_opcode!(opcode_enum);

static INVALID: OpInfo = OpInfo {
    opcode: Opcode::Invalid,
    name: "INVALID",
    rust_name: "Invalid",
    doc: " A number outside the tables.",
    operands: &[OperandKind::Amount],
    optional: false,
    stack: "→",
    pops: Linear { base: 0, per_count: 0 },
    pushes: Linear { base: 0, per_count: 0 },
    gas: Linear { base: 0, per_count: 0 },
    flags: OpFlags(0),
};

impl Opcode {
    /// The text name.
    #[inline]
    pub const fn name(self) -> &'static str {
        self.info().name
    }

    /// The number.
    #[inline]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The effects.
    #[inline]
    pub const fn flags(self) -> OpFlags {
        self.info().flags
    }

    /// Whether execution never goes on with the next instruction.
    #[inline]
    pub const fn ends_block(self) -> bool {
        matches!(self, Opcode::Jump | Opcode::Return | Opcode::Throw | Opcode::Revert)
    }
}

impl std::fmt::Display for Opcode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
