//! Nothing below a root reaches what is not below it.
// Helpers of tests stand outside of the functions that the lints know as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

use zexus::files::{Files, reason};
use zexus::host::{FileChange, FileError, PathKind};

fn tree() -> (tempfile::TempDir, Files) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [("root/a.txt", "a"), ("root/sub/b.txt", "b"), ("secret.txt", "s")] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let files = Files::new(dir.path().join("root")).unwrap();
    (dir, files)
}

fn failed(text: &str) -> FileError {
    FileError::Failed(text.to_owned())
}

#[test]
fn paths_are_normal() {
    for (path, expected) in [
        ("a", Ok("a")),
        ("./a//b/.", Ok("a/b")),
        ("a/../b", Ok("b")),
        ("", Ok("")),
        ("..", Err(FileError::Outside)),
        ("a/../../b", Err(FileError::Outside)),
        ("/a", Err(FileError::Outside)),
        ("\\a", Err(FileError::Outside)),
        ("C:\\a", Err(FileError::Outside)),
        ("...", Ok("...")),
    ] {
        assert_eq!(Files::normal(path), expected.map(str::to_owned), "{path}");
    }
}

#[test]
fn files_are_read() {
    let (_dir, files) = tree();
    assert_eq!(files.read("sub/../a.txt", 100), Ok(b"a".to_vec()));
    assert_eq!(files.read("a.txt", 1), Ok(b"a".to_vec()));
    assert_eq!(files.read("a.txt", 0), Err(FileError::TooLong));
    assert_eq!(files.read("../secret.txt", 100), Err(FileError::Outside));
    assert_eq!(files.read("c.txt", 100), Err(failed("no such file or directory")));
    assert_eq!(files.read("sub", 100), Err(failed("it is a directory")));
    assert!(matches!(files.read("a\0", 100), Err(FileError::Failed(_))));
    assert_eq!(files.list("."), Ok(vec!["a.txt".into(), "sub".into()]));
    assert_eq!(files.kind("sub"), Ok(PathKind::Dir));
    assert_eq!(files.kind("a.txt"), Ok(PathKind::File));
    assert_eq!(files.kind("nothing/at/all"), Ok(PathKind::Missing));
    assert_eq!(files.kind("a.txt/b"), Ok(PathKind::Missing));
}

#[test]
fn files_are_changed() {
    let (_dir, files) = tree();
    let change = |c| files.change(c);
    assert_eq!(change(FileChange::Write("new.txt", b"1")), Ok(()));
    assert_eq!(change(FileChange::Append("new.txt", b"2")), Ok(()));
    assert_eq!(files.read("new.txt", 100), Ok(b"12".to_vec()));
    assert_eq!(change(FileChange::Copy("new.txt", "copy.txt")), Ok(()));
    assert_eq!(change(FileChange::Rename("new.txt", "sub/moved.txt")), Ok(()));
    assert_eq!(change(FileChange::MakeDir("x/y")), Ok(()));
    assert_eq!(change(FileChange::RemoveDir("x")), Err(failed("the directory is not empty")));
    assert_eq!(change(FileChange::RemoveDir("x/y")), Ok(()));
    assert_eq!(change(FileChange::Remove("copy.txt")), Ok(()));
    assert_eq!(files.list("."), Ok(["a.txt", "sub", "x"].map(String::from).to_vec()));
    assert_eq!(files.list("sub"), Ok(["b.txt", "moved.txt"].map(String::from).to_vec()));
}

#[test]
fn names_may_be_as_long_as_they_can_be() {
    let (_dir, files) = tree();
    for name in ["x".repeat(255), "ä".repeat(127)] {
        assert_eq!(files.change(FileChange::Write(&name, b"1")), Ok(()), "{name}");
        assert_eq!(files.read(&name, 1), Ok(b"1".to_vec()), "{name}");
    }
    assert_eq!(files.list(".").unwrap().len(), 4);
}

#[test]
fn a_copy_names_what_it_cannot_write() {
    let (_dir, files) = tree();
    let copied = files.change(FileChange::Copy("a.txt", "sub"));
    assert_eq!(copied, Err(failed("cannot write sub: it is not a regular file")));
    assert_eq!(files.change(FileChange::Copy("none", "x")), Err(failed("no such file or directory")));
}

#[test]
fn changes_stay_below_the_root() {
    let (dir, files) = tree();
    for change in [
        FileChange::Write("../w", b""),
        FileChange::Append("../secret.txt", b"x"),
        FileChange::MakeDir("../d"),
        FileChange::Remove("../secret.txt"),
        FileChange::RemoveDir("../root"),
        FileChange::Rename("a.txt", "../a.txt"),
        FileChange::Rename("../secret.txt", "s"),
        FileChange::Copy("../secret.txt", "s"),
        FileChange::Copy("a.txt", "/tmp/a.txt"),
    ] {
        assert_eq!(files.change(change), Err(FileError::Outside), "{change:?}");
    }
    assert!(matches!(files.change(FileChange::RemoveDir(".")), Err(FileError::Failed(_))));
    assert_eq!(std::fs::read_to_string(dir.path().join("secret.txt")).unwrap(), "s");
    assert!(!dir.path().join("w").exists());
}

#[test]
fn a_failed_write_leaves_nothing() {
    let (_dir, files) = tree();
    assert_eq!(files.change(FileChange::Write("sub", b"x")), Err(failed("it is not a regular file")));
    assert!(matches!(files.change(FileChange::Write("no/dir/x", b"x")), Err(FileError::Failed(_))));
    assert_eq!(files.list("."), Ok(vec!["a.txt".into(), "sub".into()]));
}

#[cfg(unix)]
#[test]
fn links_are_followed_only_inside() {
    use std::os::unix::fs::symlink;
    let (dir, files) = tree();
    let root = dir.path().join("root");
    symlink("a.txt", root.join("inside")).unwrap();
    symlink("../secret.txt", root.join("outside")).unwrap();
    symlink("..", root.join("up")).unwrap();
    symlink("../later.txt", root.join("dangling")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    assert_eq!(files.read("inside", 100), Ok(b"a".to_vec()));
    for path in ["outside", "up/secret.txt", "dangling", "loop"] {
        assert_eq!(files.read(path, 100), Err(FileError::Outside), "{path}");
        assert_eq!(files.change(FileChange::Write(path, b"x")), Err(FileError::Outside), "{path}");
    }
    // Removing a link removes the link.
    assert_eq!(files.change(FileChange::Remove("outside")), Ok(()));
    assert_eq!(std::fs::read_to_string(dir.path().join("secret.txt")).unwrap(), "s");
    assert!(!dir.path().join("later.txt").exists());
}

#[test]
fn a_root_is_a_directory() {
    let (dir, _files) = tree();
    let error = Files::new(dir.path().join("secret.txt")).unwrap_err();
    assert_eq!(reason(&error), "it is not a directory");
}
