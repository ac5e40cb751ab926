//! Every case under `tests/lang/`, every example of the specification and every program under `examples/`, on every cell.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};

use zexus::{JitMode, Tier};
use zexus_testing::corpus::{self, Case, Cell};
use zexus_testing::engine::{Config, execute};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn all_pass(cases: &[Case], at_least: usize) {
    assert!(cases.len() >= at_least, "only {} cases were found", cases.len());
    // Tier 0 walks the program before there is code to optimize.
    let mut configs = Vec::new();
    for stress in [false, true] {
        configs.push(Config { tier: Tier::Evaluator, stress, ..Config::default() });
        configs.push(Config {
            tier: Tier::Vm,
            stress,
            level: if stress { 2 } else { 0 },
            ..Config::default()
        });
    }
    for level in 0..=zexus::MAX_LEVEL {
        configs.push(Config { tier: Tier::Vm, level, metered: true, ..Config::default() });
    }
    for level in 1..=zexus::MAX_LEVEL {
        configs.push(Config { tier: Tier::Vm, level, ..Config::default() });
    }
    configs.push(Config { tier: Tier::Vm, metered: true, traced: true, level: 1, ..Config::default() });
    let native = Config { tier: Tier::Native, level: 1, ..Config::default() };
    configs.push(native);
    configs.push(Config { metered: true, level: 0, ..native });
    configs.push(Config { stress: true, level: 3, jit: JitMode::Restless, ..native });
    configs.push(Config { metered: true, level: 2, jit: JitMode::Careful, ..native });
    configs.push(Config { level: 0, jit: JitMode::Tiny, ..native });
    let names: Vec<String> = configs.iter().map(|config| format!("{config:?}")).collect();
    let runs: Vec<_> = configs.iter().map(|&config| move |case: &Case| execute(case, config)).collect();
    let cells = configs.iter().zip(&names).zip(&runs).map(|((config, name), execute)| {
        let offers: &[&str] = if config.tier != Tier::Evaluator { &["metering"] } else { &[] };
        Cell { name, offers, execute }
    });
    let cells: Vec<Cell<'_>> = cells.collect();
    let report = corpus::run(cases, &cells);
    assert!(report.passed(), "{report}");
    println!("{report}");
}

#[test]
fn cases_of_the_language() {
    let mut cases = corpus::walk(&root().join("tests/lang")).unwrap();
    // `ZEXUS_CASES=15-contracts` runs only the cases whose name contains the text.
    if let Ok(filter) = std::env::var("ZEXUS_CASES") {
        cases.retain(|c| c.name.contains(&filter));
        return all_pass(&cases, 1);
    }
    all_pass(&cases, 1000);
}

#[test]
fn examples_of_the_specification() {
    let path = root().join("docs/spec/language.md");
    all_pass(&corpus::examples("language.md", &path).unwrap(), 30);
}
