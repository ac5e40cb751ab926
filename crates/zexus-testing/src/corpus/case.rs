//! Cases and where they come from.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use super::expected::{Expected, Malformed};

/// A program with what it states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Name for reports, with `/` between its parts: the path below the directory walked, or `file.md:line`.
    pub name: String,
    /// The file that holds the program. Imports and files are found beside it.
    pub path: PathBuf,
    /// Line of the file at which the program begins, from 1.
    pub first_line: usize,
    /// The program's bytes, which need not be UTF-8.
    pub source: Vec<u8>,
    /// What its comments state.
    pub expected: Expected,
}

impl Case {
    /// Makes a case of a program.
    ///
    /// # Errors
    /// The first comment that looks like an expectation and is none.
    pub fn new(name: String, path: PathBuf, first_line: usize, source: Vec<u8>) -> Result<Self, Malformed> {
        let expected = Expected::parse(&String::from_utf8_lossy(&source))?;
        Ok(Self { name, path, first_line, source, expected })
    }

    /// The program as text, with replacement characters where it is not UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.source)
    }

    /// Line of the file that holds line `line` of the program.
    pub fn file_line(&self, line: usize) -> usize {
        (self.first_line + line).saturating_sub(1)
    }
}

/// Why cases could not be read.
#[derive(Debug)]
pub enum LoadError {
    /// A file or directory could not be read.
    Io(PathBuf, io::Error),
    /// A case has a malformed expectation; the line is that of the program.
    Malformed(PathBuf, Malformed),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Malformed(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for LoadError {}

/// Reads all cases below a directory, sorted by name.
///
/// Every `.zx` file is a case, except in a directory that holds a `main.zx`: there only this file is one, and what else
/// the directory holds belongs to it.
///
/// # Errors
/// A file that cannot be read, or the first malformed expectation.
pub fn walk(root: &Path) -> Result<Vec<Case>, LoadError> {
    let mut cases = Vec::new();
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        let main = directory.join("main.zx");
        if main.is_file() {
            cases.push(load(root, main)?);
            continue;
        }
        let io_error = |error| LoadError::Io(directory.clone(), error);
        for entry in fs::read_dir(&directory).map_err(io_error)? {
            let path = entry.map_err(io_error)?.path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "zx") {
                cases.push(load(root, path)?);
            }
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

fn load(root: &Path, path: PathBuf) -> Result<Case, LoadError> {
    let source = fs::read(&path).map_err(|error| LoadError::Io(path.clone(), error))?;
    let parts: Vec<_> =
        path.strip_prefix(root).unwrap_or(&path).iter().map(|part| part.to_string_lossy()).collect();
    Case::new(parts.join("/"), path.clone(), 1, source).map_err(|error| LoadError::Malformed(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn directories_with_a_main_file_are_one_case() {
        let root = tree(&[
            ("02-b/two.zx", "print(2) //= 2"),
            ("02-b/notes.txt", ""),
            ("02-b/one/main.zx", "print(1) //= 1"),
            ("02-b/one/other.zx", "//! none"),
            ("02-b/one/lib/deep.zx", ""),
            ("01-a/x.zx", ""),
        ]);
        let cases = walk(root.path()).unwrap();
        let names: Vec<_> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["01-a/x.zx", "02-b/one/main.zx", "02-b/two.zx"]);
        assert_eq!(cases[1].expected.stdout[0].text, "1");
        assert_eq!(cases[1].path, root.path().join("02-b/one/main.zx"));
        assert_eq!(cases[2].text(), "print(2) //= 2");
    }

    #[test]
    fn malformed_cases_are_named() {
        let root = tree(&[("a/x.zx", "\n//! what")]);
        let error = walk(root.path()).unwrap_err().to_string();
        assert!(error.ends_with("x.zx: line 2: 'what' is no code like E0123"), "{error}");
    }

    #[test]
    fn a_missing_directory_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        assert!(matches!(walk(&root.path().join("none")), Err(LoadError::Io(..))));
    }

    #[test]
    fn text_that_is_not_utf8_has_expectations() {
        let case = Case::new("x".into(), "x.zx".into(), 1, b"//! E0101\n\"\xff\"".to_vec()).unwrap();
        assert_eq!(case.expected.diagnostics[0].code, "E0101");
    }
}
