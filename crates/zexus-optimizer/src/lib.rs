//! The optimizer of Zexus bytecode (bytecode.md, chapter 6): fewer instructions, the same meaning, the same gas.
//!
//! 1. [`optimize`] and [`BytecodeOptimizer`] run up to eight kinds of [`Pass`], by level, in rounds until one changes nothing.
//! 2. A pass reads the code of a function once, from front to back, and rewrites the end of what it has written; it never moves
//!    anything across a label, a region or an effect. So every pass takes time linear in the code.
//! 3. Every instruction keeps the place in the source of the one it comes from, so errors name the same lines.
//! 4. In metered code (5.5) only that is computed or left out for which nothing is charged or allocated.
//! 5. [`BytecodeOptimizer::explain`] says which pass changed what.

mod code;
mod explain;
mod facts;
mod heights;
mod names;
mod optimizer;
mod passes;
mod pool;
mod stats;

pub use explain::{Change, Explained, Row, instruction_text};
pub use optimizer::{BytecodeOptimizer, DEFAULT_LEVEL, DEFAULT_MAX_PASSES, MAX_LEVEL, optimize, single_pass};
pub use stats::{Pass, Statistic, Stats};
