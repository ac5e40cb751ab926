//! Limits of form (bytecode.md 3.5 and 4.1); beyond them a module is E0707.

/// Bytes of a file.
pub const FILE_BYTES: usize = 16 << 20;
/// Constants of a module.
pub const CONSTANTS: usize = 1_000_000;
/// Bytes of the encoding of a constant.
pub const CONSTANT_BYTES: usize = 1 << 20;
/// Functions of a module.
pub const FUNCTIONS: usize = 65_535;
/// Instructions of a function.
pub const FUNCTION_INSTRUCTIONS: usize = 1_000_000;
/// Instructions of a module.
pub const MODULE_INSTRUCTIONS: usize = 4_000_000;
/// Parameters of a function.
pub const PARAMS: usize = 255;
/// Locals and captures of a function, together.
pub const NAMES: usize = 65_535;
/// Values on the stack of a function.
pub const STACK: u64 = 65_535;
/// Regions that are open at one place.
pub const REGIONS: u32 = 64;
