//! Sessions with the command: what it prints, where, and its exit code.
// Helpers of tests stand outside of the functions that the lints know as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod bytecode;
mod cache;
mod chain;
mod check;
mod hostile;
mod lookup;
mod profile;
mod repl;
mod run;
mod signals;
mod tiers;
mod trace;

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// How a command ended.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Checks everything: exit code, standard output, and that standard error has all these texts; without any it is empty.
    #[track_caller]
    fn expect(&self, code: i32, out: &str, err: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.out, out, "{self:?}");
        for text in err {
            assert!(self.err.contains(text), "no {text:?} in {}", self.err);
        }
        assert!(!err.is_empty() || self.err.is_empty(), "{}", self.err);
    }
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zexus"));
    command
        .args(args)
        .current_dir(dir)
        .env_remove("NO_COLOR")
        .env("XDG_STATE_HOME", dir)
        .env("ZEXUS_CACHE", "");
    command
}

fn start(dir: &Path, args: &[&str]) -> Child {
    let piped = Stdio::piped;
    command(dir, args).stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap()
}

/// Runs the command with a text as standard input.
fn zexus_in(dir: &Path, args: &[&str], stdin: &[u8]) -> Ran {
    let mut child = start(dir, args);
    let mut pipe = child.stdin.take().unwrap();
    let text = stdin.to_vec();
    // A command that does not read all of its input closes the pipe early, which is its right.
    let writer = std::thread::spawn(move || drop(pipe.write_all(&text)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.into()
}

fn zexus(args: &[&str]) -> Ran {
    zexus_in(Path::new("."), args, b"")
}

/// Runs a program as standard input.
fn program(text: &str, options: &[&str]) -> Ran {
    let dir = tempfile::tempdir().unwrap();
    let args: Vec<&str> = ["run"].iter().chain(options).chain(&["-"]).copied().collect();
    zexus_in(dir.path(), &args, text.as_bytes())
}

/// A directory with files.
fn files(list: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in list {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}
