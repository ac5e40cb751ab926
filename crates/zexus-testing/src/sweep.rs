//! The out-of-gas sweep: a run that gas ends leaves what stood before its open transaction, wherever it ends.
//!
//! A program is run with gas limits from 0 to what is enough. Each run that gas ends must
//!
//! 1. end with E0504, having used its limit;
//! 2. have printed, emitted and appended a beginning of what the whole run did;
//! 3. leave the state of the run before it unless something happened in between that stands: while a transaction is open nothing does
//!    (chain.md 4.5, rule 7);
//! 4. be the same in every configuration.
//!
//! What happened is read off a trace, which the machine keeps and which knows nothing of the undoing.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use zexus::{Caps, Engine, Observation, Program};

use zexus_runtime::state::place;

use crate::corpus::Case;
use crate::differential::{Config, execute_with_gas};

/// A run: all that can be seen of it, and the lines of its trace about state, events, ledger and transactions.
pub type Run = (Observation, Vec<String>);

/// What a sweep saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// The smallest limit that is enough.
    pub enough: u64,
    /// How many limits were tried.
    pub limits: u64,
    /// Runs that ended while a transaction was open.
    pub undone: u64,
}

/// Why a sweep failed: the limit, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The limit.
    pub limit: u64,
    /// What is wrong.
    pub what: String,
}

/// Many programs to be swept, on several threads.
pub struct Sweeps<'p> {
    /// The program of a number and its name for reports; nothing if it does not compile.
    pub programs: &'p (dyn Fn(u64) -> Option<(String, Program)> + Sync),
    /// How many programs.
    pub count: u64,
    /// As for [`sweep_program`].
    pub configs: &'p [Config],
    /// As for [`sweep_program`].
    pub most: u64,
    /// How many threads.
    pub jobs: usize,
    /// After how many leaks it is enough.
    pub leaks: usize,
}

/// What was seen of many programs.
#[derive(Clone, Debug, Default)]
pub struct Total {
    /// How many were swept.
    pub programs: u64,
    /// How many limits were tried.
    pub limits: u64,
    /// Runs that ended while a transaction was open.
    pub undone: u64,
    /// Each leak with the name of its program.
    pub leaks: Vec<String>,
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Total { programs, limits, undone, leaks } = self;
        leaks.iter().try_for_each(|leak| writeln!(f, "{leak}"))?;
        write!(
            f,
            "{programs} programs ran at {limits} gas limits that are not enough, {undone} of these runs ended inside a transaction; \
             {} leaks",
            leaks.len()
        )
    }
}

impl fmt::Debug for Sweeps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweeps").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Sweeps<'_> {
    /// Sweeps the programs until all are done or there are leaks enough.
    pub fn run(&self) -> Total {
        let (next, total) = (AtomicU64::new(0), Mutex::new(Total::default()));
        let work = || {
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if i >= self.count {
                    break;
                }
                let Some((name, program)) = (self.programs)(i) else { continue };
                let swept = sweep_program(&program, self.configs, self.most);
                let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
                match swept {
                    Ok(None) => (),
                    Ok(Some(swept)) => {
                        total.programs += 1;
                        total.limits += swept.limits;
                        total.undone += swept.undone;
                    }
                    Err(Leak { limit, what }) => {
                        total.leaks.push(format!("{name}, gas limit {limit}: {what}"))
                    }
                }
                if total.leaks.len() >= self.leaks {
                    break;
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(work);
            }
        });
        total.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The program of a case, if it compiles and does not look at its gas, which would make it another program with each limit.
pub fn compile_case(case: &Case) -> Option<Program> {
    let source = String::from_utf8_lossy(&case.source);
    if ["gas", "limit"].iter().any(|word| source.contains(word)) {
        return None;
    }
    let root = case.path.parent().unwrap_or(Path::new("."));
    Engine::new().root(root).grant(Caps::ALL).compile_file(&case.path).ok()
}

/// Sweeps a program, with at most `most` limits, spread evenly. The first of the configurations, all of which must be metered, is run
/// with a trace; the others must do the same. Nothing is said of a program that does not end.
///
/// # Errors
/// The first limit at which something is wrong.
pub fn sweep_program(program: &Program, configs: &[Config], most: u64) -> Result<Option<Swept>, Leak> {
    let Some((first, others)) = configs.split_first() else { return Ok(None) };
    let first = Config { traced: true, ..*first };
    // A limit that is never reached, since a program may ask whether there is one.
    let (whole, _) = execute_with_gas(program, first, u64::MAX);
    if whole.stopped {
        return Ok(None);
    }
    let run = |limit| {
        let (seen, notes) = execute_with_gas(program, first, limit);
        for other in others {
            let (same, _) = execute_with_gas(program, *other, limit);
            if let Some(d) = seen.difference(&same) {
                return Err(Leak {
                    limit,
                    what: format!("{first} and {other}: {} differs: {} / {}", d.what, d.one, d.other),
                });
            }
        }
        Ok((seen, notes))
    };
    sweep(&whole, &run, most).map(Some)
}

/// Sweeps whatever `run` runs with a gas limit; `whole` is the run with more than enough.
///
/// # Errors
/// The first limit at which something is wrong.
pub fn sweep(whole: &Observation, run: &dyn Fn(u64) -> Result<Run, Leak>, most: u64) -> Result<Swept, Leak> {
    let enough =
        whole.gas.ok_or_else(|| Leak { limit: u64::MAX, what: "the whole run reports no gas".into() })?;
    let mut swept = Swept { enough, ..Swept::default() };
    let mut before: Option<(Vec<String>, Observation)> = None;
    for limit in limits(enough, most) {
        let (seen, notes) = run(limit)?;
        swept.limits += 1;
        check(whole, &seen, limit).map_err(|what| Leak { limit, what })?;
        let (stands, open) = standing(&notes);
        swept.undone += u64::from(open);
        if let Some((stood, last)) = &before
            && *stood == stands
            && !variables(last).eq(variables(&seen))
        {
            return Err(Leak { limit, what: "state changed although nothing happened that stands".into() });
        }
        for (kind, count) in [("event", seen.events.len()), ("ledger", seen.ledger.len())] {
            let told = stands.iter().filter(|line| is(line, kind)).count();
            if told != count {
                return Err(Leak { limit, what: format!("{count} of kind {kind}, but {told} were made") });
            }
        }
        before = Some((stands, seen));
    }
    let (seen, _) = run(enough)?;
    match whole.difference(&seen) {
        None => Ok(swept),
        Some(d) => Err(Leak { limit: enough, what: format!("{} differs: {} / {}", d.what, d.one, d.other) }),
    }
}

/// The limits that are tried: all that are not enough, or `most` of them.
fn limits(enough: u64, most: u64) -> impl Iterator<Item = u64> {
    let count = enough.min(most);
    (0..count).map(move |i| (u128::from(i) * u128::from(enough) / u128::from(count.max(1))) as u64)
}

/// What is wrong with a run that gas should have ended.
fn check(whole: &Observation, seen: &Observation, limit: u64) -> Result<(), String> {
    if let Some(defect) = &seen.defect {
        return Err(defect.clone());
    }
    let Some(error) = seen.errors.iter().find(|e| e.code == "E0504") else {
        let codes: Vec<&str> = seen.errors.iter().map(|e| e.code.as_str()).collect();
        return Err(format!("ends with '{}' instead of E0504", codes.join(", ")));
    };
    let asked = error.message.strip_prefix("Out of gas: used ").and_then(|m| m.split_once('/'));
    let asked = asked.and_then(|(used, of)| Some((used.parse::<u64>().ok()?, of.parse::<u64>().ok()?)));
    if !asked.is_some_and(|(used, of)| used > of && of <= limit) {
        return Err(format!("the message is '{}'", error.message));
    }
    let parts = [
        ("output", whole.output.starts_with(&seen.output)),
        ("events", whole.events.starts_with(&seen.events)),
        ("ledger", whole.ledger.starts_with(&seen.ledger)),
    ];
    match parts.iter().find(|part| !part.1) {
        None => Ok(()),
        Some((name, _)) => Err(format!("{name}: not a beginning of what the whole run made")),
    }
}

/// The records that traces tell of: not those that the machine keeps for itself, such as counters of instances.
fn variables(seen: &Observation) -> impl Iterator<Item = (&Vec<u8>, &Vec<u8>)> {
    seen.state.iter().filter(|(key, _)| place::text(key).is_some())
}

/// Whether a line of a trace is of this kind.
fn is(line: &str, kind: &str) -> bool {
    line.strip_prefix("{\"t\":\"")
        .and_then(|rest| rest.strip_prefix(kind))
        .is_some_and(|rest| rest.starts_with('"'))
}

/// Of the lines of a trace those whose effect stands, and whether a transaction was undone at the end.
fn standing(notes: &[String]) -> (Vec<String>, bool) {
    let mut open: Vec<usize> = Vec::new();
    let mut stands: Vec<String> = Vec::new();
    let mut undone_last = false;
    for line in notes {
        if is(line, "end") {
            continue;
        }
        let tells = |what: &str| is(line, "tx") && line.contains(&format!("\"what\":\"{what}\""));
        undone_last = false;
        if tells("begin") {
            open.push(stands.len());
        } else if tells("commit") {
            open.pop();
        } else if tells("revert") {
            stands.truncate(open.pop().unwrap_or_default());
            undone_last = true;
        } else if ["event", "ledger", "state"].iter().any(|kind| is(line, kind))
            && !line.contains("\"what\":\"read\"")
        {
            // Without its number, which is another one after reading more.
            let from = line.find(",\"n\":").map_or(0, |at| at + 5);
            let to = line.get(from..).and_then(|rest| rest.find(',')).map_or(line.len(), |at| from + at);
            let (head, rest) = (line.get(..from).unwrap_or_default(), line.get(to..).unwrap_or_default());
            stands.push(format!("{head}{rest}"));
        }
    }
    if let Some(first) = open.first() {
        stands.truncate(*first);
    }
    (stands, undone_last || !open.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zexus::ErrorSeen;

    /// A program of ten steps of one price that emits an event in step 7, in a transaction from step 3 to step 9; at which limit it
    /// leaks its event or its state, if at all.
    fn program(price: u64, leaks: Option<u64>) -> impl Fn(u64) -> Result<Run, Leak> {
        move |limit| {
            let state = place::variable("x");
            let whole = 10 * price;
            let reached = (limit / price).min(10);
            let mut seen = Observation { gas: Some(whole.min(limit)), ..Observation::default() };
            let mut notes = Vec::new();
            let mut note = |step, text: &str| {
                if step <= reached {
                    notes.push(text.replace('\'', "\""));
                }
            };
            note(3, "{'t':'tx','n':1,'what':'begin','level':1}");
            note(5, "{'t':'state','n':2,'what':'write','key':'x','value':'1'}");
            note(7, "{'t':'event','n':3,'name':'E'}");
            note(9, "{'t':'tx','n':4,'what':'commit','level':1}");
            if (3..9).contains(&reached) {
                note(0, "{'t':'tx','n':4,'what':'revert','level':1}");
            }
            if limit < whole {
                let message = format!("Out of gas: used {}/{limit}", (limit / price + 1) * price);
                seen.errors.push(ErrorSeen {
                    code: "E0504".into(),
                    message,
                    place: String::new(),
                    span: None,
                    calls: Vec::new(),
                });
            }
            if reached >= 9 {
                seen.events.push("E".into());
            }
            if reached >= 9 || leaks == Some(limit) {
                seen.state.insert(state.clone(), vec![2]);
            }
            Ok((seen, notes))
        }
    }

    fn check(price: u64, leaks: Option<u64>, most: u64) -> Result<Swept, Leak> {
        let run = program(price, leaks);
        let (whole, _) = run(u64::MAX)?;
        sweep(&whole, &run, most)
    }

    #[test]
    fn every_limit_is_tried() {
        assert_eq!(check(3, None, 100), Ok(Swept { enough: 30, limits: 30, undone: 18 }));
        let what = "state changed although nothing happened that stands";
        assert_eq!(check(3, Some(20), 100), Err(Leak { limit: 20, what: what.into() }));
    }

    #[test]
    fn of_many_limits_some_are_tried() {
        assert_eq!(check(1000, None, 10), Ok(Swept { enough: 10_000, limits: 10, undone: 6 }));
        assert!(check(1000, Some(6000), 10).is_err());
        assert!(check(1000, Some(6001), 10).is_ok());
    }
}
