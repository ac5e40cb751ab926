//! Errors whose wording language.md fixes.

use crate::kinds::{type_name, typeof_name};
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// E0402 for an operator and its operands.
#[cold]
pub fn mismatch(m: &mut Machine, op: &str, a: Value, b: Value) -> Trap {
    let message = format!("Type mismatch: cannot use {op} on {} and {}", type_name(m, a), type_name(m, b));
    m.error(402, message)
}

/// E0403 for calling something that is no function.
#[cold]
pub fn not_callable(m: &mut Machine, v: Value) -> Trap {
    let message = format!("Not a function: {}", type_name(m, v));
    m.error(403, message)
}

/// E0413 for a method or member that the kind of `v` does not have; E0412 for null.
#[cold]
pub fn no_method(m: &mut Machine, v: Value, name: &str) -> Trap {
    if v.is_null() {
        return null_member(m, name);
    }
    let message = match v.kind() {
        Kind::Module(r) => format!("'{name}' is not exported by {}", m.heap.module(r).name),
        _ => format!("Method '{name}' not supported for {}", typeof_name(m, v).to_uppercase()),
    };
    m.error(413, message)
}

/// E0412 for a member of null.
#[cold]
pub fn null_member(m: &mut Machine, name: &str) -> Trap {
    m.error(412, format!("cannot read '{name}' of null; use ?. or ??"))
}

/// E0412 for an index of null.
#[cold]
pub fn null_index(m: &mut Machine) -> Trap {
    m.error(412, "cannot index null; use ?. or ??")
}

/// E0410 for the list, string or range `v`.
#[cold]
pub fn out_of_range(m: &mut Machine, v: Value, index: impl std::fmt::Display) -> Trap {
    let len = match v.kind() {
        Kind::List(l) => m.heap.list(l).items.len() as u64,
        Kind::Str(s) => u64::from(m.heap.str(s).chars),
        Kind::Range(r) => m.heap.range(r).len(),
        _ => 0,
    };
    let message = format!("index {index} is out of range for a {} of {len}", typeof_name(m, v));
    m.error(410, message)
}

/// E0417 if the list, map or instance is sealed.
///
/// # Errors
/// E0417 `Cannot modify sealed list`.
#[inline]
pub fn sealed(m: &mut Machine, v: Value) -> Result<(), Trap> {
    let sealed = match v.kind() {
        Kind::List(l) => m.heap.list(l).sealed,
        Kind::Map(r) => m.heap.map(r).sealed,
        Kind::Instance(i) => m.heap.instance(i).sealed,
        _ => false,
    };
    if sealed { Err(sealed_error(m, v)) } else { Ok(()) }
}

/// E0417 for changing something that cannot be changed.
#[cold]
pub fn sealed_error(m: &mut Machine, v: Value) -> Trap {
    let message = format!("Cannot modify sealed {}", typeof_name(m, v));
    m.error(417, message)
}
