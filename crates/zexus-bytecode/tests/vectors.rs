//! The vectors of bytecode.md chapters 1 to 5 and chain.md 2.2.

#![allow(clippy::unwrap_used)]

use num_bigint::BigInt;
use zexus_bytecode::encode::{decode, encode};
use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::{Bytecode, BytecodeBuilder, Const, Module, Opcode, isa, meter, verify};

const LISTING: &str = "\
Bytecode Object (7 instructions, 4 constants)
============================================================

Constants:
    0: 10
    1: 'x'
    2: 20
    3: 'y'

Instructions:
     0  LOAD_CONST            0
     1  STORE_NAME            1
     2  LOAD_CONST            2
     3  STORE_NAME            3
     4  LOAD_NAME             1
     5  LOAD_NAME             3
     6  ADD                 ";

const DEMO: &str = r#".zxasm 1
.meta source_file "demo.zx"
.const "add"
.const @1
.const 3
.const 5
.const "b"
.const "a"
.func "main" scoped
  STORE_FUNC 0 1    ; "add", @1
  LOAD_CONST 2    ; 3
  CALL_NAME 0 1    ; "add"
.end
.func "add" scoped
  .param "a"
  .param "b" optional
  .entry L2
  LOAD_CONST 3    ; 5
  STORE_NAME 4    ; "b"
L2:
  LOAD_NAME 5    ; "a"
  LOAD_NAME 4    ; "b"
  ADD
  RETURN
.end
"#;

fn sum() -> Module {
    let mut b = BytecodeBuilder::new();
    b.function().flags = FnFlags::SCOPED;
    b.emit_constant(10).emit_store("x").emit_constant(20).emit_store("y");
    b.emit_load("x").emit_load("y").emit_add();
    b.build().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn listing() {
    assert_eq!(sum().disassemble(), LISTING);
}

#[test]
fn file_of_92_bytes() {
    let bytes = sum().to_bytes();
    let text = "89 5a 58 43 0d 0a 1a 0a 01 00 00 00 01 0d 00 00 \
                00 04 03 01 0a 05 01 78 03 01 14 05 01 79 02 19 \
                00 00 00 01 04 6d 61 69 6e 01 00 00 00 00 07 01 \
                00 03 01 01 02 03 03 02 01 02 03 0a 31 a6 75 30 \
                52 73 45 3e bf a1 a9 58 62 f2 02 0a 28 bc a7 bc \
                c9 bb b9 e2 75 c5 b4 7d 2b ba 5c 78";
    assert_eq!(hex(&bytes), text.replace(' ', ""));
    assert_eq!(bytes.len(), 92);
    assert_eq!(Module::from_bytes(&bytes), Ok(sum()));
}

#[test]
fn content_hashes() {
    let mut module = sum();
    module.metadata.insert("source_file".to_owned(), "x.zx".to_owned());
    assert_eq!(
        hex(&module.content_hash()),
        "960de20e7aaede838244238c460d19e90734b8ddd3f4abd4932fd66a5ad84d59"
    );
    module.functions[0].flags = FnFlags::default();
    assert_eq!(
        hex(&module.content_hash()),
        "ead4d46db800bbff79d029dc0824f96dfe0f9a65f6426d0626a83ff997bec4ea"
    );
}

#[test]
fn assembler_text() {
    let module = Module::from_asm(DEMO).unwrap();
    assert_eq!(module.to_asm(), DEMO);
    assert_eq!(module.functions[1].entries, [2]);
    assert_eq!(Module::from_bytes(&module.to_bytes()), Ok(module.clone()));
    assert!(module.disassemble().ends_with(
        "\n\nFunction 1: add(a, b) (6 instructions)\n\
         ------------------------------------------------------------\n     \
         0  LOAD_CONST            3\n     1  STORE_NAME            4\n     2  LOAD_NAME             5\n     \
         3  LOAD_NAME             4\n     4  ADD                 \n     5  RETURN              "
    ));
    verify(module).unwrap();
}

#[test]
fn bytecode_by_hand() {
    let mut code = Bytecode::new();
    let six = code.add_constant(6);
    let seven = code.add_constant(7);
    code.add_instruction(Opcode::LoadConst, six);
    code.add_instruction(Opcode::LoadConst, seven);
    let at = code.add_instruction(Opcode::Mul, ());
    assert_eq!((at, code.len()), (2, 3));
}

#[test]
fn metered_loop() {
    let mut b = BytecodeBuilder::new();
    b.emit_constant(0).emit_store("i").emit_constant(0).emit_store("s");
    b.mark_label("h");
    b.emit_load("i").emit_constant(3).emit_lt().emit_jump_if_false("e");
    b.emit_load("s").emit_load("i").emit_add().emit_store("s");
    b.emit_load("i").emit_constant(1).emit_add().emit_store("i").emit_jump("h");
    b.mark_label("e");
    b.emit_load("s");
    let metered = meter(&b.build().unwrap());
    let line = |(pc, i)| format!("{pc} {i:?}");
    let lines: Vec<String> = metered.functions[0].code.iter().enumerate().map(line).collect();
    assert_eq!(
        lines.join("\n"),
        "0 GAS_CHARGE 8\n1 LOAD_CONST 0\n2 STORE_NAME 1\n3 LOAD_CONST 0\n4 STORE_NAME 2\n\
         5 GAS_CHARGE 8\n6 LOAD_NAME 1\n7 LOAD_CONST 3\n8 LT\n9 JUMP_IF_FALSE 20\n\
         10 GAS_CHARGE 21\n11 LOAD_NAME 2\n12 LOAD_NAME 1\n13 ADD\n14 STORE_NAME 2\n\
         15 LOAD_NAME 1\n16 LOAD_CONST 4\n17 ADD\n18 STORE_NAME 1\n19 JUMP 5\n\
         20 GAS_CHARGE 2\n21 LOAD_NAME 2"
    );
    verify(metered).unwrap();
}

#[test]
fn verifier_message() {
    let mut code = Bytecode::new();
    let one = code.add_constant(1);
    code.add_instruction(Opcode::LoadConst, one);
    code.add_instruction(Opcode::Add, ());
    let errors = verify(code).unwrap_err();
    assert_eq!(
        errors[0].report(),
        "error[E0705]: function 0 (main), pc 1: ADD needs 2 values, the stack has 1\n       1  ADD                 "
    );
}

#[test]
fn value_encoding() {
    let big = |text: &str| Const::from(text.parse::<BigInt>().unwrap());
    let list = |items: &[Const]| Const::from(items.to_vec());
    let cases: Vec<(Const, &str)> = vec![
        (Const::Null, "00"),
        (false.into(), "01"),
        (true.into(), "02"),
        (0.into(), "0300"),
        (1.into(), "030101"),
        ((-1).into(), "0301ff"),
        (127.into(), "03017f"),
        (128.into(), "03020080"),
        ((-128).into(), "030180"),
        ((-129).into(), "0302ff7f"),
        (255.into(), "030200ff"),
        (1000.into(), "030203e8"),
        (i64::MAX.into(), "03087fffffffffffffff"),
        (i64::MIN.into(), "03088000000000000000"),
        (big("9223372036854775808"), "0309008000000000000000"),
        (big("-9223372036854775809"), "0309ff7fffffffffffffff"),
        (1.5.into(), "043ff8000000000000"),
        ((-0.0).into(), "048000000000000000"),
        (f64::NAN.into(), "047ff8000000000000"),
        ("".into(), "0500"),
        ("alice".into(), "0505616c696365"),
        ("世".into(), "0503e4b896"),
        (Const::from(&[0_u8, 0xff][..]), "060200ff"),
        (list(&[1.into(), "a".into(), Const::Null]), "070303010105016100"),
        (Const::Map([].into()), "0800"),
        (vec![("a".into(), 1.into()), (2.into(), true.into())].into(), "080205016103010103010202"),
        (Const::Func(300), "0eac02"),
    ];
    for (constant, expected) in cases {
        let bytes = encode(&constant);
        assert_eq!(hex(&bytes), expected);
        assert_eq!(decode(&bytes), Ok(constant));
    }
}

#[test]
fn decoding_is_strict() {
    let check = |text: &str, expected: &str| {
        let digits: Vec<u8> = text.bytes().filter(|b| *b != b' ').collect();
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        assert_eq!(decode(&bytes).unwrap_err().to_string(), expected, "{text}");
    };
    check("", "cut off");
    check("0302", "cut off");
    check("03 8001 01", "cut off");
    check("03 8100 01", "malformed varint");
    check("05 ffffffffffffffffff7f", "malformed varint");
    check("03 01 00", "integer is not in its shortest form");
    check("03 02 0001", "integer is not in its shortest form");
    check("03 02 ff80", "integer is not in its shortest form");
    check("04 7ff8000000000001", "NaN that is not canonical");
    check("05 01 ff", "text is not UTF-8");
    check("08 01 00 00", "map key that is no string, integer or boolean");
    check("08 02 050161 00 050161 00", "map key occurs twice");
    check("09 00", "unknown kind of value 0x09");
    check("00 00", "bytes left over");
    check(&format!("{}0700", "0701".repeat(64)), "nested more than 64 deep");
    check(&format!("03 8204 01{}", "00".repeat(513)), "integer of more than 4096 bits");
    assert!(decode(&[[7, 1].repeat(63), vec![7, 0]].concat()).is_ok());
    assert_eq!(encode(&Const::from(BigInt::from(1) << 4095_u32)).len(), 3 + 513);
}

#[test]
fn opcode_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/opcodes.md");
    assert_eq!(std::fs::read_to_string(path).unwrap(), isa::opcodes_markdown(), "run the example `opcodes`");
}

/// Number, name, operand, stack, gas and flags of every row of the specification, as the table of opcodes has them.
#[test]
fn table_agrees_with_the_specification() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/bytecode.md");
    let spec = std::fs::read_to_string(path).unwrap();
    let mut rows = 0;
    for line in spec.lines() {
        let line = line.replace("| |", "|  |");
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [number, name, operand, stack, gas, ..] = cells[..] else { continue };
        let Ok(number) = number.trim_matches(['|', ' ']).parse::<u8>() else { continue };
        let info = Opcode::from_number(number).unwrap().info();
        assert_eq!(format!("`{}`", info.name), name);
        assert_eq!(info.operand_text(), operand.replace('`', ""), "{name}");
        assert_eq!((info.stack, info.gas_text()), (stack, gas.to_owned()), "{name}");
        // The rows of declarations have a column less.
        let flags = cells[5].trim_matches('–');
        assert_eq!(info.flags.letters(), flags, "{name}");
        let (before, after) = stack.split_once('→').unwrap();
        let fixed = |text: &str| !text.contains(['…', '?', '⊥']) && !text.contains("args");
        if fixed(before) && fixed(after) {
            assert_eq!(info.pops.base as usize, before.split_whitespace().count(), "{name}");
            assert_eq!(info.pushes.base as usize, after.split_whitespace().count(), "{name}");
        }
        rows += 1;
    }
    assert_eq!(rows, Opcode::ALL.len());
}
