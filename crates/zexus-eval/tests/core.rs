//! The evaluator on programs that are made by hand, without the front end.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::operator::BinOp;
use zexus_eval::{Ended, Evaluator};
use zexus_hir::ir::*;
use zexus_runtime::host::Quiet;
use zexus_runtime::{Limits, Machine, Value};

fn e(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::new(1, 2) }
}
fn s(kind: StmtKind) -> Stmt {
    Stmt { kind, span: Span::new(3, 4) }
}
fn int(i: i64) -> Expr {
    e(ExprKind::Const(Const::Int(i)))
}
fn text(t: &str) -> Expr {
    e(ExprKind::Const(Const::Str(t.into())))
}
fn local(i: u32) -> Expr {
    e(ExprKind::Var(Var::Local(Slot(i))))
}
fn global(i: u32) -> Expr {
    e(ExprKind::Var(Var::Global(GlobalId(i))))
}
fn bin(op: BinOp, a: Expr, b: Expr) -> Expr {
    e(ExprKind::Binary(op, Box::new((a, b))))
}
fn args(list: Vec<Expr>) -> Args {
    Args { list: list.into_iter().map(Arg::Value).collect(), plain: true }
}
fn call(f: Expr, list: Vec<Expr>) -> Expr {
    e(ExprKind::Call { callee: Box::new(f), args: args(list) })
}
fn builtin(name: &str, list: Vec<Expr>) -> Expr {
    let builtin = zexus_runtime::builtins::lookup(name).unwrap();
    e(ExprKind::CallBuiltin { builtin, args: args(list) })
}
fn method(base: Expr, name: &str, list: Vec<Expr>) -> Expr {
    let kind = LinkKind::Method { name: name.into(), args: args(list), internal: false };
    e(ExprKind::Chain {
        base: Box::new(base),
        links: vec![Link { kind, optional: false, span: Span::default() }],
    })
}
fn ret(v: Expr) -> Stmt {
    s(StmtKind::Return(Some(v)))
}
fn expr(v: Expr) -> Stmt {
    s(StmtKind::Expr(v))
}
fn set(var: Var, v: Expr) -> Stmt {
    let target = Target::Var { var, ty: None, name: "x".into(), sealed: None };
    s(StmtKind::Assign(Box::new(Assign { target, op: None, value: v, span: Span::default() })))
}
fn block(stmts: Vec<Stmt>) -> Block {
    Block { stmts, ..Block::default() }
}
fn if_(c: Expr, then: Vec<Stmt>) -> Stmt {
    s(StmtKind::If { branches: vec![(c, block(then))], otherwise: None })
}
fn while_(condition: Expr, body: Vec<Stmt>) -> Stmt {
    s(StmtKind::While { condition, body: Box::new(block(body)) })
}
fn let_(i: u32, v: Expr) -> Stmt {
    s(StmtKind::Let { bind: Bind::Local(Slot(i)), ty: None, value: Some(v) })
}
fn action(name: &str, params: u32, slots: u32, stmts: Vec<Stmt>) -> Function {
    let params = (0..params).map(|i| Param {
        name: format!("p{i}").into(),
        bind: Bind::Local(Slot(i)),
        ty: None,
        default: None,
        rest: false,
        span: Span::default(),
    });
    Function {
        name: name.into(),
        role: Role::Action,
        module: ModuleId(0),
        flags: FnFlags::default(),
        params: params.collect(),
        result: None,
        limit: None,
        slots,
        slot_names: Vec::new(),
        captures: Vec::new(),
        body: block(stmts),
        span: Span::default(),
        package: None,
    }
}

/// A program whose functions are the globals from 0 on.
fn program(functions: Vec<Function>, main: Vec<Stmt>) -> Arc<Program> {
    let mut body = action("", 0, 8, main);
    body.role = Role::Module;
    body.body.hoisted = (0..functions.len() as u32)
        .map(|i| Decl {
            bind: Bind::Global(GlobalId(i)),
            kind: DeclKind::Function(FuncId(i + 1)),
            span: Span::default(),
        })
        .collect();
    let globals =
        (0..functions.len() + 4).map(|i| Global { name: format!("g{i}").into(), unknown: false }).collect();
    let mut all = vec![Arc::new(body)];
    all.extend(functions.into_iter().map(Arc::new));
    let module = Module {
        path: "main.zx".into(),
        name: "__main__".into(),
        file: FileId(0),
        body: FuncId(0),
        exports: Vec::new(),
    };
    Arc::new(Program {
        modules: vec![Arc::new(module)],
        functions: all,
        globals,
        states: Vec::new(),
        main: Some(ModuleId(0)),
        substantial: true,
    })
}

fn evaluator() -> Evaluator {
    Evaluator::new(Machine::new(Box::new(Quiet::default()), Limits::default()), Arc::new(|_| 1))
}

fn run(program: &Arc<Program>) -> (Evaluator, Ended) {
    let mut evaluator = evaluator();
    let ended = evaluator.run(program.clone());
    (evaluator, ended)
}

fn int_of(ended: &Ended) -> Option<i64> {
    assert_eq!(ended.failures, []);
    ended.value.as_int()
}

fn fib() -> Function {
    let rec = |n| call(global(0), vec![bin(BinOp::Sub, local(0), int(n))]);
    let small = if_(bin(BinOp::Lt, local(0), int(2)), vec![ret(local(0))]);
    action("fib", 1, 1, vec![small, ret(bin(BinOp::Add, rec(1), rec(2)))])
}

#[test]
fn calls_give_values() {
    let p = program(vec![fib()], vec![expr(call(global(0), vec![int(20)]))]);
    assert_eq!(int_of(&run(&p).1), Some(6765));
}

/// `f(n) = n < 1 ? 0 : 1 + f(n - 1)`, with each call inside `depth` more operators.
fn nested(depth: usize) -> Function {
    let mut v = call(global(0), vec![bin(BinOp::Sub, local(0), int(1))]);
    for _ in 0..depth {
        v = bin(BinOp::Add, int(0), e(ExprKind::Not(Box::new(e(ExprKind::Not(Box::new(v)))))));
        v = e(ExprKind::If(Box::new((bin(BinOp::Lt, int(0), int(1)), int(0), v))));
    }
    let small = if_(bin(BinOp::Lt, local(0), int(1)), vec![ret(int(0))]);
    action("f", 1, 1, vec![small, ret(bin(BinOp::Add, int(1), v))])
}

#[test]
fn calls_nest_to_the_limit_and_no_further() {
    let f = || {
        let rec = call(global(0), vec![bin(BinOp::Sub, local(0), int(1))]);
        let small = if_(bin(BinOp::Lt, local(0), int(1)), vec![ret(int(0))]);
        action("f", 1, 1, vec![small, ret(bin(BinOp::Add, int(1), rec))])
    };
    let p = program(vec![f()], vec![expr(call(global(0), vec![int(9_999)]))]);
    assert_eq!(int_of(&run(&p).1), Some(9_999));
    let p = program(vec![f()], vec![expr(call(global(0), vec![int(10_000)]))]);
    let (_, ended) = run(&p);
    assert_eq!((ended.failures[0].code, &*ended.failures[0].message), (429, "Stack overflow"));
    assert_eq!(ended.failures[0].trace.len(), 200);
    assert_eq!(ended.exit_code, 1);
}

#[test]
fn native_stacks_grow_under_deep_expressions() {
    // The recursion is not reached, but every level of it stands on the native stack in the variant below.
    let mut f = nested(0);
    let mut v = call(global(0), vec![bin(BinOp::Sub, local(0), int(1))]);
    for _ in 0..200 {
        v = e(ExprKind::If(Box::new((bin(BinOp::Lt, int(0), int(1)), v, int(0)))));
    }
    f.body.stmts[1] = ret(bin(BinOp::Add, int(1), v));
    let p = program(vec![f], vec![expr(call(global(0), vec![int(3_000)]))]);
    assert_eq!(int_of(&run(&p).1), Some(3_000));
}

#[test]
fn tasks_wait_in_the_middle_of_expressions_deep_down() {
    // f(n) = n < 1 ? await sleep(0) ?? 7 : 1 + f(n - 1)
    let rec = call(global(0), vec![bin(BinOp::Sub, local(0), int(1))]);
    let end = e(ExprKind::Coalesce(vec![builtin("sleep", vec![int(0)]), int(7)]));
    let f = action(
        "f",
        1,
        1,
        vec![if_(bin(BinOp::Lt, local(0), int(1)), vec![ret(end)]), ret(bin(BinOp::Add, int(1), rec))],
    );
    let spawn = |n| e(ExprKind::Spawn(Box::new(call(global(0), vec![int(n)]))));
    let wait = |i| e(ExprKind::Await(Box::new(local(i))));
    let main = vec![
        let_(0, spawn(2_000)),
        let_(1, spawn(10)),
        expr(bin(BinOp::Add, call(global(0), vec![int(3_000)]), bin(BinOp::Add, wait(0), wait(1)))),
    ];
    assert_eq!(int_of(&run(&program(vec![f], main)).1), Some(2_007 + 17 + 3_007));
}

#[test]
fn many_tasks_are_dropped_when_the_main_program_fails() {
    // Each task waits on a channel that nobody sends to.
    let f = action("f", 1, 1, vec![expr(builtin("receive", vec![local(0)]))]);
    let spawn = e(ExprKind::Spawn(Box::new(call(global(0), vec![local(0)]))));
    let main = vec![
        let_(0, e(ExprKind::Intrinsic(Box::new(Intrinsic::Channel(None)), vec![]))),
        let_(1, int(0)),
        while_(
            bin(BinOp::Lt, local(1), int(500)),
            vec![expr(spawn), set(Var::Local(Slot(1)), bin(BinOp::Add, local(1), int(1)))],
        ),
        expr(builtin("sleep", vec![int(0)])),
        expr(bin(BinOp::Div, int(1), int(0))),
    ];
    let (mut evaluator, ended) = run(&program(vec![f], main));
    assert_eq!(ended.failures.iter().map(|f| f.code).collect::<Vec<_>>(), [405]);
    assert!(evaluator.machine_mut().parked.is_empty());
}

#[test]
fn deadlocks_are_errors_of_the_main_program() {
    let main = vec![
        let_(0, e(ExprKind::Intrinsic(Box::new(Intrinsic::Channel(None)), vec![]))),
        expr(builtin("receive", vec![local(0)])),
    ];
    let (_, ended) = run(&program(vec![], main));
    assert_eq!((ended.failures[0].code, ended.exit_code), (420, 1));
}

#[test]
fn collecting_everywhere_changes_nothing() {
    // g(n) makes a string by recursion; the main program makes lists of them.
    let rec = call(global(0), vec![bin(BinOp::Sub, local(0), int(1))]);
    let g = action(
        "g",
        1,
        2,
        vec![
            if_(bin(BinOp::Lt, local(0), int(1)), vec![ret(text("."))]),
            let_(1, bin(BinOp::Add, text("a"), rec)),
            ret(local(1)),
        ],
    );
    let three = || call(global(0), vec![int(3)]);
    let list = e(ExprKind::List(vec![three(), bin(BinOp::Add, three(), three()), text("x")]));
    let main = vec![
        let_(0, list),
        expr(method(local(0), "push", vec![three()])),
        expr(bin(BinOp::Add, text(""), local(0))),
    ];
    let p = program(vec![g], main);
    let mut evaluator = evaluator();
    evaluator.stress(true);
    let ended = evaluator.run(p);
    assert_eq!(ended.failures, []);
    let shown = evaluator.machine().text(ended.value).unwrap().clone();
    assert_eq!(&*shown, "[aaa., aaa.aaa., x, aaa.]");
}

#[test]
fn globals_stay_between_runs_and_calls() {
    let p = program(vec![fib()], vec![set(Var::Global(GlobalId(1)), int(5))]);
    let (mut evaluator, ended) = run(&p);
    assert_eq!(ended.failures, []);
    assert_eq!(evaluator.global("g1").and_then(Value::as_int), Some(5));
    assert_eq!(int_of(&evaluator.call("g0", &[Value::int(10)])), Some(55));
    assert_eq!(evaluator.call("nothing", &[]).failures[0].code, 301);
}

#[test]
fn evaluators_can_move_between_threads() {
    fn check<T: Send>(_: &T) {}
    let evaluator = evaluator();
    check(&evaluator);
    assert_eq!(evaluator.global("x").map(|v| v.is_null()), None);
}
