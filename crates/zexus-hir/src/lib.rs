//! The small core language of Zexus that all tiers agree on: names resolved, sugar removed, static errors reported.
//!
//! Entry points follow.

mod externs;
pub mod ir;

pub use externs::{BuiltinSig, Externs, LoadError, Loaded, Loader, NoFiles, StdExport, StdModule};
