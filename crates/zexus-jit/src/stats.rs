//! What was counted (bytecode.md 8.4).

/// Counters of a machine, all from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// Units whose counter reached its threshold, each once.
    pub hot_paths_detected: u64,
    /// Successful compilations.
    pub compilations: u64,
    /// Refused or failed ones; the unit stays on tier 1.
    pub compilation_failures: u64,
    /// Seconds spent compiling; 0 if the host has no clock.
    pub compilation_time: f64,
    /// Entries into native code from outside it.
    pub jit_executions: u64,
    /// Look-ups of a hot unit that found no native code.
    pub cache_misses: u64,
    /// Look-ups that found it.
    pub cache_hits: u64,
    /// Native units held now.
    pub cache_size: u64,
    /// Units that went from tier 1 to tier 2.
    pub tier_promotions: u64,
    /// On-stack replacements.
    pub osr_entries: u64,
    /// Exits from native code to tier 1.
    pub deoptimizations: u64,
    /// Bytes of native code made.
    pub code_bytes: u64,
    /// Mean time of an execution on tier 1 divided by that on tier 2; 1 while it is not known.
    pub speedup_factor: f64,
}

impl Default for Stats {
    fn default() -> Stats {
        Stats {
            hot_paths_detected: 0,
            compilations: 0,
            compilation_failures: 0,
            compilation_time: 0.0,
            jit_executions: 0,
            cache_misses: 0,
            cache_hits: 0,
            cache_size: 0,
            tier_promotions: 0,
            osr_entries: 0,
            deoptimizations: 0,
            code_bytes: 0,
            speedup_factor: 1.0,
        }
    }
}

impl Stats {
    /// The keys of bytecode.md 8.4 with their values, in that order. All but `compilation_time` and `speedup_factor` are whole numbers.
    pub fn entries(&self) -> [(&'static str, f64); 13] {
        let n = |n: u64| n as f64;
        [
            ("hot_paths_detected", n(self.hot_paths_detected)),
            ("compilations", n(self.compilations)),
            ("compilation_failures", n(self.compilation_failures)),
            ("compilation_time", self.compilation_time),
            ("jit_executions", n(self.jit_executions)),
            ("cache_misses", n(self.cache_misses)),
            ("cache_hits", n(self.cache_hits)),
            ("cache_size", n(self.cache_size)),
            ("tier_promotions", n(self.tier_promotions)),
            ("osr_entries", n(self.osr_entries)),
            ("deoptimizations", n(self.deoptimizations)),
            ("speedup_factor", self.speedup_factor),
            ("code_bytes", n(self.code_bytes)),
        ]
    }
}
