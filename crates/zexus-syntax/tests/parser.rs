//! How programs are read: sources beside their trees, by chapter of the grammar.

use zexus_syntax::{FileId, dump, parse};

/// Shows each program with its tree; none may have an error.
fn show(programs: &[&str]) -> String {
    let mut out = String::new();
    for program in programs {
        let parsed = parse(FileId(0), program);
        let errors: Vec<_> = parsed.errors.iter().filter(|found| found.is_error()).collect();
        assert!(errors.is_empty(), "{program}: {errors:#?}");
        out.push_str(program);
        out.push_str("\n    ");
        out.push_str(dump(&parsed.module).trim_end().replace('\n', "\n    ").as_str());
        out.push_str("\n\n");
    }
    out
}

#[test]
fn literals() {
    insta::assert_snapshot!(show(&[
        "1_000 0xFF 0b101 007 9223372036854775807 9223372036854775808",
        "1.5 .5 1e3 2.5e-3 1_0.0_1",
        "0..10",
        "1.foo",
        r#""a\n\x41\u0042\u{43}\$\"" 'no ${hole}' """say "hi" """ '''it's'''"#,
        r#""m is ${m["k"]}, \${raw} ${ {a: "}"} }!" "${x}${y}""#,
        "true false null this",
        "[1, [2], ]\n[]",
    ]));
}

#[test]
fn maps() {
    insta::assert_snapshot!(show(&[
        "let m = {}",
        r#"let m = {a: 1, "b c": 2, 7: 3, -7: 4, [k + 1]: 5, if: 6, name, }"#,
        r#"let m = {"a${b}": 1}"#,
        "let m = {a: {b: {c: 1}}}",
    ]));
}

#[test]
fn operators() {
    insta::assert_snapshot!(show(&[
        "a + b * c - d / e % f div g",
        "-2 ** 2 2 ** 3 ** 2 2 ** -1",
        "a ?? b ?? c || d && e == f < g .. h + 1",
        "a or b and not c != d in e",
        "c ? a : b ? d : e",
        "c ?.5 : 1",
        "c ? .5 : a?.b",
        "if a then b else if c then d else e",
        "1..2 1..=n - 1",
        "await f(x) ** 2",
        "async f(x) spawn g()",
        "async\nlet x = async",
        "a - -b !!c - not d",
        "7 div 2\ndiv",
        "(a < b) == c",
    ]));
}

#[test]
fn postfix() {
    insta::assert_snapshot!(show(&[
        "a.b.c(1)[2].if",
        "a?.b?.[i](x).y",
        "a[1:2] a[:] a[1:] a[:2] a[c ? 1 : 2 : 3]",
        "f(1, ...xs, b: 2, )",
        "f(x)(y)[0]",
        "Point{x: 1, \"y\": 2} geo.Point{}",
        "Box<int>(5) Box<Map<string, int[]>?>{v: 1} a < b > (c)",
        "f(a<b, c>d)",
        "x = print\nprint",
        "match x { _ => 1 }.y",
    ]));
}

#[test]
fn lambdas() {
    insta::assert_snapshot!(show(&[
        "x => x + 1",
        "() => 1",
        "(a, b: int = 2, ...c) => a",
        "x => y => z",
        "x => { x + 1 }",
        "x => {}",
        "x => {a: 1}",
        "x => ({a})",
        "lambda: 1",
        "lambda x, y: x",
        "lambda(x) => x",
        "lambda x -> x",
        "lambda(x) { x }",
        "let f = action(x) -> int { return x }",
        "let f = async function() { }",
        "let f = action async () { }",
        "(action(x) { x })(1)",
    ]));
}

#[test]
fn line_rules() {
    insta::assert_snapshot!(show(&[
        "let a = 5\n(f)(1)",
        "let a = l\n[1]",
        "let a = 1\n  + 2\n  - 3\n  .foo\n  ? b\n  : c",
        "let a = NAME\n{ b }",
        "let a = 1 let b = 2; let c = 3",
        "return\nx",
        "let a = x\nin y\nand z",
        "a\ndiv\nb",
        "if x\n{ y }\nelse\n{ z }",
    ]));
}

#[test]
fn print_and_calls() {
    insta::assert_snapshot!(show(&[
        "print",
        "print()",
        "print(1, 2)",
        "print 1, 2",
        "print (1 + 2) * 3",
        "print(a)[0]",
        "print(a).b",
        "print(a, b)",
        "print (x) => x",
        "print(1) print(2)",
        "x => print(x)",
        "require(a, b)",
        "require(a, b) { c }",
        "require(a) { c }",
        "require (a) and b, \"m\"",
        "require a > 0, \"m\" { b }",
        "require x { y }",
        "verify(a) verify a, \"m\"",
        "validate(a, b)",
        "validate a, b",
        "validate a using b",
        "revert revert\nrevert(x)\nrevert \"x\"\nrevert (a) + b",
        "debug(x)\ndebug x\ndebug (x) + 1\ndebug [1]\ndebug[1]\ndebug - 1\ndebug -1",
        "limit(5)",
        "protect(f, {a: 1})",
    ]));
}

#[test]
fn variables() {
    insta::assert_snapshot!(show(&[
        "let x",
        "let x: int = 1, y = 2, z",
        "let x : 42",
        "let x : [1]",
        "const X: List<int>=[1]",
        "const [a, b, ...c] = v",
        "let {x, y: z, if: w} = v",
        "let [..t] = v",
        "let s << \"f.txt\"",
        "let s << path",
        "let s = sanitize t, \"html\"",
        "let s = sanitize(t), u = 1",
        "let e = audit x, \"a\", 5",
        "immutable x = 1",
        "immutable let x = 1",
        "immutable x",
        "state x",
        "state x: int? = 1",
        "ledger x = 1",
        "persistent storage x: map = {}",
    ]));
}

#[test]
fn assignments() {
    insta::assert_snapshot!(show(&[
        "x = 1 x += 2",
        "a.b.c = 1",
        "a[i].b **= 2",
        "f().x -= 1",
        "this.x = 1",
        "state = 1\ndata = 2\nprotocol.x = 3",
    ]));
}

#[test]
fn control() {
    insta::assert_snapshot!(show(&[
        "if a { b } elif c { d } else if e { f } else { g }",
        "if a return 1 else return 2",
        "if a return",
        "if a then b else c",
        "if T { x }",
        "if (T{a: 1}).a { x }",
        "while a { break continue }",
        "for x in xs { y }",
        "for each i, x in xs { y }",
        "for (x in xs) { y }",
        "for (let k, v in xs) { y }",
        "for each (x in xs) { y }",
        "for each in xs { y }",
        "for (let i = 0; i < 9; i += 1) { y }",
        "for (;;) { y }",
        "try { a } catch (e) { b } finally { c }",
        "try { a } catch e { b }",
        "try { a } catch ((e)) { b }",
        "try { a } catch (e: string) { b } catch { c }",
        "throw x",
    ]));
}

#[test]
fn matches() {
    insta::assert_snapshot!(show(&[
        "match v { -1 => \"m\", 0 || null => \"n\" 1..=9 => d 1.5..2.5 => f }",
        "match v { Point(0, y) => y, [a, ...r] if len(r) > 0 => r, [] => 0\n [..r] => r }",
        "match v { {k: p, \"x y\": 1, name} => p }",
        "match v { case \"go\": 1; case x if x > 1 => 2 default: 3 }",
        "match v { Color.Red => 1 cfg.if => 2 }",
        "match v { case => 1 default => 2 }",
        "match v { _ => {} x => {a: 1} y => { z } }",
        "match v { 1 => x = 2, 2 => return, _ => print(3) }",
        "pattern v { 1 => a }",
        "match T { _ => 1 }",
        "match ok { ok if ok => 1 }",
    ]));
}

#[test]
fn effects() {
    insta::assert_snapshot!(show(&[
        "tx { a }",
        "atomic { a }",
        "atomic(x = 1)",
        "defer { a }",
        "defer print(1)",
        "watch x => { a }",
        "watch x.y { a }",
        "watch { a }",
        "watch (a + b) => print(1)",
        "stream Moved as ev => { a }",
        "stream Moved as ev => print(ev)",
        "using (r = f()) { a }",
        "exactly once { a }",
        "emit E",
        "emit E(1, a: 2)",
        "emit E {a: 1}",
        "let r = sandbox { 1 }",
        "let r = sandbox(\"p\") { 1 }",
        "let r = sandbox(policy = p) { 1 }",
        "{ a { b } }",
    ]));
}

#[test]
fn policies() {
    insta::assert_snapshot!(show(&[
        "audit x, \"a\"",
        "seal a.b",
        "restrict a.b = \"redact\"",
        "trail *",
        "trail print, \"x\"",
        "capability c {description: \"x\"}",
        "capability c = 1",
        "capability c",
        "grant \"ana\" c, d",
        "revoke who c",
        "protect f {a: 1}, \"warn\"",
        "protect f, rules, level",
        "inject db: Db",
        "channel c",
        "channel<int> c",
        "channel<int>[2] c",
        "channel c = 2",
        "channel(2)",
        "let seal = 1\nseal = 2\ntrail * 2",
    ]));
}

#[test]
fn imports() {
    insta::assert_snapshot!(show(&[
        "use \"a\"",
        "use math",
        "use \"a\" as m",
        "use {a, b as c} from \"x\"",
        "import \"a\" as m",
        "import {a} from \"x\"",
        "from \"x\" import a, b as c",
        "from \"x\" import {a}",
        "export a, b",
        "export {a, b,}",
        "export (a, b)",
        "export a; b",
        "export a; b = 5",
        "export let x = 1",
        "export const X = 1",
        "export action f() { }",
        "export sealed data D { }",
        "export async action f() { } to \"a.zx\", \"b.zx\" with \"io.read\"",
        "module M { let k = 2 export action f() { } }",
        "package a.b { }",
    ]));
}

#[test]
fn actions() {
    insta::assert_snapshot!(show(&[
        "action f() { }",
        "function f(a, b: int = 1, ...c) -> string? { return a }",
        "action greet who { print(who) }",
        "action greet who: string { }",
        "action if() { }",
        "public pure action f() { }",
        "action async view f() { }",
        "async action f() -> int limit 5 { }",
        "action f(n) positive(n) reentrant limit N { }",
        "action only_owner f(n) { }",
        "action view { }",
        "external action f(a: int) -> T from \"m\"",
        "external f from \"m\"",
        "external pure_one",
    ]));
}

#[test]
fn types_and_fields() {
    insta::assert_snapshot!(show(&[
        "data D { name: string, age: number = 18 require age >= 0\n tags: list = [] computed c => name\n method m(x) -> int { } operator +(o) { } a; b }",
        "data immutable verified D<T, U> extends P implements A, B { value: T }",
        "data verified extends P { }",
        "sealed data D { }",
        "entity E extends P { inject db: Db\n action f() { } data: int state }",
        "enum C { Red, Green = 5, Off = \"off\", if, }",
        "enum E { }",
        "protocol P { f(a: int) -> int; action g() action view h() }",
        "interface I { name: string, f() }",
        "type_alias T = int?",
        "type_alias T = {\"id\": int, name: geo.Point[]?}",
        "event E(a, b: int)",
        "event E {a, b: int}",
    ]));
}

#[test]
fn contracts() {
    insta::assert_snapshot!(show(&[
        "contract C { state a = {} data b = \"\" persistent storage c: int = 1 limit_each: int = 100 ledger d = 1 state { open: true, n: int = 1, note: \"\", e; f = f(1), g: null, h: geo.P } }",
        "contract C { event E(a) modifier m(n) { require(n > 0, \"x\") _ } action f(n) m(n) { } view action g() { } private state s: int public data t }",
        "sealed contract C extends B implements P, Q { state: int = 1 action init(who) { } action f() { this.g() super.f() } }",
    ]));
}

#[test]
fn contextual_words_are_names() {
    insta::assert_snapshot!(show(&[
        "let data = [1]\nlet state = \"ready\"\nstate = \"done\"\nfor each event in data { print(event, state, from.limit, from.if) }",
        "tx(1) tx = 2 tx.x",
        "let async = 1, spawn = 2\nprint(async + spawn)",
        "action f(limit, action, data) { return limit + data }",
        "watch = 1\nstream\nusing(1)\nexactly(2)\nemit(3)\nemit = 4",
        "case = 1\ndefault = 2\nthen = 3",
        "modifier(1)\nevent\nexport.x\nuse.y\nchannel[0] = 1\npattern(x)\npattern = 1",
        "defer = 1\nsealed.x\npublic\nprivate = 2",
    ]));
}

#[test]
fn long_rows_are_flat() {
    let sum = format!("x = 1{}", " + 1".repeat(50_000));
    let chain = format!("x{}", ".a(1)".repeat(50_000));
    let branches = format!("if a {{ }}{}", " elif a { }".repeat(50_000));
    for program in [sum, chain, branches] {
        assert!(parse(FileId(0), &program).errors.is_empty());
    }
}
