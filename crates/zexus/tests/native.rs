//! Native code: what it counts, where it leaves, and that a wrong one would be seen.
#![allow(clippy::unwrap_used)]

use zexus::{Engine, Execution, JitDefect, JitMode, Tier};

fn engine(execution: Execution) -> Engine {
    Engine::new().execution(execution)
}

fn native(threshold: u32) -> Execution {
    Execution { tier: Tier::Native, jit_threshold: threshold, ..Execution::default() }
}

/// What a program prints, or its error, and the gas it uses if it is metered.
fn seen(text: &str, execution: Execution) -> (String, u64) {
    let engine = engine(execution);
    let mut instance = engine.instance(&engine.compile(text).unwrap());
    let outcome = instance.execute();
    let errors: Vec<String> = outcome.diagnostics.iter().map(|d| d.message().to_owned()).collect();
    (instance.take_output() + &errors.join("\n"), instance.gas_used())
}

/// The program does the same on tier 1 and in native code, metered and not.
fn check(text: &str, expected: &str) {
    for metered in [false, true] {
        let one = Execution { tier: Tier::Vm, metered, ..Execution::default() };
        let gas = seen(text, one);
        assert_eq!(gas.0, expected);
        for jit_mode in [JitMode::Normal, JitMode::Restless, JitMode::Careful, JitMode::Tiny] {
            assert_eq!(seen(text, Execution { metered, jit_mode, ..native(1) }), gas, "{jit_mode:?}");
        }
    }
}

#[test]
fn the_statistics_are_those_of_the_specification() {
    let engine = engine(native(50));
    let mut instance = engine.instance(&engine.compile("let x = 40\nx + 2").unwrap());
    for _ in 0..1000 {
        instance.run().unwrap();
    }
    let stats = instance.jit_stats();
    assert_eq!(
        (stats.hot_paths_detected, stats.compilations, stats.tier_promotions, stats.cache_misses),
        (1, 1, 1, 1)
    );
    assert_eq!((stats.jit_executions, stats.cache_hits, stats.cache_size), (950, 950, 1));
    assert_eq!((stats.osr_entries, stats.compilation_failures), (0, 0));
}

#[test]
fn numbers_leave_native_code_where_they_do_not_fit() {
    check("let x = 9223372036854775000\nfor i in 0..1000 { x = x + 1 }\nprint(x)", "9223372036854776000\n");
    check("let x = 3\nfor i in 0..100 { x = x * 3 % 1000007 }\nprint(x)", &format!("{}\n", power()));
    check("let s = 0\nfor x in [1, 2, 0.5, 4, 5, 6] { s = s + x }\nprint(s)", "18.5\n");
    check(
        "let i = 0\nlet s = \"\"\nwhile i < 30 { if i == 20 { s = s + \"!\" }\n i = i + 1 }\nprint(s)",
        "!\n",
    );
    check(
        "let a = 7\nlet i = -20\nlet s = 0\nwhile i < 20 { s = s + i % a + i div a\n i = i + 1 }\nprint(s)",
        &floors(),
    );
}

/// 3 to the power of 101, modulo 1000007.
fn power() -> String {
    (0..100).fold(3_i64, |x, _| x * 3 % 1_000_007).to_string()
}

fn floors() -> String {
    format!("{}\n", (-20_i64..20).map(|i| i.rem_euclid(7) + i.div_euclid(7)).sum::<i64>())
}

#[test]
fn errors_are_raised_at_their_place() {
    check(
        "action at(l, i) { return l[i] }\nlet l = [1, 2, 3]\nlet i = 0\nwhile true { print(at(l, i))\n i = i + 1 }",
        "1\n2\n3\nindex 3 is out of range for a list of 3",
    );
    check(
        "let n = 0\nwhile n < 40 { try { if n % 10 == 9 { throw \"x\" } } catch (e) { print(n) }\n n = n + 1 }",
        "9\n19\n29\n39\n",
    );
}

#[test]
fn calls_and_members_are_those_of_tier_1() {
    check(
        "action fib(n) { if (n < 2) { return n }\n return fib(n - 1) + fib(n - 2) }\nprint(fib(20))",
        "6765\n",
    );
    check(
        "data P { x: int, method up(d) { this.x = this.x + d\n return this.x } }\nlet p = P(1)\nfor i in 0..50 { p.up(i) }\nprint(p.x)",
        "1226\n",
    );
    check(
        "action add(k) { return action(x) { return x + k } }\nlet f = add(3)\nlet g = add(0.5)\nlet s = 0\nfor i in 0..20 { s = f(s)\n if i > 10 { s = g(s) } }\nprint(s)",
        "64.5\n",
    );
}

#[test]
fn planted_defects_are_seen() {
    let planted = |defect| Execution { jit_mode: JitMode::Planted(defect), metered: true, ..native(1) };
    let one = Execution { tier: Tier::Vm, metered: true, ..Execution::default() };
    for (defect, text) in [
        (
            JitDefect::WrongGuard,
            "let l = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0.5]\nlet s = 0\nlet i = 0\nwhile i < 13 { s = s + l[i]\n i = i + 1 }\nprint(s)",
        ),
        (
            JitDefect::MissedExit,
            "let x = 9223372036854775000\nlet y = 7\nfor i in 0..1000 { x = x + y }\nprint(x)",
        ),
        (JitDefect::LostCharge, "let i = 0\nwhile i < 100 { i = i + 1 }\nprint(i)"),
    ] {
        let right = seen(text, one);
        assert_eq!(seen(text, Execution { metered: true, ..native(1) }), right);
        assert_ne!(seen(text, planted(defect)), right, "{defect:?}");
    }
}
