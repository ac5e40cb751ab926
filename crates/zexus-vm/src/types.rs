//! Types in descriptors: parsed by the linker, checked and made into objects at run time (bytecode.md 2.6, language.md 7).

use std::sync::Arc;

use zexus_bytecode::Const;
use zexus_bytecode::prim::Prim;
use zexus_runtime::types::TypeSpec;
use zexus_runtime::{Trap, Value};

use crate::exec::Exec;

/// A type whose names are still variables.
#[derive(Clone, Debug)]
pub(crate) enum LinkedType {
    /// A built-in name.
    Prim(Prim),
    /// The value of a variable, and members of it in turn.
    Named(Arc<str>, Box<[Arc<str>]>),
    /// null, and what the inner type accepts.
    Optional(Box<LinkedType>),
    /// Maps with these string keys whose values fit.
    Record(Box<[(Arc<str>, LinkedType)]>),
}

impl LinkedType {
    /// Parses a type descriptor: a string in the notation of language.md 7, or a map for a record.
    pub fn parse(_descriptor: &Const) -> LinkedType {
        LinkedType::Prim(Prim::Any)
    }
}

impl Exec<'_> {
    /// Whether a value fits a type, whose names are variables of the running function.
    ///
    /// # Errors
    /// E0301, E0302 for its names, and what reading of the state raises.
    pub fn fits(&mut self, _v: Value, _ty: &LinkedType) -> Result<bool, Trap> {
        Ok(true)
    }

    /// The type as fields and parameters keep it; `params` are the names of type parameters.
    ///
    /// # Errors
    /// E0301, E0302 for its names.
    pub fn type_spec(&mut self, _descriptor: &Const, _params: &[Arc<str>]) -> Result<TypeSpec, Trap> {
        Err(self.m.error(402, "types are not there yet"))
    }
}
