//! Step 3: parameters, entries, names and captures.

use std::collections::HashMap;

use crate::flags::FnFlags;
use crate::isa::{Instruction, OperandKind};
use crate::module::{Function, Module, ParamKind};

use super::operands::is_name;
use super::pool::Pool;
use super::{Errors, counted};

/// Not a function.
const NOBODY: u32 = u32::MAX;

/// The names of all functions as numbers, and marks by which sets of them are compared without hashing.
///
/// For each function that creates others, one pass over its names and one over the captures of each function created is
/// made, so that comparing costs about a nanosecond a name.
pub(super) struct Scopes<'m> {
    pool: &'m Pool,
    numbers: HashMap<&'m str, u32>,
    /// The captures of each function, as numbers of names.
    captures: Vec<Vec<u32>>,
    /// The last function that had the name of this number.
    owner: Vec<u32>,
    /// The last function in which this one was seen to be created.
    created_in: Vec<u32>,
}

impl<'m> Scopes<'m> {
    pub fn new(module: &'m Module, pool: &'m Pool) -> Scopes<'m> {
        let functions = module.functions.len();
        let mut scopes = Scopes {
            pool,
            numbers: HashMap::new(),
            captures: Vec::with_capacity(functions),
            owner: Vec::new(),
            created_in: vec![NOBODY; functions],
        };
        for function in &module.functions {
            let captures = function.captures.iter().map(|name| scopes.number(name)).collect();
            scopes.captures.push(captures);
        }
        scopes
    }

    fn number(&mut self, name: &'m str) -> u32 {
        let next = self.owner.len() as u32;
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.owner.push(NOBODY);
        }
        number
    }

    /// Gives a name to a function; whether the function did not have it.
    fn give(&mut self, name: &'m str, function: u32) -> bool {
        let number = self.number(name);
        match self.owner.get_mut(number as usize) {
            Some(owner) => std::mem::replace(owner, function) != function,
            None => false,
        }
    }

    /// The functions that an instruction creates.
    fn created(&self, module: &'m Module, instruction: Instruction) -> impl Iterator<Item = u32> + use<'m> {
        let pool = self.pool;
        instruction.parts().filter(|(kind, _)| kind.is_constant()).flat_map(move |(_, n)| {
            let itself = module.constant(n).and_then(|constant| constant.as_func());
            let inside = u32::try_from(n).ok().and_then(|n| pool.inside.get(&n));
            itself.into_iter().chain(inside.into_iter().flatten().copied())
        })
    }
}

pub(super) fn check<'m>(errors: &mut Errors<'m>, index: u32, scopes: &mut Scopes<'m>) {
    let module = errors.module;
    let Some(function) = module.function(index) else { return };
    if let Some(message) = malformed(function, index) {
        return errors.add("E0704", index, None, message);
    }
    let params = function.params.iter().map(|param| &param.name);
    for name in params.chain(&function.locals).chain(&function.captures) {
        if !is_name(name) {
            return errors.add("E0704", index, None, "a parameter, local or capture is no name".to_owned());
        }
        if !scopes.give(name, index) {
            errors.add(
                "E0704",
                index,
                None,
                format!("'{name}' is given twice among parameters, locals and captures"),
            );
        }
        if errors.is_full() {
            return;
        }
    }
    if !function.flags.is_scoped() {
        own_variables(module, function, index, scopes);
    }
    for (pc, &instruction) in (0..).zip(&function.code) {
        for created in scopes.created(module, instruction) {
            match scopes.created_in.get_mut(created as usize) {
                Some(last) if *last != index => *last = index,
                _ => continue,
            }
            let captures = scopes.captures.get(created as usize).map_or(&[][..], Vec::as_slice);
            let missing = captures.iter().position(|&name| scopes.owner.get(name as usize) != Some(&index));
            let Some(other) = module.function(created) else { continue };
            if let Some(name) = missing.and_then(|at| other.captures.get(at)) {
                let message = format!(
                    "function {created} ({}) captures '{name}', which does not exist here",
                    other.name
                );
                errors.add("E0704", index, Some(pc), message);
            }
        }
        if errors.is_full() {
            return;
        }
    }
}

/// Without the flag `scoped`, the lists of names mean nothing: a function owns its parameters and the names that it stores,
/// the entry function nothing.
fn own_variables<'m>(module: &'m Module, function: &'m Function, index: u32, scopes: &mut Scopes<'m>) {
    for name in function.locals.iter().chain(&function.captures) {
        let number = scopes.number(name);
        if let Some(owner) = scopes.owner.get_mut(number as usize) {
            *owner = NOBODY;
        }
    }
    if index == 0 {
        return;
    }
    for instruction in function.code.iter().filter(|i| i.info().flags.writes()) {
        let stored = instruction.parts().find(|(kind, _)| *kind == OperandKind::Name);
        if let Some(name) = stored.and_then(|(_, n)| module.constant(n)).and_then(|name| name.as_str()) {
            scopes.give(name, index);
        }
    }
}

fn malformed(function: &Function, index: u32) -> Option<String> {
    let unknown = function.flags.0 & !FnFlags::ALL.0;
    if unknown != 0 {
        return Some(format!("unknown flags {unknown}"));
    }
    if index == 0 && !function.params.is_empty() {
        return Some("the entry function has parameters".to_owned());
    }
    if index == 0 && !function.captures.is_empty() {
        return Some("the entry function has captures".to_owned());
    }
    let optional = function.optional_params();
    if optional != function.entries.len() {
        let (params, entries) = (counted(optional as u64, "optional parameter"), function.entries.len());
        return Some(format!("{params}, but {entries} entries"));
    }
    let rest = function.params.iter().rev().skip(1).find(|param| param.kind == ParamKind::Rest)?;
    Some(format!("rest parameter '{}' is not the last one", rest.name))
}
