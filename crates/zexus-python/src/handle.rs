//! Values that stay in their machine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use pyo3::exceptions::{PySystemError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use zexus::{Callable, Data, Instance};

use crate::convert::{At, Out, to_data, to_python};
use crate::errors;
use crate::host::{Calls, busy};

/// An instance that handles keep alive, and what its callables have raised.
#[derive(Clone)]
pub struct Held {
    instance: Arc<Mutex<Instance>>,
    calls: Calls,
}

impl Held {
    /// Keeps an instance.
    pub fn new(instance: Instance, calls: Calls) -> Held {
        Held { instance: Arc::new(Mutex::new(instance)), calls }
    }
}

impl Held {
    /// Calls `f` with the instance while other threads of Python run.
    pub fn with<T: Send>(
        &self,
        py: Python<'_>,
        f: impl FnOnce(&mut Instance) -> Result<T, zexus::Error> + Send,
    ) -> PyResult<T> {
        let mut instance = self.instance.try_lock().map_err(|_| busy())?;
        let instance = &mut *instance;
        let done = py.detach(|| catch_unwind(AssertUnwindSafe(|| f(instance))));
        match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(errors::of_run(py, error, &self.calls, instance)),
            Err(_) => Err(PySystemError::new_err("the engine panicked; this is a bug")),
        }
    }

    /// What its callables have raised.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// Where values that it gives come from.
    pub fn out(&self) -> Out<'_> {
        Out { held: Some(self), calls: Some(&self.calls) }
    }
}

/// A value of a program that has no copy in Python: a function, a task, a contract, an instance, an error.
///
/// It keeps its machine alive.
#[pyclass(frozen, module = "zexus")]
pub struct Handle {
    kind: String,
    /// The display form, if the machine is gone.
    text: String,
    inside: Option<(zexus::Handle, Held)>,
}

impl Handle {
    /// A handle of what `held` keeps.
    pub fn new(handle: zexus::Handle, held: Option<&Held>) -> Handle {
        let kind = handle.kind().to_owned();
        Handle { kind, text: String::new(), inside: held.map(|held| (handle, held.clone())) }
    }

    /// A handle of a value whose machine is running or gone.
    pub fn loose(kind: &str, text: &str) -> Handle {
        Handle { kind: kind.to_owned(), text: text.to_owned(), inside: None }
    }

    /// The kind of the value.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// For another machine: a function that calls the value where it is. None if it cannot be called.
    pub fn as_data(&self) -> Option<Data> {
        let (handle, held) = self.inside.clone()?;
        if !held.instance.try_lock().ok()?.is_callable(&handle) {
            return None;
        }
        Some(Data::Function(Callable::new(&self.kind, move |args| {
            let mut instance = held.instance.try_lock().map_err(|_| "this VM is already executing")?;
            instance.call_handle(&handle, args).map_err(|e| e.to_string())
        })))
    }

    fn with<T: Send>(
        &self,
        py: Python<'_>,
        f: impl FnOnce(&mut Instance, &zexus::Handle) -> Result<T, zexus::Error> + Send,
    ) -> PyResult<Option<T>> {
        let Some((handle, held)) = &self.inside else { return Ok(None) };
        held.with(py, |instance| f(instance, handle)).map(Some)
    }
}

#[pymethods]
impl Handle {
    /// The kind of the value, as `type(x)` names it in a program.
    #[getter(kind)]
    fn get_kind(&self) -> &str {
        &self.kind
    }

    /// Whether it is an instance of `data` or `entity`, which has fields.
    #[getter]
    fn is_instance(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.with(py, |instance, handle| instance.fields(handle))?.flatten().is_some())
    }

    /// The display form of the value.
    fn inspect(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.with(py, |instance, handle| instance.inspect(handle))?.unwrap_or_else(|| self.text.clone()))
    }

    /// The fields of an instance of `data` or `entity`, as a dict.
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = self.with(py, |instance, handle| instance.fields(handle))?.flatten();
        let Some(fields) = fields else {
            return Err(PyTypeError::new_err(format!("a value of kind {} has no fields", self.kind)));
        };
        let dict = PyDict::new(py);
        let out = self.inside.as_ref().map(|(_, held)| held.out()).unwrap_or_default();
        for (name, value) in &fields {
            dict.set_item(name, to_python(py, value, &out)?)?;
        }
        Ok(dict)
    }

    #[pyo3(signature = (*args))]
    fn __call__<'py>(&self, py: Python<'py>, args: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let Some((_, held)) = &self.inside else {
            return Err(PyValueError::new_err("the machine of this value is running or gone"));
        };
        let at = At::new("arguments");
        let list = args.iter().enumerate();
        let list = list.map(|(i, arg)| to_data(&arg, &at.index(i, args), Some(&held.calls)));
        let args = list.collect::<PyResult<Vec<Data>>>()?;
        let value = self.with(py, |instance, handle| instance.call_handle(handle, args))?;
        to_python(py, &value.unwrap_or_default(), &held.out())
    }

    fn __repr__(&self) -> String {
        format!("<zexus.Handle {}>", self.kind)
    }
}
