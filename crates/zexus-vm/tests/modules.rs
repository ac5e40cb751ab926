//! Hand-written modules, in every way of linking and running: each must do the same in all of them.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use zexus_bytecode::{Module, meter, verify};
use zexus_runtime::host::Quiet;
use zexus_runtime::{Host, Limits, Machine};
use zexus_vm::{Ended, LinkMode, Unlinked, Vm, link};

/// A host that tests can look at.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Quiet>>);

impl Host for Log {
    fn print(&mut self, text: &str) -> Result<(), String> {
        self.0.lock().unwrap().print(text)
    }
    fn diagnostic(&mut self, line: &str) {
        self.0.lock().unwrap().diagnostic(line);
    }
}

/// A module from text in which `$literal` stands for the index of a constant. What comes before the first `.func` is the code of a
/// scoped entry function.
fn module(text: &str) -> Module {
    let mut consts: Vec<String> = Vec::new();
    let mut code = String::new();
    let (entry, rest) = text.find(".func").map_or((text, ""), |at| text.split_at(at));
    let all = format!(".func \"main\" scoped\n{entry}\n.end\n{rest}");
    for line in all.lines().flat_map(|line| line.split("; ")) {
        for word in line.split_whitespace() {
            match word.strip_prefix('$') {
                Some(literal) => {
                    let at = consts.iter().position(|c| c == literal).unwrap_or_else(|| {
                        consts.push(literal.to_owned());
                        consts.len() - 1
                    });
                    code.push_str(&format!("{at} "));
                }
                None => code.push_str(&format!("{word} ")),
            }
        }
        code.push('\n');
    }
    let consts: String = consts.iter().map(|c| format!(".const {c}\n")).collect();
    let asm = format!(".zxasm 1\n{consts}{code}");
    Module::from_asm(&asm).unwrap_or_else(|e| panic!("{e}\n{asm}"))
}

/// What a run printed, its value if it is not null, and its error with the instruction.
fn run(module: &Module, mode: LinkMode, metered: bool, stress: bool) -> String {
    let module = if metered { meter(module) } else { module.clone() };
    let verified = verify(module).unwrap_or_else(|e| panic!("{}", e[0].report()));
    let unlinked = Unlinked { path: "main.zx".into(), name: "main".into(), module: verified };
    let program = link(vec![unlinked], 0, mode).unwrap_or_else(|e| panic!("{e:?}"));
    let host = Log::default();
    let mut vm = Vm::new(Machine::new(Box::new(host.clone()), Limits::default()));
    vm.set_metered(metered);
    vm.stress(stress);
    let ended: Ended = vm.run(Arc::new(program));
    let mut out = host.0.lock().unwrap().output.replace('\n', " ");
    if !ended.value.is_null() {
        let value = ended.value;
        out.push_str(&format!("= {}", zexus_runtime::display::display(vm.machine_mut(), value).unwrap()));
    }
    for failure in &ended.failures {
        out.push_str(&format!("E{:04} {}", failure.code, failure.message));
        for call in &failure.trace {
            out.push_str(&format!(" < {}", call.caller));
        }
    }
    out.trim().to_owned()
}

fn check(text: &str, expected: &str) {
    let module = module(text);
    for mode in [LinkMode::Fused, LinkMode::Stepwise] {
        for metered in [false, true] {
            for stress in [false, true] {
                let got = run(&module, mode, metered, stress);
                assert_eq!(got, expected, "{text}\n{mode:?}, metered: {metered}, stress: {stress}");
            }
        }
    }
}

/// The value of two operands, given as literals, under an operator: with both as constants, and with each in a variable, so that all
/// forms of an instruction are met.
fn operator(op: &str, a: &str, b: &str, expected: &str) {
    let load = |literal: &str, name: &str, variable: bool| match variable {
        true => {
            (format!("LOAD_CONST ${literal}; STORE_NAME $\"{name}\"\n"), format!("LOAD_NAME $\"{name}\"\n"))
        }
        false => (String::new(), format!("LOAD_CONST ${literal}\n")),
    };
    for (x, y) in [(false, false), (false, true), (true, false), (true, true)] {
        let ((set_a, get_a), (set_b, get_b)) = (load(a, "a", x), load(b, "b", y));
        check(&format!("{set_a}{set_b}{get_a}{get_b}{op}\n"), expected);
        let truth = match expected {
            "= true" => "= 1",
            "= false" => "= 2",
            error if error.starts_with('E') => error,
            _ => continue,
        };
        for (jump, first, second) in [("JUMP_IF_FALSE", 1, 2), ("JUMP_IF_TRUE", 2, 1)] {
            let tail = format!("LOAD_CONST ${first}; RETURN\nL1:\nLOAD_CONST ${second}; RETURN\n");
            check(&format!("{set_a}{set_b}{get_a}{get_b}{op}\n{jump} L1\n{tail}"), truth);
            let turned = truth.replace('1', "3").replace('2', "1").replace('3', "2");
            let turned = if truth.starts_with('E') { truth } else { &turned };
            check(&format!("{set_a}{set_b}{get_a}{get_b}{op}\nNOT; {jump} L1\n{tail}"), turned);
        }
    }
}

#[test]
fn arithmetic() {
    for (op, a, b, expected) in [
        ("ADD", "7", "3", "= 10"),
        ("ADD", "9223372036854775807", "1", "= 9223372036854775808"),
        ("ADD", "1.5", "2", "= 3.5"),
        ("ADD", "2", "1.5", "= 3.5"),
        ("ADD", "1.5", "2.25", "= 3.75"),
        ("ADD", "\"a\"", "1", "= a1"),
        ("ADD", "1", "\"a\"", "= 1a"),
        ("ADD", "null", "1", "E0402 Type mismatch: cannot use + on Null and Integer"),
        ("ADD", "1", "null", "E0402 Type mismatch: cannot use + on Integer and Null"),
        ("SUB", "7", "10", "= -3"),
        ("SUB", "-9223372036854775808", "1", "= -9223372036854775809"),
        ("SUB", "7.5", "10", "= -2.5"),
        ("SUB", "10", "7.5", "= 2.5"),
        ("SUB", "\"a\"", "1.5", "E0402 Type mismatch: cannot use - on String and Float"),
        ("SUB", "1.5", "\"a\"", "E0402 Type mismatch: cannot use - on Float and String"),
        ("MUL", "7", "-3", "= -21"),
        ("MUL", "4294967296", "4294967296", "= 18446744073709551616"),
        ("MUL", "2", "\"ab\"", "= abab"),
        ("MUL", "\"ab\"", "2", "= abab"),
        ("MUL", "true", "2", "E0402 Type mismatch: cannot use * on Boolean and Integer"),
        ("MUL", "2", "true", "E0402 Type mismatch: cannot use * on Integer and Boolean"),
        ("MUL", "2.0", "1.5", "= 3.0"),
        ("MUL", "2", "1.5", "= 3.0"),
        ("DIV", "20", "4", "= 5.0"),
        ("DIV", "1", "4.0", "= 0.25"),
        ("DIV", "1.0", "0.0", "E0405 Division by zero"),
        ("DIV", "1", "0", "E0405 Division by zero"),
        ("MOD", "-7", "3", "= 2"),
        ("MOD", "7", "-3", "= -2"),
        ("MOD", "7", "0", "E0406 Modulo by zero"),
        ("MOD", "5000000000", "3", "= 2"),
        ("MOD", "7.5", "2", "= 1.5"),
        ("INT_DIV", "-7", "2", "= -4"),
        ("INT_DIV", "7", "-2", "= -4"),
        ("INT_DIV", "5000000000", "7", "= 714285714"),
        ("INT_DIV", "7", "0", "E0405 Division by zero"),
        ("INT_DIV", "7.0", "2", "E0402 Type mismatch: cannot use div on Float and Integer"),
        ("POW", "2", "10", "= 1024"),
        ("POW", "1.5", "2", "= 2.25"),
        ("POW", "4294967296", "2", "= 18446744073709551616"),
    ] {
        operator(op, a, b, expected);
    }
}

#[test]
fn comparison() {
    for (op, a, b, expected) in [
        ("LT", "1", "2", "= true"),
        ("LT", "2", "2", "= false"),
        ("GT", "2", "1", "= true"),
        ("GT", "2", "2", "= false"),
        ("LTE", "2", "2", "= true"),
        ("LTE", "3", "2", "= false"),
        ("GTE", "2", "2", "= true"),
        ("GTE", "1", "2", "= false"),
        ("LT", "1.5", "2", "= true"),
        ("GT", "1.5", "2", "= false"),
        ("LT", "1.5", "2.5", "= true"),
        ("LT", "nan", "2.5", "= false"),
        ("GTE", "nan", "2.5", "= false"),
        ("LTE", "2.5", "nan", "= false"),
        ("GT", "100000", "99999", "= true"),
        ("LT", "\"a\"", "\"b\"", "= true"),
        ("GTE", "\"a\"", "\"b\"", "= false"),
        ("LT", "null", "1", "E0409 Type mismatch: cannot compare Null < Integer"),
        ("GT", "null", "1", "E0409 Type mismatch: cannot compare Null > Integer"),
        ("GT", "1", "null", "E0409 Type mismatch: cannot compare Integer > Null"),
        ("GTE", "\"a\"", "1.5", "E0409 Type mismatch: cannot compare String >= Float"),
        ("LTE", "1.5", "\"a\"", "E0409 Type mismatch: cannot compare Float <= String"),
        ("EQ", "1", "1", "= true"),
        ("EQ", "1", "1.0", "= true"),
        ("EQ", "1.0", "1", "= true"),
        ("EQ", "null", "null", "= true"),
        ("EQ", "null", "false", "= false"),
        ("EQ", "0", "null", "= false"),
        ("EQ", "\"a\"", "\"a\"", "= true"),
        ("EQ", "nan", "nan", "= false"),
        ("NEQ", "1", "2", "= true"),
        ("NEQ", "1", "1.0", "= false"),
        ("NEQ", "nan", "nan", "= true"),
        ("NEQ", "\"a\"", "null", "= true"),
        ("NEQ", "true", "true", "= false"),
        ("IN", "1", "[1]", "= true"),
        ("AND", "1", "0", "= true"),
        ("AND", "1", "null", "= false"),
        ("OR", "null", "false", "= false"),
        ("OR", "null", "0", "= true"),
    ] {
        operator(op, a, b, expected);
    }
}

#[test]
fn values_wait_for_nothing_they_could_see() {
    // A variable that is read and then stored: the value read is the old one.
    check(
        "LOAD_CONST $1; STORE_NAME $\"x\"; LOAD_NAME $\"x\"; LOAD_CONST $2; STORE_NAME $\"x\"; LOAD_NAME $\"x\"; SUB",
        "= -1",
    );
    check(
        "LOAD_CONST $1; STORE_NAME $\"x\"; LOAD_NAME $\"x\"; LOAD_NAME $\"x\"; INC; STORE_NAME $\"x\"; LOAD_NAME $\"x\"; BUILD_LIST 2",
        "= [1, 2]",
    );
    check(
        "LOAD_CONST $[1]; DUP; LOAD_CONST $0; LOAD_CONST $5; STORE_INDEX; DUP; BUILD_LIST 2",
        "= [[5], [5]]",
    );
    // A list constant is another one each time.
    check(
        "LOAD_CONST $0; STORE_NAME $\"i\"\nL0:\nLOAD_CONST $[1]; STORE_NAME $\"l\"
         LOAD_NAME $\"l\"; LOAD_NAME $\"i\"; CALL_BUILTIN $\"append\" 2; PRINT
         LOAD_NAME $\"i\"; INC; STORE_NAME $\"i\"; LOAD_NAME $\"i\"; LOAD_CONST $2; LT; JUMP_IF_TRUE L0",
        "[1, 0] [1, 1]",
    );
    check("LOAD_CONST $1; LOAD_CONST $2; LOAD_CONST $3; POP; POP", "= 1");
    check("LOAD_CONST $5; NEG; LOAD_CONST $1.5; NEG; BUILD_LIST 2", "= [-5, -1.5]");
    check("LOAD_CONST $null; NOT; LOAD_CONST $0; NOT; BUILD_LIST 2", "= [true, false]");
    check("LOAD_CONST $4; DEC", "= 3");
    check("LOAD_CONST $\"a\"; DEC", "E0402 Type mismatch: cannot use - on String and Integer");
}

#[test]
fn names() {
    check("LOAD_NAME $\"x\"", "E0301 Identifier 'x' not found");
    check(
        "JUMP L1\nL0:\nLOAD_CONST $1; STORE_NAME $\"x\"; RETURN\nL1:\nLOAD_NAME $\"x\"; JUMP L0",
        "E0302 'x' is used before its declaration is reached",
    );
    check("LOAD_CONST $[1,2]; CALL_NAME $\"len\" 1", "= 2");
    check(
        "LOAD_NAME $\"len\"; PRINT; LOAD_CONST $3; STORE_NAME $\"len\"; LOAD_NAME $\"len\"",
        "<built-in function: len> = 3",
    );
    // A local that one of two ways leaves without a value.
    let text = |flag| {
        format!(
            "STORE_FUNC $\"f\" $@1; LOAD_CONST ${flag}; CALL_NAME $\"f\" 1
             .func \"f\" scoped\n.param \"c\"\n.local \"x#1\"
             LOAD_NAME $\"c\"; JUMP_IF_FALSE L4\nLOAD_CONST $7; STORE_NAME $\"x#1\"\nL4:\nLOAD_NAME $\"x#1\"; RETURN\n.end"
        )
    };
    check(&text("true"), "= 7");
    check(&text("false"), "E0302 'x' is used before its declaration is reached < the main program");
    // Without the flag, what a function stores is its own.
    check(
        "LOAD_CONST $1; STORE_NAME $\"x\"; STORE_FUNC $\"f\" $@1; CALL_NAME $\"f\" 0; PRINT; LOAD_NAME $\"x\"
         .func \"f\"\nLOAD_CONST $2; STORE_NAME $\"x\"; LOAD_NAME $\"x\"; RETURN\n.end",
        "2 = 1",
    );
}

#[test]
fn calls() {
    let sum = ".func \"f\" scoped\n.param \"a\"\n.param \"b\" optional\n.param \"c\" optional\n.param \"r\" rest\n.entry L2\n.entry L4
               LOAD_CONST $10; STORE_NAME $\"b\"\nL2:\nLOAD_CONST $100; STORE_NAME $\"c\"\nL4:
               LOAD_NAME $\"a\"; LOAD_NAME $\"b\"; LOAD_NAME $\"c\"; LOAD_NAME $\"r\"; BUILD_LIST 4; RETURN\n.end";
    let call = |args: &str| format!("STORE_FUNC $\"f\" $@1; {args}\n{sum}");
    check(&call("LOAD_CONST $1; CALL_NAME $\"f\" 1"), "= [1, 10, 100, []]");
    check(&call("LOAD_CONST $1; LOAD_CONST $2; CALL_NAME $\"f\" 2"), "= [1, 2, 100, []]");
    check(
        &call("LOAD_CONST $1; LOAD_CONST $2; LOAD_CONST $3; LOAD_CONST $4; CALL_NAME $\"f\" 4"),
        "= [1, 2, 3, [4]]",
    );
    check(&call("CALL_NAME $\"f\" 0"), "E0404 f expects at least 1 argument, got 0");
    check(&call("LOAD_NAME $\"f\"; LOAD_CONST $[1]; LOAD_CONST ${\"c\":3}; CALL_SPREAD"), "= [1, 10, 3, []]");
    check(
        &call("LOAD_NAME $\"f\"; LOAD_CONST $[]; LOAD_CONST ${\"b\":5,\"a\":3}; CALL_SPREAD"),
        "= [3, 5, 100, []]",
    );
    check(
        &call("LOAD_NAME $\"f\"; LOAD_CONST $[1]; LOAD_CONST ${\"a\":3}; CALL_SPREAD"),
        "E0404 f got parameter 'a' twice",
    );
    check(
        &call("LOAD_NAME $\"f\"; LOAD_CONST $[1,2,3,4,5]; LOAD_CONST $null; CALL_SPREAD"),
        "= [1, 2, 3, [4, 5]]",
    );
    check(&call("LOAD_NAME $\"f\"; LOAD_CONST $9; CALL_TOP 1"), "= [9, 10, 100, []]");
    check(&call("LOAD_CONST $9; CALL_FUNC_CONST $@1 1"), "= [9, 10, 100, []]");
    check("LOAD_CONST $9; CALL_TOP 0", "E0403 Not a function: Integer");
    check("LOAD_CONST $[3,1,2]; CALL_METHOD $\"sort\" 0", "= [1, 2, 3]");
    check("LOAD_CONST $null; CALL_METHOD $\"sort\" 0", "E0412 cannot read 'sort' of null; use ?. or ??");
    check("LOAD_CONST $[3]; LOAD_CONST $[0]; LOAD_CONST $null; CALL_METHOD_SPREAD $\"get\"", "= 3");
    // Recursion, and the depth of calls.
    let fib = "STORE_FUNC $\"f\" $@1; LOAD_CONST $15; CALL_NAME $\"f\" 1
               .func \"f\" scoped\n.param \"n\"
               LOAD_NAME $\"n\"; LOAD_CONST $2; LT; JUMP_IF_FALSE L6\nLOAD_NAME $\"n\"; RETURN\nL6:
               LOAD_NAME $\"n\"; LOAD_CONST $1; SUB; CALL_NAME $\"f\" 1
               LOAD_NAME $\"n\"; LOAD_CONST $2; SUB; CALL_NAME $\"f\" 1; ADD; RETURN\n.end";
    check(fib, "= 610");
}

#[test]
fn endless_recursion_ends() {
    let text =
        "STORE_FUNC $\"f\" $@1; CALL_NAME $\"f\" 0\n.func \"f\" scoped\nCALL_NAME $\"f\" 0; RETURN\n.end";
    let module = module(text);
    for mode in [LinkMode::Fused, LinkMode::Stepwise] {
        let got = run(&module, mode, false, false);
        assert!(got.starts_with("E0429 Stack overflow < f < f"), "{got}");
        assert_eq!(got.matches(" < ").count(), 200);
    }
}

#[test]
fn closures() {
    // By value: the variable never changes after.
    check(
        "STORE_FUNC $\"make\" $@1; LOAD_CONST $5; CALL_NAME $\"make\" 1; LOAD_CONST $2; CALL_TOP 1
         .func \"make\" scoped\n.param \"k\"\nLOAD_CONST $@2; RETURN\n.end
         .func \"add\" scoped\n.param \"x\"\n.capture \"k\"\nLOAD_NAME $\"x\"; LOAD_NAME $\"k\"; ADD; RETURN\n.end",
        "= 7",
    );
    // In a cell: two functions share a counter, which is another one for each call.
    check(
        "STORE_FUNC $\"make\" $@1; CALL_NAME $\"make\" 0; STORE_NAME $\"a\"; CALL_NAME $\"make\" 0; STORE_NAME $\"b\"
         LOAD_NAME $\"a\"; CALL_TOP 0; POP; LOAD_NAME $\"a\"; CALL_TOP 0; LOAD_NAME $\"b\"; CALL_TOP 0; BUILD_LIST 2
         .func \"make\" scoped\n.local \"n\"\nLOAD_CONST $0; STORE_NAME $\"n\"; LOAD_CONST $@2; RETURN\n.end
         .func \"next\" scoped\n.capture \"n\"\nLOAD_NAME $\"n\"; INC; STORE_NAME $\"n\"; LOAD_NAME $\"n\"; RETURN\n.end",
        "= [2, 1]",
    );
    // Captured before it has a value, and stored after.
    let late = |code: &str| {
        format!(
            "STORE_FUNC $\"f\" $@1; CALL_NAME $\"f\" 0\n.func \"f\" scoped\n.local \"x\"\n.local \"g\"
             LOAD_CONST $@2; STORE_NAME $\"g\"\n{code}\n.end
             .func \"\" scoped\n.capture \"x\"\nLOAD_NAME $\"x\"; RETURN\n.end"
        )
    };
    check(&late("LOAD_CONST $4; STORE_NAME $\"x\"; CALL_NAME $\"g\" 0; RETURN"), "= 4");
    check(
        &late("CALL_NAME $\"g\" 0; RETURN"),
        "E0302 'x' is used before its declaration is reached < f < the main program",
    );
    // A new variable in each round of a loop.
    let rounds = |renew: &str| {
        format!(
            "STORE_FUNC $\"f\" $@1; CALL_NAME $\"f\" 0\n.func \"f\" scoped\n.local \"x\"\n.local \"l\"\n.local \"i\"
             LOAD_CONST $[]; STORE_NAME $\"l\"; LOAD_CONST $0; STORE_NAME $\"i\"
             L4:\n{renew}
             LOAD_NAME $\"i\"; STORE_NAME $\"x\"
             LOAD_NAME $\"l\"; LOAD_CONST $@2; CALL_BUILTIN $\"append\" 2; POP
             LOAD_NAME $\"i\"; INC; STORE_NAME $\"i\"; LOAD_NAME $\"i\"; LOAD_CONST $3; LT; JUMP_IF_TRUE L4
             LOAD_NAME $\"l\"; LOAD_CONST $0; INDEX; CALL_TOP 0
             LOAD_NAME $\"l\"; LOAD_CONST $2; INDEX; CALL_TOP 0; BUILD_LIST 2; RETURN\n.end
             .func \"\" scoped\n.capture \"x\"\nLOAD_NAME $\"x\"; RETURN\n.end"
        )
    };
    check(&rounds("LOAD_CONST $\"x\"; CALL_BUILTIN $\"@new\" 1; POP"), "= [0, 2]");
    check(&rounds("LOAD_CONST $\"x\"; CALL_BUILTIN $\"@copy\" 1; POP"), "= [0, 2]");
    check(&rounds(""), "= [2, 2]");
}

#[test]
fn loops() {
    // The program of bytecode.md 5.2.
    check(
        "LOAD_CONST $0; STORE_NAME $\"i\"; LOAD_CONST $0; STORE_NAME $\"s\"
         L4:\nLOAD_NAME $\"i\"; LOAD_CONST $3; LT; JUMP_IF_FALSE L17
         LOAD_NAME $\"s\"; LOAD_NAME $\"i\"; ADD; STORE_NAME $\"s\"
         LOAD_NAME $\"i\"; LOAD_CONST $1; ADD; STORE_NAME $\"i\"; JUMP L4\nL17:\nLOAD_NAME $\"s\"",
        "= 3",
    );
    let each = |source: &str, count: u8| {
        let stores = if count == 2 { "PRINT 2" } else { "PRINT" };
        format!("{source}; GET_ITER {count}\nL2:\nFOR_ITER L9 {count}\n{stores}; JUMP L2\nL9:")
    };
    check(&each("LOAD_CONST $[7,8]", 1), "7 8");
    check(&each("LOAD_CONST $[7,8]", 2), "0 7 1 8");
    check(&each("LOAD_CONST ${\"a\":1,\"b\":2}", 2), "a 1 b 2");
    check(&each("LOAD_CONST $\"xy\"", 1), "x y");
    check(&each("LOAD_CONST $1; LOAD_CONST $4; BUILD_RANGE 0", 1), "1 2 3");
    check(&each("LOAD_CONST $1; LOAD_CONST $3; BUILD_RANGE 1", 2), "0 1 1 2 2 3");
    check(&each("LOAD_CONST $4; LOAD_CONST $1; BUILD_RANGE 0", 1), "");
    check(&each("LOAD_CONST $5", 1), "E0402 Type mismatch: cannot go through Integer");
    // Loops in one another, the item in a variable, one left early.
    check(
        "LOAD_CONST $0; LOAD_CONST $3; BUILD_RANGE 0; GET_ITER 1
         L4:\nFOR_ITER L19 1\nSTORE_NAME $\"i\"; LOAD_CONST $[1,2,3]; GET_ITER 1
         L8:\nFOR_ITER L18 1\nSTORE_NAME $\"j\"; LOAD_NAME $\"i\"; LOAD_NAME $\"j\"; LT; JUMP_IF_FALSE L17
         LOAD_NAME $\"i\"; LOAD_NAME $\"j\"; PRINT 2; JUMP L18a\nL17:\nJUMP L8\nL18a:\nPOP\nL18:\nJUMP L4\nL19:",
        "0 1 1 2 2 3",
    );
    // An iterator that is looked at otherwise.
    check("LOAD_CONST $[1,2]; GET_ITER 1; DUP; POP\nL4:\nFOR_ITER L7 1\nPRINT; JUMP L4\nL7:", "1 2");
    check(
        "LOAD_CONST $[1,2]; GET_ITER 1; STORE_NAME $\"i\"; LOAD_NAME $\"i\"\nL4:\nFOR_ITER L7 1\nPRINT; JUMP L4\nL7:",
        "1 2",
    );
    check(
        "LOAD_CONST $[1]; GET_ITER 1; LOAD_CONST $1; ADD",
        "E0402 Type mismatch: cannot use + on Iterator and Integer",
    );
}

#[test]
fn jumps_and_ends() {
    check("LOAD_CONST $1; JUMP L3\nLOAD_CONST $2\nL3:", "= 1");
    check("LOAD_CONST $1; LOAD_CONST $true; JUMP_IF_TRUE L4\nPOP\nL4:", "= 1");
    check("LOAD_CONST $null; JUMP_IF_NULL L3\nINC\nL3:", "");
    check("LOAD_CONST $1; JUMP_IF_NULL L3\nINC\nL3:", "= 2");
    check("LOAD_CONST $1; JUMP_IF_NOT_NULL L4\nPOP; LOAD_CONST $9\nL4:", "= 1");
    check("LOAD_CONST $null; JUMP_IF_NOT_NULL L4\nPOP; LOAD_CONST $9\nL4:", "= 9");
    check("LOAD_CONST $3; LOAD_CONST $4; RETURN", "= 4");
    check("RETURN", "");
    check("NOP", "");
    check("", "");
    // `if c { break }`: a jump that a condition passes over.
    check(
        "LOAD_CONST $0; STORE_NAME $\"i\"\nL2:\nLOAD_NAME $\"i\"; LOAD_CONST $4; GT; JUMP_IF_FALSE L7\nJUMP L11\nL7:
         LOAD_NAME $\"i\"; INC; STORE_NAME $\"i\"; JUMP L2\nL11:\nLOAD_NAME $\"i\"",
        "= 5",
    );
}

#[test]
fn regions() {
    check("SETUP_TRY L4\nLOAD_CONST $\"x\"; THROW; POP_TRY\nL4:\nPRINT", "x");
    check(
        "LOAD_CONST $5; SETUP_TRY L6\nLOAD_CONST $1; LOAD_CONST $null; ADD; POP_TRY\nL6:\nGET_ATTR $\"code\"; BUILD_LIST 2",
        "= [5, E0402]",
    );
    // The innermost that takes it; an error in its code goes to the next one.
    check(
        "SETUP_TRY L7\nSETUP_TRY L4\nLOAD_CONST $1; THROW\nL4:\nPRINT; LOAD_CONST $2; THROW\nL7:\nPRINT",
        "1 2",
    );
    // Errors of calls, out of several frames.
    check(
        "STORE_FUNC $\"f\" $@1; SETUP_TRY L5\nCALL_NAME $\"f\" 0; POP_TRY; RETURN\nL5:\nGET_ATTR $\"message\"
         .func \"f\" scoped\nCALL_FUNC_CONST $@2 0; RETURN\n.end
         .func \"g\" scoped\nLOAD_CONST $1; LOAD_CONST $0; DIV; RETURN\n.end",
        "= Division by zero",
    );
    check(
        "SETUP_FINALLY L3\nLOAD_CONST $7; THROW\nL3:\nSTORE_NAME $\"#0\"; LOAD_CONST $\"f\"; PRINT; LOAD_NAME $\"#0\"; THROW",
        "f E0428 7",
    );
    check("SETUP_TRY L3\nLOAD_CONST $3; THROW\nL3:", "= 3");
}

#[test]
fn members_and_collections() {
    check("LOAD_CONST $[1,2,3]; LOAD_CONST $1; INDEX", "= 2");
    check("LOAD_CONST $[1,2,3]; LOAD_CONST $-1; INDEX", "= 3");
    check("LOAD_CONST $[1]; LOAD_CONST $4; INDEX", "E0410 index 4 is out of range for a list of 1");
    check("LOAD_CONST ${\"a\":1}; LOAD_CONST $\"a\"; INDEX", "= 1");
    check("LOAD_CONST ${\"a\":1}; GET_ATTR $\"a\"", "= 1");
    check("LOAD_CONST $\"abc\"; LOAD_CONST $1; INDEX", "= b");
    check("LOAD_CONST $null; LOAD_CONST $1; INDEX", "E0412 cannot index null; use ?. or ??");
    check("LOAD_CONST $[1,2,3]; LOAD_CONST $1; LOAD_CONST $null; SLICE", "= [2, 3]");
    check(
        "LOAD_CONST ${}; STORE_NAME $\"m\"; LOAD_NAME $\"m\"; LOAD_CONST $1; LOAD_CONST $2; STORE_INDEX; LOAD_NAME $\"m\"",
        "= {1: 2}",
    );
    check(
        "LOAD_CONST ${}; STORE_NAME $\"m\"; LOAD_NAME $\"m\"; LOAD_CONST $2; STORE_ATTR $\"a\"; LOAD_NAME $\"m\"",
        "= {a: 2}",
    );
    check("LOAD_CONST $\"b\"; LOAD_CONST $1; LOAD_CONST $\"b\"; LOAD_CONST $2; BUILD_MAP 2", "= {b: 2}");
    check(
        "LOAD_CONST $1.5; LOAD_CONST $1; BUILD_MAP 1",
        "E0411 a map key must be a string, integer or boolean, not Float",
    );
    check("LOAD_CONST $3; LOAD_CONST $1; LOAD_CONST $3; BUILD_SET 3", "= {3: true, 1: true}");
    check("LOAD_CONST $\"a\"; LOAD_CONST $1; LOAD_CONST $null; BUILD_STRING 3", "= a1null");
    check(
        "LOAD_CONST $[4]; CALL_BUILTIN $\"len\" 1; LOAD_CONST $\"abcd\"; CALL_BUILTIN $\"len\" 1; BUILD_LIST 2",
        "= [1, 4]",
    );
    check(
        "LOAD_CONST $4.0; CALL_BUILTIN $\"sqrt\" 1; LOAD_CONST $9; CALL_BUILTIN $\"sqrt\" 1; BUILD_LIST 2",
        "= [2.0, 3.0]",
    );
    check("LOAD_CONST $1; LOAD_CONST $\"b\"; PRINT 2; PRINT 0", "1 b");
    check("LOAD_CONST $1; CHECK_TYPE $\"int\" $\"no_{}\"", "= 1");
    check("LOAD_CONST $\"a\"; CHECK_TYPE $\"int\" $\"no_{}\"", "E0401 no_String");
    check("LOAD_CONST $null; CHECK_TYPE $\"int?\" $\"no_{}\"; IS_TYPE $\"int?\"", "= true");
    check("LOAD_CONST $1; IS_TYPE $\"string\"", "= false");
    check("LOAD_CONST $false; LOAD_CONST $\"why\"; REQUIRE", "E0501 Requirement failed: why");
    check("LOAD_CONST $true; LOAD_CONST $null; REQUIRE", "");
}

/// A function with so many locals and values on the stack that no window has them.
#[test]
fn many_registers() {
    for count in [100_usize, 240, 250, 300, 2_000] {
        let locals: String = (0..count).map(|i| format!(".local \"v{i}\"\n")).collect();
        let stores: String = (0..count)
            .map(|i| format!("LOAD_NAME $\"n\"; LOAD_CONST ${i}; ADD; STORE_NAME $\"v{i}\"\n"))
            .collect();
        let loads: String = (0..count).map(|i| format!("LOAD_NAME $\"v{i}\"\n")).collect();
        let text = format!(
            "STORE_FUNC $\"f\" $@1; LOAD_CONST $1; CALL_NAME $\"f\" 1
             .func \"f\" scoped\n.param \"n\"\n{locals}{stores}{loads}BUILD_LIST {count}
             LOAD_CONST $@2; CALL_METHOD $\"map\" 1; CALL_BUILTIN $\"sum\" 1; RETURN\n.end
             .func \"\" scoped\n.param \"x\"\n.capture \"v7\"\nLOAD_NAME $\"x\"; LOAD_NAME $\"v7\"; SUB; RETURN\n.end"
        );
        let expected = (0..count as i64).map(|i| i - 7).sum::<i64>();
        let module = module(&text);
        for mode in [LinkMode::Fused, LinkMode::Stepwise] {
            assert_eq!(run(&module, mode, false, false), format!("= {expected}"), "{count} {mode:?}");
        }
    }
}

#[test]
fn gas() {
    let program = "LOAD_CONST $0; STORE_NAME $\"i\"; LOAD_CONST $0; STORE_NAME $\"s\"
         L4:\nLOAD_NAME $\"i\"; LOAD_CONST $3; LT; JUMP_IF_FALSE L17
         LOAD_NAME $\"s\"; LOAD_NAME $\"i\"; ADD; STORE_NAME $\"s\"
         LOAD_NAME $\"i\"; LOAD_CONST $1; ADD; STORE_NAME $\"i\"; JUMP L4\nL17:\nLOAD_NAME $\"s\"";
    let verified = |module: &Module| verify(meter(module)).unwrap();
    for mode in [LinkMode::Fused, LinkMode::Stepwise] {
        for (limit, ends) in [(105, true), (104, false), (50, false), (7, false)] {
            let unlinked =
                Unlinked { path: "main.zx".into(), name: "main".into(), module: verified(&module(program)) };
            let linked = link(vec![unlinked], 0, mode).unwrap();
            let limits = Limits { gas: Some(limit), ..Limits::default() };
            let mut vm = Vm::new(Machine::new(Box::new(Log::default()), limits));
            vm.set_metered(true);
            let ended = vm.run(Arc::new(linked));
            assert_eq!(ended.failures.is_empty(), ends, "{mode:?} {limit}");
            assert_eq!(vm.machine().meter.used(), limit);
            if let Some(failure) = ended.failures.first() {
                assert_eq!(failure.code, 504);
            }
        }
    }
}

#[test]
fn linking_fails() {
    for (text, code) in [
        ("CALL_BUILTIN $\"nothing\" 0", 704),
        ("CALL_BUILTIN $\"@nothing\" 0", 704),
        ("CALL_BUILTIN $\"@new\" 0", 704),
        ("IMPORT $\"http\"", 606),
        ("IMPORT $\"lib/none.zx\"", 601),
    ] {
        let module = verify(module(text)).unwrap();
        let unlinked = Unlinked { path: "main.zx".into(), name: "main".into(), module };
        let error = link(vec![unlinked], 0, LinkMode::Fused).unwrap_err();
        assert_eq!(error.code, code, "{text}");
    }
    check("IMPORT $\"math\"; GET_ATTR $\"pi\"; LOAD_CONST $3; GT", "= true");
}
