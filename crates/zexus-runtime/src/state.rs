//! State variables and live containers: lists and maps that are places of the state (chain.md 4.1-4.3).
//!
//! The functions below are what operations and builtins call when they meet a [`Kind::Live`](crate::value::Kind::Live) value.

use crate::heap::Ref;
use crate::key::Key;
use crate::machine::Machine;
use crate::object::LiveObj;
use crate::trap::Trap;
use crate::value::Value;

/// A whole copy as an ordinary list or map; null if nothing is left at the place.
///
/// # Errors
/// What reading raises.
pub fn snapshot(_m: &mut Machine, _live: Ref<LiveObj>) -> Result<Value, Trap> {
    Ok(Value::NULL)
}

/// Writes a whole list or map to the place.
///
/// # Errors
/// What writing raises.
pub fn replace(_m: &mut Machine, _live: Ref<LiveObj>, _v: Value) -> Result<(), Trap> {
    Ok(())
}

/// `x[k]` with the meaning and errors of language.md 5.8.
///
/// # Errors
/// E0410, E0402, E0411, E0412.
pub fn index(_m: &mut Machine, _live: Ref<LiveObj>, _key: Value) -> Result<Value, Trap> {
    Ok(Value::NULL)
}

/// `x[k] = v`.
///
/// # Errors
/// E0410, E0402, E0411, E0412, and what writing raises.
pub fn set_index(_m: &mut Machine, _live: Ref<LiveObj>, _key: Value, _v: Value) -> Result<(), Trap> {
    Ok(())
}

/// The number of items or entries.
///
/// # Errors
/// What reading raises.
pub fn len(_m: &mut Machine, _live: Ref<LiveObj>) -> Result<u64, Trap> {
    Ok(0)
}

/// The value of a key of a map, or `None`.
///
/// # Errors
/// What reading raises.
pub fn get(_m: &mut Machine, _live: Ref<LiveObj>, _key: &Key) -> Result<Option<Value>, Trap> {
    Ok(None)
}

/// The keys of a map in order.
///
/// # Errors
/// What reading raises.
pub fn keys(_m: &mut Machine, _live: Ref<LiveObj>) -> Result<Vec<Key>, Trap> {
    Ok(Vec::new())
}

/// Removes a key of a map; whether it was there.
///
/// # Errors
/// What writing raises.
pub fn delete(_m: &mut Machine, _live: Ref<LiveObj>, _key: &Key) -> Result<bool, Trap> {
    Ok(false)
}

/// Appends an item to a list.
///
/// # Errors
/// What writing raises.
pub fn push(_m: &mut Machine, _live: Ref<LiveObj>, _v: Value) -> Result<(), Trap> {
    Ok(())
}

/// Removes the last item of a list and gives it, or null.
///
/// # Errors
/// What writing raises.
pub fn pop(_m: &mut Machine, _live: Ref<LiveObj>) -> Result<Value, Trap> {
    Ok(Value::NULL)
}

/// The current value of a state variable ([`Machine::states`]), for members of modules.
///
/// # Errors
/// What reading raises.
pub fn read_variable(_m: &mut Machine, _index: u32) -> Result<Value, Trap> {
    Ok(Value::NULL)
}
