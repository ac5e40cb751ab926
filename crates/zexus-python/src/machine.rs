//! Machines: what executes bytecode over the environment of a `VM` (python.md chapter 4).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use zexus::host::Block;
use zexus::{Engine, Execution, Limits, Tier};

use crate::code::Prepared;
use crate::host::{Calls, PythonHost, busy};
use crate::run::{self, Environment};

/// Executes modules one after the other, each in a machine that is as new.
#[pyclass(frozen, module = "zexus._zexus")]
pub struct Machine {
    engine: Engine,
    calls: Calls,
    given: Given,
    slot: Mutex<Option<zexus::Instance>>,
    gas_used: AtomicU64,
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
    #[pyo3(signature = (level = 1, metered = false, strict_transactions = false, block = None, limits = None))]
    fn new(
        level: u8,
        metered: bool,
        strict_transactions: bool,
        block: Option<&Bound<'_, PyDict>>,
        limits: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Machine> {
        if level > zexus::MAX_LEVEL {
            return Err(PyValueError::new_err(format!("levels of optimization are 0 to 3, not {level}")));
        }
        let execution = Execution { tier: Tier::Vm, level: Some(level), metered, ..Execution::default() };
        let limits = limits.map_or_else(|| Ok(Limits::default()), to_limits)?;
        let engine =
            Engine::new().execution(execution).limits(limits).strict_transactions(strict_transactions);
        Ok(Machine {
            engine,
            calls: Calls::default(),
            given: block.map_or_else(|| Ok(Given::default()), to_block)?,
            slot: Mutex::new(None),
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
        let mut slot = match self.slot.try_lock() {
            Ok(slot) => slot,
            Err(std::sync::TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
            Err(std::sync::TryLockError::WouldBlock) => return Err(busy()),
        };
        self.calls.clear();
        let mut instance = match slot.take() {
            Some(mut instance) if !debug => {
                instance.renew_for(&self.engine, &ready.program);
                instance
            }
            _ => {
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
        *slot = rest.filter(|_| !debug);
        result
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
