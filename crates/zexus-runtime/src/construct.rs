//! Instances of `data` and `entity`, and the methods that every declared type has (language.md 11.1, 11.2).

use std::sync::Arc;

use crate::args::{self, Named};
use crate::builtins::{self, arity_error};
use crate::calls;
use crate::copy;
use crate::heap::Ref;
use crate::interp::Interp;
use crate::key::Key;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::object::{InstanceObj, TypeForm, TypeObj};
use crate::ops;
use crate::trap::Trap;
use crate::types::{TypeDesc, TypeSpec, fits};
use crate::value::{Kind, Value};

/// A new instance: arguments by position and name are the fields, `type_args` what the type parameters stand for. Nothing need be
/// rooted by the caller.
///
/// # Errors
/// E0403 for a protocol, E0404, E0401, E0415, E0313 for a dependency that is not there, and what defaults and constraints raise.
pub fn construct(
    interp: &mut dyn Interp,
    ty: Ref<TypeObj>,
    args: &[Value],
    named: &Named,
    type_args: Vec<TypeSpec>,
) -> Result<Value, Trap> {
    let m = interp.machine();
    let declared = m.heap.ty(ty);
    if matches!(declared.form, TypeForm::Protocol | TypeForm::Interface) {
        return Err(ops::not_callable(m, Value::ty(ty)));
    }
    let most = declared.fields.len();
    if args.len() > most {
        let name = declared.name.clone();
        return Err(arity_error(m, &name, 0, Some(most), args.len() + named.len()));
    }
    if !named.is_empty() {
        let name = declared.name.clone();
        let index = |m: &Machine, field: &str| m.heap.ty(ty).fields.get_index_of(field);
        let args = args::place(m, &name, args, named, index)?;
        return make(interp, ty, &args, type_args);
    }
    make(interp, ty, args, type_args)
}

fn make(
    interp: &mut dyn Interp,
    ty: Ref<TypeObj>,
    args: &[Value],
    type_args: Vec<TypeSpec>,
) -> Result<Value, Trap> {
    let m = interp.machine();
    let object = InstanceObj {
        ty,
        fields: vec![Value::NULL; m.heap.ty(ty).fields.len()].into(),
        type_args: type_args.into(),
        ..InstanceObj::default()
    };
    let instance = m.heap.alloc_instance(object)?;
    let base = m.stack.len();
    m.stack.push(Value::instance(instance));
    m.stack.extend_from_slice(args);
    let result = fill(interp, instance, args);
    interp.machine().stack.truncate(base);
    result.map(|()| Value::instance(instance))
}

/// Gives the fields their values in order.
fn fill(interp: &mut dyn Interp, instance: Ref<InstanceObj>, args: &[Value]) -> Result<(), Trap> {
    let ty = interp.machine().heap.instance(instance).ty;
    let mut constrained = false;
    for i in 0.. {
        let m = interp.machine();
        let Some((name, field)) = m.heap.ty(ty).fields.get_index(i) else { break };
        let (default, inject) = (field.default, field.inject);
        constrained |= !field.require.is_undef();
        let given = args.get(i).copied().filter(|v| !v.is_undef());
        let v = match given {
            Some(v) => {
                // The common case, without another look-up.
                let type_args = &m.heap.instance(instance).type_args;
                if field.ty.as_ref().is_none_or(|ty| fits(m, v, &ty.desc, type_args))
                    && let Some(place) = m.heap.instance_mut(instance).fields.get_mut(i)
                {
                    *place = v;
                    continue;
                }
                v
            }
            _ if inject => {
                let name = name.clone();
                m.dependency(&name)?
            }
            _ if default.is_undef() => continue,
            // Of a default that is a constant each instance gets a copy.
            _ if default.as_function().is_none() => copy::constant(m, default)?,
            _ => interp.call_method(default, Value::instance(instance), &[])?,
        };
        let m = interp.machine();
        check_field(m, instance, i, v)?;
        if let Some(place) = m.heap.instance_mut(instance).fields.get_mut(i) {
            *place = v;
        }
    }
    if constrained { check_constraints(interp, instance) } else { Ok(()) }
}

fn field_name(m: &Machine, instance: Ref<InstanceObj>, i: usize) -> Arc<str> {
    let ty = m.heap.instance(instance).ty;
    m.heap.ty(ty).fields.get_index(i).map(|(n, _)| n.clone()).unwrap_or_default()
}

/// Checks a value against the declared type of a field.
fn check_field(m: &mut Machine, instance: Ref<InstanceObj>, i: usize, v: Value) -> Result<(), Trap> {
    let object = m.heap.instance(instance);
    let Some((name, field)) = m.heap.ty(object.ty).fields.get_index(i) else { return Ok(()) };
    let Some(expected) = &field.ty else { return Ok(()) };
    if fits(m, v, &expected.desc, &object.type_args) {
        return Ok(());
    }
    let expected = match &expected.desc {
        TypeDesc::Param(p) => object.type_args.get(usize::from(*p)).map_or("any", |t| &*t.text),
        _ => &*expected.text,
    };
    let got = type_name(m, v);
    let message = format!("Type mismatch for field '{name}': expected {expected}, got {got}");
    Err(m.error(401, message))
}

/// Asks the constraints of all fields in order.
fn check_constraints(interp: &mut dyn Interp, instance: Ref<InstanceObj>) -> Result<(), Trap> {
    let ty = interp.machine().heap.instance(instance).ty;
    for i in 0.. {
        let Some((_, field)) = interp.machine().heap.ty(ty).fields.get_index(i) else { break };
        let require = field.require;
        let holds = match require.as_function() {
            None => require.is_undef() || require.truthy(),
            Some(_) => interp.call_method(require, Value::instance(instance), &[])?.truthy(),
        };
        if holds {
            continue;
        }
        let m = interp.machine();
        let name = field_name(m, instance, i);
        let message = format!("Validation failed for field '{name}': constraint not satisfied");
        return Err(m.error(415, message));
    }
    Ok(())
}

/// A method that declared types have without declaring it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automatic {
    /// `T.default()`
    Default(Ref<TypeObj>),
    /// `T.fromJSON(text)`
    FromJson(Ref<TypeObj>),
    /// `v.verify()` of `data verified`
    Verify(Ref<InstanceObj>),
    /// `v.hash()` of `data verified`
    Hash(Ref<InstanceObj>),
}

/// The automatic method of this name, if `v` has it.
pub fn automatic(m: &Machine, v: Value, name: &str) -> Option<Automatic> {
    match v.kind() {
        Kind::Type(t) if matches!(m.heap.ty(t).form, TypeForm::Data | TypeForm::Entity) => match name {
            "default" => Some(Automatic::Default(t)),
            "fromJSON" | "from_json" => Some(Automatic::FromJson(t)),
            _ => None,
        },
        Kind::Instance(i) if m.heap.ty(m.heap.instance(i).ty).verified => match name {
            "verify" => Some(Automatic::Verify(i)),
            "hash" => Some(Automatic::Hash(i)),
            _ => None,
        },
        _ => None,
    }
}

/// Calls an automatic method.
///
/// # Errors
/// E0404 for arguments that it does not take, E0415 of `verify()`, and those of [`construct`].
pub fn call_automatic(interp: &mut dyn Interp, method: Automatic, args: &[Value]) -> Result<Value, Trap> {
    let name = match method {
        Automatic::FromJson(t) => return parse_instance(interp, t, args),
        Automatic::Default(_) => "default",
        Automatic::Verify(_) => "verify",
        Automatic::Hash(_) => "hash",
    };
    if !args.is_empty() {
        return Err(arity_error(interp.machine(), name, 0, Some(0), args.len()));
    }
    match method {
        Automatic::Default(t) | Automatic::FromJson(t) => construct(interp, t, &[], &[], Vec::new()),
        Automatic::Verify(i) => verify(interp, i),
        Automatic::Hash(i) => hash(interp, i),
    }
}

/// SHA-256 of `toJSON()`.
fn hash(interp: &mut dyn Interp, instance: Ref<InstanceObj>) -> Result<Value, Trap> {
    let json = calls::call_method(interp, Value::instance(instance), &"toJSON".into(), &[], &[], false)?;
    builtins::call(interp, builtins::lookup("hash").unwrap_or_default(), &[json])
}

/// Checks types and constraints again; what does not hold is E0415.
fn verify(interp: &mut dyn Interp, instance: Ref<InstanceObj>) -> Result<Value, Trap> {
    let m = interp.machine();
    for i in 0..m.heap.instance(instance).fields.len() {
        let v = m.heap.instance(instance).fields.get(i).copied().unwrap_or(Value::NULL);
        if !v.is_null() && check_field(m, instance, i, v) == Err(Trap::Raised) {
            let name = field_name(m, instance, i);
            return Err(m.error(415, format!("Validation failed for field '{name}': wrong type")));
        }
    }
    let base = m.stack.len();
    m.stack.push(Value::instance(instance));
    let result = check_constraints(interp, instance);
    interp.machine().stack.truncate(base);
    result.map(|()| Value::TRUE)
}

/// `T.fromJSON(text)`: the entries of the object are the fields.
fn parse_instance(interp: &mut dyn Interp, t: Ref<TypeObj>, args: &[Value]) -> Result<Value, Trap> {
    let parse = builtins::lookup_in("json", "parse").unwrap_or_default();
    let parsed = builtins::call(interp, parse, args)?;
    let m = interp.machine();
    let Some(map) = parsed.as_map() else {
        let message = format!("expected a JSON object, got {}", type_name(m, parsed));
        return Err(m.error(425, message));
    };
    let entries = m.heap.map(map).map.iter().filter_map(|(key, v)| match key {
        Key::Str(name) => Some((name.clone(), *v)),
        _ => None,
    });
    let named: Vec<(Arc<str>, Value)> = entries.collect();
    construct(interp, t, &[], &named, Vec::new())
}
