//! How small programs look in the core language: where variables live, what is hoisted, how sugar is gone.

use zexus_hir::{BuiltinSig, Externs, Loaded, NoFiles, dump, lower_program};
use zexus_syntax::FileId;

fn shape(text: &str) -> String {
    let sig = |name: &str| BuiltinSig { names: vec![name.into()], min: 0, max: None };
    let externs = Externs { builtins: vec![sig("print"), sig("len")], ..Externs::default() };
    let main = Loaded { path: "m".into(), text: text.into(), file: FileId(0) };
    let lowered = lower_program(main, &externs, &mut NoFiles);
    let program = lowered.program.unwrap_or_default();
    let shown = dump(&program);
    let rest = shown.lines().filter(|line| !line.starts_with("module") && !line.starts_with("global"));
    rest.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    let shown = shape(text);
    let found: Vec<&str> = shown.lines().map(str::trim).collect();
    assert_eq!(found, expected, "\n{text}\n{shown}");
}

#[test]
fn top_level_variables_are_globals_and_those_of_blocks_slots() {
    check(
        "let a = 1\nif a { let b = a  b = 2 }",
        "fn f0 Module () slots 1
         let g0 = 1
         if g0 {
         let l0 = g0
         l0 = 2 }",
    );
}

#[test]
fn what_is_never_assigned_is_captured_by_value() {
    check(
        "action f(p) { let x = 1  return () => () => x + p }",
        "fn f0 Module () slots 0
         hoist g0 = f1
         fn f1 Action f(l0 p) slots 2
         let l1 = 1
         return f2
         fn f2 Literal () [l1 x] [l0 p] slots 0
         f3
         fn f3 Literal () [c0 x] [c1 p] slots 0
         (+ c0 c1)",
    );
}

#[test]
fn what_is_assigned_lives_in_a_cell() {
    check(
        "action f(p) { let x = 1  let g = () => { x += p  p = 2 }  return g }",
        "fn f0 Module () slots 0
         hoist g0 = f1
         fn f1 Action f(l0+ p) slots 3
         let l1+ = 1
         let l2 = f2
         return l2
         fn f2 Literal () [l1* x] [l0* p] slots 0
         c0* += c1*
         c1* = 2",
    );
}

#[test]
fn what_is_captured_before_its_declaration_has_an_early_cell() {
    check(
        "action f() { let g = () => x  let x = 1  let r = n => r(n)  return g }",
        "fn f0 Module () slots 0
         hoist g0 = f1
         fn f1 Action f() slots 3
         early l1 l2
         let l0 = f2
         let l1* = 1
         let l2* = f3
         return l0
         fn f2 Literal () [l1* x] slots 0
         c0*
         fn f3 Literal (l0 n) [l2* r] slots 1
         c0*(l0)",
    );
}

#[test]
fn hoisted_functions_of_a_block_have_early_cells_if_they_use_each_other() {
    check(
        "action f() { let k = 1  { action a() { return b() + k }  action b() { return 1 }  a() } }",
        "fn f0 Module () slots 0
         hoist g0 = f1
         fn f1 Action f() slots 3
         let l0 = 1
         block {
         early l2
         hoist l1 = f2
         hoist l2* = f3
         l1() }
         fn f2 Action a() [l2* b] [l0 k] slots 0
         return (+ c0*() c1)
         fn f3 Action b() slots 0
         return 1",
    );
}

#[test]
fn a_declaration_given_twice_replaces_the_first_where_it_stands() {
    check(
        "action f() { action g() { return 1 }  let h = () => g()  action g() { return 2 }  return h }",
        "fn f0 Module () slots 0
         hoist g0 = f1
         fn f1 Action f() slots 2
         early l0
         hoist l0* = f2
         let l1 = f3
         declare l0* = f4
         return l1
         fn f2 Action g() slots 0
         return 1
         fn f3 Literal () [l0* g] slots 0
         c0*()
         fn f4 Action g() slots 0
         return 2",
    );
}

#[test]
fn each_iteration_has_its_own_variables() {
    check(
        "for (let i = 0; i < 3; i += 1) { print(() => i) }\nfor x in [1] { print(() => x) }",
        "fn f0 Module () slots 2
         for (let l0+ = 0; (< l0* 3); l0* += 1) early carried l0 {
         b0(f1) }
         for l1 in (list 1) {
         b0(f2) }
         fn f1 Literal () [l0* i] slots 0
         c0*
         fn f2 Literal () [l1 x] slots 0
         c0",
    );
}

#[test]
fn a_let_declared_again_is_another_variable() {
    check(
        "action f() { let x = 1  let g = () => x  let x = x + 1  return [g, x] }",
        "fn f0 Module () slots 0
         hoist g0 = f1
         fn f1 Action f() slots 3
         let l0 = 1
         let l1 = f2
         let l2 = (+ l0 1)
         return (list l1 l2)
         fn f2 Literal () [l0 x] slots 0
         c0",
    );
}

#[test]
fn members_by_their_bare_names() {
    check(
        "data D { x: int = 1 require x > 0  method m(y) { x = y  return x + m(1) + this.m(2) + self.x } }",
        "fn f0 Module () slots 0
         hoist g0 = data D field x: int = f1 require f2 method m f3
         fn f1 FieldCode x() flags 4 slots 0
         1
         fn f2 FieldCode x() flags 4 slots 0
         (> this.x 0)
         fn f3 Method m(l0 y) flags 4 slots 1
         this!x = l0
         return (row this.x + this!m(1) + this!m(2) + this.x)",
    );
}

#[test]
fn modifiers_stand_around_bodies() {
    check(
        "contract C { state s = 0
            modifier low(n) { require n < 9 }
            modifier around(k = 1) { let s2 = s  _  s = s2 }
            action f(a) low(a) around(2) { s = a  return s } }",
        "fn f0 Module () slots 0
         hoist g0 = contract C state s = f1 action f f2
         fn f1 FieldCode s() flags 4 slots 0
         0
         fn f2 ContractAction f(l0 a) flags 12 slots 4
         block {
         let l1 = l0
         block {
         require (< l1 9), }
         block {
         let l2 = 2
         block {
         let l3 = this.s
         body {
         this!s = l0
         return this.s }
         this!s = l3 } } }",
    );
}

#[test]
fn sugar() {
    check(
        "let {a, k: b} = {a: 1, [len]: 2}\nlet c = a ?? b ?? 3\nlet d = a < b && b == c\nprint a, \"v ${a}!\"\nlet [h, ...t] = 0..=9\nlet e = 2 ** 3 ** a - 1 + h\nlet n = t?.x.m(...[1], k: 2)[0][1:]",
        "fn f0 Module () slots 0
         let {a:g0 k:g1} = (map \"a\": 1 b1: 2)
         let g2 = (?? g0 g1 3)
         let g3 = (and (< g0 g1) (== g1 g2))
         b0(g0, (join \"v \" g0 \"!\"))
         let [g4 ...g5] = (..= 0 9)
         let g6 = (row (** 2 3 g0) - 1 + g4)
         let g7 = g5?.x.m(...(list 1), k: 2)[0][:1]"
            .replace("[:1]", "[ 1:]")
            .as_str(),
    );
}

#[test]
fn sealed_variables_have_a_flag() {
    check(
        "let x = [1]\naction f(y) { seal y  y = 1 }\nseal x\nx = 2",
        "fn f0 Module () slots 0
         hoist g0 = f1
         let g1 = (list 1)
         let g2 = false
         (Seal g1)
         g2 = true
         g1 unless g2 = 2
         fn f1 Action f(l0 y) slots 2
         let l1 = false
         (Seal l0)
         l1 = true
         l0 unless l1 = 1",
    );
}

#[test]
fn watches_know_what_statements_change() {
    check(
        "let a = {}\nwatch a.x => print(a)\na.x = 1\na.x.push(2)\nlet b = a\nb = 2\nprint(a)",
        "fn f0 Module () slots 0
         watches
         let g0 = (map)
         watch f1 do f2 on [0]
         changes [0] g0.x = 1
         changes [0] g0.x.push(2)
         let g1 = g0
         changes [1] g1 = 2
         b0(g0)
         fn f1 Literal () slots 0
         g0.x
         fn f2 Literal () slots 0
         b0(g0)",
    );
}

#[test]
fn modules_and_packages_are_known_to_the_compiler() {
    check(
        "module M { let k = 1  export action f() { return k } }\nprint(M.f(), M)\npackage a.b { let v = 1 }\nprint(a.b.v, a.b)",
        "fn f0 Module () slots 0
         module g0 = M f:g2 {
         hoist g2 = f1
         let g3 = 1 }
         b0(g2(), g0)
         module g1 = a.b v:g4 {
         let g4 = 1 }
         b0(g4, g1.b)
         fn f1 Action f() slots 0
         return g3",
    );
}

#[test]
fn matches() {
    check(
        "data P { x, y }\nenum C { Red }\nlet f = v => match v { P(a, _) if a => a, C.Red || -1 => 1, [h, ...t] => () => t, {k: 1..9, z} => z }",
        "fn f0 Module () slots 0
         hoist g0 = data P field x field y
         hoist g1 = enum C Red=Int(0)
         let g2 = f1
         fn f1 Literal (l0 v) slots 5
         match l0
         case g0(l1, _) if l1 {
         l1 }
         case (or g1.Red, -1) {
         1 }
         case [l2 ...l3] {
         f2 }
         case { k: 1..9 z: l4} {
         l4 }
         fn f2 Literal () [l3 t] slots 0
         c0",
    );
}

#[test]
fn types_that_need_a_module_are_made_after_it() {
    check(
        "let f = () => Q\ndata A { x }\nmodule M { export data P { x } }\ndata Q extends R { a: A, p: M.P }\ndata R { q: Q? }\nprint(1)",
        "fn f0 Module () slots 0
         hoist g0 = data A field x
         let g3 = f1
         module g4 = M P:g5 {
         hoist g5 = data P field x }
         block {
         hoist g1 = data Q extends g2 field a: A=g0 field p: M.P=g5
         hoist g2 = data R field q: Q?=g1? }
         b0(1)
         fn f1 Literal () slots 0
         g1",
    );
    check(
        "action f() { let q = () => Q  module M { data P { x } }  data Q { p: M.P }  return q }",
        "fn f0 Module () slots 0
         hoist g0 = f1
         fn f1 Action f() slots 3
         early l0
         let l1 = f2
         module l2 = M P:g1 {
         hoist g1 = data P field x }
         block {
         hoist l0* = data Q field p: M.P=g1 }
         return l1
         fn f2 Literal () [l0* Q] slots 0
         c0*",
    );
}

/// Trees of large programs are many megabytes; a form that is large is behind a box.
#[test]
#[cfg(target_pointer_width = "64")]
fn nodes_are_small() {
    assert_eq!(size_of::<zexus_hir::ir::Expr>(), 48);
    assert_eq!(size_of::<zexus_hir::ir::Stmt>(), 72);
}
