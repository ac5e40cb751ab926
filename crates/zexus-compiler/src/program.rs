//! Whole programs: one module for each file.

use std::sync::Arc;

use zexus_bytecode::Module;
use zexus_hir::Externs;
use zexus_hir::ir::{ModuleId, Program};
use zexus_syntax::SourceMap;

use crate::names::Builtins;
use crate::unit::Unit;

/// A compiled program.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The modules; those that are imported stand before those that import them.
    pub modules: Vec<CompiledModule>,
    /// The module to run, by its index in `modules`.
    pub main: usize,
}

/// A compiled file.
#[derive(Clone, Debug)]
pub struct CompiledModule {
    /// Its path relative to the root, by which `IMPORT` finds it, such as `lib/math.zx`.
    pub path: Arc<str>,
    /// What `__MODULE__` gives: `__main__` or the path.
    pub name: Arc<str>,
    /// Its code.
    pub module: Module,
}

/// A limit of form that a program exceeds (E0707, bytecode.md 3.5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}")]
pub struct FormError {
    /// The file.
    pub path: Arc<str>,
    /// What is too large.
    pub what: String,
}

/// Compiles all modules of a program. `sources` gives lines and columns, `externs` the names of builtins and standard modules with which
/// the program was lowered.
///
/// # Errors
/// [`FormError`].
pub fn compile(program: &Program, externs: &Externs, sources: &SourceMap) -> Result<Compiled, FormError> {
    let builtins = Builtins::new(externs);
    let ids = (0..program.modules.len()).map(|i| ModuleId(i as u32));
    let modules = ids.map(|id| compile_with(program, id, &builtins, sources)).collect::<Result<_, _>>()?;
    Ok(Compiled { modules, main: program.main.map_or(0, ModuleId::index) })
}

/// Compiles one module of a program, such as the last entry of a REPL.
///
/// # Errors
/// [`FormError`].
pub fn compile_module(
    program: &Program,
    id: ModuleId,
    externs: &Externs,
    sources: &SourceMap,
) -> Result<CompiledModule, FormError> {
    compile_with(program, id, &Builtins::new(externs), sources)
}

fn compile_with(
    program: &Program,
    id: ModuleId,
    builtins: &Builtins,
    sources: &SourceMap,
) -> Result<CompiledModule, FormError> {
    let (path, name) =
        program.modules.get(id.index()).map_or_else(Default::default, |m| (m.path.clone(), m.name.clone()));
    match Unit::new(program, id, builtins, sources).compile() {
        Ok(module) => Ok(CompiledModule { path, name, module }),
        Err(what) => Err(FormError { path, what }),
    }
}
