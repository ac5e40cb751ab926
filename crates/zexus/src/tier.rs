//! Which tier runs a program, and what was counted (bytecode.md 7.4, 7.5).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use zexus_jit::Defect as JitDefect;

use zexus_optimizer::Stats;

/// Which tier runs programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tier {
    /// The choice of bytecode.md 7.4: small programs without loops are walked, all others are compiled.
    #[default]
    Auto,
    /// Tier 0: the evaluator. It has no meter.
    Evaluator,
    /// Tier 1: the virtual machine.
    Vm,
    /// Tier 2: the virtual machine, with native code for what is hot.
    Native,
}

/// How native code is made; none of them changes what a program does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JitMode {
    /// For speed.
    #[default]
    Normal,
    /// Code that leaves is compiled again at once, with what it has learnt.
    Restless,
    /// Nothing is supposed of kinds.
    Careful,
    /// Only very small units are compiled.
    Tiny,
    /// Wrongly, to show that tests find it.
    Planted(JitDefect),
}

/// How programs are run. It changes what is done, never what comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Which tier runs them.
    pub tier: Tier,
    /// For [`Tier::Auto`]: whether small programs are walked. Without it every program is compiled.
    pub use_hybrid_compiler: bool,
    /// For [`Tier::Auto`]: a program of at least this many source lines is compiled, whatever it holds.
    pub compiler_line_threshold: u32,
    /// Whether a program that exceeds a limit of form (bytecode.md 3.5) is walked, with a warning, instead of refused with E0707.
    pub fallback_to_interpreter: bool,
    /// The level of the optimizer, 0 to 3. Without one it is the level that a program asks for (language.md 21.1), and otherwise
    /// [`DEFAULT_LEVEL`](zexus_optimizer::DEFAULT_LEVEL).
    pub level: Option<u8>,
    /// For [`Tier::Native`]: after how many calls a function is hot; a loop after ten times as many jumps back. At least 1.
    pub jit_threshold: u32,
    /// For [`Tier::Native`]: how native code is made, for tests.
    pub jit_mode: JitMode,
    /// For [`Tier::Native`]: whether native code is kept as text.
    pub jit_listing: bool,
    /// Whether the gas of runs is counted. A gas limit, and a program that asks for a meter, have the same effect.
    pub metered: bool,
}

impl Default for Execution {
    fn default() -> Self {
        Execution {
            tier: Tier::Auto,
            use_hybrid_compiler: true,
            compiler_line_threshold: 100,
            fallback_to_interpreter: true,
            level: None,
            jit_threshold: 100,
            jit_mode: JitMode::Normal,
            jit_listing: false,
            metered: false,
        }
    }
}

impl Execution {
    /// The options of native code, if there is to be any.
    pub(crate) fn jit(self, clock: Option<fn() -> f64>) -> Option<zexus_jit::Options> {
        if self.tier != Tier::Native {
            return None;
        }
        let mut options = zexus_jit::Options {
            hot_threshold: self.jit_threshold,
            listing: self.jit_listing,
            clock,
            ..Default::default()
        };
        match self.jit_mode {
            JitMode::Normal => (),
            JitMode::Restless => options.exits = Some(0),
            JitMode::Careful => options.suppose_nothing = true,
            JitMode::Tiny => options.largest = 12,
            JitMode::Planted(defect) => options.planted = Some(defect),
        }
        Some(options)
    }

    /// The same with the choice of bytecode.md 7.4 (true) or always on tier 0 (false).
    #[must_use]
    pub fn use_vm(self, on: bool) -> Execution {
        Execution { tier: if on { Tier::Auto } else { Tier::Evaluator }, ..self }
    }
}

/// What an engine has done so far, with all its clones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Programs compiled to modules; one that was found compiled is not counted.
    pub bytecode_compiles: u64,
    /// Programs started on the virtual machine.
    pub vm_executions: u64,
    /// Programs that should have been compiled, but exceeded a limit of form.
    pub vm_fallbacks: u64,
    /// Programs started on the evaluator, fallbacks included.
    pub direct_evals: u64,
    /// What the optimizer has done to the modules of programs.
    pub optimizer: Stats,
}

impl Statistics {
    /// The keys of bytecode.md 7.5 with their values, in that order; those of the optimizer are its own ([`Stats::entries`]).
    pub fn rows(&self) -> [(&'static str, u64); 4] {
        [
            ("bytecode_compiles", self.bytecode_compiles),
            ("vm_executions", self.vm_executions),
            ("vm_fallbacks", self.vm_fallbacks),
            ("direct_evals", self.direct_evals),
        ]
    }
}

/// The counters behind [`Statistics`]; the clones of an engine may count on several threads.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub compiles: AtomicU64,
    pub vm: AtomicU64,
    pub fallbacks: AtomicU64,
    pub direct: AtomicU64,
    optimizer: Mutex<Stats>,
    cache_failure: Mutex<Option<String>>,
}

impl Counters {
    pub fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds what the optimizer has done.
    pub fn optimized(&self, stats: &Stats) {
        self.optimizer.lock().unwrap_or_else(PoisonError::into_inner).add(stats);
    }

    /// Notes why the cache could not be written.
    pub fn cache_failed(&self, why: String) {
        *self.cache_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }

    pub fn cache_failure(&self) -> Option<String> {
        self.cache_failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn read(&self) -> Statistics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            bytecode_compiles: read(&self.compiles),
            vm_executions: read(&self.vm),
            vm_fallbacks: read(&self.fallbacks),
            direct_evals: read(&self.direct),
            optimizer: *self.optimizer.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}
