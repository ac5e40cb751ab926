//! Where the fields lie that native code reads and writes, in bytes.
#![allow(missing_docs)]

use std::mem::offset_of;

use crate::driver::Seat;
use crate::limits::Limits;
use crate::machine::Machine;
use crate::object::{FunctionObj, InstanceObj, ListObj};

pub use crate::heap::layout::*;
pub use crate::meter::{METER_LIMIT, METER_USED};
pub use crate::value::{VALUE_BITS, VALUE_TAG};

pub const SEAT_LOW: usize = offset_of!(Seat<'static>, low);
pub const MACHINE_HEAP: usize = offset_of!(Machine, heap);
pub const MACHINE_GLOBALS: usize = offset_of!(Machine, globals);
pub const MACHINE_METER: usize = offset_of!(Machine, meter);
pub const MACHINE_DEPTH: usize = offset_of!(Machine, limits) + offset_of!(Limits, depth);
pub const VALUE_SIZE: usize = size_of::<crate::value::Value>();
pub const LIST_SIZE: usize = size_of::<ListObj>();
pub const LIST_ITEMS: usize = offset_of!(ListObj, items);
pub const LIST_SEALED: usize = offset_of!(ListObj, sealed);
pub const FUNCTION_SIZE: usize = size_of::<FunctionObj>();
pub const FUNCTION_CODE: usize = offset_of!(FunctionObj, code);
pub const FUNCTION_CAPTURES: usize = offset_of!(FunctionObj, captures);
pub const FUNCTION_PROTECTION: usize = offset_of!(FunctionObj, protection);
pub const INSTANCE_SIZE: usize = size_of::<InstanceObj>();
pub const INSTANCE_TYPE: usize = offset_of!(InstanceObj, ty);
pub const INSTANCE_FIELDS: usize = offset_of!(InstanceObj, fields);
pub const INSTANCE_SEALED: usize = offset_of!(InstanceObj, sealed);
pub const INSTANCE_RESTRICTED: usize = offset_of!(InstanceObj, restricted);
