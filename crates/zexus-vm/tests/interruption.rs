//! Code that loops without a jump back can be stopped and is collected as other loops are.

#![allow(clippy::unwrap_used)]

use std::cell::Cell;
use std::sync::Arc;

use zexus_bytecode::{Module, meter, verify};
use zexus_runtime::{Host, Limits, Machine};
use zexus_vm::{Ended, LinkMode, Unlinked, Vm, link};

/// A host that stops a run when it is asked for this many times.
struct Patient(Cell<u32>);

impl Host for Patient {
    fn print(&mut self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn diagnostic(&mut self, _: &str) {}
    fn interrupted(&mut self) -> bool {
        self.0.set(self.0.get() - 1);
        self.0.get() == 0
    }
}

fn run(text: &str, mode: LinkMode, limits: Limits) -> (Vm, Ended) {
    let module = Module::from_asm(text).unwrap();
    let metered = limits.gas.is_some();
    let module = verify(if metered { meter(&module) } else { module }).unwrap();
    let unlinked = Unlinked { path: "main.zx".into(), name: "__main__".into(), module };
    let program = link(vec![unlinked], 0, mode).unwrap();
    let mut vm = Vm::new(Machine::new(Box::new(Patient(Cell::new(200))), limits));
    vm.set_metered(metered);
    let ended = vm.run(Arc::new(program));
    (vm, ended)
}

/// Each of these loops for ever, and only by raising errors into handlers that stand before.
const LOOPS: [&str; 3] = [
    include_str!("modules/throw-into-own-handler.zxasm"),
    // Each round leaves an error object.
    "
.zxasm 1
.const null
.func \"main\" scoped
JUMP L2
L1:
POP
L2:
SETUP_TRY L1
LOAD_CONST 0
INC
POP
POP_TRY
.end
",
    // The error comes out of a call.
    "
.zxasm 1
.const 5
.const @1
.func \"main\" scoped
JUMP L2
L1:
POP
L2:
SETUP_TRY L1
CALL_FUNC_CONST 1 0
POP
POP_TRY
.end
.func \"f\" scoped
LOAD_CONST 0
THROW
.end
",
];

#[test]
fn loops_of_errors_are_interrupted() {
    for text in LOOPS {
        for mode in [LinkMode::Fused, LinkMode::Stepwise] {
            let limits = Limits { memory: 1 << 16, ..Limits::default() };
            let (vm, ended) = run(text, mode, limits);
            assert_eq!(ended.failures[0].message.as_ref(), "interrupted", "{text}\n{mode:?}");
            assert_eq!(ended.failures[0].code, 0);
            assert_eq!(vm.machine().journal.depth(), 0);
        }
    }
}

#[test]
fn loops_of_errors_run_out_of_gas() {
    for text in LOOPS {
        let (_, ended) = run(text, LinkMode::Fused, Limits { gas: Some(10_000), ..Limits::default() });
        assert_eq!(ended.failures[0].code, 504, "{text}");
    }
}
