//! One execution: from the environment into an instance, the run, and back (python.md 4.2).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::exceptions::{PySystemError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyList};
use zexus::{Data, Error, Instance, JitStats};

use crate::code::{Name, Ready};
use crate::convert::{At, Out, to_data, to_python};
use crate::errors;
use crate::handle::{Handle, Held};
use crate::host::Calls;

/// What a run is over.
pub struct Environment<'a, 'py> {
    /// Read and written.
    pub env: &'a Bound<'py, PyDict>,
    /// Read where `env` lacks a name.
    pub parent_env: Option<&'a Bound<'py, PyDict>>,
    /// Functions of the host, for names that are in neither.
    pub builtins: Option<&'a Bound<'py, PyDict>>,
}

const STATE: &str = "_blockchain_state";
const GAS: &str = "_gas_remaining";
const LEDGER: &str = "_ledger";

impl<'py> Environment<'_, 'py> {
    fn find(&self, name: &Name) -> PyResult<Option<Bound<'py, PyAny>>> {
        if matches!(&*name.text, STATE | GAS | LEDGER) {
            return Ok(None);
        }
        for dict in [Some(self.env), self.parent_env, self.builtins].into_iter().flatten() {
            if let Some(value) = dict.get_item(&name.python)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The gas limit; none for no limit.
    fn gas(&self, py: Python<'py>) -> PyResult<Option<u64>> {
        let Some(value) = self.env.get_item(intern!(py, GAS))? else { return Ok(None) };
        if value.is_none() {
            return Ok(None);
        }
        if let Ok(f) = value.cast::<PyFloat>() {
            let f = f.value();
            if f == f64::INFINITY {
                return Ok(None);
            }
            if f >= 0.0 && f.fract() == 0.0 && f < 18_446_744_073_709_551_615.0 {
                return Ok(Some(f as u64));
            }
        } else if !value.is_instance_of::<PyBool>()
            && let Ok(n) = value.extract::<u64>()
        {
            return Ok(Some(n));
        }
        Err(PyValueError::new_err(format!("{GAS} is a non-negative integer, not {}", value.repr()?)))
    }

    fn state(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        match self.env.get_item(intern!(py, STATE))? {
            None => Ok(None),
            Some(value) => match value.cast_into::<PyDict>() {
                Ok(dict) => Ok(Some(dict)),
                Err(_) => Err(PyTypeError::new_err(format!("{STATE} is a dict"))),
            },
        }
    }
}

/// What came out of a run, before it is in Python.
#[derive(Default)]
struct Results<'a> {
    variables: Vec<(&'a Name, Data)>,
    state: Vec<(&'a Name, Data)>,
    ledger: Vec<Data>,
}

/// Runs; gives the value, and the instance. If that is gone, because a handle keeps it, it gives what native code has done in it.
pub fn execute<'py>(
    py: Python<'py>,
    mut instance: Instance,
    ready: &Ready,
    environment: &Environment<'_, 'py>,
    calls: &Calls,
    gas_used: &AtomicU64,
) -> (PyResult<Bound<'py, PyAny>>, Result<Instance, JitStats>) {
    let given = match give(py, &mut instance, ready, environment, calls) {
        Ok(given) => given,
        Err(error) => return (Err(error), Ok(instance)),
    };
    let Ok(outcome) = py.detach(|| catch_unwind(AssertUnwindSafe(|| instance.run()))) else {
        // What it left is not to be trusted.
        return (Err(PySystemError::new_err("the engine panicked; this is a bug")), Err(JitStats::default()));
    };
    gas_used.store(instance.gas_used(), Ordering::Relaxed);
    let (results, lost) = take(py, &mut instance, ready, &given);
    let remaining = instance.gas_remaining();
    let time = instance.journal().entries().last().map_or(0, |entry| entry.time);
    let outcome = outcome.map_err(|error| errors::of_run(py, error, calls, &mut instance));
    // An instance with handles stays with them.
    let (held, rest) = match instance.handles() {
        0 => (None, Ok(instance)),
        _ => {
            let stats = instance.jit_stats();
            (Some(Held::new(instance, calls.clone())), Err(stats))
        }
    };
    let out = Out { held: held.as_ref(), calls: Some(calls) };
    let written = write(py, &results, environment, given.state, remaining, time, &out);
    let value = outcome.and_then(|value| {
        written?;
        match lost {
            Some(error) => Err(errors::of_program(py, error)),
            None => to_python(py, &value, &out),
        }
    });
    (value, rest)
}

/// What went in.
struct Before<'py> {
    variables: Vec<Option<Data>>,
    keys: Vec<Option<Data>>,
    state: Option<Bound<'py, PyDict>>,
}

fn give<'py>(
    py: Python<'py>,
    instance: &mut Instance,
    ready: &Ready,
    environment: &Environment<'_, 'py>,
    calls: &Calls,
) -> PyResult<Before<'py>> {
    instance.set_gas_limit(environment.gas(py)?);
    let at = At::new("env");
    let names = ready.names(py, instance);
    let mut variables = Vec::with_capacity(names.len());
    for name in names {
        let value = match environment.find(name)? {
            // What stays in another machine means nothing here, unless it can be called.
            Some(value) if value.cast::<Handle>().is_ok_and(|h| h.get().as_data().is_none()) => None,
            Some(value) => Some(to_data(&value, &at.name(&name.text), Some(calls))?),
            None => None,
        };
        if let Some(value) = &value {
            instance.set(&name.text, value.clone()).map_err(|e| errors::of_program(py, e))?;
        }
        variables.push(value);
    }
    let state = environment.state(py)?;
    let at = At::new(STATE);
    let mut keys = Vec::with_capacity(ready.keys().len());
    for key in ready.keys() {
        let value = match &state {
            Some(state) => state.get_item(&key.python)?,
            None => None,
        };
        let value = value.map(|value| to_data(&value, &at.name(&key.text), None)).transpose()?;
        if let Some(value) = &value {
            instance.set_state(&key.text, value.clone()).map_err(|e| errors::of_program(py, e))?;
        }
        keys.push(value);
    }
    Ok(Before { variables, keys, state })
}

/// What is different now; and the first error of a value that cannot leave.
fn take<'a>(
    py: Python<'_>,
    instance: &mut Instance,
    ready: &'a Ready,
    before: &Before<'_>,
) -> (Results<'a>, Option<Error>) {
    let mut results = Results::default();
    let mut lost = None;
    for (name, given) in ready.names(py, instance).iter().zip(&before.variables) {
        // What is not stored anywhere is another value only if something in it was changed.
        if !name.stored && !matches!(given, Some(Data::List(_) | Data::Map(_))) {
            continue;
        }
        match instance.variable(&name.text) {
            Ok(Some(value)) if given.as_ref() != Some(&value) => results.variables.push((name, value)),
            Ok(_) => {}
            Err(error) => lost = lost.or(Some(error)),
        }
    }
    for (key, given) in ready.keys().iter().zip(&before.keys) {
        match instance.state(&key.text) {
            Ok(Some(value)) if given.as_ref() != Some(&value) => results.state.push((key, value)),
            Ok(_) => {}
            Err(error) => lost = lost.or(Some(error)),
        }
    }
    if !instance.journal().entries().is_empty() {
        match instance.ledger() {
            Ok(entries) => results.ledger = entries,
            Err(error) => lost = lost.or(Some(error)),
        }
    }
    (results, lost)
}

fn write<'py>(
    py: Python<'py>,
    results: &Results<'_>,
    environment: &Environment<'_, 'py>,
    state: Option<Bound<'py, PyDict>>,
    remaining: Option<u64>,
    time: i64,
    out: &Out<'_>,
) -> PyResult<()> {
    let env = environment.env;
    for (name, value) in &results.variables {
        env.set_item(&name.python, to_python(py, value, out)?)?;
    }
    if !results.state.is_empty() {
        let state = match state {
            Some(state) => state,
            None => {
                let state = PyDict::new(py);
                env.set_item(intern!(py, STATE), &state)?;
                state
            }
        };
        for (key, value) in &results.state {
            state.set_item(&key.python, to_python(py, value, out)?)?;
        }
    }
    if let Some(remaining) = remaining {
        env.set_item(intern!(py, GAS), remaining)?;
    }
    if !results.ledger.is_empty() {
        let list = match env.get_item(intern!(py, LEDGER))? {
            Some(list) => list,
            None => {
                let list = PyList::empty(py).into_any();
                env.set_item(intern!(py, LEDGER), &list)?;
                list
            }
        };
        let list = list.cast::<PyList>().map_err(|_| PyTypeError::new_err(format!("{LEDGER} is a list")))?;
        for entry in &results.ledger {
            let entry = to_python(py, entry, out)?;
            if let Ok(dict) = entry.cast::<PyDict>()
                && !dict.contains(intern!(py, "timestamp"))?
            {
                dict.set_item(intern!(py, "timestamp"), time as f64 / 1000.0)?;
            }
            list.append(entry)?;
        }
    }
    Ok(())
}

/// Lets an instance write a trace (bytecode.md 9.1) to `sys.stderr`.
pub fn trace(py: Python<'_>, instance: &mut Instance, calls: &Calls) -> PyResult<()> {
    let all = zexus::TraceFilter::default();
    let calls = calls.clone();
    let sink = move |line: &str| {
        let written = Python::attach(|py| {
            py.import("sys")?.getattr("stderr")?.call_method1("write", (format!("{line}\n"),)).map(drop)
        });
        if let Err(error) = written {
            calls.stop(error);
        }
    };
    instance.trace(all, sink).map_err(|e| errors::of_program(py, e))
}
