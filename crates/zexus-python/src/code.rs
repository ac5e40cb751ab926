//! Modules: from the lists of a `Bytecode` to something that runs, made once as long as they do not change.

use std::sync::{Mutex, OnceLock, PoisonError};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use zexus::{Engine, Program};
use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::{
    Const, Function, Instruction, Module, Opcode, Operand, Param, ParamKind, listing_line, verify,
};

use crate::convert::{At, const_to_python, to_const};
use crate::errors;

/// Stands for a function of a module among its constants: `Bytecode.function(n)`.
#[pyclass(frozen, eq, hash, module = "zexus.vm.bytecode")]
#[derive(PartialEq, Eq, Hash)]
pub struct FunctionRef {
    /// The number of the function.
    #[pyo3(get)]
    pub number: u32,
}

#[pymethods]
impl FunctionRef {
    #[new]
    fn new(number: u32) -> FunctionRef {
        FunctionRef { number }
    }

    fn __repr__(&self) -> String {
        format!("Bytecode.function({})", self.number)
    }
}

/// A name of a program, as Python and as the engine has it.
pub struct Name {
    /// For dicts.
    pub python: Py<PyString>,
    /// For the engine.
    pub text: String,
    /// Whether the program stores it.
    pub stored: bool,
}

/// A program that a machine can run.
pub struct Ready {
    /// The program.
    pub program: Program,
    /// The content hash of its main module, in hex; empty for a program without one.
    pub hash: String,
    names: OnceLock<Vec<Name>>,
    keys: Vec<Name>,
}

impl Ready {
    /// Around a program.
    pub fn new(py: Python<'_>, program: Program, hash: String) -> PyResult<Ready> {
        let name = |text: String| Name { python: PyString::intern(py, &text).unbind(), text, stored: true };
        let keys = program.state_keys().map_err(|e| errors::of_program(py, e))?;
        Ok(Ready { program, hash, names: OnceLock::new(), keys: keys.into_iter().map(name).collect() })
    }

    /// Around a program from source text, whose state is its own.
    pub fn of_source(program: Program) -> Ready {
        Ready { program, hash: String::new(), names: OnceLock::new(), keys: Vec::new() }
    }

    /// The variables of its top level, which an instance of it knows.
    pub fn names(&self, py: Python<'_>, instance: &zexus::Instance) -> &[Name] {
        self.names.get_or_init(|| {
            let all = instance.variables().into_iter().filter(|v| !v.name.contains(['#', '@', ':']));
            let name = |v: zexus::Variable| Name {
                python: PyString::intern(py, &v.name).unbind(),
                text: v.name,
                stored: v.stored,
            };
            all.map(name).collect()
        })
    }

    /// The keys of the state that it names.
    pub fn keys(&self) -> &[Name] {
        &self.keys
    }
}

/// The content of a `Bytecode` behind its lists.
///
/// The lists belong to Python and may change at any time; each use compares them with what it has made of them before.
#[pyclass(frozen, module = "zexus._zexus")]
pub struct Code {
    /// What a module has that the lists do not show: the fields of its entry function, its source map.
    base: Module,
    made: Mutex<Option<Made>>,
}

struct Made {
    /// The items of the lists, to be compared by identity. None if some of them can change by themselves.
    seen: Option<[Vec<Py<PyAny>>; 2]>,
    module: Module,
    ready: Option<Py<Prepared>>,
}

/// A `Ready` for Python to hand on.
#[pyclass(frozen, module = "zexus._zexus")]
pub struct Prepared(pub Ready);

#[pymethods]
impl Prepared {
    /// The content hash in hex.
    #[getter]
    fn hash(&self) -> &str {
        &self.0.hash
    }
}

/// The lists of a `Bytecode`.
type Lists<'a, 'py> = (&'a Bound<'py, PyList>, &'a Bound<'py, PyList>, &'a Bound<'py, PyList>);

#[pymethods]
impl Code {
    #[new]
    fn new() -> Code {
        Code::of(Module::new())
    }

    /// Reads the binary form.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, data: &[u8]) -> PyResult<Code> {
        let module = Module::from_bytes(data);
        Ok(Code::of(module.map_err(|e| errors::of_form(py, e.code(), &e.to_string()))?))
    }

    /// Reads assembler text.
    #[staticmethod]
    fn from_asm(py: Python<'_>, text: &str) -> PyResult<Code> {
        let module = Module::from_asm(text);
        Ok(Code::of(module.map_err(|e| errors::of_form(py, e.code(), &e.to_string()))?))
    }

    /// The lists that a `Bytecode` of it begins with: instructions, constants, and for each further function its name, parameters,
    /// entries, locals, captures, flags, gas limit and instructions.
    fn lists<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let module = &self.base;
        let constants = module.constants.iter().map(|c| const_to_python(py, c));
        let constants = PyList::new(py, constants.collect::<PyResult<Vec<_>>>()?)?;
        let functions = module.functions.iter().skip(1).map(|f| function_to_python(py, f));
        let functions = PyList::new(py, functions.collect::<PyResult<Vec<_>>>()?)?;
        let main = module.functions.first().map(|f| &f.code[..]).unwrap_or_default();
        (code_to_python(py, main)?, constants, functions).into_pyobject(py)
    }

    /// The metadata of the module that was read.
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        self.base.metadata.iter().try_for_each(|(k, v)| dict.set_item(k, v))?;
        Ok(dict)
    }

    /// The program that the lists make.
    fn prepare<'py>(
        &self,
        py: Python<'py>,
        instructions: &Bound<'py, PyList>,
        constants: &Bound<'py, PyList>,
        functions: &Bound<'py, PyList>,
    ) -> PyResult<Py<Prepared>> {
        self.with(py, (instructions, constants, functions), |made| {
            if let Some(ready) = &made.ready {
                return Ok(ready.clone_ref(py));
            }
            let hash = hex(&made.module.content_hash());
            let verified = verify(made.module.clone()).map_err(|list| errors::of_verifier(py, &list))?;
            let program = Engine::new().load("bytecode", verified.into_module());
            let program = program.map_err(|e| errors::of_program(py, e))?;
            let ready = Py::new(py, Prepared(Ready::new(py, program, hash)?))?;
            made.ready = Some(ready.clone_ref(py));
            Ok(ready)
        })
    }

    /// None, or the exception that says what is wrong.
    fn verify(
        &self,
        py: Python<'_>,
        instructions: &Bound<'_, PyList>,
        constants: &Bound<'_, PyList>,
        functions: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let module = self.module(py, (instructions, constants, functions))?;
        verify(module).map(drop).map_err(|list| errors::of_verifier(py, &list))
    }

    /// The listing.
    fn disassemble(
        &self,
        py: Python<'_>,
        instructions: &Bound<'_, PyList>,
        constants: &Bound<'_, PyList>,
        functions: &Bound<'_, PyList>,
    ) -> PyResult<String> {
        Ok(self.module(py, (instructions, constants, functions))?.disassemble())
    }

    /// The content hash in hex.
    fn content_hash(
        &self,
        py: Python<'_>,
        instructions: &Bound<'_, PyList>,
        constants: &Bound<'_, PyList>,
        functions: &Bound<'_, PyList>,
    ) -> PyResult<String> {
        self.with(py, (instructions, constants, functions), |made| Ok(hex(&made.module.content_hash())))
    }

    /// The assembler text.
    fn to_asm(
        &self,
        py: Python<'_>,
        instructions: &Bound<'_, PyList>,
        constants: &Bound<'_, PyList>,
        functions: &Bound<'_, PyList>,
        metadata: &Bound<'_, PyDict>,
    ) -> PyResult<String> {
        let mut module = self.module(py, (instructions, constants, functions))?;
        module.metadata = texts(metadata)?;
        Ok(module.to_asm())
    }

    /// The binary form.
    fn to_bytes<'py>(
        &self,
        py: Python<'py>,
        instructions: &Bound<'py, PyList>,
        constants: &Bound<'py, PyList>,
        functions: &Bound<'py, PyList>,
        metadata: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let mut module = self.module(py, (instructions, constants, functions))?;
        verify(module.clone()).map_err(|list| errors::of_verifier(py, &list))?;
        module.metadata = texts(metadata)?;
        Ok(PyBytes::new(py, &module.to_bytes()))
    }

    /// Whether two constants are equal: the same bytes in their encoding.
    #[staticmethod]
    fn same(a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(to_const(a, &At::new("value"))? == to_const(b, &At::new("value"))?)
    }

    /// A copy of a value as a constant has it, and its encoding, by which equal ones are found.
    #[staticmethod]
    fn constant<'py>(
        py: Python<'py>,
        value: &Bound<'py, PyAny>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyBytes>)> {
        let constant = to_const(value, &At::new("value"))?;
        let encoding = zexus_bytecode::encode::encode(&constant);
        Ok((const_to_python(py, &constant)?, PyBytes::new(py, &encoding)))
    }

    /// The instructions of a body with their constants in another pool: `places[k]` is the new index of constant `k`.
    #[staticmethod]
    fn moved<'py>(
        py: Python<'py>,
        instructions: &Bound<'py, PyList>,
        places: Vec<u64>,
    ) -> PyResult<Bound<'py, PyList>> {
        let code = to_code(instructions)?.map_err(|e| e.raise(py, 0, "main"))?;
        let moved = code.into_iter().map(|i| remap(i, &|k| places.get(k as usize).copied().unwrap_or(k)));
        code_to_python(py, &moved.collect::<Vec<_>>())
    }
}

impl Code {
    /// A code that begins as this module.
    pub fn of(base: Module) -> Code {
        Code { base, made: Mutex::new(None) }
    }

    pub fn module(&self, py: Python<'_>, lists: Lists<'_, '_>) -> PyResult<Module> {
        self.with(py, lists, |made| Ok(made.module.clone()))
    }

    /// Calls `f` with what the lists make.
    fn with<T>(
        &self,
        py: Python<'_>,
        lists: Lists<'_, '_>,
        f: impl FnOnce(&mut Made) -> PyResult<T>,
    ) -> PyResult<T> {
        let mut slot = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let (instructions, constants, functions) = lists;
        let same = |made: &Made| {
            made.seen.as_ref().is_some_and(|[code, pool]| {
                functions.is_empty() && unchanged(instructions, code) && unchanged(constants, pool)
            })
        };
        if let Some(made) = slot.as_mut()
            && same(made)
        {
            return f(made);
        }
        let (module, steady) = self.build(py, lists)?;
        let all = |list: &Bound<'_, PyList>| list.iter().map(Bound::unbind).collect();
        let seen = steady.then(|| [all(instructions), all(constants)]);
        let made = match slot.take() {
            Some(old) if old.module == module => Made { seen, ..old },
            _ => Made { seen, module, ready: None },
        };
        f(slot.insert(made))
    }

    /// The module, and whether none of its parts can change without a change of the lists.
    fn build(
        &self,
        py: Python<'_>,
        (instructions, constants, functions): Lists<'_, '_>,
    ) -> PyResult<(Module, bool)> {
        let mut module = Module::new();
        let mut steady = functions.is_empty();
        let mut places = Vec::with_capacity(constants.len());
        let at = At::new("constants");
        for (i, constant) in constants.iter().enumerate() {
            steady &= is_plain(&constant);
            places.push(u64::from(module.add_constant(to_const(&constant, &at.index(i, constants))?)));
        }
        let distinct = places.iter().enumerate().all(|(i, place)| i as u64 == *place);
        let count = module.constants.len() as u64;
        // An index outside the list stays outside.
        let place = |k: u64| places.get(k as usize).copied().unwrap_or_else(|| k.max(count));
        let code = |index: u32, name: &str, list: &Bound<'_, PyList>| -> PyResult<Vec<Instruction>> {
            let code = to_code(list)?.map_err(|e| e.raise(py, index, name))?;
            Ok(if distinct { code } else { code.into_iter().map(|i| remap(i, &place)).collect() })
        };
        steady &= instructions.iter().all(|item| is_tuple_of_plain(&item));
        let mut main = self.base.functions.first().cloned().unwrap_or_else(|| Function::new("main"));
        main.code = code(0, "main", instructions)?;
        module.functions = vec![main];
        for (index, function) in (1..).zip(functions.iter()) {
            let mut made = to_function(&function)?;
            let list = function.getattr("instructions")?;
            made.code = code(index, &made.name, list.cast::<PyList>()?)?;
            module.functions.push(made);
        }
        let shape = |m: &Module| m.functions.iter().map(|f| f.code.clone()).collect::<Vec<_>>();
        if !self.base.source_map.is_empty() && shape(&module) == shape(&self.base) {
            module.source_map = self.base.source_map.clone();
        }
        Ok((module, steady))
    }
}

fn unchanged(list: &Bound<'_, PyList>, seen: &[Py<PyAny>]) -> bool {
    list.len() == seen.len() && list.iter().zip(seen).all(|(now, before)| now.is(before))
}

/// Whether an object never changes.
fn is_plain(object: &Bound<'_, PyAny>) -> bool {
    object.is_none()
        || object.is_exact_instance_of::<PyInt>()
        || object.is_exact_instance_of::<PyString>()
        || object.is_exact_instance_of::<PyFloat>()
        || object.is_exact_instance_of::<PyBool>()
        || object.is_exact_instance_of::<PyBytes>()
        || object.is_exact_instance_of::<FunctionRef>()
}

fn is_tuple_of_plain(object: &Bound<'_, PyAny>) -> bool {
    let inner = |part: &Bound<'_, PyAny>| {
        is_plain(part) || part.cast_exact::<PyTuple>().is_ok_and(|pair| pair.iter().all(|p| is_plain(&p)))
    };
    object.cast_exact::<PyTuple>().is_ok_and(|pair| pair.iter().all(|part| inner(&part)))
}

/// What is wrong with an instruction before it is one.
pub struct Unknown {
    pc: u32,
    name: String,
    operand: Option<String>,
}

impl Unknown {
    pub fn raise(self, py: Python<'_>, function: u32, name: &str) -> PyErr {
        let message = format!("there is no opcode '{}'", self.name);
        let line = listing_line(self.pc, Instruction::new(Opcode::Nop, ()));
        let mut line = line.replace("NOP                 ", &format!("{:<20}", self.name));
        if let Some(operand) = self.operand {
            line = format!("{line}  {operand}");
        }
        errors::bytecode(py, "E0703", &message, Some((function, name)), Some(self.pc), Some(&line))
    }
}

/// Instructions from a list of pairs `(op, operand)`; a name or number alone has no operand.
pub fn to_code(list: &Bound<'_, PyList>) -> PyResult<Result<Vec<Instruction>, Unknown>> {
    let mut code = Vec::with_capacity(list.len());
    for (pc, item) in (0..).zip(list.iter()) {
        match to_instruction(pc, &item)? {
            Ok(instruction) => code.push(instruction),
            Err(unknown) => return Ok(Err(unknown)),
        }
    }
    Ok(Ok(code))
}

fn to_instruction(pc: u32, item: &Bound<'_, PyAny>) -> PyResult<Result<Instruction, Unknown>> {
    let py = item.py();
    let (op, operand) = if let Ok(pair) = item.cast::<PyTuple>() {
        parts(pair.as_any(), pair.len(), pc)?
    } else if let Ok(pair) = item.cast::<PyList>() {
        parts(pair.as_any(), pair.len(), pc)?
    } else {
        (item.clone(), py.None().into_bound(py))
    };
    let made = to_operand(&operand)?;
    if let Ok(name) = op.cast::<PyString>() {
        let name = name.to_cow()?;
        return Ok(Opcode::from_name(&name).map(|op| Instruction::new(op, made)).ok_or_else(|| Unknown {
            pc,
            name: name.into_owned(),
            operand: (!operand.is_none()).then(|| operand.to_string()),
        }));
    }
    let is_number = op.is_instance_of::<PyInt>() && !op.is_instance_of::<PyBool>();
    match op.extract::<u64>().ok().filter(|_| is_number) {
        Some(number) => Ok(Ok(Instruction::from_number(number, made))),
        None if is_number => Ok(Err(Unknown { pc, name: op.to_string(), operand: None })),
        None => {
            let kind = op.get_type().name()?;
            Err(PyTypeError::new_err(format!(
                "instructions[{pc}]: an opcode is a str or an int, not a {kind}"
            )))
        }
    }
}

fn parts<'py>(
    pair: &Bound<'py, PyAny>,
    length: usize,
    pc: u32,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    match length {
        1 => Ok((pair.get_item(0)?, pair.py().None().into_bound(pair.py()))),
        2 => Ok((pair.get_item(0)?, pair.get_item(1)?)),
        _ => Err(PyTypeError::new_err(format!("instructions[{pc}]: an instruction is a pair (op, operand)"))),
    }
}

/// An operand; what is none is kept for the verifier to reject.
fn to_operand(operand: &Bound<'_, PyAny>) -> PyResult<Operand> {
    if operand.is_none() {
        return Ok(Operand::None);
    }
    if operand.is_instance_of::<PyBool>() {
        return Ok(Operand::Bad);
    }
    if operand.is_instance_of::<PyInt>() {
        return Ok(operand.extract::<u64>().map_or(Operand::Bad, Operand::One));
    }
    if operand.is_instance_of::<PyTuple>() || operand.is_instance_of::<PyList>() {
        return Ok(operand.extract::<(u32, u32)>().map_or(Operand::Bad, |(a, b)| Operand::Two(a, b)));
    }
    Ok(Operand::Bad)
}

/// The instruction with other indexes of constants.
fn remap(instruction: Instruction, place: &dyn Fn(u64) -> u64) -> Instruction {
    let parts: Vec<(bool, u64)> = instruction.parts().map(|(kind, n)| (kind.is_constant(), n)).collect();
    let new = |(constant, n): (bool, u64)| if constant { place(n) } else { n };
    let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    match (instruction.operand(), &parts[..]) {
        (Operand::One(_), &[one]) => Instruction::new(instruction.op(), new(one)),
        (Operand::Two(..), &[a, b]) => Instruction::new(instruction.op(), (small(new(a)), small(new(b)))),
        _ => instruction,
    }
}

/// Instructions as a list of pairs.
pub fn code_to_python<'py>(py: Python<'py>, code: &[Instruction]) -> PyResult<Bound<'py, PyList>> {
    let pairs = code.iter().map(|instruction| {
        let name = PyString::intern(py, instruction.op().name());
        match instruction.operand() {
            Operand::None | Operand::Bad => (name, py.None()).into_pyobject(py),
            Operand::One(n) => (name, n).into_pyobject(py),
            Operand::Two(a, b) => (name, (a, b)).into_pyobject(py),
        }
    });
    PyList::new(py, pairs.collect::<PyResult<Vec<_>>>()?)
}

fn function_to_python<'py>(py: Python<'py>, f: &Function) -> PyResult<Bound<'py, PyTuple>> {
    let kind = |kind: ParamKind| match kind {
        ParamKind::Required => None,
        ParamKind::Optional => Some("optional"),
        ParamKind::Rest => Some("rest"),
    };
    let params = f.params.iter().map(|p| match kind(p.kind) {
        None => Ok(PyString::new(py, &p.name).into_any()),
        Some(kind) => Ok((&*p.name, kind).into_pyobject(py)?.into_any()),
    });
    let params = PyList::new(py, params.collect::<PyResult<Vec<_>>>()?)?;
    let texts = |list: &[std::sync::Arc<str>]| PyList::new(py, list.iter().map(|s| &**s));
    let parts = (
        &*f.name,
        params,
        PyList::new(py, &f.entries)?,
        texts(&f.locals)?,
        texts(&f.captures)?,
        f.flags.0,
        f.gas_limit,
        code_to_python(py, &f.code)?,
    );
    parts.into_pyobject(py)
}

fn to_function(object: &Bound<'_, PyAny>) -> PyResult<Function> {
    let names = |attr: &str| -> PyResult<Vec<std::sync::Arc<str>>> {
        let list: Vec<String> = object.getattr(attr)?.extract()?;
        Ok(list.into_iter().map(Into::into).collect())
    };
    let mut f = Function::new(object.getattr("name")?.extract::<String>()?);
    for param in object.getattr("params")?.try_iter()? {
        let param = param?;
        f.params.push(match param.extract::<(String, String)>() {
            Ok((name, kind)) if kind == "optional" => Param::optional(name),
            Ok((name, kind)) if kind == "rest" => Param::rest(name),
            Ok((_, kind)) => {
                return Err(PyTypeError::new_err(format!("there is no kind of parameter '{kind}'")));
            }
            Err(_) => Param::required(param.extract::<String>()?),
        });
    }
    f.entries = object.getattr("entries")?.extract()?;
    f.locals = names("locals")?;
    f.captures = names("captures")?;
    f.flags = FnFlags(object.getattr("flags")?.extract()?);
    f.gas_limit = object.getattr("gas_limit")?.extract()?;
    Ok(f)
}

/// Constants from a list.
pub fn to_constants(list: &Bound<'_, PyList>) -> PyResult<Vec<Const>> {
    let at = At::new("constants");
    list.iter().enumerate().map(|(i, c)| to_const(&c, &at.index(i, list))).collect()
}

fn texts(metadata: &Bound<'_, PyDict>) -> PyResult<std::collections::BTreeMap<String, String>> {
    let mut out = std::collections::BTreeMap::new();
    for (k, v) in metadata.iter() {
        // None says that something is not known, which a module says by leaving it out.
        if !v.is_none() {
            out.insert(k.extract()?, v.extract()?);
        }
    }
    Ok(out)
}

/// Bytes as lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
