//! Values, heap, operations, builtins, traps and the host of Zexus.
//!
//! Everything here is shared by all tiers. The crate never runs code of a program by itself: what calls back goes through
//! [`interp::Interp`]. It reads no clock, no randomness and no environment: those are facts that [`host::Host`] gives.

pub mod args;
pub mod builtins;
pub mod calls;
pub mod canonical;
pub mod construct;
pub mod contracts;
pub mod control;
pub mod copy;
pub mod datetime;
pub mod declare;
pub mod declared;
pub mod display;
pub mod driver;
pub mod encode;
pub mod equal;
pub mod events;
#[cfg(test)]
mod fake;
pub mod heap;
pub mod host;
pub mod interp;
pub mod intrinsics;
pub mod iterate;
pub mod journal;
pub mod json;
pub mod key;
pub mod kinds;
#[doc(hidden)]
pub mod layout;
pub mod ledger;
pub mod limits;
pub mod machine;
pub mod meter;
pub mod methods;
pub mod modules;
pub mod object;
pub mod ops;
pub mod ordered;
pub mod policy;
pub mod random;
pub mod shapes;
pub mod state;
pub mod tasks;
#[cfg(test)]
mod testing;
pub mod trap;
pub mod types;
pub mod value;

pub use heap::{Heap, Ref};
pub use host::{Block, Caps, Host};
pub use interp::Interp;
pub use limits::Limits;
pub use machine::Machine;
pub use trap::{Loc, Trap};
pub use value::{Kind, Tag, Value};
