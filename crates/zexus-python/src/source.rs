//! Source text: tokens, statements, compiling, evaluating (python.md chapter 7).

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use zexus::{Engine, Error, Execution, Program};
use zexus_optimizer::optimize;
use zexus_syntax::{FileId, Parsed, SourceMap, parse};

use crate::code::{Code, Ready};
use crate::errors;
use crate::host::{Calls, PythonHost};
use crate::machine::Given;
use crate::run::{self, Environment};

/// A kind, text, line and column.
type Row = (String, String, u32, u32);

/// A parsed text.
#[pyclass(frozen, module = "zexus._zexus")]
pub struct Source {
    name: String,
    text: String,
    parsed: Parsed,
    map: Arc<SourceMap>,
    file: FileId,
}

#[pymethods]
impl Source {
    /// Parses a text, whatever it is. Line and column are those of its first character, from 1.
    #[new]
    #[pyo3(signature = (text, name = "<stdin>", line = 1, column = 1))]
    fn new(py: Python<'_>, text: &str, name: &str, line: u32, column: u32) -> Source {
        let before = usize::try_from(line.saturating_sub(1)).unwrap_or_default();
        let indent = usize::try_from(column.saturating_sub(1)).unwrap_or_default();
        let text = "\n".repeat(before) + &" ".repeat(indent) + text;
        let mut map = SourceMap::default();
        let file = map.add(name, Arc::<str>::from(text.as_str()));
        let parsed = py.detach(|| parse(file, &text));
        Source { name: name.to_owned(), text, parsed, map: Arc::new(map), file }
    }

    /// The name of the file.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// The tokens, without spaces and comments: kind, text, line, column.
    fn tokens(&self) -> Vec<Row> {
        let own = self.parsed.tokens.iter().filter(|token| !token.kind.is_trivia());
        own.map(|token| self.row(word(&token.kind), token.span)).collect()
    }

    /// The statements of the outermost level: kind, text, line, column.
    fn statements(&self) -> Vec<Row> {
        self.parsed.module.body.iter().map(|stmt| self.row(word(&stmt.kind), stmt.span)).collect()
    }

    /// The errors of the parser, one line each.
    fn errors(&self) -> Vec<String> {
        let errors = self.parsed.errors.iter().filter(|d| d.is_error());
        let line = |d: &zexus_syntax::Diagnostic| {
            let at = d.primary().and_then(|(file, span)| Some(self.map.get(file)?.line_column(span.start)));
            let (line, column) = at.map_or((0, 0), |at| (at.line, at.column));
            format!("{line}:{column}: error[{}]: {}", d.code, d.message)
        };
        errors.map(line).collect()
    }

    /// Whether tier 1 is chosen for it, as a program of its own (bytecode.md 7.4).
    fn should_use_vm(&self) -> bool {
        self.program(&Engine::new(), self.words()).is_ok_and(|program| program.should_use_vm())
    }

    /// Its module at a level of optimization.
    fn compile(&self, py: Python<'_>, level: u8, free: bool) -> PyResult<Code> {
        let names = if free { self.words() } else { BTreeSet::new() };
        let made = py.detach(|| {
            let program = self.program(&Engine::new(), names)?;
            let compiled = program.compiled()?;
            let main = compiled.modules.get(compiled.main).map(|main| &main.module);
            Ok(main.map(|module| optimize(module, level).0).unwrap_or_default())
        });
        made.map(Code::of).map_err(|e| errors::of_program(py, e))
    }
}

impl Source {
    fn row(&self, kind: String, span: zexus_syntax::Span) -> Row {
        let at = self.map.get(self.file).map(|file| file.line_column(span.start));
        let (line, column) = at.map_or((0, 0), |at| (at.line, at.column));
        (kind, span.text(&self.text).to_owned(), line, column)
    }

    /// All words of the text that may be names.
    fn words(&self) -> BTreeSet<String> {
        let words = self.parsed.tokens.iter().filter(|token| token.kind.is_name());
        words.map(|token| token.span.text(&self.text).to_owned()).collect()
    }

    /// The program, which may name these variables without declaring them.
    fn program(&self, engine: &Engine, names: BTreeSet<String>) -> Result<Program, Error> {
        let engine = names.iter().fold(engine.clone(), |engine, name| engine.variable(name));
        engine.compile_named(&self.name, &self.text)
    }
}

/// The name of a variant of an enum, without what is in it.
fn word(kind: &dyn fmt::Debug) -> String {
    struct First(String);
    impl fmt::Write for First {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let end = text.find(|c: char| !c.is_alphanumeric());
            self.0.push_str(text.get(..end.unwrap_or(text.len())).unwrap_or_default());
            // What follows may be a whole program.
            if end.is_none() { Ok(()) } else { Err(fmt::Error) }
        }
    }
    let mut first = First(String::new());
    let _ = write!(first, "{kind:?}");
    first.0
}

/// Evaluates programs over variables, and counts how (bytecode.md 7.5).
#[pyclass(frozen, module = "zexus._zexus")]
pub struct Evaluator(Engine);

#[pymethods]
impl Evaluator {
    #[new]
    fn new() -> Evaluator {
        Evaluator(Engine::new())
    }

    /// Runs a program over an environment, which is read and written back; gives its value.
    #[allow(clippy::too_many_arguments)]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        source: &Bound<'py, Source>,
        env: &Bound<'py, PyDict>,
        use_vm: bool,
        debug: bool,
        use_hybrid_compiler: bool,
        compiler_line_threshold: u32,
        fallback_to_interpreter: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let how = Execution {
            use_hybrid_compiler,
            compiler_line_threshold,
            fallback_to_interpreter,
            ..Execution::default()
        };
        let engine = self.0.clone().execution(how.use_vm(use_vm));
        let names = env.keys().iter().map(|name| name.extract()).collect::<PyResult<BTreeSet<String>>>()?;
        let source = source.get();
        let program = py.detach(|| source.program(&engine, names));
        let program = program.map_err(|e| errors::of_program(py, e))?;
        let calls = Calls::default();
        let host = PythonHost::new(calls.clone(), Given::default());
        let mut instance = engine.instance_on(&program, host);
        instance.keep_handles(true);
        if debug {
            run::trace(py, &mut instance, &calls)?;
        }
        let environment = Environment { env, parent_env: None, builtins: None };
        let ready = Ready::of_source(program);
        run::execute(py, instance, &ready, &environment, &calls, &AtomicU64::new(0)).0
    }

    /// The counters.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        self.0.statistics().rows().iter().try_for_each(|(key, n)| dict.set_item(key, n))?;
        Ok(dict)
    }
}
