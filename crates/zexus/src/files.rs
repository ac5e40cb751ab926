//! Files below one directory: the only road from a program to the file system.
//!
//! 1. A path of the program is relative, and `..` is resolved in its text first. Then links are followed, and where they lead must lie
//!    below the root too. Whoever can change the directory while a program runs can still race against this check.
//! 2. Only regular files are read: a pipe or device could make the program wait or never end.
//! 3. A file is written beside its place and then renamed, so nothing half-written is left.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zexus_runtime::host::{FileChange, FileError, PathKind};

/// Bytes that a file may have to be read: 1 GiB.
pub const MAX_FILE_BYTES: u64 = 1 << 30;

/// Characters of a file's name that are in the name of the one written beside it; each has up to four bytes.
const LONGEST_NAME: usize = 50;

/// A directory and what is below it.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    /// The files below `root`.
    ///
    /// # Errors
    /// If `root` is no directory that can be opened.
    pub fn new(root: impl AsRef<Path>) -> io::Result<Files> {
        let root = fs::canonicalize(root)?;
        if root.is_dir() {
            Ok(Files { root })
        } else {
            Err(io::Error::new(io::ErrorKind::NotADirectory, "not a directory"))
        }
    }

    /// The directory, without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path without `.` and `..`, and with `/` between its parts: what identifies a file.
    ///
    /// # Errors
    /// [`FileError::Outside`] if it is absolute or leaves the root.
    pub fn normal(path: &str) -> Result<String, FileError> {
        let absolute = path.starts_with(['/', '\\']) || path.get(1..2) == Some(":");
        if absolute {
            return Err(FileError::Outside);
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split(std::path::is_separator) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or(FileError::Outside)?;
                }
                part => parts.push(part),
            }
        }
        Ok(parts.join("/"))
    }

    /// Where `path` leads, every link followed. It need not exist.
    fn resolve(&self, path: &str) -> Result<PathBuf, FileError> {
        let mut place = self.root.clone();
        let normal = Files::normal(path)?;
        let mut parts = normal.split('/').filter(|part| !part.is_empty());
        for part in parts.by_ref() {
            let next = place.join(part);
            match fs::canonicalize(&next) {
                Ok(real) if real.starts_with(&self.root) => place = real,
                Ok(_) => return Err(FileError::Outside),
                // A link that leads nowhere could be made to lead anywhere by writing through it.
                Err(_) if fs::symlink_metadata(&next).is_ok_and(|meta| meta.is_symlink()) => {
                    return Err(FileError::Outside);
                }
                Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    place = next;
                    break;
                }
                Err(e) => return Err(failed(&e)),
            }
        }
        place.extend(parts);
        Ok(place)
    }

    /// Where the entry `path` of a directory is: links are followed, but not a link that is the entry itself.
    fn entry(&self, path: &str) -> Result<PathBuf, FileError> {
        let normal = Files::normal(path)?;
        match normal.rsplit_once('/') {
            Some((dir, name)) => Ok(self.resolve(dir)?.join(name)),
            None if normal.is_empty() => Err(FileError::Failed("the root cannot be changed".into())),
            None => Ok(self.root.join(normal)),
        }
    }

    /// The bytes of a regular file of at most `most` bytes, and at most [`MAX_FILE_BYTES`]. No more is read before that is known.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, FileError> {
        let place = self.resolve(path)?;
        read_at_most(&place, most.min(MAX_FILE_BYTES)).map_err(|e| match e.kind() {
            io::ErrorKind::FileTooLarge if most < MAX_FILE_BYTES => FileError::TooLong,
            _ => failed(&e),
        })
    }

    /// What is at `path`.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn kind(&self, path: &str) -> Result<PathKind, FileError> {
        let place = self.resolve(path)?;
        match fs::metadata(&place) {
            Ok(meta) if meta.is_dir() => Ok(PathKind::Dir),
            Ok(_) => Ok(PathKind::File),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(PathKind::Missing)
            }
            Err(e) => Err(failed(&e)),
        }
    }

    /// The names in a directory that are valid Unicode, sorted.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        let entries = fs::read_dir(self.resolve(path)?).map_err(|e| failed(&e))?;
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry.map_err(|e| failed(&e))?.file_name().into_string().ok());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Changes files.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn change(&self, change: FileChange<'_>) -> Result<(), FileError> {
        let result = match change {
            FileChange::Write(path, bytes) => replace(&self.resolve(path)?, bytes),
            FileChange::Append(path, bytes) => append(&self.resolve(path)?, bytes),
            FileChange::MakeDir(path) => fs::create_dir_all(self.resolve(path)?),
            FileChange::Remove(path) => fs::remove_file(self.entry(path)?),
            FileChange::RemoveDir(path) => fs::remove_dir(self.entry(path)?),
            FileChange::Rename(from, to) => fs::rename(self.entry(from)?, self.entry(to)?),
            FileChange::Copy(from, to) => {
                let (from, place) = (self.resolve(from)?, self.resolve(to)?);
                let bytes = read_regular(&from).map_err(|e| failed(&e))?;
                let cannot = |e| FileError::Failed(format!("cannot write {to}: {}", reason(&e)));
                return replace(&place, &bytes).map_err(cannot);
            }
        };
        result.map_err(|e| failed(&e))
    }
}

/// Reads a regular file of at most [`MAX_FILE_BYTES`].
///
/// # Errors
/// What the system says, or that it is no regular file, or too long.
pub fn read_regular(place: &Path) -> io::Result<Vec<u8>> {
    read_at_most(place, MAX_FILE_BYTES)
}

/// Why a file longer than [`MAX_FILE_BYTES`] is not read.
pub(crate) fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 GiB")
}

fn read_at_most(place: &Path, most: u64) -> io::Result<Vec<u8>> {
    let meta = fs::metadata(place)?;
    if meta.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    if !meta.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    if meta.len() > most {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    fs::File::open(place)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_long()) } else { Ok(bytes) }
}

fn append(place: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(place).is_ok_and(|meta| !meta.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    fs::OpenOptions::new().append(true).create(true).open(place)?.write_all(bytes)
}

fn replace(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = fs::metadata(place).ok();
    if old.as_ref().is_some_and(|meta| !meta.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let (beside, file) = new_beside(place)?;
    let written = write_all(file, bytes)
        .and_then(|()| old.map_or(Ok(()), |meta| fs::set_permissions(&beside, meta.permissions())))
        .and_then(|()| fs::rename(&beside, place));
    if written.is_err() {
        // The first error is the one to report; this is only the attempt to leave nothing behind.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_all(mut file: fs::File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)
}

fn new_beside(place: &Path) -> io::Result<(PathBuf, fs::File)> {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    // File systems take names of 255 bytes, so a long one leaves no room for more.
    let name: String = name.chars().take(LONGEST_NAME).collect();
    for n in 0..1000 {
        let beside = place.with_file_name(format!(".{name}.{n}.new"));
        match fs::OpenOptions::new().write(true).create_new(true).open(&beside) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result.map(|file| (beside, file)),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many unfinished files beside it"))
}

fn failed(e: &io::Error) -> FileError {
    FileError::Failed(reason(e))
}

/// Why an operation of the file system failed, in the same words on every system.
pub fn reason(e: &io::Error) -> String {
    match e.kind() {
        io::ErrorKind::NotFound => "no such file or directory".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::AlreadyExists => "it exists already".into(),
        io::ErrorKind::IsADirectory => "it is a directory".into(),
        io::ErrorKind::NotADirectory => "it is not a directory".into(),
        io::ErrorKind::DirectoryNotEmpty => "the directory is not empty".into(),
        _ => e.to_string(),
    }
}
