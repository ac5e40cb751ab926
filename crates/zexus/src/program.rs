//! A compiled program.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use zexus_compiler::{Compiled, CompiledModule};
use zexus_hir::{Loaded, Lowered, Outline, ir, lower_program};
use zexus_runtime::Caps;
use zexus_syntax::{Code, Directive, FileId, Setting, SourceMap};

use crate::cache::Cache;
use crate::diagnostic::Diagnostic;
use crate::engine::Engine;
use crate::error::Error;
use crate::externs::externs;
use crate::loader::ModuleLoader;
use crate::pipeline::{self, Form};
use crate::tier::{Counters, Tier};

/// A compiled program: immutable, shared between threads, cheap to clone.
#[derive(Clone, Debug)]
pub struct Program(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    hir: Arc<ir::Program>,
    sources: Arc<SourceMap>,
    warnings: Vec<Diagnostic>,
    directives: Directives,
    /// Whether there is nothing but modules.
    code: bool,
    /// The modules, or the limit of form that the program exceeds.
    compiled: OnceLock<Result<Compiled, Diagnostic>>,
    linked: Mutex<HashMap<Form, Linked>>,
    /// Where compiled modules are kept.
    slots: Option<Slots>,
}

/// The places of a program's modules in a cache, in the order of the modules.
#[derive(Debug)]
struct Slots {
    cache: Cache,
    keys: Vec<String>,
    directives: Directives,
    paths: Vec<Arc<str>>,
}

type Linked = Result<Arc<zexus_vm::Program>, Vec<Diagnostic>>;

/// Why a program cannot run on the virtual machine.
pub(crate) enum NotLinked {
    /// It exceeds a limit of form (E0707).
    TooLarge(Diagnostic),
    /// The verifier or the linker refuses it.
    Invalid(Vec<Diagnostic>),
}

/// The settings that a program asks for (language.md 21.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// `gas_limit`.
    pub gas_limit: Option<u64>,
    /// `optimize`.
    pub optimize: Option<u8>,
    /// `strict_transactions`.
    pub strict_transactions: Option<bool>,
    /// `trace`.
    pub trace: bool,
}

impl Program {
    /// A program that is nothing but modules.
    pub(crate) fn of_code(compiled: Compiled, sources: Arc<SourceMap>) -> Program {
        let compiled = OnceLock::from(Ok(compiled));
        Program(Arc::new(Inner { sources, code: true, compiled, ..Inner::default() }))
    }

    /// Whether this is the same program, or a clone of it.
    pub fn is(&self, other: &Program) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The warnings of the compiler.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.0.warnings
    }

    /// What `@zexus` comments ask for.
    pub fn directives(&self) -> Directives {
        self.0.directives
    }

    /// The core language form.
    pub fn hir(&self) -> &Arc<ir::Program> {
        &self.0.hir
    }

    /// Whether it was given as modules, without source text.
    pub fn is_code(&self) -> bool {
        self.0.code
    }

    /// Its modules, compiled at the first call.
    ///
    /// # Errors
    /// E0707 for a program that exceeds a limit of form (bytecode.md 3.5).
    pub fn compiled(&self) -> Result<&Compiled, Error> {
        self.modules(None).map_err(|e| Error::Compile(vec![e]))
    }

    fn modules(&self, counters: Option<&Counters>) -> Result<&Compiled, Diagnostic> {
        let compile = || {
            if let Some(counters) = counters {
                Counters::count(&counters.compiles);
            }
            let externs = externs(Caps::NONE);
            let compiled = zexus_compiler::compile(&self.0.hir, &externs, &self.0.sources).map_err(|e| {
                let inner = zexus_syntax::Diagnostic::new(Code::E0707, e.to_string());
                Diagnostic::new(inner, self.0.sources.clone())
            })?;
            if let (Some(slots), Some(counters)) = (&self.0.slots, counters)
                && let Err(e) = slots.write(&compiled)
            {
                counters.cache_failed(e.to_string());
            }
            Ok(compiled)
        };
        self.0.compiled.get_or_init(compile).as_ref().map_err(Clone::clone)
    }

    /// Its form for the virtual machine, made once for each form.
    pub(crate) fn linked(
        &self,
        form: Form,
        counters: &Counters,
    ) -> Result<Arc<zexus_vm::Program>, NotLinked> {
        let compiled = self.modules(Some(counters)).map_err(NotLinked::TooLarge)?;
        let mut linked = self.0.linked.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let own = |d| Diagnostic::new(d, self.0.sources.clone());
            pipeline::to_program(compiled, form, counters).map_err(|list| list.into_iter().map(own).collect())
        };
        linked.entry(form).or_insert_with(make).clone().map_err(NotLinked::Invalid)
    }

    /// Whether [`crate::Tier::Auto`] compiles it for what it holds, whatever its length (`should_use_vm_for_node` of bytecode.md 7.4).
    pub fn should_use_vm(&self) -> bool {
        self.0.code || self.0.hir.substantial
    }

    /// Whether `auto` walks it (bytecode.md 7.4): it has less than `lines` source lines and nothing substantial.
    pub(crate) fn is_small(&self, lines: u32) -> bool {
        let total: u64 = self.0.sources.files().map(|(_, file)| u64::from(file.line_count())).sum();
        !self.should_use_vm() && total < u64::from(lines)
    }

    /// The file and the byte of a place that a source map names.
    pub(crate) fn find_place(&self, file: &str, line: u32, column: u32) -> Option<(FileId, u32)> {
        let sources = &self.0.sources;
        let by_path = || self.0.hir.modules.iter().find(|m| &*m.path == file).map(|m| m.file);
        let named = sources.files().find(|(_, source)| source.name() == file).map(|(id, _)| id);
        let id = named.or_else(by_path)?;
        let source = sources.get(id)?;
        let span = source.line_span(line);
        let text = span.text(source.text());
        let points = column.saturating_sub(1) as usize;
        let offset = text.char_indices().nth(points).map_or(text.len(), |(at, _)| at);
        (line > 0).then(|| (id, span.start.saturating_add(offset as u32)))
    }

    /// The sources of all modules.
    pub fn sources(&self) -> &Arc<SourceMap> {
        &self.0.sources
    }
}

/// Compiles the main file: its path relative to the root, its name in reports, and its text.
pub(crate) fn compile(
    engine: &Engine,
    mut loader: ModuleLoader,
    path: &str,
    name: &str,
    bytes: &[u8],
) -> Result<Program, Error> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => {
            let file = loader.sources.add(name, readable(bytes));
            let lowered =
                Lowered { diagnostics: zexus_syntax::parse_bytes(file, bytes).errors, ..Lowered::default() };
            return finish(lowered, Arc::new(loader.sources)).map_err(Error::Compile);
        }
    };
    let main = loader.main(path, name, text);
    let slots = Slots::of(engine, &main, &mut loader);
    if let Some(found) = slots.as_ref().and_then(|slots| slots.read(&loader)) {
        return Ok(found);
    }
    let lowered = lower_program(main, &engine.externs(), &mut loader);
    finish_with(lowered, Arc::new(loader.sources), slots).map_err(Error::Compile)
}

impl Slots {
    /// Nothing if there is no cache, or if it is not of use: it holds what programs are that may use everything, and tier 0 has no use
    /// for it.
    fn of(engine: &Engine, main: &Loaded, loader: &mut ModuleLoader) -> Option<Slots> {
        let cache = engine.cache.clone()?;
        if engine.granted != Caps::ALL || engine.execution.tier == Tier::Evaluator {
            return None;
        }
        let outline = zexus_hir::outline(main.clone(), &externs(engine.granted), loader)?;
        let mut keys = Vec::new();
        for index in 0..outline.files.len() {
            let closure = closure(&outline, index);
            let files = closure.iter().filter_map(|i| outline.files.get(*i));
            let texts: Option<Vec<&str>> =
                files.map(|f| loader.loaded.get(&*f.path).map(|l| &*l.text)).collect();
            keys.push(Cache::key(0, texts?));
        }
        let paths = outline.files.iter().map(|f| f.path.clone()).collect();
        Some(Slots { cache, keys, directives: Directives::of(&outline.directives), paths })
    }

    /// The program, if all its modules are there.
    fn read(&self, loader: &ModuleLoader) -> Option<Program> {
        let main = self.keys.len().checked_sub(1)?;
        let mut modules = Vec::new();
        for (index, (key, path)) in self.keys.iter().zip(&self.paths).enumerate() {
            let name = if index == main { "__main__".into() } else { path.clone() };
            modules.push(CompiledModule { path: path.clone(), name, module: self.cache.get(key)? });
        }
        let compiled = OnceLock::from(Ok(Compiled { modules, main }));
        let sources = Arc::new(loader.sources.clone());
        let directives = self.directives;
        Some(Program(Arc::new(Inner { sources, directives, code: true, compiled, ..Inner::default() })))
    }

    fn write(&self, compiled: &Compiled) -> std::io::Result<()> {
        let pairs = self.keys.iter().zip(&compiled.modules);
        pairs.into_iter().try_for_each(|(key, module)| self.cache.put(key, &module.module))
    }
}

/// A file and all that it imports, itself first.
fn closure(outline: &Outline, index: usize) -> Vec<usize> {
    let mut all = vec![index];
    let mut at = 0;
    while let Some(file) = all.get(at).and_then(|i| outline.files.get(*i)) {
        for import in &file.imports {
            if !all.contains(import) {
                all.push(*import);
            }
        }
        at += 1;
    }
    all
}

/// The text with a question mark for each byte that is none, so that places stay what they are.
fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

pub(crate) fn finish(lowered: Lowered, sources: Arc<SourceMap>) -> Result<Program, Vec<Diagnostic>> {
    finish_with(lowered, sources, None)
}

fn finish_with(
    lowered: Lowered,
    sources: Arc<SourceMap>,
    slots: Option<Slots>,
) -> Result<Program, Vec<Diagnostic>> {
    let diagnostics = lowered.diagnostics.into_iter().map(|d| Diagnostic::new(d, sources.clone())).collect();
    let Some(hir) = lowered.program else { return Err(diagnostics) };
    let directives = Directives::of(&lowered.directives);
    // Whoever finds the modules in the cache does not see the warnings.
    let slots = slots.filter(|_| diagnostics.is_empty());
    let hir = Arc::new(hir);
    let inner = Inner { hir, sources, warnings: diagnostics, directives, slots, ..Inner::default() };
    Ok(Program(Arc::new(inner)))
}

impl Directives {
    /// The last of several settings of one key counts.
    fn of(list: &[Directive]) -> Directives {
        let mut directives = Directives::default();
        for setting in list.iter().filter_map(|directive| directive.setting) {
            match setting {
                Setting::GasLimit(n) => directives.gas_limit = Some(n),
                Setting::StrictTransactions(on) => directives.strict_transactions = Some(on),
                Setting::Trace(on) => directives.trace = on,
                Setting::Optimize(level) => directives.optimize = Some(level),
                // The host chooses the tier.
                Setting::Tier(_) => {}
            }
        }
        directives
    }
}

/// Compiles the entries of a session into longer and longer programs.
#[derive(Debug)]
pub(crate) struct Compiler {
    loader: ModuleLoader,
    session: zexus_hir::Session,
    entries: usize,
}

impl Compiler {
    pub fn new(engine: &Engine) -> Result<Compiler, Error> {
        let session = zexus_hir::Session::new(externs(engine.granted));
        Ok(Compiler { loader: engine.own_loader()?, session, entries: 0 })
    }

    /// The program before the first entry.
    pub fn empty() -> Program {
        Program(Arc::default())
    }

    /// The program of all entries so far, with the warnings of this one.
    pub fn enter(&mut self, text: &str) -> Result<Program, Vec<Diagnostic>> {
        self.entries += 1;
        let entry = self.loader.entry(&format!("<entry {}>", self.entries), text);
        let lowered = self.session.enter(entry, &mut self.loader);
        finish(lowered, Arc::new(self.loader.sources.clone()))
    }

    /// The names that the entries have declared.
    pub fn names(&self) -> Vec<String> {
        self.session.names()
    }
}
