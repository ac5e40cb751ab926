//! Functions of a module (bytecode.md 1.4).

use std::sync::Arc;

use crate::flags::FnFlags;
use crate::isa::Instruction;

/// A function of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// For traces and listings; the entry is called `main`.
    pub name: Arc<str>,
    /// The parameters.
    pub params: Vec<Param>,
    /// One label for each optional parameter: where a call starts that gives one, two, … of them.
    pub entries: Vec<u32>,
    /// Names that are variables of this function.
    pub locals: Vec<Arc<str>>,
    /// Names taken from the enclosing function.
    pub captures: Vec<Arc<str>>,
    /// What kind of function it is.
    pub flags: FnFlags,
    /// The constant limit of `action f() limit N`, in gas.
    pub gas_limit: Option<u64>,
    /// The instructions.
    pub code: Vec<Instruction>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: Arc<str>,
    /// Whether a call must give it.
    pub kind: ParamKind,
}

/// Whether a call must give a parameter; the numbers are those of the binary form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ParamKind {
    /// It must be given.
    Required = 0,
    /// It may be left out.
    Optional = 1,
    /// It takes all further arguments; only the last one may.
    Rest = 2,
}

impl Function {
    /// A function without parameters, names, flags and code.
    pub fn new(name: impl Into<Arc<str>>) -> Function {
        Function {
            name: name.into(),
            params: Vec::new(),
            entries: Vec::new(),
            locals: Vec::new(),
            captures: Vec::new(),
            flags: FnFlags::default(),
            gas_limit: None,
            code: Vec::new(),
        }
    }

    /// The number of optional parameters.
    pub fn optional_params(&self) -> usize {
        self.params.iter().filter(|p| p.kind == ParamKind::Optional).count()
    }
}

impl Param {
    /// A parameter that a call must give.
    pub fn required(name: impl Into<Arc<str>>) -> Param {
        Param { name: name.into(), kind: ParamKind::Required }
    }

    /// A parameter that a call may leave out.
    pub fn optional(name: impl Into<Arc<str>>) -> Param {
        Param { name: name.into(), kind: ParamKind::Optional }
    }

    /// The last parameter, which takes all further arguments.
    pub fn rest(name: impl Into<Arc<str>>) -> Param {
        Param { name: name.into(), kind: ParamKind::Rest }
    }
}
