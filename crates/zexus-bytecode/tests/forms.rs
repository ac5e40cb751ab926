//! The forms of a module: texts of constants, the assembler's errors, what the binary reader rejects.

#![allow(clippy::unwrap_used)]

use sha2::{Digest, Sha256};
use zexus_bytecode::{
    BuildError, BytecodeBuilder, Const, Function, FunctionBuilder, Module, Opcode, Param, Run, meter,
};

fn listed(constant: impl Into<Const>) -> String {
    let mut module = Module::new();
    module.add_constant(constant);
    module.disassemble().lines().nth(4).unwrap().trim_start_matches("    0: ").to_owned()
}

#[test]
fn texts_of_constants() {
    assert_eq!(listed(()), "null");
    assert_eq!(listed(true), "true");
    assert_eq!(listed(-12), "-12");
    assert_eq!(listed(1.0), "1.0");
    assert_eq!(listed(1e16), "1e+16");
    assert_eq!(listed(f64::NAN), "nan");
    assert_eq!(listed("it's \\ \n\r\t\u{1} é \"x\""), r#"'it\'s \\ \n\r\t\u{1} é "x"'"#);
    assert_eq!(listed(&[0_u8, 255][..]), "0x00ff");
    assert_eq!(listed(vec![1.into(), Const::from("a")]), "[1, 'a']");
    assert_eq!(listed(vec![(Const::from("a"), 1.into())]), "{'a': 1}");
    assert_eq!(listed(Const::Func(1)), "<function 1>");
    assert_eq!(listed("x".repeat(48)), format!("'{}'", "x".repeat(48)));
    assert_eq!(listed("é".repeat(49)), format!("'{}...", "é".repeat(46)));
    assert_eq!(listed("x".repeat(1_000_000)), format!("'{}...", "x".repeat(46)));
}

#[test]
fn empty_listing() {
    let line = "=".repeat(60);
    assert_eq!(
        Module::new().disassemble(),
        format!("Bytecode Object (0 instructions, 0 constants)\n{line}\n\nInstructions:")
    );
    let mut module = Module::new();
    module.add_instruction(Opcode::CallName, (1, 0));
    assert!(module.disassemble().ends_with("\n     0  CALL_NAME             (1, 0)"));
}

#[test]
fn equal_constants_share_a_place() {
    let mut module = Module::new();
    let places: Vec<u32> = vec![
        module.add_constant(1),
        module.add_constant(1.0),
        module.add_constant(true),
        module.add_constant(0.0),
        module.add_constant(-0.0),
        module.add_constant(1),
        module.add_constant(f64::NAN),
        module.add_constant(-f64::NAN),
        module.add_constant("1"),
    ];
    assert_eq!(places, [0, 1, 2, 3, 4, 0, 5, 5, 6]);
    let mut copy = module.clone();
    assert_eq!(copy.add_constant("1"), 6);
    assert_eq!(copy.add_constant("2"), 7);
    let (a, b) = ((Const::from("a"), Const::from(1)), (Const::from("b"), Const::from(2)));
    assert_eq!(copy.add_constant(vec![a.clone(), b.clone()]), 8);
    assert_eq!(copy.add_constant(vec![b, a]), 9);
}

#[test]
fn builder_errors() {
    let mut b = BytecodeBuilder::new();
    b.emit_jump("x");
    assert_eq!(b.build(), Err(BuildError::Unmarked("x".to_owned())));
    let mut b = BytecodeBuilder::new();
    b.mark_label("x").mark_label("x");
    assert_eq!(b.build().unwrap_err().to_string(), "label 'x' is marked twice");
    let mut f = FunctionBuilder::new("f");
    let label = f.label();
    f.emit_to(Opcode::Jump, label);
    assert_eq!(f.finish(), Err(BuildError::Unmarked("L0".to_owned())));
}

#[test]
fn builder_of_every_kind_of_operand() {
    let mut b = BytecodeBuilder::new();
    b.emit_state_read("total")
        .emit_gas_charge(50)
        .emit_tx_revert()
        .emit_tx_revert_with("why")
        .emit_print_with(2);
    b.emit_for_iter("end", 2)
        .emit_store_func("f", 1)
        .emit_check_type("int", "m")
        .emit_ledger_append_with("k");
    b.mark_label("end");
    let code: Vec<String> = b.build().unwrap().functions[0].code.iter().map(|i| format!("{i:?}")).collect();
    assert_eq!(
        code.join(", "),
        "STATE_READ 0, GAS_CHARGE 50, TX_REVERT, TX_REVERT 1, PRINT 2, FOR_ITER (9, 2), STORE_FUNC (2, 3), \
         CHECK_TYPE (4, 5), LEDGER_APPEND 6"
    );
}

#[test]
fn meter_moves_entries_and_source_map() {
    let mut module = Module::new();
    let mut f = FunctionBuilder::of(Function { params: vec![Param::optional("a")], ..Function::new("f") });
    let file = module.source_map.add_file("a.zx");
    let given = f.label();
    f.at(file, 1, 1);
    f.emit(Opcode::Nop, ());
    f.entry(given);
    f.mark(given);
    f.at(file, 2, 1);
    f.emit(Opcode::GasCharge, 7);
    f.at(file, 3, 1);
    f.emit(Opcode::Nop, ());
    f.at(file, 3, 1);
    f.emit(Opcode::Return, ());
    let (function, runs) = f.finish().unwrap();
    let index = module.add_function(function);
    module.source_map.set_runs(index, runs);
    let metered = meter(&module);
    let code: Vec<String> = metered.functions[1].code.iter().map(|i| format!("{i:?}")).collect();
    assert_eq!(code, ["GAS_CHARGE 1", "NOP", "GAS_CHARGE 3", "GAS_CHARGE 7", "NOP", "RETURN"]);
    assert_eq!(metered.functions[1].entries, [2]);
    let lines: Vec<(u32, u32)> = metered.source_map.runs(1).iter().map(|run| (run.pc, run.line)).collect();
    assert_eq!(lines, [(0, 1), (2, 2), (4, 3)]);
    assert_eq!(metered.source_map.find(1, 5), Some(Run::new(4, 0, 3, 1)));
    assert_eq!(Module::from_asm(&metered.to_asm()), Ok(metered.clone()));
    assert_eq!(Module::from_bytes(&metered.to_bytes()), Ok(metered));
}

fn asm_error(text: &str, expected: &str) {
    let error = Module::from_asm(text).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.code()), (expected, "E0704"), "{text}");
}

#[test]
fn assembler_errors() {
    asm_error("", "line 1: expected '.zxasm 1'");
    asm_error(".zxasm 2", "line 1: expected '.zxasm 1'");
    let in_module =
        |line: &str, expected: &str| asm_error(&format!(".zxasm 1\n{line}"), &format!("line 2: {expected}"));
    in_module("ADD", "unexpected 'ADD' outside a function");
    in_module(".const", "malformed literal end of line");
    in_module(".const 1 2", "unexpected '2'");
    in_module(".const 1.2.3", "malformed literal '1.2.3'");
    in_module(".const 1e999", "malformed literal '1e999'");
    in_module(".const \"\\ud800\"", "half of a surrogate pair");
    in_module(".const \"a", "string without end");
    in_module(".const x\"0\"", "malformed bytes");
    in_module(".const [1 2]", "expected ',', found '2]'");
    in_module(".const {1 2}", "expected ':', found '2}'");
    in_module(&format!(".const {}", "9".repeat(100_000)), &format!("malformed literal '{}'", "9".repeat(40)));
    in_module(&format!(".const {}", "[".repeat(100_000)), "nested more than 64 deep");
    in_module(".const @x", "malformed function");
    in_module(".func main", "expected a string, found 'main'");
    in_module(".func \"f\" fast", "unknown flag 'fast'");
    in_module(".func \"f\"", "function without '.end'");
    asm_error(".zxasm 1\n.const 1\n.const 1", "line 3: equal to constant 0");
    asm_error(".zxasm 1\n.meta a \"x\"\n.meta a \"y\"", "line 3: metadata 'a' given twice");
    let in_function = |line: &str, expected: &str| {
        asm_error(&format!(".zxasm 1\n.func \"main\"\n{line}\n.end"), &format!("line 3: {expected}"));
    };
    in_function("FOO", "unknown opcode 'FOO'");
    in_function("LOAD_CONST x", "malformed operand 'x'");
    in_function("GAS_CHARGE -5", "malformed operand '-5'");
    in_function("GAS_CHARGE 18446744073709551616", "malformed number '18446744073709551616'");
    in_function("CALL_NAME 4294967296 0", "number 4294967296 is out of range");
    in_function("CALL_NAME 1 2 3", "unexpected '3'");
    in_function(".line 0 1 1", "file 0 does not exist");
    in_function(".param \"a\" maybe", "unknown kind of parameter 'maybe'");
    in_function("5:", "label '5' starts with a digit");
    asm_error(".zxasm 1\n.func \"f\"\na:\na:\n.end", "line 4: label 'a' is marked twice");
    asm_error(".zxasm 1\n.func \"f\"\nJUMP a\n.end", "line 4: label 'a' of line 3 is not marked");
}

#[test]
fn assembler_reads_freely() {
    let text = "; a comment\r\n\n.zxasm 1 ; yes\r\n.const \"a;b\" ; c\n.func \"main\" scoped async\n  loop:\nNOP\nJUMP loop;x\n.end";
    let module = Module::from_asm(text).unwrap();
    assert_eq!(module.functions[0].flags.0, 3);
    assert_eq!(module.constants[0], Const::from("a;b"));
    assert_eq!(module.functions[0].code[1].first(), 0);
}

/// The bytes with a right sum at their end.
fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

fn file(sections: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = b"\x89ZXC\r\n\x1a\n\x01\0\0\0".to_vec();
    for (number, body) in sections {
        bytes.push(*number);
        bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
        bytes.extend_from_slice(body);
    }
    summed(bytes)
}

fn rejected(bytes: &[u8], expected: &str) {
    let error = Module::from_bytes(bytes).unwrap_err();
    assert_eq!(format!("{} {error}", error.code()), expected);
}

const MAIN: &[u8] = b"\x01\x04main\0\0\0\0\0\0";

#[test]
fn binary_reader_rejects() {
    assert_eq!(Module::from_bytes(&file(&[(1, &[0]), (2, MAIN)])), Ok(Module::new()));
    let whole = Module::new().to_bytes();
    rejected(b"", "E0701 not a bytecode module");
    rejected(b"let x = 1", "E0701 not a bytecode module");
    rejected(&whole[..9], "E0702 bytecode module is damaged: cut off, before byte 9");
    rejected(&whole[..40], "E0702 bytecode module is damaged: cut off, before byte 40");
    rejected(
        &whole[..whole.len() - 1],
        &format!("E0702 bytecode module is damaged: wrong sum, before byte {}", whole.len() - 1),
    );
    let mut version = whole.clone();
    version[8] = 2;
    rejected(&version, "E0701 bytecode module of unknown version 2");
    let mut reserved = whole[..whole.len() - 32].to_vec();
    reserved[10] = 1;
    rejected(
        &summed(reserved),
        "E0702 bytecode module is damaged: reserved bytes are not zero, before byte 12",
    );
    let damaged = |sections: &[(u8, &[u8])], expected: &str| {
        let error = Module::from_bytes(&file(sections)).unwrap_err().to_string();
        let what = error.strip_prefix("bytecode module is damaged: ").unwrap_or(&error);
        assert_eq!(what.split(", before byte").next(), Some(expected));
    };
    damaged(&[], "a section is missing");
    damaged(&[(1, &[0])], "a section is missing");
    damaged(&[(2, MAIN)], "sections missing or out of order");
    damaged(&[(1, &[0]), (1, &[0])], "sections missing or out of order");
    damaged(&[(1, &[0]), (2, MAIN), (5, &[])], "unknown section 5");
    damaged(&[(1, &[0, 0]), (2, MAIN)], "bytes left over");
    damaged(&[(1, &[1]), (2, MAIN)], "cut off");
    damaged(&[(1, &[2, 0, 0]), (2, MAIN)], "constant is equal to an earlier one");
    damaged(&[(1, &[0x80, 0]), (2, MAIN)], "malformed varint");
    damaged(&[(1, &[0]), (2, b"\x01\x04main\x80\x08\0\0\0\0\0")], "unknown flags");
    damaged(&[(1, &[0]), (2, b"\x01\x04main\0\0\x01\x01a\x03\0\0\0")], "unknown kind of parameter 3");
    damaged(
        &[(1, &[0]), (2, b"\x01\x04main\0\0\0\0\0\x01\xc8")],
        "function 0 (main), pc 0: unknown opcode 200",
    );
    damaged(&[(1, &[0]), (2, MAIN), (3, &[0, 0])], "empty section");
    damaged(&[(1, &[0]), (2, MAIN), (3, &[0, 1, 0, 0, 1, 1])], "run of the source map out of order or range");
    damaged(&[(1, &[0]), (2, MAIN), (4, &[0])], "empty section");
    damaged(&[(1, &[0]), (2, MAIN), (4, b"\x02\x01b\0\x01a\0")], "metadata out of order");
    rejected(&vec![0; (16 << 20) + 1], "E0707 bytecode module has more than 16777216 bytes");
}

#[test]
fn binary_form_keeps_the_largest_amounts() {
    let mut module = Module::new();
    module.functions[0].gas_limit = Some(u64::MAX);
    module.add_instruction(Opcode::GasCharge, u64::MAX);
    module.add_instruction(Opcode::Print, u64::MAX);
    module.add_instruction(Opcode::Print, 0);
    assert_eq!(Module::from_bytes(&module.to_bytes()), Ok(module.clone()));
    assert_eq!(Module::from_asm(&module.to_asm()), Ok(module));
}
