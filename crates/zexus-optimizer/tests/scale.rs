//! Large and hostile code is optimized and still verifies. How long that takes, the benchmark `optimizer` of `zexus-cli` prints.

#![allow(clippy::unwrap_used)]

use zexus_bytecode::{Module, verify};
use zexus_optimizer::{Stats, optimize};

#[path = "support/shapes.rs"]
mod shapes;

const SIZE: usize = 50_000;

/// The statistics of the highest level.
fn check(module: &Module) -> Stats {
    let mut stats = Stats::default();
    for level in 1..=3 {
        let (after, counts) = optimize(module, level);
        assert!(verify(after).is_ok());
        stats = counts;
    }
    stats
}

#[test]
fn ordinary_code() {
    assert!(check(&shapes::ordinary(SIZE)).total_optimizations() > SIZE as u64 / 10);
}

#[test]
fn chains_of_jumps() {
    assert!(check(&shapes::chains(SIZE)).total_optimizations() >= SIZE as u64 / 2);
    check(&shapes::circle(SIZE));
}

#[test]
fn nested_pairs() {
    assert_eq!(check(&shapes::nested_pairs(SIZE)).optimized_size, 0);
}

#[test]
fn sums_that_grow() {
    assert_eq!(check(&shapes::growing_sum(SIZE)).constant_folds, 1023);
    // Strings are made only as far as a file could hold them.
    let (module, sums) = shapes::large_sums(SIZE);
    let (after, _) = optimize(&module, 1);
    assert!(after.constants.len() < sums + 17_000, "{}", after.constants.len());
}

#[test]
fn loops_and_functions() {
    let mut module = shapes::counted_loops(SIZE);
    // Unrolling stops before a function exceeds the limit of form.
    assert!(check(&module).optimized_size <= 1_000_000);
    module.functions[0].code.truncate(SIZE / 24 * 12);
    let stats = check(&module);
    assert!(stats.loops_unrolled > 0 && (SIZE as u64 / 2..1_000_001).contains(&stats.optimized_size));
    assert_eq!(check(&shapes::many_functions(SIZE)).constant_folds, SIZE as u64 / 20);
}
