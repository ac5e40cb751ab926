use std::sync::Arc;

use super::access::{Word, grant, has, require_role, revoke, role_list};
use super::*;
use crate::host::Quiet;
use crate::limits::Limits;
use crate::trap::Raised;

fn machine() -> Machine {
    Machine::new(Box::new(Quiet::default()), Limits::default())
}

fn error(m: &mut Machine) -> (u16, Arc<str>) {
    match m.take_pending().raised {
        Raised::Error { code, message } => (code, message),
        Raised::Value(_) => (0, "".into()),
    }
}

#[test]
fn sandboxes_only_take_away() {
    let mut m = machine();
    m.policy = Policies::new(Caps::CLOCK.or(Caps::ENV));
    create_policy(&mut m, "p".into(), &[("allow".into(), vec!["clock".into(), "random".into()])]).unwrap();
    assert!(create_policy(&mut m, "q".into(), &[("deny".into(), vec![])]).is_err());
    assert!(create_policy(&mut m, "q".into(), &[("allow".into(), vec!["fire".into()])]).is_err());
    sandbox_enter(&mut m, Some("p")).unwrap();
    assert_eq!((m.caps(), m.policy.sandbox()), (Caps::CLOCK, Some("p")));
    sandbox_enter(&mut m, None).unwrap();
    assert_eq!((m.caps(), m.policy.sandbox()), (Caps::NONE, Some("default")));
    sandbox_enter(&mut m, Some("p")).unwrap();
    assert_eq!(m.caps(), Caps::NONE);
    (0..3).for_each(|_| sandbox_leave(&mut m));
    assert_eq!(m.caps(), Caps::CLOCK.or(Caps::ENV));
    assert!(sandbox_enter(&mut m, Some("none")).is_err());
    assert_eq!(error(&mut m).0, 424);
}

#[test]
fn roles_are_listed_in_the_order_of_granting() {
    let mut m = machine();
    for role in ["TELLER", "ADMIN", "TELLER", "ZED", "ABLE"] {
        grant(&mut m, Word::Role, &["bank", "ann", role]).unwrap();
    }
    grant(&mut m, Word::Role, &["bank", "anna", "OTHER"]).unwrap();
    assert_eq!(role_list(&mut m, "bank", "ann").unwrap(), ["TELLER", "ADMIN", "ZED", "ABLE"]);
    revoke(&mut m, Word::Role, &["bank", "ann", "ADMIN"]).unwrap();
    grant(&mut m, Word::Role, &["bank", "ann", "ADMIN"]).unwrap();
    assert_eq!(role_list(&mut m, "bank", "ann").unwrap(), ["TELLER", "ZED", "ABLE", "ADMIN"]);
    assert!(role_list(&mut m, "ban", "kann").unwrap().is_empty());
    let t = m.journal.begin(&mut m.heap).unwrap();
    grant(&mut m, Word::Permission, &["doc", "eve", "write"]).unwrap();
    assert_eq!(has(&mut m, Word::Permission, &["doc", "eve", "write"]), Ok(true));
    m.journal.revert(&mut m.heap, t);
    assert_eq!(has(&mut m, Word::Permission, &["doc", "eve", "write"]), Ok(false));
    assert!(require_role(&mut m, "bank", "ADMIN", None).is_err());
    assert_eq!(error(&mut m), (518, "Role 'ADMIN' required".into()));
}

#[test]
fn capabilities_are_granted_together() {
    let mut m = machine();
    let (who, a, b) = (m.string("ann").unwrap(), m.string("a").unwrap(), m.string("b").unwrap());
    access::grant_capabilities(&mut m, who, &[a, b]).unwrap();
    access::revoke_capabilities(&mut m, who, &[a]).unwrap();
    assert_eq!(has(&mut m, Word::Capability, &["ann", "a"]), Ok(false));
    access::require_capability(&mut m, "ann", "b").unwrap();
    assert!(access::grant_capabilities(&mut m, who, &[Value::int(1)]).is_err());
    assert_eq!(error(&mut m).0, 402);
}

#[test]
fn sealing_reaches_through_cycles() {
    let mut m = machine();
    let inner = m.list(vec![Value::int(1)]).unwrap();
    let map = m.record(&[("a", inner)]).unwrap();
    m.heap.list_mut(inner.as_list().unwrap()).items.push(map);
    seal::seal(&mut m, map).unwrap();
    assert!(m.heap.map(map.as_map().unwrap()).sealed);
    assert!(m.heap.list(inner.as_list().unwrap()).sealed);
    assert!(seal::restrict(&mut m, map, &"a".into(), "hidden").is_err());
    assert_eq!(error(&mut m).0, 424);
    assert!(seal::restrict(&mut m, Value::int(1), &"a".into(), "redact").is_err());
}

#[test]
fn values_are_validated_by_schemas() {
    let mut m = machine();
    let cases = [
        ("123e4567-e89b-12d3-a456-426614174000", "uuid", true),
        ("123", "uuid", false),
        ("192.168.0.1", "ipv4", true),
        ("256.1.1.1", "ipv4", false),
        ("2001:db8::1", "ipv6", true),
        ("x::y", "ipv6", false),
        ("x", "string", true),
        ("x", "int", false),
    ];
    for (text, schema, expected) in cases {
        let (v, s) = (m.string(text).unwrap(), m.string(schema).unwrap());
        assert_eq!(validate::validate(&mut m, v, s).is_ok(), expected, "{text} {schema}");
    }
    let name = m.string("string").unwrap();
    let schema = m.record(&[("name", name)]).unwrap();
    let empty = m.record(&[]).unwrap();
    assert!(validate::validate(&mut m, empty, schema).is_err());
    assert_eq!(error(&mut m), (415, "Validation failed: key 'name' is missing".into()));
    let own = m.record(&[("k", Value::NULL)]).unwrap();
    m.heap.map_mut(own.as_map().unwrap()).map.insert("k".into(), own);
    assert!(validate::validate(&mut m, own, own).is_err());
    assert_eq!(error(&mut m).0, 424);
}

#[test]
fn a_mock_goes_before_what_is_registered() {
    let mut m = machine();
    assert!(m.dependency("d").is_err());
    assert_eq!(error(&mut m).0, 313);
    m.policy.dependencies.register("d".into(), Value::int(1));
    m.policy.dependencies.mock("d".into(), Value::int(2));
    assert_eq!(m.dependency("d").unwrap().as_int(), Some(2));
    m.policy.dependencies.clear_mocks();
    assert_eq!(m.dependency("d").unwrap().as_int(), Some(1));
}

#[test]
fn rules_are_checked_in_their_order_before_each_call() {
    use crate::fake::Fake;
    use crate::interp::Interp;
    let mut fake = Fake::new();
    let none = zexus_bytecode::flags::FnFlags(0);
    let f = fake.function("pay", &["n"], none, |_, _, args| Ok(args[0]));
    let small = fake.function("", &["n"], none, |_, _, args| Ok(Value::bool(args[0].as_int() < Some(10))));
    let rules = fake.m.record(&[("max_calls", Value::int(2)), ("check", small)]).unwrap();
    protect::protect(&mut fake.m, f, rules, None).unwrap();
    let function = f.as_function().unwrap();
    assert_eq!(protect::check_policy(&mut fake, function, &[Value::int(9)]), Ok(true));
    assert_eq!(protect::check_policy(&mut fake, function, &[Value::int(10)]), Ok(false));
    let mut call = |n: i64| match fake.call(f, &[Value::int(n)]) {
        Ok(_) => "ok".into(),
        Err(_) => error(&mut fake.m).1,
    };
    assert_eq!(&*call(1), "ok");
    assert_eq!(&*call(10), "Call of pay denied: check");
    assert_eq!(&*call(2), "ok");
    assert_eq!(&*call(3), "Call of pay denied: max_calls");
    // Further rules are added to these, each with its own level; a function without rules shows that of the level.
    let rules = fake.m.record(&[("rate_limit", Value::int(1)), ("window", Value::int(10))]).unwrap();
    protect::protect(&mut fake.m, f, rules, Some("audit")).unwrap();
    assert!(fake.call(f, &[Value::int(1)]).is_err());
    fake.m.take_pending();
    let f = fake.function("watched", &["n"], none, |_, _, args| Ok(args[0]));
    protect::protect(&mut fake.m, f, rules, Some("audit")).unwrap();
    for entries in [0, 1, 2] {
        assert!(fake.call(f, &[Value::int(1)]).is_ok());
        assert_eq!(fake.m.journal.entry_count(), entries);
    }
    let rules = fake.m.record(&[("max_call", Value::int(1))]).unwrap();
    for (target, level, code) in [(f, "strict", 424), (f, "loose", 424), (Value::builtin(0), "strict", 402)] {
        assert!(protect::protect(&mut fake.m, target, rules, Some(level)).is_err());
        assert_eq!(error(&mut fake.m).0, code);
    }
}

#[test]
fn trails_take_what_contains_their_filter() {
    let mut m = machine();
    set_trail(&mut m, "event", None).unwrap();
    set_trail(&mut m, "*", Some("x".into())).unwrap();
    assert!(set_trail(&mut m, "nothing", None).is_err());
    assert!(m.policy.trails("print") && m.policy.trails("event"));
    let mut made = 0;
    for what in ["event", "print"] {
        trail(&mut m, what, || {
            made += 1;
            "text".into()
        });
    }
    assert_eq!(made, 2);
}
