//! Generated programs do the same on every configuration that this build has, and the generator makes what it should.

use std::sync::atomic::Ordering;

use zexus_testing::differential::{
    Campaign, Config, Divergence, MATRIX, Statistics, Verdict, compile, execute,
};
use zexus_testing::generate::Program;

#[test]
fn configurations_agree() {
    let campaign = Campaign { configs: MATRIX.to_vec(), seed: 1, programs: 300, jobs: 2 };
    let statistics = Statistics::default();
    let found = campaign.run(1, &statistics);
    assert!(found.is_empty(), "{}", found.iter().map(|f| f.divergence.to_string()).collect::<String>());
    let part = |n: u64| 100 * n / 300;
    let refused = part(statistics.refused.load(Ordering::Relaxed));
    let failed = part(statistics.failed.load(Ordering::Relaxed));
    let caught = part(statistics.caught.load(Ordering::Relaxed));
    assert!(refused <= 5 && failed <= 30 && caught >= 10, "{statistics}");
    assert_eq!(statistics.count(), 300);
}

#[test]
fn a_planted_defect_is_found_and_shrunk() {
    let planted = Config { planted: true, ..Config::TIER1 };
    let campaign = Campaign { configs: vec![Config::TIER0, planted], seed: 1, programs: 1000, jobs: 2 };
    let statistics = Statistics::default();
    let found = campaign.run(1, &statistics);
    let Divergence { program, configs, .. } = &found[0].divergence;
    assert_eq!(configs.1, planted);
    // The opcode that is executed wrongly is `GTE`: a comparison of equal values is left, and what prints its result.
    assert!(program.contains(">=") && program.lines().count() <= 12, "{program}");
}

#[test]
fn a_seed_is_a_program() {
    let text = Program::from_seed(42).text();
    assert_eq!(Program::from_seed(42).text(), text);
    assert_ne!(Program::from_seed(43).text(), text);
}

#[test]
fn every_byte_string_is_a_program_that_configurations_agree_on() {
    let bytes: Vec<u8> = (0..400_u32).map(|i| (i * 97 % 251) as u8).collect();
    for data in [&[][..], &[0; 64], &[255; 300], &bytes] {
        let program = Program::from_bytes(data);
        assert!(compile(&program.text()).is_ok(), "{}", program.text());
        assert!(matches!(Verdict::of(&program.tree, MATRIX), Verdict::Agreed(_)));
    }
}

/// A program that runs out of memory is told where, on every tier. The exact place is that of the safe point that notices, and tiers
/// have others: the line is that of the loop or of a statement in it.
#[test]
fn the_memory_limit_has_a_place() {
    let check = |text: &str, lines: &[&str], calls: &[&str]| {
        let program = compile(text).unwrap();
        for config in [
            Config::TIER0,
            Config::TIER1,
            Config { metered: true, ..Config::TIER1 },
            Config { traced: true, ..Config::TIER1 },
        ] {
            let seen = execute(&program, config);
            let [error] = &seen.errors[..] else { panic!("{config}: {seen}") };
            assert_eq!(error.code, "E0430", "{config}: {text}");
            let line = error.place.split(':').nth(1).unwrap();
            assert!(lines.contains(&line), "{config}: {text}: {}", error.place);
            assert_eq!(error.calls, calls, "{config}: {text}");
        }
    };
    check("let l = []\nwhile true { l.push(\"x\" * 100000) }", &["2"], &[]);
    let text = "let l = []\naction f() {\n  for i in 0..100000 { l.push(\"x\" * 100000 + i) }\n}\nf()";
    check(text, &["3"], &["called from main.zx:5:1 in the main program"]);
}
