//! Every case of the language and every example compiles to modules that verify, metered too, and that the text and binary forms
//! give back as they were.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use zexus::{Engine, Program};
use zexus_bytecode::{Module, Support, meter, verify};
use zexus_hir::{BuiltinSig, Externs, StdExport, StdModule};
use zexus_runtime::{Kind, builtins, modules};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names of builtins and standard modules, which decide what the compiler calls.
fn externs() -> Externs {
    let sig = |row: &&builtins::Row| BuiltinSig { names: Vec::new(), min: row.min(), max: row.max() };
    let mut externs = Externs { builtins: builtins::TABLE.iter().map(sig).collect(), ..Externs::default() };
    for (name, index) in builtins::names("") {
        externs.builtins[index as usize].names.push(name);
    }
    for module in modules::MODULES {
        let export = |(name, value): (String, zexus_runtime::Value)| match value.kind() {
            Kind::Builtin(index) => Some((name, StdExport::Builtin(index))),
            _ => None,
        };
        let exports = module.exports().into_iter().filter_map(export).collect();
        externs.modules.push(StdModule { name: module.name, exports });
    }
    externs
}

/// Calls of support functions name one that exists, with as many operands as it takes.
fn check_support(name: &str, module: &Module) {
    for function in &module.functions {
        for instruction in &function.code {
            if instruction.op() != zexus_bytecode::Opcode::CallBuiltin {
                continue;
            }
            let called = module.constant(instruction.first()).and_then(|c| c.as_str()).unwrap();
            assert!(!called.is_empty(), "{name}: a builtin without a name");
            if called.starts_with('@') {
                let support = Support::from_name(called).unwrap_or_else(|| panic!("{name}: {called}"));
                let (fewest, most) = support.arity();
                let count = instruction.second();
                assert!(
                    (u64::from(fewest)..=u64::from(most)).contains(&count),
                    "{name}: {called} with {count} operands"
                );
            }
        }
    }
}

fn check(name: &str, program: &Program, externs: &Externs) -> usize {
    let compiled = zexus_compiler::compile(program.hir(), externs, program.sources()).unwrap();
    let mut instructions = 0;
    for compiled in &compiled.modules {
        let module = &compiled.module;
        let shown = || format!("{name}, {}:\n{}", compiled.path, module.to_asm());
        let reports = |errors: Vec<zexus_bytecode::VerifyError>| {
            let lines: Vec<String> = errors.iter().map(|e| e.report()).collect();
            panic!("{}\n{}", lines.join("\n"), shown());
        };
        verify(module.clone()).map(drop).unwrap_or_else(reports);
        verify(meter(module)).map(drop).unwrap_or_else(reports);
        check_support(name, module);
        assert_eq!(&Module::from_asm(&module.to_asm()).unwrap(), module, "{}", shown());
        assert_eq!(&Module::from_bytes(&module.to_bytes()).unwrap(), module, "{}", shown());
        instructions += module.functions.iter().map(|f| f.code.len()).sum::<usize>();
    }
    instructions
}

#[test]
fn cases_of_the_language_compile() {
    let externs = externs();
    let cases = zexus_testing::corpus::walk(&root().join("tests/lang")).unwrap();
    let filter = std::env::var("ZEXUS_CASES").unwrap_or_default();
    let (mut compiled, mut instructions) = (0, 0);
    for case in cases.iter().filter(|case| case.name.contains(&filter)) {
        let Ok(program) = Engine::new().compile_file(&case.path) else { continue };
        instructions += check(&case.name, &program, &externs);
        compiled += 1;
    }
    assert!(compiled >= 500 || !filter.is_empty(), "only {compiled} cases compile");
    assert!(instructions > 10 * compiled);
}

#[test]
fn examples_compile() {
    let externs = externs();
    let engine = Engine::new();
    let mut compiled = 0;
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "zx") {
            let program = engine.compile_file(&path).unwrap();
            assert!(check(&path.display().to_string(), &program, &externs) > 10);
            compiled += 1;
        }
    }
    let program = engine.compile_file(root().join("examples/modules/main.zx")).unwrap();
    assert!(check("modules", &program, &externs) > 10);
    assert!(compiled >= 12, "only {compiled} examples");
}
