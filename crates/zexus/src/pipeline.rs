//! The road of a program from its modules to the virtual machine (bytecode.md 1.1).

use std::sync::Arc;

use zexus_bytecode::{Module, Opcode, meter, verify};
use zexus_compiler::{Compiled, CompiledModule};
use zexus_syntax::{Code, Diagnostic};
use zexus_vm::{LinkMode, Unlinked, link};

/// The forms in which a program can be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    /// Whether its code charges for what it does.
    pub metered: bool,
    /// Whether each instruction stays visible.
    pub stepwise: bool,
}

/// Whether a module holds a gas limit, so that its runs are metered (bytecode.md 5.1).
pub(crate) fn asks_for_meter(module: &Module) -> bool {
    let limits = |f: &zexus_bytecode::Function| {
        f.gas_limit.is_some() || f.code.iter().any(|i| i.op() == Opcode::GasLimit)
    };
    module.functions.iter().any(limits)
}

/// Meters, verifies and links modules.
///
/// # Errors
/// What the verifier or the linker finds wrong.
pub(crate) fn to_program(compiled: &Compiled, form: Form) -> Result<Arc<zexus_vm::Program>, Vec<Diagnostic>> {
    let metered = form.metered || compiled.modules.iter().any(|m| asks_for_meter(&m.module));
    let unlinked = compiled.modules.iter().map(|m| to_unlinked(m, metered)).collect::<Result<_, _>>()?;
    let mode = if form.stepwise { LinkMode::Stepwise } else { LinkMode::Fused };
    match link(unlinked, compiled.main as u32, mode) {
        Ok(program) => Ok(Arc::new(program)),
        Err(e) => {
            let code = Code::from_number(e.code).unwrap_or(Code::E0704);
            let message = format!("{}: function {}, pc {}: {}", e.module, e.function, e.pc, e.message);
            Err(vec![Diagnostic::new(code, message)])
        }
    }
}

fn to_unlinked(compiled: &CompiledModule, metered: bool) -> Result<Unlinked, Vec<Diagnostic>> {
    let module = if metered { meter(&compiled.module) } else { compiled.module.clone() };
    match verify(module) {
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
