//! What calls of builtins cost besides the base price, as far as arguments and results show it (chain.md 6.6).

use zexus_bytecode::schedule;

use super::{Gas, Row, arg};
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// Pays for the arguments of a call in a metered run, before it does anything.
#[cold]
pub(super) fn before(m: &mut Machine, row: &Row, args: &[Value]) -> Result<(), Trap> {
    let cost = match row.gas {
        Gas::Text | Gas::TextMade | Gas::Parts => {
            schedule::TEXT.cost(args.iter().map(|v| text(m, *v)).fold(0, u64::saturating_add))
        }
        Gas::Items => schedule::LIST_ITEM.cost(match args {
            [one] | [one, ..] if one.as_list().is_some() || args.len() == 1 => items(m, *one),
            _ => args.len() as u64,
        }),
        Gas::Pattern => schedule::PATTERN.cost(text(m, arg(args, 0)).saturating_mul(text(m, arg(args, 1)))),
        Gas::Sort => schedule::sort_cost(items(m, arg(args, 0))),
        Gas::StateRead => schedule::STATE_READ_CALL,
        Gas::StateWrite => schedule::STATE_WRITE_CALL,
        _ => 0,
    };
    m.charge(cost)
}

/// Pays for the result of a call in a metered run.
#[cold]
pub(super) fn after(m: &mut Machine, row: &Row, result: Value) -> Result<(), Trap> {
    let cost = match (row.gas, result.kind()) {
        (Gas::TextMade, Kind::List(l)) => {
            let bytes = m.heap.list(l).items.iter().map(|v| text(m, *v)).fold(0, u64::saturating_add);
            schedule::TEXT.cost(bytes)
        }
        (Gas::TextMade, _) => schedule::TEXT.cost(text(m, result)),
        (Gas::Parts, _) => schedule::LIST_ITEM.cost(items(m, result)),
        _ => 0,
    };
    m.charge(cost)
}

/// The bytes of a text; 0 for other kinds.
fn text(m: &Machine, v: Value) -> u64 {
    match v.kind() {
        Kind::Str(s) => m.heap.str(s).len() as u64,
        Kind::Bytes(b) => m.heap.bytes_obj(b).0.len() as u64,
        _ => 0,
    }
}

/// The items, entries or members of a value; 0 for other kinds.
fn items(m: &Machine, v: Value) -> u64 {
    match v.kind() {
        Kind::List(l) => m.heap.list(l).items.len() as u64,
        Kind::Map(r) => m.heap.map(r).map.len() as u64,
        Kind::Enum(e) => m.heap.enumeration(e).members.len() as u64,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
