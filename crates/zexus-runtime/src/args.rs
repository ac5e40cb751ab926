//! Arguments and parameters (language.md 9.3), wherever a tier keeps them.

use std::sync::Arc;

use crate::builtins::{self, arity_error};
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::object::FunctionInfo;
use crate::state;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// Arguments by name, in the order written.
pub type Named = [(Arc<str>, Value)];

/// What messages call a function.
pub fn shown_name(info: &FunctionInfo) -> &str {
    if info.name.is_empty() { "lambda" } else { &info.name }
}

/// Puts named arguments in their places; parameters in between that are not given are [`Value::UNDEF`]. The result has the right
/// number of arguments, and all that are required.
///
/// # Errors
/// E0404 with the wording of language.md 9.3.
pub fn arrange(
    m: &mut Machine,
    info: &FunctionInfo,
    args: &[Value],
    named: &Named,
) -> Result<Vec<Value>, Trap> {
    let index = |_: &Machine, name: &str| info.params.iter().position(|p| !p.rest && *p.name == *name);
    let out = place(m, shown_name(info), args, named, index)?;
    let given = args.len() + named.len();
    let missing = (info.params.iter().enumerate())
        .find(|(i, p)| p.required && out.get(*i).is_none_or(|v| v.is_undef()))
        .map(|(_, p)| p.name.clone());
    match missing {
        // The count alone would say nothing: it is right.
        Some(name) if given >= info.fewest() => {
            let message = format!("{} got no argument for parameter '{name}'", shown_name(info));
            Err(m.error(404, message))
        }
        None if info.most().is_none_or(|most| out.len() <= most) => Ok(out),
        _ => Err(wrong_count(m, info, given)),
    }
}

/// Puts named arguments where `index` says; places in between that are not given are [`Value::UNDEF`]. A name with a leading `@` is one
/// that the call gives again.
///
/// # Errors
/// E0404 for a name without a place and for a place that is taken.
pub fn place(
    m: &mut Machine,
    callee: &str,
    args: &[Value],
    named: &Named,
    index: impl Fn(&Machine, &str) -> Option<usize>,
) -> Result<Vec<Value>, Trap> {
    let mut out = args.to_vec();
    for (name, v) in named {
        let Some(i) = index(m, name) else {
            return Err(match name.strip_prefix('@') {
                Some(name) => given_twice(m, callee, name),
                None => no_parameter(m, callee, name),
            });
        };
        if out.len() <= i {
            out.resize(i + 1, Value::UNDEF);
        }
        match out.get_mut(i) {
            Some(place) if place.is_undef() => *place = *v,
            _ => return Err(given_twice(m, callee, name)),
        }
    }
    Ok(out)
}

fn given_twice(m: &mut Machine, callee: &str, name: &str) -> Trap {
    m.error(404, format!("{callee} got parameter '{name}' twice"))
}

/// Refuses arguments by name to something without names: a builtin or a method of the runtime.
///
/// # Errors
/// E0404.
pub fn only_positional(m: &mut Machine, callee: &str, named: &Named) -> Result<(), Trap> {
    match named.first() {
        None => Ok(()),
        Some((name, _)) => Err(no_parameter(m, callee, name)),
    }
}

/// [`only_positional`] for a builtin.
///
/// # Errors
/// E0404.
pub fn only_positional_of(m: &mut Machine, builtin: u32, named: &Named) -> Result<(), Trap> {
    if named.is_empty() {
        return Ok(());
    }
    let name = builtins::name(m, builtin);
    only_positional(m, &name, named)
}

/// E0404 for an argument by a name that no parameter has.
#[cold]
pub fn no_parameter(m: &mut Machine, callee: &str, name: &str) -> Trap {
    m.error(404, format!("{callee} has no parameter '{name}'"))
}

/// Checks the number of positional arguments of a function.
///
/// # Errors
/// E0404.
#[inline]
pub fn check_count(m: &mut Machine, info: &FunctionInfo, count: usize) -> Result<(), Trap> {
    if count < info.fewest() || info.most().is_some_and(|most| count > most) {
        return Err(wrong_count(m, info, count));
    }
    Ok(())
}

/// E0404 for a wrong number of arguments, those by name counted.
#[cold]
pub fn wrong_count(m: &mut Machine, info: &FunctionInfo, given: usize) -> Trap {
    arity_error(m, shown_name(info), info.fewest(), info.most(), given)
}

/// E0401 for an argument that does not fit the type of its parameter; `callee` is a [`shown_name`] or the name of an event.
#[cold]
pub fn parameter_mismatch(m: &mut Machine, callee: &str, param: &str, ty: &str, v: Value) -> Trap {
    let got = type_name(m, v);
    let message = format!("Type mismatch: parameter '{param}' of {callee} expects {ty}, got {got}");
    m.error(401, message)
}

/// E0401 for a result that does not fit the type of its function.
#[cold]
pub fn result_mismatch(m: &mut Machine, callee: &str, ty: &str, v: Value) -> Trap {
    let message = format!("Type mismatch: {callee} must return {ty}, got {}", type_name(m, v));
    m.error(401, message)
}

/// E0401 for a value that does not fit the type of the variable it is assigned to.
#[cold]
pub fn variable_mismatch(m: &mut Machine, ty: &str, v: Value) -> Trap {
    let message = format!("Type mismatch: cannot assign {} to {ty}", type_name(m, v));
    m.error(401, message)
}

/// The items of a spread argument: a list or a range.
///
/// # Errors
/// E0402 for anything else, [`Trap::MemoryLimit`].
pub fn spread(m: &mut Machine, v: Value) -> Result<Vec<Value>, Trap> {
    let v = state::plain(m, v)?;
    match v.kind() {
        Kind::List(l) => Ok(m.heap.list(l).items.clone()),
        Kind::Range(r) => {
            let r = *m.heap.range(r);
            m.heap.room(r.len().saturating_mul(16))?;
            Ok((r.start..r.end).map(Value::int).collect())
        }
        _ => {
            let message = format!("Type mismatch: cannot spread {}", type_name(m, v));
            Err(m.error(402, message))
        }
    }
}

#[cfg(test)]
mod tests;
