//! Source and the listing of its code: the rows of bytecode.md 7.2 and 7.3 and of chain.md 5.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "programs/common.rs"]
mod common;

use common::{code, module};

#[test]
fn the_listing_of_the_specification() {
    let expected = "\
Bytecode Object (7 instructions, 4 constants)
============================================================

Constants:
    0: 10
    1: 'x'
    2: 20
    3: 'y'

Instructions:
     0  LOAD_CONST            0
     1  STORE_NAME            1
     2  LOAD_CONST            2
     3  STORE_NAME            3
     4  LOAD_NAME             1
     5  LOAD_NAME             3
     6  ADD                 ";
    let module = module("let x = 10; let y = 20; x + y");
    assert_eq!(module.disassemble(), expected);
    let hash: String = module.content_hash().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, "960de20e7aaede838244238c460d19e90734b8ddd3f4abd4932fd66a5ad84d59");
}

#[test]
fn the_assembler_text_of_the_specification() {
    let expected = "\
.zxasm 1
.meta source_file \"main.zx\"
.const \"add\"
.const @1
.const 3
.const 5
.const \"b\"
.const \"a\"
.func \"main\" scoped
  STORE_FUNC 0 1    ; \"add\", @1
  LOAD_CONST 2    ; 3
  CALL_NAME 0 1    ; \"add\"
.end
.func \"add\" scoped
  .param \"a\"
  .param \"b\" optional
  .entry L2
  LOAD_CONST 3    ; 5
  STORE_NAME 4    ; \"b\"
L2:
  LOAD_NAME 5    ; \"a\"
  LOAD_NAME 4    ; \"b\"
  ADD
  RETURN
.end
";
    let mut module = module("action add(a, b = 5) { return a + b }  add(3)");
    module.source_map = Default::default();
    module.metadata.remove("version");
    assert_eq!(module.to_asm(), expected);
}

#[test]
fn the_transaction_of_the_specification() {
    let expected = "
Constants:
    0: 'total'
    1: 5

Instructions:
     0  TX_BEGIN            
     1  SETUP_FINALLY         9
     2  STATE_READ            0
     3  LOAD_CONST            1
     4  ADD                 
     5  STATE_WRITE           0
     6  POP_TRY             
     7  TX_COMMIT           
     8  JUMP                  11
     9  TX_REVERT           
    10  THROW               ";
    let listing = module("persistent storage total\ntx { total = total + 5 }").disassemble();
    assert!(listing.ends_with(expected), "{listing}");
}

/// One snapshot for each row: the source, and below it the code.
macro_rules! rows {
    ($( $name:ident: $source:literal; )*) => { $(
        #[test]
        fn $name() {
            let source = $source;
            insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(stringify!($name), format!("{source}\n---\n{}", code(source)));
            });
        }
    )* };
}

rows! {
    assignments: "let t = [1]\nt[0] = 2\nt[0] += 2\nlet m = {a: 1}\nm.a += 1\nm.b = 3\nlet x: int = 1\nx = 2\nx -= 1";
    branches: "let c = true\nif c { print(1) } else { print(2) }\nif c { print(3) } else if !c { print(4) }";
    branch_values: "let c = true\nif c { 1 } else if !c { let d = 2 } else { 3 }";
    while_loop: "let c = true\nwhile c { c = false }";
    for_loops: "for x in [1, 2] { print(x) }\nfor k, v in {a: 1} { if k == \"b\" { continue } if k == \"c\" { break } print(v) }";
    fresh_variables: "let fs = []\nfor (let i = 0; i < 3; i += 1) { fs.push(() => i) }\nfor i in 0..3 {\n let z = i * 2\n fs.push(() => z + i) }";
    return_through_finally: "action f(x) { try { return x } finally { print(x) } }";
    leaving_loops: "action f(x) { for i in x { try { if i { break } else { continue } } catch (e: int) { throw e } catch (e: string) { print(e) } } }";
    try_value: "try { 1 } catch (e) { 2 }";
    throw_and_revert: "action f() { throw \"x\" }\naction g() { revert \"y\" }\naction h() { revert }";
    deferred: "action f() { defer { print(1) } defer { print(2) } return 5 }";
    deferred_in_condition: "action f(c) -> int { if c { defer { print(1) } } return 5 }";
    using: "using (r = [1]) { print(r) }";
    modifiers: "contract C {\n state n = 0\n modifier twice() { for i in [1, 2] { if i == 2 { _ } } }\n action a(x) twice -> int { if x { return 1 } try { return 2 } finally { n = 3 } } }";
    functions: "action f(a: int, b: int = a + 1, ...c) { return a }\naction g(x, y = 1, z = 2) -> int { return x }\nlet h = x => x + 1";
    closures: "action outer() {\n action a(n) { return b(n) }\n action b(n) { return a(n) }\n let k = 1\n let g = () => k + later()\n action later() { return k }\n k = 2\n return g() }";
    shadowing: "let x = 1\nif true {\n let x = 2\n print(x) }\nprint(x)\naction f(x) {\n let g = (y) => {\n  let x = y\n  return x }\n return g(x) }";
    declarations: "data Node {\n value: int\n next: Node?\n other: Later?\n action sum(a = 1) { return this.value + a }\n operator +(o) { return value + o.value } }\ndata Later extends Node { z = 5 require z > 1 }\nenum Color { RED, GREEN }\nprotocol P { action go() }";
    contracts: "contract A {\n state a = 1\n action go() { return 1 } }\ncontract B extends A {\n action go() {\n  this.a = 2\n  return super.go() + this.go() + this.hidden() }\n private action hidden() { return TX.caller } }\nlet b = B()\nb.go()";
    fields: "contract C {\n state x: int = 1\n ledger log = []\n action set(v: int) {\n  x = v\n  this.x += 1\n  log = [v]\n  log[0] = 2\n  print(log.history())\n  let f = () => x\n  return f() } }";
    state_in_actions: "state t = 1\ncontract D { action go() {\n t = t + 1\n return t } }";
    imports: "use {add, n} from \"lib\"\nuse {Point as P} from \"lib\"\nuse \"lib\" as m\nlet p: P = P(n)\nprint(add(1, n), m.add(2, 3), p)";
    standard_modules: "use {sqrt} from \"math\"\nuse \"math\" as q\nprint(sqrt(4), q.sqrt(2), q)";
    exports: "export let z = 5\nexport action f() { return z }\nlet k = 1\nexport k to \"a.zx\"";
    modules: "module M {\n export let k = 1 }\nprint(M.k, M)";
    calls: "action f(a, b = 1, ...r) { return a }\nprint(f(1, b: 2), f(b: 3, a: 1), f(...[1, 2]), f(1, ...[2], 3), (x => x)(1), max(...[1, 2]))";
    methods: "let p = {}\np.m(1, 2)\np?.m(1)?.n[2]\np.f(...[1])\np.g(x: 1)";
    patterns: "let r = match 5 { case 1: \"a\" case 2..4: \"b\" case [x, ...y]: x case {k: 1}: 2 case n if n > 3: n }\nr";
    leaving_a_match: "while true { let v = 1 + match 2 { case 2: { break } case _: 3 } }";
    logic: "let a = 1\nlet b = null\nprint(a && b, a || b, a ?? b, !a, a ? b : 2, a?.b.c)\nif a && (b || !a) { print(1) }";
    literals: "let a = 1\nprint(\"x ${a} y\", [1, 2, 3][1:a], [1][:], {k: 1, [a]: 2}, 1..3, 1..=3, -a, 2 ** 3 ** 2, a in [1], a div 2)";
    destructuring: "let z = [1]\nlet [q, ...r] = z\nlet {m, n: o} = {m: 1}";
    requirements: "require(1 == 1, \"no\")\nrequire(1 == 1)\nlet q = \"m\"\nrequire(1 == 2, q + \"x\")\nverify(1 == 1, \"v\")";
    ledgers: "ledger x = 1\nx = 2\nx[0] = 1\nprint(x, x.history())\nstate s = 5\ns += 1\nledger_append(5)\nprint(ledger_append(6))";
    limits: "action f() limit 500 { limit(10) }\naction g(n) limit n { return gas() + gas.used }";
    hashes: "print(hash(\"a\"), hash(\"a\", \"x\"), merkle_root([\"a\", \"b\"]), verify_sig(\"m\", \"s\", \"k\"), verify_sig(hash(1), \"s\", \"k\"))\nlet l = []\nprint(merkle_root(l))";
    events: "event D(a: int, b)\nemit D(1, 2)\nemit E(1, 2)\nstream E as ev => { print(ev) }";
    tasks: "async action w(x) { return x }\nlet t = async w(1)\nlet o = {}\nlet u = spawn o.m(1)\nprint(await t)\natomic { print(1) }";
    watches: "let x = 1\nwatch x { print(x) }\nx = 2";
    builtins_as_values: "let m = max\nlet len2 = len\nprint(m)";
    conditions_of_transactions: "tx { if true { 1 } else { 2 } }";
}
