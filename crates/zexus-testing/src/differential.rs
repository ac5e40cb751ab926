//! The oracle of differential tests: what a program does on a configuration, and whether two configurations do the same.

mod campaign;
mod config;
mod outcome;
mod shrink;

pub use campaign::{Campaign, Divergence, Statistics, Verdict};
pub use config::{Config, ConfigError, MATRIX};
pub use outcome::{ErrorSeen, Outcome, Refused, compile, difference, execute};
pub use shrink::{Shrunk, shrink};
