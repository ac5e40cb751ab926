//! The names of kinds (language.md 4.1).

use crate::machine::Machine;
use crate::object::TypeForm;
use crate::value::{Kind, Value};

/// What `type(v)` gives: `Integer`, `Lambda`, or the name of an instance's type.
pub fn type_name(m: &Machine, v: Value) -> &str {
    match v.kind() {
        Kind::Null | Kind::Undef => "Null",
        Kind::Bool(_) => "Boolean",
        Kind::Int(_) | Kind::BigInt(_) => "Integer",
        Kind::Float(_) => "Float",
        Kind::Str(_) => "String",
        Kind::Bytes(_) => "Bytes",
        Kind::List(_) => "List",
        Kind::Map(_) => "Map",
        Kind::Live(l) if m.heap.live(l).list => "List",
        Kind::Live(_) => "Map",
        Kind::Range(_) => "Range",
        Kind::Function(f) if m.heap.function(f).info.name.is_empty() => "Lambda",
        Kind::Function(_) => "Action",
        Kind::Builtin(_) => "Builtin",
        Kind::Instance(i) => &m.heap.ty(m.heap.instance(i).ty).name,
        Kind::Enum(_) => "Enum",
        Kind::Type(_) => "Type",
        Kind::Contract(_) | Kind::ContractInstance(_) => "SmartContract",
        Kind::Module(_) => "Module",
        Kind::Task(_) => "Task",
        Kind::Channel(_) => "Channel",
        Kind::WaitGroup(_) => "WaitGroup",
        Kind::Barrier(_) => "Barrier",
        Kind::DateTime(_) => "DateTime",
        Kind::Error(_) => "Error",
        // Neither is visible to a program.
        Kind::Cell(_) => "Cell",
        Kind::Iter(_) => "Iterator",
    }
}

/// What `typeof(v)` gives: `integer`, `function`, `data`.
pub fn typeof_name(m: &Machine, v: Value) -> &'static str {
    match v.kind() {
        Kind::Null | Kind::Undef => "null",
        Kind::Bool(_) => "boolean",
        Kind::Int(_) | Kind::BigInt(_) => "integer",
        Kind::Float(_) => "float",
        Kind::Str(_) => "string",
        Kind::Bytes(_) => "bytes",
        Kind::List(_) => "list",
        Kind::Map(_) => "map",
        Kind::Live(l) if m.heap.live(l).list => "list",
        Kind::Live(_) => "map",
        Kind::Range(_) => "range",
        Kind::Function(_) => "function",
        Kind::Builtin(_) => "builtin",
        Kind::Instance(i) if m.heap.ty(m.heap.instance(i).ty).form == TypeForm::Entity => "entity",
        Kind::Instance(_) => "data",
        Kind::Enum(_) => "enum",
        Kind::Type(_) => "type",
        Kind::Contract(_) | Kind::ContractInstance(_) => "contract",
        Kind::Module(_) => "module",
        Kind::Task(_) => "task",
        Kind::Channel(_) => "channel",
        Kind::WaitGroup(_) => "waitgroup",
        Kind::Barrier(_) => "barrier",
        Kind::DateTime(_) => "datetime",
        Kind::Error(_) => "error",
        Kind::Cell(_) => "cell",
        Kind::Iter(_) => "iterator",
    }
}
