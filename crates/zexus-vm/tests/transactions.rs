//! The cases of chain.md 4.7 and the example of 4.6, on hand-written modules.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/run.rs"]
mod run;

use run::{Setup, run};
use zexus_bytecode::{Const, Function, Instruction, Module, Opcode, Operand};
use zexus_runtime::Limits;
use zexus_runtime::state::variables;
use zexus_vm::Vm;

/// Code in words: `begin`, `commit`, `revert`, `read` (and print), `return`, `throw`, `w(5)`, `gas(5)`, `f` and `g` (calls).
struct Script {
    module: Module,
    code: Vec<Instruction>,
}

impl Script {
    fn emit(&mut self, op: Opcode, operand: impl Into<Operand>) {
        self.code.push(Instruction::new(op, operand));
    }

    fn word(&mut self, word: &str) {
        let key = self.module.add_constant("x");
        let (word, number) = match word.split_once('(') {
            Some((word, rest)) => (word, rest.trim_end_matches(')').parse::<i64>().unwrap()),
            None => (word, 0),
        };
        let n = self.module.add_constant(number);
        match word {
            "begin" => self.emit(Opcode::TxBegin, ()),
            "commit" => self.emit(Opcode::TxCommit, ()),
            "revert" => self.emit(Opcode::TxRevert, ()),
            "gas" => self.emit(Opcode::GasCharge, number as u64),
            "read" => {
                self.emit(Opcode::StateRead, key);
                self.emit(Opcode::Print, ());
            }
            "return" => {
                self.emit(Opcode::LoadConst, n);
                self.emit(Opcode::Return, ());
            }
            "throw" => {
                self.emit(Opcode::LoadConst, n);
                self.emit(Opcode::Throw, ());
            }
            "w" => {
                self.emit(Opcode::LoadConst, n);
                self.emit(Opcode::StateWrite, key);
            }
            "f" | "g" => {
                let function = self.module.add_constant(Const::Func(if word == "f" { 1 } else { 2 }));
                self.emit(Opcode::CallFuncConst, (function, 0_u32));
                self.emit(Opcode::Pop, ());
            }
            _ => panic!("{word}"),
        }
    }

    fn function(&mut self, words: &str) -> Vec<Instruction> {
        words.split_whitespace().for_each(|word| self.word(word));
        std::mem::take(&mut self.code)
    }
}

fn module(words: &str) -> Module {
    let mut script = Script { module: Module::new(), code: Vec::new() };
    let main = script.function(words);
    let f = script.function("commit revert");
    let g = script.function("begin w(6)");
    let mut module = script.module;
    module.functions[0].code = main;
    for (name, code) in [("f", f), ("g", g)] {
        let mut function = Function::new(name);
        function.code = code;
        module.add_function(function);
    }
    module
}

fn value(vm: &mut Vm, key: &str) -> Option<i64> {
    variables::get(vm.machine_mut(), key).unwrap().as_int()
}

fn check_with(words: &str, limits: Limits, after: i64, printed: &str, code: u16, warnings: usize) {
    let setup = Setup { limits, state: &[("x", 1)], ..Setup::default() };
    let (mut vm, ended, log) = run(module(words), setup);
    assert_eq!(value(&mut vm, "x"), Some(after), "{words}: {ended:?}");
    assert_eq!(log.printed(), printed, "{words}");
    assert_eq!(ended.failures.first().map_or(0, |f| f.code), code, "{words}: {ended:?}");
    assert_eq!(log.diagnostics(), warnings, "{words}");
}

fn check(words: &str, after: i64, printed: &str) {
    check_with(words, Limits::default(), after, printed, 0, 0);
}

#[test]
fn commits_and_rollbacks() {
    check("begin w(5) read commit", 5, "5");
    check("begin w(5) begin w(6) commit revert", 1, "");
    check("begin w(5) begin w(6) revert read commit", 5, "5");
    check("begin w(5) begin w(6) commit commit", 6, "");
    check("w(5)", 5, "");
    check("begin w(5) revert w(7)", 7, "");
    check("commit revert w(5)", 5, "");
}

#[test]
fn what_is_left_open_is_undone() {
    check_with("begin w(5)", Limits::default(), 1, "", 0, 1);
    check_with("begin w(5) return", Limits::default(), 1, "", 0, 1);
    check_with("begin w(5) throw", Limits::default(), 1, "", 428, 0);
}

#[test]
fn transactions_belong_to_their_calls() {
    check("begin w(5) f commit", 5, "");
    check_with("begin w(5) g read commit", Limits::default(), 5, "5", 0, 1);
}

#[test]
fn strict_transactions_and_gas() {
    let strict = Limits { strict_transactions: true, ..Limits::default() };
    check_with("w(5)", strict, 1, "", 516, 0);
    let gas = Limits { gas: Some(50), ..Limits::default() };
    check_with("begin w(5) gas(100)", gas, 1, "", 504, 0);
}

#[test]
fn the_transfer_costs_what_the_specification_says() {
    let mut script = Script { module: Module::new(), code: Vec::new() };
    let amount = script.module.add_constant(100);
    script.emit(Opcode::TxBegin, ());
    for (key, op) in [("alice_balance", Opcode::Sub), ("bob_balance", Opcode::Add)] {
        let key = script.module.add_constant(key);
        script.emit(Opcode::StateRead, key);
        script.emit(Opcode::LoadConst, amount);
        script.emit(op, ());
        script.emit(Opcode::StateWrite, key);
    }
    script.emit(Opcode::TxCommit, ());
    let mut module = script.module;
    module.functions[0].code = script.code;
    let state = &[("alice_balance", 1000), ("bob_balance", 500)];
    let (mut vm, ended, _) = run(module, Setup { metered: true, state, ..Setup::default() });
    assert!(ended.failures.is_empty(), "{ended:?}");
    assert_eq!(vm.machine().meter.used(), 1046);
    assert_eq!(value(&mut vm, "alice_balance"), Some(900));
    assert_eq!(value(&mut vm, "bob_balance"), Some(600));
}
