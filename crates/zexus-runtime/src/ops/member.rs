//! `x.f` and `x.f = v` (language.md 5.8, 10.1, 11.1, 16.3).

use std::sync::Arc;

use super::errors::{no_method, null_member, sealed};
use super::keys::{REDACTED, insert, read_only, visible};
use crate::heap::Ref;
use crate::interp::Interp;
use crate::key::{Key, KeyRef};
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::object::{Export, InstanceObj};
use crate::state;
use crate::trap::Trap;
use crate::types::{TypeDesc, fits};
use crate::value::{Kind, Value};

/// What reading a member gives.
#[derive(Clone, Copy, Debug)]
pub enum Member {
    /// Its value.
    Value(Value),
    /// The function of a computed field; the tier calls it as a method of the instance.
    Computed(Value),
    /// A member of a contract or contract instance: [`crate::contracts`] knows.
    Contract,
}

/// A constraint that the tier must ask after an assignment.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The function; called with the instance as `this`.
    pub require: Value,
    /// The position of the field.
    pub slot: usize,
    /// What the field held before.
    pub old: Value,
}

/// `v.name`. With `through_this`, for code of the instance's own methods, redacted fields are seen.
///
/// # Errors
/// E0412, E0413, E0416, E0311, E0302.
#[inline]
pub fn member(m: &mut Machine, v: Value, name: &str, through_this: bool) -> Result<Member, Trap> {
    match v.kind() {
        Kind::Instance(i) => {
            let object = m.heap.instance(i);
            if let Some(slot) = m.heap.ty(object.ty).fields.get_index_of(name)
                && (through_this || object.restricted.is_none())
                && let Some(value) = object.fields.get(slot)
            {
                return Ok(Member::Value(*value));
            }
            instance_member(m, i, name, through_this)
        }
        Kind::Map(r) => {
            let map = m.heap.map(r);
            let found = map.map.get(&KeyRef::Str(name)).copied().unwrap_or(Value::NULL);
            if map.restricted.is_none() {
                return Ok(Member::Value(found));
            }
            visible(m, r, &Key::from(name), found).map(Member::Value)
        }
        _ => member_slow(m, v, name),
    }
}

fn instance_member(
    m: &mut Machine,
    i: Ref<InstanceObj>,
    name: &str,
    through_this: bool,
) -> Result<Member, Trap> {
    let object = m.heap.instance(i);
    let ty = m.heap.ty(object.ty);
    if let Some(slot) = ty.fields.get_index_of(name) {
        if !through_this && object.restricted.as_ref().is_some_and(|r| r.redacts(name)) {
            return m.string(REDACTED).map(Member::Value);
        }
        return Ok(Member::Value(object.fields.get(slot).copied().unwrap_or(Value::NULL)));
    }
    match ty.computed.get(name) {
        Some(function) => Ok(Member::Computed(*function)),
        None => Err(no_field(m, Value::instance(i), name)),
    }
}

#[cold]
fn no_field(m: &mut Machine, v: Value, name: &str) -> Trap {
    let message = format!("{} has no field '{name}'", type_name(m, v));
    m.error(416, message)
}

#[inline(never)]
fn member_slow(m: &mut Machine, v: Value, name: &str) -> Result<Member, Trap> {
    let value = match v.kind() {
        Kind::Null => return Err(null_member(m, name)),
        Kind::Contract(_) | Kind::ContractInstance(_) => return Ok(Member::Contract),
        Kind::Live(l) if !m.heap.live(l).list => state::get(m, l, &Key::from(name))?.unwrap_or(Value::NULL),
        Kind::Enum(e) => match m.heap.enumeration(e).members.get(name) {
            Some(v) => *v,
            None => {
                let message = format!("{} has no member '{name}'", m.heap.enumeration(e).name);
                return Err(m.error(311, message));
            }
        },
        Kind::Error(e) => {
            let e = m.heap.error(e);
            match name {
                "message" => m.string(e.message.clone())?,
                "line" => Value::int(i64::from(e.line)),
                "code" => m.string(format!("E{:04}", e.code))?,
                "kind" => m.string(
                    zexus_codes::Code::from_number(e.code)
                        .and_then(zexus_codes::Code::kind)
                        .unwrap_or("error"),
                )?,
                _ => return Err(no_method(m, v, name)),
            }
        }
        Kind::Module(r) => match m.heap.module(r).exports.get(name).copied() {
            Some(Export::Value(v)) => v,
            Some(Export::State(i)) => state::read_variable(m, i)?,
            Some(Export::Global(i)) => match m.globals.get(i as usize) {
                Some(v) if !v.is_undef() => *v,
                _ => return Err(m.error(302, format!("'{name}' is used before its declaration"))),
            },
            None => return Err(no_method(m, v, name)),
        },
        _ => return Err(no_method(m, v, name)),
    };
    Ok(Member::Value(value))
}

/// `v.name = value`, without running code: a check that is given back must be run, and [`undo`](Check::undo) called if it fails.
/// [`store_member`] does both.
///
/// # Errors
/// E0401, E0412, E0413, E0416, E0417.
pub fn set_member(m: &mut Machine, v: Value, name: &Arc<str>, value: Value) -> Result<Option<Check>, Trap> {
    match v.kind() {
        Kind::Instance(i) => set_field(m, i, name, value),
        Kind::Map(r) => insert(m, r, Key::Str(name.clone()), value).map(|()| None),
        Kind::Live(l) if !m.heap.live(l).list => {
            let key = m.string(name.clone())?;
            state::set_index(m, l, key, value).map(|()| None)
        }
        Kind::Contract(_) | Kind::ContractInstance(_) => {
            Err(m.error(509, format!("'{name}' can only be changed by actions of its contract")))
        }
        Kind::Enum(_) | Kind::Module(_) | Kind::Error(_) => {
            let message = format!("Cannot modify {}", crate::kinds::typeof_name(m, v));
            Err(m.error(417, message))
        }
        _ => Err(no_method(m, v, name)),
    }
}

fn set_field(m: &mut Machine, i: Ref<InstanceObj>, name: &str, value: Value) -> Result<Option<Check>, Trap> {
    let v = Value::instance(i);
    let object = m.heap.instance(i);
    let ty = m.heap.ty(object.ty);
    let Some((slot, _, field)) = ty.fields.get_full(name) else {
        if ty.computed.contains_key(name) {
            return Err(m.error(417, format!("Computed field '{name}' cannot be assigned")));
        }
        return Err(no_field(m, v, name));
    };
    if ty.immutable {
        let message = format!("Cannot modify immutable data {}", ty.name);
        return Err(m.error(417, message));
    }
    if let Some(expected) = &field.ty
        && !fits(m, value, &expected.desc, &object.type_args)
    {
        let expected = match expected.desc {
            TypeDesc::Param(p) => object.type_args.get(usize::from(p)).map_or("any", |t| &t.text),
            _ => &expected.text,
        };
        let found = type_name(m, value);
        let message = format!("Type mismatch for field '{name}': expected {expected}, got {found}");
        // A field that cannot be changed at all says so first.
        sealed(m, v)?;
        return Err(m.error(401, message));
    }
    let require = field.require;
    if object.sealed || object.restricted.is_some() {
        sealed(m, v)?;
        if m.heap.instance(i).restricted.as_ref().is_some_and(|r| r.read_only(name)) {
            return Err(read_only(m, name));
        }
    }
    let Some(place) = m.heap.instance_mut(i).fields.get_mut(slot) else { return Ok(None) };
    let old = std::mem::replace(place, value);
    Ok((!require.is_undef()).then_some(Check { require, slot, old }))
}

impl Check {
    /// Puts the old value back and raises E0415.
    #[cold]
    pub fn undo(self, m: &mut Machine, instance: Value) -> Trap {
        self.put_back(m, instance);
        let name = match instance.kind() {
            Kind::Instance(i) => {
                let fields = &m.heap.ty(m.heap.instance(i).ty).fields;
                fields.get_index(self.slot).map(|(n, _)| n.clone()).unwrap_or_default()
            }
            _ => Arc::default(),
        };
        m.error(415, format!("Validation failed for field '{name}': constraint not satisfied"))
    }

    fn put_back(self, m: &mut Machine, instance: Value) {
        if let Kind::Instance(i) = instance.kind()
            && let Some(place) = m.heap.instance_mut(i).fields.get_mut(self.slot)
        {
            *place = self.old;
        }
    }
}

/// `v.name = value` with the constraint of the field asked: a field whose constraint fails keeps its value.
///
/// # Errors
/// As [`set_member`], E0415, and what the constraint raises.
pub fn store_member(interp: &mut dyn Interp, v: Value, name: &Arc<str>, value: Value) -> Result<(), Trap> {
    let Some(check) = set_member(interp.machine(), v, name, value)? else { return Ok(()) };
    let m = interp.machine();
    let base = m.stack.len();
    m.stack.extend_from_slice(&[v, value, check.old]);
    let result = interp.call_method(check.require, v, &[]);
    let m = interp.machine();
    m.stack.truncate(base);
    match result {
        Ok(holds) if holds.truthy() => Ok(()),
        Ok(_) => Err(check.undo(m, v)),
        Err(trap) => {
            check.put_back(m, v);
            Err(trap)
        }
    }
}
