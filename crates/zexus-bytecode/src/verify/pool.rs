//! Constants by themselves: their form, and the functions in them.

use std::collections::{HashMap, HashSet};

use crate::constant::Const;
use crate::encode::{MAX_DEPTH, encode};
use crate::limits;
use crate::num::MAX_INT_BITS;

use super::Errors;

/// What is known about the constants of a module.
pub(super) struct Pool {
    /// The functions that a list or map holds, at any depth; constants without functions are left out.
    pub inside: HashMap<u32, Vec<u32>>,
}

/// Checks every constant of the pool; `None` if one is malformed.
pub(super) fn check(errors: &mut Errors<'_>) -> Option<Pool> {
    let module = errors.module;
    let before = errors.list.len();
    if module.constants.len() > limits::CONSTANTS {
        let message = format!("{} constants, the limit is {}", module.constants.len(), limits::CONSTANTS);
        errors.module("E0707", message);
    }
    let mut pool = Pool { inside: HashMap::new() };
    let mut found = Vec::new();
    for (index, constant) in (0..).zip(module.constants.iter()) {
        found.clear();
        match walk(constant, 0, &mut found) {
            Err(what) => errors.module("E0704", format!("constant {index}: {what}")),
            Ok(()) if encoded_len(constant) > limits::CONSTANT_BYTES => {
                let what =
                    format!("constant {index}: its encoding is longer than {} bytes", limits::CONSTANT_BYTES);
                errors.module("E0707", what);
            }
            Ok(()) => (),
        }
        if let Some(missing) = found.iter().find(|&&f| f as usize >= module.functions.len()) {
            errors.module("E0704", format!("constant {index}: function {missing} does not exist"));
        }
        if !found.is_empty() && constant.as_func().is_none() {
            pool.inside.insert(index, found.clone());
        }
        if errors.is_full() {
            break;
        }
    }
    (errors.list.len() == before).then_some(pool)
}

/// The length of the encoding, counted exactly only where it may matter.
fn encoded_len(constant: &Const) -> usize {
    match constant {
        Const::Str(text) => text.len() + 4,
        Const::Bytes(bytes) => bytes.len() + 4,
        Const::List(_) | Const::Map(_) => encode(constant).len(),
        _ => 0,
    }
}

fn walk(constant: &Const, depth: usize, functions: &mut Vec<u32>) -> Result<(), &'static str> {
    match constant {
        Const::Big(i) if i.bits() > MAX_INT_BITS => return Err("integer of more than 4096 bits"),
        Const::List(_) | Const::Map(_) if depth == MAX_DEPTH => return Err("nested more than 64 deep"),
        Const::List(items) => {
            for item in items.iter() {
                walk(item, depth + 1, functions)?;
                if item.as_func().is_some() {
                    return Err("function in a list");
                }
            }
        }
        Const::Map(entries) => {
            let mut seen = HashSet::with_capacity(entries.len());
            for (key, value) in entries.iter() {
                if !matches!(key, Const::Str(_) | Const::Int(_) | Const::Big(_) | Const::Bool(_)) {
                    return Err("map key that is no string, integer or boolean");
                }
                walk(key, depth + 1, functions)?;
                if !seen.insert(encode(key)) {
                    return Err("map key occurs twice");
                }
                walk(value, depth + 1, functions)?;
            }
        }
        Const::Func(index) => functions.push(*index),
        _ => (),
    }
    Ok(())
}
