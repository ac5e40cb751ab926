//! The passes and what is counted about them (bytecode.md 6.13).

/// Calls the macro with the table of passes, in the order within a round: name, statistic, short text, the lowest level.
macro_rules! for_each_pass {
    ($use:ident) => {
        $use! {
            /// Computes operators on constants, and decides jumps on constants (bytecode.md 6.5).
            ConstantFolding constant_folds "constant folding" 1;
            /// Keeps a value that is stored and loaded again on the stack (6.6).
            CopyPropagation copies_eliminated "copy propagation" 2;
            /// Reuses a number that was computed before (6.7).
            CommonSubexpressions common_subexpressions "common subexpressions" 2;
            /// Removes what no path reaches (6.8).
            DeadCode dead_code_removed "dead code" 1;
            /// Removes and simplifies short sequences (6.9).
            Peephole peephole_opts "peephole" 1;
            /// Makes one instruction of two (6.10).
            Combining instructions_combined "combining" 2;
            /// Sends jumps to where a chain of jumps ends (6.11).
            JumpThreading jumps_threaded "jump threading" 2;
            /// Replaces operators on numbers by cheaper ones (6.12).
            StrengthReduction strength_reductions "strength reduction" 3;
            /// Writes the passes of a short counted loop one after the other (6.12).
            LoopUnrolling loops_unrolled "loop unrolling" 3;
            /// Stores constants that a loop would load into registers before it; after the rounds, in modules only.
            LoopConstants loop_constants "loop constants" 2;
        }
    };
}

macro_rules! passes {
    ($( $(#[doc = $doc:literal])+ $name:ident $key:ident $text:literal $level:literal; )*) => {
        /// A pass of the optimizer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Pass { $( $(#[doc = $doc])+ $name, )* }

        impl Pass {
            /// All passes in the order within a round.
            pub const ALL: &'static [Pass] = &[ $( Pass::$name ),* ];

            /// What it is called in texts.
            pub const fn text(self) -> &'static str {
                match self { $( Pass::$name => $text ),* }
            }

            /// The key of its statistic.
            pub const fn key(self) -> &'static str {
                match self { $( Pass::$name => stringify!($key) ),* }
            }

            /// The lowest level that runs it.
            pub const fn level(self) -> u8 {
                match self { $( Pass::$name => $level ),* }
            }
        }

        /// What the optimizer has done; adds up over all calls until it is reset.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Stats {
            /// Instructions before, at level 0 too.
            pub original_size: u64,
            /// Instructions after, at level 0 too.
            pub optimized_size: u64,
            $(
                /// How often this pass changed something, counted as bytecode.md 6.5 to 6.12 say.
                pub $key: u64,
            )*
            /// Rounds made, including the last one, which changed nothing; those of all functions together.
            pub passes_run: u64,
        }

        impl Stats {
            /// The statistic of a pass.
            pub const fn of(&self, pass: Pass) -> u64 {
                match pass { $( Pass::$name => self.$key ),* }
            }

            /// Adds to the statistic of a pass; saturates.
            pub(crate) fn count(&mut self, pass: Pass, n: u64) {
                let counter = match pass { $( Pass::$name => &mut self.$key ),* };
                *counter = counter.saturating_add(n);
            }
        }
    };
}

for_each_pass!(passes);

/// A statistic of [`Stats::entries`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// A count.
    Count(u64),
    /// A percentage.
    Percent(f64),
}

impl std::fmt::Display for Statistic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Statistic::Count(n) => write!(f, "{n}"),
            Statistic::Percent(p) => write!(f, "{p:.1}"),
        }
    }
}

impl Stats {
    /// `100 * (original - optimized) / original`; 0.0 for nothing, negative where loops were unrolled.
    pub fn size_reduction_pct(&self) -> f64 {
        if self.original_size == 0 {
            return 0.0;
        }
        let saved = self.original_size as f64 - self.optimized_size as f64;
        100.0 * saved / self.original_size as f64
    }

    /// The sum of the statistics of all passes.
    pub fn total_optimizations(&self) -> u64 {
        Pass::ALL.iter().fold(0, |sum: u64, &pass| sum.saturating_add(self.of(pass)))
    }

    /// All statistics by the keys of bytecode.md 6.13, in its order. Constants of loops, which it does not name, are there if there are
    /// any.
    pub fn entries(&self) -> Vec<(&'static str, Statistic)> {
        let mut out = vec![
            ("original_size", Statistic::Count(self.original_size)),
            ("optimized_size", Statistic::Count(self.optimized_size)),
            ("size_reduction_pct", Statistic::Percent(self.size_reduction_pct())),
        ];
        let shown = Pass::ALL.iter().filter(|&&pass| pass != Pass::LoopConstants || self.of(pass) > 0);
        out.extend(shown.map(|&pass| (pass.key(), Statistic::Count(self.of(pass)))));
        out.push(("total_optimizations", Statistic::Count(self.total_optimizations())));
        out.push(("passes_run", Statistic::Count(self.passes_run)));
        out
    }

    /// Adds other statistics to these; saturates.
    pub fn add(&mut self, other: &Stats) {
        self.original_size = self.original_size.saturating_add(other.original_size);
        self.optimized_size = self.optimized_size.saturating_add(other.optimized_size);
        self.passes_run = self.passes_run.saturating_add(other.passes_run);
        for &pass in Pass::ALL {
            self.count(pass, other.of(pass));
        }
    }
}
