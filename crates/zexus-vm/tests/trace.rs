//! Traces of hand-written modules.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use zexus_bytecode::{Module, meter, verify};
use zexus_runtime::host::Quiet;
use zexus_runtime::{Limits, Machine};
use zexus_vm::{Filter, Lines, LinkMode, Unlinked, Vm, link};

/// The lines of a run, without their numbers.
fn trace(text: &str, gas: Option<u64>, filter: &str) -> Vec<String> {
    let module = Module::from_asm(text).unwrap_or_else(|e| panic!("{e:?}\n{text}"));
    let metered = if gas.is_some() { meter(&module) } else { module.clone() };
    let module_of = verify(metered).unwrap();
    let unlinked = Unlinked { path: "main.zx".into(), name: "__main__".into(), module: module_of };
    let program = Arc::new(link(vec![unlinked], 0, LinkMode::Stepwise).unwrap());
    let mut vm = Vm::new(Machine::new(Box::new(Quiet::default()), Limits { gas, ..Limits::default() }));
    vm.set_metered(gas.is_some());
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = lines.clone();
    let sink = move |line: &str| sink.lock().unwrap().push(line.to_owned());
    vm.set_tracer(Some(Box::new(Lines::new(&module, 0, filter.parse::<Filter>().unwrap(), sink))));
    vm.run(program);
    let lines = lines.lock().unwrap();
    assert!(lines[0].contains(&format!("\"metered\":{}", gas.is_some())), "{}", lines[0]);
    let short = |(n, line): (usize, &String)| {
        let line = line.strip_prefix("{\"t\":\"").and_then(|l| l.strip_suffix('}')).unwrap();
        line.replacen(&format!("\",\"n\":{}", n + 1), "", 1)
    };
    lines[1..].iter().enumerate().map(short).collect()
}

#[track_caller]
fn check(text: &str, gas: Option<u64>, filter: &str, expected: &[&str]) {
    assert_eq!(trace(text, gas, filter), expected, "{text}");
}

#[test]
fn the_note_of_a_revert_and_what_a_call_leaves_open() {
    let text = ".zxasm 1\n.const \"why\"\n.func \"main\"\nTX_BEGIN\nTX_BEGIN\nTX_REVERT 0\nTX_BEGIN\n.end\n";
    check(
        text,
        None,
        "",
        &[
            r#"call,"fn":0,"name":"main","depth":0"#,
            r#"tx,"what":"begin","level":1"#,
            r#"op,"pc":0,"op":"TX_BEGIN","height":0"#,
            r#"tx,"what":"begin","level":2"#,
            r#"op,"pc":1,"op":"TX_BEGIN","height":0"#,
            r#"tx,"what":"revert","level":2,"note":"why""#,
            r#"op,"pc":2,"op":"TX_REVERT","operand":0,"height":0"#,
            r#"tx,"what":"begin","level":2"#,
            r#"op,"pc":3,"op":"TX_BEGIN","height":0"#,
            r#"tx,"what":"revert","level":2"#,
            r#"tx,"what":"revert","level":1"#,
            r#"return,"fn":0,"name":"main","depth":0,"value":"null""#,
            r#"end,"status":"ok","gas_used":0"#,
        ],
    );
}

#[test]
fn jumps_out_of_the_code_and_values_that_stay() {
    let text = ".zxasm 1\n.const 1\n.const null\n.func \"main\"\nLOAD_CONST 0\nLOAD_CONST 1\nJUMP_IF_FALSE 5\nPOP\nLOAD_CONST 1\n.end\n";
    check(
        text,
        None,
        "op,return",
        &[
            r#"op,"pc":0,"op":"LOAD_CONST","operand":0,"height":0,"top":"1""#,
            r#"op,"pc":1,"op":"LOAD_CONST","operand":1,"height":1,"top":"null""#,
            r#"op,"pc":2,"op":"JUMP_IF_FALSE","operand":5,"height":2,"top":"1""#,
            r#"return,"fn":0,"name":"main","depth":0,"value":"1""#,
            r#"end,"status":"ok","gas_used":0"#,
        ],
    );
}

#[test]
fn a_limit_of_a_call_is_what_is_left() {
    let text = ".zxasm 1\n.const @1\n.func \"main\"\nCALL_FUNC_CONST 0 0\n.end\n.func \"f\"\n.limit 20\nNOP\nRETURN\n.end\n";
    let lines = trace(text, Some(100), "call,op");
    let gas =
        |line: &String| line.split("\"gas\":").nth(1).map(|rest| rest.split(',').next().unwrap().to_owned());
    let left: Vec<Option<String>> = lines.iter().map(gas).collect();
    let some = |n: u64| Some(n.to_string());
    // The entry, its charge, the call of f, its charge and its two instructions, then the call that ends.
    assert_eq!(
        left,
        [some(100), some(100), some(20), some(20), some(17), some(17), some(90), None],
        "{lines:?}"
    );
}

#[test]
fn filters_name_their_mistakes() {
    for text in ["", "op", "tx,state", "ADD,SUB", "fn:f", "fn:ADD, op"] {
        assert!(text.parse::<Filter>().is_ok(), "{text}");
    }
    for text in ["opp", "add", "f"] {
        let error = text.parse::<Filter>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("'{text}' is no kind of line (op, call,")), "{error}");
    }
}
