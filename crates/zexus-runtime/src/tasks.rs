//! Tasks: the ready queue, sleepers, and everything that tasks wait for (language.md chapter 13).

use crate::value::Value;

/// Who is ready, who sleeps.
#[derive(Debug, Default)]
pub struct Scheduler {}

impl Scheduler {
    pub(crate) fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
}
