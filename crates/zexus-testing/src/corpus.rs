//! Programs that state their own outcome in comments.
//!
//! 1. `//= text` is a line of output; all such lines, in order, are everything the program prints.
//! 2. `//! CODE text` is a diagnostic that ends the program or keeps it from starting. `text`, if there is any, is how its
//!    message begins. On a line with code the comment also says the line of the diagnostic.
//! 3. `//? CODE` is a warning, with its line as for diagnostics; `//? none` says that there is no warning at all.
//!    Other warnings do not count.
//! 4. `//@ key: value` prepares the run: `args` (words), `stdin` (with `\n` and `\\`), `caps` (capabilities that the host
//!    grants; none without it), `exit` (the exit code, if it is not the usual one).
//!
//! Only comments that begin with `//` count, so a `#` comment may speak of all this freely.

mod case;
mod check;
mod comments;
mod expected;
mod markdown;

pub use case::{Case, LoadError, walk};
pub use check::{Cell, Diagnostic, Failure, Outcome, Report, compare, run};
pub use expected::{Expected, ExpectedDiagnostic, ExpectedLine, ExpectedWarning, Malformed};
pub use markdown::examples;
