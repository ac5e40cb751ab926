//! The linker: from verified modules to register code (bytecode.md 1.5, 4.3).

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zexus_bytecode::support::Support;
use zexus_bytecode::{Const, Module, Opcode, OperandKind, Verified};
use zexus_runtime::object::{FunctionInfo, ParamInfo};
use zexus_runtime::{builtins, modules};

use crate::exec::shown_name;
use crate::program::{Exported, Global, LinkedModule, Program};

mod emit;
mod flow;
mod function;
mod iters;
mod promote;
mod stack;
mod stepwise;
mod translate;
mod vars;

use vars::Scopes;

/// How code is linked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LinkMode {
    /// For speed: instructions are fused, values stay where they are.
    #[default]
    Fused,
    /// One internal instruction for each public one, with values on the registers of the stack: for traces.
    Stepwise,
    /// As fused, but `GTE` compares as `GT` does: a defect for those who test that they find defects. No command and no option of
    /// an engine leads here.
    #[doc(hidden)]
    Planted,
}

/// A module to be linked.
#[derive(Debug)]
pub struct Unlinked {
    /// The path by which other modules import it.
    pub path: Arc<str>,
    /// Its name, for display and `__MODULE__`.
    pub name: Arc<str>,
    /// The module.
    pub module: Verified,
}

/// Why modules cannot be linked (bytecode.md 4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkError {
    /// The code of the error in language.md chapter 23.
    pub code: u16,
    /// The path of the module.
    pub module: Arc<str>,
    /// The function, by index.
    pub function: u32,
    /// The instruction.
    pub pc: u32,
    /// What is wrong.
    pub message: String,
}

/// Links modules to a program whose main module is the one of this index.
///
/// # Errors
/// E0704 for an unknown builtin, E0606 for an import of a module that only a host could supply, E0601 for one that is neither among
/// the modules nor a standard one.
pub fn link(modules: Vec<Unlinked>, main: u32, mode: LinkMode) -> Result<Program, LinkError> {
    let mut program = Program {
        modules: Vec::new(),
        functions: Vec::new(),
        globals: Vec::new(),
        consts: Vec::new(),
        main,
        paths: FxHashMap::default(),
        sites: 0,
        mode,
        asks_for_meter: modules.iter().any(|m| m.module.module().asks_for_meter()),
    };
    let mut first = 0;
    let mut scopes = Vec::with_capacity(modules.len());
    for (index, module) in (0..).zip(&modules) {
        let found = Scopes::new(&module.module);
        program.paths.insert(module.path.clone(), index);
        first = declare(&mut program, module, &found, first);
        scopes.push(found);
    }
    for module in &modules {
        check(&program, module)?;
    }
    for ((index, module), scopes) in (0..).zip(&modules).zip(scopes) {
        function::link_module(&mut program, index, &module.module, scopes);
    }
    Ok(program)
}

/// Adds a module with its globals and exports; its functions are linked later. The index of the first function of the next one.
fn declare(program: &mut Program, unlinked: &Unlinked, scopes: &Scopes, first: u32) -> u32 {
    let module = unlinked.module.module();
    let mut globals = FxHashMap::default();
    for (function, vars) in module.functions.iter().zip(&scopes.vars) {
        for instruction in &function.code {
            let stored = instruction.info().flags.writes();
            for (kind, at) in instruction.parts() {
                let Some(Const::Str(name)) = module.constant(at) else { continue };
                if kind != OperandKind::Name || !is_variable(instruction.op()) {
                    continue;
                }
                let plain = match name.strip_prefix(':') {
                    Some(global) => Arc::from(global),
                    None if name.contains(':') || vars.index.contains_key(name) => continue,
                    None => name.clone(),
                };
                global(program, &mut globals, plain, stored);
            }
        }
    }
    let exports = exports(program, module, &mut globals);
    program.modules.push(LinkedModule {
        path: unlinked.path.clone(),
        name: unlinked.name.clone(),
        module: module.clone(),
        first_function: first,
        globals,
        exports,
    });
    first + module.functions.len() as u32
}

/// Whether the name of an instruction is that of a variable.
fn is_variable(op: Opcode) -> bool {
    !matches!(
        op,
        Opcode::GetAttr
            | Opcode::StoreAttr
            | Opcode::CallMethod
            | Opcode::CallMethodSpread
            | Opcode::CallBuiltin
            | Opcode::RegisterEvent
            | Opcode::EmitEvent
    )
}

/// The index of a global of a module, which is added if it is not there.
fn global(
    program: &mut Program,
    globals: &mut FxHashMap<Arc<str>, u32>,
    name: Arc<str>,
    stored: bool,
) -> u32 {
    let next = program.globals.len() as u32;
    let at = *globals.entry(name.clone()).or_insert(next);
    if at == next {
        let builtin = builtins::lookup(shown_name(&name));
        program.globals.push(Global { name, stored, builtin });
    } else if let Some(known) = program.globals.get_mut(at as usize) {
        known.stored |= stored;
    }
    at
}

/// What the entry function exports: `EXPORT`, and the support function for all else.
fn exports(
    program: &mut Program,
    module: &Module,
    globals: &mut FxHashMap<Arc<str>, u32>,
) -> Vec<(Arc<str>, Exported)> {
    let mut out = Vec::new();
    let Some(entry) = module.functions.first() else { return out };
    for (pc, instruction) in entry.code.iter().enumerate() {
        if instruction.op() == Opcode::Export {
            if let Some(name) = vars::name_of(module, *instruction) {
                let at = global(program, globals, name.clone(), false);
                let shown: Arc<str> = shown_name(&name).into();
                out.push((shown, Exported::Global(at)));
            }
            continue;
        }
        let callee = vars::name_of(module, *instruction);
        if callee.as_deref().and_then(Support::from_name) != Some(Support::Export) {
            continue;
        }
        let before =
            pc.checked_sub(1).and_then(|pc| entry.code.get(pc)).filter(|i| i.op() == Opcode::LoadConst);
        let Some(row) = before.and_then(|i| module.constant(i.first())) else { continue };
        let text = |key: &str| match row.get(key) {
            Some(Const::Str(text)) => Some(text.clone()),
            _ => None,
        };
        let Some(name) = text("name") else { continue };
        let exported = if let Some(variable) = text("variable") {
            let plain: Arc<str> = variable.strip_prefix(':').map_or(variable.clone(), Arc::from);
            Exported::Global(global(program, globals, plain, false))
        } else if let Some(key) = text("state") {
            Exported::State(key)
        } else if let Some(builtin) = text("builtin") {
            match crate::exec::Exec::builtin_named(&builtin) {
                Some(index) => Exported::Builtin(index),
                None => continue,
            }
        } else if let Some(path) = text("module") {
            Exported::Module(path)
        } else {
            Exported::Value(row.get("value").cloned().unwrap_or(Const::Null))
        };
        out.push((name, exported));
    }
    out
}

/// The rules of bytecode.md 4.3.
fn check(program: &Program, unlinked: &Unlinked) -> Result<(), LinkError> {
    let module = unlinked.module.module();
    for (function, f) in (0..).zip(&module.functions) {
        for (pc, instruction) in (0..).zip(&f.code) {
            let fail =
                |code, message| LinkError { code, module: unlinked.path.clone(), function, pc, message };
            let name =
                instruction.parts().next().and_then(|(_, at)| module.constant(at)).and_then(Const::as_str);
            let Some(name) = name else { continue };
            match instruction.op() {
                Opcode::CallBuiltin => {
                    let count = instruction.count();
                    match Support::from_name(name) {
                        Some(support) => {
                            let (fewest, most) = support.arity();
                            if count < u64::from(fewest) || count > u64::from(most) {
                                return Err(fail(
                                    704,
                                    format!("support function {name} with {count} operands"),
                                ));
                            }
                        }
                        None if crate::exec::Exec::builtin_named(name).is_some() => (),
                        None => return Err(fail(704, format!("unknown builtin '{name}'"))),
                    }
                }
                Opcode::Import if program.paths.contains_key(name) || modules::lookup(name).is_some() => (),
                Opcode::Import if modules::HOST_MODULES.contains(&name) => {
                    return Err(fail(606, format!("module '{name}' is not available on this host")));
                }
                Opcode::Import => return Err(fail(601, format!("module '{name}' not found"))),
                _ => (),
            }
        }
    }
    Ok(())
}

/// Name, parameters and flags of a function for the runtime.
fn info(path: &Arc<str>, function: &zexus_bytecode::Function, index: usize) -> FunctionInfo {
    use zexus_bytecode::ParamKind;
    let params = function.params.iter().map(|p| ParamInfo {
        name: shown_name(&p.name).into(),
        required: p.kind == ParamKind::Required,
        rest: p.kind == ParamKind::Rest,
    });
    let name = if index == 0 { Arc::from("") } else { function.name.clone() };
    FunctionInfo { name, params: params.collect(), flags: function.flags, module: path.clone() }
}
