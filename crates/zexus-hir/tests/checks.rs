//! Every compile-time error and warning that needs to know names: the program beside what is reported.

use std::collections::HashMap;

use zexus_hir::{
    BuiltinSig, Externs, LoadError, Loaded, Loader, Session, StdExport, StdModule, lower_program,
};
use zexus_syntax::{Diagnostic, FileId};

fn externs() -> Externs {
    let sig = |name: &str, min, max| BuiltinSig { names: vec![name.into()], min, max };
    Externs {
        builtins: vec![
            sig("print", 0, None),
            sig("len", 1, Some(1)),
            sig("round", 1, Some(2)),
            sig("gas", 0, Some(0)),
            sig("tx", 0, Some(0)),
            sig("send", 2, Some(2)),
            BuiltinSig { names: Vec::new(), min: 1, max: Some(1) },
        ],
        modules: vec![StdModule {
            name: "math",
            exports: vec![("pi".into(), StdExport::Float(3.0)), ("sqrt".into(), StdExport::Builtin(6))],
        }],
        host_modules: vec!["http", "sqlite"],
        caps: vec!["io.read"],
        variables: Vec::new(),
    }
}

/// Files by path; a path means the file of this name with `.zx`.
struct Files(HashMap<&'static str, (&'static str, FileId)>);

impl Loader for Files {
    fn load(&mut self, _from: &str, path: &str) -> Result<Loaded, LoadError> {
        if path.starts_with("..") {
            return Err(LoadError::Outside);
        }
        let path = if path.ends_with(".zx") { path.to_owned() } else { format!("{path}.zx") };
        match self.0.get(path.as_str()) {
            Some((text, file)) => Ok(Loaded { path, text: (*text).into(), file: *file }),
            None => Err(LoadError::NotFound),
        }
    }
}

fn show(d: &Diagnostic, text: &str) -> String {
    let (file, span) = d.primary().unwrap_or_default();
    let place = if file.0 == 0 { span.text(text).lines().next().unwrap_or("") } else { "elsewhere" };
    let help =
        d.help.as_ref().filter(|h| h.starts_with("did you")).map(|h| format!(" ({h})")).unwrap_or_default();
    format!("{} [{place}] {}{help}", d.code, d.message)
}

fn diagnostics(files: &[(&'static str, &'static str)]) -> Vec<String> {
    let map = files.iter().zip(0u32..).map(|((path, text), id)| (*path, (*text, FileId(id)))).collect();
    let (path, text) = files[0];
    let main = Loaded { path: path.into(), text: text.into(), file: FileId(0) };
    let lowered = lower_program(main, &externs(), &mut Files(map));
    let has_errors = lowered.diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(lowered.program.is_none(), has_errors);
    lowered.diagnostics.iter().map(|d| show(d, text)).collect()
}

#[track_caller]
fn check(text: &'static str, expected: &[&str]) {
    assert_eq!(diagnostics(&[("main.zx", text)]), expected, "{text}");
}

#[track_caller]
fn check_files(files: &[(&'static str, &'static str)], expected: &[&str]) {
    assert_eq!(diagnostics(files), expected, "{files:?}");
}

#[test]
fn undefined_names() {
    check("print(x)", &["E0301 [x] Identifier 'x' not found"]);
    check(
        "let total = 1\nprint(totl)",
        &["E0301 [totl] Identifier 'totl' not found (did you mean `total`?)"],
    );
    check("print(lenght)", &["E0301 [lenght] Identifier 'lenght' not found"]);
    check("print(x)\nlet x = 1", &["E0301 [x] Identifier 'x' not found"]);
    check("let x = x", &["E0301 [x] Identifier 'x' not found"]);
    check("action f() { return x }\nlet x = 1", &[]);
    check("let f = n => f(n)", &[]);
    check("if 1 { let y = 2 }\nprint(y)", &["E0301 [y] Identifier 'y' not found"]);
    check("for i in [1] { }\nprint(i)", &["E0301 [i] Identifier 'i' not found"]);
    check("action f() { y = 1 }", &["E0303 [y] 'y' is not declared; declare it with let"]);
    check("len = 1", &["E0303 [len] 'len' is not declared; declare it with let"]);
    check("let f = [1]\nf.x.y = zz", &["E0301 [zz] Identifier 'zz' not found"]);
    check("emit E(a)", &["E0301 [a] Identifier 'a' not found"]);
    check("print(__FILE__, __DIR__, __MODULE__, __PACKAGE__, __ARGS__)", &[]);
}

#[test]
fn ended_blocks_are_noted() {
    let main = Loaded { path: "m.zx".into(), text: "if 1 { let y = 2 }\nprint(y)".into(), file: FileId(0) };
    let lowered = lower_program(main, &externs(), &mut Files(HashMap::new()));
    assert_eq!(
        lowered.diagnostics[0].notes,
        ["a block that has ended declared 'y'; a name ends with its block"]
    );
}

#[test]
fn nothing_is_said_about_what_is_broken() {
    check("let x = )\nprint(x)", &["E0201 [)] expected an expression, found `)`"]);
    check("use {a} from \"nowhere\"\nprint(a)", &["E0601 [\"nowhere\"] Module not found: nowhere"]);
    check("use \"nowhere\"\nprint(anything)", &["E0601 [\"nowhere\"] Module not found: nowhere"]);
    check("const c\nprint(c, y)", &["E0211 [c] `const` needs a value", "E0301 [y] Identifier 'y' not found"]);
}

#[test]
fn constants() {
    check("const x = 1\nx = 2", &["E0304 [x] Cannot reassign const variable 'x'"]);
    check("const x = 1\naction f() { x += 1 }", &["E0304 [x] Cannot reassign const variable 'x'"]);
    check("immutable x = 1\nx = 2", &["E0304 [x] Cannot reassign const variable 'x'"]);
    check("action f() { }\nf = 1", &["E0304 [f] Cannot reassign const variable 'f'"]);
    check("inject m\nm = 1", &["E0304 [m] Cannot reassign const variable 'm'"]);
    check("use {pi} from \"math\"\npi = 1", &["E0304 [pi] Cannot reassign const variable 'pi'"]);
    check("use \"math\" as m\nm.pi = 1", &["E0304 [pi] Cannot reassign const variable 'pi'"]);
    check("TX.caller = 1", &["E0304 [caller] Cannot reassign const variable 'caller'"]);
    check("const x = 1\nlet x = 2", &["E0305 [x] 'x' is a constant and cannot be declared again here"]);
    check("const f = 1\naction f() { }", &["E0305 [f] 'f' is a constant and cannot be declared again here"]);
    check("const x = 1\nif 1 { let x = 2  x = 3 }", &[]);
    check("const x = [1]\nx[0] = 2", &[]);
    check("action f(const_ = 1) { const_ = 2 }", &[]);
}

#[test]
fn loops_and_blocks_that_cannot_be_left() {
    check("break", &["E0209 [break] `break` outside a loop"]);
    check("while 1 { let f = () => { continue } }", &["E0209 [continue] `continue` outside a loop"]);
    check("while 1 { defer { break } }", &["E0210 [break] `break` cannot leave this block"]);
    check("defer { return 1 }", &["E0210 [return 1] `return` cannot leave this block"]);
    check("defer { while 1 { break } }", &[]);
    check("defer { let f = () => { return 1 } }", &[]);
    check(
        "contract C { modifier m { return } action f() m { return 1 } }",
        &["E0210 [return] `return` cannot leave this block"],
    );
    check("contract C { modifier m { return } }", &["E0210 [return] `return` cannot leave this block"]);
    check(
        "contract C { modifier m { while 1 { _ } } action f() m { break } }",
        &["E0209 [break] `break` outside a loop"],
    );
}

#[test]
fn given_twice() {
    check("action f(a, a) { }", &["E0214 [a] parameter 'a' is given twice"]);
    check("let f = (a, a) => 1", &["E0214 [a] parameter 'a' is given twice"]);
    check("enum E { A, B, A }", &["E0214 [A] member 'A' is given twice"]);
    check("data P { x }\nlet p = P{x: 1, x: 2}", &["E0214 [x] field 'x' is given twice"]);
    check("match 1 { {a: 1, a: 2} => 1, _ => 2 }", &["E0214 [a] key 'a' is given twice"]);
    check("event E(a, a)", &["E0214 [a] parameter 'a' is given twice"]);
    check("data P { x, x }", &["E0306 [x] member 'x' is declared twice"]);
    check("contract C { state x  action x() { } }", &["E0306 [x] member 'x' is declared twice"]);
    check(
        "contract C { action init() { }  action constructor() { } }",
        &["E0306 [constructor] `init` and `constructor` are the same: declare one of them"],
    );
    check("data P { operator +(o) { }  operator +(p) { } }", &["E0306 [+] operator '+' is declared twice"]);
}

#[test]
fn patterns() {
    check("data P { x, y }\nmatch 1 { P(a) => 1 }", &["E0216 [P(a)] 'P' has 2 fields, the pattern has 1"]);
    check("data P { x }\ndata Q extends P { y }\nmatch 1 { Q(a, b) => 1 }", &[]);
    check("match 1 { Nope(a) => 1 }", &["E0301 [Nope] Identifier 'Nope' not found"]);
    check(
        "enum C { Red }\nmatch 1 { C.Rad => 1 }",
        &["E0311 [Rad] C has no member 'Rad' (did you mean `Red`?)"],
    );
    check("const A = 1\nmatch 1 { A => 1 }", &["W0904 [A] 'A' declares a new name here and fits everything"]);
    check("let a = 1\nmatch 1 { a => a }", &[]);
}

#[test]
fn not_allowed_here() {
    check("action m f() { }", &["E0217 [m] the modifier 'm' stands on actions of contracts only"]);
    check(
        "payable action f() { }",
        &["E0217 [payable] the modifier 'payable' stands on actions of contracts only"],
    );
    check(
        "action f() payable { }",
        &["E0217 [payable] the modifier 'payable' stands on actions of contracts only"],
    );
    check("data D { inject x }", &["E0217 [inject x] `inject` is a member of entities only"]);
    check("private action f() { }\nexport f", &["E0217 [f] 'f' is private and cannot be exported"]);
    check(
        "if 1 { state x = 1 }",
        &["E0217 [state x = 1] state variables are declared at the top level of a program or module"],
    );
    check("module M { state x = 1 }", &[]);
    check(
        "if 1 { export let x = 1 }",
        &["E0217 [export let x = 1] `export` stands at the top level of a file or module only"],
    );
    check("contract C { action f() payable nonReentrant { } action g() reentrant { } }", &[]);
    check("contract C { action f() nope { } }", &["E0301 [nope] Identifier 'nope' not found"]);
}

#[test]
fn words_of_other_dialects() {
    check("draw_line(1)", &["E0220 [draw_line] 'draw_line' is not part of Zexus here"]);
    check("action draw_line(x) { }\ndraw_line(1)", &[]);
    check("let x = eval_file(\"a\")", &["E0220 [eval_file] 'eval_file' is not part of Zexus here"]);
    check(
        "http_get(1)",
        &["E0606 [http_get] 'http' is a host module; register it with the host or use external action"],
    );
}

#[test]
fn types() {
    check("let x: Whatever = 1", &["W0901 [Whatever] unknown type 'Whatever' accepts everything"]);
    check(
        "let x: strng = 1",
        &["W0901 [strng] unknown type 'strng' accepts everything (did you mean `string`?)"],
    );
    check("data Task { x }\nlet t: Task? = null\nlet u: List<Task>[] = []", &[]);
    check(
        "type_alias Id = Pint\nlet x: Id = 1",
        &["W0901 [Pint] unknown type 'Pint' accepts everything (did you mean `int`?)"],
    );
    check(
        "data Box<T> { value: T }\naction f(b: Box<int>) -> T { }",
        &["W0901 [T] unknown type 'T' accepts everything"],
    );
    check("action f(point: point) { }\ndata point { x }", &[]);
}

#[test]
fn extends_and_implements() {
    check("data A extends B { }", &["E0307 [B] 'B' is no declared type"]);
    check("data A extends A { }", &["E0307 [A] 'A' extends itself"]);
    check("data A extends B { }\ndata B extends A { }", &["E0307 [A] 'B' extends itself"]);
    check("entity E { }\ndata A extends E { }", &["E0307 [E] 'E' is no data and cannot be extended by one"]);
    check("data P { }\ncontract C implements P { }", &["E0307 [P] 'P' is no protocol or interface"]);
    check("sealed data A { }\ndata B extends A { }", &["E0309 [A] 'A' is sealed and cannot be extended"]);
    check(
        "contract A { sealed action f() { } }\ncontract B extends A { }\ncontract C extends B { action f() { } }",
        &["E0309 [f] 'f' is sealed and cannot be overridden"],
    );
    check("sealed action f() { }\naction f() { }", &["E0309 [f] 'f' is sealed and cannot be declared again"]);
    check("sealed action f() { }\nlet f = 1", &["E0309 [f] 'f' is sealed and cannot be declared again"]);
    check(
        "protocol P { transfer(a, b) }\ncontract Token implements P { action transfer(a) { } }",
        &["E0308 [Token] Token does not implement transfer of P"],
    );
    check(
        "protocol P { go(a) }\ncontract B { action go(a, b = 1) { } }\ncontract C extends B implements P { }",
        &[],
    );
    check(
        "protocol P { go() }\ncontract C implements P { private action go() { } }",
        &["E0308 [C] C does not implement go of P"],
    );
    check(
        "interface I { name: string, go() }\ndata D implements I { method go() { } }",
        &["E0308 [D] D does not implement name of I"],
    );
    check(
        "data A extends Nope { }\ndata B extends A { method m() { return super.x() } }",
        &["E0307 [Nope] 'Nope' is no declared type"],
    );
}

#[test]
fn counts() {
    check("len()", &["E0310 [len] len expects 1 argument, got 0"]);
    check("round(1, 2, 3)", &["E0310 [round] round expects 1 to 2 arguments, got 3"]);
    check("len(...[1, 2])\nlen(x: 1)\nlet f = len\nf()", &[]);
    check("use \"math\" as m\nprint(m.sqrt())", &["E0310 [m.sqrt] sqrt expects 1 argument, got 0"]);
    check("action len(a, b) { }\nlen(1, 2)", &[]);
    check(
        "event E(a, b)\nemit E(1)\nemit E(...[1])\nemit E {a: 1, b: 2}",
        &["E0310 [E] E expects 2 values, got 1"],
    );
    check("contract C { event E(a)  action f() { emit E() } }", &["E0310 [E] E expects 1 value, got 0"]);
}

#[test]
fn members() {
    check("enum C { Red, Green }\nC.Gren", &["E0311 [Gren] C has no member 'Gren' (did you mean `Green`?)"]);
    check("enum C { Red }\nprint(C.keys(), C.name(1))", &[]);
    check("print(TX.calle)", &["E0311 [calle] TX has no member 'calle' (did you mean `caller`?)"]);
    check("print(msg.sender, TX.id, gas.used, gas(), TX)", &[]);
    check("print(gas.price)", &["E0311 [price] gas has no member 'price'"]);
    check("let TX = {a: 1}\nprint(TX.a)", &[]);
}

#[test]
fn this_and_super() {
    check("print(this)", &["E0314 [this] `this` outside a method or action"]);
    check("action f() { return self.x }", &["E0314 [self] `self` outside a method or action"]);
    check("super.m()", &["E0314 [super] `super` outside a method or action"]);
    check("data D { x  method m() { return [this, self, () => this.x, x] } }", &[]);
    check(
        "data D { method m() { return super.m() } }",
        &["E0314 [super] `super` in a type that extends nothing"],
    );
    check("let self = 1\nprint(self)", &[]);
    check("contract C { state a = b  state b = 1 }", &["E0301 [b] Identifier 'b' not found"]);
    check("contract C { state n = 0  action f() { action g() { n += 1 }  g() } }", &[]);
    check("data D { x  method m(x) { x = 1  m = 2 } }", &["E0304 [m] Cannot reassign const variable 'm'"]);
}

#[test]
fn ledger_variables() {
    check(
        "ledger l = [1]\nl.push(2)",
        &["E0514 [push] a ledger variable cannot be changed in place by 'push'"],
    );
    check(
        "ledger l = {}\nl.a.b[0].push(2)",
        &["E0514 [push] a ledger variable cannot be changed in place by 'push'"],
    );
    check("ledger l = [1]\nl = l + [2]\nl[0] = 3\nprint(l.history(), l.map(v => v).push(1))", &[]);
    check(
        "contract C { ledger l = []  action f() { l.push(1)  this.l.pop() } }",
        &[
            "E0514 [push] a ledger variable cannot be changed in place by 'push'",
            "E0514 [pop] a ledger variable cannot be changed in place by 'pop'",
        ],
    );
}

#[test]
fn modules() {
    check("module M { export let a = 1  let b = 2 }\nprint(M.b)", &["E0602 [b] 'b' is not exported by M"]);
    check(
        "module M { let a = 1  private action s() { } }\nprint(M.a)\nM.s()",
        &["E0602 [s] 's' is not exported by M"],
    );
    check("package a.b { action f() { } }\npackage a.b { let g = 1 }\nprint(a.b.f(), a.b.g)", &[]);
    check("use \"math\" as m\nprint(m.p)", &["E0602 [p] 'p' is not exported by math"]);
    check(
        "use {sqrl} from \"math\"\nprint(sqrl)",
        &["E0602 [sqrl] 'sqrl' is not exported by math (did you mean `sqrt`?)"],
    );
    check(
        "use \"http\"",
        &["E0606 [\"http\"] 'http' is a host module; register it with the host or use external action"],
    );
    check("use \"../x\"", &["E0603 [\"../x\"] '../x' is outside the root and the search paths"]);
    let util = (
        "util.zx",
        "export let a = 1\nlet hidden = 2\nexport let k = 3 to \"other.zx\"\nexport let c = 4 with \"io.write\"",
    );
    check_files(
        &[("main.zx", "use {a, hidden} from \"util\"\nprint(a, hidden)"), util],
        &["E0602 [hidden] 'hidden' is not exported by util.zx"],
    );
    check_files(
        &[("main.zx", "use \"util\" as u\nprint(u.a, u.hidden)"), util],
        &["E0602 [hidden] 'hidden' is not exported by util.zx"],
    );
    check_files(
        &[("main.zx", "use {k} from \"util\"\nuse {c} from \"util\""), util],
        &[
            "E0604 [k] 'k' of util.zx cannot be imported here: it is exported to other.zx only",
            "E0604 [c] 'c' of util.zx cannot be imported here: it needs the capability 'io.write'",
        ],
    );
    check_files(&[("main.zx", "use \"util\"\nprint(a, k)"), util], &["E0301 [k] Identifier 'k' not found"]);
    check_files(
        &[("main.zx", "use \"util\"\nuse \"b\""), util, ("b.zx", "export let a = 1")],
        &["E0608 [\"b\"] another import brought 'a' already"],
    );
    check_files(
        &[("main.zx", "use {a} from \"b\"\nuse \"b\""), ("b.zx", "export let a = 1")],
        &["E0608 [\"b\"] 'a' of this module is imported already"],
    );
    check_files(
        &[("main.zx", "use \"b\"\nprint(y, z)"), ("b.zx", "export let y = nope")],
        &["E0607 [\"b\"] b.zx has errors"],
    );
    check_files(
        &[("main.zx", "use \"a\""), ("a.zx", "use \"b\""), ("b.zx", "use \"a\"")],
        &["E0605 [elsewhere] Circular import detected: a.zx -> b.zx -> a.zx"],
    );
    check_files(
        &[
            ("main.zx", "use \"a\"\nprint(f())"),
            ("a.zx", "use \"b\"\nexport action f() { return g }"),
            ("b.zx", "export let g = 1"),
        ],
        &[],
    );
}

#[test]
fn modifiers_of_other_files_see_their_own_names() {
    let base = "let limit_ = 3\nexport contract Base { state n = 0  modifier m(v) { let t = limit_  require(v < t)  _  n = t } }";
    let main = "use {Base} from \"base\"\ncontract C extends Base { action f(a) m(a) { return n } action g() m(1) { return t } }";
    check_files(&[("main.zx", main), ("base.zx", base)], &["E0301 [t] Identifier 't' not found"]);
}

#[test]
fn warnings() {
    check("let a = 1\na + 1\nprint(a)", &["W0902 [a + 1] the value of this expression is not used"]);
    check("let a = 1\na", &[]);
    check("let f = () => { 1 }\naction g() { if 1 { 2 } else { 3 } }", &[]);
    check("try { 1 / 0 } catch (e) { }\nprint(1)", &[]);
    check(
        "action f() { }\naction f() { }",
        &["W0903 [f] 'f' is declared twice in this block; from here on this one is meant"],
    );
    check(
        "action f() { return 1  print(2)  print(3) }",
        &["W0906 [print(2)] this statement can never be reached"],
    );
    check(
        "action f(x) { if x { return 1 } else { throw 2 }  print(2) }",
        &["W0906 [print(2)] this statement can never be reached"],
    );
    check("action f() { return g()  action g() { } }", &[]);
}

#[test]
fn the_repl_keeps_its_scope() {
    let mut session = Session::new(externs());
    let mut files = Files([("m.zx", ("export let shared = 1", FileId(90)))].into());
    let mut next = 0;
    let mut enter = |text: &str| {
        next += 1;
        let entry = Loaded { path: "repl".into(), text: text.into(), file: FileId(next) };
        let lowered = session.enter(entry, &mut files);
        assert_eq!(lowered.program.is_some(), !lowered.has_errors());
        let unknown = lowered.program.map(|p| {
            p.globals.iter().filter(|g| g.unknown).map(|g| g.name.to_string()).collect::<Vec<_>>().join(",")
        });
        let codes: Vec<_> = lowered.diagnostics.iter().map(|d| d.code.as_str()).collect();
        format!("{} {}", unknown.unwrap_or_else(|| "failed".into()), codes.join(","))
    };
    assert_eq!(enter("let x = 1"), " ");
    assert_eq!(enter("x = x + 1"), " ");
    assert_eq!(enter("action f() { return later + x }"), "later ");
    assert_eq!(enter("print(nope)"), "later,nope ");
    assert_eq!(enter("let later = 5"), "nope ");
    assert_eq!(enter("y = 1"), "failed E0303");
    assert_eq!(enter("let z = 1\nbreak"), "failed E0209");
    assert_eq!(enter("z"), "nope,z ");
    assert_eq!(enter("let z = 2"), "nope ");
    assert_eq!(enter("action f() { return 2 }"), "nope ");
    assert_eq!(enter("const c = 1"), "nope ");
    assert_eq!(enter("c = 2"), "failed E0304");
    assert_eq!(enter("use \"m\""), "nope ");
    assert_eq!(enter("shared"), "nope ");
    assert_eq!(enter("contract B { state n = 0  modifier m { print(x)  _ } }"), "nope ");
    assert_eq!(enter("contract C extends B { action g() m { return n } }"), "nope ");
    assert_eq!(enter("let s = [1]"), "nope ");
    assert_eq!(enter("seal s"), "nope ");
    assert_eq!(enter("s = 1"), "failed E0304");
}

#[test]
fn an_entry_with_errors_leaves_nothing_behind() {
    let mut session = Session::new(externs());
    let mut files = Files([("m.zx", ("export let shared = 1", FileId(90)))].into());
    let mut next = 0;
    let mut enter = |text: &str| {
        next += 1;
        let entry = Loaded { path: "repl".into(), text: text.into(), file: FileId(next) };
        let lowered = session.enter(entry, &mut files);
        let shape = lowered.program.map(|p| {
            let globals = p.globals.iter().map(|g| format!("{}{}", g.name, if g.unknown { "?" } else { "" }));
            let globals: Vec<_> = globals.collect();
            let counts = [p.modules.len(), p.functions.len(), p.states.len()];
            format!("{} {counts:?}", globals.join(" "))
        });
        shape.unwrap_or_else(|| lowered.diagnostics.iter().map(|d| d.code.as_str()).collect())
    };
    assert_eq!(enter("let y = 1\nbreak"), "E0209");
    assert_eq!(enter("const x = 1"), "x [1, 1, 0]");
    assert_eq!(enter("action f() { return later }"), "x f later? [2, 3, 0]");
    // It would shadow, declare, import, and make a state variable and a type known.
    assert_eq!(enter("let later = 1\nlet y = 2\nbreak"), "E0209");
    assert_eq!(enter("state n = 0\nuse \"m\"\ndata D { a }\nprint(other)\nbreak"), "E0209");
    assert_eq!(enter("x = 2"), "E0304");
    assert_eq!(enter("{ let x = 1\nbreak }"), "E0209");
    assert_eq!(enter("x"), "x f later? [3, 4, 0]");
    assert_eq!(enter("use \"m\"\nshared"), "x f later? shared [5, 6, 0]");
    assert_eq!(enter("let later = 1"), "x f later shared [6, 7, 0]");
    assert_eq!(enter("y"), "x f later shared y? [7, 8, 0]");
}

#[test]
fn watches_of_the_repl_last() {
    let mut session = Session::new(externs());
    let mut files = Files([].into());
    let mut next = 0;
    let mut enter = |text: &str| {
        next += 1;
        let entry = Loaded { path: "repl".into(), text: text.into(), file: FileId(next) };
        let program = session.enter(entry, &mut files).program.unwrap();
        let ended = program.functions.iter().any(|f| f.body.watches);
        (zexus_hir::dump(&program).contains("watch"), ended)
    };
    assert_eq!(enter("let x = 1"), (false, false));
    assert_eq!(enter("watch x => print(1)"), (true, false));
    assert_eq!(enter("action f() { watch x => print(1) }"), (true, true));
}
