//! The numeric meaning shared by every tier of Zexus.
//!
//! [`num`] computes with numbers exactly as `language.md` 4.3, 4.4 and 5.2 say. It knows no heap and no values, so the
//! tree walker, the bytecode tiers and the constant folder all call the same functions.

pub mod flags;
pub mod num;
pub mod operator;
pub mod prim;
