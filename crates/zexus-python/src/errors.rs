//! Errors of the engine as exceptions of `zexus.errors`.

use pyo3::exceptions::{PyOSError, PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use zexus::{Diagnostic, Error, Instance};
use zexus_bytecode::VerifyError;

use crate::convert::Out;
use crate::host::Calls;

/// An exception of this class, with attributes.
pub fn make(py: Python<'_>, class: &str, message: &str, attributes: &Bound<'_, PyDict>) -> PyErr {
    let made = || {
        let class = py.import("zexus.errors")?.getattr(class)?;
        let error = class.call1((message,))?;
        attributes
            .iter()
            .try_for_each(|(name, value)| error.setattr(name.cast::<pyo3::types::PyString>()?, value))?;
        Ok(PyErr::from_value(error))
    };
    made().unwrap_or_else(|error: PyErr| error)
}

/// An exception of this class with a message alone.
pub fn plain(py: Python<'_>, class: &str, message: &str) -> PyErr {
    make(py, class, message, &PyDict::new(py))
}

/// The attributes that every diagnostic gives.
fn attributes<'py>(py: Python<'py>, d: &Diagnostic) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("code", d.code().to_string())?;
    dict.set_item("message", d.message())?;
    if let Some(place) = d.place() {
        dict.set_item("file", place.file)?;
        dict.set_item("line", place.line)?;
        dict.set_item("column", place.column)?;
    }
    dict.set_item("trace", d.notes())?;
    dict.set_item("_rendered", d.render(false))?;
    Ok(dict)
}

fn of_diagnostic(py: Python<'_>, class: &str, d: &Diagnostic) -> PyErr {
    match attributes(py, d) {
        Ok(dict) => make(py, class, d.message(), &dict),
        Err(error) => error,
    }
}

/// `CompileError` with all that was found.
pub fn of_compiler(py: Python<'_>, list: &[Diagnostic]) -> PyErr {
    let errors: Vec<&Diagnostic> = list.iter().filter(|d| d.is_error()).collect();
    let Some(first) = errors.first() else { return PyRuntimeError::new_err("the program did not compile") };
    let made = || {
        let each = errors.iter().map(|d| of_diagnostic(py, "ZexusError", d).into_value(py));
        let dict = attributes(py, first)?;
        dict.set_item("errors", PyList::new(py, each)?)?;
        let rendered: Vec<String> = errors.iter().map(|d| d.render(false)).collect();
        dict.set_item("_rendered", rendered.join("\n"))?;
        Ok(make(py, "CompileError", first.message(), &dict))
    };
    made().unwrap_or_else(|error: PyErr| error)
}

/// `BytecodeError`.
pub fn bytecode(
    py: Python<'_>,
    code: &str,
    what: &str,
    function: Option<(u32, &str)>,
    pc: Option<u32>,
    listing: Option<&str>,
) -> PyErr {
    let made = || {
        let mut message = String::new();
        if let Some((index, name)) = function {
            message.push_str(&format!("function {index} ({name})"));
            if let Some(pc) = pc {
                message.push_str(&format!(", pc {pc}"));
            }
            message.push_str(": ");
        }
        message.push_str(what);
        let dict = PyDict::new(py);
        dict.set_item("code", code)?;
        dict.set_item("message", &message)?;
        dict.set_item("function", function.map(|(index, _)| index))?;
        dict.set_item("pc", pc)?;
        dict.set_item("listing", listing)?;
        let line = listing.map(|line| format!("\n  {line}")).unwrap_or_default();
        dict.set_item("_rendered", format!("error[{code}]: {message}{line}"))?;
        Ok(make(py, "BytecodeError", &message, &dict))
    };
    made().unwrap_or_else(|error: PyErr| error)
}

/// What the verifier found first.
pub fn of_verifier(py: Python<'_>, list: &[VerifyError]) -> PyErr {
    match list.first() {
        Some(e) => {
            let function = e.function.as_ref().map(|(index, name)| (*index, name.as_str()));
            bytecode(py, e.code, &e.message, function, e.pc, e.listing.as_deref())
        }
        None => PyValueError::new_err("the module does not verify"),
    }
}

/// What is wrong with bytes or text that should be a module.
pub fn of_form(py: Python<'_>, code: &str, message: &str) -> PyErr {
    bytecode(py, code, message, None, None, None)
}

/// An error before a program runs.
pub fn of_program(py: Python<'_>, error: Error) -> PyErr {
    match &error {
        Error::Compile(list) => match list.iter().find(|d| d.is_error()) {
            Some(d) if d.code().to_string().starts_with("E07") => {
                bytecode(py, &d.code().to_string(), d.message(), None, None, None)
            }
            _ => of_compiler(py, list),
        },
        Error::File { .. } | Error::Write { .. } => PyOSError::new_err(error.to_string()),
        _ => of_value(error),
    }
}

fn of_value(error: Error) -> PyErr {
    match error {
        Error::In(reason) => PyTypeError::new_err(reason),
        other => PyValueError::new_err(other.to_string()),
    }
}

/// An error of a run. What a callable or a signal raised goes on as it was.
pub fn of_run(py: Python<'_>, error: Error, calls: &Calls, instance: &mut Instance) -> PyErr {
    if let Some(fatal) = calls.take_fatal() {
        return fatal;
    }
    match &error {
        Error::Run(list) => match list.iter().find(|d| d.is_error()) {
            Some(d) => of_raised(py, d, calls, instance),
            None => PyRuntimeError::new_err(error.to_string()),
        },
        Error::Exit(code) => {
            let message = format!("the program ended itself with exit code {code}");
            let dict = PyDict::new(py);
            let set = dict.set_item("message", &message).and_then(|()| dict.set_item("kind", "Exit"));
            set.map_or_else(|e| e, |()| make(py, "ZexusRuntimeError", &message, &dict))
        }
        Error::Stopped(_) => PyRuntimeError::new_err(error.to_string()),
        _ => of_program(py, error),
    }
}

fn of_raised(py: Python<'_>, d: &Diagnostic, calls: &Calls, instance: &mut Instance) -> PyErr {
    let code = d.code().to_string();
    if code == "E0423"
        && let Some(raised) = calls.take_raised(d.message())
    {
        return raised;
    }
    let thrown = instance.thrown().ok().flatten();
    let made = || {
        let dict = attributes(py, d)?;
        dict.set_item("kind", d.code().kind())?;
        let class = match code.as_str() {
            "E0504" => {
                let numbers = d.message().rsplit_once(' ').and_then(|(_, n)| n.split_once('/'));
                let (used, limit) = numbers.unwrap_or_default();
                dict.set_item("used", used.parse::<u64>().ok())?;
                dict.set_item("limit", limit.parse::<u64>().ok())?;
                "OutOfGasError"
            }
            "E0503" => {
                dict.set_item("reason", d.message())?;
                "RevertError"
            }
            "E0429" | "E0430" | "E0431" => "LimitError",
            _ => "ZexusRuntimeError",
        };
        if let Some(thrown) = &thrown {
            dict.set_item("value", crate::convert::to_python(py, thrown, &Out::running(calls))?)?;
        }
        Ok(make(py, class, d.message(), &dict))
    };
    made().unwrap_or_else(|error: PyErr| error)
}
