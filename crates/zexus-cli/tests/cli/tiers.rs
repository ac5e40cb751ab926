use super::*;

const SMALL: &str = "print(1 + 1)";
const LOOP: &str = "for i in 0..3 { print(i) }";

#[test]
fn small_programs_are_walked_and_others_compiled() {
    let walked = &["bytecode_compiles: 0\nvm_executions: 0\nvm_fallbacks: 0\ndirect_evals: 1\n"];
    let compiled = &["bytecode_compiles: 1\nvm_executions: 1\nvm_fallbacks: 0\ndirect_evals: 0\n"];
    program(SMALL, &["--stats"]).expect(0, "2\n", walked);
    program(LOOP, &["--stats"]).expect(0, "0\n1\n2\n", compiled);
    program(SMALL, &["--stats", "--tier", "1"]).expect(0, "2\n", compiled);
    program(LOOP, &["--stats", "--tier", "0"]).expect(0, "0\n1\n2\n", walked);
    let five = "action f() { 1\n2\n3\n4\n5 }\nprint(f())";
    let six = "action f() { let a = 1\nlet b = 2\nlet c = 3\nlet d = 4\nlet e = 5\nreturn a + b + c + d + e }\nprint(f())";
    assert!(program(five, &["--stats"]).err.contains("direct_evals: 1"));
    program(six, &["--stats"]).expect(0, "15\n", compiled);
    let contract = "contract C { state x = 1 }\nprint(C().x)";
    program(contract, &["--stats"]).expect(0, "1\n", compiled);
    let json = "{\"statistics\":{\"bytecode_compiles\":1,\"direct_evals\":0,\"vm_executions\":1,\"vm_fallbacks\":0}}\n";
    let ran = program(LOOP, &["--stats", "--json"]);
    assert!(ran.err.starts_with(json), "{ran:?}");
}

#[test]
fn long_programs_are_compiled() {
    let text = format!("print(1)\n{}", "// a line\n".repeat(100));
    assert!(program(&text, &["--stats"]).err.contains("vm_executions: 1"));
}

#[test]
fn gas_is_counted() {
    // The program of bytecode.md 5.2.
    let text = "let i = 0  let s = 0  while i < 3 { s = s + i  i = i + 1 }  s";
    program(text, &["--gas"]).expect(0, "", &["gas_used: 105\n"]);
    program(text, &["--gas-limit", "105", "--gas"]).expect(0, "", &["gas_used: 105\n"]);
    program(text, &["--gas-limit", "50", "--gas"]).expect(
        1,
        "",
        &["error[E0504]: Out of gas: used 66/50", "gas_used: 50\n"],
    );
}

#[test]
fn running_out_of_gas_reverts_and_is_not_caught() {
    let text = "persistent storage n = 1\n\
                try { tx { n = 2\nprint(\"in\")\nwhile true { } } } catch (e) { print(\"caught\") } finally { print(\"finally\") }";
    program(text, &["--gas-limit", "5000"]).expect(1, "in\n", &["error[E0504]"]);
}

#[test]
fn a_program_can_limit_itself() {
    program("limit(100)\nwhile true { }", &[]).expect(1, "", &["error[E0504]"]);
    program("limit(100)\nprint(1)", &["--tier", "0"]).expect(0, "1\n", &[]);
}

#[test]
fn all_tiers_agree_on_an_example() {
    let dir = files(&[("a.zx", "let s = 0\nfor i in 0..4 { s = s + i }\nprint(s)\nemit Done(s)\n1 / 0")]);
    let ran = zexus_in(dir.path(), &["diff", "a.zx"], b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("tier 0: same\ntier 1: same\n"), "{ran:?}");
    assert!(ran.out.contains("tier 1, metered: same, gas "), "{ran:?}");
    assert!(ran.out.contains("output   6\n"), "{ran:?}");
    assert!(ran.out.contains("E0405"), "{ran:?}");
}

/// A loop that every level makes shorter, and that ends with an error.
const LEVELS: &str = "for i in 0..2 { let x = i * (2 + 3)\nprint(x + 1, x) }\nprint(1 / 0)";

#[test]
fn levels_change_the_code_and_nothing_else() {
    let sizes = [
        ("0", "original_size: 26\noptimized_size: 26\n"),
        ("1", "optimized_size: 24\n"),
        ("3", "optimized_size: 23\n"),
    ];
    for (level, size) in sizes {
        let ran = program(LEVELS, &["--opt-level", level, "--stats", "--gas"]);
        ran.expect(1, "1 0\n6 5\n", &["error[E0405]", "<stdin>:3:7", "gas_used: 119\n", size]);
    }
    let ran = program("let x = 1 + 2", &["--tier", "1", "--stats", "--json"]);
    let (_, optimizer) = ran.err.split_once('\n').unwrap();
    assert_eq!(
        optimizer,
        "{\"optimizer\":{\"common_subexpressions\":0,\"constant_folds\":1,\"copies_eliminated\":0,\"dead_code_removed\":0,\
         \"instructions_combined\":0,\"jumps_threaded\":0,\"loops_unrolled\":0,\"optimized_size\":2,\"original_size\":4,\
         \"passes_run\":2,\"peephole_opts\":0,\"size_reduction_pct\":50.0,\"strength_reductions\":0,\"total_optimizations\":1}}\n"
    );
}

#[test]
fn a_program_can_ask_for_a_level() {
    let text = "// @zexus optimize=2\nlet x = 1\nfor i in 0..2 { print(x) }";
    program(text, &["--stats"]).expect(0, "1\n1\n", &["instructions_combined: 1\n"]);
    program(text, &["--stats", "--opt-level", "1"]).expect(0, "1\n1\n", &["instructions_combined: 0\n"]);
    let head = |options: &[&str]| program(text, options).err.lines().next().unwrap_or_default().to_owned();
    assert!(head(&["--trace"]).ends_with("\"level\":2,\"metered\":false}"));
    assert!(head(&["--trace", "--opt-level=3"]).ends_with("\"level\":3,\"metered\":false}"));
}

#[test]
fn wrong_tiers_are_named() {
    program(SMALL, &["--opt-level", "4"]).expect(2, "", &["invalid value '4'", "0..=3"]);
    program(SMALL, &["--tier", "7"]).expect(2, "", &["invalid value '7'", "auto, 0, 1"]);
    program(SMALL, &["--gas-limit", "-1"]).expect(2, "", &["--gas-limit"]);
}

#[test]
fn a_limit_of_form_is_a_warning_or_an_error() {
    // One function more than a module may have.
    let text = format!("let f = null\n{}print(f())", "f = () => 1\n".repeat(65_535));
    let seen = &["warning: E0707: ", "the program runs on tier 0", "vm_fallbacks: 1\ndirect_evals: 1\n"];
    program(&text, &["--stats"]).expect(0, "1\n", seen);
    program(&text, &["--gas-limit", "1000000"]).expect(2, "", &["error[E0707]"]);
}
