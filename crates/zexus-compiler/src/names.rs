//! Names: of builtins, and of the variables of a function (bytecode.md 1.5).

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zexus_hir::ir::{Function, Name, Var};
use zexus_hir::{Externs, StdExport};

/// Builtins that have an opcode of their own, or of which something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    Print,
    Hash,
    VerifySig,
    MerkleRoot,
    LedgerAppend,
    Limit,
}

/// The names of builtins and standard modules.
#[derive(Debug)]
pub(crate) struct Builtins {
    names: Vec<(Name, Option<Special>)>,
    modules: Vec<Name>,
}

impl Builtins {
    pub fn new(externs: &Externs) -> Builtins {
        let mut names: Vec<(Name, Option<Special>)> = externs
            .builtins
            .iter()
            .map(|sig| {
                let name = sig.names.first().map(String::as_str).unwrap_or_default();
                (name.into(), special(name))
            })
            .collect();
        for module in &externs.modules {
            for (export, what) in &module.exports {
                if let StdExport::Builtin(index) = what
                    && let Some((name, _)) = names.get_mut(*index as usize)
                    && name.is_empty()
                {
                    *name = format!("{}.{export}", module.name).into();
                }
            }
        }
        Builtins { names, modules: externs.modules.iter().map(|m| m.name.into()).collect() }
    }

    /// The name of a builtin.
    pub fn name(&self, index: u32) -> Name {
        self.names.get(index as usize).map(|(name, _)| name.clone()).unwrap_or_default()
    }

    /// What is special about it.
    pub fn special(&self, index: u32) -> Option<Special> {
        self.names.get(index as usize).and_then(|(_, special)| *special)
    }

    /// The name of a standard module.
    pub fn module(&self, index: u32) -> Name {
        self.modules.get(index as usize).cloned().unwrap_or_default()
    }
}

fn special(name: &str) -> Option<Special> {
    Some(match name {
        "print" => Special::Print,
        "hash" => Special::Hash,
        "verify_sig" => Special::VerifySig,
        "merkle_root" => Special::MerkleRoot,
        "ledger_append" => Special::LedgerAppend,
        "limit" => Special::Limit,
        _ => return None,
    })
}

/// The names of the variables of a function.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    /// By slot.
    pub slots: Vec<Name>,
    /// By capture.
    pub captures: Vec<Name>,
}

impl Variables {
    /// Names for the variables of a function: captured ones are called as in the function around it, others by their own names if these
    /// are free.
    pub fn of(func: &Function, around: Option<&Variables>, taken: impl Fn(&str) -> bool) -> Variables {
        let mut used: FxHashMap<Name, u32> = FxHashMap::default();
        let mut variables = Variables::default();
        for capture in &func.captures {
            let name = match capture.from {
                Var::Local(slot) | Var::Cell(slot) => around.and_then(|a| a.slots.get(slot.index())),
                Var::Capture(id) | Var::CaptureCell(id) => around.and_then(|a| a.captures.get(id.index())),
                Var::Global(_) | Var::State(_) => None,
            };
            let name = name.cloned().unwrap_or_else(|| capture.name.clone());
            used.insert(name.clone(), 1);
            variables.captures.push(name);
        }
        for slot in 0..func.slots as usize {
            let name = match func.slot_names.get(slot) {
                Some(name) if !name.is_empty() => name.clone(),
                _ => format!("##{slot}").into(),
            };
            variables.slots.push(free(name, &mut used, &taken));
        }
        variables
    }
}

fn free(name: Name, used: &mut FxHashMap<Name, u32>, taken: &impl Fn(&str) -> bool) -> Name {
    let mut next = match used.get(&name) {
        None if !taken(&name) => {
            used.insert(name.clone(), 1);
            return name;
        }
        known => known.copied().unwrap_or(1),
    };
    loop {
        let tried: Arc<str> = format!("{name}#{next}").into();
        next += 1;
        if !used.contains_key(&tried) && !taken(&tried) {
            used.insert(name, next);
            used.insert(tried.clone(), 1);
            return tried;
        }
    }
}
