//! Programs at the limits of form, and places.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "programs/common.rs"]
mod common;

use common::{code, module, try_module};
use zexus_bytecode::Run;

/// Runs on a stack of the size that main threads have.
fn with_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(8 << 20).spawn(test).unwrap().join().unwrap();
}

#[test]
fn as_many_arguments_as_there_may_be_need_no_spread() {
    let args = vec!["1"; 255].join(", ");
    let text = code(&format!("action f(...a) {{ }}\nf({args})\nprint(max({args}))\n[].m({args})"));
    assert_eq!(text.matches(" 255    ;").count(), 3);
    assert_eq!(text.matches("SPREAD").count(), 0);
}

#[test]
fn long_literals_are_made_in_parts() {
    let items = vec!["1"; 70_000].join(",");
    let text = code(&format!("let l = [{items}]"));
    assert_eq!(text.matches("BUILD_LIST 10000").count(), 1);
    assert_eq!(text.matches("@append").count(), 300);
}

#[test]
fn trees_of_the_greatest_height_compile() {
    with_stack(|| {
        let deep = |open: &str, close: &str, n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
        module(&format!("let x = {}", deep("[", "]", 250)));
        module(&format!("let x = {}", deep("(-", ")", 120)));
        module(&deep("if true { ", " }", 250));
        module(&deep("while true { try { ", " } catch (e) { } }", 60));
        module(&format!("let f = {}", deep("() => {", "}", 200)));
    });
}

#[test]
fn code_that_grows_without_measure_is_refused() {
    with_stack(|| {
        // The code of each `finally` stands twice in that of the one around it.
        let n = 60;
        let source = format!("{}print(1){}", "try { } finally { ".repeat(n), " }".repeat(n));
        let error = try_module(&source).unwrap_err();
        assert_eq!(error.to_string(), "main.zx: more than 1000000 instructions in a function");
        let n = 70;
        let source = format!("{}print(1){}", "try { ".repeat(n), " } finally { }".repeat(n));
        let error = try_module(&source).unwrap_err();
        assert_eq!(error.to_string(), "main.zx: regions nested more than 64 deep");
        // Each way out runs the code of all blocks around it, whose own ways out do the same.
        let n = 40;
        let cleanup = format!("{}return 1{}", "if true { ".repeat(n), " }".repeat(n));
        let source = format!(
            "action f() {{ {}return 2{} }}",
            "try { ".repeat(n),
            format!(" }} finally {{ {cleanup} }}").repeat(n)
        );
        let result = try_module(&source);
        assert!(result.is_err());
    });
}

#[test]
fn names_have_limits() {
    let error = try_module(&format!("let {} = 1", "x".repeat(256))).unwrap_err();
    assert_eq!(error.to_string(), "main.zx: a name of more than 255 bytes");
    let error = try_module(&format!("let x = \"{}\"", "x".repeat(1 << 20))).unwrap_err();
    assert_eq!(error.to_string(), "main.zx: a constant of more than 1048576 bytes");
}

#[test]
fn instructions_have_places() {
    let module = module("let a = 1\nlet e = \"éé\" + a.b");
    let at = |pc| module.source_map.find(0, pc).map(|run: Run| (run.line, run.column, run.length));
    let code: Vec<&str> = module.functions[0].code.iter().map(|i| i.op().name()).collect();
    assert_eq!(code[2..], ["LOAD_CONST", "LOAD_NAME", "GET_ATTR", "ADD", "STORE_NAME"]);
    assert_eq!(at(3), Some((2, 16, 1)), "columns count code points");
    assert_eq!(at(4), Some((2, 17, 2)), "the member with its dot");
    assert_eq!(at(5), Some((2, 9, 12)), "the whole operation");
}

#[test]
fn handlers_raise_again_without_a_place() {
    let module = module("try { print(1) } finally { print(2) }");
    let code = &module.functions[0].code;
    let throw = code.iter().position(|i| i.op() == zexus_bytecode::Opcode::Throw).unwrap();
    assert_eq!(module.source_map.find(0, throw as u32).unwrap().line, 0);
}
