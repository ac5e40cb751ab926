//! The examples of bytecode.md 6.14 and 5.2, the table of results, and the keys of the statistics.

#![allow(clippy::unwrap_used)]

use zexus_bytecode::{BytecodeBuilder, Const, Instruction, Module, Opcode, Run, meter, verify};
use zexus_optimizer::{BytecodeOptimizer, Pass, optimize};

/// Instructions with numeric operands, such as `LOAD_CONST 0, STORE_CONST (1, 0)`.
fn code(text: &str) -> Vec<Instruction> {
    let text = text.replace(", ", ";").replace(['(', ')'], "");
    let mut parts: Vec<String> = Vec::new();
    for part in text.split(';') {
        match parts.last_mut() {
            // The second number of a pair.
            Some(last) if part.starts_with(|c: char| c.is_ascii_digit()) => *last += &format!(" {part}"),
            _ => parts.push(part.to_owned()),
        }
    }
    let one = |part: &String| {
        let words: Vec<&str> = part.split(' ').collect();
        let numbers: Vec<u32> = words[1..].iter().map(|n| n.parse().unwrap()).collect();
        let op = Opcode::from_name(words[0]).unwrap();
        match numbers[..] {
            [] => Instruction::new(op, ()),
            [a] => Instruction::new(op, a),
            [a, b] => Instruction::new(op, (a as usize, b)),
            _ => unreachable!(),
        }
    };
    parts.iter().map(one).collect()
}

fn run(level: u8, before: &str, constants: &[Const]) -> (Vec<Instruction>, Vec<Const>, BytecodeOptimizer) {
    let mut optimizer = BytecodeOptimizer::new(level, 5, false);
    let (code, constants) = optimizer.optimize(&code(before), constants);
    (code, constants, optimizer)
}

#[test]
fn first_example() {
    let constants = [Const::from(10), Const::from(20)];
    let (after, pool, optimizer) = run(1, "LOAD_CONST 0, LOAD_CONST 1, ADD, RETURN", &constants);
    assert_eq!(after, code("LOAD_CONST 2, RETURN"));
    assert_eq!(pool, [Const::from(10), Const::from(20), Const::from(30)]);
    let entries: Vec<String> =
        optimizer.stats().entries().iter().map(|(key, value)| format!("{key} {value}")).collect();
    let expected = "original_size 4, optimized_size 2, size_reduction_pct 50.0, constant_folds 1, copies_eliminated 0, \
        common_subexpressions 0, dead_code_removed 0, peephole_opts 0, instructions_combined 0, jumps_threaded 0, \
        strength_reductions 0, loops_unrolled 0, total_optimizations 1, passes_run 2";
    assert_eq!(entries.join(", "), expected);
}

#[test]
fn table_of_examples() {
    let (x, int, null) = (|| Const::from("x"), |i: i64| Const::from(i), "");
    let rows: &[(&str, &[Const], u8, &str)] = &[
        ("LOAD_CONST 0, POP, LOAD_CONST 1", &[int(1), int(2)], 1, "LOAD_CONST 1"),
        ("LOAD_CONST 0, RETURN, LOAD_CONST 1, ADD", &[int(1), int(2)], 1, "LOAD_CONST 0, RETURN"),
        (
            "LOAD_CONST 0, JUMP_IF_FALSE 4, LOAD_CONST 1, RETURN, LOAD_CONST 2",
            &[Const::from(false), int(1), int(2)],
            1,
            "JUMP 1, LOAD_CONST 2",
        ),
        ("LOAD_CONST 0, STORE_NAME 1, LOAD_NAME 1", &[int(42), x()], 2, "LOAD_CONST 0, DUP, STORE_NAME 1"),
        ("LOAD_CONST 0, STORE_NAME 1, LOAD_NAME 1", &[int(42), x()], 3, "STORE_CONST (1, 0), LOAD_CONST 0"),
        ("LOAD_CONST 0, STORE_NAME 1", &[int(42), x()], 2, "STORE_CONST (1, 0)"),
        ("LOAD_NAME 0, LOAD_CONST 1, ADD, STORE_NAME 0", &[x(), int(1)], 3, "LOAD_NAME 0, INC, STORE_NAME 0"),
        (
            "LOAD_CONST 0, STORE_NAME 1, LOAD_NAME 1, LOAD_CONST 2, MUL",
            &[Const::from(1.5), x(), int(2)],
            3,
            "STORE_CONST (1, 0), LOAD_CONST 0, DUP, ADD",
        ),
        ("LOAD_NAME 0, LOAD_CONST 1, MUL", &[x(), int(2)], 3, null),
        ("LOAD_CONST 0, LOAD_CONST 1, DIV", &[int(1), int(0)], 3, null),
    ];
    for (before, constants, level, after) in rows {
        let (found, pool, _) = run(*level, before, constants);
        let expected = if after.is_empty() { before } else { after };
        assert_eq!(found, code(expected), "{before}");
        assert_eq!(pool, *constants, "{before}");
    }
    let (_, _, optimizer) = run(1, rows[1].0, rows[1].1);
    assert_eq!(optimizer.stats().dead_code_removed, 2);
}

/// The table of results: a pattern, its size, and the largest size it may have afterwards.
#[test]
fn table_of_results() {
    let numbers: Vec<Const> = (1..=5).map(Const::from).collect();
    let rows = [
        ("constant arithmetic", 1, "LOAD_CONST 0, LOAD_CONST 1, ADD, RETURN", 4, 2),
        (
            "nested constants",
            1,
            "LOAD_CONST 0, LOAD_CONST 1, ADD, LOAD_CONST 2, LOAD_CONST 3, ADD, MUL, LOAD_CONST 4, ADD, RETURN",
            10,
            3,
        ),
        (
            "dead code",
            1,
            "LOAD_CONST 0, LOAD_CONST 1, BUILD_LIST 2, RETURN, LOAD_CONST 2, LOAD_CONST 3, ADD, RETURN",
            8,
            4,
        ),
        ("load and pop", 1, "LOAD_CONST 0, POP, LOAD_CONST 1, POP, LOAD_CONST 2, RETURN", 6, 2),
        ("jump chains", 2, "JUMP 2, LOAD_CONST 0, JUMP 4, LOAD_CONST 1, LOAD_CONST 2", 5, 3),
    ];
    for (name, level, before, size, most) in rows {
        let (after, _, optimizer) = run(level, before, &numbers);
        let stats = optimizer.stats();
        println!("{name}: {size} -> {} ({:.0} %)", after.len(), stats.size_reduction_pct());
        assert_eq!(stats.original_size, size);
        assert!(after.len() <= most, "{name}: {after:?}");
    }
}

#[test]
fn statistics_add_up_until_reset() {
    let mut optimizer = BytecodeOptimizer::default();
    let before = code("LOAD_CONST 0, LOAD_CONST 0, ADD");
    optimizer.optimize(&before, &[Const::from(2)]);
    optimizer.optimize(&before, &[Const::from(2)]);
    assert_eq!((optimizer.stats().original_size, optimizer.stats().constant_folds), (6, 2));
    assert_eq!((optimizer.stats().passes_run, optimizer.level()), (4, 1));
    optimizer.reset();
    assert_eq!((optimizer.stats().original_size, optimizer.stats().size_reduction_pct()), (0, 0.0));
    let mut none = BytecodeOptimizer::new(0, 5, true);
    assert_eq!(none.optimize(&before, &[Const::from(2)]), (before, vec![Const::from(2)]));
    assert_eq!((none.stats().original_size, none.stats().optimized_size), (3, 3));
    assert_eq!((none.stats().passes_run, none.changes().len()), (0, 0));
}

#[test]
fn constants_of_a_fragment() {
    // An equal constant of the same kind is reused, the first of two; others come last.
    let pool = [2, 2, 4].map(Const::from);
    let (after, constants, _) = run(1, "LOAD_CONST 0, LOAD_CONST 1, ADD", &pool);
    assert_eq!((after, constants.len()), (code("LOAD_CONST 2"), 3));
    let (after, constants, _) = run(1, "LOAD_CONST 0, LOAD_CONST 1, DIV", &pool);
    assert_eq!((after, constants.last()), (code("LOAD_CONST 3"), Some(&Const::from(1.0))));
    // Indexes outside the pool and labels beyond the end are left alone.
    for text in
        ["LOAD_CONST 9, POP", "LOAD_CONST 9, LOAD_CONST 8, ADD", "LOAD_CONST 9, STORE_NAME 7", "JUMP 70"]
    {
        assert_eq!(run(3, text, &pool).0, code(text));
    }
    let bad = [
        Instruction::from_number(99, ()),
        Instruction::new(Opcode::LoadConst, -1),
        Instruction::new(Opcode::Pop, ()),
    ];
    let mut optimizer = BytecodeOptimizer::new(3, 5, false);
    assert_eq!(optimizer.optimize(&bad, &pool).0, bad);
    assert_eq!(optimizer.optimize(&[], &[]), (vec![], vec![]));
}

fn counting() -> Module {
    let mut b = BytecodeBuilder::new();
    b.emit_constant(0).emit_store("i").emit_constant(0).emit_store("s");
    b.mark_label("h");
    b.emit_load("i").emit_constant(3).emit_lt().emit_jump_if_false("e");
    b.emit_load("s").emit_load("i").emit_add().emit_store("s");
    b.emit_load("i").emit_constant(1).emit_add().emit_store("i").emit_jump("h");
    b.mark_label("e");
    b.emit_load("s");
    b.build().unwrap()
}

/// Errors of code with line 0, as the checks of parameters have, are marked at the call; so the run must stay.
#[test]
fn places_that_are_none_stay() {
    let text = ".zxasm 1\n.file \"a.zx\"\n.const \"p\"\n.const 1\n.func \"main\" scoped\n.line 0 0 0\nLOAD_CONST 1\n\
        STORE_NAME 0\nLOAD_NAME 0\n.line 0 2 3\nRETURN\n.end\n";
    let (after, stats) = optimize(&Module::from_asm(text).unwrap(), 3);
    assert_eq!((after.len(), stats.total_optimizations()), (3, 2));
    assert_eq!(after.source_map.runs(0), [Run::new(0, 0, 0, 0), Run::new(2, 0, 2, 3)]);
    // Where nothing is known at first, nothing is said.
    let (after, _) = optimize(&Module::from_asm(&text.replace(".line 0 0 0\n", "")).unwrap(), 3);
    assert_eq!(after.source_map.runs(0), [Run::new(2, 0, 2, 3)]);
}

/// The loop of bytecode.md 5.2 and 6.12.
#[test]
fn unrolled_loop() {
    let (after, stats) = optimize(&counting(), 3);
    assert_eq!((after.len(), stats.loops_unrolled, stats.instructions_combined), (24, 1, 3));
    let stores: Vec<Opcode> = after.functions[0].code.iter().map(|i| i.op()).take(3).collect();
    assert_eq!(stores, [Opcode::StoreConst, Opcode::StoreConst, Opcode::LoadName]);
    assert!(stats.size_reduction_pct() < 0.0);
    // Metered: 8 + 4 * 8 + 3 * 21 + 2.
    let (after, stats) = optimize(&meter(&counting()), 3);
    let charges = after.functions[0].code.iter().filter(|i| i.op() == Opcode::GasCharge);
    assert_eq!((charges.map(|i| i.first()).sum::<u64>(), stats.loops_unrolled), (105, 1));
    assert!(verify(after).is_ok());
}

#[test]
fn places_and_labels_follow() {
    let mut b = BytecodeBuilder::new();
    b.emit_nop().emit_setup_try("handler");
    b.emit_constant(1).emit_constant(2).emit_add().emit_load("x").emit_div().emit_pop_try().emit_return();
    b.mark_label("handler");
    b.emit_nop().emit_throw();
    let mut module = b.build().unwrap();
    let file = module.source_map.add_file("a.zx");
    let runs: Vec<Run> = (0..11).map(|pc| Run { length: pc + 1, ..Run::new(pc, file, pc + 1, 1) }).collect();
    module.source_map.set_runs(0, runs);
    let (after, _) = optimize(&module, 3);
    let names: Vec<&str> = after.functions[0].code.iter().map(|i| i.op().name()).collect();
    assert_eq!(names, ["SETUP_TRY", "LOAD_CONST", "LOAD_NAME", "DIV", "POP_TRY", "RETURN", "THROW"]);
    assert_eq!(after.functions[0].code[0].label(), Some(6));
    let lines: Vec<(u32, u32)> =
        (0..7).map(|pc| after.source_map.find(0, pc).map(|run| (run.line, run.length)).unwrap()).collect();
    assert_eq!(lines, [2, 5, 6, 7, 8, 9, 11].map(|n| (n, n)));
    assert!(verify(after).is_ok());
    // What does not change is returned as it is.
    let plain = counting();
    assert_eq!(optimize(&plain, 0).0, plain);
}

#[test]
fn explanations() {
    let module = Module::from_asm(
        ".zxasm 1\n.file \"a.zx\"\n.const 10\n.const 20\n.const \"x\"\n.func \"main\" scoped\n.line 0 1 9\nLOAD_CONST 0\n\
        LOAD_CONST 1\nADD\nSTORE_NAME 2\n.line 0 2 1\nNOP\nLOAD_NAME 2\nRETURN\n.end\n",
    )
    .unwrap();
    let mut optimizer = BytecodeOptimizer::new(2, 5, false);
    let explained = optimizer.explain(&module);
    let lines: Vec<String> = explained
        .changes
        .iter()
        .map(|c| {
            let line = c.place(&module).unwrap().line;
            format!("{} line {line}: {}", c.round, c.describe(&explained.module.constants))
        })
        .collect();
    let expected = [
        "1 line 1: constant folding: LOAD_CONST 10; LOAD_CONST 20; ADD => LOAD_CONST 30",
        "1 line 2: peephole: NOP => nothing",
        "1 line 1: combining: LOAD_CONST 30; STORE_NAME x => STORE_CONST x 30",
    ];
    assert_eq!(lines, expected);
    let expected =
        "   0  LOAD_CONST 10                  |                                      | constant folding
   1  LOAD_CONST 20                  |                                      | constant folding
   2  ADD                            |    0  STORE_CONST x 30               | constant folding, combining
   3  STORE_NAME x                   |                                      | combining
   4  NOP                            |                                      | peephole
   5  LOAD_NAME x                    |    1  LOAD_NAME x                    |
   6  RETURN                         |    2  RETURN                         |
";
    assert_eq!(explained.side_by_side(&module, 0), expected);
    assert_eq!(optimizer.stats().of(Pass::ConstantFolding), 1);
    assert_eq!(explained.origins, [[2, 5, 6]]);
}
