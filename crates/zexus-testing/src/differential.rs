//! The oracle of differential tests: what a program does on a configuration, and whether two configurations do the same.

mod campaign;
mod config;
mod execute;
mod shrink;

pub use campaign::{Campaign, Divergence, Found, Statistics, Verdict};
pub use config::{Config, ConfigError, MATRIX};
pub(crate) use execute::Patient;
pub use execute::{Refused, compile, execute, execute_with_gas};
pub use shrink::{Shrunk, shrink};
