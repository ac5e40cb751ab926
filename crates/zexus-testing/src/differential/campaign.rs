//! Many programs on many configurations, on several threads.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Config;
use super::outcome::{Outcome, compile, difference, execute};
use super::shrink::shrink;
use crate::generate::Program;
use crate::generate::tree::Tree;

/// How many programs the shrinker tries.
const SHRINK_BUDGET: usize = 6000;

/// What to compare, and where the programs come from.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The configurations; the first is the reference.
    pub configs: Vec<Config>,
    /// The first seed; the others follow it.
    pub seed: u64,
    /// How many programs.
    pub programs: u64,
    /// How many threads.
    pub jobs: usize,
}

/// What was seen of the programs.
#[derive(Debug, Default)]
pub struct Statistics {
    /// Programs that were made.
    pub programs: AtomicU64,
    /// Programs that the checker refused.
    pub refused: AtomicU64,
    /// Programs that ended with an uncaught error.
    pub failed: AtomicU64,
    /// Programs that caught an error.
    pub caught: AtomicU64,
    /// Programs that were stopped because they did not end.
    pub stopped: AtomicU64,
    /// Bytes of source.
    pub bytes: AtomicU64,
    /// Lines that were printed.
    pub lines: AtomicU64,
    /// Programs that left state, events or ledger entries.
    pub stateful: AtomicU64,
}

/// Two configurations that do not agree.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// The seed of the program; none if it came from elsewhere.
    pub seed: Option<u64>,
    /// The reference and the configuration that differs from it.
    pub configs: (Config, Config),
    /// What differs, of the shrunk program.
    pub what: &'static str,
    /// What the reference did.
    pub expected: String,
    /// What the other did.
    pub found: String,
    /// The shrunk program.
    pub program: String,
    /// All that the reference did with it.
    pub reference: Outcome,
    /// All that the other did with it.
    pub other: Outcome,
    /// How many programs the shrinker tried.
    pub tried: usize,
}

/// What came of one program.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The checker refused it, with these errors.
    Refused(Vec<String>),
    /// All configurations agree; the outcome of the reference.
    Agreed(Box<Outcome>),
    /// Two do not.
    Diverged(Box<Divergence>),
}

impl Verdict {
    /// Compares the configurations on a program; a divergence is shrunk.
    pub fn of(tree: &Tree, configs: &[Config]) -> Verdict {
        let program = match compile(&tree.text()) {
            Ok(program) => program,
            Err(refused) => return Verdict::Refused(refused.0),
        };
        let Some((first, others)) = configs.split_first() else { return Verdict::Agreed(Box::default()) };
        let reference = execute(&program, *first);
        for config in others {
            let other = execute(&program, *config);
            if let Some((what, ..)) = difference(&reference, &other) {
                return Verdict::Diverged(Box::new(Divergence::shrunk(tree, (*first, *config), what)));
            }
        }
        if reference.defect.is_some() {
            let pair = (*first, *first);
            return Verdict::Diverged(Box::new(Divergence::shrunk(tree, pair, "defect")));
        }
        Verdict::Agreed(Box::new(reference))
    }
}

impl Divergence {
    fn shrunk(tree: &Tree, configs: (Config, Config), what: &'static str) -> Divergence {
        let mut fails = |tree: &Tree| {
            compile(&tree.text()).is_ok_and(|program| {
                let (a, b) = (execute(&program, configs.0), execute(&program, configs.1));
                difference(&a, &b).is_some_and(|(kind, ..)| kind == what)
            })
        };
        let shrunk = shrink(tree.clone(), SHRINK_BUDGET, &mut fails);
        let text = shrunk.tree.text();
        let (reference, other) = match compile(&text) {
            Ok(program) => (execute(&program, configs.0), execute(&program, configs.1)),
            Err(_) => Default::default(),
        };
        let (what, expected, found) =
            difference(&reference, &other).unwrap_or((what, String::new(), String::new()));
        Divergence {
            seed: None,
            configs,
            what,
            expected,
            found,
            program: text,
            reference,
            other,
            tried: shrunk.tried,
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, b) = self.configs;
        writeln!(f, "{a} and {b} differ: {}", self.what)?;
        writeln!(f, "  {a}: {}", self.expected.replace('\n', "\n    "))?;
        writeln!(f, "  {b}: {}", self.found.replace('\n', "\n    "))?;
        writeln!(f, "the program, shrunk in {} steps:\n", self.tried)?;
        for line in self.program.lines() {
            writeln!(f, "    {line}")?;
        }
        writeln!(f, "\n{a}:\n{}\n{b}:\n{}", self.reference, self.other)?;
        match self.seed {
            Some(seed) => write!(
                f,
                "again: cargo run --release -p zexus-testing --bin differential -- --programs 1 --seed {seed} --config {a},{b}"
            ),
            None => Ok(()),
        }
    }
}

impl Statistics {
    /// Programs so far.
    pub fn count(&self) -> u64 {
        self.programs.load(Ordering::Relaxed)
    }

    fn note(&self, text: usize, verdict: &Verdict) {
        let add = |counter: &AtomicU64, n: u64| {
            counter.fetch_add(n, Ordering::Relaxed);
        };
        add(&self.programs, 1);
        add(&self.bytes, text as u64);
        match verdict {
            Verdict::Refused(_) => add(&self.refused, 1),
            Verdict::Agreed(outcome) => {
                add(&self.failed, u64::from(!outcome.errors.is_empty()));
                add(&self.stopped, u64::from(outcome.stopped));
                add(&self.lines, outcome.output.lines().count() as u64);
                let caught = ["caught ", "error ", "E0"].iter().any(|w| outcome.output.contains(w));
                add(&self.caught, u64::from(caught));
                let left =
                    !(outcome.state.is_empty() && outcome.events.is_empty() && outcome.ledger.is_empty());
                add(&self.stateful, u64::from(left));
            }
            Verdict::Diverged(_) => {}
        }
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let all = get(&self.programs).max(1);
        let part = |counter: &AtomicU64| format!("{:.1} %", 100.0 * get(counter) as f64 / all as f64);
        write!(
            f,
            "refused by the checker {}, ended with an uncaught error {}, caught errors {}, left state, events or entries {}, \
             stopped {}; {} bytes of source and {} lines of output a program",
            part(&self.refused),
            part(&self.failed),
            part(&self.caught),
            part(&self.stateful),
            get(&self.stopped),
            get(&self.bytes) / all,
            get(&self.lines) / all,
        )
    }
}

impl Campaign {
    /// Runs the programs until all are done or one diverges. Of several divergences that with the smallest seed is given.
    pub fn run(&self, statistics: &Statistics) -> Option<Divergence> {
        let next = AtomicU64::new(0);
        let stop = AtomicBool::new(false);
        let found: Mutex<Option<(u64, Tree)>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        if i >= self.programs {
                            break;
                        }
                        let seed = self.seed.wrapping_add(i);
                        let program = Program::from_seed(seed);
                        let verdict = self.quick(&program.tree);
                        statistics.note(program.text().len(), &verdict);
                        if let Verdict::Diverged(_) = verdict {
                            stop.store(true, Ordering::Relaxed);
                            let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                            if found.as_ref().is_none_or(|(old, _)| seed < *old) {
                                *found = Some((seed, program.tree));
                            }
                        }
                    }
                });
            }
        });
        let (seed, tree) = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)?;
        match Verdict::of(&tree, &self.configs) {
            Verdict::Diverged(divergence) => Some(Divergence { seed: Some(seed), ..*divergence }),
            _ => None,
        }
    }

    /// The verdict without shrinking.
    fn quick(&self, tree: &Tree) -> Verdict {
        let program = match compile(&tree.text()) {
            Ok(program) => program,
            Err(refused) => return Verdict::Refused(refused.0),
        };
        let mut outcomes = self.configs.iter().map(|config| execute(&program, *config));
        let reference = outcomes.next().unwrap_or_default();
        let differs = outcomes.any(|other| difference(&reference, &other).is_some());
        if differs || reference.defect.is_some() {
            return Verdict::Diverged(Box::new(Divergence {
                seed: None,
                configs: Default::default(),
                what: "",
                expected: String::new(),
                found: String::new(),
                program: String::new(),
                reference,
                other: Outcome::default(),
                tried: 0,
            }));
        }
        Verdict::Agreed(Box::new(reference))
    }
}
