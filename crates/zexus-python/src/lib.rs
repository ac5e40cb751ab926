//! The compiled module `zexus._zexus`: the engine for Python.
//!
//! It holds what must be fast or needs the engine. The pure Python modules around it (in `python/zexus`) give it the spellings of
//! `docs/spec/python.md`; rules of the language stand in neither.
//!
//! 1. Values are copied at the border, in `convert`; what stays inside a machine is a `handle::Handle`.
//! 2. The global lock of Python is given up while a program runs, and taken for callables, output and signals (`host`).
//! 3. Errors are exceptions of `zexus.errors` (`errors`); a panic of the engine becomes `SystemError`.

mod chain;
mod code;
mod convert;
mod engine;
mod errors;
mod handle;
mod host;
mod machine;
mod optimizer;
mod run;
mod source;

/// The engine of Zexus.
#[pyo3::pymodule(gil_used = false)]
mod _zexus {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::chain::{Chain, Proof};
    #[pymodule_export]
    use crate::code::{Code, FunctionRef, Prepared};
    #[pymodule_export]
    use crate::engine::{Engine, Instance, Program};
    #[pymodule_export]
    use crate::handle::Handle;
    #[pymodule_export]
    use crate::machine::Machine;
    #[pymodule_export]
    use crate::optimizer::{Optimizer, single_pass};
    #[pymodule_export]
    use crate::source::{Evaluator, Source};

    /// The version of the engine.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// For each opcode its name, the kinds of its operand for builders (`L` a label, `y` a key, `v` a value, `n` a number), and whether
    /// the operand may be absent.
    #[pyfunction]
    fn operands() -> Vec<(&'static str, String, bool)> {
        use zexus_bytecode::OperandKind;
        let letter = |kind: &OperandKind| match kind {
            OperandKind::Label => 'L',
            OperandKind::Key => 'y',
            kind if kind.is_constant() => 'v',
            _ => 'n',
        };
        let row = |op: &zexus_bytecode::Opcode| {
            let info = op.info();
            (op.name(), info.operands.iter().map(letter).collect(), info.optional)
        };
        zexus_bytecode::Opcode::ALL.iter().map(row).collect()
    }

    /// The opcodes by name.
    #[pyfunction]
    fn opcodes() -> Vec<(&'static str, u8)> {
        zexus_bytecode::Opcode::ALL.iter().map(|op| (op.name(), op.number())).collect()
    }
}
