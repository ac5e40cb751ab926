//! Finds and reads the modules of a program (language.md 12.4).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zexus_hir::{LoadError, Loaded, Loader};
use zexus_runtime::host::{FileError, PathKind};
use zexus_syntax::SourceMap;

use crate::files::{Files, MAX_FILE_BYTES, reason, too_long};

/// Where the root keeps installed modules.
const INSTALLED: &str = "zpm_modules";

/// Reads modules from texts in memory, a root directory and search paths, and keeps all sources for reports.
///
/// A module is identified by its path relative to the root. One from the search path number n, counted from 0, is identified by
/// `@n/` and its path relative to that.
#[derive(Debug, Default)]
pub(crate) struct ModuleLoader {
    /// Modules in memory, by path relative to the root; they go before files.
    pub texts: BTreeMap<String, String>,
    /// The root, if programs may import files.
    pub root: Option<Files>,
    /// The search paths of the host, with their names in reports.
    pub search: Vec<(Files, PathBuf)>,
    /// What reports put before paths below the root.
    pub prefix: PathBuf,
    /// The sources read so far.
    pub sources: SourceMap,
    /// The modules read so far.
    pub loaded: BTreeMap<String, Loaded>,
}

/// A directory tree with modules.
#[derive(Clone, Copy, Debug)]
enum Tree {
    Root,
    Search(usize),
}

impl ModuleLoader {
    /// Takes the main file, which other modules may name too: its path relative to the root, its name in reports, its text.
    pub fn main(&mut self, path: &str, name: &str, text: &str) -> Loaded {
        let text: Arc<str> = text.into();
        let file = self.sources.add(name, text.clone());
        let main = Loaded { path: path.to_owned(), text, file };
        self.loaded.insert(path.to_owned(), main.clone());
        main
    }

    /// Takes an entry of a session.
    pub fn entry(&mut self, name: &str, text: &str) -> Loaded {
        let text: Arc<str> = text.into();
        let file = self.sources.add(name, text.clone());
        Loaded { path: "repl".to_owned(), text, file }
    }

    /// The directories that a path is tried in.
    fn bases<'a>(&self, from: &'a str) -> Vec<(Tree, &'a str)> {
        let (tree, from) = split(from);
        let dir = from.rsplit_once('/').map_or("", |(dir, _)| dir);
        let search = (0..self.search.len()).map(|i| (Tree::Search(i), ""));
        [(tree, dir), (Tree::Root, ""), (Tree::Root, INSTALLED)].into_iter().chain(search).collect()
    }

    fn find(&self, from: &str, path: &str) -> Result<(Tree, String), LoadError> {
        if path.starts_with(['/', '\\']) || path.get(1..2) == Some(":") {
            return Err(LoadError::Outside);
        }
        let mut outside = false;
        for (tree, dir) in self.bases(from) {
            match Files::normal(&format!("./{dir}/{path}")).and_then(|normal| self.complete(tree, &normal)) {
                Ok(Some(found)) => return Ok((tree, found)),
                Ok(None) => {}
                Err(FileError::Outside) => outside = true,
                Err(FileError::TooLong) => return Err(LoadError::Unreadable(reason(&too_long()))),
                Err(FileError::Failed(reason)) => return Err(LoadError::Unreadable(reason)),
            }
        }
        Err(if outside { LoadError::Outside } else { LoadError::NotFound })
    }

    /// The file that a path means: itself, with `.zx`, or its `index.zx`.
    fn complete(&self, tree: Tree, path: &str) -> Result<Option<String>, FileError> {
        for candidate in [path.to_owned(), format!("{path}.zx"), format!("{path}/index.zx")] {
            let candidate = candidate.trim_start_matches('/');
            if self.is_file(tree, candidate)? {
                return Ok(Some(candidate.to_owned()));
            }
        }
        Ok(None)
    }

    fn is_file(&self, tree: Tree, path: &str) -> Result<bool, FileError> {
        if matches!(tree, Tree::Root) && self.texts.contains_key(path) {
            return Ok(true);
        }
        match self.files(tree) {
            Some((files, _)) if !path.is_empty() => Ok(files.kind(path)? == PathKind::File),
            _ => Ok(false),
        }
    }

    fn files(&self, tree: Tree) -> Option<(&Files, &Path)> {
        match tree {
            Tree::Root => Some((self.root.as_ref()?, &self.prefix)),
            Tree::Search(i) => self.search.get(i).map(|(files, prefix)| (files, prefix.as_path())),
        }
    }

    fn read(&self, tree: Tree, path: &str) -> Result<(String, String), LoadError> {
        if let (Tree::Root, Some(text)) = (tree, self.texts.get(path)) {
            return Ok((path.to_owned(), text.clone()));
        }
        let (files, prefix) = self.files(tree).ok_or(LoadError::NotFound)?;
        let bytes = files.read(path, MAX_FILE_BYTES).map_err(|e| match e {
            FileError::Outside => LoadError::Outside,
            FileError::TooLong => LoadError::Unreadable(reason(&too_long())),
            FileError::Failed(reason) => LoadError::Unreadable(reason),
        })?;
        let text = String::from_utf8(bytes).map_err(|e| {
            LoadError::Unreadable(format!("it is not valid UTF-8 at byte {}", e.utf8_error().valid_up_to()))
        })?;
        Ok((prefix.join(path).to_string_lossy().into_owned(), text))
    }
}

impl Loader for ModuleLoader {
    fn load(&mut self, from: &str, path: &str) -> Result<Loaded, LoadError> {
        let (tree, found) = self.find(from, path)?;
        let id = match tree {
            Tree::Root => found.clone(),
            Tree::Search(i) => format!("@{i}/{found}"),
        };
        if let Some(loaded) = self.loaded.get(&id) {
            return Ok(loaded.clone());
        }
        let (name, text) = self.read(tree, &found)?;
        let text: Arc<str> = text.into();
        let file = self.sources.add(name, text.clone());
        let loaded = Loaded { path: id.clone(), text, file };
        self.loaded.insert(id, loaded.clone());
        Ok(loaded)
    }
}

/// The tree and the path in it of a module.
fn split(id: &str) -> (Tree, &str) {
    id.strip_prefix('@')
        .and_then(|rest| rest.split_once('/'))
        .and_then(|(n, path)| Some((Tree::Search(n.parse().ok()?), path)))
        .unwrap_or((Tree::Root, id))
}
