//! `zexus build`, `zexus disasm`, `zexus asm`.

use std::io::Write;
use std::path::{Path, PathBuf};

use zexus::host::Captured;
use zexus::{Compiled, Engine, Error, Execution, Module, Tier, files};
use zexus_bytecode::meter;
use zexus_optimizer::{BytecodeOptimizer, DEFAULT_MAX_PASSES};

use crate::args::{Asm, Build, Disasm};
use crate::output::{note, print};
use crate::report::Reporter;
use crate::source;

/// Compiles a program to bytecode files; gives the exit code.
pub fn build(args: &Build, color: bool) -> u8 {
    let reporter = Reporter::new(&args.report, color);
    let program = match source::compile(&engine(args.root.as_deref()), &args.file) {
        Ok(program) => program,
        Err(error) => {
            reporter.not_started(&error);
            return 2;
        }
    };
    reporter.diagnostics(program.warnings());
    let output = args.output.clone().unwrap_or_else(|| args.file.with_extension("zxc"));
    let mut optimizer = BytecodeOptimizer::new(args.opt_level, DEFAULT_MAX_PASSES, false);
    let written = program.compiled().and_then(|compiled| write_modules(compiled, &mut optimizer, &output));
    if args.stats && written.is_ok() {
        reporter.optimizer(optimizer.stats());
    }
    finish(reporter, written)
}

/// Runs a program without its output and shows the native code that was made; gives the exit code.
fn native(args: &Disasm, reporter: &Reporter) -> u8 {
    let execution = Execution { tier: Tier::Native, jit_listing: true, ..Execution::default() };
    let engine = engine(args.root.as_deref()).execution(execution);
    let program = match source::compile(&engine, &args.file) {
        Ok(program) => program,
        Err(error) => {
            reporter.not_started(&error);
            return 2;
        }
    };
    let mut instance = engine.instance_on(&program, Captured::new());
    let outcome = instance.execute();
    print(&instance.jit_listing());
    reporter.diagnostics(&outcome.diagnostics);
    outcome.exit_code
}

/// Shows bytecode; gives the exit code.
pub fn disasm(args: &Disasm, color: bool) -> u8 {
    let reporter = Reporter::new(&args.report, color);
    let program = source::compile(&engine(args.root.as_deref()), &args.file);
    let compiled = match program.as_ref().map_err(Clone::clone).and_then(|program| program.compiled()) {
        Ok(compiled) => compiled,
        Err(error) => {
            reporter.not_started(&error);
            return 2;
        }
    };
    if args.native {
        return native(args, &reporter);
    }
    let mut text = String::new();
    for (index, module) in compiled.modules.iter().enumerate() {
        if index != compiled.main && !args.all {
            continue;
        }
        if args.all && compiled.modules.len() > 1 {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&format!("; {}\n", module.path));
        }
        let metered = args.metered.then(|| meter(&module.module));
        let code = metered.as_ref().unwrap_or(&module.module);
        text.push_str(&if args.asm { code.to_asm() } else { code.disassemble() });
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    print(&text)
}

/// Assembles a text; gives the exit code.
pub fn asm(args: &Asm, color: bool) -> u8 {
    let reporter = Reporter::new(&args.report, color);
    let program = match engine(None).compile_file(&args.file) {
        Ok(program) if program.is_code() => program,
        Ok(_) => {
            reporter.message(&format!(
                "{} is no assembler text; its name must end in .zxasm",
                args.file.display()
            ));
            return 2;
        }
        Err(error) => {
            reporter.not_started(&error);
            return 2;
        }
    };
    let output = args.output.clone().unwrap_or_else(|| args.file.with_extension("zxc"));
    let written = program.compiled().and_then(|compiled| match compiled.modules.get(compiled.main) {
        Some(main) => write(&main.module, &output),
        None => Ok(()),
    });
    finish(reporter, written)
}

/// An engine for programs that are not run.
pub fn engine(root: Option<&Path>) -> Engine {
    let engine = Engine::new().grant(zexus::Caps::ALL);
    match root {
        Some(root) => engine.root(root),
        None => engine,
    }
}

fn finish(reporter: Reporter, written: Result<(), Error>) -> u8 {
    match written {
        Ok(()) => 0,
        Err(error) => {
            reporter.not_started(&error);
            2
        }
    }
}

/// Optimizes all modules, and writes the main one to `output` and the others below the same directory.
fn write_modules(compiled: &Compiled, optimizer: &mut BytecodeOptimizer, output: &Path) -> Result<(), Error> {
    let dir = output.parent().unwrap_or(Path::new(""));
    for (index, module) in compiled.modules.iter().enumerate() {
        let path = match index == compiled.main {
            true => output.to_owned(),
            false => dir.join(Path::new(&*module.path).with_extension("zxc")),
        };
        write(&optimizer.optimize_module(&module.module), &path)?;
    }
    Ok(())
}

/// Writes a module under another name first, so that a file is either whole or not there.
fn write(module: &Module, path: &Path) -> Result<(), Error> {
    let cannot = |reason: String| Error::Write { path: path.to_string_lossy().into_owned(), reason };
    let io = |e: std::io::Error| cannot(files::reason(&e));
    let dir: PathBuf = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&dir).map_err(io)?;
    let mut file = tempfile::Builder::new().prefix(".zexus-").tempfile_in(&dir).map_err(io)?;
    file.write_all(&module.to_bytes()).map_err(io)?;
    file.persist(path).map_err(|e| io(e.error))?;
    let hash: String = module.content_hash().iter().map(|byte| format!("{byte:02x}")).collect();
    note(&format!("{}: {} instructions, content hash {hash}", path.display(), size(module)));
    Ok(())
}

fn size(module: &Module) -> usize {
    module.functions.iter().map(|f| f.code.len()).sum()
}
