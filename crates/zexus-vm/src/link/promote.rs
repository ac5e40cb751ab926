//! Globals that can be registers of the entry function: those that nothing but its own plain loads and stores name.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use zexus_bytecode::{Const, Module, Opcode, OperandKind};
use zexus_runtime::builtins;

use super::vars::Vars;

/// So many at most, to leave registers for the stack.
const MOST: usize = 120;

/// The names of globals that only the entry function uses, and only by `LOAD_NAME`, `STORE_NAME`, `STORE_CONST` and `CALL_NAME`.
pub(crate) fn promotable(module: &Module, exports: &[Arc<str>], vars: &[Vars]) -> Vec<Arc<str>> {
    let mut uses: FxHashMap<&Arc<str>, bool> = FxHashMap::default();
    let mut stored: FxHashSet<&str> = FxHashSet::default();
    let mut order: Vec<&Arc<str>> = Vec::new();
    // Texts that may be looked at as names at run time.
    let mut texts: FxHashSet<&str> = FxHashSet::default();
    for ((index, function), vars) in module.functions.iter().enumerate().zip(vars) {
        for instruction in &function.code {
            let op = instruction.op();
            for (kind, at) in instruction.parts() {
                let Some(constant) = module.constant(at).filter(|_| kind.is_constant()) else { continue };
                match (kind, constant) {
                    (OperandKind::Name, Const::Str(name)) => {
                        let plain = matches!(
                            op,
                            Opcode::LoadName | Opcode::StoreName | Opcode::StoreConst | Opcode::CallName
                        );
                        if !super::is_variable(op) || vars.index.contains_key(name) {
                            continue;
                        }
                        // `:x` is the global `x` where a variable of the function has that name.
                        if let Some(global) = name.strip_prefix(':') {
                            texts.insert(global);
                        }
                        let good = uses.entry(name).or_insert_with(|| {
                            order.push(name);
                            true
                        });
                        *good &= index == 0 && plain;
                        if instruction.info().flags.writes() {
                            stored.insert(name);
                        }
                    }
                    (OperandKind::Name | OperandKind::Func, _) => (),
                    _ => collect(constant, &mut texts),
                }
            }
        }
    }
    let exported: FxHashSet<&str> = exports.iter().map(|name| &**name).collect();
    let good = |name: &&Arc<str>| {
        uses.get(*name) == Some(&true)
            && stored.contains(&***name)
            && !name.contains(':')
            && !texts.contains(&***name)
            && !exported.contains(&***name)
            && builtins::lookup(name).is_none()
    };
    order.into_iter().filter(good).take(MOST).cloned().collect()
}

/// Adds the words of all texts in a constant.
fn collect<'m>(constant: &'m Const, texts: &mut FxHashSet<&'m str>) {
    let mut work = vec![constant];
    while let Some(c) = work.pop() {
        match c {
            Const::Str(text) => {
                texts.insert(text);
                texts.extend(
                    text.split([':', '.', '?', '<', '>', '[', ']', ',', ' ']).filter(|w| !w.is_empty()),
                );
            }
            Const::List(items) => work.extend(items.iter()),
            Const::Map(entries) => work.extend(entries.iter().flat_map(|(k, v)| [k, v])),
            _ => (),
        }
    }
}
