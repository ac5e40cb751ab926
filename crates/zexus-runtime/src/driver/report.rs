//! How a run ended, in a form that needs no machine.

use std::sync::Arc;

use crate::trap::{Call, Loc};
use crate::value::Value;

/// How a run or call ended.
#[derive(Debug)]
pub struct Ended {
    /// Its value; null if it failed. Not kept alive beyond the next run on its machine.
    pub value: Value,
    /// What nobody caught: that of the main program first, then those of tasks in the order of their ends. Empty if all went well.
    pub failures: Vec<Failure>,
    /// 0 if all went well, 1 after a failure, or what `exit_program` said.
    pub exit_code: u8,
    /// Whether `exit_program` ended the run.
    pub exited: bool,
}

/// An error that nobody caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its code, such as 405; 428 for a thrown value that is no error object; 0 if the host stopped the run.
    pub code: u16,
    /// Its message; for 428 the display form of the value, without `Uncaught: `.
    pub message: Arc<str>,
    /// The innermost place that is known.
    pub at: Option<Loc>,
    /// Active calls, innermost first; of a very long row only the innermost ones.
    pub trace: Vec<Call>,
}
