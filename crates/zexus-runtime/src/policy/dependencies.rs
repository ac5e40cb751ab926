//! Registered dependencies and their mocks (language.md 16.10).

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::Value;

/// What was offered under which name.
#[derive(Debug, Default)]
pub struct Dependencies {
    registered: FxHashMap<Arc<str>, Value>,
    mocks: FxHashMap<Arc<str>, Value>,
}

impl Dependencies {
    /// `register_dependency(name, v)`; the bytes of one of the same name that it replaces.
    pub fn register(&mut self, name: Arc<str>, v: Value) -> u64 {
        let bytes = bytes(&name);
        self.registered.insert(name, v).map_or(0, |_| bytes)
    }

    /// `mock_dependency(name, v)`; the bytes of one of the same name that it replaces.
    pub fn mock(&mut self, name: Arc<str>, v: Value) -> u64 {
        let bytes = bytes(&name);
        self.mocks.insert(name, v).map_or(0, |_| bytes)
    }

    /// `clear_mocks()`; the bytes of the mocks.
    pub fn clear_mocks(&mut self) -> u64 {
        self.mocks.drain().map(|(name, _)| bytes(&name)).sum()
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.registered.values().chain(self.mocks.values()).for_each(|v| visit(*v));
    }
}

/// What a dependency is counted as.
fn bytes(name: &str) -> u64 {
    64 + name.len() as u64
}

impl Machine {
    /// The dependency of this name, for `inject`; a mock goes first.
    ///
    /// # Errors
    /// E0313.
    pub fn dependency(&mut self, name: &str) -> Result<Value, Trap> {
        let d = &self.policy.dependencies;
        match d.mocks.get(name).or_else(|| d.registered.get(name)) {
            Some(v) => Ok(*v),
            None => Err(self.error(313, format!("no dependency '{name}' is registered"))),
        }
    }
}
