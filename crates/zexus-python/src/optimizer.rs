//! The optimizer of bytecode (python.md chapter 6).

use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use zexus_bytecode::{Instruction, verify};
use zexus_optimizer::{BytecodeOptimizer, Statistic};

use crate::code::{Code, code_to_python, to_code, to_constants};
use crate::convert::const_to_python;
use crate::errors;

/// Optimizes lists and modules, and counts what it does.
#[pyclass(frozen, module = "zexus._zexus")]
pub struct Optimizer(Mutex<BytecodeOptimizer>);

#[pymethods]
impl Optimizer {
    #[new]
    fn new(level: i64, max_passes: u32, debug: bool) -> PyResult<Optimizer> {
        let level = u8::try_from(level).ok().filter(|level| *level <= zexus_optimizer::MAX_LEVEL);
        let level = level.ok_or_else(|| PyValueError::new_err("levels of optimization are 0 to 3"))?;
        Ok(Optimizer(Mutex::new(BytecodeOptimizer::new(level, max_passes, debug))))
    }

    /// The instructions, and the constants with those that were added at the end. The arguments stay what they are.
    fn optimize<'py>(
        &self,
        py: Python<'py>,
        instructions: &Bound<'py, PyList>,
        constants: &Bound<'py, PyList>,
    ) -> PyResult<(Bound<'py, PyList>, Bound<'py, PyList>)> {
        let code = to_code(instructions)?.map_err(|e| e.raise(py, 0, "main"))?;
        let pool = to_constants(constants)?;
        let (code, pool) = self.with(|optimizer| optimizer.optimize(&code, &pool));
        let all = PyList::new(py, constants.iter())?;
        for constant in pool.iter().skip(constants.len()) {
            all.append(const_to_python(py, constant)?)?;
        }
        Ok((code_to_python(py, &code)?, all))
    }

    /// A whole module.
    fn optimize_module(
        &self,
        py: Python<'_>,
        code: &Code,
        instructions: &Bound<'_, PyList>,
        constants: &Bound<'_, PyList>,
        functions: &Bound<'_, PyList>,
    ) -> PyResult<Code> {
        let module = code.module(py, (instructions, constants, functions))?;
        let verified = verify(module).map_err(|list| errors::of_verifier(py, &list))?;
        Ok(Code::of(self.with(|optimizer| optimizer.optimize_module(verified.module()))))
    }

    /// The statistics by the keys of bytecode.md 6.13.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (key, value) in self.with(|optimizer| optimizer.stats().entries()) {
            match value {
                Statistic::Count(n) => dict.set_item(key, n)?,
                Statistic::Percent(p) => dict.set_item(key, p)?,
            }
        }
        Ok(dict)
    }

    /// What was changed since the last call, a line each; nothing without `debug`.
    fn take_changes(&self) -> Vec<String> {
        self.with(|optimizer| {
            let changes = optimizer.changes();
            changes.iter().map(|change| format!("{change:?}")).collect()
        })
    }

    /// Forgets the statistics.
    fn reset(&self) {
        self.with(BytecodeOptimizer::reset);
    }
}

impl Optimizer {
    fn with<T>(&self, f: impl FnOnce(&mut BytecodeOptimizer) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One pass alone, once, over a list without constants.
#[pyfunction]
pub fn single_pass<'py>(
    py: Python<'py>,
    name: &str,
    instructions: &Bound<'py, PyList>,
) -> PyResult<Bound<'py, PyList>> {
    let code: Vec<Instruction> = to_code(instructions)?.map_err(|e| e.raise(py, 0, "main"))?;
    let pass = zexus_optimizer::Pass::ALL.iter().find(|pass| pass.key() == name);
    let pass = *pass.ok_or_else(|| PyValueError::new_err(format!("there is no pass '{name}'")))?;
    code_to_python(py, &zexus_optimizer::single_pass(pass, &code))
}
