//! What the front end must know of the back, from the tables of the runtime.

use std::sync::OnceLock;

use zexus_hir::{BuiltinSig, Externs, StdExport, StdModule};
use zexus_runtime::host::Caps;
use zexus_runtime::{Kind, Value, builtins, modules};

/// The names around a program that holds `caps`.
pub(crate) fn externs(caps: Caps) -> Externs {
    static TABLES: OnceLock<Externs> = OnceLock::new();
    let mut externs = TABLES.get_or_init(tables).clone();
    let held = |name: &&str| Caps::from_name(name).is_some_and(|c| caps.contains(c));
    externs.caps = Caps::NAMES.iter().copied().filter(held).collect();
    externs
}

fn tables() -> Externs {
    let sig = |row: &&builtins::Row| BuiltinSig { names: Vec::new(), min: row.min(), max: row.max() };
    let mut sigs: Vec<BuiltinSig> = builtins::TABLE.iter().map(sig).collect();
    for (name, index) in builtins::names("") {
        if let Some(sig) = sigs.get_mut(index as usize) {
            sig.names.push(name);
        }
    }
    let modules = modules::MODULES.iter().map(module).collect();
    Externs {
        builtins: sigs,
        modules,
        host_modules: modules::HOST_MODULES.to_vec(),
        caps: Vec::new(),
        variables: Vec::new(),
    }
}

fn module(module: &modules::StdModule) -> StdModule {
    let export = |(name, value): (String, Value)| match value.kind() {
        Kind::Builtin(index) => Some((name, StdExport::Builtin(index))),
        Kind::Float(f) => Some((name, StdExport::Float(f))),
        _ => None,
    };
    StdModule { name: module.name, exports: module.exports().into_iter().filter_map(export).collect() }
}
