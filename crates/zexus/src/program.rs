//! A compiled program.

use std::sync::Arc;

use zexus_hir::ir;
use zexus_syntax::SourceMap;

use crate::diagnostic::Diagnostic;
use crate::engine::Engine;
use crate::error::Error;
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
    let _ = (engine, path, bytes);
    let file = loader.sources.add(name, "");
    let sources = Arc::new(loader.sources);
    let inner = zexus_syntax::Diagnostic::new(zexus_syntax::Code::E0201, "the compiler is not connected yet")
        .at(file, zexus_syntax::Span::at(0));
    Err(Error::Compile(vec![Diagnostic::new(inner, sources)]))
}

/// Compiles the entries of a session into longer and longer programs.
#[derive(Debug)]
pub(crate) struct Compiler {
    loader: ModuleLoader,
}

impl Compiler {
    pub fn new(engine: &Engine) -> Result<Compiler, Error> {
        Ok(Compiler { loader: engine.own_loader()? })
    }

    /// The program of all entries so far.
    pub fn program(&self) -> Program {
        Program(Arc::new(Inner {
            hir: Arc::default(),
            sources: Arc::new(self.loader.sources.clone()),
            warnings: Vec::new(),
            directives: Directives::default(),
        }))
    }

    pub fn enter(&mut self, _text: &str) -> Result<Program, Vec<Diagnostic>> {
        Ok(self.program())
    }
}
