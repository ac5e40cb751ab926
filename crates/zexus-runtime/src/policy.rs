//! Capabilities, sandboxes, dependencies, protections, trails (language.md chapter 16).

use crate::host::Caps;
use crate::value::Value;

/// What policies are in force.
#[derive(Debug)]
pub struct Policies {
    caps: Caps,
}

impl Policies {
    /// With what the host grants.
    pub fn new(caps: Caps) -> Policies {
        Policies { caps }
    }

    /// Capabilities in force, transactions aside.
    pub fn caps(&self) -> Caps {
        self.caps
    }

    /// The name of the innermost sandbox's policy, if code runs inside one.
    pub fn sandbox(&self) -> Option<&str> {
        None
    }

    pub(crate) fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
}
