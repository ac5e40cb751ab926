use super::*;
use crate::host::Quiet;
use crate::limits::Limits;
use crate::object::{MapObj, StrObj};

fn machine() -> Machine {
    let mut m = Machine::new(Box::new(Quiet::default()), Limits::default());
    for name in ["x", "balances", "log"] {
        let place = place::variable(name).into();
        m.states.push(crate::machine::StateVar { place, ledger: false, name: name.into() });
    }
    m
}

const X: u32 = 0;
const BALANCES: u32 = 1;
const LOG: u32 = 2;

fn records(m: &Machine) -> Vec<(String, String)> {
    let hex = zexus_crypto::hex::encode;
    let mut all: Vec<_> = m.journal.records().map(|(k, v)| (hex(k), hex(v))).collect();
    all.sort();
    all
}

fn string(m: &mut Machine, text: &str) -> Value {
    m.string(text).unwrap()
}

/// The display form of a variable.
fn shown(m: &mut Machine, index: u32) -> String {
    let v = read_variable(m, index).unwrap();
    crate::display::display(m, v).unwrap()
}

fn live_of(m: &mut Machine, index: u32) -> Ref<LiveObj> {
    read_variable(m, index).unwrap().as_live().unwrap()
}

#[test]
fn records_of_the_specification() {
    let mut m = machine();
    let v = m.record(&[("alice", Value::int(5))]).unwrap();
    write_variable(&mut m, BALANCES, v).unwrap();
    let a = string(&mut m, "a");
    let n = m.record(&[("n", Value::int(1))]).unwrap();
    let log = m.list(vec![a, n]).unwrap();
    write_variable(&mut m, LOG, log).unwrap();
    let expected = [
        ("010862616c616e636573", "100101"),
        ("010862616c616e636573030000000000000000", "0505616c696365"),
        ("010862616c616e63657301070505616c696365", "00030105"),
        ("01036c6f67", "1102"),
        ("01036c6f67020000000000000000", "050161"),
        ("01036c6f67020000000000000001", "100101"),
        ("01036c6f67020000000000000001030000000000000000", "05016e"),
        ("01036c6f67020000000000000001010305016e", "00030101"),
    ];
    let mut expected = expected.map(|(k, v)| (k.to_owned(), v.to_owned()));
    expected.sort();
    assert_eq!(records(&m), expected);
    assert_eq!(shown(&mut m, LOG), "[a, {n: 1}]");
    write_variable(&mut m, LOG, Value::int(1)).unwrap();
    write_variable(&mut m, BALANCES, Value::NULL).unwrap();
    assert_eq!(
        records(&m),
        [("01036c6f67".into(), "030101".into()), ("010862616c616e636573".into(), "00".into())]
    );
}

#[test]
fn operations_touch_what_they_name() {
    let mut m = machine();
    let empty = m.list(vec![]).unwrap();
    write_variable(&mut m, LOG, empty).unwrap();
    let log = live_of(&mut m, LOG);
    for i in 0..3 {
        push(&mut m, log, Value::int(i)).unwrap();
    }
    set_index(&mut m, log, Value::int(-1), Value::int(9)).unwrap();
    assert_eq!(shown(&mut m, LOG), "[0, 1, 9]");
    assert_eq!(len(&mut m, log), Ok(3));
    assert_eq!(pop(&mut m, log).unwrap().as_int(), Some(9));
    assert_eq!(index(&mut m, log, Value::int(1)).unwrap().as_int(), Some(1));
    assert!(index(&mut m, log, Value::int(2)).is_err());
    assert!(set_index(&mut m, log, Value::int(2), Value::NULL).is_err());
    let inner = m.record(&[("k", Value::int(1))]).unwrap();
    set_index(&mut m, log, Value::int(0), inner).unwrap();
    let inner = index(&mut m, log, Value::int(0)).unwrap().as_live().unwrap();
    set(&mut m, inner, &Key::Int(7), Value::TRUE).unwrap();
    assert_eq!(get(&mut m, inner, &Key::from("k")).unwrap().unwrap().as_int(), Some(1));
    assert!(delete(&mut m, inner, &Key::from("k")).unwrap());
    assert!(!delete(&mut m, inner, &Key::from("k")).unwrap());
    set(&mut m, inner, &Key::from("k"), Value::int(2)).unwrap();
    assert_eq!(keys(&mut m, inner).unwrap(), [Key::Int(7), Key::from("k")]);
    assert_eq!(shown(&mut m, LOG), "[{7: true, k: 2}, 1]");
    let copy = snapshot(&mut m, log).unwrap();
    assert!(copy.as_list().is_some());
    replace(&mut m, inner, copy).unwrap();
    assert_eq!(shown(&mut m, LOG), "[[{7: true, k: 2}, 1], 1]");
    assert_eq!(index(&mut m, inner, Value::int(0)).unwrap().tag(), crate::value::Tag::Live);
}

#[test]
fn a_live_value_means_what_its_place_holds_now() {
    let mut m = machine();
    let first = m.list(vec![Value::int(1)]).unwrap();
    write_variable(&mut m, LOG, first).unwrap();
    let alias = live_of(&mut m, LOG);
    let t = m.journal.begin(&mut m.heap).unwrap();
    push(&mut m, alias, Value::int(2)).unwrap();
    assert_eq!(len(&mut m, alias), Ok(2));
    m.journal.revert(&mut m.heap, t);
    assert_eq!(len(&mut m, alias), Ok(1));
    let other = m.list(vec![Value::NULL; 4]).unwrap();
    write_variable(&mut m, LOG, other).unwrap();
    assert_eq!(len(&mut m, alias), Ok(4));
    remove(&mut m, &place::variable("log")).unwrap();
    assert!(resolve(&mut m, alias).unwrap().is_null());
    assert!(index(&mut m, alias, Value::int(0)).is_err());
    let pending = m.take_pending();
    assert!(matches!(pending.raised, crate::trap::Raised::Error { code: 412, .. }));
}

#[test]
fn what_cannot_be_stored_changes_nothing() {
    let mut m = machine();
    let v = m.list(vec![Value::int(1)]).unwrap();
    write_variable(&mut m, LOG, v).unwrap();
    let before = records(&m);
    let bad = m.list(vec![Value::int(2), Value::builtin(0)]).unwrap();
    assert!(write_variable(&mut m, LOG, bad).is_err());
    let own = m.list(vec![]).unwrap();
    m.heap.list_mut(own.as_list().unwrap()).items.push(own);
    let log = live_of(&mut m, LOG);
    assert!(push(&mut m, log, own).is_err());
    let nan = Value::float(f64::NAN);
    assert!(push(&mut m, log, nan).is_err());
    assert_eq!(records(&m), before);
}

#[test]
fn nothing_is_stored_deeper_than_sixty_four_levels() {
    let mut m = machine();
    let v = m.list(vec![]).unwrap();
    write_variable(&mut m, LOG, v).unwrap();
    let mut at = live_of(&mut m, LOG);
    let mut levels = 1;
    loop {
        let empty = m.list(vec![]).unwrap();
        if push(&mut m, at, empty).is_err() {
            break;
        }
        levels += 1;
        at = index(&mut m, at, Value::int(0)).unwrap().as_live().unwrap();
    }
    assert_eq!(levels, 64);
    let log = live_of(&mut m, LOG);
    assert!(snapshot(&mut m, log).is_ok());
    let v = read_variable(&mut m, LOG).unwrap();
    assert!(crate::encode::encode(&mut m, v).is_ok());
}

#[test]
fn a_key_has_at_most_1024_bytes() {
    let mut m = machine();
    let mut map = MapObj::default();
    map.map.insert(Key::from("k".repeat(1100).as_str()), Value::NULL);
    let v = Value::map(m.heap.alloc_map(map).unwrap());
    assert!(write_variable(&mut m, BALANCES, v).is_err());
    let text = "t".repeat(2 << 20);
    let v = Value::str(m.heap.alloc_str(StrObj::new(text, 2 << 20)).unwrap());
    assert!(write_variable(&mut m, X, v).is_err());
    assert!(records(&m).is_empty());
}

#[test]
fn cases_of_nested_transactions() {
    // chain.md 4.7: b begins, digits write, c commits and r reverts the innermost, q checks what is read.
    let cases = [
        ("b 5 =5 c", 5),
        ("b 5 b 6 c r", 1),
        ("b 5 b 6 r =5 c", 5),
        ("b 5 b 6 c c", 6),
        ("5", 5),
        ("b 5 r 7", 7),
        ("c r 5", 5),
        ("b 5 end", 1),
        ("b 5 b 6 end", 1),
    ];
    for (steps, expected) in cases {
        let mut m = machine();
        write_variable(&mut m, X, Value::int(1)).unwrap();
        for step in steps.split(' ') {
            let innermost = m.journal.innermost().unwrap_or(0);
            match step {
                "b" => {
                    m.journal.begin(&mut m.heap).unwrap();
                }
                "c" => m.journal.commit(&mut m.heap, innermost),
                "r" => m.journal.revert(&mut m.heap, innermost),
                "end" => m.journal.revert_all(&mut m.heap),
                _ => match step.strip_prefix('=') {
                    Some(read) => assert_eq!(shown(&mut m, X), read, "{steps}"),
                    None => write_variable(&mut m, X, Value::int(step.parse().unwrap())).unwrap(),
                },
            }
        }
        assert_eq!(shown(&mut m, X), expected.to_string(), "{steps}");
    }
}

#[test]
fn strict_transactions_refuse_single_writes_but_not_declarations() {
    let mut m = machine();
    m.limits.strict_transactions = true;
    declare_variable(&mut m, X, Value::int(1)).unwrap();
    assert!(write_variable(&mut m, X, Value::int(5)).is_err());
    let t = m.journal.begin(&mut m.heap).unwrap();
    write_variable(&mut m, X, Value::int(6)).unwrap();
    m.journal.commit(&mut m.heap, t);
    assert_eq!(shown(&mut m, X), "6");
    m.context.frame.view = true;
    let t = m.journal.begin(&mut m.heap).unwrap();
    assert!(write_variable(&mut m, X, Value::int(7)).is_err());
    m.journal.commit(&mut m.heap, t);
    m.context.frame.pure = true;
    assert!(read_variable(&mut m, X).is_err());
}

#[test]
fn shapes_are_read_from_keys() {
    let p = place::variable("v");
    assert_eq!(place::shape(&p), place::Shape { depth: 1, entry: false });
    let p = place::entry(&place::item(&p, 3), &Key::from("k"));
    assert_eq!(place::shape(&p), place::Shape { depth: 3, entry: true });
    let p = place::item(&place::field(&[1; 20], "f"), 3);
    assert_eq!(place::shape(&p), place::Shape { depth: 2, entry: false });
}
