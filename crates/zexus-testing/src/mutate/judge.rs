//! Many mutated modules, judged on several threads.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use zexus_bytecode::{Module, Verified, verify};

use super::change::{change_bytes, change_module};
use crate::generate::choice::Choices;
use crate::running::Running;

/// How long a byte of a module may take to read and verify, and a module beside that. Far more than needed, for busy machines.
const PER_BYTE: Duration = Duration::from_micros(20);
const PER_MODULE: Duration = Duration::from_millis(500);

/// What to do.
pub struct Campaign<'e> {
    /// Good modules.
    pub modules: Vec<Module>,
    /// The seed.
    pub seed: u64,
    /// The number of the first mutation, 0 in most cases; a finding is made again with its number here.
    pub first: u64,
    /// How many mutated modules to judge.
    pub count: u64,
    /// How many threads.
    pub jobs: usize,
    /// Executes a module that the verifier accepted, inside limits; gives what is wrong with that run, if something is.
    pub execute: &'e (dyn Fn(&Verified) -> Option<String> + Sync),
}

impl fmt::Debug for Campaign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Campaign")
            .field("seed", &self.seed)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

/// A mutated module that shows a defect.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is wrong.
    pub what: String,
    /// The module, or its bytes if it does not read.
    pub module: String,
    /// The number of the mutation, which makes it again with the seed.
    pub number: u64,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Figures {
    /// Modules judged so far.
    pub judged: AtomicU64,
    /// The mutations that are being judged.
    running: Running,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    /// Modules that were not readable, refused and accepted, by code of the first error.
    unreadable: BTreeMap<&'static str, u64>,
    refused: BTreeMap<&'static str, u64>,
    accepted: u64,
    bytes: u64,
    slowest: Duration,
}

enum Judgement {
    Unreadable(&'static str),
    Refused(&'static str),
    Accepted,
}

impl Campaign<'_> {
    /// Judges modules until all are judged or one shows a defect.
    pub fn run(&self, figures: &Figures) -> Option<Finding> {
        let next = AtomicU64::new(0);
        let found: Mutex<Option<Finding>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(|| {
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let number = self.first + i;
                        if i >= self.count || lock(&found).is_some() {
                            break;
                        }
                        if let Some(finding) = self.one(number, figures) {
                            lock(&found).get_or_insert(finding);
                        }
                    }
                });
            }
        });
        found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The module of a mutation, or the bytes to read.
    fn make(&self, number: u64) -> Option<(Module, Option<Vec<u8>>)> {
        let mut state = self.seed ^ number.wrapping_mul(0xd134_2543_de82_ef95);
        let mut choices = Choices::seeded(crate::generate::choice::split_mix(&mut state));
        let mut module = choices.pick(&self.modules)?.clone();
        let mut file = None;
        if choices.chance(60) {
            change_module(&mut choices, &mut module, &self.modules);
        } else {
            let mut bytes = module.to_bytes();
            change_bytes(&mut choices, &mut bytes);
            file = Some(bytes);
        }
        Some((module, file))
    }

    /// The mutation that has been judged for the longest time, if that is more than `patience`: its number and its module.
    pub fn stuck(&self, figures: &Figures, patience: Duration) -> Option<Finding> {
        let number = figures.running.stuck(patience)?;
        let (module, file) = self.make(number)?;
        let module = text(&module, file.as_deref());
        Some(Finding { what: format!("did not end within {patience:?}"), module, number })
    }

    /// Makes and judges a mutated module.
    fn one(&self, number: u64, figures: &Figures) -> Option<Finding> {
        let (module, file) = self.make(number)?;
        figures.running.begin(number);
        let start = Instant::now();
        let judged = catch_unwind(AssertUnwindSafe(|| self.judge(module.clone(), file.as_deref())));
        let took = start.elapsed();
        figures.running.end(number);
        figures.judged.fetch_add(1, Ordering::Relaxed);
        let size = file.as_ref().map_or_else(|| module.to_bytes().len(), Vec::len);
        let finding = |what: String| {
            let module =
                file.as_deref().map_or_else(|| module.to_asm(), |bytes| bytes.escape_ascii().to_string());
            Some(Finding { what, module, number })
        };
        let (judgement, time) = match judged {
            Ok(Ok(judged)) => judged,
            Ok(Err(what)) => return finding(what),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
                return finding(format!("panicked: {text}"));
            }
        };
        if time > PER_MODULE + PER_BYTE * size as u32 {
            return finding(format!("{size} bytes took {took:?}"));
        }
        let mut counts = lock(&figures.counts);
        counts.bytes += size as u64;
        counts.slowest = counts.slowest.max(time);
        match judgement {
            Judgement::Unreadable(code) => *counts.unreadable.entry(code).or_default() += 1,
            Judgement::Refused(code) => *counts.refused.entry(code).or_default() += 1,
            Judgement::Accepted => counts.accepted += 1,
        }
        None
    }

    /// Reads and verifies; how that ended and how long it took, or what is wrong.
    fn judge(&self, module: Module, file: Option<&[u8]>) -> Result<(Judgement, Duration), String> {
        let start = Instant::now();
        let module = match file {
            None => module,
            Some(bytes) => match Module::from_bytes(bytes) {
                Ok(module) => {
                    if module.to_bytes() != bytes {
                        return Err("a module was read that has another binary form".into());
                    }
                    module
                }
                Err(error) => return Ok((Judgement::Unreadable(error.code()), start.elapsed())),
            },
        };
        match verify(module) {
            Err(errors) => {
                let time = start.elapsed();
                let code = errors.first().map(|e| e.code).ok_or("refused without an error")?;
                if errors.iter().any(|e| e.report().is_empty()) || errors.len() > 20 {
                    return Err("errors are not as they should be".into());
                }
                Ok((Judgement::Refused(code), time))
            }
            Ok(verified) => {
                let time = start.elapsed();
                (self.execute)(&verified).map_or(Ok((Judgement::Accepted, time)), Err)
            }
        }
    }
}

/// A module as assembler text, also if it was made from bytes that read; else the bytes.
fn text(module: &Module, file: Option<&[u8]>) -> String {
    match file {
        None => module.to_asm(),
        Some(bytes) => match Module::from_bytes(bytes) {
            Ok(module) => module.to_asm(),
            Err(_) => bytes.escape_ascii().to_string(),
        },
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Figures {
    /// Modules that the verifier accepted.
    pub fn accepted(&self) -> u64 {
        lock(&self.counts).accepted
    }

    /// Modules that the verifier refused.
    pub fn refused(&self) -> u64 {
        lock(&self.counts).refused.values().sum()
    }

    /// Files that the reader refused.
    pub fn unreadable(&self) -> u64 {
        lock(&self.counts).unreadable.values().sum()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let judged = self.judged.load(Ordering::Relaxed);
        let (accepted, refused, unreadable) = (self.accepted(), self.refused(), self.unreadable());
        let counts = lock(&self.counts);
        let by_code = |map: &BTreeMap<&str, u64>| {
            map.iter().map(|(code, n)| format!("{code} {n}")).collect::<Vec<_>>().join(", ")
        };
        writeln!(f, "{judged} modules of {} bytes on average", counts.bytes / judged.max(1))?;
        writeln!(f, "  not readable {unreadable} ({})", by_code(&counts.unreadable))?;
        writeln!(f, "  refused {refused} ({})", by_code(&counts.refused))?;
        writeln!(f, "  accepted {accepted}")?;
        write!(f, "  slowest {:?}", counts.slowest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::samples;

    #[test]
    fn mutated_modules_are_judged() {
        let run = |seed| {
            let campaign = Campaign {
                modules: samples().unwrap(),
                seed,
                first: 0,
                count: 3000,
                jobs: 2,
                execute: &|_| None,
            };
            let figures = Figures::default();
            let finding = campaign.run(&figures);
            assert!(finding.is_none(), "{finding:?}");
            (figures.accepted(), figures.refused(), figures.unreadable())
        };
        let (accepted, refused, unreadable) = run(1);
        assert_eq!(accepted + refused + unreadable, 3000);
        assert!(accepted > 300 && refused > 300 && unreadable > 300, "{accepted} {refused} {unreadable}");
        assert_eq!(run(1), (accepted, refused, unreadable));
    }

    #[test]
    fn what_execution_finds_is_given() {
        let execute = |_: &Verified| Some("ran too long".to_owned());
        let campaign = Campaign {
            modules: samples().unwrap(),
            seed: 1,
            first: 0,
            count: 3000,
            jobs: 1,
            execute: &execute,
        };
        let finding = campaign.run(&Figures::default()).unwrap();
        assert_eq!(finding.what, "ran too long");
    }
}
