//! The engine for new users: settings, programs, instances.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};
use zexus::host::{Caps, InterruptHandle};
use zexus::{Data, Execution, Limits, Tier};
use zexus_bytecode::Module;

use crate::convert::{At, to_data, to_python};
use crate::errors;
use crate::handle::Held;
use crate::host::{Calls, Captured, PythonHost};
use crate::machine::{Given, to_block, to_limits};

/// Settings for programs and instances.
#[pyclass(frozen, subclass, module = "zexus")]
pub struct Engine {
    engine: zexus::Engine,
    functions: Vec<(String, Py<PyAny>)>,
    given: Given,
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (*, functions = None, modules = None, root = None, grant = None, limits = None, gas_limit = None,
        metered = false, strict_transactions = None, block = None, optimization_level = None, tier = "auto"))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        functions: Option<&Bound<'_, PyDict>>,
        modules: Option<&Bound<'_, PyDict>>,
        root: Option<std::path::PathBuf>,
        grant: Option<Vec<String>>,
        limits: Option<&Bound<'_, PyDict>>,
        gas_limit: Option<u64>,
        metered: bool,
        strict_transactions: Option<bool>,
        block: Option<&Bound<'_, PyDict>>,
        optimization_level: Option<u8>,
        tier: &str,
    ) -> PyResult<Engine> {
        let tier = match tier {
            "auto" => Tier::Auto,
            "evaluator" => Tier::Evaluator,
            "vm" => Tier::Vm,
            "native" => Tier::Native,
            _ => return Err(PyValueError::new_err(format!("there is no tier '{tier}'"))),
        };
        if optimization_level.is_some_and(|level| level > zexus::MAX_LEVEL) {
            return Err(PyValueError::new_err("levels of optimization are 0 to 3"));
        }
        let limits = limits.map_or_else(|| Ok(Limits::default()), to_limits)?;
        let execution = Execution { tier, metered, level: optimization_level, ..Execution::default() };
        let mut engine =
            zexus::Engine::new().execution(execution).limits(Limits { gas: gas_limit, ..limits });
        if let Some(strict) = strict_transactions {
            engine = engine.strict_transactions(strict);
        }
        if let Some(root) = root {
            engine = engine.root(root);
        }
        for name in grant.unwrap_or_default() {
            engine = match Caps::from_name(&name) {
                Some(cap) if !Caps::IO_READ.or(Caps::IO_WRITE).or(Caps::NETWORK).contains(cap) => {
                    engine.grant(cap)
                }
                _ => {
                    return Err(PyValueError::new_err(format!(
                        "'{name}' cannot be granted; clock, random and env can"
                    )));
                }
            };
        }
        for (path, text) in modules.into_iter().flatten() {
            engine = engine.module(&path.extract::<String>()?, &text.extract::<String>()?);
        }
        let mut callables = Vec::new();
        for (name, function) in functions.into_iter().flatten() {
            if !function.is_callable() {
                return Err(PyTypeError::new_err(format!("functions[{name:?}] cannot be called")));
            }
            callables.push((name.extract()?, function.unbind()));
        }
        let given = block.map_or_else(|| Ok(Given::default()), to_block)?;
        Ok(Engine { engine, functions: callables, given })
    }

    /// Compiles a program; `name` is its path in reports and for its imports.
    #[pyo3(signature = (source, name = "main.zx"))]
    fn compile(&self, py: Python<'_>, source: &str, name: &str) -> PyResult<Program> {
        let program = py.detach(|| self.engine.compile_named(name, source));
        Ok(Program(program.map_err(|e| errors::of_program(py, e))?))
    }

    /// Compiles a file, or loads one that holds bytecode.
    fn compile_file(&self, py: Python<'_>, path: std::path::PathBuf) -> PyResult<Program> {
        let program = py.detach(|| self.engine.compile_file(path));
        Ok(Program(program.map_err(|e| errors::of_program(py, e))?))
    }

    /// An instance of a program. It keeps what the program prints, unless `capture` is false.
    #[pyo3(signature = (program, *, capture = true, variables = None))]
    fn instance(
        &self,
        py: Python<'_>,
        program: &Program,
        capture: bool,
        variables: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Instance> {
        let calls = Calls::default();
        let functions = self.functions.iter();
        let engine = functions.fold(self.engine.clone(), |engine, (name, function)| {
            engine.callable(name, calls.function(function.bind(py)))
        });
        let output = capture.then(Captured::default);
        let host = PythonHost::new(calls.clone(), self.given.clone()).capture(output.clone());
        let mut instance = engine.instance_on(&program.0, host);
        instance.keep_handles(true);
        for (name, value) in variables.into_iter().flatten() {
            let name: String = name.extract()?;
            let value = to_data(&value, &At::new("variables").name(&name), Some(&calls))?;
            instance.set(&name, value).map_err(|e| errors::of_program(py, e))?;
        }
        let interrupt = instance.interrupt_handle();
        Ok(Instance { held: Held::new(instance, calls), output, interrupt })
    }
}

/// A compiled program. It can be shared by threads, and pickled.
#[pyclass(frozen, module = "zexus")]
pub struct Program(zexus::Program);

#[pymethods]
impl Program {
    /// The warnings of the compiler, one line each.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings().iter().map(ToString::to_string).collect()
    }

    /// The binary form of the program, if it is one module.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let compiled = self.0.compiled().map_err(|e| errors::of_program(py, e))?;
        match &compiled.modules[..] {
            [main] => Ok(PyBytes::new(py, &main.module.to_bytes())),
            _ => Err(PyValueError::new_err("a program that imports others has no binary form of its own")),
        }
    }

    /// The program of a binary form.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, data: &[u8]) -> PyResult<Program> {
        let module = Module::from_bytes(data).map_err(|e| errors::of_form(py, e.code(), &e.to_string()))?;
        let program = zexus::Engine::new().load("main.zx", module);
        Ok(Program(program.map_err(|e| errors::of_program(py, e))?))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let load = py.get_type::<Program>().getattr("from_bytes")?;
        (load, (self.to_bytes(py)?,)).into_pyobject(py)
    }
}

/// A running program: its variables, objects and output.
#[pyclass(frozen, subclass, module = "zexus")]
pub struct Instance {
    held: Held,
    output: Option<Arc<Mutex<String>>>,
    interrupt: InterruptHandle,
}

#[pymethods]
impl Instance {
    /// Runs the program; gives the value of its last statement.
    fn run<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.held.calls().clear();
        let value = self.held.with(py, zexus::Instance::run)?;
        to_python(py, &value, &self.held.out())
    }

    /// Calls a function that the program, which has run, holds in a variable.
    #[pyo3(signature = (name, *args))]
    fn call<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        args: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.held.calls().clear();
        let at = At::new("arguments");
        let list = args.iter().enumerate();
        let list = list.map(|(i, arg)| to_data(&arg, &at.index(i, args), Some(self.held.calls())));
        let list = list.collect::<PyResult<Vec<Data>>>()?;
        let value = self.held.with(py, |instance| instance.call::<Data>(name, list))?;
        to_python(py, &value, &self.held.out())
    }

    /// The value of a variable of the top level.
    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        match self.held.with(py, |instance| instance.variable(name))? {
            Some(value) => to_python(py, &value, &self.held.out()),
            None => Err(pyo3::exceptions::PyKeyError::new_err(name.to_owned())),
        }
    }

    /// The value of a state variable; None if it has none.
    fn state<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let value = self.held.with(py, |instance| match instance.state(name)? {
            Some(value) => Ok(Some(value)),
            None => instance.state(&format!("~{name}")),
        })?;
        to_python(py, &value.unwrap_or_default(), &self.held.out())
    }

    /// The events that the program has emitted: name and values of each.
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let events = self.held.with(py, zexus::Instance::events)?;
        let out = self.held.out();
        let each = events.into_iter().map(|event| {
            let args = to_python(py, &Data::List(event.args), &out)?;
            (event.name, args).into_pyobject(py)
        });
        PyList::new(py, each.collect::<PyResult<Vec<_>>>()?)
    }

    /// The ledger entries of the last run.
    fn ledger<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let entries = self.held.with(py, zexus::Instance::ledger)?;
        to_python(py, &Data::List(entries), &self.held.out())
    }

    /// What was printed since the last time; empty if the output is not kept.
    fn take_output(&self) -> String {
        let take =
            |kept: &Captured| std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
        self.output.as_ref().map(take).unwrap_or_default()
    }

    /// The gas used so far.
    #[getter]
    fn gas_used(&self, py: Python<'_>) -> PyResult<u64> {
        self.held.with(py, |instance| Ok(instance.gas_used()))
    }

    /// Stops the run, from another thread or a signal handler.
    fn interrupt(&self) {
        self.interrupt.interrupt();
    }
}
