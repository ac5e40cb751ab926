//! Programs that are given as modules: `.zxc` files, assembler text, modules built by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use zexus_bytecode::{Const, Module, Opcode, Operand, verify};
use zexus_compiler::{Compiled, CompiledModule};
use zexus_hir::lower_program;
use zexus_syntax::Code;

use crate::diagnostic::Diagnostic;
use crate::engine::Engine;
use crate::error::Error;
use crate::externs::externs;
use crate::lengths;
use crate::loader::ModuleLoader;
use crate::pipeline;
use crate::program::{self, Program};

/// The first bytes of the binary form.
const MAGIC: &[u8] = b"\x89ZXC";

/// Whether bytes are meant to be a module in binary form.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

impl Engine {
    /// A program from a module, which is not trusted: it is verified first. Modules that it imports are compiled from their sources.
    ///
    /// # Errors
    /// [`Error::Compile`] with what the verifier finds (E0703 to E0707) or the errors of an imported module; [`Error::File`] if the
    /// root or a search path cannot be opened.
    pub fn load(&self, name: &str, module: Module) -> Result<Program, Error> {
        self.load_with(self.own_loader()?, name, module)
    }

    /// A program from the binary form of a module.
    ///
    /// # Errors
    /// [`Error::Compile`] with E0701 or E0702 for bytes that are no module; as [`Engine::load`].
    pub fn load_bytes(&self, name: &str, bytes: &[u8]) -> Result<Program, Error> {
        self.load(name, read(name, bytes)?)
    }

    pub(crate) fn load_with(
        &self,
        mut loader: ModuleLoader,
        name: &str,
        module: Module,
    ) -> Result<Program, Error> {
        let module = match verify(module) {
            Ok(verified) => verified.into_module(),
            Err(errors) => {
                let sources = Arc::default();
                let list =
                    errors.iter().map(|e| Diagnostic::new(pipeline::invalid(name, e), Arc::clone(&sources)));
                return Err(Error::Compile(list.collect()));
            }
        };
        let mut compiled = Compiled { modules: Vec::new(), main: 0 };
        let text = imports(&module);
        if !text.is_empty() {
            // A file that imports the same modules, so that they are found, read and compiled as for any program.
            let main = loader.main("", name, &text);
            let lowered = lower_program(main, &externs(self.granted), &mut loader);
            let program =
                program::finish(lowered, Arc::new(loader.sources.clone())).map_err(Error::Compile)?;
            compiled.modules.clone_from(&program.compiled()?.modules);
            compiled.modules.pop();
        }
        compiled.main = compiled.modules.len();
        compiled.modules.push(CompiledModule { path: name.into(), name: "__main__".into(), module });
        Ok(Program::of_code(compiled, Arc::new(loader.sources)))
    }
}

/// Reads the binary form.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Module, Error> {
    let module = Module::from_bytes(bytes).map_err(|e| refused(name, e.code(), &e.to_string()))?;
    Ok(lengths::restored(module))
}

/// Reads assembler text.
pub(crate) fn assemble(name: &str, text: &str) -> Result<Module, Error> {
    Module::from_asm(text).map_err(|e| refused(name, e.code(), &e.to_string()))
}

fn refused(name: &str, code: &str, message: &str) -> Error {
    let number = code.trim_start_matches('E').parse().ok();
    let code = number.and_then(Code::from_number).unwrap_or(Code::E0702);
    let inner = zexus_syntax::Diagnostic::new(code, format!("{name}: {message}"));
    Error::Compile(vec![Diagnostic::new(inner, Arc::default())])
}

/// Statements that import what the module imports from files.
fn imports(module: &Module) -> String {
    let standard = |path: &str| zexus_runtime::modules::MODULES.iter().any(|m| m.name == path);
    let mut paths = BTreeSet::new();
    for instruction in module.functions.iter().flat_map(|f| &f.code) {
        if let (Opcode::Import, Operand::One(k)) = (instruction.op(), instruction.operand())
            && let Some(Const::Str(path)) = module.constant(k)
            && !standard(path)
        {
            paths.insert(path.to_string());
        }
    }
    let line = |(i, path): (usize, &String)| format!("use \"{}\" as m{i}\n", escaped(path));
    paths.iter().enumerate().map(line).collect()
}

/// A text as it stands between quotes.
fn escaped(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '@');
    text.chars().map(|c| if plain(c) { c.to_string() } else { format!("\\u{{{:x}}}", c as u32) }).collect()
}
