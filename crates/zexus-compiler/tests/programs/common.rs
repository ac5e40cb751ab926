//! Compiles small programs for the tests.

#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use zexus_bytecode::{Module, meter, verify};
use zexus_compiler::{FormError, compile};
use zexus_hir::{BuiltinSig, Externs, LoadError, Loaded, Loader, StdExport, StdModule, lower_program};
use zexus_syntax::{FileId, SourceMap};

/// Builtins that the programs call, with their arities.
const BUILTINS: &[(&str, usize, Option<usize>)] = &[
    ("print", 0, None),
    ("len", 1, Some(1)),
    ("hash", 1, Some(2)),
    ("verify_sig", 3, Some(3)),
    ("merkle_root", 1, Some(1)),
    ("ledger_append", 1, Some(1)),
    ("limit", 1, Some(1)),
    ("gas", 0, Some(0)),
    ("max", 1, None),
    ("", 1, Some(1)),
];

fn externs() -> Externs {
    let sig = |(name, min, max): &(&str, usize, Option<usize>)| BuiltinSig {
        names: if name.is_empty() { Vec::new() } else { vec![(*name).to_owned()] },
        min: *min,
        max: *max,
    };
    let math = StdModule { name: "math", exports: vec![("sqrt".to_owned(), StdExport::Builtin(9))] };
    Externs { builtins: BUILTINS.iter().map(sig).collect(), modules: vec![math], ..Externs::default() }
}

/// Another file that the programs import.
struct Files<'s>(&'s mut SourceMap);

impl Loader for Files<'_> {
    fn load(&mut self, _from: &str, path: &str) -> Result<Loaded, LoadError> {
        let text = match path {
            "lib" => {
                "export let n = 1\nexport action add(a, b) { return a + b }\nexport data Point { x: int }"
            }
            _ => return Err(LoadError::NotFound),
        };
        let path = format!("{path}.zx");
        let file = self.0.add(path.clone(), text);
        Ok(Loaded { path, text: text.into(), file })
    }
}

/// Compiles the main file of a program.
pub fn try_module(source: &str) -> Result<Module, FormError> {
    let mut sources = SourceMap::new();
    let file: FileId = sources.add("main.zx", source);
    let main = Loaded { path: "main.zx".to_owned(), text: source.into(), file };
    let lowered = lower_program(main, &externs(), &mut Files(&mut sources));
    let program = lowered.program.unwrap_or_else(|| panic!("{:.500}: {:?}", source, lowered.diagnostics));
    let mut compiled = compile(&program, &externs(), &sources)?;
    Ok(compiled.modules.swap_remove(compiled.main).module)
}

/// Compiles the main file of a program to a module that verifies, metered too.
pub fn module(source: &str) -> Module {
    let module = try_module(source).unwrap();
    for form in [module.clone(), meter(&module)] {
        if let Err(errors) = verify(form) {
            panic!("{source}: {}\n{}", errors[0].report(), module.to_asm());
        }
    }
    module
}

/// The functions of a program as assembler text, without the places.
pub fn code(source: &str) -> String {
    let asm = module(source).to_asm();
    let mut out = String::new();
    let mut inside = false;
    for line in asm.lines() {
        inside |= line.starts_with(".func");
        if inside && !line.starts_with("  .line") {
            out.push_str(line);
            out.push('\n');
        }
        inside &= line != ".end";
    }
    out
}
