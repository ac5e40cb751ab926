//! What native code must know of a function that it calls, in memory that it can read.

use std::mem::offset_of;
use std::sync::atomic::AtomicUsize;

use zexus_vm::Program;

/// A function of the program.
#[repr(C)]
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Where its native code starts; 0 if it has none.
    pub entry: AtomicUsize,
    /// Its address, as frames have it.
    function: usize,
    plain: u32,
    method: u32,
    this: u32,
    start: u32,
    module: u32,
}

pub(crate) const ENTRY: usize = offset_of!(Row, entry);
pub(crate) const FUNCTION: usize = offset_of!(Row, function);
pub(crate) const PLAIN: usize = offset_of!(Row, plain);
pub(crate) const METHOD: usize = offset_of!(Row, method);
pub(crate) const THIS: usize = offset_of!(Row, this);
pub(crate) const START: usize = offset_of!(Row, start);
pub(crate) const MODULE: usize = offset_of!(Row, module);

/// The functions of a program, by index.
pub(crate) fn rows(program: &Program) -> Vec<Row> {
    let row = |f: &zexus_vm::native::Function| Row {
        entry: AtomicUsize::new(0),
        function: std::ptr::from_ref(f) as usize,
        plain: f.plain_params,
        method: f.method_params,
        this: f.this_register,
        start: f.start,
        module: f.module,
    };
    program.functions.iter().map(row).collect()
}
