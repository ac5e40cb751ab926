//! Files (language.md 18.7); the module `fs` (chapter 20) offers the same. They go through the host.

use super::{Run, arg, lookup_in, row, rows, text_of};
use zexus_bytecode::schedule;

use crate::host::{FileChange, FileError, PathKind};
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::Value;

rows! {
    ROWS in "";
    /// The text of a file.
    ["read_file"] (p: Str) needs IO_READ gas TextMade => Plain(read_file);
    /// The text of a file.
    ["file_read_text"] (p: Str) needs IO_READ gas TextMade => Plain(read_file);
    /// The value that the JSON in a file stands for.
    ["file_read_json"] (p: Str) needs IO_READ gas Text => Plain(read_json);
    /// Whether there is a file or directory at a path.
    ["file_exists"] (p: Str) needs IO_READ gas Text => Plain(|m, args| is(m, args, |k| k != PathKind::Missing));
    /// The names in a directory, sorted.
    ["file_list_dir"] (p: Str) needs IO_READ gas TextMade => Plain(list_dir);
    /// Writes a file.
    ["file_write_text"] (p: Str, s: Str) needs IO_WRITE gas Text => Plain(write_text);
    /// Writes a value to a file as JSON.
    ["file_write_json"] (p: Str, v: Any) needs IO_WRITE gas Text => Plain(write_json);
    /// Appends to a file.
    ["file_append"] (p: Str, s: Str) needs IO_WRITE gas Text => Plain(append);
    /// Whether there is a file at a path.
    ["fs_is_file"] (p: Str) needs IO_READ => Plain(|m, args| is(m, args, |k| k == PathKind::File));
    /// Whether there is a directory at a path.
    ["fs_is_dir"] (p: Str) needs IO_READ => Plain(|m, args| is(m, args, |k| k == PathKind::Dir));
    /// Makes a directory.
    ["fs_mkdir"] (p: Str) needs IO_WRITE => Plain(make_dir);
    /// Removes a file.
    ["fs_remove"] (p: Str) needs IO_WRITE => Plain(remove);
    /// Removes an empty directory.
    ["fs_rmdir"] (p: Str) needs IO_WRITE => Plain(remove_dir);
    /// Gives a file or directory another name.
    ["fs_rename"] (p: Str, q: Str) needs IO_WRITE => Plain(rename);
    /// Copies a file.
    ["fs_copy"] (p: Str, q: Str) needs IO_WRITE => Plain(copy);
}

#[cold]
fn failed(m: &mut Machine, path: &str, e: FileError) -> Trap {
    match e {
        FileError::TooLong => Trap::MemoryLimit,
        FileError::Outside => m.error(603, format!("path '{path}' leaves the root of the program")),
        FileError::Failed(why) => m.error(432, format!("{path}: {why}")),
    }
}

/// The text of a file; E0425 if it is not UTF-8.
fn text_of_file(m: &mut Machine, args: &[Value]) -> Result<String, Trap> {
    let path = text_of(m, args, 0);
    let most = m.heap.available();
    let bytes = m.host.read(&path, most).map_err(|e| failed(m, &path, e))?;
    m.heap.charge(bytes.len() as u64)?;
    m.heap.release(bytes.len() as u64);
    String::from_utf8(bytes).map_err(|_| m.error(425, format!("{path}: the file is not UTF-8")))
}

fn read_file(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = text_of_file(m, args)?;
    m.string(text)
}

/// A function of the module `json`, so that both mean the same.
fn json(m: &mut Machine, name: &str, v: Value) -> Result<Value, Trap> {
    match lookup_in("json", name).map(|i| row(i).run) {
        Some(Run::Plain(f)) => f(m, &[v]),
        _ => Ok(Value::NULL),
    }
}

fn read_json(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = read_file(m, args)?;
    m.charge_units(schedule::TEXT, m.text(text).map_or(0, |t| t.len()))?;
    json(m, "parse", text)
}

fn is(m: &mut Machine, args: &[Value], holds: fn(PathKind) -> bool) -> Result<Value, Trap> {
    let path = text_of(m, args, 0);
    match m.host.path_kind(&path) {
        Ok(kind) => Ok(Value::bool(holds(kind))),
        Err(e) => Err(failed(m, &path, e)),
    }
}

fn list_dir(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let path = text_of(m, args, 0);
    let mut names = m.host.list_dir(&path).map_err(|e| failed(m, &path, e))?;
    names.sort();
    let items: Result<Vec<Value>, Trap> = names.into_iter().map(|n| m.string(n)).collect();
    m.list(items?)
}

fn change(m: &mut Machine, path: &str, change: FileChange<'_>) -> Result<Value, Trap> {
    match m.host.change(change) {
        Ok(()) => Ok(Value::NULL),
        Err(e) => Err(failed(m, path, e)),
    }
}

fn write_text(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (path, text) = (text_of(m, args, 0), text_of(m, args, 1));
    change(m, &path, FileChange::Write(&path, text.as_bytes()))
}

fn write_json(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let path = text_of(m, args, 0);
    let v = crate::state::plain(m, arg(args, 1))?;
    let text = json(m, "stringify", v)?;
    let text = m.text(text).cloned().unwrap_or_default();
    change(m, &path, FileChange::Write(&path, text.as_bytes()))
}

fn append(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (path, text) = (text_of(m, args, 0), text_of(m, args, 1));
    change(m, &path, FileChange::Append(&path, text.as_bytes()))
}

fn make_dir(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let path = text_of(m, args, 0);
    change(m, &path, FileChange::MakeDir(&path))
}

fn remove(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let path = text_of(m, args, 0);
    change(m, &path, FileChange::Remove(&path))
}

fn remove_dir(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let path = text_of(m, args, 0);
    change(m, &path, FileChange::RemoveDir(&path))
}

fn rename(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (path, to) = (text_of(m, args, 0), text_of(m, args, 1));
    change_two(m, &path, &to, FileChange::Rename(&path, &to))
}

fn copy(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (path, to) = (text_of(m, args, 0), text_of(m, args, 1));
    change_two(m, &path, &to, FileChange::Copy(&path, &to))
}

/// A change that names two paths: the error names the one that leaves the root.
fn change_two(m: &mut Machine, path: &str, to: &str, change: FileChange<'_>) -> Result<Value, Trap> {
    match m.host.change(change) {
        Ok(()) => Ok(Value::NULL),
        Err(FileError::Outside) if m.host.path_kind(path) != Err(FileError::Outside) => {
            Err(failed(m, to, FileError::Outside))
        }
        Err(e) => Err(failed(m, path, e)),
    }
}
