//! What hosts give to runs and take from them.
#![allow(clippy::unwrap_used)]

use zexus::{Bytecode, Callable, Data, Engine, Execution, Instance, Program, Tier};
use zexus_bytecode::BytecodeBuilder;

fn engine(tier: Tier) -> Engine {
    Engine::new().execution(Execution { tier, ..Execution::default() })
}

fn built(build: impl FnOnce(&mut BytecodeBuilder)) -> Bytecode {
    let mut b = BytecodeBuilder::new();
    build(&mut b);
    b.build().unwrap()
}

fn loaded(build: impl FnOnce(&mut BytecodeBuilder)) -> (Engine, Program, Instance) {
    let engine = engine(Tier::Vm);
    let program = engine.load("test", built(build)).unwrap();
    let instance = engine.instance(&program);
    (engine, program, instance)
}

#[test]
fn variables_go_in_and_come_out() {
    let (_, _, mut i) = loaded(|b| {
        b.emit_load("x");
        b.emit_constant(1);
        b.emit_add();
        b.emit_store("y");
        b.emit_load("y");
    });
    let names: Vec<(String, bool)> = i.variables().into_iter().map(|v| (v.name, v.stored)).collect();
    assert_eq!(names, [("x".into(), false), ("y".into(), true)]);
    assert!(i.set("x", 41).unwrap());
    assert!(!i.set("z", 1).unwrap());
    assert_eq!(i.run().unwrap(), Data::Int(42));
    assert_eq!(i.variable("y").unwrap(), Some(Data::Int(42)));
    // Without a value it is what it always was.
    i.renew();
    assert_eq!(i.run().unwrap_err().diagnostics()[0].code().to_string(), "E0301");
    assert_eq!(i.variable("y").unwrap(), None);
}

#[test]
fn variables_may_be_given_on_every_tier() {
    for tier in [Tier::Evaluator, Tier::Vm] {
        let engine = engine(tier);
        let program = engine.compile("let x = 1\naction show() { return x }\nx = x + 1\nx").unwrap();
        let mut i = engine.instance(&program);
        assert!(i.set("x", 5).unwrap());
        // Its declaration gives it another value.
        assert_eq!(i.run().unwrap(), Data::Int(2));
        assert_eq!(i.call::<i64>("show", ()).unwrap(), 2);
    }
}

#[test]
fn state_comes_and_goes() {
    let (engine, program, mut i) = loaded(|b| {
        b.emit_tx_begin();
        b.emit_state_read("n");
        b.emit_inc();
        b.emit_state_write("n");
        b.emit_tx_commit();
        b.emit_constant(7);
        b.emit_ledger_append();
    });
    assert_eq!(program.state_keys().unwrap(), ["n"]);
    for n in [1, 10] {
        i.renew_for(&engine, &program);
        assert_eq!(i.state("n").unwrap(), None);
        i.set_state("n", n).unwrap();
        i.run().unwrap();
        assert_eq!(i.state("n").unwrap(), Some(Data::Int(n + 1)));
        assert_eq!(i.ledger().unwrap(), [Data::Int(7)]);
    }
}

#[test]
fn gas_is_given_for_each_run() {
    let (_, _, mut i) = loaded(|b| {
        b.emit_gas_charge(30);
    });
    i.set_gas_limit(Some(100));
    i.run().unwrap();
    assert_eq!((i.gas_used(), i.gas_remaining()), (30, Some(70)));
    i.renew();
    i.set_gas_limit(Some(20));
    let error = i.run().unwrap_err();
    assert_eq!(error.diagnostics()[0].message(), "Out of gas: used 30/20");
    assert_eq!(i.gas_remaining(), Some(0));
    i.renew();
    i.set_gas_limit(None);
    i.run().unwrap();
    assert_eq!(i.gas_remaining(), None);
}

#[test]
fn functions_of_the_host_are_values() {
    let (_, _, mut i) = loaded(|b| {
        b.emit_constant(20);
        b.emit_constant(1);
        b.emit_call("f", 2);
    });
    let add = Callable::new("add", |args| match args[..] {
        [Data::Int(a), Data::Int(b)] => Ok(Data::Int(a + b)),
        _ => Err("two integers, please".into()),
    });
    i.set("f", Data::Function(add.clone())).unwrap();
    assert_eq!(i.run().unwrap(), Data::Int(21));
    i.renew();
    i.set("f", Data::Function(Callable::new("f", |_| Err("two integers, please".into())))).unwrap();
    let error = i.run().unwrap_err();
    let found = &error.diagnostics()[0];
    assert_eq!((found.code().to_string(), found.message()), ("E0423".into(), "two integers, please"));
    let (_, _, mut shown) = loaded(|b| {
        b.emit_load("f");
        b.emit_build_string(1);
    });
    shown.set("f", Data::Function(add)).unwrap();
    assert_eq!(shown.run().unwrap(), Data::Str("<built-in function: add>".into()));
}

#[test]
fn handles_stay_inside() {
    let engine = engine(Tier::Vm);
    let program =
        engine.compile("data P { x: int }\naction twice(n) { return n * 2 }\n[P(3), twice]").unwrap();
    let mut i = engine.instance(&program);
    i.keep_handles(true);
    let Data::List(items) = i.run().unwrap() else { panic!("a list") };
    let [Data::Handle(p), Data::Handle(f)] = &items[..] else { panic!("handles: {items:?}") };
    assert_eq!((p.kind(), f.kind()), ("P", "Action"));
    assert_eq!(i.inspect(p).unwrap(), "P(x=3)");
    assert_eq!(i.fields(p).unwrap().unwrap()["x"], Data::Int(3));
    assert_eq!(i.fields(f).unwrap(), None);
    assert_eq!((i.is_callable(p), i.is_callable(f)), (false, true));
    assert_eq!(i.call_handle(f, vec![Data::Int(21)]).unwrap(), Data::Int(42));
    i.renew();
    assert!(i.inspect(p).is_err());
}

#[test]
fn renewed_instances_are_as_new() {
    let engine = engine(Tier::Vm);
    let first = engine.compile("state n = 1\nn += 1\nemit E(1)\nledger_append(1)\nprint(n)\nn").unwrap();
    let second = engine
        .load(
            "s",
            built(|b| {
                b.emit_constant("x");
            }),
        )
        .unwrap();
    let mut i = engine.instance(&first);
    for _ in 0..3 {
        i.renew_for(&engine, &first);
        assert_eq!(i.run().unwrap(), Data::Int(2));
        assert_eq!((i.events().unwrap().len(), i.ledger().unwrap().len()), (1, 1));
        assert_eq!(i.take_output(), "2\n");
        i.renew_for(&engine, &second);
        assert_eq!(i.events().unwrap(), []);
        assert_eq!(i.run().unwrap(), Data::Str("x".into()));
    }
}
