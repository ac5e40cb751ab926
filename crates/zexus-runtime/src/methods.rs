//! Builtin methods, by the kind of the receiver (language.md chapter 19).
//!
//! Methods are rows of [`crate::builtins::TABLE`] whose first parameter is the receiver. Their module is the one of their kind
//! below, which starts with `@` so that no program can name it. A tier that calls a method of a name often may keep what [`find`]
//! gave for a kind of receiver.
//!
//! | function | use |
//! |---|---|
//! | [`call`] | the builtin method of this name, or `None` if the kind has none (then [`crate::ops::no_method`]) |
//! | [`find`], [`call_found`] | the same in two steps |
//!
//! Actions of contracts, methods of declared types, exports of modules and functions stored in maps are the tier's (5.9).

use crate::builtins;
use crate::interp::Interp;
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};

mod callbacks;
pub mod list;
pub mod map;
pub mod others;
mod sorting;
pub mod string;

pub(crate) use callbacks::{filter, map, reduce};
pub(crate) use sorting::sort;

/// The module of the methods of a kind.
fn module_of(m: &Machine, v: Value) -> &'static str {
    match v.kind() {
        Kind::List(_) => "@list",
        Kind::Str(_) => "@string",
        Kind::Map(_) => "@map",
        Kind::Live(l) if m.heap.live(l).list => "@list",
        Kind::Live(_) => "@map",
        Kind::Range(_) => "@range",
        Kind::DateTime(_) => "@datetime",
        Kind::Enum(_) => "@enum",
        Kind::Instance(_) => "@instance",
        Kind::Task(_) => "@task",
        Kind::Channel(_) => "@channel",
        Kind::WaitGroup(_) => "@waitgroup",
        Kind::Barrier(_) => "@barrier",
        Kind::Contract(_) | Kind::ContractInstance(_) => "@contract",
        _ => "@any",
    }
}

/// The index of the method of this name for the kind of the receiver; nothing for null, which has no members.
pub fn find(m: &Machine, receiver: Value, name: &str) -> Option<u32> {
    if receiver.is_null() {
        return None;
    }
    builtins::lookup_in(module_of(m, receiver), name).or_else(|| builtins::lookup_in("@any", name))
}

/// Calls a builtin method by its name; `None` if the kind of the receiver has no such method.
///
/// # Errors
/// E0404, E0402, and what the method raises.
pub fn call(
    interp: &mut dyn Interp,
    receiver: Value,
    name: &str,
    args: &[Value],
) -> Result<Option<Value>, Trap> {
    match find(interp.machine(), receiver, name) {
        Some(index) => call_found(interp, index, receiver, args).map(Some),
        None => Ok(None),
    }
}

/// Calls the method with this index, which [`find`] gave for this kind of receiver.
///
/// # Errors
/// As [`call`].
#[inline]
pub fn call_found(
    interp: &mut dyn Interp,
    index: u32,
    receiver: Value,
    args: &[Value],
) -> Result<Value, Trap> {
    let mut buffer = [Value::NULL; 6];
    match buffer.get_mut(..=args.len()) {
        Some(all) => {
            all[0] = receiver;
            all[1..].copy_from_slice(args);
            builtins::call_method(interp, index, all)
        }
        None => {
            let all: Vec<Value> = std::iter::once(receiver).chain(args.iter().copied()).collect();
            builtins::call_method(interp, index, &all)
        }
    }
}

#[cfg(test)]
mod tests;
