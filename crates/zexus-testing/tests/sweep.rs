//! Runs that gas ends leave what stood before their open transaction: cases of the language and generated programs.

use std::path::Path;

use zexus_testing::corpus::walk;
use zexus_testing::differential::{Config, compile};
use zexus_testing::generate::Program;
use zexus_testing::sweep::{Sweeps, Total, compile_case};

const METERED: Config = Config { metered: true, ..Config::TIER1 };

/// Each program with a trace, and without one at several levels of the optimizer.
const CONFIGS: [Config; 4] =
    [METERED, METERED, Config { level: Some(0), ..METERED }, Config { level: Some(3), ..METERED }];

#[test]
fn cases_leave_nothing_behind() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/lang");
    let chapters = ["08-statements", "10-errors", "14-events", "15-contracts"];
    let cases: Vec<_> = chapters.iter().flat_map(|chapter| walk(&root.join(chapter)).unwrap()).collect();
    let programs = |i| {
        let case = cases.get(usize::try_from(i).ok()?)?;
        Some((case.name.clone(), compile_case(case)?))
    };
    let count = cases.len() as u64;
    let total = Sweeps { programs: &programs, count, configs: &CONFIGS, most: 12, jobs: 2, leaks: 5 }.run();
    clean(&total);
    assert!(total.undone > 100, "{total}");
}

#[test]
fn generated_programs_leave_nothing_behind() {
    let programs = |seed| Some((format!("seed {seed}"), compile(&Program::from_seed(seed).text()).ok()?));
    let total =
        Sweeps { programs: &programs, count: 60, configs: &CONFIGS, most: 20, jobs: 2, leaks: 5 }.run();
    clean(&total);
    assert!(total.programs > 50 && total.undone > 20, "{total}");
}

#[test]
fn example_contracts_leave_nothing_behind() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let cases: Vec<_> = walk(&root).unwrap();
    let programs = |i| {
        let case = cases.get(usize::try_from(i).ok()?)?;
        Some((case.name.clone(), compile_case(case)?))
    };
    let count = cases.len() as u64;
    let total = Sweeps { programs: &programs, count, configs: &CONFIGS, most: 60, jobs: 2, leaks: 5 }.run();
    clean(&total);
    assert!(total.undone > 100, "{total}");
}

fn clean(total: &Total) {
    assert!(total.leaks.is_empty(), "{total}");
}
