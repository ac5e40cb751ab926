//! Machines: what executes bytecode over the environment of a `VM` (python.md chapter 4).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Instant;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use zexus::host::Block;
use zexus::{Engine, Execution, JitStats, Limits, Program, Tier};

use crate::code::Prepared;
use crate::host::{Calls, PythonHost, busy};
use crate::run::{self, Environment};

/// Executes modules one after the other, each in a machine that is as new.
#[pyclass(frozen, module = "zexus._zexus")]
pub struct Machine {
    engine: Engine,
    calls: Calls,
    given: Given,
    slot: Mutex<Slot>,
    gas_used: AtomicU64,
}

/// How many programs keep their instances, with native code and counters.
const KEPT: usize = 16;

#[derive(Default)]
struct Slot {
    /// The programs that ran last, the latest at the end.
    kept: Vec<(Program, zexus::Instance)>,
    /// What native code did in instances that are gone.
    gone: JitStats,
}

impl Slot {
    /// The instance of a program, if it is kept; it is taken out.
    fn take(&mut self, program: &Program) -> Option<zexus::Instance> {
        let at = self.kept.iter().rposition(|(known, _)| known.is(program))?;
        Some(self.kept.remove(at).1)
    }

    fn keep(&mut self, program: &Program, instance: zexus::Instance) {
        if self.kept.len() >= KEPT {
            let (_, oldest) = self.kept.remove(0);
            self.forget(&oldest.jit_stats());
        }
        self.kept.push((program.clone(), instance));
    }

    fn forget(&mut self, stats: &JitStats) {
        self.gone = sum(&self.gone, &JitStats { cache_size: 0, code_bytes: 0, ..stats.clone() });
    }

    fn stats(&self) -> JitStats {
        self.kept.iter().fold(self.gone.clone(), |all, (_, instance)| sum(&all, &instance.jit_stats()))
    }
}

/// Both together; the factor is the mean, weighted by executions of native code.
fn sum(a: &JitStats, b: &JitStats) -> JitStats {
    let weights = (a.jit_executions as f64, b.jit_executions as f64);
    let total = weights.0 + weights.1;
    JitStats {
        hot_paths_detected: a.hot_paths_detected + b.hot_paths_detected,
        compilations: a.compilations + b.compilations,
        compilation_failures: a.compilation_failures + b.compilation_failures,
        compilation_time: a.compilation_time + b.compilation_time,
        jit_executions: a.jit_executions + b.jit_executions,
        cache_misses: a.cache_misses + b.cache_misses,
        cache_hits: a.cache_hits + b.cache_hits,
        cache_size: a.cache_size + b.cache_size,
        tier_promotions: a.tier_promotions + b.tier_promotions,
        osr_entries: a.osr_entries + b.osr_entries,
        deoptimizations: a.deoptimizations + b.deoptimizations,
        code_bytes: a.code_bytes + b.code_bytes,
        speedup_factor: if total > 0.0 {
            (a.speedup_factor * weights.0 + b.speedup_factor * weights.1) / total
        } else {
            1.0
        },
    }
}

/// A monotonic clock, in seconds.
fn clock() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64()
}

/// Block data that the host was given, without the time if it is to be read from the clock.
#[derive(Clone, Default)]
pub struct Given {
    /// The block data.
    pub block: Block,
    /// Whether the time is that of the block data.
    pub timed: bool,
}

#[pymethods]
impl Machine {
    #[new]
    #[pyo3(signature = (level = 1, metered = false, strict_transactions = false, block = None, limits = None, jit_threshold = None))]
    fn new(
        level: u8,
        metered: bool,
        strict_transactions: bool,
        block: Option<&Bound<'_, PyDict>>,
        limits: Option<&Bound<'_, PyDict>>,
        jit_threshold: Option<u32>,
    ) -> PyResult<Machine> {
        if level > zexus::MAX_LEVEL {
            return Err(PyValueError::new_err(format!("levels of optimization are 0 to 3, not {level}")));
        }
        let tier = if jit_threshold.is_some() { Tier::Native } else { Tier::Vm };
        let jit_threshold = jit_threshold.unwrap_or(u32::MAX);
        let execution =
            Execution { tier, level: Some(level), metered, jit_threshold, ..Execution::default() };
        let limits = limits.map_or_else(|| Ok(Limits::default()), to_limits)?;
        let engine = Engine::new()
            .execution(execution)
            .limits(limits)
            .clock(clock)
            .strict_transactions(strict_transactions);
        Ok(Machine {
            engine,
            calls: Calls::default(),
            given: block.map_or_else(|| Ok(Given::default()), to_block)?,
            slot: Mutex::default(),
            gas_used: AtomicU64::new(0),
        })
    }

    /// The gas that the last execution used.
    #[getter]
    fn gas_used(&self) -> u64 {
        self.gas_used.load(Ordering::Relaxed)
    }

    /// Executes a program over an environment, which is read and written back; gives its value.
    #[pyo3(signature = (prepared, env, parent_env = None, builtins = None, debug = false))]
    fn execute<'py>(
        &self,
        py: Python<'py>,
        prepared: &Bound<'py, Prepared>,
        env: &Bound<'py, PyDict>,
        parent_env: Option<&Bound<'py, PyDict>>,
        builtins: Option<&Bound<'py, PyDict>>,
        debug: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let ready = &prepared.get().0;
        let mut slot = self.lock()?;
        self.calls.clear();
        let kept = if debug { None } else { slot.take(&ready.program) };
        let mut instance = match kept {
            Some(mut instance) => {
                instance.renew();
                instance
            }
            None => {
                let host = PythonHost::new(self.calls.clone(), self.given.clone());
                let mut instance = self.engine.instance_on(&ready.program, host);
                instance.keep_handles(true);
                instance
            }
        };
        if debug {
            run::trace(py, &mut instance, &self.calls)?;
        }
        let environment = Environment { env, parent_env, builtins };
        let (result, rest) = run::execute(py, instance, ready, &environment, &self.calls, &self.gas_used);
        match rest {
            Ok(instance) if !debug => slot.keep(&ready.program, instance),
            Ok(_) => {}
            Err(stats) => slot.forget(&stats),
        }
        result
    }

    /// The statistics of bytecode.md 8.4.
    fn jit_stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = self.lock()?.stats();
        let dict = PyDict::new(py);
        dict.set_item("hot_paths_detected", stats.hot_paths_detected)?;
        dict.set_item("compilations", stats.compilations)?;
        dict.set_item("compilation_failures", stats.compilation_failures)?;
        dict.set_item("compilation_time", stats.compilation_time)?;
        dict.set_item("jit_executions", stats.jit_executions)?;
        dict.set_item("cache_misses", stats.cache_misses)?;
        dict.set_item("cache_hits", stats.cache_hits)?;
        dict.set_item("cache_size", stats.cache_size)?;
        dict.set_item("tier_promotions", stats.tier_promotions)?;
        dict.set_item("osr_entries", stats.osr_entries)?;
        dict.set_item("deoptimizations", stats.deoptimizations)?;
        dict.set_item("speedup_factor", stats.speedup_factor)?;
        Ok(dict)
    }

    /// Drops all native code and all counters of hot code; what was counted stays.
    fn clear_jit(&self) -> PyResult<()> {
        let mut slot = self.lock()?;
        for (_, instance) in std::mem::take(&mut slot.kept) {
            slot.forget(&instance.jit_stats());
        }
        Ok(())
    }
}

impl Machine {
    fn lock(&self) -> PyResult<MutexGuard<'_, Slot>> {
        match self.slot.try_lock() {
            Ok(slot) => Ok(slot),
            Err(TryLockError::Poisoned(poisoned)) => Ok(PoisonError::into_inner(poisoned)),
            Err(TryLockError::WouldBlock) => Err(busy()),
        }
    }
}

fn unknown(what: &str, key: &str) -> PyErr {
    PyValueError::new_err(format!("there is no {what} '{key}'"))
}

/// Limits by name.
pub fn to_limits(dict: &Bound<'_, PyDict>) -> PyResult<Limits> {
    let mut limits = Limits::default();
    for (key, value) in dict.iter() {
        let key: String = key.extract()?;
        match key.as_str() {
            "memory" => limits.memory = value.extract()?,
            "depth" => limits.depth = value.extract()?,
            "external_depth" => limits.external_depth = value.extract()?,
            "output" => limits.output = value.extract()?,
            "events" => limits.events = value.extract()?,
            "ledger_entries" => limits.ledger_entries = value.extract()?,
            "tasks" => limits.tasks = value.extract()?,
            _ => return Err(unknown("limit", &key)),
        }
    }
    Ok(limits)
}

/// Block data by name.
pub fn to_block(dict: &Bound<'_, PyDict>) -> PyResult<Given> {
    let mut given = Given::default();
    for (key, value) in dict.iter() {
        let key: String = key.extract()?;
        match key.as_str() {
            "time" => {
                let milliseconds = value.extract::<f64>()? * 1000.0;
                if !(0.0..=9.0e15).contains(&milliseconds) {
                    return Err(PyValueError::new_err("the time of a block is seconds since 1970"));
                }
                given.block.time = milliseconds as i64;
                given.timed = true;
            }
            "height" => given.block.height = value.extract()?,
            "caller" => given.block.caller = value.extract::<String>()?.into(),
            "value" => given.block.value = value.extract()?,
            "block_hash" => given.block.hash = to_hash(&value)?,
            _ => return Err(unknown("part of a block", &key)),
        }
    }
    Ok(given)
}

/// 32 bytes, or 64 hex digits.
fn to_hash(value: &Bound<'_, PyAny>) -> PyResult<[u8; 32]> {
    let wrong = || PyTypeError::new_err("a block hash is 32 bytes, or 64 hex digits");
    if let Ok(bytes) = value.extract::<Vec<u8>>() {
        return bytes.try_into().map_err(|_| wrong());
    }
    let text: String = value.extract().map_err(|_| wrong())?;
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
    Ok(hash)
}
