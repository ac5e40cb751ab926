//! How native code is made.

/// How hot code must be, and modes for tests.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// After how many calls on tier 1 a function is hot; a loop after ten times as many jumps back. At least 1. Default 100.
    pub hot_threshold: u32,
    /// Larger units, in instructions of the virtual machine, stay on tier 1. Default 10,000.
    pub largest: usize,
    /// After how many exits a unit is compiled again; `None` for the 100 of bytecode.md 8.3.
    pub exits: Option<u32>,
    /// Nothing is supposed of kinds, so code never leaves because of one.
    pub suppose_nothing: bool,
    /// A defect, to show that tests find it.
    pub planted: Option<Defect>,
    /// The host's monotonic clock, in seconds.
    pub clock: Option<fn() -> f64>,
    /// Whether the code of each unit is kept as text.
    pub listing: bool,
}

/// What native code can be made to do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Defect {
    /// Numbers are taken for what they are supposed to be without a look.
    WrongGuard,
    /// Sums beyond 64 bits do not leave native code.
    MissedExit,
    /// Charges of code that runs natively are not paid.
    LostCharge,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            hot_threshold: 100,
            largest: 10_000,
            exits: None,
            suppose_nothing: false,
            clock: None,
            planted: None,
            listing: false,
        }
    }
}

impl Options {
    /// After how many jumps back a loop is hot.
    pub fn loop_threshold(&self) -> u32 {
        self.hot_threshold.max(1).saturating_mul(10)
    }
}
