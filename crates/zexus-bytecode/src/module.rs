//! The module: constants, functions, source map, metadata (bytecode.md, chapter 1).

mod function;
mod source_map;

use std::collections::BTreeMap;

use crate::constant::{Const, Constants};
use crate::isa::{Instruction, Opcode, Operand};

pub use function::{Function, Param, ParamKind};
pub use source_map::{Run, SourceMap};

/// A program in its public, serialisable and untrusted form.
///
/// Only [`verify`](crate::verify()) makes it fit to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The pool of constants, shared by all functions.
    pub constants: Constants,
    /// The functions; function 0 is the entry.
    pub functions: Vec<Function>,
    /// Where the instructions come from; empty if that is not known.
    pub source_map: SourceMap,
    /// Strings by string key; the tools use `source_file`, `version` and `created_by`.
    pub metadata: BTreeMap<String, String>,
}

/// Another name for [`Module`]: building one by hand means adding to its entry function.
pub type Bytecode = Module;

impl Default for Module {
    fn default() -> Module {
        Module::new()
    }
}

impl Module {
    /// A module whose entry function `main` is empty.
    pub fn new() -> Module {
        Module {
            constants: Constants::new(),
            functions: vec![Function::new("main")],
            source_map: SourceMap::default(),
            metadata: BTreeMap::new(),
        }
    }

    /// The index of an equal constant of the same kind, which is appended if there is none.
    pub fn add_constant(&mut self, constant: impl Into<Const>) -> u32 {
        self.constants.add(constant)
    }

    /// The constant at `index`.
    #[inline]
    pub fn constant(&self, index: u64) -> Option<&Const> {
        self.constants.get(index)
    }

    /// Appends an instruction to the entry function; gives its index.
    pub fn add_instruction(&mut self, op: Opcode, operand: impl Into<Operand>) -> u32 {
        if self.functions.is_empty() {
            self.functions.push(Function::new("main"));
        }
        let at = self.len() as u32;
        if let Some(entry) = self.functions.first_mut() {
            entry.code.push(Instruction::new(op, operand));
        }
        at
    }

    /// Appends a function; gives its index.
    pub fn add_function(&mut self, function: Function) -> u32 {
        self.functions.push(function);
        (self.functions.len() - 1) as u32
    }

    /// The function at `index`; 0 is the entry.
    #[inline]
    pub fn function(&self, index: u32) -> Option<&Function> {
        self.functions.get(index as usize)
    }

    /// The number of instructions of the entry function.
    pub fn len(&self) -> usize {
        self.functions.first().map_or(0, |entry| entry.code.len())
    }

    /// Whether the entry function has no instructions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every run of the module is metered, because it holds a `GAS_LIMIT` or a function with a gas limit
    /// (bytecode.md 5.1).
    pub fn asks_for_meter(&self) -> bool {
        let limits =
            |f: &Function| f.gas_limit.is_some() || f.code.iter().any(|i| i.op() == Opcode::GasLimit);
        self.functions.iter().any(limits)
    }
}
