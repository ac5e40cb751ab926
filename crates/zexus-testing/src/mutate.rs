//! Damaged modules for the verifier: whatever is done to a module, reading and verifying it ends, without a panic and in linear time.
//!
//! A [`Campaign`] takes good modules ([`samples`], or any others), changes instructions, operands, labels, constants, parameters,
//! entries, flags and bytes of the binary form, and judges the results. What the verifier accepts is given to
//! [`Campaign::execute`], so that a machine can show that it runs inside its limits.

mod change;
mod judge;
mod run;
mod samples;

pub use change::{change_bytes, change_module};
pub use judge::{Campaign, Figures, Finding};
pub use run::{corpus, run, run_metered};
pub use samples::samples;
