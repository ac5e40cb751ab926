use zexus_bytecode::flags::FnFlags;

use super::*;
use crate::fake::Fake;

const NONE: FnFlags = FnFlags(0);

#[test]
fn handlers_run_in_order_and_nested_events_before_the_next_one() {
    let mut fake = Fake::new();
    let one = fake.function("one", &["e"], NONE, |f, _, args| {
        let ev = f.shown(args[0]);
        f.log.push(format!("one {ev}"));
        if f.m.journal.events().len() < 3 {
            emit(f, &"A".into(), &[Value::int(2)], None)?;
        }
        Ok(Value::NULL)
    });
    let two = fake.function("two", &["e"], NONE, |f, _, _| {
        f.log.push("two".into());
        Ok(Value::NULL)
    });
    subscribe(&mut fake.m, "A".into(), one);
    subscribe(&mut fake.m, "A".into(), two);
    emit(&mut fake, &"B".into(), &[], None).unwrap();
    assert!(fake.log.is_empty());
    emit(&mut fake, &"A".into(), &[Value::int(1)], Some(["n".into()].as_slice().into())).unwrap();
    let first = "{name: A, args: [1], data: {n: 1}, contract: null, index: 1}";
    let second = "{name: A, args: [2], data: {}, contract: null, index: 2}";
    assert_eq!(fake.log, [format!("one {first}"), format!("one {second}"), "two".into(), "two".into()]);
    let all = events(&mut fake.m, Some("A")).unwrap();
    assert_eq!(fake.shown(all), format!("[{first}, {second}]"));
}

#[test]
fn events_end_at_their_limit_and_vanish_with_their_transaction() {
    let mut fake = Fake::new();
    fake.m.limits.events = 2;
    let t = fake.m.journal.begin(&mut fake.m.heap).unwrap();
    emit(&mut fake, &"A".into(), &[], None).unwrap();
    fake.m.journal.revert(&mut fake.m.heap, t);
    emit(&mut fake, &"A".into(), &[], None).unwrap();
    emit(&mut fake, &"A".into(), &[], None).unwrap();
    assert_eq!(emit(&mut fake, &"A".into(), &[], None), Err(Trap::MemoryLimit));
    fake.m.context.frame.view = true;
    assert_eq!(emit(&mut fake, &"A".into(), &[], None), Err(Trap::Raised));
    assert_eq!(fake.code(), 507);
}

/// A watch of global 0 whose block notes its value and, if that is below 0, changes it.
fn watched(fake: &mut Fake) -> u64 {
    fake.m.globals = vec![Value::int(1)];
    let expr = fake.function("", &[], NONE, |f, _, _| Ok(f.m.globals[0]));
    let block = fake.function("", &[], NONE, |f, _, _| {
        let v = f.m.globals[0];
        let shown = f.shown(v);
        f.log.push(shown);
        if v.as_int() < Some(0) {
            f.m.globals[0] = Value::int(100);
            notify(f, &[0])?;
        }
        Ok(Value::NULL)
    });
    set_watch(fake, [0].as_slice().into(), expr, block).unwrap()
}

#[test]
fn a_watch_runs_when_its_value_has_changed() {
    let mut fake = Fake::new();
    let id = watched(&mut fake);
    notify(&mut fake, &[0]).unwrap();
    for n in [2, 2, -1, 100, 3] {
        fake.m.globals[0] = Value::int(n);
        notify(&mut fake, &[1, 0]).unwrap();
    }
    assert_eq!(fake.log, ["2", "-1", "3"]);
    fake.m.globals[0] = Value::int(4);
    notify(&mut fake, &[1]).unwrap();
    drop_watches(&mut fake.m, &[id]);
    notify(&mut fake, &[0]).unwrap();
    assert_eq!(fake.log.len(), 3);
    assert!(!fake.m.events.has_watches());
}

#[test]
fn a_watch_without_expression_runs_at_once() {
    let mut fake = Fake::new();
    let block = fake.function("", &[], NONE, |f, _, _| {
        f.log.push("run".into());
        Ok(Value::NULL)
    });
    set_watch(&mut fake, [3].as_slice().into(), Value::UNDEF, block).unwrap();
    notify(&mut fake, &[3]).unwrap();
    notify(&mut fake, &[2]).unwrap();
    assert_eq!(fake.log.len(), 2);
}
