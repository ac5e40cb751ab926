//! The engine: settings, and the way from text to programs and instances.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zexus_runtime::Limits;
use zexus_runtime::host::{Block, Caps, Host, HostFunction};

use crate::cache::Cache;
use crate::code;
use crate::data::Callable;
use crate::error::Error;
use crate::externs::externs;
use crate::files::{self, Files};
use crate::function::{self, Function};
use crate::host::Captured;
use crate::instance::Instance;
use crate::loader::ModuleLoader;
use crate::program::{self, Program};
use crate::tier::{Counters, Execution, Statistics};

/// Settings for programs and instances. Make one with [`Engine::new`] and the methods that return it, then keep and share it.
#[derive(Clone, Default)]
pub struct Engine {
    pub(crate) limits: Limits,
    pub(crate) strict: Option<bool>,
    pub(crate) granted: Caps,
    pub(crate) block: Option<Block>,
    pub(crate) functions: BTreeMap<Arc<str>, HostFunction>,
    pub(crate) execution: Execution,
    pub(crate) clock: Option<fn() -> f64>,
    pub(crate) cache: Option<Cache>,
    pub(crate) counters: Arc<Counters>,
    root: Option<PathBuf>,
    search: Vec<PathBuf>,
    texts: BTreeMap<String, String>,
    variables: Vec<String>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("limits", &self.limits)
            .field("granted", &self.granted)
            .field("execution", &self.execution)
            .field("functions", &self.functions.keys())
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine with the default limits that grants nothing and reads no files.
    pub fn new() -> Engine {
        Engine::default()
    }

    /// Sets the limits of each instance. A gas limit here wins over one that a program asks for.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Engine {
        self.limits = limits;
        self
    }

    /// Gives a monotonic clock, in seconds, that says how long compilations to native code take. Without one they take none.
    #[must_use]
    pub fn clock(mut self, clock: fn() -> f64) -> Engine {
        self.clock = Some(clock);
        self
    }

    /// Whether hot code becomes native code.
    pub fn has_native_code(&self) -> bool {
        self.execution.jit(None).is_some()
    }

    /// Says how programs are run: the tier, the choice of `auto`, the meter.
    #[must_use]
    pub fn execution(mut self, execution: Execution) -> Engine {
        self.execution = execution;
        self
    }

    /// Keeps compiled modules in a cache on disk. It is used for programs that may use every capability and are not walked.
    #[must_use]
    pub fn cache(mut self, cache: Cache) -> Engine {
        self.cache = Some(cache);
        self
    }

    /// Why the cache could not be written the last time, if it could not.
    pub fn cache_failure(&self) -> Option<String> {
        self.counters.cache_failure()
    }

    /// What this engine and its clones have done so far.
    pub fn statistics(&self) -> Statistics {
        self.counters.read()
    }

    /// Says whether a write of state outside a transaction is E0516, whatever a program asks for.
    #[must_use]
    pub fn strict_transactions(mut self, strict: bool) -> Engine {
        self.strict = Some(strict);
        self
    }

    /// Grants capabilities to programs, as far as the host offers them (language.md chapter 17).
    #[must_use]
    pub fn grant(mut self, caps: Caps) -> Engine {
        self.granted = self.granted.or(caps);
        self
    }

    /// Sets the block data behind `TX`, in place of what the host says.
    #[must_use]
    pub fn block(mut self, block: Block) -> Engine {
        self.block = Some(block);
        self
    }

    /// Sets the directory that imports may not leave. By default it is that of the main file, and text that is compiled without a file
    /// has none.
    #[must_use]
    pub fn root(mut self, dir: impl Into<PathBuf>) -> Engine {
        self.root = Some(dir.into());
        self
    }

    /// Adds a directory in which imports are looked for after the root (language.md 12.4).
    #[must_use]
    pub fn search_path(mut self, dir: impl Into<PathBuf>) -> Engine {
        self.search.push(dir.into());
        self
    }

    /// Adds a module in memory; its path, such as `lib/math.zx`, is relative to the root.
    #[must_use]
    pub fn module(mut self, path: &str, text: &str) -> Engine {
        self.texts.insert(path.to_owned(), text.to_owned());
        self
    }

    /// Registers a function for `external action` under `"module.name"`, or `"name"` for one without a module.
    ///
    /// The closure takes up to eight arguments of types that values convert to ([`crate::FromData`]) and gives a value or a `Result`;
    /// an error becomes E0423 with its text.
    #[must_use]
    pub fn function<Args, F: Function<Args>>(mut self, name: &str, function: F) -> Engine {
        self.functions.insert(name.into(), function::wrap(function));
        self
    }

    /// Registers a function for `external action` that takes any number of values; see [`Engine::function`].
    #[must_use]
    pub fn callable(mut self, name: &str, callable: Callable) -> Engine {
        self.functions.insert(name.into(), callable.function);
        self
    }

    /// Lets programs name a variable of the top level that they do not declare. Instances give it a value with [`Instance::set`]; while
    /// it has none, reading it is E0301.
    ///
    /// ```
    /// # fn main() -> Result<(), zexus::Error> {
    /// let engine = zexus::Engine::new().variable("rate");
    /// let mut instance = engine.instance(&engine.compile("rate = rate + 1\nrate * 2")?);
    /// instance.set("rate", 20)?;
    /// assert_eq!((instance.run()?.to::<i64>()?, instance.get::<i64>("rate")?), (42, 21));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn variable(mut self, name: &str) -> Engine {
        self.variables.push(name.to_owned());
        self
    }

    /// What the front end must know of this engine.
    pub(crate) fn externs(&self) -> zexus_hir::Externs {
        let mut externs = externs(self.granted);
        externs.variables.clone_from(&self.variables);
        externs
    }

    /// Compiles a program that stands for the file `main.zx` in the root.
    ///
    /// # Errors
    /// [`Error::Compile`], or [`Error::File`] if the root or a search path cannot be opened.
    pub fn compile(&self, text: &str) -> Result<Program, Error> {
        self.compile_named("main.zx", text)
    }

    /// Compiles a program from a text; `name` is its path relative to the root.
    ///
    /// # Errors
    /// As [`Engine::compile`].
    pub fn compile_named(&self, name: &str, text: &str) -> Result<Program, Error> {
        self.compile_bytes(name, text.as_bytes())
    }

    /// Compiles a program from bytes that should be UTF-8 (E0101); `name` is its path relative to the root.
    ///
    /// # Errors
    /// As [`Engine::compile`].
    pub fn compile_bytes(&self, name: &str, bytes: &[u8]) -> Result<Program, Error> {
        program::compile(self, self.own_loader()?, name, name, bytes)
    }

    /// Compiles a file, or loads one that holds a module: binary (`.zxc`) or assembler text (`.zxasm`).
    ///
    /// # Errors
    /// [`Error::Compile`]; [`Error::File`] if it or a directory cannot be read, or if it is not below the root.
    pub fn compile_file(&self, path: impl AsRef<Path>) -> Result<Program, Error> {
        let path = path.as_ref();
        let cannot = |reason: String| Error::File { path: path.to_string_lossy().into_owned(), reason };
        let io = |e: std::io::Error| cannot(files::reason(&e));
        let bytes = files::read_regular(path).map_err(io)?;
        let real = std::fs::canonicalize(path).map_err(io)?;
        let dir = match &self.root {
            Some(root) => root.clone(),
            None => {
                path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
            }
        };
        let loader = self.loader(Some(&dir))?;
        let root = loader.root.as_ref().map_or(Path::new(""), Files::root);
        let inside = match (real.strip_prefix(root), &self.root, path.file_name()) {
            (Ok(inside), _, _) => inside.to_owned(),
            // The main file may be a link to somewhere else; its directory is still where the link is.
            (Err(_), None, Some(name)) => PathBuf::from(name),
            _ => return Err(cannot(format!("it is not below the root {}", dir.to_string_lossy()))),
        };
        let name = inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        if code::is_binary(&bytes) || path.extension().is_some_and(|e| e == "zxc") {
            return self.load_with(loader, &name, code::read(&path.to_string_lossy(), &bytes)?);
        }
        if path.extension().is_some_and(|e| e == "zxasm") {
            let text = String::from_utf8(bytes).map_err(|_| cannot("it is not valid UTF-8".into()))?;
            return self.load_with(loader, &name, code::assemble(&path.to_string_lossy(), &text)?);
        }
        program::compile(self, loader, &name, &path.to_string_lossy(), &bytes)
    }

    /// An instance of a program on a host of its own that keeps the output ([`Captured`]); read it with [`Instance::take_output`].
    pub fn instance(&self, program: &Program) -> Instance {
        let captured = Captured::new();
        let mut instance = self.instance_on(program, captured.clone());
        instance.captured = Some(captured);
        instance
    }

    /// An instance of a program on a host.
    pub fn instance_on(&self, program: &Program, host: impl Host + 'static) -> Instance {
        Instance::new(self, program.clone(), Box::new(host))
    }

    /// A loader for text that is not in a file.
    pub(crate) fn own_loader(&self) -> Result<ModuleLoader, Error> {
        self.loader(self.root.as_deref())
    }

    /// Opens the root and the search paths.
    fn loader(&self, root: Option<&Path>) -> Result<ModuleLoader, Error> {
        let open = |dir: &Path| {
            Files::new(dir).map_err(|e| Error::File {
                path: dir.to_string_lossy().into_owned(),
                reason: files::reason(&e),
            })
        };
        let prefix = match root {
            Some(dir) if dir != Path::new(".") => dir.to_owned(),
            _ => PathBuf::new(),
        };
        Ok(ModuleLoader {
            texts: self.texts.clone(),
            root: root.map(open).transpose()?,
            search: self
                .search
                .iter()
                .map(|dir| Ok((open(dir)?, dir.clone())))
                .collect::<Result<_, Error>>()?,
            prefix,
            ..ModuleLoader::default()
        })
    }
}
