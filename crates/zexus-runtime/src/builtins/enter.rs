//! What happens before and after the function of a row runs.

use super::{Accept, Gas, Row, Run, arity_error, kind_error, need, price};
use crate::heap::Ref;
use crate::host::Caps;
use crate::interp::Interp;
use crate::machine::Machine;
use crate::object::LiveObj;
use crate::ops::key_of;
use crate::state;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// Checks the call and runs the function; `hidden` leading arguments are not counted in messages.
pub(super) fn enter(
    interp: &mut dyn Interp,
    row: &'static Row,
    args: &[Value],
    hidden: usize,
) -> Result<Value, Trap> {
    let m = interp.machine();
    let (given, params) = (args.len(), row.params.len());
    let many = row.params.last().is_some_and(|p| p.accept == Accept::Many);
    if given > params && !many || given < params && given < row.min() {
        let less = |n: usize| n.saturating_sub(hidden);
        return Err(arity_error(m, row.name(), less(row.min()), row.max().map(less), less(given)));
    }
    if row.caps != Caps::NONE {
        need(m, row, row.caps)?;
    }
    let mut live = false;
    for (param, arg) in row.params.iter().zip(args) {
        let left_out = arg.is_null() && param.default == Some("null");
        if !left_out && !param.accept.accepts(m, *arg) {
            return Err(kind_error(m, row.name(), param, *arg));
        }
        live |= matches!(arg.kind(), Kind::Live(_));
    }
    if live {
        return with_state(interp, row, args);
    }
    run(interp, row, args)
}

/// Runs the function, and in a metered run pays for it; its arguments are rooted if it can call back.
fn run(interp: &mut dyn Interp, row: &'static Row, args: &[Value]) -> Result<Value, Trap> {
    let m = interp.machine();
    if row.gas == Gas::Base || !m.meter.is_metered() {
        return call(interp, row.run, args);
    }
    price::before(m, row, args)?;
    let result = call(interp, row.run, args)?;
    price::after(interp.machine(), row, result)?;
    Ok(result)
}

fn call(interp: &mut dyn Interp, run: Run, args: &[Value]) -> Result<Value, Trap> {
    match run {
        Run::Plain(function) => function(interp.machine(), args),
        Run::Calling(function) => {
            let m = interp.machine();
            let base = m.stack.len();
            m.stack.extend_from_slice(args);
            let result = function(interp, args);
            interp.machine().stack.truncate(base);
            result
        }
    }
}

/// Runs a function some of whose arguments are places of the state (chain.md 4.3).
fn with_state(interp: &mut dyn Interp, row: &'static Row, args: &[Value]) -> Result<Value, Trap> {
    let m = interp.machine();
    if let Some(result) = touch(m, row, args)? {
        return Ok(result);
    }
    let mut copies = args.to_vec();
    for (param, arg) in row.params.iter().zip(&mut copies) {
        if matches!(param.accept, Accept::Any | Accept::Many) {
            continue;
        }
        if let Kind::Live(l) = arg.kind() {
            *arg = state::snapshot(m, l)?;
            if !param.accept.accepts(m, *arg) {
                return Err(kind_error(m, row.name(), param, *arg));
            }
        }
    }
    let base = m.stack.len();
    m.stack.extend_from_slice(args);
    m.stack.extend_from_slice(&copies);
    let result = run(interp, row, &copies);
    let m = interp.machine();
    m.stack.truncate(base);
    let result = result?;
    match (args.first(), copies.first()) {
        (Some(place), Some(copy)) if row.changes => {
            if let Kind::Live(l) = place.kind() {
                state::replace(m, l, *copy)?;
            }
            Ok(if result.same(*copy) { *place } else { result })
        }
        _ => Ok(result),
    }
}

/// The operations that touch only the records they need.
fn touch(m: &mut Machine, row: &Row, args: &[Value]) -> Result<Option<Value>, Trap> {
    let Some(place) = args.first().copied() else { return Ok(None) };
    let Kind::Live(l) = place.kind() else { return Ok(None) };
    let list = m.heap.live(l).list;
    let result = match (row.module, row.name(), args) {
        ("@list", "push", [_, x]) | ("", "append", [_, x]) if list => {
            state::push(m, l, *x)?;
            place
        }
        ("@list", "pop", _) if list => state::pop(m, l)?,
        ("@list" | "@map", "length", [_]) | ("", "len", _) => Value::int(state::len(m, l)? as i64),
        ("@list", "count", [_]) => Value::int(state::len(m, l)? as i64),
        ("@list", "get", [_, i, ..]) if list => {
            let len = state::len(m, l)?;
            match i.as_int().and_then(|i| crate::ops::place(i, len)) {
                Some(at) => state::index(m, l, Value::int(at as i64))?,
                None => super::arg(args, 2),
            }
        }
        ("@map", "get", [_, k, ..]) if !list => entry(m, l, *k)?.unwrap_or(super::arg(args, 2)),
        ("@map", "has", [_, k]) if !list => Value::bool(entry(m, l, *k)?.is_some()),
        ("@map", "set", [_, k, v]) if !list => {
            state::set_index(m, l, *k, *v)?;
            place
        }
        ("@map", "delete", [_, k]) if !list => {
            let key = key_of(m, *k)?;
            Value::bool(state::delete(m, l, &key)?)
        }
        _ => return Ok(None),
    };
    Ok(Some(result))
}

fn entry(m: &mut Machine, live: Ref<LiveObj>, key: Value) -> Result<Option<Value>, Trap> {
    let key = key_of(m, key)?;
    state::get(m, live, &key)
}
