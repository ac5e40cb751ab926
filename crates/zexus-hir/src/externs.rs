//! What the front end must know of the back: names and arities of builtins, standard modules, files.
//!
//! The front never depends on the back; whoever puts the two together (the crate `zexus`) fills these in.

use std::sync::Arc;

use zexus_syntax::FileId;

/// The names around a program.
#[derive(Clone, Debug, Default)]
pub struct Externs {
    /// The builtins, by index.
    pub builtins: Vec<BuiltinSig>,
    /// The standard modules.
    pub modules: Vec<StdModule>,
    /// Names of modules that only a host can supply (E0606), such as `http`.
    pub host_modules: Vec<&'static str>,
    /// Capabilities that the program holds, for `export … with` (E0604).
    pub caps: Vec<&'static str>,
    /// Variables of the top level that the host may give, so that the main module may name them without a declaration.
    pub variables: Vec<String>,
}

/// A builtin as the front end sees it.
#[derive(Clone, Debug)]
pub struct BuiltinSig {
    /// All its spellings; empty for those that only a module exports.
    pub names: Vec<String>,
    /// Fewest arguments.
    pub min: usize,
    /// Most arguments; `None` for any number.
    pub max: Option<usize>,
}

/// A standard module.
#[derive(Clone, Debug)]
pub struct StdModule {
    /// Its name.
    pub name: &'static str,
    /// What it exports.
    pub exports: Vec<(String, StdExport)>,
}

/// What an export of a standard module is.
#[derive(Clone, Copy, Debug)]
pub enum StdExport {
    /// A builtin, by index.
    Builtin(u32),
    /// A constant.
    Float(f64),
}

/// Finds and reads the files of imports (language.md 12.4).
pub trait Loader {
    /// Finds the file that `path` means in the module `from` (its path relative to the root). The result is the module's path relative
    /// to the root, which identifies it, its text and the number of its file in the source map.
    ///
    /// # Errors
    /// [`LoadError`].
    fn load(&mut self, from: &str, path: &str) -> Result<Loaded, LoadError>;
}

/// A file that was found.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its path relative to the root.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
    /// Its number.
    pub file: FileId,
}

/// Why a module was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// E0601.
    NotFound,
    /// E0603: the path leaves the root and the search paths.
    Outside,
    /// E0101 and unreadable files: the reason.
    Unreadable(String),
}

/// Loads nothing: for programs without imports.
#[derive(Debug, Default)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn load(&mut self, _from: &str, _path: &str) -> Result<Loaded, LoadError> {
        Err(LoadError::NotFound)
    }
}
