//! Round trips of arbitrary modules, and mutations that must neither panic nor slip through.

#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::verify::UNREACHED;
use zexus_bytecode::{
    BytecodeBuilder, Const, Function, Instruction, Module, Opcode, Operand, OperandKind, Param, Run, meter,
    verify,
};

fn constant() -> impl Strategy<Value = Const> {
    let scalar = prop_oneof![
        Just(Const::Null),
        any::<bool>().prop_map(Const::from),
        any::<i64>().prop_map(Const::from),
        vec(any::<u8>(), 0..40).prop_map(|b| Const::from(num_bigint::BigInt::from_signed_bytes_be(&b))),
        any::<f64>().prop_map(Const::from),
        any::<String>().prop_map(Const::from),
        "[a-z]{1,3}".prop_map(Const::from),
        vec(any::<u8>(), 0..4).prop_map(|b| Const::from(&b[..])),
        (0_u32..3).prop_map(Const::Func),
    ];
    scalar.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Const::from),
            vec(inner, 0..4).prop_map(|values| {
                let entries = values.into_iter().enumerate();
                Const::from(entries.map(|(i, v)| (Const::from(i as u64), v)).collect::<Vec<_>>())
            }),
        ]
    })
}

fn instruction() -> impl Strategy<Value = Instruction> {
    let op = proptest::sample::select(Opcode::ALL);
    (op, any::<u32>(), any::<u32>(), any::<u64>(), any::<bool>()).prop_map(|(op, a, b, big, absent)| {
        let small = |kind: OperandKind, n: u32| if kind == OperandKind::Label { n % 12 } else { n };
        let operand = match op.info().operands {
            [] => Operand::None,
            [_] if op.info().optional && absent => Operand::None,
            [OperandKind::Amount | OperandKind::Const] => Operand::One(big),
            [kind] => Operand::One(small(*kind, a).into()),
            [first, second, ..] => Operand::Two(small(*first, a), small(*second, b)),
        };
        Instruction::new(op, operand)
    })
}

fn function() -> impl Strategy<Value = Function> {
    let names = || vec("[a-z#@]{1,3}", 0..3);
    let code = vec(instruction(), 0..10);
    let params = vec(("[a-z]{1,2}", 0..3), 0..3);
    (any::<String>(), 0_u16..1024, any::<Option<u64>>(), params, names(), names(), code).prop_map(
        |(name, flags, gas_limit, params, locals, captures, code)| {
            let make = |(name, kind): (String, i32)| match kind {
                0 => Param::required(name),
                1 => Param::optional(name),
                _ => Param::rest(name),
            };
            let mut f = Function { flags: FnFlags(flags), gas_limit, code, ..Function::new(name) };
            f.params = params.into_iter().map(make).collect();
            f.entries = (0..f.optional_params() as u32).collect();
            f.locals = locals.into_iter().map(Into::into).collect();
            f.captures = captures.into_iter().map(Into::into).collect();
            f
        },
    )
}

fn module() -> impl Strategy<Value = Module> {
    let metadata = proptest::collection::btree_map(any::<String>(), any::<String>(), 0..3);
    let runs = vec((0_u32..4, any::<u32>(), any::<u32>()), 0..4);
    (vec(constant(), 0..8), vec(function(), 1..4), metadata, vec(any::<String>(), 0..3), runs).prop_map(
        |(constants, functions, metadata, files, runs)| {
            let mut module = Module { functions, metadata, ..Module::new() };
            for constant in constants {
                module.add_constant(constant);
            }
            let len = module.functions[0].code.len() as u32;
            let has_file = !files.is_empty();
            module.source_map.files = files.into_iter().map(Into::into).collect();
            for (pc, line, column) in runs.into_iter().filter(|run| has_file && run.0 <= len) {
                module.source_map.push(0, Run::new(pc, 0, line, column));
            }
            module
        },
    )
}

proptest! {
    #[test]
    fn assembler_round_trip(module in module()) {
        let text = module.to_asm();
        prop_assert_eq!(Module::from_asm(&text), Ok(module));
    }

    #[test]
    fn binary_round_trip(module in module()) {
        let bytes = module.to_bytes();
        prop_assert_eq!(Module::from_bytes(&bytes), Ok(module.clone()));
        prop_assert_eq!(Module::from_bytes(&meter(&module).to_bytes()), Ok(meter(&module)));
    }

    #[test]
    fn anything_is_judged_without_panic(module in module()) {
        prop_assert!(module.disassemble().starts_with("Bytecode Object ("));
        if let Err(errors) = verify(module) {
            prop_assert!((1..=20).contains(&errors.len()));
        }
    }

    #[test]
    fn assembler_reads_any_text(lines in vec("[ .\"\\[{@xL:0-9a-zA-Z_;-]{0,20}", 0..8)) {
        let text = format!(".zxasm 1\n.func \"f\"\n{}", lines.join("\n"));
        if let Ok(module) = Module::from_asm(&text) {
            prop_assert_eq!(Module::from_asm(&module.to_asm()), Ok(module));
        }
    }
}

/// Programs that verify and use most of what there is to check.
fn seeds() -> Vec<Module> {
    let mut b = BytecodeBuilder::new();
    b.emit_constant(0).emit_store("s").emit_constant(vec![Const::from(1), Const::from(2)]).emit_get_iter(1);
    b.mark_label("h");
    b.emit_for_iter("e", 1).emit_store("x").emit_setup_try("c");
    b.emit_load("s").emit_load("x").emit_add().emit_store("s").emit_pop_try().emit_jump("h");
    b.mark_label("c");
    b.emit_store("err").emit_jump("h");
    b.mark_label("e");
    b.emit_load("s")
        .emit_call("f", 1)
        .emit_print()
        .emit_tx_begin()
        .emit_tx_revert_with("no")
        .emit_state_read("total");
    b.emit_jump_if_null("n").emit_check_type("int", "must be int");
    b.mark_label("n");
    b.emit_gas_charge(300).emit_return();
    let mut loops = b.build().unwrap();
    let text = ".zxasm 1\n.meta version \"1.0\"\n.file \"a.zx\"\n.const \"f\"\n.const @1\n.const \"v\"\n.const \"C\"\n\
        .const {\"name\": \"C\", \"state\": {\"n\": {\"type\": \"int\", \"init\": 0}}, \"actions\": {\"go\": @2}}\n\
        .func \"main\" scoped\n.local \"f\"\n.local \"v\"\n.local \"C\"\n.line 0 1 1\nSTORE_FUNC 0 1\nDEFINE_CONTRACT 3 4\n\
        .line 0 2 1\nLOAD_NAME 2\nCALL_NAME 0 1\nRETURN\n.end\n\
        .func \"f\" scoped\n.param \"a\"\n.param \"b\" optional\n.param \"r\" rest\n.entry L\n.capture \"v\"\n\
        LOAD_NAME 2\nPOP\nL:\nSETUP_FINALLY H\nLOAD_NAME 2\nTHROW\nH:\nTHROW\n.end\n\
        .func \"go\" scoped action\n.limit 1000\nNOP\n.end\n";
    let declared = Module::from_asm(text).unwrap();
    loops.add_function(declared.functions[2].clone());
    vec![meter(&loops), loops, declared]
}

/// A small generator of numbers; the same seed gives the same test.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// Every path step from an instruction leads to the height and region that the facts say.
fn facts_hold(module: Module) {
    let Ok(verified) = verify(module) else { return };
    for (function, facts) in verified.module().functions.iter().zip(verified.facts()) {
        for (pc, instruction) in function.code.iter().enumerate() {
            let height = u64::from(facts.heights[pc]);
            if facts.heights[pc] == UNREACHED {
                continue;
            }
            assert!(instruction.pops() <= height);
            let after = height - instruction.pops() + instruction.pushes();
            assert!(after <= u64::from(facts.max_stack));
            if !instruction.op().ends_block() && pc + 1 < function.code.len() {
                assert_eq!(u64::from(facts.heights[pc + 1]), after);
            }
            if let Some(&target) = instruction.label().and_then(|label| facts.heights.get(label as usize)) {
                let expected = match instruction.op() {
                    Opcode::ForIter => height - 1,
                    Opcode::SetupTry | Opcode::SetupFinally => height + 1,
                    _ => after,
                };
                assert_eq!(u64::from(target), expected);
            }
            for (kind, n) in instruction.parts() {
                assert!(!kind.is_constant() || verified.module().constant(n).is_some());
            }
        }
    }
}

#[test]
fn mutated_files() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut read, mut accepted) = (0, 0);
    for module in seeds() {
        assert!(verify(module.clone()).is_ok(), "{}", module.to_asm());
        let bytes = module.to_bytes();
        let body = &bytes[..bytes.len() - 32];
        for _ in 0..10_000 {
            let mut file = body.to_vec();
            for _ in 0..=numbers.below(3) {
                let at = 12 + numbers.below(file.len() - 12);
                match numbers.below(5) {
                    0 => file[at] ^= 1 << numbers.below(8),
                    1 => file[at] = numbers.below(256) as u8,
                    2 => file[at] = [0, 1, 0x7f, 0x80, 0xff][numbers.below(5)],
                    3 => drop(file.remove(at)),
                    _ => file.insert(at, numbers.below(256) as u8),
                }
            }
            let sum = Sha256::digest(&file);
            file.extend_from_slice(&sum);
            let Ok(module) = Module::from_bytes(&file) else { continue };
            read += 1;
            // A module has exactly one binary form.
            assert_eq!(module.to_bytes(), file);
            assert_eq!(Module::from_asm(&module.to_asm()).as_ref(), Ok(&module));
            accepted += u32::from(verify(module.clone()).is_ok());
            facts_hold(module);
        }
    }
    // Enough of the mutations get past the reader, and past the verifier, for the test to mean something.
    assert!(read > 2000 && accepted > 1000, "{read} {accepted}");
}

#[test]
fn mutated_code() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    for module in seeds() {
        for _ in 0..10_000 {
            let mut module = module.clone();
            for _ in 0..=numbers.below(2) {
                let f = numbers.below(module.functions.len());
                let code = &mut module.functions[f].code;
                let at = numbers.below(code.len());
                let op = Opcode::ALL[numbers.below(Opcode::ALL.len())];
                let operand = match op.info().operands.len() {
                    0 => Operand::None,
                    1 => Operand::One(numbers.below(12) as u64),
                    _ => Operand::Two(numbers.below(12) as u32, numbers.below(3) as u32),
                };
                match numbers.below(3) {
                    0 => code[at] = Instruction::new(op, operand),
                    1 => drop(code.remove(at)),
                    _ => code.insert(at, Instruction::new(op, operand)),
                }
                if code.is_empty() {
                    code.push(Instruction::new(Opcode::Nop, ()));
                }
            }
            facts_hold(meter(&module));
            facts_hold(module);
        }
    }
}

#[test]
fn truncated_and_flipped_files_have_a_code() {
    let bytes = seeds()[2].to_bytes();
    for len in 0..bytes.len() {
        let code = Module::from_bytes(&bytes[..len]).unwrap_err().code();
        assert_eq!(code, if len < 8 { "E0701" } else { "E0702" });
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[len] ^= 1 << bit;
            let code = Module::from_bytes(&flipped).unwrap_err().code();
            assert_eq!(code, if len < 10 { "E0701" } else { "E0702" });
        }
    }
}

/// Files that would make a careless reader or verifier take long or allocate much.
#[test]
fn hostile_sizes() {
    let mut module = Module::new();
    let f = module.add_constant(Const::Func(1));
    let name = module.add_constant("g");
    for _ in 0..200_000 {
        module.add_instruction(Opcode::StoreFunc, (name, f));
    }
    let names: Vec<std::sync::Arc<str>> = (0..60_000).map(|i| format!("v{i}").into()).collect();
    module.functions[0].locals = names.clone();
    module.functions[0].flags = FnFlags::SCOPED;
    module.add_function(Function { captures: names, flags: FnFlags::SCOPED, ..Function::new("f") });
    assert!(verify(module).is_ok());
    // Lists that each claim all the bytes which are left.
    let claim = [7, 0xff, 0xff, 0x3f];
    let nested = [claim.repeat(63), vec![0; 1 << 20]].concat();
    assert!(zexus_bytecode::encode::decode(&nested).is_err());
}
