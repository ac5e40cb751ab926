//! Many programs on many configurations, on several threads.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Config;
use super::execute::{compile, execute};
use super::shrink::shrink;
use zexus::{Difference, Observation};

use crate::generate::Program;
use crate::generate::tree::Tree;
use crate::running::Running;

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
    /// The seeds of the programs that run.
    pub running: Running,
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
    /// What differs first, of the shrunk program.
    pub difference: Difference,
    /// The shrunk program.
    pub program: String,
    /// All that the reference did with it.
    pub reference: Observation,
    /// All that the other did with it.
    pub other: Observation,
    /// How many programs the shrinker tried.
    pub tried: usize,
}

/// What came of one program.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The checker refused it, with these errors.
    Refused(Vec<String>),
    /// All configurations agree; the outcome of the reference.
    Agreed(Box<Observation>),
    /// Two do not.
    Diverged(Box<Divergence>),
}

impl Verdict {
    /// Compares the configurations on a program; a divergence is shrunk.
    pub fn of(tree: &Tree, configs: &[Config]) -> Verdict {
        let (verdict, pair) = judge(tree, configs);
        match pair {
            None => verdict,
            Some((pair, what)) => Verdict::Diverged(Box::new(Divergence::shrunk(tree, pair, what.what))),
        }
    }
}

/// The pair of configurations that do not agree, and what differs.
type Differs = Option<((Config, Config), Difference)>;

/// The verdict, and which configurations do not agree.
fn judge(tree: &Tree, configs: &[Config]) -> (Verdict, Differs) {
    let program = match compile(&tree.text()) {
        Ok(program) => program,
        Err(refused) => return (Verdict::Refused(refused.0), None),
    };
    let mut others = configs.iter().copied();
    let Some(first) = others.next() else { return (Verdict::Agreed(Box::default()), None) };
    let reference = execute(&program, first);
    // A defect of the reference shows in a comparison with itself.
    let itself = reference.defect.is_some().then_some(first);
    // Gas can be compared only between metered runs, which the reference may not be.
    let mut paid: Option<(Config, Observation)> = None;
    for config in itself.into_iter().chain(others) {
        let seen = execute(&program, config);
        let by_gas = || paid.as_ref().and_then(|(other, o)| Some((*other, o.difference(&seen)?)));
        let found = reference.difference(&seen).map(|difference| (first, difference)).or_else(by_gas);
        if let Some((other, difference)) = found {
            return (Verdict::Agreed(Box::new(reference)), Some(((other, config), difference)));
        }
        if paid.is_none() && seen.gas.is_some() {
            paid = Some((config, seen));
        }
    }
    (Verdict::Agreed(Box::new(reference)), None)
}

impl Divergence {
    fn shrunk(tree: &Tree, configs: (Config, Config), what: &'static str) -> Divergence {
        let compare = |tree: &Tree| {
            let program = compile(&tree.text()).ok()?;
            let (reference, other) = (execute(&program, configs.0), execute(&program, configs.1));
            Some((reference.difference(&other)?, reference, other))
        };
        let mut fails = |tree: &Tree| compare(tree).is_some_and(|(d, ..)| d.what == what);
        let shrunk = shrink(tree.clone(), SHRINK_BUDGET, &mut fails);
        let (difference, reference, other) = compare(&shrunk.tree).unwrap_or_else(|| {
            let lost = Difference { what, one: String::new(), other: "(it does not show again)".into() };
            (lost, Observation::default(), Observation::default())
        });
        let program = shrunk.tree.text();
        Divergence { seed: None, configs, difference, program, reference, other, tried: shrunk.tried }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, b) = self.configs;
        let Difference { what, one, other } = &self.difference;
        writeln!(f, "{a} and {b} differ: {what}")?;
        writeln!(f, "  {a}: {}\n  {b}: {}", one.replace('\n', "\n    "), other.replace('\n', "\n    "))?;
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

/// Divergences that look alike, and one program that shows them.
#[derive(Debug)]
pub struct Found {
    /// How many programs showed one like this.
    pub programs: u64,
    /// The shrunk divergence of the shortest of these programs.
    pub divergence: Divergence,
}

/// Divergences by what differs and how, with digits left out.
type Groups = BTreeMap<(Config, String), Group>;

#[derive(Debug)]
struct Group {
    programs: u64,
    seed: u64,
    tree: Tree,
    size: usize,
    pair: (Config, Config),
    what: &'static str,
}

impl Campaign {
    /// Runs the programs until all are done or `most` kinds of divergences were seen; gives one of each kind.
    pub fn run(&self, most: usize, statistics: &Statistics) -> Vec<Found> {
        let next = AtomicU64::new(0);
        let stop = AtomicBool::new(false);
        let groups: Mutex<Groups> = Mutex::default();
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        if i >= self.programs {
                            break;
                        }
                        let seed = self.seed.wrapping_add(i);
                        let tree = Program::from_seed(seed).tree;
                        let size = tree.text().len();
                        statistics.running.begin(seed);
                        let (verdict, differs) = judge(&tree, &self.configs);
                        statistics.running.end(seed);
                        statistics.note(size, &verdict);
                        let Some((pair, difference)) = differs else { continue };
                        let mut groups = groups.lock().unwrap_or_else(PoisonError::into_inner);
                        note(
                            &mut groups,
                            Group { programs: 0, seed, tree, size, pair, what: difference.what },
                            &difference,
                        );
                        if groups.len() >= most {
                            stop.store(true, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let groups = groups.into_inner().unwrap_or_else(PoisonError::into_inner);
        let shrunk = groups.into_values().map(|group| {
            let divergence = Divergence::shrunk(&group.tree, group.pair, group.what);
            Found {
                programs: group.programs,
                divergence: Divergence { seed: Some(group.seed), ..divergence },
            }
        });
        shrunk.collect()
    }
}

/// Adds a divergence to those that look like it.
fn note(groups: &mut Groups, new: Group, difference: &Difference) {
    let text = format!("{} {} {}", difference.what, difference.one, difference.other);
    let key = if difference.what == "error span" { difference.what.to_owned() } else { text };
    let key = key.chars().filter(|c| !c.is_ascii_digit()).take(120).collect();
    match groups.entry((new.pair.1, key)) {
        Entry::Vacant(place) => {
            place.insert(Group { programs: 1, ..new });
        }
        Entry::Occupied(mut place) => {
            let programs = place.get().programs + 1;
            if (new.size, new.seed) < (place.get().size, place.get().seed) {
                place.insert(new);
            }
            place.get_mut().programs = programs;
        }
    }
}
