//! What the front end must know of the back, from the tables of the runtime.

use std::sync::OnceLock;

use zexus_hir::{BuiltinSig, Externs, StdExport, StdModule};
use zexus_runtime::builtins;
use zexus_runtime::host::Caps;

/// Standard modules besides those that have builtins of their own are named by the runtime too; these only a host can supply.
const HOST_MODULES: &[&str] = &["http", "sockets", "websocket", "sqlite", "postgres", "mysql", "mongo", "os"];

/// The names around a program that holds `caps`.
pub(crate) fn externs(caps: Caps) -> Externs {
    static TABLES: OnceLock<Externs> = OnceLock::new();
    let mut externs = TABLES.get_or_init(tables).clone();
    externs.caps = Caps::NAMES
        .iter()
        .copied()
        .filter(|name| Caps::from_name(name).is_some_and(|c| caps.contains(c)))
        .collect();
    externs
}

fn tables() -> Externs {
    let builtins = builtins::TABLE
        .iter()
        .map(|row| {
            let names = if row.module.is_empty() { spellings(row.names) } else { Vec::new() };
            BuiltinSig { names, min: row.min(), max: row.max() }
        })
        .collect();
    Externs { builtins, modules: modules(), host_modules: HOST_MODULES.to_vec(), caps: Vec::new() }
}

fn modules() -> Vec<StdModule> {
    let mut names: Vec<&'static str> = Vec::new();
    for row in &builtins::TABLE {
        if !row.module.is_empty() && !names.contains(&row.module) {
            names.push(row.module);
        }
    }
    names
        .into_iter()
        .map(|name| {
            let exports =
                builtins::names(name).into_iter().map(|(n, i)| (n, StdExport::Builtin(i))).collect();
            StdModule { name, exports }
        })
        .collect()
}

fn spellings(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}
