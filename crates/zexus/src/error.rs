//! What can go wrong for whoever embeds the language.

use std::fmt;

use crate::convert::ConvertError;
use crate::diagnostic::{Diagnostic, Place};
use crate::exchange::OutError;

/// Why a program did not compile or a run gave no value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The program has errors and does not start; warnings are among the diagnostics.
    Compile(Vec<Diagnostic>),
    /// The run or call ended with errors that nobody caught: that of the program or call first, then those of tasks.
    Run(Vec<Diagnostic>),
    /// The host stopped the run, or failed.
    Stopped(Stopped),
    /// The program ended itself with `exit_program` and this code, which is not 0.
    Exit(u8),
    /// A file of the program cannot be read.
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A file cannot be written.
    Write {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A value of the program does not fit the wanted type.
    Convert(ConvertError),
    /// A value cannot leave the instance.
    Out(OutError),
    /// A value cannot be given to the program: the reason.
    In(String),
    /// The instance has no such variable, or its declaration was not reached.
    NoSuchName(String),
}

/// Where a run was stopped from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// What the host said; empty after an interrupt.
    pub message: String,
    /// Where the program was.
    pub place: Option<Place>,
    /// The active calls, innermost first.
    pub calls: Vec<String>,
}

impl Error {
    /// The diagnostics, if it is an error of the program.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Error::Compile(list) | Error::Run(list) => list,
            _ => &[],
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Compile(list) | Error::Run(list) => {
                let mut lines = list.iter().filter(|d| d.is_error());
                match lines.next() {
                    Some(first) => write!(f, "{first}")?,
                    None => f.write_str("the program failed")?,
                }
                lines.try_for_each(|d| write!(f, "\n{d}"))
            }
            Error::Stopped(stopped) => {
                if let Some(place) = &stopped.place {
                    write!(f, "{place}: ")?;
                }
                f.write_str(if stopped.message.is_empty() { "interrupted" } else { &stopped.message })
            }
            Error::Exit(code) => write!(f, "the program ended with exit code {code}"),
            Error::File { path, reason } => write!(f, "cannot read {path}: {reason}"),
            Error::Write { path, reason } => write!(f, "cannot write {path}: {reason}"),
            Error::Convert(e) => write!(f, "{e}"),
            Error::Out(e) => write!(f, "{e}"),
            Error::In(reason) => f.write_str(reason),
            Error::NoSuchName(name) => write!(f, "the program has no variable '{name}' with a value"),
        }
    }
}

impl std::error::Error for Error {}

impl From<ConvertError> for Error {
    fn from(e: ConvertError) -> Error {
        Error::Convert(e)
    }
}

impl From<OutError> for Error {
    fn from(e: OutError) -> Error {
        Error::Out(e)
    }
}
