//! Zexus inside a program of Rust.
//!
//! An [`Engine`] holds settings and compiles text to a [`Program`]; an [`Instance`] runs it.
//!
//! ```
//! # fn main() -> Result<(), zexus::Error> {
//! use zexus::Engine;
//!
//! let engine = Engine::new().function("shop.price", |item: String| item.len() as i64 * 10);
//! let program = engine.compile(
//!     r#"external action price(item: string) -> int from "shop"
//!        action total(items, discount) { return items.map(price).sum() - discount }
//!        print("ready")"#,
//! )?;
//! let mut shop = engine.instance(&program);
//! shop.run()?;
//! let total: i64 = shop.call("total", (vec!["tea".to_string(), "coffee".to_string()], 5))?;
//! assert_eq!((total, shop.take_output()), (85, "ready\n".to_string()));
//! # Ok(()) }
//! ```
//!
//! 1. A program reaches the world only through its [`host::Host`] and the functions given to [`Engine::function`]. By default that is
//!    nothing: output is kept in memory, no capability is granted, no file is read.
//! 2. [`Limits`] bound memory, depth and output; an [`host::InterruptHandle`] stops a run from another thread. Whatever a program does,
//!    the instance stays usable and the process unharmed.
//! 3. Values cross by copy as [`Data`], or as types of Rust through [`FromData`] and [`IntoData`].

mod cache;
mod code;
mod convert;
mod data;
mod diagnostic;
mod engine;
mod error;
mod event;
mod exchange;
mod externs;
pub mod files;
mod function;
pub mod host;
mod instance;
mod lengths;
mod loader;
mod observe;
mod pipeline;
mod program;
mod runner;
mod session;
mod tier;
mod trace;
mod visit;
mod world;

pub use cache::{Cache, CacheInfo};
pub use convert::{ConvertError, FromData, IntoArgs, IntoData, MapKey};
pub use data::{Callable, Data, Handle, Key};
pub use diagnostic::{Code, Diagnostic, Place, Severity};
pub use engine::Engine;
pub use error::{Error, Stopped};
pub use event::Event;
pub use exchange::{MAX_DEPTH, MAX_VALUES, OutError};
pub use function::{Function, Reply};
pub use host::{Block, Caps, InterruptHandle};
pub use instance::{Instance, Outcome};
pub use observe::{Difference, ErrorSeen, Observation};
pub use program::{Directives, Program};
pub use session::{Entry, Session};
pub use tier::{Execution, JitMode, Statistics, Tier};
pub use trace::{
    Clock, FunctionProfile, LineProfile, Profile, Profiler, TraceFilter, TraceFilterError, UnitProfile,
};
pub use world::Variable;
pub use zexus_bytecode::{Bytecode, Module};
pub use zexus_compiler::{Compiled, CompiledModule};
pub use zexus_jit::{Defect as JitDefect, Stats as JitStats};
pub use zexus_optimizer::{DEFAULT_LEVEL, MAX_LEVEL, Stats as OptimizerStats};
pub use zexus_runtime::Limits;
