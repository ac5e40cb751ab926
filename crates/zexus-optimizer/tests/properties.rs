//! Random modules mean the same at all levels, metered and not, and stay verified.

#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use zexus_bytecode::cfg::Cfg;
use zexus_bytecode::{Const, Instruction, Module, Opcode, Operand, meter, verify};
use zexus_optimizer::{BytecodeOptimizer, Pass, Stats, optimize};

#[path = "support/generate.rs"]
mod generate;
#[path = "support/machine.rs"]
mod machine;

/// How many modules are tried; more by `ZEXUS_CASES`.
fn cases() -> u64 {
    std::env::var("ZEXUS_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000)
}

const STEPS: u64 = 3000;

#[test]
fn random_modules_mean_the_same_at_all_levels() {
    let (mut runs, mut ended) = (0, 0);
    let mut stats = Stats::default();
    for seed in 0..cases() {
        let plain = generate::module(seed);
        let mut numbers = generate::Numbers(seed);
        for metered in [false, true] {
            let module = if metered { meter(&plain) } else { plain.clone() };
            if let Err(errors) = verify(module.clone()) {
                panic!("seed {seed}: {}\n{}", errors[0].report(), module.disassemble());
            }
            let limit = if numbers.below(4) == 0 { numbers.below(800) as u64 } else { u64::MAX };
            let Some(expected) = machine::run(&module, metered, limit, STEPS) else { continue };
            runs += 1;
            ended += u32::from(expected.result.is_ok());
            for level in 1..=3 {
                let (after, counts) = optimize(&module, level);
                stats.add(&counts);
                assert_eq!(optimize(&module, level).0, after, "seed {seed}: not deterministic");
                let context = || {
                    format!(
                        "seed {seed}, level {level}, metered {metered}\n{}\n{}",
                        module.disassemble(),
                        after.disassemble()
                    )
                };
                if let Err(errors) = verify(after.clone()) {
                    panic!("{}\n{}", errors[0].report(), context());
                }
                let found = machine::run(&after, metered, limit, 4 * STEPS);
                assert_eq!(found.as_ref(), Some(&expected), "{}", context());
                if metered {
                    conserved(&module, level);
                }
            }
        }
    }
    // Enough of them run to an end, and every pass had something to do, for the test to mean something.
    assert!(runs as u64 > cases() && ended > runs / 10, "{runs} {ended}");
    for &pass in Pass::ALL {
        assert!(stats.of(pass) > 20, "{pass:?}: {}", stats.of(pass));
    }
}

/// Each pass, made to go wrong, is found out by random modules: by what they do, or by the verifier.
#[test]
fn a_planted_defect_in_each_pass_is_found() {
    let finds = |pass: Pass, seed: u64| {
        let plain = generate::module(seed);
        [false, true].into_iter().any(|metered| {
            let module = if metered { meter(&plain) } else { plain.clone() };
            let Some(expected) = machine::run(&module, metered, u64::MAX, STEPS) else { return false };
            let after = BytecodeOptimizer::new(3, 5, false).with_defect(pass).optimize_module(&module);
            let same = || machine::run(&after, metered, u64::MAX, 4 * STEPS).as_ref() == Some(&expected);
            verify(after.clone()).is_err() || !same()
        })
    };
    for &pass in Pass::ALL {
        let found = (0..3000).find(|&seed| finds(pass, seed));
        assert!(found.is_some(), "{pass:?} goes wrong, and nobody sees it");
    }
}

/// Gas along paths: whenever one charge follows another in the optimized code, the blocks that they pay for follow each other in the
/// code before, and each pays what it did.
fn conserved(module: &Module, level: u8) {
    let explained = BytecodeOptimizer::new(level, 5, false).explain(module);
    for (index, before) in module.functions.iter().enumerate() {
        let (after, origins) = (&explained.module.functions[index], &explained.origins[index]);
        let cfg = Cfg::new(before);
        let charge = |pc: usize| after.code[pc].op() == Opcode::GasCharge;
        let targets = |pc: usize| {
            let falls = (!after.code[pc].op().ends_block()).then_some(pc + 1);
            falls.into_iter().chain(after.code[pc].label().map(|label| label as usize))
        };
        for pc in (0..after.code.len()).filter(|&pc| charge(pc)) {
            let origin = origins[pc] as usize;
            assert_eq!(after.code[pc], before.code[origin]);
            let block = cfg.block_of(origin as u32).unwrap();
            let next: Vec<usize> = cfg.successors(before, block).collect();
            let (mut work, mut seen) = (targets(pc).collect::<Vec<_>>(), vec![false; after.code.len()]);
            while let Some(at) = work.pop() {
                if at >= after.code.len() || std::mem::replace(&mut seen[at], true) {
                    continue;
                }
                if charge(at) {
                    let reached = cfg.block_of(origins[at]).unwrap();
                    assert!(next.contains(&reached), "block {block} pays before {reached}, not {next:?}");
                } else {
                    work.extend(targets(at));
                }
            }
        }
    }
}

fn instruction() -> impl Strategy<Value = Instruction> {
    let op = proptest::sample::select(Opcode::ALL);
    (op, 0_u32..9, 0_u32..9, 0..20).prop_map(|(op, a, b, form)| {
        let operand = match (form, op.info().operands.len()) {
            (0, _) => Operand::None,
            (1, _) => Operand::Bad,
            (2, _) => Operand::One(u64::MAX),
            (3, _) => Operand::Two(a, b),
            (_, 0) => Operand::None,
            (_, 1) => Operand::One(a.into()),
            _ => Operand::Two(a, b),
        };
        Instruction::new(op, operand)
    })
}

proptest! {
    /// Fragments need not be verifiable.
    #[test]
    fn any_fragment_is_taken(code in proptest::collection::vec(instruction(), 0..40), level in 0_u8..5) {
        let pool: Vec<Const> = vec![Const::from("x"), Const::from(2), Const::from(1), Const::from(1.5), Const::Null, Const::from("x")];
        let mut optimizer = BytecodeOptimizer::new(level, 5, true);
        let (after, constants) = optimizer.optimize(&code, &pool);
        prop_assert!(constants.starts_with(&pool));
        prop_assert_eq!(optimizer.stats().optimized_size, after.len() as u64);
        let mut module = Module::new();
        module.functions[0].code = code;
        for constant in pool {
            module.add_constant(constant);
        }
        let ok = verify(module.clone()).is_ok();
        let explained = BytecodeOptimizer::new(level, 5, true).explain(&module);
        prop_assert!(!ok || verify(explained.module.clone()).is_ok());
        let shown = explained.side_by_side(&module, 0);
        let (rows, shown_before) = (explained.rows(&module, 0), module.len());
        prop_assert_eq!(shown.lines().count(), rows.len());
        prop_assert_eq!(rows.iter().filter(|row| row.before.is_some()).count(), shown_before);
        prop_assert_eq!(rows.iter().filter(|row| row.after.is_some()).count(), explained.module.len());
    }
}
