//! Every case under `tests/lang/`, every example of the specification and every program under `examples/`, on every cell.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};

use zexus::Tier;
use zexus_testing::corpus::{self, Case, Cell};
use zexus_testing::engine::{Config, execute};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn all_pass(cases: &[Case], at_least: usize) {
    assert!(cases.len() >= at_least, "only {} cases were found", cases.len());
    let config = |tier, metered, stress| {
        move |case: &Case| execute(case, Config { tier, metered, stress, traced: false })
    };
    let (walk, walk_stress) = (config(Tier::Evaluator, false, false), config(Tier::Evaluator, false, true));
    let (vm, vm_stress, vm_metered) =
        (config(Tier::Vm, false, false), config(Tier::Vm, false, true), config(Tier::Vm, true, false));
    let traced =
        |case: &Case| execute(case, Config { tier: Tier::Vm, metered: true, traced: true, stress: false });
    let cells = [
        Cell { name: "tier 0", offers: &[], execute: &walk },
        Cell { name: "tier 0, collecting at every safe point", offers: &[], execute: &walk_stress },
        Cell { name: "tier 1", offers: &["metering"], execute: &vm },
        Cell { name: "tier 1, collecting at every safe point", offers: &["metering"], execute: &vm_stress },
        Cell { name: "tier 1, metered", offers: &["metering"], execute: &vm_metered },
        Cell { name: "tier 1, metered and traced", offers: &["metering"], execute: &traced },
    ];
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
