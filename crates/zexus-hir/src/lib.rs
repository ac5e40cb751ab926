//! The small core language of Zexus that all tiers agree on: names resolved, sugar removed, static errors reported.
//!
//! [`lower_program`] reads a file with everything it imports and makes an [`ir::Program`] of it. [`Session`] does the same
//! for one entry of the REPL after the other. [`dump`] shows a program.
//!
//! ```
//! use zexus_hir::{Externs, Loaded, NoFiles, lower_program};
//! let main = Loaded { path: "main.zx".into(), text: "x = 1".into(), file: zexus_syntax::FileId(0) };
//! let lowered = lower_program(main, &Externs::default(), &mut NoFiles);
//! assert!(lowered.program.is_none());
//! assert_eq!(lowered.diagnostics[0].message, "'x' is not declared; declare it with let");
//! ```

mod binding;
mod captures;
mod dump;
mod externs;
pub mod ir;
mod lower;
mod names;
mod program;
mod report;
mod scope;
mod session;
mod suggest;
mod survey;
mod undo;
mod visit;

pub use dump::dump;
pub use externs::{BuiltinSig, Externs, LoadError, Loaded, Loader, NoFiles, StdExport, StdModule};
pub use program::{Lowered, Outline, OutlinedFile, lower_program, outline};
pub use session::Session;
