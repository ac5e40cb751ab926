use zexus_bytecode::flags::FnFlags;

use super::channels::*;
use super::*;
use crate::fake::Fake;
use crate::trap::Raised;

const NONE: FnFlags = FnFlags(0);

#[test]
fn tasks_run_in_the_order_of_making_and_can_be_awaited_again() {
    let mut fake = Fake::new();
    let f = fake.function("f", &["x"], NONE, |f, _, args| {
        let shown = f.shown(args[0]);
        f.log.push(shown);
        Ok(args[0])
    });
    let a = spawn_checked(&mut fake.m, f, Value::UNDEF, &[Value::int(1)]).unwrap();
    let b = spawn_checked(&mut fake.m, f, Value::UNDEF, &[Value::int(2)]).unwrap();
    assert_eq!(fake.m.sched.unfinished(), 2);
    assert_eq!(await_value(&mut fake, b).unwrap().as_int(), Some(2));
    assert_eq!(fake.log, ["1", "2"]);
    assert_eq!(await_value(&mut fake, a).unwrap().as_int(), Some(1));
    assert_eq!(await_value(&mut fake, a).unwrap().as_int(), Some(1));
    assert_eq!(await_value(&mut fake, Value::int(7)).unwrap().as_int(), Some(7));
    assert_eq!(fake.m.sched.unfinished(), 0);
}

#[test]
fn the_error_of_a_task_is_raised_each_time_or_kept() {
    let mut fake = Fake::new();
    let f = fake.function("f", &[], NONE, |f, _, _| Err(f.m.error(405, "Division by zero")));
    let a = spawn_checked(&mut fake.m, f, Value::UNDEF, &[]).unwrap();
    spawn_checked(&mut fake.m, f, Value::UNDEF, &[]).unwrap();
    for _ in 0..2 {
        assert!(await_value(&mut fake, a).is_err());
        assert_eq!(fake.code(), 405);
    }
    sleep(&mut fake, 0).unwrap();
    let left = unawaited(&mut fake.m);
    assert!(matches!(left[..], [Pending { raised: Raised::Error { code: 405, .. }, .. }]));
}

#[test]
fn nobody_waits_in_a_transaction_or_atomic() {
    let mut fake = Fake::new();
    let f = fake.function("f", &[], NONE, |_, _, _| Ok(Value::NULL));
    let a = spawn_checked(&mut fake.m, f, Value::UNDEF, &[]).unwrap();
    let t = fake.m.journal.begin(&mut fake.m.heap).unwrap();
    assert!(runs_at_once(&fake.m));
    assert!(await_value(&mut fake, a).is_err());
    assert_eq!(fake.code(), 511);
    fake.m.journal.revert(&mut fake.m.heap, t);
    fake.m.sched.atomic = 1;
    assert!(sleep(&mut fake, 5).is_err());
    assert_eq!(fake.code(), 422);
    fake.m.sched.atomic = 0;
    assert!(await_value(&mut fake, a).is_ok());
}

#[test]
fn values_pass_through_channels_in_order() {
    let mut fake = Fake::new();
    let c = channel(&mut fake.m, None, 1).unwrap();
    let ch = c.as_channel().unwrap();
    let producer = fake.function("p", &["c"], NONE, |f, _, args| {
        let c = args[0].as_channel().unwrap();
        send(f, c, Value::int(1))?;
        send(f, c, Value::NULL)?;
        close(&mut f.m, c);
        close(&mut f.m, c);
        Ok(Value::NULL)
    });
    spawn_checked(&mut fake.m, producer, Value::UNDEF, &[c]).unwrap();
    // The receiver waits first, so the first value is handed over and the second one is held.
    assert_eq!(receive(&mut fake, ch).unwrap().unwrap().as_int(), Some(1));
    assert!(receive(&mut fake, ch).unwrap().unwrap().is_null());
    assert!(receive(&mut fake, ch).unwrap().is_none());
    assert!(send(&mut fake, ch, Value::NULL).is_err());
    assert_eq!(fake.code(), 421);
}

#[test]
fn a_deadlock_ends_the_wait_of_the_main_program() {
    let mut fake = Fake::new();
    let c = channel(&mut fake.m, None, 0).unwrap().as_channel().unwrap();
    assert!(send(&mut fake, c, Value::int(1)).is_err());
    assert_eq!(fake.code(), 420);
    assert!(fake.m.heap.channel(c).senders.is_empty());
    assert!(receive(&mut fake, c).is_err());
    assert!(fake.m.heap.channel(c).receivers.is_empty());
}

#[test]
fn wait_groups_and_barriers_release_their_waiters() {
    let mut fake = Fake::new();
    let g = wait_group(&mut fake.m).unwrap();
    let group = g.as_wait_group().unwrap();
    group_add(&mut fake.m, group, 2).unwrap();
    let done = fake.function("d", &["g"], NONE, |f, _, args| {
        group_add(&mut f.m, args[0].as_wait_group().unwrap(), -1)?;
        Ok(Value::NULL)
    });
    spawn_checked(&mut fake.m, done, Value::UNDEF, &[g]).unwrap();
    spawn_checked(&mut fake.m, done, Value::UNDEF, &[g]).unwrap();
    group_wait(&mut fake, group).unwrap();
    assert!(group_add(&mut fake.m, group, -1).is_err());
    assert_eq!(fake.code(), 415);
    let b = barrier(&mut fake.m, 2).unwrap();
    let come = fake.function("b", &["b"], NONE, |f, _, args| {
        barrier_wait(f, args[0].as_barrier().unwrap())?;
        Ok(Value::NULL)
    });
    spawn_checked(&mut fake.m, come, Value::UNDEF, &[b]).unwrap();
    barrier_wait(&mut fake, b.as_barrier().unwrap()).unwrap();
    barrier_reset(&mut fake.m, b.as_barrier().unwrap()).unwrap();
    assert!(barrier(&mut fake.m, 0).is_err());
}
