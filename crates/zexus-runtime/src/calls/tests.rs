use zexus_bytecode::flags::FnFlags;

use super::*;
use crate::fake::Fake;
use crate::object::StateField;
use crate::value::Tag;

const NONE: FnFlags = FnFlags(0);

fn instance_this(this: Value) -> u32 {
    this.as_contract_instance().unwrap()
}

/// A contract with the state variables `n` (0) and `log` ([]), and actions.
fn contract(fake: &mut Fake, name: &str, actions: Vec<(&str, Value)>) -> Ref<ContractObj> {
    let zero = fake.function("n", &[], NONE, |_, _, _| Ok(Value::int(0)));
    let empty = fake.function("log", &[], NONE, |f, _, _| f.m.list(vec![]));
    let mut c = ContractObj { name: name.into(), module: "m.zx".into(), ..ContractObj::default() };
    for (field, init) in [("n", zero), ("log", empty), ("secret", zero), ("unset", Value::UNDEF)] {
        let field_obj = StateField { ty: None, init, private: field == "secret", ledger: false };
        c.state.insert(field.into(), field_obj);
    }
    for (name, f) in actions {
        c.actions.insert(name.into(), f);
    }
    let c = fake.m.heap.alloc_contract(c).unwrap();
    fake.m.declare_contract(c);
    c
}

fn set(f: &mut Fake, this: Value, args: &[Value]) -> Result<Value, Trap> {
    store_field(&mut f.m, instance_this(this), "n", args[0])?;
    Ok(args[0])
}

fn set_and_fail(f: &mut Fake, this: Value, args: &[Value]) -> Result<Value, Trap> {
    set(f, this, args)?;
    let log = load_field(&mut f.m, instance_this(this), "log")?;
    crate::state::push(&mut f.m, log.as_live().unwrap(), Value::int(7))?;
    let seen = load_field(&mut f.m, instance_this(this), "log")?;
    Err(f.m.throw(seen))
}

fn who(f: &mut Fake, _this: Value, _args: &[Value]) -> Result<Value, Trap> {
    crate::contracts::context::tx_member(&mut f.m, "caller")
}

/// Calls the action named by the second argument on the contract that is the first one.
fn relay(f: &mut Fake, _this: Value, args: &[Value]) -> Result<Value, Trap> {
    let name = f.m.text(args[1]).unwrap().clone();
    call_action(f, args[0], &name, &[], &[])
}

fn bank(fake: &mut Fake) -> Ref<ContractObj> {
    let actions = vec![
        ("set", fake.function("set", &["v"], NONE, set)),
        ("fail", fake.function("fail", &["v"], NONE, set_and_fail)),
        ("who", fake.function("who", &[], NONE, who)),
        ("hidden", fake.function("hidden", &[], FnFlags::PRIVATE, who)),
        ("pay", fake.function("pay", &[], FnFlags::PAYABLE, who)),
        ("relay", fake.function("relay", &["c", "name"], FnFlags::REENTRANT, relay)),
        ("look", fake.function("look", &["v"], FnFlags::VIEW, set)),
        ("pure", fake.function("pure", &[], FnFlags::PURE, who)),
        ("same", fake.function("same", &["x"], NONE, |_, _, args| Ok(args[0]))),
    ];
    contract(fake, "Bank", actions)
}

fn new(fake: &mut Fake) -> Value {
    let c = bank(fake);
    instantiate(fake, c, &[], &[]).unwrap()
}

fn n_of(fake: &mut Fake, c: Value) -> String {
    let n = read_member(fake, c, "n").unwrap();
    fake.shown(n)
}

#[test]
fn an_action_that_fails_changes_nothing_and_throws_a_copy() {
    let mut fake = Fake::new();
    let c = new(&mut fake);
    assert_eq!(call_action(&mut fake, c, "set", &[Value::int(3)], &[]).unwrap().as_int(), Some(3));
    assert!(call_action(&mut fake, c, "fail", &[Value::int(9)], &[]).is_err());
    let thrown = match fake.m.take_pending().raised {
        Raised::Value(v) => v,
        other => panic!("{other:?}"),
    };
    assert_eq!(thrown.tag(), Tag::List);
    assert_eq!(fake.shown(thrown), "[7]");
    assert_eq!(n_of(&mut fake, c), "3");
    let log = read_member(&mut fake, c, "log").unwrap();
    assert_eq!((log.tag(), fake.m.journal.depth()), (Tag::List, 0));
    assert_eq!(fake.shown(log), "[]");
}

#[test]
fn checks_come_in_their_order() {
    let mut fake = Fake::new();
    let c = new(&mut fake);
    let one = [Value::int(1)];
    let cases: [(&str, &[Value], u16); 7] = [
        ("nothing", &[], 515),
        ("hidden", &[], 506),
        ("hidden", &one, 506),
        ("set", &[], 404),
        ("who", &one, 404),
        ("look", &one, 507),
        ("pure", &[], 507),
    ];
    for (name, args, code) in cases {
        assert!(call_action(&mut fake, c, name, args, &[]).is_err(), "{name}");
        assert_eq!(fake.code(), code, "{name}");
    }
    let unknown = fake.m.contract_instance([3; 20]);
    assert!(call_action(&mut fake, unknown, "set", &one, &[]).is_err());
    assert_eq!(fake.code(), 515);
    let f = Value::builtin(0);
    assert!(call_action(&mut fake, c, "same", &[f], &[]).is_err());
    assert_eq!(fake.code(), 510);
    for (name, code) in [("secret", 506), ("other", 416)] {
        assert!(read_member(&mut fake, c, name).is_err());
        assert_eq!(fake.code(), code, "{name}");
    }
    assert!(read_member(&mut fake, c, "unset").unwrap().is_null());
    write_member(&mut fake.m, c);
    assert_eq!(fake.code(), 509);
}

#[test]
fn the_caller_of_an_external_call_is_the_calling_contract() {
    let mut fake = Fake::new();
    let (a, b) = (new(&mut fake), new(&mut fake));
    let v = call_action(&mut fake, a, "who", &[], &[]).unwrap();
    assert_eq!(fake.shown(v), "system");
    let name = fake.text("who");
    let v = call_action(&mut fake, a, "relay", &[b, name], &[]).unwrap();
    let address = read_member(&mut fake, a, "address").unwrap();
    assert_eq!(fake.shown(v), fake.m.text(address).unwrap().to_string());
    let inner = fake.function("f", &[], NONE, |f, _, _| {
        let target = f.m.stack[0];
        call_action(f, target, "pay", &[], &[])
    });
    fake.m.stack.push(a);
    let v = with_caller(&mut fake, "0xA".into(), inner, 5).unwrap();
    assert_eq!(fake.shown(v), "0xA");
    let inner = fake.function("g", &[], NONE, |f, _, _| {
        let target = f.m.stack[0];
        call_action(f, target, "who", &[], &[])
    });
    assert!(with_caller(&mut fake, "0xA".into(), inner, 5).is_err());
    assert_eq!(fake.code(), 508);
    assert_eq!(fake.m.context.frame.next_value, 0);
}

#[test]
fn a_contract_is_entered_again_only_by_reentrant_actions() {
    let mut fake = Fake::new();
    let (a, b) = (new(&mut fake), new(&mut fake));
    let name = fake.text("who");
    assert!(call_action(&mut fake, a, "relay", &[a, name], &[]).is_err());
    assert_eq!(fake.code(), 513);
    assert!(call_action(&mut fake, a, "relay", &[b, name], &[]).is_ok());
    assert!(fake.m.context.running.is_empty());
    let go = fake.function("go", &["n"], FnFlags::REENTRANT, |f, this, args| match args[0].as_int() {
        Some(0) => Ok(Value::int(0)),
        n => call_action(f, this, "go", &[Value::int(n.unwrap() - 1)], &[]),
    });
    let c = contract(&mut fake, "Deep", vec![("go", go)]);
    let c = instantiate(&mut fake, c, &[], &[]).unwrap();
    assert!(call_action(&mut fake, c, "go", &[Value::int(63)], &[]).is_ok());
    assert!(call_action(&mut fake, c, "go", &[Value::int(64)], &[]).is_err());
    assert_eq!(fake.code(), 512);
}

#[test]
fn a_construction_is_a_transaction() {
    let mut fake = Fake::new();
    let init = fake.function("init", &["v"], NONE, set_and_fail);
    let c = contract(&mut fake, "Bad", vec![("init", init)]);
    let before = fake.m.journal.records().count();
    assert!(instantiate(&mut fake, c, &[Value::int(1)], &[]).is_err());
    assert_eq!((fake.code(), fake.m.journal.records().count()), (0, before));
    // Without arguments `init`, which needs one, does not run.
    let a = instantiate(&mut fake, c, &[], &[]).unwrap();
    let b = instantiate(&mut fake, c, &[], &[]).unwrap();
    assert!(!a.same(b));
    assert!(instantiate(&mut fake, c, &[Value::NULL; 2], &[]).is_err());
    assert_eq!(fake.code(), 404);
    let default = instance_of(&mut fake, Value::contract(c)).unwrap();
    assert_eq!(instance_of(&mut fake, Value::contract(c)).unwrap(), default);
    assert!(fake.m.contract_of(Value::contract_instance(default)).is_some());
}

#[test]
fn revert_is_bound_to_the_innermost_transaction() {
    let mut fake = Fake::new();
    let m = &mut fake.m;
    let outer = tx_begin(m).unwrap();
    let inner = tx_begin(m).unwrap();
    let reason = m.string("why").unwrap();
    assert_eq!(revert(m, reason), Trap::Raised);
    assert!(passes_catch(m));
    tx_revert(m, inner);
    assert!(!passes_catch(m));
    tx_revert(m, outer);
    match m.take_pending().raised {
        Raised::Error { code, message } => assert_eq!((code, &*message), (503, "Transaction reverted: why")),
        other => panic!("{other:?}"),
    }
    revert(m, Value::NULL);
    assert!(!passes_catch(m));
}
