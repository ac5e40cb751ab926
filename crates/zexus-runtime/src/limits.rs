//! Limits that the host sets (language.md 21.4, chain.md 12).

/// What a run may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory, by the formulas of chain.md 12. Default 1 GiB.
    pub memory: u64,
    /// Calls active at once in a task. Default 10,000.
    pub depth: u32,
    /// External contract calls nested. Default 64.
    pub external_depth: u32,
    /// Bytes of printed output. Default none.
    pub output: Option<u64>,
    /// Events a run. Default 1,000,000.
    pub events: u64,
    /// Ledger entries a run. Default 1,000,000.
    pub ledger_entries: u64,
    /// Tasks waiting. Default 1,000,000.
    pub tasks: u64,
    /// Gas, or none.
    pub gas: Option<u64>,
    /// Whether the run is metered even without a limit of gas.
    pub metered: bool,
    /// Whether a write of state outside a transaction is E0516.
    pub strict_transactions: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: 1 << 30,
            depth: 10_000,
            external_depth: 64,
            output: None,
            events: 1_000_000,
            ledger_entries: 1_000_000,
            tasks: 1_000_000,
            gas: None,
            metered: false,
            strict_transactions: false,
        }
    }
}

/// Bytes that a record, payload, result or event may have.
pub const RECORD_BYTES: usize = 1 << 20;
/// Bytes that a key of the state may have.
pub const KEY_BYTES: usize = 1024;
/// Nesting of a stored, hashed or crossing value.
pub const VALUE_DEPTH: usize = 64;
/// Characters of a repeated string (E0419).
pub const REPEATED_CHARS: u64 = 1_000_000;
