//! Builders: functions with labels, and whole modules by hand (bytecode.md 1.6).

use std::collections::HashMap;

use crate::constant::Const;
use crate::isa::{Instruction, Opcode, Operand};
use crate::module::{Function, Module, Run};

/// Why a function cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A label is used and not marked.
    #[error("label '{0}' is not marked")]
    Unmarked(String),
    /// A label is marked at two places.
    #[error("label '{0}' is marked twice")]
    MarkedTwice(String),
}

/// A place in the code of one [`FunctionBuilder`], which may be marked after it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label(u32);

/// File, line, column, length.
type Place = (u32, u32, u32, u32);

const UNMARKED: u32 = u32::MAX;

/// Builds the code of a function; labels cost nothing until it is finished.
///
/// Constants are for the caller to add to the pool of the module.
#[derive(Clone, Debug)]
pub struct FunctionBuilder {
    /// The function so far. The labels in its code and its `entries` are set by [`FunctionBuilder::finish`].
    pub function: Function,
    labels: Vec<u32>,
    names: Vec<Option<Box<str>>>,
    entries: Vec<Label>,
    /// The instructions whose first number is a [`Label`].
    fixups: Vec<u32>,
    runs: Vec<Run>,
    position: Option<Place>,
    marked_twice: Option<Label>,
}

impl FunctionBuilder {
    /// A builder of a function without code.
    pub fn new(name: &str) -> FunctionBuilder {
        FunctionBuilder::of(Function::new(name))
    }

    /// A builder that adds to a function.
    pub fn of(function: Function) -> FunctionBuilder {
        FunctionBuilder {
            function,
            labels: Vec::new(),
            names: Vec::new(),
            entries: Vec::new(),
            fixups: Vec::new(),
            runs: Vec::new(),
            position: None,
            marked_twice: None,
        }
    }

    /// The index of the next instruction.
    #[inline]
    pub fn pc(&self) -> u32 {
        self.function.code.len() as u32
    }

    /// Appends an instruction whose label, if it has one, is the index of an instruction; gives its index.
    #[inline]
    pub fn emit(&mut self, op: Opcode, operand: impl Into<Operand>) -> u32 {
        self.push(Instruction::new(op, operand))
    }

    /// Appends an instruction as it is; gives its index.
    #[inline]
    pub fn push(&mut self, instruction: Instruction) -> u32 {
        let pc = self.pc();
        if let Some((file, line, column, length)) = self.position.take() {
            self.runs.push(Run { pc, file, line, column, length });
        }
        self.function.code.push(instruction);
        pc
    }

    /// Appends a jump, or the head of a region.
    pub fn emit_to(&mut self, op: Opcode, label: Label) -> u32 {
        let pc = self.emit(op, label.0);
        self.fixups.push(pc);
        pc
    }

    /// Appends `FOR_ITER`.
    pub fn emit_for_iter(&mut self, end: Label, count: u32) -> u32 {
        let pc = self.emit(Opcode::ForIter, (end.0, count));
        self.fixups.push(pc);
        pc
    }

    /// A new label.
    pub fn label(&mut self) -> Label {
        self.labels.push(UNMARKED);
        self.names.push(None);
        Label((self.labels.len() - 1) as u32)
    }

    /// A new label that errors call by this name.
    pub fn named_label(&mut self, name: &str) -> Label {
        let label = self.label();
        if let Some(last) = self.names.last_mut() {
            *last = Some(name.into());
        }
        label
    }

    /// Makes the label lead to the next instruction, or to the end of the code if none follows.
    pub fn mark(&mut self, label: Label) {
        let pc = self.pc();
        match self.labels.get_mut(label.0 as usize) {
            Some(place) if *place == UNMARKED => *place = pc,
            _ => self.marked_twice = self.marked_twice.or(Some(label)),
        }
    }

    /// Adds an entry: where a call starts that gives one more optional parameter than for the entry before.
    pub fn entry(&mut self, label: Label) {
        self.entries.push(label);
    }

    /// The next instructions come from this place; `file` is an index of [`SourceMap::files`](crate::SourceMap::files).
    pub fn at(&mut self, file: u32, line: u32, column: u32) {
        self.at_range(file, line, column, 0);
    }

    /// As [`FunctionBuilder::at`], with the number of bytes that reports mark.
    #[inline]
    pub fn at_range(&mut self, file: u32, line: u32, column: u32, length: u32) {
        let last = self.runs.last().map(|run| (run.file, run.line, run.column, run.length));
        let place = (file, line, column, length);
        self.position = if last == Some(place) { None } else { Some(place) };
    }

    /// The function, and its runs for the source map.
    ///
    /// Fails if a label is used and not marked, or is marked twice.
    pub fn finish(mut self) -> Result<(Function, Vec<Run>), BuildError> {
        if let Some(label) = self.marked_twice {
            return Err(BuildError::MarkedTwice(self.label_name(label.0)));
        }
        for i in 0..self.fixups.len() {
            let Some(instruction) =
                self.fixups.get(i).and_then(|&pc| self.function.code.get(pc as usize)).copied()
            else {
                continue;
            };
            let place = self.place(instruction.first() as u32)?;
            let moved = match instruction.operand() {
                Operand::Two(_, count) => Operand::Two(place, count),
                _ => Operand::One(place.into()),
            };
            if let Some(slot) = self.fixups.get(i).and_then(|&pc| self.function.code.get_mut(pc as usize)) {
                *slot = Instruction::new(instruction.op(), moved);
            }
        }
        for label in &self.entries {
            let place = self.place(label.0)?;
            self.function.entries.push(place);
        }
        Ok((self.function, self.runs))
    }

    fn place(&self, label: u32) -> Result<u32, BuildError> {
        match self.labels.get(label as usize) {
            Some(&place) if place != UNMARKED => Ok(place),
            _ => Err(BuildError::Unmarked(self.label_name(label))),
        }
    }

    fn label_name(&self, label: u32) -> String {
        match self.names.get(label as usize) {
            Some(Some(name)) => name.to_string(),
            _ => format!("L{label}"),
        }
    }
}

/// Builds a module whose code is that of its entry function.
///
/// ```
/// use zexus_bytecode::BytecodeBuilder;
///
/// let mut b = BytecodeBuilder::new(); // counts i from 0 to 3
/// b.emit_constant(0).emit_store("i");
/// b.mark_label("loop");
/// b.emit_load("i").emit_constant(3).emit_lt().emit_jump_if_false("end");
/// b.emit_load("i").emit_inc().emit_store("i").emit_jump("loop");
/// b.mark_label("end");
/// b.emit_load("i");
/// assert_eq!(b.build()?.len(), 11);
/// # Ok::<(), zexus_bytecode::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct BytecodeBuilder {
    module: Module,
    code: FunctionBuilder,
    labels: HashMap<Box<str>, Label>,
}

impl Default for BytecodeBuilder {
    fn default() -> BytecodeBuilder {
        BytecodeBuilder::new()
    }
}

impl BytecodeBuilder {
    /// A builder of an empty module.
    pub fn new() -> BytecodeBuilder {
        BytecodeBuilder { module: Module::new(), code: FunctionBuilder::new("main"), labels: HashMap::new() }
    }

    /// The module so far, for adding constants, functions and metadata; its entry function is replaced by `build`.
    pub fn module(&mut self) -> &mut Module {
        &mut self.module
    }

    /// The entry function so far, for setting its flags and names.
    pub fn function(&mut self) -> &mut Function {
        &mut self.code.function
    }

    /// Appends an instruction whose operand consists of numbers: indexes of constants, and of instructions for labels.
    pub fn emit(&mut self, op: Opcode, operand: impl Into<Operand>) -> &mut Self {
        self.code.emit(op, operand);
        self
    }

    /// Appends `LOAD_CONST` of a value.
    pub fn emit_constant(&mut self, value: impl Into<Const>) -> &mut Self {
        self.emit_load_const(value)
    }

    /// Appends `LOAD_NAME`.
    pub fn emit_load(&mut self, name: &str) -> &mut Self {
        self.emit_load_name(name)
    }

    /// Appends `STORE_NAME`.
    pub fn emit_store(&mut self, name: &str) -> &mut Self {
        self.emit_store_name(name)
    }

    /// Appends `CALL_NAME` with a number of arguments.
    pub fn emit_call(&mut self, name: &str, count: u32) -> &mut Self {
        self.emit_call_name(name, count)
    }

    /// Appends `TX_REVERT` with a note.
    pub fn emit_tx_revert_with(&mut self, note: impl Into<Const>) -> &mut Self {
        let note = self.module.add_constant(note);
        self.emit(Opcode::TxRevert, note)
    }

    /// Appends `LEDGER_APPEND` with a key.
    pub fn emit_ledger_append_with(&mut self, key: &str) -> &mut Self {
        let key = self.module.add_constant(key);
        self.emit(Opcode::LedgerAppend, key)
    }

    /// Appends `PRINT` with a count.
    pub fn emit_print_with(&mut self, count: u32) -> &mut Self {
        self.emit(Opcode::Print, count)
    }

    /// Makes the label lead to the next instruction, or to the end of the code if none follows.
    pub fn mark_label(&mut self, label: &str) -> &mut Self {
        let label = self.label(label);
        self.code.mark(label);
        self
    }

    /// The module.
    ///
    /// Fails if a label is used and not marked, or is marked twice.
    pub fn build(self) -> Result<Module, BuildError> {
        let mut module = self.module;
        let (function, runs) = self.code.finish()?;
        module.source_map.set_runs(0, runs);
        match module.functions.first_mut() {
            Some(entry) => *entry = function,
            None => module.functions.push(function),
        }
        Ok(module)
    }

    fn label(&mut self, name: &str) -> Label {
        match self.labels.get(name) {
            Some(&label) => label,
            None => {
                let label = self.code.named_label(name);
                self.labels.insert(name.into(), label);
                label
            }
        }
    }
}

/// The type by which a part of an operand is given.
macro_rules! argument {
    (Name) => { &str };
    (Key) => { &str };
    (Label) => { &str };
    (Func) => { u32 };
    (Count) => { u32 };
    (Args) => { u32 };
    (Amount) => { u64 };
    ($constant:ident) => { impl Into<Const> };
}

/// The number that stands for a part of an operand.
macro_rules! number {
    ($b:ident Label $value:ident) => {
        $b.label($value)
    };
    ($b:ident Func $value:ident) => {
        $b.module.add_constant(Const::Func($value))
    };
    ($b:ident Count $value:ident) => {
        $value
    };
    ($b:ident Args $value:ident) => {
        $value
    };
    ($b:ident Amount $value:ident) => {
        $value
    };
    ($b:ident $constant:ident $value:ident) => {
        $b.module.add_constant($value)
    };
}

macro_rules! emit_method {
    ($(#[$doc:meta])+ $emit:ident $name:ident (Label; required)) => {
        $(#[$doc])+
        pub fn $emit(&mut self, label: &str) -> &mut Self {
            let label = self.label(label);
            self.code.emit_to(Opcode::$name, label);
            self
        }
    };
    ($(#[$doc:meta])+ $emit:ident $name:ident (Label Count; required)) => {
        $(#[$doc])+
        pub fn $emit(&mut self, label: &str, count: u32) -> &mut Self {
            let label = self.label(label);
            self.code.$emit(label, count);
            self
        }
    };
    ($(#[$doc:meta])+ $emit:ident $name:ident ($($kind:ident)?; optional)) => {
        $(#[$doc])+
        pub fn $emit(&mut self) -> &mut Self {
            self.emit(Opcode::$name, ())
        }
    };
    ($(#[$doc:meta])+ $emit:ident $name:ident (; required)) => {
        $(#[$doc])+
        pub fn $emit(&mut self) -> &mut Self {
            self.emit(Opcode::$name, ())
        }
    };
    ($(#[$doc:meta])+ $emit:ident $name:ident ($kind:ident; required)) => {
        $(#[$doc])+
        pub fn $emit(&mut self, operand: argument!($kind)) -> &mut Self {
            let operand = number!(self $kind operand);
            self.emit(Opcode::$name, operand)
        }
    };
    ($(#[$doc:meta])+ $emit:ident $name:ident ($first_kind:ident $second_kind:ident; required)) => {
        $(#[$doc])+
        pub fn $emit(&mut self, first: argument!($first_kind), second: argument!($second_kind)) -> &mut Self {
            let first = number!(self $first_kind first);
            let second = number!(self $second_kind second);
            self.emit(Opcode::$name, (first, second))
        }
    };
}

macro_rules! emit_methods {
    ($( $(#[$doc:meta])+ $name:ident $text:literal $emit:ident $number:literal
        ($($kind:ident)*; $presence:ident) $stack:literal
        [$pops:literal, $pops_per:literal => $pushes:literal, $pushes_per:literal]
        gas [$gas:literal, $gas_per:literal] $flags:literal; )*) => {
        /// One method for each opcode: constants, names and keys are given as values, labels as strings, functions by index.
        impl BytecodeBuilder {
            $( emit_method! { $(#[$doc])+ $emit $name ($($kind)*; $presence) } )*
        }
    };
}

crate::for_each_opcode!(emit_methods);
