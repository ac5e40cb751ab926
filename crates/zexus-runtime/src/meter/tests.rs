use super::*;
use crate::host::Quiet;
use crate::limits::Limits;

fn machine(gas: Option<u64>) -> Machine {
    Machine::new(Box::new(Quiet::default()), Limits { gas, ..Limits::default() })
}

#[test]
fn charges_are_paid_up_to_the_limit() {
    let mut m = machine(Some(50));
    assert_eq!(m.charge(50), Ok(()));
    assert_eq!(m.meter.remaining(), Some(0));
    assert_eq!(m.charge(0), Ok(()));
    assert_eq!(m.charge(2), Err(Trap::OutOfGas));
    assert_eq!(m.meter.used(), 50);
    assert_eq!(&*m.fatal_message(Trap::OutOfGas), "Out of gas: used 52/50");
}

#[test]
fn a_refused_charge_leaves_nothing_and_saturates() {
    let mut m = machine(Some(50));
    m.charge(7).unwrap();
    assert_eq!(m.charge(u64::MAX), Err(Trap::OutOfGas));
    assert_eq!((m.meter.used(), m.meter.remaining()), (50, Some(0)));
    assert_eq!(&*m.fatal_message(Trap::OutOfGas), "Out of gas: used 18446744073709551615/50");
}

#[test]
fn without_a_limit_charges_are_counted() {
    let mut m = machine(None);
    assert_eq!(m.charge(u64::MAX), Ok(()));
    assert_eq!(m.charge(u64::MAX), Ok(()));
    assert_eq!((m.meter.used(), m.meter.limit(), m.meter.remaining()), (u64::MAX, None, None));
}

#[test]
fn sizes_are_charged_only_in_metered_runs() {
    use zexus_bytecode::schedule;
    let mut m = machine(None);
    m.charge_units(schedule::TEXT, 9).unwrap();
    m.charge_metered(5).unwrap();
    assert_eq!(m.meter.used(), 0);
    m.start_metering();
    m.charge_units(schedule::TEXT, 9).unwrap();
    m.charge_metered(5).unwrap();
    assert_eq!(m.meter.used(), 7);
}

#[test]
fn calls_lower_the_limit_until_they_end() {
    let mut m = machine(Some(100));
    m.charge(10).unwrap();
    m.meter.lower(200, 0, 1);
    assert_eq!((m.meter.limit(), m.meter.is_lowered()), (Some(100), false));
    m.meter.lower(50, 0, 1);
    m.meter.lower(20, 0, 2);
    m.meter.lower(10, 0, 3);
    assert_eq!(m.meter.limit(), Some(20));
    m.meter.leave(0, 2);
    assert_eq!(m.meter.limit(), Some(60));
    m.meter.leave(0, 2);
    assert_eq!(m.meter.limit(), Some(60));
    m.meter.leave(0, 1);
    assert_eq!((m.meter.limit(), m.meter.is_lowered()), (Some(100), false));
}

#[test]
fn limits_of_tasks_end_in_any_order() {
    let mut m = machine(None);
    m.meter.lower(50, 1, 1);
    m.meter.lower(20, 2, 1);
    m.meter.leave(1, 1);
    assert_eq!(m.meter.limit(), Some(20));
    m.meter.leave(2, 1);
    assert_eq!(m.meter.limit(), None);
}

#[test]
fn limits_are_integers_that_are_not_negative() {
    let mut m = machine(None);
    let big = |m: &mut Machine, text: &str| {
        let n = crate::object::BigIntObj(text.parse().unwrap());
        Value::bigint(m.heap.alloc_bigint(n).unwrap())
    };
    let (large, low) = (big(&mut m, "18446744073709551616"), big(&mut m, "-18446744073709551616"));
    assert_eq!(m.lower_gas(large, 1), Ok(()));
    assert_eq!(m.meter.limit(), None);
    for wrong in [Value::int(-1), Value::float(1.0), Value::NULL, low] {
        assert_eq!(m.lower_gas(wrong, 1), Err(Trap::Raised));
        assert_eq!(
            format!("{:?}", m.take_pending().raised),
            "Error { code: 505, message: \"a gas limit is a non-negative integer\" }"
        );
    }
    assert_eq!(m.lower_gas(Value::int(7), 1), Ok(()));
    assert_eq!(m.meter.limit(), Some(7));
}
