//! The generator behind `random`, seeded by the host.

/// A small deterministic generator.
#[derive(Debug, Clone)]
pub struct Rng {
    /// Its state.
    pub state: [u64; 4],
}
