//! A compiled program.

use std::sync::Arc;

use zexus_hir::{Lowered, ir, lower_program};
use zexus_syntax::{Directive, Setting, SourceMap};

use crate::diagnostic::Diagnostic;
use crate::engine::Engine;
use crate::error::Error;
use crate::externs::externs;
use crate::loader::ModuleLoader;

/// A compiled program: immutable, shared between threads, cheap to clone.
#[derive(Clone, Debug)]
pub struct Program(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    hir: Arc<ir::Program>,
    sources: Arc<SourceMap>,
    warnings: Vec<Diagnostic>,
    directives: Directives,
}

/// The settings that a program asks for (language.md 21.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// `gas_limit`.
    pub gas_limit: Option<u64>,
    /// `strict_transactions`.
    pub strict_transactions: Option<bool>,
    /// `trace`.
    pub trace: bool,
}

impl Program {
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
    let lowered = lower_program(main, &externs(engine.granted), &mut loader);
    finish(lowered, Arc::new(loader.sources)).map_err(Error::Compile)
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

fn finish(lowered: Lowered, sources: Arc<SourceMap>) -> Result<Program, Vec<Diagnostic>> {
    let diagnostics = lowered.diagnostics.into_iter().map(|d| Diagnostic::new(d, sources.clone())).collect();
    let Some(hir) = lowered.program else { return Err(diagnostics) };
    let directives = Directives::of(&lowered.directives);
    Ok(Program(Arc::new(Inner { hir: Arc::new(hir), sources, warnings: diagnostics, directives })))
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
                // There is one tier, which has no levels.
                Setting::Optimize(_) | Setting::Tier(_) => {}
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
        Program(Arc::new(Inner {
            hir: Arc::default(),
            sources: Arc::default(),
            warnings: Vec::new(),
            directives: Directives::default(),
        }))
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
