//! `x in y` (language.md 5.5).

use super::{compare, equal, key_of, mismatch};
use crate::heap::Ref;
use crate::machine::Machine;
use crate::object::{ListObj, RangeObj};
use crate::state;
use crate::trap::Trap;
use crate::value::{Kind, Value};
use zexus_bytecode::num::{self, Num};
use zexus_bytecode::schedule;

/// Whether `container` has `item`: an item of a list, a key of a map, a part of a string, an integer of a range, a value of an
/// enum.
///
/// # Errors
/// E0402, E0411.
pub fn contains(m: &mut Machine, item: Value, container: Value) -> Result<bool, Trap> {
    match container.kind() {
        Kind::List(l) => Ok(position(m, l, item)?.is_some()),
        Kind::Map(r) => {
            let key = key_of(m, item)?;
            Ok(m.heap.map(r).map.contains_key(&key.as_ref()))
        }
        Kind::Str(s) => match item.kind() {
            Kind::Str(part) => {
                let (text, part) = (m.heap.str(s).text(), m.heap.str(part).text());
                m.meter.charge_units(schedule::TEXT, text.len() + part.len())?;
                Ok(text.contains(&**part))
            }
            _ => Err(mismatch(m, "in", item, container)),
        },
        Kind::Range(r) => Ok(in_range(m, r, item)),
        Kind::Enum(e) => {
            let mut i = 0;
            while let Some((_, v)) = m.heap.enumeration(e).members.get_index(i) {
                let v = *v;
                m.charge_units(schedule::VALUE, 1)?;
                if equal(m, v, item)? {
                    return Ok(true);
                }
                i += 1;
            }
            Ok(false)
        }
        Kind::Live(l) if m.heap.live(l).list => {
            let list = state::snapshot(m, l)?;
            contains(m, item, list)
        }
        Kind::Live(l) => {
            let key = key_of(m, item)?;
            Ok(state::get(m, l, &key)?.is_some())
        }
        _ => Err(mismatch(m, "in", item, container)),
    }
}

/// The position of the first item `== item`.
///
/// # Errors
/// What reading of the state raises.
pub(crate) fn position(m: &mut Machine, list: Ref<ListObj>, item: Value) -> Result<Option<usize>, Trap> {
    let mut i = 0;
    while let Some(x) = m.heap.list(list).items.get(i).copied() {
        m.charge_units(schedule::VALUE, 1)?;
        if compare::equal(m, x, item)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

/// Whether a number equals one of the integers of a range.
fn in_range(m: &Machine, r: Ref<RangeObj>, item: Value) -> bool {
    let RangeObj { start, end } = *m.heap.range(r);
    match item.kind() {
        Kind::Int(i) => start <= i && i < end,
        Kind::Float(f) => {
            f.fract() == 0.0
                && num::compare(Num::Int(start), Num::Float(f)).is_some_and(|o| o.is_le())
                && num::compare(Num::Float(f), Num::Int(end)).is_some_and(|o| o.is_lt())
        }
        _ => false,
    }
}
