//! What the world gives a program: block data, output, files, clock, randomness, environment, functions.
//!
//! Every method but [`Host::block`], [`Host::print`] and [`Host::diagnostic`] has a default that refuses, so a host that only wants
//! output writes two methods.

use std::sync::Arc;

use zexus_bytecode::prim::Prim;

use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::Value;

/// A set of the six capabilities of language.md chapter 17.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps(pub u8);

macro_rules! caps {
    ($( $name:ident = $bit:literal $text:literal; )*) => {
        impl Caps {
            $( #[doc = concat!("`", $text, "`.")] pub const $name: Caps = Caps($bit); )*
            /// All of them.
            pub const ALL: Caps = Caps($( $bit | )* 0);
            /// None.
            pub const NONE: Caps = Caps(0);
            /// The names, in order.
            pub const NAMES: &'static [&'static str] = &[$( $text ),*];

            /// The capability of this name.
            pub fn from_name(name: &str) -> Option<Caps> {
                match name { $( $text => Some(Caps::$name), )* _ => None }
            }

            /// The name of a single capability.
            pub fn name(self) -> &'static str {
                match self { $( Caps::$name => $text, )* _ => "" }
            }
        }
    };
}

caps! {
    IO_READ = 1 "io.read";
    IO_WRITE = 2 "io.write";
    NETWORK = 4 "network";
    CLOCK = 8 "clock";
    RANDOM = 16 "random";
    ENV = 32 "env";
}

impl Caps {
    /// Whether all of `other` are in this set.
    pub fn contains(self, other: Caps) -> bool {
        self.0 & other.0 == other.0
    }
    /// Those in both.
    pub fn and(self, other: Caps) -> Caps {
        Caps(self.0 & other.0)
    }
    /// Those in either.
    pub fn or(self, other: Caps) -> Caps {
        Caps(self.0 | other.0)
    }
}

/// The facts of chain.md 1.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Milliseconds since 1970, UTC.
    pub time: i64,
    /// Height.
    pub height: u64,
    /// Hash of the block.
    pub hash: [u8; 32],
    /// Caller.
    pub caller: Arc<str>,
    /// Value sent with the call.
    pub value: u64,
    /// Id of the transaction.
    pub id: [u8; 32],
}

impl Default for Block {
    fn default() -> Self {
        Block { time: 0, height: 0, hash: [0; 32], caller: "system".into(), value: 0, id: [0; 32] }
    }
}

/// Why a file operation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// E0603: the path leaves the root.
    Outside,
    /// E0430: the file is longer than may be read.
    TooLong,
    /// E0432: anything else, with the reason, which does not name the path.
    Failed(String),
}

/// A file operation that changes something.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum FileChange<'a> {
    Write(&'a str, &'a [u8]),
    Append(&'a str, &'a [u8]),
    MakeDir(&'a str),
    Remove(&'a str),
    RemoveDir(&'a str),
    Rename(&'a str, &'a str),
    Copy(&'a str, &'a str),
}

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PathKind {
    Missing,
    File,
    Dir,
}

/// What a program's run is embedded in. Paths are relative to the program's root; the host refuses those that leave it.
pub trait Host: Send {
    /// Block data, asked once at the start of a run.
    fn block(&mut self) -> Block {
        Block::default()
    }
    /// Program output, whole lines with their end. An error ends the run.
    ///
    /// # Errors
    /// A message, when the output cannot be written.
    fn print(&mut self, text: &str) -> Result<(), String>;
    /// A line of the diagnostic stream (`debug`, trails, warnings of `protect`), without its end.
    fn diagnostic(&mut self, line: &str);
    /// What is granted to the program.
    fn caps(&self) -> Caps {
        Caps::NONE
    }
    /// Whether the run shall stop (Ctrl-C, a time limit); asked at back-edges and calls now and then.
    fn interrupted(&mut self) -> bool {
        false
    }
    /// Milliseconds since 1970, by the clock behind `now` and `sleep`.
    fn now(&mut self) -> i64 {
        0
    }
    /// Waits until the clock shows `time` (milliseconds since 1970); a virtual clock jumps.
    fn sleep_until(&mut self, _time: i64) {}
    /// Fills `out` with random bytes.
    fn random(&mut self, out: &mut [u8]) {
        out.fill(0);
    }
    /// A line of input without its end; `None` at the end.
    ///
    /// # Errors
    /// A message.
    fn input(&mut self, _prompt: &str) -> Result<Option<String>, String> {
        Ok(None)
    }
    /// A variable of the environment.
    fn env(&mut self, _name: &str) -> Option<String> {
        None
    }
    /// The bytes of a file, which may be `most`. A host should not read more before it finds out.
    ///
    /// # Errors
    /// [`FileError`].
    fn read(&mut self, _path: &str, _most: u64) -> Result<Vec<u8>, FileError> {
        Err(FileError::Failed("the host has no files".into()))
    }
    /// What a path is.
    ///
    /// # Errors
    /// [`FileError`].
    fn path_kind(&mut self, _path: &str) -> Result<PathKind, FileError> {
        Err(FileError::Failed("the host has no files".into()))
    }
    /// The names in a directory, in any order.
    ///
    /// # Errors
    /// [`FileError`].
    fn list_dir(&mut self, _path: &str) -> Result<Vec<String>, FileError> {
        Err(FileError::Failed("the host has no files".into()))
    }
    /// Changes files.
    ///
    /// # Errors
    /// [`FileError`].
    fn change(&mut self, _change: FileChange<'_>) -> Result<(), FileError> {
        Err(FileError::Failed("the host has no files".into()))
    }
}

/// A host that collects output and refuses everything else.
#[derive(Debug, Default)]
pub struct Quiet {
    /// What was printed.
    pub output: String,
    /// Lines of the diagnostic stream.
    pub diagnostics: Vec<String>,
}

impl Host for Quiet {
    fn print(&mut self, text: &str) -> Result<(), String> {
        self.output.push_str(text);
        Ok(())
    }
    fn diagnostic(&mut self, line: &str) {
        self.diagnostics.push(line.to_owned());
    }
}

/// A function that the host supplies for `external action` (language.md 16.11).
pub type HostFunction = Arc<dyn Fn(&mut Machine, &[Value]) -> Result<Value, Trap> + Send + Sync>;

/// The type a host function's parameter is declared with in the program; used by typed conversions.
pub type HostParam = Prim;
