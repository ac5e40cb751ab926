//! The bytecode of Zexus and the numeric meaning shared by every tier.
//!
//! A [`Module`] is public, serialisable and untrusted. It is made with [`Module`], [`FunctionBuilder`] or [`BytecodeBuilder`],
//! from the one table of opcodes in [`isa`].
//!
//! [`num`] computes with numbers exactly as `language.md` 4.3, 4.4 and 5.2 say. It knows no heap and no values, so the
//! tree walker, the bytecode tiers and the constant folder all call the same functions.

mod asm;
pub mod binary;
mod builder;
pub mod cfg;
mod constant;
pub mod encode;
pub mod flags;
pub mod isa;
pub mod limits;
mod listing;
mod meter;
mod module;
pub mod num;
pub mod operator;
pub mod prim;
pub mod schedule;
pub mod support;
pub mod verify;

pub use asm::AsmError;
pub use binary::FormError;
pub use builder::{BuildError, BytecodeBuilder, FunctionBuilder, Label};
pub use constant::{Const, Constants};
pub use isa::{Instruction, OpFlags, OpInfo, Opcode, Operand, OperandKind};
pub use listing::listing_line;
pub use meter::meter;
pub use module::{Bytecode, Function, Module, Param, ParamKind, Run, SourceMap};
pub use support::Support;
pub use verify::{Facts, Region, Verified, VerifyError, verify};
