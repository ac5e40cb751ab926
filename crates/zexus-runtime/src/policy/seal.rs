//! `seal`, `immutable` and `restrict` (language.md 16.1-16.3).

use std::sync::Arc;

use zexus_bytecode::schedule;

use crate::key::Key;
use crate::kinds::typeof_name;
use crate::machine::Machine;
use crate::object::Restriction;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// Makes a value, and all that is reached from it through lists, maps and instances, read-only for every holder.
/// Each value visited costs gas in metered runs.
///
/// # Errors
/// E0402 for a list or map of the state, whose places cannot keep a seal (chain.md 4.1); [`Trap::OutOfGas`].
pub fn seal(m: &mut Machine, v: Value) -> Result<(), Trap> {
    if v.as_live().is_some() {
        return Err(of_state(m, v, "sealed"));
    }
    m.charge_units(schedule::VALUE, 1)?;
    let mut work = vec![v];
    while let Some(v) = work.pop() {
        let visited = match v.kind() {
            Kind::List(l) => {
                let o = m.heap.list_mut(l);
                if std::mem::replace(&mut o.sealed, true) {
                    continue;
                }
                work.extend(o.items.iter().filter(|v| v.is_heap()));
                o.items.len()
            }
            Kind::Map(r) => {
                let o = m.heap.map_mut(r);
                if std::mem::replace(&mut o.sealed, true) {
                    continue;
                }
                work.extend(o.map.values().filter(|v| v.is_heap()));
                o.map.len()
            }
            Kind::Instance(i) => {
                let o = m.heap.instance_mut(i);
                if std::mem::replace(&mut o.sealed, true) {
                    continue;
                }
                work.extend(o.fields.iter().filter(|v| v.is_heap()));
                o.fields.len()
            }
            _ => continue,
        };
        m.charge_units(schedule::VALUE, visited)?;
    }
    Ok(())
}

/// `seal a.b`: seals the value of the member and makes the member read-only.
///
/// # Errors
/// E0412, E0413, E0416 as reading the member; E0402 for an object without fields.
pub fn seal_member(m: &mut Machine, object: Value, name: &Arc<str>) -> Result<(), Trap> {
    let v = field(m, object, name)?;
    seal(m, v)?;
    rule(m, object, name, Restriction::ReadOnly)
}

/// `restrict obj.field = rule`.
///
/// # Errors
/// E0424 for another rule; E0412, E0416 and E0402 as [`seal_member`].
pub fn restrict(m: &mut Machine, object: Value, name: &Arc<str>, text: &str) -> Result<(), Trap> {
    let restriction = match text {
        "read-only" => Restriction::ReadOnly,
        "redact" => Restriction::Redact,
        _ => {
            return Err(m.error(424, format!("unknown rule '{text}'; there are 'read-only' and 'redact'")));
        }
    };
    field(m, object, name)?;
    rule(m, object, name, restriction)
}

#[cold]
fn of_state(m: &mut Machine, v: Value, what: &str) -> Trap {
    let kind = typeof_name(m, v);
    m.error(402, format!("a {kind} of the state cannot be {what}, but a copy of it can"))
}

/// The value of a field of a map or instance; null for a key that a map does not have.
fn field(m: &mut Machine, object: Value, name: &Arc<str>) -> Result<Value, Trap> {
    match object.kind() {
        Kind::Map(r) => {
            Ok(m.heap.map(r).map.get(&Key::Str(name.clone()).as_ref()).copied().unwrap_or(Value::NULL))
        }
        Kind::Instance(i) => {
            let o = m.heap.instance(i);
            let ty = m.heap.ty(o.ty);
            match ty.fields.get_index_of(&**name).and_then(|i| o.fields.get(i)) {
                Some(v) => Ok(*v),
                None => {
                    let message = format!("{} has no field '{name}'", ty.name);
                    Err(m.error(416, message))
                }
            }
        }
        Kind::Null => Err(crate::ops::null_member(m, name)),
        Kind::Live(_) => Err(of_state(m, object, "restricted or sealed")),
        _ => {
            let found = typeof_name(m, object);
            Err(m.error(402, format!("fields of a {found} cannot be restricted")))
        }
    }
}

fn rule(m: &mut Machine, object: Value, name: &Arc<str>, restriction: Restriction) -> Result<(), Trap> {
    let restricted = match object.kind() {
        Kind::Map(r) => &mut m.heap.map_mut(r).restricted,
        Kind::Instance(i) => &mut m.heap.instance_mut(i).restricted,
        _ => return Ok(()),
    };
    let rules = restricted.get_or_insert_with(Box::default);
    if rules.add(name.clone(), restriction) {
        m.heap.charge(48)?;
    }
    Ok(())
}
