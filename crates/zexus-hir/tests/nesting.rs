//! The deepest trees that the parser makes are lowered on the stack of a test thread, and large inputs in linear time.

use zexus_hir::{Externs, Loaded, Lowered, NoFiles, dump, lower_program};
use zexus_syntax::FileId;

fn lower(text: String) -> Lowered {
    let main = Loaded { path: "main.zx".into(), text: text.into(), file: FileId(0) };
    lower_program(main, &Externs::default(), &mut NoFiles)
}

/// Nests as deep as the parser allows, lowers, shows and drops.
fn check(open: &str, core: &str, close: &str) {
    let mut deepest = 0;
    for depth in [300, 256, 255, 254, 250, 200, 128, 127, 126, 120, 100, 85, 84, 80, 64, 60, 50, 40, 30, 20] {
        let text = format!("let x = 1\n{}{core}{}", open.repeat(depth), close.repeat(depth));
        let lowered = lower(text);
        if let Some(program) = &lowered.program {
            dump(program);
            deepest = deepest.max(depth);
        }
    }
    assert!(deepest >= 20, "{open} nests {deepest} deep");
}

#[test]
fn nested_expressions() {
    check("x + (", "1", ")");
    check("x + [", "1", "]");
    check("x + {a: ", "1", "}");
    check("x + (y => ", "1", ")");
    check("x + !(", "1", ")");
    check("x ?? (", "1", ")");
    check("x.m(", "1", ")");
    check("x[", "1", "]");
    check("x ? (", "1", ") : 2");
    check("x + \"${", "1", "}\"");
    check("x || x && x == x < x .. x + x * -x ** (", "1", ")");
    check("match x { 1 => (", "1", ") }");
    check("match x { [a] if a => { ", "x", " } }");
    check("x + sandbox { ", "1", " }");
    check("2 ** ", "1", "");
}

#[test]
fn nested_statements() {
    check("{ ", "x = 2", " }");
    check("if x { ", "x = 2", " }");
    check("while x { ", "x = 2", " }");
    check("for i in x { ", "x = i", " }");
    check("for (let i = 0; i < 1; i += 1) { ", "x = () => i", " }");
    check("try { ", "x = 2", " } catch (e) { }");
    check("action f() { ", "x = 2", " }");
    check("module M { ", "x = 2", " }");
    check("defer { ", "x = 2", " }");
    check("let f = () => { ", "x = 2", " }");
    check("tx { let y = match x { _ => { ", "x = 2", " } } }");
    check("data D { a: int = 1  method m() { ", "a = 2", " } }");
    check("contract C { state a = 1  action m() { ", "a = 2", " } }");
    check("contract C { modifier m { let t = 1  _ } action f() m { ", "x = 2", " } }");
}

#[test]
fn modifiers_cannot_multiply() {
    let modifiers: String =
        (0..30).map(|i| format!("modifier m{i} {{ if 1 {{ _ }} else {{ _ }} }} ")).collect();
    let uses: String = (0..30).map(|i| format!(" m{i}")).collect();
    let lowered = lower(format!("contract C {{ {modifiers} action f(){uses} {{ return 1 }} }}"));
    assert_eq!(lowered.diagnostics[0].code.as_str(), "E0218");
    let wrap = |n: usize| format!("{}_{}", "{ ".repeat(n), " }".repeat(n));
    let modifiers: String = (0..30).map(|i| format!("modifier m{i} {{ {} }} ", wrap(200))).collect();
    let lowered = lower(format!("contract C {{ {modifiers} action f(){uses} {{ return 1 }} }}"));
    assert_eq!(lowered.diagnostics[0].code.as_str(), "E0218");
}

#[test]
fn aliases_cannot_multiply() {
    let mut text = String::from("type_alias A0 = int\n");
    for i in 1..64 {
        text += &format!("type_alias A{i} = {{a: A{0}, b: A{0}}}\n", i - 1);
    }
    text += "let x: A63 = null";
    assert!(lower(text).diagnostics.iter().any(|d| d.code.as_str() == "E0218"));
    let chain: String = (0..20_000).map(|i| format!("type_alias A{i} = A{}\n", i + 1)).collect();
    assert!(lower(chain).has_errors());
    let ring = lower("type_alias A = B?\ntype_alias B = A?\nlet x: A = 1".into());
    assert!(ring.program.is_some());
}

#[test]
fn ancestors_are_limited() {
    let mut text = String::from("data D0 { }\n");
    for i in 1..5_000 {
        text += &format!("data D{i} extends D{} {{ method m() {{ return unknown_name }} }}\n", i - 1);
    }
    assert!(lower(text).diagnostics.iter().any(|d| d.code.as_str() == "E0218"));
}

#[test]
fn large_inputs_take_linear_time() {
    let many = |piece: &dyn Fn(usize) -> String, n: usize| (0..n).map(piece).collect::<String>();
    let n = 20_000;
    let inputs = [
        many(&|i| format!("let v{i} = 1\n"), n),
        many(&|_| "let v = 1\n".into(), n),
        many(&|i| format!("action f{i}() {{ return f{} }}\n", (i + 1) % n), n),
        many(&|_| "action f() { }\n".into(), n),
        many(&|i| format!("print(v{i})\n"), n),
        many(&|i| format!("if x{i} {{ let y = 1 }}\n"), n),
        format!(
            "action f() {{ {} return () => [{}] }}",
            many(&|i| format!("let v{i} = 1\n"), n),
            many(&|i| format!("v{i}, "), n)
        ),
        format!("enum E {{ {} }}\n{}", many(&|i| format!("m{i},"), n), many(&|i| format!("E.m{i}\n"), n)),
        format!("data D {{ {} }}", many(&|i| format!("f{i}: int = 1\n"), n)),
        format!("let m = {{ {} }}", many(&|i| format!("f{i}: 1,"), n)),
        format!(
            "event E({})\nemit E {{ {} }}",
            many(&|i| format!("f{i},"), n),
            many(&|i| format!("f{i}: 1,"), n)
        ),
        format!("action f({}) {{ }}", many(&|i| format!("f{i},"), n)),
        format!("watch {{ {} }}", many(&|i| format!("v{i}\n"), n)),
        many(&|i| format!("let v{i}: T{i} = 1\n"), n),
        many(&|_| "package a.b.c { let x = 1 }\n".into(), n),
    ];
    for text in inputs {
        let start = text.chars().take(30).collect::<String>();
        let time = std::time::Instant::now();
        lower(text);
        assert!(time.elapsed().as_secs() < 20, "{start}");
    }
}
