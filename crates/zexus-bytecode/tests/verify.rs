//! Rules of the verifier (bytecode.md, chapter 4), one by one.

#![allow(clippy::unwrap_used)]

use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::verify::{NO_REGION, UNREACHED};
use zexus_bytecode::{
    Const, Function, Instruction, Module, Opcode, Operand, Param, VerifyError, limits, verify,
};

/// A module whose entry function has this code, in the notation of the assembler.
fn module(constants: &[&str], code: &str) -> Module {
    let constants: String = constants.iter().map(|c| format!(".const {c}\n")).collect();
    Module::from_asm(&format!(".zxasm 1\n{constants}.func \"main\"\n{code}\n.end\n")).unwrap()
}

fn show(errors: &[VerifyError]) -> String {
    let lines: Vec<String> = errors.iter().map(|e| format!("{} {e}", e.code)).collect();
    lines.join("\n").replace("function 0 (main), ", "")
}

fn errors(module: Module) -> String {
    verify(module).map_or_else(|errors| show(&errors), |_| "ok".to_owned())
}

/// Constants separated by `;`, code separated by `,`.
fn check(constants: &str, code: &str, expected: &str) {
    let constants: Vec<&str> = constants.split(';').map(str::trim).filter(|c| !c.is_empty()).collect();
    let code = code.replace(',', "\n");
    assert_eq!(errors(module(&constants, &code)), expected, "{code}");
}

#[test]
fn step_1_opcodes() {
    check("", "INVALID 200", "E0703 pc 0: unknown opcode 200");
    check(
        "",
        "NOP, INVALID 18, NOP, INVALID 999",
        "E0703 pc 1: unknown opcode 18\nE0703 pc 3: unknown opcode 999",
    );
    let mut module = Module::new();
    module.functions[0].code.push(Instruction::from_number(256, ()));
    assert_eq!(errors(module), "E0703 pc 0: unknown opcode 256");
}

#[test]
fn step_2_presence() {
    check("", "ADD 1", "E0704 pc 0: ADD takes no operand");
    check("1", "LOAD_CONST", "E0704 pc 0: the operand of LOAD_CONST is one number");
    check("1", "LOAD_CONST 0 0", "E0704 pc 0: the operand of LOAD_CONST is one number");
    check("\"f\"", "CALL_NAME 0", "E0704 pc 0: the operand of CALL_NAME is a pair of numbers");
    check(
        "",
        "GAS_CHARGE ?",
        "E0704 pc 0: the operand of GAS_CHARGE is neither a number nor a pair of numbers",
    );
    check("1", "LOAD_CONST 0, PRINT", "ok");
    check("", "PRINT 0, TX_REVERT", "ok");
    let mut negative = Module::new();
    negative.add_instruction(Opcode::GasCharge, -5);
    assert!(errors(negative).starts_with("E0704 pc 0: the operand of GAS_CHARGE"));
}

#[test]
fn step_2_constants() {
    check("1", "LOAD_CONST 1", "E0704 pc 0: constant 1 is out of range, the pool has 1 constant");
    check("1", "LOAD_NAME 0", "E0704 pc 0: constant 0 is no name");
    check("\"\"", "LOAD_NAME 0", "E0704 pc 0: constant 0 is no name");
    check("\"a\\nb\"", "LOAD_NAME 0", "E0704 pc 0: constant 0 is no name");
    check("\"x#1\"", "LOAD_NAME 0", "ok");
    check("\"\"", "STATE_READ 0", "E0704 pc 0: constant 0 is no key");
    check("\"a\"; 5", "STORE_FUNC 0 1", "E0704 pc 0: constant 1 is no function");
    check("\"a\"; @0", "STORE_FUNC 0 1", "ok");
    check("@1", "LOAD_CONST 0", "E0704 module: constant 0: function 1 does not exist");
    check("\"a\"; @0", "STORE_CONST 0 1", "E0704 pc 0: constant 1 is a function");
    check("5", "IMPORT 0", "E0704 pc 0: constant 0 is no string");
    check("{\"f\": @0}", "LOAD_CONST 0", "E0704 pc 0: constant 0 is a value that holds functions");
    check("[@0]", "NOP", "E0704 module: constant 0: function in a list");
    check("{null: 1}", "NOP", "E0704 module: constant 0: map key that is no string, integer or boolean");
    check("{1: 1, 1: 2}", "NOP", "E0704 module: constant 0: map key occurs twice");
    check("{1: 1, true: 2, \"1\": 3}", "LOAD_CONST 0", "ok");
    let mut long = Module::new();
    let name = long.add_constant("n".repeat(256));
    long.add_instruction(Opcode::LoadName, name);
    assert_eq!(errors(long), "E0704 pc 0: constant 0 is no name");
    let mut key = Module::new();
    let index = key.add_constant("k".repeat(1025));
    key.add_instruction(Opcode::StateRead, index);
    assert_eq!(errors(key), "E0704 pc 0: constant 0 is no key");
    let mut big = Module::new();
    big.add_constant(num_bigint::BigInt::from(1) << 4096_u32);
    assert_eq!(errors(big), "E0704 module: constant 0: integer of more than 4096 bits");
}

#[test]
fn step_2_counts() {
    check("", "BUILD_LIST 65536", "E0704 pc 0: count 65536 of BUILD_LIST is above 65535");
    check("", "SPAWN 256", "E0704 pc 0: 256 arguments of SPAWN are above 255");
    check("1", "LOAD_CONST 0, GET_ITER 3", "E0704 pc 1: GET_ITER takes 1 or 2 names, not 3");
    check(
        "1",
        "LOAD_CONST 0, GET_ITER 1, L2:, FOR_ITER L2 0",
        "E0704 pc 2: FOR_ITER takes 1 or 2 names, not 0",
    );
    check("1", "LOAD_CONST 0, DUP, BUILD_RANGE 2", "E0704 pc 2: BUILD_RANGE takes 0 or 1, not 2");
    check("", "GAS_CHARGE 18446744073709551615", "ok");
    check("\"x\"", "EXPORT 0", "ok");
    let text = ".zxasm 1\n.const \"x\"\n.func \"main\"\n.end\n.func \"f\"\nEXPORT 0\n.end\n";
    let found = errors(Module::from_asm(text).unwrap());
    assert_eq!(found, "E0704 function 1 (f), pc 0: EXPORT outside the entry function");
}

#[test]
fn step_2_descriptors() {
    let define = |op: &str, descriptor: &str, expected: &str| {
        let found = errors(module(&["\"T\"", descriptor], &format!("{op} 0 1")));
        assert_eq!(
            found.strip_prefix("E0704 pc 0: constant 1 is no ").unwrap_or(&found),
            expected,
            "{descriptor}"
        );
    };
    define("DEFINE_ENUM", r#"{"A": 1, "B": "b"}"#, "ok");
    define("DEFINE_ENUM", r#"{"A": null}"#, "enum: 'A': a member is neither an integer nor a string");
    define("DEFINE_ENUM", "5", "enum: it is no map");
    define(
        "DEFINE_PROTOCOL",
        r#"{"name": "P", "actions": {"f": [0, 2], "g": [1, null]}, "fields": ["x"]}"#,
        "ok",
    );
    define("DEFINE_PROTOCOL", r#"{"actions": {}}"#, "protocol: 'name' is missing");
    define(
        "DEFINE_PROTOCOL",
        r#"{"name": "P", "actions": {"f": [2, 1]}}"#,
        "protocol: 'actions': 'f': it is no pair of counts",
    );
    define("DEFINE_PROTOCOL", r#"{"name": "P", "colour": 1}"#, "protocol: unknown key 'colour'");
    define(
        "DEFINE_ENTITY",
        r#"{"name": "D", "kind": "data", "sealed": true, "fields": {"x": {"type": "int?", "default": @0}}, "methods": {"m": @0}}"#,
        "ok",
    );
    define("DEFINE_ENTITY", r#"{"name": "D"}"#, "data type: 'kind' is missing");
    define("DEFINE_ENTITY", r#"{"name": "D", "kind": "class"}"#, "data type: 'kind': malformed");
    define(
        "DEFINE_ENTITY",
        r#"{"name": "D", "kind": "data", "methods": {"m": 1}}"#,
        "data type: 'methods': 'm': it is no function",
    );
    define(
        "DEFINE_CONTRACT",
        r#"{"name": "C", "state": {"n": {"type": "int", "init": 0, "private": true}}, "actions": {"f": @0}, "events": {"E": ["a"]}}"#,
        "ok",
    );
    define(
        "DEFINE_CONTRACT",
        r#"{"name": "C", "state": {"n": {"ledger": 1}}}"#,
        "contract: 'state': 'n': 'ledger': malformed",
    );
    check(
        "null; {\"id\": \"int\", \"o\": {\"n\": \"string?\"}}; \"m {}\"",
        "LOAD_CONST 0, CHECK_TYPE 1 2, IS_TYPE 1",
        "ok",
    );
    check(
        "null; 5",
        "LOAD_CONST 0, IS_TYPE 1",
        "E0704 pc 1: constant 1 is no type: a type is neither a text nor a map",
    );
}

#[test]
fn step_3_functions() {
    let entry = |change: fn(&mut Function)| {
        let mut module = Module::new();
        change(&mut module.functions[0]);
        errors(module)
    };
    assert_eq!(
        entry(|f| f.params.push(Param::required("a"))),
        "E0704 function 0 (main): the entry function has parameters"
    );
    assert_eq!(
        entry(|f| f.captures.push("a".into())),
        "E0704 function 0 (main): the entry function has captures"
    );
    assert_eq!(entry(|f| f.entries.push(0)), "E0704 function 0 (main): 0 optional parameters, but 1 entries");
    assert_eq!(entry(|f| f.flags = FnFlags(1024)), "E0704 function 0 (main): unknown flags 1024");
    assert_eq!(
        entry(|f| f.locals.push("".into())),
        "E0704 function 0 (main): a parameter, local or capture is no name"
    );
    let other = |change: fn(&mut Function)| {
        let mut module = Module::new();
        let mut f = Function::new("f");
        change(&mut f);
        module.add_function(f);
        errors(module).replace("E0704 function 1 (f): ", "")
    };
    assert_eq!(other(|f| f.params.push(Param::optional("a"))), "1 optional parameter, but 0 entries");
    assert_eq!(
        other(|f| f.params = vec![Param::rest("r"), Param::required("a")]),
        "rest parameter 'r' is not the last one"
    );
    assert_eq!(other(|f| f.params = vec![Param::required("a"), Param::rest("r")]), "ok");
    let twice = "'a' is given twice among parameters, locals and captures";
    assert_eq!(other(|f| f.locals = vec!["a".into(), "a".into()]), twice);
    assert_eq!(other(|f| (f.params, f.captures) = (vec![Param::required("a")], vec!["a".into()])), twice);
}

#[test]
fn step_3_captures() {
    let text = |flags: &str, names: &str| {
        format!(
            ".zxasm 1\n.const @2\n.const 1\n.const \"v\"\n.func \"main\"\n.end\n\
             .func \"g\" {flags}\n{names}\nLOAD_CONST 1\nSTORE_NAME 2\nLOAD_CONST 0\n.end\n\
             .func \"f\" scoped\n.capture \"v\"\n.end\n"
        )
    };
    let missing = "E0704 function 1 (g), pc 2: function 2 (f) captures 'v', which does not exist here";
    let check = |flags: &str, names: &str, expected: &str| {
        assert_eq!(errors(Module::from_asm(&text(flags, names)).unwrap()), expected, "{flags} {names}");
    };
    check("scoped", "", missing);
    check("scoped", ".local \"v\"", "ok");
    check("scoped", ".param \"v\"", "ok");
    check("", "", "ok");
    let entry =
        ".zxasm 1\n.const @1\n.func \"main\"\nLOAD_CONST 0\n.end\n.func \"f\" scoped\n.capture \"v\"\n.end\n";
    assert_eq!(
        errors(Module::from_asm(entry).unwrap()),
        "E0704 pc 0: function 1 (f) captures 'v', which does not exist here"
    );
}

#[test]
fn step_4_labels() {
    check("", "JUMP 7", "E0706 pc 0: JUMP leads to 7, the code has 1 instruction");
    check("", "NOP, SETUP_TRY 99", "E0706 pc 1: SETUP_TRY leads to 99, the code has 2 instructions");
    check("", "JUMP L, L:", "ok");
    check(
        "",
        "JUMP 18446744073709551615",
        "E0706 pc 0: JUMP leads to 18446744073709551615, the code has 1 instruction",
    );
    let mut module = Module::new();
    let mut f = Function::new("f");
    (f.params, f.entries) = (vec![Param::optional("a")], vec![1]);
    module.add_function(f);
    assert_eq!(errors(module), "E0706 function 1 (f): an entry is at 1, the code has 0 instructions");
}

#[test]
fn step_5_limits() {
    let nested = |n: usize| module(&[], &format!("{}L:", "SETUP_TRY L\n".repeat(n)));
    assert_eq!(errors(nested(64)), "ok");
    assert_eq!(errors(nested(65)), "E0707 pc 64: regions nested more than 64 deep");
    let mut high = Module::new();
    let one = high.add_constant(1);
    for _ in 0..limits::STACK {
        high.add_instruction(Opcode::LoadConst, one);
    }
    assert_eq!(verify(high.clone()).unwrap().facts()[0].max_stack, 65_535);
    high.add_instruction(Opcode::LoadConst, one);
    assert_eq!(errors(high), "E0707 pc 65535: more than 65535 values on the stack");
    let mut many = Module::new();
    many.functions[0].locals = (0..65_536).map(|i| format!("v{i}").into()).collect();
    assert_eq!(errors(many), "E0707 function 0 (main): 65536 locals and captures, the limit is 65535");
    let mut long = Module::new();
    long.functions[0].code = vec![Instruction::new(Opcode::Nop, ()); 1_000_001];
    assert_eq!(errors(long), "E0707 function 0 (main): 1000001 instructions, the limit is 1000000");
    let mut huge = Module::new();
    huge.add_constant("x".repeat(1 << 20));
    assert_eq!(errors(huge), "E0707 module: constant 0: its encoding is longer than 1048576 bytes");
}

#[test]
fn step_6_heights() {
    check("", "POP", "E0705 pc 0: POP needs 1 value, the stack has 0");
    check("1", "LOAD_CONST 0, ADD", "E0705 pc 1: ADD needs 2 values, the stack has 1");
    check("\"f\"", "CALL_NAME 0 2", "E0705 pc 0: CALL_NAME needs 2 values, the stack has 0");
    check("", "BUILD_MAP 2", "E0705 pc 0: BUILD_MAP needs 4 values, the stack has 0");
    check("", "PRINT", "E0705 pc 0: PRINT needs 1 value, the stack has 0");
    check(
        "",
        "POP, POP",
        "E0705 pc 0: POP needs 1 value, the stack has 0\nE0705 pc 1: POP needs 1 value, the stack has 0",
    );
    check(
        "1",
        "LOAD_CONST 0, JUMP_IF_TRUE L, LOAD_CONST 0, L:, NOP",
        "E0705 pc 3: paths meet with 0 and 1 value on the stack",
    );
    check("1", "LOAD_CONST 0, JUMP_IF_TRUE L, LOAD_CONST 0, L:", "ok");
    check("1", "L:, LOAD_CONST 0, JUMP L", "E0705 pc 0: paths meet with 0 and 1 value on the stack");
    check("1", "LOAD_CONST 0, RETURN, POP, POP", "ok");
    check("1", "LOAD_CONST 0, LOAD_CONST 0, RETURN", "ok");
    check("1", "RETURN", "ok");
    check("", "THROW", "E0705 pc 0: THROW needs 1 value, the stack has 0");
    check("1", "LOAD_CONST 0, GET_ITER 2, H:, FOR_ITER E 2, POP, POP, JUMP H, E:, NOP", "ok");
    check(
        "1",
        "LOAD_CONST 0, GET_ITER 1, H:, FOR_ITER E 1, JUMP H, E:, NOP",
        "E0705 pc 2: paths meet with 1 and 2 values on the stack",
    );
    check("1", "LOAD_CONST 0, JUMP_IF_NULL L, POP, LOAD_CONST 0, L:, POP", "ok");
    check("1", "SETUP_TRY H, POP_TRY, JUMP E, H:, POP, E:, NOP", "ok");
    check(
        "1",
        "SETUP_TRY H, POP_TRY, H:, POP, NOP",
        "E0705 pc 2: paths meet with 0 and 1 value on the stack",
    );
    check(
        "1",
        "LOAD_CONST 0, SETUP_TRY H, POP, POP_TRY, H:",
        "E0705 pc 2: POP takes values from below the open region, which began with 1",
    );
    check(
        "1",
        "LOAD_CONST 0, SETUP_TRY H, DUP, POP, POP_TRY, H:, NOP",
        "E0705 pc 5: paths meet with 1 and 2 values on the stack",
    );
    check("1", "LOAD_CONST 0, SETUP_TRY H, DUP, POP_TRY, H:, NOP", "ok");
}

#[test]
fn step_7_regions() {
    check("", "POP_TRY", "E0705 pc 0: POP_TRY without an open region");
    check("", "SETUP_TRY H, POP_TRY, POP_TRY, H:", "E0705 pc 2: POP_TRY without an open region");
    check("", "SETUP_TRY H, RETURN, H:", "ok");
    check("1", "SETUP_TRY H, LOAD_CONST 0, THROW, H:", "ok");
    check(
        "1",
        "LOAD_CONST 0, JUMP_IF_TRUE L, SETUP_TRY H, L:, NOP, H:",
        "E0705 pc 3: paths meet with different regions open",
    );
    check("", "L:, SETUP_TRY H, JUMP L, H:", "E0705 pc 0: paths meet with different regions open");
    check("", "RETURN, POP_TRY", "ok");
}

#[test]
fn first_failing_step_of_each_function() {
    let text = ".zxasm 1\n.func \"main\"\nPOP\nADD 1\nADD 1\n.end\n.func \"f\"\nPOP\n.end\n";
    assert_eq!(
        errors(Module::from_asm(text).unwrap()),
        "E0704 pc 1: ADD takes no operand\nE0704 pc 2: ADD takes no operand\n\
         E0705 function 1 (f), pc 0: POP needs 1 value, the stack has 0"
    );
    let mut many = Module::new();
    for _ in 0..100 {
        many.add_instruction(Opcode::Add, 1);
    }
    assert_eq!(verify(many).unwrap_err().len(), 20);
    assert_eq!(
        errors(Module { functions: Vec::new(), ..Module::new() }),
        "E0704 module: there is no entry function"
    );
}

#[test]
fn facts() {
    let code = "LOAD_CONST 0\nSETUP_FINALLY H\nLOAD_CONST 0\nPOP\nPOP_TRY\nRETURN\nNOP\nH:\nTHROW";
    let verified = verify(module(&["1"], code)).unwrap();
    let facts = &verified.facts()[0];
    assert_eq!(facts.heights, [0, 1, 1, 2, 1, 1, UNREACHED, 2]);
    assert_eq!(facts.region_of, [NO_REGION, NO_REGION, 0, 0, 0, NO_REGION, NO_REGION, NO_REGION]);
    assert_eq!((facts.max_stack, facts.regions.len()), (2, 1));
    let region = facts.regions[0];
    assert_eq!((region.parent, region.handler, region.height, region.finally), (NO_REGION, 7, 1, true));
    assert_eq!(facts.block_starts, [0, 2, 6, 7]);
}

#[test]
fn operands_of_any_kind_are_kept() {
    let module = {
        let mut m = Module::new();
        m.add_instruction(Opcode::Nop, Operand::Two(1, 2));
        m.add_constant(Const::Null);
        m
    };
    assert_eq!(Module::from_asm(&module.to_asm()), Ok(module.clone()));
    assert_eq!(Module::from_bytes(&module.to_bytes()).unwrap_err().code(), "E0703");
}
