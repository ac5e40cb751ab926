//! Time grows with the code, whatever the code is. The figures of the requirement hold for release builds:
//! `cargo test --release -p zexus-optimizer --test scale -- --nocapture` prints them.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::Instant;

use zexus_bytecode::{Const, Instruction, Module, Opcode, verify};
use zexus_optimizer::{Stats, optimize};

/// How many instructions: the limit of form in release builds, fewer in others.
const SIZE: usize = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
/// Seconds that one module may take at level 2, generous where machines are slow or shared.
const SECONDS: f64 = if cfg!(debug_assertions) { 20.0 } else { 2.0 };

/// A module of a repeated piece of code, whose labels count from the start of the piece.
fn repeated(constants: &[Const], piece: &[Instruction]) -> Module {
    let mut module = Module::new();
    for constant in constants {
        module.add_constant(constant);
    }
    let code = &mut module.functions[0].code;
    while code.len() + piece.len() <= SIZE {
        let start = code.len() as u32;
        code.extend(piece.iter().map(|i| i.label().map_or(*i, |label| i.with_label(start + label))));
    }
    module
}

fn measure(name: &str, module: &Module) -> Stats {
    let mut stats = Stats::default();
    for level in 1..=3 {
        let start = Instant::now();
        let (after, counts) = optimize(module, level);
        let seconds = start.elapsed().as_secs_f64();
        println!("{name}, level {level}: {} -> {} in {seconds:.3} s", counts.original_size, after.len());
        assert!(level > 2 || seconds < SECONDS, "{name}, level {level}: {seconds} s");
        assert!(verify(after).is_ok(), "{name}");
        stats = counts;
    }
    stats
}

fn op(op: Opcode, operand: impl Into<zexus_bytecode::Operand>) -> Instruction {
    Instruction::new(op, operand)
}

#[test]
fn ordinary_code() {
    use Opcode::*;
    let constants = [Const::from("x"), Const::from(1), Const::from("y"), Const::from(2), Const::from(1.5)];
    let piece = [
        op(LoadConst, 1),
        op(StoreName, 0),
        op(LoadName, 0),
        op(LoadConst, 3),
        op(Add, ()),
        op(StoreName, 2),
        op(LoadName, 2),
        op(Not, ()),
        op(JumpIfFalse, 11),
        op(LoadConst, 4),
        op(Print, 1),
        op(LoadName, 0),
        op(LoadName, 2),
        op(Mul, ()),
        op(LoadName, 0),
        op(LoadName, 2),
        op(Mul, ()),
        op(Add, ()),
        op(Pop, ()),
        op(LoadConst, 1),
        op(LoadConst, 3),
        op(Add, ()),
        op(Pop, ()),
        op(Jump, 24),
    ];
    let stats = measure("ordinary code", &repeated(&constants, &piece));
    assert!(stats.total_optimizations() > SIZE as u64 / 10);
}

#[test]
fn chains_of_jumps() {
    // Every jump leads to the next but one, so chains are as long as the code.
    let mut module = Module::new();
    module.functions[0].code =
        (0..SIZE as u32).map(|at| op(Opcode::Jump, (at + 2).min(SIZE as u32))).collect();
    let stats = measure("chains of jumps", &module);
    assert!(stats.total_optimizations() >= SIZE as u64 / 2);
    // Backwards, and all in one circle.
    module.functions[0].code = (0..SIZE as u32).map(|at| op(Opcode::Jump, at.saturating_sub(1))).collect();
    measure("jumps backwards", &module);
}

#[test]
fn nested_pairs() {
    let half = SIZE / 2;
    let mut module = Module::new();
    let one = module.add_constant(1);
    let depth = half.min(60_000);
    let code = &mut module.functions[0].code;
    while code.len() + 2 * depth <= SIZE {
        code.extend((0..depth).map(|_| op(Opcode::LoadConst, one)));
        code.extend((0..depth).map(|_| op(Opcode::Pop, ())));
    }
    let stats = measure("nested pairs", &module);
    assert_eq!(stats.optimized_size, 0);
}

#[test]
fn sums_that_grow() {
    // Every fold makes a new constant, up to the longest string.
    let mut module = Module::new();
    let (a, b) = (module.add_constant("a"), module.add_constant("b"));
    module.add_instruction(Opcode::LoadConst, a);
    while module.len() + 2 <= SIZE {
        module.add_instruction(Opcode::LoadConst, b);
        module.add_instruction(Opcode::Add, ());
    }
    let stats = measure("sums that grow", &module);
    assert_eq!(stats.constant_folds, 1023);
    // Different strings of a kilobyte each are made only as far as a file could hold them.
    let mut module = Module::new();
    let long = module.add_constant("x".repeat(1000));
    let mut n = 0;
    while module.len() + 4 <= SIZE {
        module.add_instruction(Opcode::LoadConst, long);
        let other = module.add_constant(n);
        module.add_instruction(Opcode::LoadConst, other);
        module.add_instruction(Opcode::Add, ());
        module.add_instruction(Opcode::Pop, ());
        n += 1;
    }
    let (after, _) = optimize(&module, 1);
    assert!(after.constants.len() < n as usize + 17_000, "{}", after.constants.len());
}

#[test]
fn loops_and_functions() {
    use Opcode::*;
    let constants = [Const::from("i"), Const::from(0), Const::from(8), Const::from(1)];
    let piece = [
        op(StoreConst, (0_u32, 1)),
        op(LoadName, 0),
        op(LoadConst, 2),
        op(Lt, ()),
        op(JumpIfFalse, 12),
        op(LoadName, 0),
        op(Print, 1),
        op(LoadName, 0),
        op(LoadConst, 3),
        op(Add, ()),
        op(StoreName, 0),
        op(Jump, 1),
    ];
    let mut module = repeated(&constants, &piece);
    let stats = measure("counted loops", &module);
    // Unrolling stops before a function exceeds the limit of form.
    assert!(stats.optimized_size <= 1_000_000);
    module.functions[0].code.truncate(SIZE / 24 * 12);
    let stats = measure("half as many counted loops", &module);
    assert!(stats.loops_unrolled > 0 && (SIZE as u64 / 2..1_000_001).contains(&stats.optimized_size));
    // Many functions that share a large pool.
    let mut module = Module::new();
    for n in 0..SIZE as i64 / 20 {
        module.add_constant(n);
    }
    let function = module.functions[0].clone();
    for _ in 0..(SIZE / 20).min(60_000) {
        module.add_function(zexus_bytecode::Function {
            code: vec![
                op(Opcode::LoadConst, 7),
                op(Opcode::LoadConst, 8),
                op(Opcode::Add, ()),
                op(Opcode::Return, ()),
            ],
            ..function.clone()
        });
    }
    measure("many functions", &module);
}
