//! Values of Python as values of programs, and back (python.md chapter 2).

use std::fmt;

use indexmap::IndexMap;
use num_bigint::BigInt;
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    IntoPyDict, PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyRange, PySet,
    PyString, PyTuple,
};
use zexus::{Data, Key, MAX_DEPTH};
use zexus_bytecode::{Const, encode};

use crate::code::FunctionRef;
use crate::handle::{Handle, Held};
use crate::host::Calls;

/// Bits that an integer may have.
const MAX_BITS: u64 = 4096;

/// Where in what was given a value stands, for messages: `constants[3]["a"]`.
pub struct At<'a> {
    outer: Option<&'a At<'a>>,
    step: Step<'a>,
    /// The object, to find one that contains itself.
    object: *mut pyo3::ffi::PyObject,
    depth: usize,
}

enum Step<'a> {
    Name(&'a str),
    Index(usize),
    Key(&'a Key),
    Text(&'a str),
}

impl<'a> At<'a> {
    /// The outermost place.
    pub fn new(name: &'a str) -> At<'a> {
        At { outer: None, step: Step::Name(name), object: std::ptr::null_mut(), depth: 0 }
    }

    /// An item of it.
    pub fn index(&'a self, index: usize, of: &Bound<'_, PyAny>) -> At<'a> {
        At { outer: Some(self), step: Step::Index(index), object: of.as_ptr(), depth: self.depth + 1 }
    }

    /// What is under a name in it.
    pub fn name(&'a self, name: &'a str) -> At<'a> {
        At { outer: Some(self), step: Step::Text(name), object: std::ptr::null_mut(), depth: self.depth }
    }

    fn key(&'a self, key: &'a Key, of: &Bound<'_, PyAny>) -> At<'a> {
        At { outer: Some(self), step: Step::Key(key), object: of.as_ptr(), depth: self.depth + 1 }
    }

    /// Whether the object is one of those that this place is in.
    fn is_inside(&self, object: &Bound<'_, PyAny>) -> bool {
        let mut at = Some(self);
        while let Some(here) = at {
            if here.object == object.as_ptr() {
                return true;
            }
            at = here.outer;
        }
        false
    }

    fn error(&self, what: impl fmt::Display) -> PyErr {
        PyTypeError::new_err(format!("{self}: {what}"))
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.outer {
            outer.fmt(f)?;
        }
        match &self.step {
            Step::Name(name) => f.write_str(name),
            Step::Text(key) => write!(f, "[{key:?}]"),
            Step::Index(i) => write!(f, "[{i}]"),
            Step::Key(Key::Str(key)) => write!(f, "[{key:?}]"),
            Step::Key(Key::Int(key)) => write!(f, "[{key}]"),
            Step::Key(Key::Bool(key)) => f.write_str(if *key { "[True]" } else { "[False]" }),
            Step::Key(Key::Big(key)) => write!(f, "[{key}]"),
        }
    }
}

/// The kind of what stands for a function of the module among constants; nothing else has it.
const FUNCTION: &str = "@function";

/// A value for a program. Callables become functions of the host that note their exceptions in `calls`.
pub fn to_data(object: &Bound<'_, PyAny>, at: &At<'_>, calls: Option<&Calls>) -> PyResult<Data> {
    if object.is_none() {
        return Ok(Data::Null);
    }
    if let Ok(s) = object.cast::<PyString>() {
        return Ok(Data::Str(s.to_cow()?.into_owned()));
    }
    if let Ok(b) = object.cast::<PyBool>() {
        return Ok(Data::Bool(b.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        return integer(object);
    }
    if let Ok(f) = object.cast::<PyFloat>() {
        let f = f.value();
        return match f.is_finite() {
            true => Ok(Data::Float(f)),
            false => Err(PyValueError::new_err(format!("{at}: {f} is no float of a program"))),
        };
    }
    if let Ok(list) = object.cast::<PyList>() {
        inside(object, at)?;
        // The list may shrink while its items are converted.
        let items = list.iter().enumerate().map(|(i, item)| to_data(&item, &at.index(i, object), calls));
        return Ok(Data::List(items.collect::<PyResult<_>>()?));
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        inside(object, at)?;
        let items = tuple.iter().enumerate().map(|(i, item)| to_data(&item, &at.index(i, object), calls));
        return Ok(Data::List(items.collect::<PyResult<_>>()?));
    }
    if let Ok(dict) = object.cast::<PyDict>() {
        inside(object, at)?;
        let mut map = IndexMap::with_capacity(dict.len());
        for (k, v) in dict.iter() {
            let key = to_key(&k, at)?;
            let value = to_data(&v, &at.key(&key, object), calls)?;
            map.insert(key, value);
        }
        return Ok(Data::Map(map));
    }
    rare(object, at, calls)
}

fn inside(object: &Bound<'_, PyAny>, at: &At<'_>) -> PyResult<()> {
    if at.is_inside(object) {
        return Err(at.error("the object contains itself"));
    }
    if at.depth >= MAX_DEPTH {
        return Err(at.error(format_args!("the value is nested more than {MAX_DEPTH} levels deep")));
    }
    Ok(())
}

fn rare(object: &Bound<'_, PyAny>, at: &At<'_>, calls: Option<&Calls>) -> PyResult<Data> {
    let py = object.py();
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(Data::Bytes(bytes.as_bytes().to_vec()));
    }
    if let Ok(bytes) = object.cast::<PyByteArray>() {
        return Ok(Data::Bytes(bytes.to_vec()));
    }
    if object.is_instance_of::<PySet>() || object.is_instance_of::<PyFrozenSet>() {
        let keys = object.try_iter()?.map(|item| to_key(&item?, at)).collect::<PyResult<Vec<Key>>>()?;
        let mut keys: Vec<(Vec<u8>, Key)> =
            keys.into_iter().map(|k| (encode::encode(&key_const(&k)), k)).collect();
        keys.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        return Ok(Data::Map(keys.into_iter().map(|(_, k)| (k, Data::Bool(true))).collect()));
    }
    if object.is_instance_of::<PyRange>() {
        let part = |name: &str| object.getattr(name)?.extract::<i64>();
        if part("step")? != 1 {
            return Err(at.error("a range with a step other than 1"));
        }
        return Ok(Data::Range(part("start")?, part("stop")?));
    }
    if let Ok(handle) = object.cast::<Handle>() {
        return match (handle.get().as_data(), calls) {
            (Some(callable), Some(_)) => Ok(callable),
            _ => Err(at.error(format_args!("a value of kind {} stays in its machine", handle.get().kind()))),
        };
    }
    if let Ok(function) = object.cast::<FunctionRef>() {
        return Ok(Data::Opaque(FUNCTION.into(), function.get().number.to_string()));
    }
    let datetime = datetime_types(py)?;
    if object.is_instance(datetime.class.bind(py))? {
        if object.getattr(intern!(py, "tzinfo"))?.is_none() {
            return Err(at.error("a datetime without a time zone"));
        }
        let delta = object.call_method1(intern!(py, "__sub__"), (&datetime.epoch,))?;
        let micros = delta.call_method1(intern!(py, "__floordiv__"), (&datetime.microsecond,))?;
        return Ok(Data::DateTime(micros.extract()?));
    }
    if let Some(calls) = calls
        && object.is_callable()
    {
        return Ok(Data::Function(calls.function(object)));
    }
    let kind = object.get_type().name()?;
    Err(at.error(format_args!("a {kind} has no meaning in a program")))
}

fn integer(object: &Bound<'_, PyAny>) -> PyResult<Data> {
    match object.extract::<i64>() {
        Ok(i) => Ok(Data::Int(i)),
        Err(e) if e.is_instance_of::<PyOverflowError>(object.py()) => Ok(Data::Big(big(object)?)),
        Err(e) => Err(e),
    }
}

fn big(object: &Bound<'_, PyAny>) -> PyResult<BigInt> {
    let py = object.py();
    let bits: u64 = object.call_method0(intern!(py, "bit_length"))?.extract()?;
    if bits > MAX_BITS {
        return Err(PyOverflowError::new_err(format!(
            "an integer of {bits} bits; a program has at most {MAX_BITS}"
        )));
    }
    let signed = [("signed", true)].into_py_dict(py)?;
    let bytes = object.call_method(intern!(py, "to_bytes"), (bits / 8 + 1, "little"), Some(&signed))?;
    Ok(BigInt::from_signed_bytes_le(bytes.cast::<PyBytes>()?.as_bytes()))
}

fn to_key(object: &Bound<'_, PyAny>, at: &At<'_>) -> PyResult<Key> {
    if let Ok(s) = object.cast::<PyString>() {
        return Ok(Key::Str(s.to_cow()?.into_owned()));
    }
    if let Ok(b) = object.cast::<PyBool>() {
        return Ok(Key::Bool(b.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        return Ok(match integer(object)? {
            Data::Int(i) => Key::Int(i),
            Data::Big(b) => Key::Big(b),
            _ => Key::Int(0),
        });
    }
    let kind = object.get_type().name()?;
    Err(at.error(format_args!("a key is a str, an int or a bool, not a {kind}")))
}

fn key_const(key: &Key) -> Const {
    match key {
        Key::Str(s) => Const::from(s),
        Key::Int(i) => Const::Int(*i),
        Key::Bool(b) => Const::Bool(*b),
        Key::Big(b) => Const::from(b.clone()),
    }
}

struct DateTimes {
    class: Py<PyAny>,
    epoch: Py<PyAny>,
    microsecond: Py<PyAny>,
    delta: Py<PyAny>,
}

fn datetime_types(py: Python<'_>) -> PyResult<&'static DateTimes> {
    static TYPES: PyOnceLock<DateTimes> = PyOnceLock::new();
    TYPES.get_or_try_init(py, || {
        let module = py.import("datetime")?;
        let (class, delta) = (module.getattr("datetime")?, module.getattr("timedelta")?);
        let utc = module.getattr("timezone")?.getattr("utc")?;
        let epoch = class.call_method1("fromtimestamp", (0, utc))?;
        let microsecond = delta.call1((0, 0, 1))?;
        Ok(DateTimes {
            class: class.unbind(),
            epoch: epoch.unbind(),
            microsecond: microsecond.unbind(),
            delta: delta.unbind(),
        })
    })
}

/// Where values come from.
#[derive(Clone, Copy, Default)]
pub struct Out<'a> {
    /// The instance that handles are for.
    pub held: Option<&'a Held>,
    /// What knows the callables that went in.
    pub calls: Option<&'a Calls>,
}

impl<'a> Out<'a> {
    /// From a machine that is running, so that there are no handles.
    pub fn running(calls: &'a Calls) -> Out<'a> {
        Out { held: None, calls: Some(calls) }
    }
}

/// A value of a program for Python.
pub fn to_python<'py>(py: Python<'py>, data: &Data, from: &Out<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match data {
        Data::Null => py.None().into_bound(py),
        Data::Bool(b) => PyBool::new(py, *b).to_owned().into_any(),
        Data::Int(i) => i.into_pyobject(py)?.into_any(),
        Data::Float(f) => PyFloat::new(py, *f).into_any(),
        Data::Str(s) => PyString::new(py, s).into_any(),
        Data::Bytes(b) => PyBytes::new(py, b).into_any(),
        Data::Big(b) => from_big(py, b)?,
        Data::DateTime(micros) => {
            let types = datetime_types(py)?;
            let delta = types.delta.bind(py).call1((0, 0, *micros))?;
            types.epoch.bind(py).call_method1(intern!(py, "__add__"), (delta,))?
        }
        Data::Range(start, end) => py.get_type::<PyRange>().call1((*start, *end))?,
        Data::List(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(to_python(py, item, from)?)?;
            }
            list.into_any()
        }
        Data::Map(entries) => {
            let dict = PyDict::new(py);
            for (k, v) in entries {
                dict.set_item(key_to_python(py, k)?, to_python(py, v, from)?)?;
            }
            if dict.len() != entries.len() {
                return Err(PyValueError::new_err(
                    "a map has two keys that are one key in Python, such as 1 and True",
                ));
            }
            dict.into_any()
        }
        Data::Instance(kind, fields) => {
            let text = format!("{kind}({})", fields.keys().cloned().collect::<Vec<_>>().join(", "));
            Bound::new(py, Handle::loose(kind, &text))?.into_any()
        }
        Data::Opaque(kind, text) => Bound::new(py, Handle::loose(kind, text))?.into_any(),
        Data::Handle(handle) => Bound::new(py, Handle::new(handle.clone(), from.held))?.into_any(),
        Data::Function(function) => match from.calls.and_then(|calls| calls.callable(py, function)) {
            Some(object) => object,
            None => Bound::new(py, Handle::loose("Builtin", function.name()))?.into_any(),
        },
    })
}

fn from_big<'py>(py: Python<'py>, b: &BigInt) -> PyResult<Bound<'py, PyAny>> {
    let signed = [("signed", true)].into_py_dict(py)?;
    let bytes = PyBytes::new(py, &b.to_signed_bytes_le());
    py.get_type::<PyInt>().call_method(intern!(py, "from_bytes"), (bytes, "little"), Some(&signed))
}

fn key_to_python<'py>(py: Python<'py>, key: &Key) -> PyResult<Bound<'py, PyAny>> {
    Ok(match key {
        Key::Str(s) => PyString::new(py, s).into_any(),
        Key::Int(i) => i.into_pyobject(py)?.into_any(),
        Key::Bool(b) => PyBool::new(py, *b).to_owned().into_any(),
        Key::Big(b) => from_big(py, b)?,
    })
}

/// A constant of a module.
pub fn to_const(object: &Bound<'_, PyAny>, at: &At<'_>) -> PyResult<Const> {
    data_const(to_data(object, at, None)?, at)
}

fn data_const(data: Data, at: &At<'_>) -> PyResult<Const> {
    Ok(match data {
        Data::Null => Const::Null,
        Data::Bool(b) => Const::Bool(b),
        Data::Int(i) => Const::Int(i),
        Data::Big(b) => Const::from(b),
        Data::Float(f) => Const::Float(f),
        Data::Str(s) => Const::from(s),
        Data::Bytes(b) => Const::from(&b[..]),
        Data::List(items) => {
            Const::from(items.into_iter().map(|d| data_const(d, at)).collect::<PyResult<Vec<_>>>()?)
        }
        Data::Map(entries) => {
            let entries = entries.into_iter().map(|(k, v)| Ok((key_const(&k), data_const(v, at)?)));
            Const::from(entries.collect::<PyResult<Vec<_>>>()?)
        }
        Data::Opaque(kind, number) if kind == FUNCTION => Const::Func(number.parse().unwrap_or(u32::MAX)),
        other => return Err(at.error(format_args!("a {} cannot be a constant", other.kind()))),
    })
}

/// A constant for Python.
pub fn const_to_python<'py>(py: Python<'py>, constant: &Const) -> PyResult<Bound<'py, PyAny>> {
    Ok(match constant {
        Const::Null => py.None().into_bound(py),
        Const::Bool(b) => PyBool::new(py, *b).to_owned().into_any(),
        Const::Int(i) => i.into_pyobject(py)?.into_any(),
        Const::Big(b) => from_big(py, b)?,
        Const::Float(f) => PyFloat::new(py, *f).into_any(),
        Const::Str(s) => PyString::new(py, s).into_any(),
        Const::Bytes(b) => PyBytes::new(py, b).into_any(),
        Const::Func(number) => Bound::new(py, FunctionRef { number: *number })?.into_any(),
        Const::List(items) => {
            let items = items.iter().map(|c| const_to_python(py, c)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, items)?.into_any()
        }
        Const::Map(entries) => {
            let dict = PyDict::new(py);
            for (k, v) in entries.iter() {
                dict.set_item(const_to_python(py, k)?, const_to_python(py, v)?)?;
            }
            dict.into_any()
        }
    })
}
