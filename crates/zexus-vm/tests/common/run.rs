//! Runs hand-written modules on a host that tests can look at.

#![allow(dead_code)]

use std::sync::{Arc, Mutex};

use zexus_bytecode::{Module, meter, verify};
use zexus_runtime::host::Quiet;
use zexus_runtime::state::variables;
use zexus_runtime::{Host, Limits, Machine, Value};
use zexus_vm::{Ended, LinkMode, Unlinked, Vm, link};

/// A host that keeps what it is told.
#[derive(Clone, Default)]
pub struct Log(pub Arc<Mutex<Quiet>>);

impl Host for Log {
    fn print(&mut self, text: &str) -> Result<(), String> {
        self.0.lock().unwrap().print(text)
    }
    fn diagnostic(&mut self, line: &str) {
        self.0.lock().unwrap().diagnostic(line);
    }
}

impl Log {
    /// The lines printed, joined by spaces.
    pub fn printed(&self) -> String {
        self.0.lock().unwrap().output.replace('\n', " ").trim_end().to_owned()
    }

    /// How many lines the diagnostic stream has.
    pub fn diagnostics(&self) -> usize {
        self.0.lock().unwrap().diagnostics.len()
    }
}

/// A module and how it is run.
pub struct Setup<'a> {
    pub metered: bool,
    pub limits: Limits,
    /// State variables of the top level before the run.
    pub state: &'a [(&'a str, i64)],
    pub mode: LinkMode,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Setup { metered: false, limits: Limits::default(), state: &[], mode: LinkMode::Fused }
    }
}

/// Runs a module; the machine stays as it was left.
pub fn run(module: Module, setup: Setup<'_>) -> (Vm, Ended, Log) {
    let module = if setup.metered { meter(&module) } else { module };
    let module = verify(module).unwrap();
    let unlinked = Unlinked { path: "main.zx".into(), name: "__main__".into(), module };
    let program = Arc::new(link(vec![unlinked], 0, setup.mode).unwrap());
    let log = Log::default();
    let mut machine = Machine::new(Box::new(log.clone()), setup.limits);
    for (key, value) in setup.state {
        variables::initialize(&mut machine, key, false, Value::int(*value)).unwrap();
    }
    let mut vm = Vm::new(machine);
    vm.set_metered(setup.metered);
    let ended = vm.run(program);
    (vm, ended, log)
}
