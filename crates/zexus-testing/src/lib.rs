//! Corpus runner and generators for the tests of Zexus.
//!
//! [`corpus`] reads the programs under `tests/lang/` and the examples of `docs/spec/language.md`, which say in comments
//! what they print and how they end, runs them through a function that the caller gives, and compares.

pub mod corpus;
pub mod differential;
pub mod engine;
pub mod generate;
pub mod mutate;
pub mod oracles;
pub mod running;
pub mod soup;
pub mod sweep;
