//! A generator of well-formed programs, for comparing configurations.
//!
//! [`Program::from_seed`] makes a program from a number and [`Program::from_bytes`] from the decisions of a fuzzer. A program is a tree
//! of templates ([`tree::Tree`]), which prints as source text and can be shrunk without knowing the language. All programs end: loops
//! count to small bounds, functions call only functions before them, or themselves with a smaller number, and a function value calls
//! nothing that could call it back. What they do most is defined, but errors happen, too, most of them caught.

mod blocks;
pub mod choice;
mod contracts;
mod declare;
mod errors;
mod exprs;
mod functions;
mod idioms;
mod literals;
mod locals;
mod loops;
mod patterns;
mod program;
mod rules;
mod scope;
mod statements;
mod tasks;
pub mod tree;

use choice::Choices;
pub use program::{LIBRARY, LIBRARY_PATH};
use scope::Scope;
use tree::Tree;

/// A generated program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its parts.
    pub tree: Tree,
}

impl Program {
    /// The program of a seed.
    pub fn from_seed(seed: u64) -> Program {
        Program::generate(Choices::seeded(seed))
    }

    /// The program of some decisions.
    pub fn from_bytes(bytes: &[u8]) -> Program {
        Program::generate(Choices::from_bytes(bytes))
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.tree.text()
    }

    fn generate(choices: Choices<'_>) -> Program {
        let mut generator = Generator {
            choices,
            scope: Scope::default(),
            names: 0,
            depth: 0,
            expressions: 260,
            statements: 45,
        };
        Program { tree: generator.program() }
    }
}

/// What makes a program: decisions, and what is known so far.
#[derive(Debug)]
struct Generator<'b> {
    choices: Choices<'b>,
    scope: Scope,
    /// Names given so far.
    names: usize,
    /// Nesting of expressions and blocks at this moment.
    depth: usize,
    /// How many expressions may still be made.
    expressions: usize,
    /// How many statements may still be made.
    statements: usize,
}

impl Generator<'_> {
    /// A new name with this prefix.
    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }
}
