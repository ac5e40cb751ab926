//! The road of a program from its modules to the virtual machine (bytecode.md 1.1).

use std::sync::Arc;

use zexus_bytecode::{meter, verify};
use zexus_compiler::{Compiled, CompiledModule};
use zexus_optimizer::{BytecodeOptimizer, DEFAULT_MAX_PASSES};
use zexus_syntax::{Code, Diagnostic};
use zexus_vm::{LinkMode, Unlinked, link};

use crate::tier::Counters;

/// The forms in which a program can be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    /// Whether its code charges for what it does.
    pub metered: bool,
    /// How its code is linked.
    pub mode: LinkMode,
    /// The level of the optimizer.
    pub level: u8,
}

/// Meters, optimizes, verifies and links modules.
///
/// # Errors
/// What the verifier or the linker finds wrong.
pub(crate) fn to_program(
    compiled: &Compiled,
    form: Form,
    counters: &Counters,
) -> Result<Arc<zexus_vm::Program>, Vec<Diagnostic>> {
    let metered = form.metered || compiled.modules.iter().any(|m| m.module.asks_for_meter());
    let mut optimizer = BytecodeOptimizer::new(form.level, DEFAULT_MAX_PASSES, false);
    let modules = compiled.modules.iter().map(|m| to_unlinked(m, metered, &mut optimizer));
    let unlinked = modules.collect::<Result<_, _>>()?;
    counters.optimized(optimizer.stats());
    match link(unlinked, compiled.main as u32, form.mode) {
        Ok(program) => Ok(Arc::new(program)),
        Err(e) => {
            let code = Code::from_number(e.code).unwrap_or(Code::E0704);
            let message = format!("{}: function {}, pc {}: {}", e.module, e.function, e.pc, e.message);
            Err(vec![Diagnostic::new(code, message)])
        }
    }
}

fn to_unlinked(
    compiled: &CompiledModule,
    metered: bool,
    optimizer: &mut BytecodeOptimizer,
) -> Result<Unlinked, Vec<Diagnostic>> {
    let module = if metered { meter(&compiled.module) } else { compiled.module.clone() };
    match verify(optimizer.optimize_module(&module)) {
        Ok(module) => Ok(Unlinked { path: compiled.path.clone(), name: compiled.name.clone(), module }),
        Err(errors) => Err(errors.iter().map(|e| invalid(&compiled.path, e)).collect()),
    }
}

/// What the verifier found, as a diagnostic.
pub(crate) fn invalid(path: &str, error: &zexus_bytecode::VerifyError) -> Diagnostic {
    let number = error.code.trim_start_matches('E').parse().ok();
    let code = number.and_then(Code::from_number).unwrap_or(Code::E0704);
    let found = Diagnostic::new(code, format!("{path}: {error}"));
    match &error.listing {
        Some(line) => found.with_note(line.trim_end().to_owned()),
        None => found,
    }
}
