//! The host of machines: output and signals of Python, its clock, and callables as functions.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use zexus::host::{Block, Caps, Host};
use zexus::{Callable, Data};

use crate::convert::{At, Out, to_data, to_python};
use crate::machine::Given;

/// How long a run goes on without asking Python for signals.
const SIGNALS: Duration = Duration::from_millis(50);

/// What callables and the host have raised during a run, for whoever started it.
#[derive(Clone, Default)]
pub struct Calls(Arc<Mutex<Raised>>);

#[derive(Default)]
struct Raised {
    /// The exception of a callable that was raised last, with the message of E0423.
    last: Option<(String, PyErr)>,
    /// What ends the run: an exception that programs must not see, such as that of Ctrl-C.
    fatal: Option<PyErr>,
    /// The callables that went in, so that they come out as what they were.
    functions: Vec<(Callable, Py<PyAny>)>,
}

impl Calls {
    fn with<T>(&self, f: impl FnOnce(&mut Raised) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets what was raised.
    pub fn clear(&self) {
        self.with(|raised| *raised = Raised::default());
    }

    /// Ends the run with this exception.
    pub fn stop(&self, error: PyErr) {
        self.with(|raised| raised.fatal = Some(error));
    }

    /// Whether the run is to end.
    pub fn is_stopped(&self) -> bool {
        self.with(|raised| raised.fatal.is_some())
    }

    /// What ends the run.
    pub fn take_fatal(&self) -> Option<PyErr> {
        self.with(|raised| raised.fatal.take())
    }

    /// The exception behind an E0423 with this message.
    pub fn take_raised(&self, message: &str) -> Option<PyErr> {
        self.with(|raised| raised.last.take().filter(|(text, _)| text == message).map(|(_, error)| error))
    }

    /// The callable behind a function that went in.
    pub fn callable<'py>(&self, py: Python<'py>, function: &Callable) -> Option<Bound<'py, PyAny>> {
        self.with(|raised| {
            let found = raised.functions.iter().find(|(f, _)| f == function);
            found.map(|(_, object)| object.bind(py).clone())
        })
    }

    /// A callable as a function for programs; the same one each time while a run lasts.
    pub fn function(&self, object: &Bound<'_, PyAny>) -> Callable {
        let known = self.with(|raised| {
            let known = raised.functions.iter().find(|(_, known)| known.is(object));
            known.map(|(function, _)| function.clone())
        });
        known.unwrap_or_else(|| {
            let function = self.new_function(object);
            self.with(|raised| raised.functions.push((function.clone(), object.clone().unbind())));
            function
        })
    }

    fn new_function(&self, object: &Bound<'_, PyAny>) -> Callable {
        let name = object.getattr("__name__").and_then(|name| name.extract::<String>()).unwrap_or_default();
        let (object, calls) = (object.clone().unbind(), self.clone());
        Callable::new(&name, move |args| Python::attach(|py| calls.call(py, &object, &args)))
    }

    fn call(&self, py: Python<'_>, object: &Py<PyAny>, args: &[Data]) -> Result<Data, String> {
        let reply = || {
            let args = args
                .iter()
                .map(|arg| to_python(py, arg, &Out::running(self)))
                .collect::<PyResult<Vec<_>>>()?;
            let reply = object.bind(py).call1(PyTuple::new(py, args)?)?;
            to_data(&reply, &At::new("the result of the function"), Some(self))
        };
        reply().map_err(|error| {
            let message = text(py, &error);
            if error.is_instance_of::<pyo3::exceptions::PyException>(py) {
                self.with(|raised| raised.last = Some((message.clone(), error)));
            } else {
                // KeyboardInterrupt, SystemExit.
                self.stop(error);
            }
            message
        })
    }
}

/// `str(e)`, or the name of its type if that is empty.
fn text(py: Python<'_>, error: &PyErr) -> String {
    let value = error.value(py);
    let text = value.str().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    if text.is_empty() { value.get_type().name().map(|n| n.to_string()).unwrap_or_default() } else { text }
}

/// The world of a machine in a process of Python.
pub struct PythonHost {
    calls: Calls,
    asked: Instant,
    given: Given,
    output: Option<Captured>,
}

/// Output that is kept instead of written.
pub type Captured = Arc<Mutex<String>>;

impl PythonHost {
    /// Writes to `sys.stdout` and `sys.stderr` as they are then.
    pub fn new(calls: Calls, given: Given) -> PythonHost {
        PythonHost { calls, asked: Instant::now(), given, output: None }
    }

    /// Keeps the output of programs instead of writing it.
    #[must_use]
    pub fn capture(mut self, output: Option<Captured>) -> PythonHost {
        self.output = output;
        self
    }

    fn write(&self, stream: &str, text: &str) -> Result<(), String> {
        Python::attach(|py| {
            let stream = py.import("sys")?.getattr(stream)?;
            // Without a console there is none.
            if stream.is_none() { Ok(()) } else { stream.call_method1("write", (text,)).map(drop) }
        })
        .map_err(|error: PyErr| {
            let message = error.to_string();
            self.calls.stop(error);
            message
        })
    }
}

/// The time, in milliseconds since 1970.
pub fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

impl Host for PythonHost {
    fn block(&mut self) -> Block {
        let mut block = self.given.block.clone();
        if !self.given.timed {
            block.time = now();
        }
        block
    }
    fn print(&mut self, text: &str) -> Result<(), String> {
        match &self.output {
            Some(kept) => {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
                Ok(())
            }
            None => self.write("stdout", text),
        }
    }
    fn diagnostic(&mut self, line: &str) {
        // What cannot be written is noted and ends the run.
        let _ = self.write("stderr", &format!("{line}\n"));
    }
    fn caps(&self) -> Caps {
        // The engine grants what it wants.
        Caps::ALL
    }
    fn interrupted(&mut self) -> bool {
        if self.calls.is_stopped() {
            return true;
        }
        if self.asked.elapsed() < SIGNALS {
            return false;
        }
        self.asked = Instant::now();
        match Python::attach(|py| py.check_signals()) {
            Ok(()) => false,
            Err(error) => {
                self.calls.stop(error);
                true
            }
        }
    }
    fn now(&mut self) -> i64 {
        now()
    }
    fn sleep_until(&mut self, time: i64) {
        // Short naps, so that Ctrl-C ends a long sleep.
        while let Ok(left @ 1..) = u64::try_from(time.saturating_sub(now())) {
            std::thread::sleep(SIGNALS.min(Duration::from_millis(left)));
            if self.interrupted() {
                break;
            }
        }
    }
    fn random(&mut self, out: &mut [u8]) {
        let filled = Python::attach(|py| {
            let bytes = py.import("os")?.call_method1("urandom", (out.len(),))?;
            out.copy_from_slice(bytes.cast::<pyo3::types::PyBytes>()?.as_bytes());
            Ok(())
        });
        if let Err(error) = filled {
            self.calls.stop(error);
        }
    }
    fn env(&mut self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// The error of a machine that is already running.
pub fn busy() -> PyErr {
    PyRuntimeError::new_err("this VM is already executing")
}
