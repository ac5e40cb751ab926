//! How a run ended, in a form that needs no machine.

use std::sync::Arc;

use zexus_runtime::Value;

/// How a run or call ended.
#[derive(Debug)]
pub struct Ended {
    /// Its value; null if it failed. Not kept alive beyond the next run of the machine.
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
    pub at: Option<Place>,
    /// Active calls, innermost first; of a very long row only the innermost ones.
    pub trace: Vec<PlacedCall>,
}

/// A place in the source of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the source map names it, or the path of the module.
    pub file: Arc<str>,
    /// The line, from 1; 0 if there is no source map.
    pub line: u32,
    /// The column, from 1; 0 if there is no source map.
    pub column: u32,
    /// The bytes to be marked; 0 if that is not known.
    pub length: u32,
    /// The function, by its index in the module.
    pub function: u32,
    /// The instruction of the module's code.
    pub pc: u32,
}

/// An active call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedCall {
    /// The name of the function that made the call, or "the main program".
    pub caller: Arc<str>,
    /// Where the call stands.
    pub at: Place,
}
