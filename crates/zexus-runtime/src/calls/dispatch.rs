//! Calls of any value and of methods, in the order of language.md 5.9, and members for which code may run (5.8).

use std::sync::Arc;

use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::operator::BinOp;

use super::{action, call_action, call_internal, load_field, read_member, store_field, write_member};
use crate::args::{Named, arrange, only_positional, only_positional_of};
use crate::builtins;
use crate::construct::{Automatic, automatic, call_automatic, construct};
use crate::heap::Ref;
use crate::interp::Interp;
use crate::machine::Machine;
use crate::methods;
use crate::object::{ContractObj, FunctionObj};
use crate::ops::{self, Member};
use crate::tasks;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// Calls any value. `this` goes to a function of the program; `UNDEF` if there is none. Nothing need be rooted by the caller.
///
/// # Errors
/// E0403, E0404, and what is raised inside.
pub fn call(
    interp: &mut dyn Interp,
    f: Value,
    this: Value,
    args: &[Value],
    named: &Named,
) -> Result<Value, Trap> {
    let Kind::Function(r) = f.kind() else { return call_plain(interp, f, args, named) };
    if named.is_empty() {
        return interp.call_method(f, this, args);
    }
    let m = interp.machine();
    let info = m.heap.function(r).info.clone();
    let args = arrange(m, &info, args, named)?;
    interp.call_method(f, this, &args)
}

/// Calls a value that is no function of the program: a builtin, a declared type, a contract.
///
/// # Errors
/// E0403 for anything else, E0404, and what is raised inside.
pub fn call_plain(interp: &mut dyn Interp, f: Value, args: &[Value], named: &Named) -> Result<Value, Trap> {
    match f.kind() {
        Kind::Builtin(index) => {
            only_positional_of(interp.machine(), index, named)?;
            builtins::call(interp, index, args)
        }
        Kind::Type(t) => construct(interp, t, args, named, Vec::new()),
        Kind::Contract(c) => super::instantiate(interp, c, args, named),
        _ => Err(ops::not_callable(interp.machine(), f)),
    }
}

/// What `v.name(…)` calls.
#[derive(Clone, Copy, Debug)]
pub enum Method {
    /// A function of the program, with `v` as `this`.
    Own(Value),
    /// A value that `v` holds, without `this`.
    Held(Value),
    /// What a contract or contract instance does with calls.
    Contract,
    /// A method that declared types have without declaring it.
    Automatic(Automatic),
    /// A method of the runtime, by its index for [`methods::call_found`].
    Builtin(u32),
}

/// Finds what `v.name(…)` calls; `internal` if `v` is the `this` of the running code.
///
/// # Errors
/// E0413 if there is nothing, E0412 for null, E0506 for a private method from outside, and what reading a member raises.
#[inline]
pub fn find_method(m: &mut Machine, v: Value, name: &str, internal: bool) -> Result<Method, Trap> {
    if let Kind::Instance(i) = v.kind()
        && let Some(f) = m.heap.ty(m.heap.instance(i).ty).methods.get(name).copied()
    {
        if !internal && f.as_function().is_some_and(|f| m.heap.function(f).info.flags.is_private()) {
            return Err(m.error(506, format!("method '{name}' is private")));
        }
        return Ok(Method::Own(f));
    }
    find_other(m, v, name)
}

#[inline(never)]
fn find_other(m: &mut Machine, v: Value, name: &str) -> Result<Method, Trap> {
    let held = match v.kind() {
        Kind::Contract(_) | Kind::ContractInstance(_) => return Ok(Method::Contract),
        Kind::Instance(i) => {
            let object = m.heap.instance(i);
            let slot = m.heap.ty(object.ty).fields.get_index_of(name);
            slot.and_then(|slot| object.fields.get(slot).copied()).filter(|f| is_callable(*f))
        }
        Kind::Type(t) => m.heap.ty(t).methods.get(name).copied(),
        Kind::Module(r) if m.heap.module(r).exports.contains_key(name) => {
            match ops::member(m, v, name, false)? {
                Member::Value(f) => Some(f),
                _ => None,
            }
        }
        Kind::Map(_) | Kind::Live(_) => match methods::find(m, v, name) {
            Some(index) => return Ok(Method::Builtin(index)),
            None => match ops::member(m, v, name, false) {
                Ok(Member::Value(f)) => Some(f).filter(|f| !f.is_null()),
                Ok(_) | Err(Trap::Raised) => None,
                Err(trap) => return Err(trap),
            },
        },
        _ => None,
    };
    if let Some(f) = held {
        return Ok(Method::Held(f));
    }
    if let Some(method) = automatic(m, v, name) {
        return Ok(Method::Automatic(method));
    }
    match methods::find(m, v, name) {
        Some(index) => Ok(Method::Builtin(index)),
        None => Err(ops::no_method(m, v, name)),
    }
}

/// Whether a value can be called.
pub fn is_callable(v: Value) -> bool {
    matches!(v.kind(), Kind::Function(_) | Kind::Builtin(_) | Kind::Type(_) | Kind::Contract(_))
}

/// `v.name(args)`. `internal` if `v` is the `this` of the running code: then an action of a contract is called without copies and
/// may be private.
///
/// # Errors
/// Those of [`find_method`] and of the call.
pub fn call_method(
    interp: &mut dyn Interp,
    v: Value,
    name: &Arc<str>,
    args: &[Value],
    named: &Named,
    internal: bool,
) -> Result<Value, Trap> {
    let method = find_method(interp.machine(), v, name, internal)?;
    call_found(interp, method, v, name, args, named, internal)
}

/// [`call_method`] with what [`find_method`] gave.
///
/// # Errors
/// Those of the call.
pub fn call_found(
    interp: &mut dyn Interp,
    method: Method,
    v: Value,
    name: &Arc<str>,
    args: &[Value],
    named: &Named,
    internal: bool,
) -> Result<Value, Trap> {
    match method {
        Method::Own(f) => call(interp, f, v, args, named),
        Method::Held(f) => call(interp, f, Value::UNDEF, args, named),
        Method::Contract => call_contract(interp, v, name, args, named, internal),
        Method::Automatic(method) => {
            only_positional(interp.machine(), name, named)?;
            call_automatic(interp, method, args)
        }
        Method::Builtin(index) => {
            only_positional(interp.machine(), name, named)?;
            methods::call_found(interp, index, v, args)
        }
    }
}

/// `c.name(args)` of a contract or contract instance: external, or internal through `this`.
fn call_contract(
    interp: &mut dyn Interp,
    v: Value,
    name: &Arc<str>,
    args: &[Value],
    named: &Named,
    internal: bool,
) -> Result<Value, Trap> {
    let m = interp.machine();
    match m.contract_of(v).and_then(|c| action(m, c, name)) {
        None if matches!(&**name, "toString" | "to_string") => {
            only_positional(m, name, named)?;
            let index = methods::find(m, v, name).unwrap_or_default();
            methods::call_found(interp, index, v, args)
        }
        Some((f, info)) if internal => {
            let args = arrange(m, &info, args, named)?;
            call_internal(interp, f, v, &args)
        }
        _ => call_action(interp, v, name, args, named),
    }
}

/// `super.name(args)` in code of the type or contract `home`, for its `this`.
///
/// # Errors
/// E0413 and E0515 if the parent has no such method or action, and those of the call.
pub fn call_super(
    interp: &mut dyn Interp,
    home: Value,
    this: Value,
    name: &Arc<str>,
    args: &[Value],
    named: &Named,
) -> Result<Value, Trap> {
    let m = interp.machine();
    match home.kind() {
        Kind::Type(t) => match super_method(m, t, name) {
            Some(f) => call(interp, f, this, args, named),
            None => match automatic(m, this, name) {
                Some(method) => call_found(interp, Method::Automatic(method), this, name, args, named, true),
                None => Err(ops::no_method(m, this, name)),
            },
        },
        Kind::Contract(c) => super_action(interp, c, this, name, args, named),
        _ => Err(ops::no_method(m, this, name)),
    }
}

/// The method that `super.name` stands for in code of a type.
pub fn super_method(m: &Machine, home: Ref<crate::object::TypeObj>, name: &str) -> Option<Value> {
    m.heap.ty(home).parent.and_then(|p| m.heap.ty(p).methods.get(name).copied())
}

fn super_action(
    interp: &mut dyn Interp,
    home: Ref<ContractObj>,
    this: Value,
    name: &Arc<str>,
    args: &[Value],
    named: &Named,
) -> Result<Value, Trap> {
    let m = interp.machine();
    let parent = m.heap.contract(home).parent;
    let Some((f, info)) = parent.and_then(|p| action(m, p, name)) else {
        let contract = m.heap.contract(home).name.clone();
        return Err(m.error(515, format!("Action '{name}' not found in contract {contract}")));
    };
    let args = arrange(m, &info, args, named)?;
    call_internal(interp, f, this, &args)
}

/// `v.name`; `internal` if `v` is the `this` of the running code.
///
/// # Errors
/// Those of [`ops::member`], of the computed field, and of contracts.
pub fn member(interp: &mut dyn Interp, v: Value, name: &str, internal: bool) -> Result<Value, Trap> {
    match ops::member(interp.machine(), v, name, internal)? {
        Member::Value(v) => Ok(v),
        Member::Computed(f) => interp.call_method(f, v, &[]),
        Member::Contract => contract_member(interp, v, name, internal),
    }
}

/// A member of a contract or contract instance, for [`Member::Contract`].
///
/// # Errors
/// Those of [`load_field`] and [`read_member`].
pub fn contract_member(interp: &mut dyn Interp, v: Value, name: &str, internal: bool) -> Result<Value, Trap> {
    match v.kind() {
        Kind::ContractInstance(i) if internal => load_field(interp.machine(), i, name),
        _ => read_member(interp, v, name),
    }
}

/// `v[key]`
///
/// # Errors
/// Those of [`ops::index`] and [`member`].
pub fn index(interp: &mut dyn Interp, v: Value, key: Value) -> Result<Value, Trap> {
    let member = ops::index(interp.machine(), v, key)?;
    indexed(interp, v, key, member)
}

/// The value of what [`ops::index`] gave for `v[key]`.
///
/// # Errors
/// Those of [`member`].
pub fn indexed(interp: &mut dyn Interp, v: Value, key: Value, member: Member) -> Result<Value, Trap> {
    match member {
        Member::Value(v) => Ok(v),
        Member::Computed(f) => interp.call_method(f, v, &[]),
        Member::Contract => {
            let name = interp.machine().text(key).cloned().unwrap_or_default();
            contract_member(interp, v, &name, false)
        }
    }
}

/// `v.name = value`; `internal` if `v` is the `this` of the running code.
///
/// # Errors
/// Those of [`ops::store_member`]; E0509 for a contract from outside.
pub fn set_member(
    interp: &mut dyn Interp,
    v: Value,
    name: &Arc<str>,
    value: Value,
    internal: bool,
) -> Result<(), Trap> {
    match v.kind() {
        Kind::ContractInstance(i) if internal => store_field(interp.machine(), i, name, value),
        Kind::ContractInstance(_) | Kind::Contract(_) => Err(write_member(interp.machine(), v)),
        _ => ops::store_member(interp, v, name, value),
    }
}

/// `v[key] = value`
///
/// # Errors
/// Those of [`ops::set_index`] and [`set_member`].
pub fn set_index(interp: &mut dyn Interp, v: Value, key: Value, value: Value) -> Result<(), Trap> {
    let m = interp.machine();
    if let Kind::Instance(_) = v.kind()
        && let Some(name) = m.text(key).cloned()
    {
        return set_member(interp, v, &name, value, false);
    }
    ops::set_index(m, v, key, value).map(|_| ())
}

/// `a op b` for any operands: the operator method of an instance on the left comes first.
///
/// # Errors
/// Those of [`ops::binary`] and of the method.
pub fn binary(interp: &mut dyn Interp, op: BinOp, a: Value, b: Value) -> Result<Value, Trap> {
    let m = interp.machine();
    match operator_method(m, op, a) {
        None => ops::binary(m, op, a, b),
        Some((f, false)) => interp.call_method(f, a, &[b]),
        Some((f, true)) => Ok(Value::bool(!interp.call_method(f, a, &[b])?.truthy())),
    }
}

/// The operator method of an instance, and whether its truth is to be turned round: `!=` falls back on `==`.
#[inline]
pub fn operator_method(m: &Machine, op: BinOp, a: Value) -> Option<(Value, bool)> {
    let operators = &m.heap.ty(m.heap.instance(a.as_instance()?).ty).operators;
    let find = |op| operators.iter().rev().find(|(o, _)| *o == op).map(|(_, f)| *f);
    match find(op) {
        Some(f) => Some((f, false)),
        None if op == BinOp::Ne => find(BinOp::Eq).map(|f| (f, true)),
        None => None,
    }
}

/// Whether [`crate::policy::before_call`] must be asked before a call.
#[inline]
pub fn needs_check(f: &FunctionObj) -> bool {
    f.protection.is_some() || f.info.flags.is_secure()
}

/// Whether a call of a function with these flags makes a task: it is `async`, and no transaction is open (language.md 13.6).
#[inline]
pub fn becomes_task(m: &Machine, flags: FnFlags) -> bool {
    flags.is_async() && !tasks::runs_at_once(m)
}
