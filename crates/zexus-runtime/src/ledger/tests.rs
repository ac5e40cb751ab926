use zexus_crypto::{hex, merkle};

use super::*;
use crate::host::Quiet;
use crate::limits::Limits;

fn machine() -> Machine {
    let mut m = Machine::new(Box::new(Quiet::default()), Limits::default());
    m.block.height = 1;
    m.block.time = 1_700_000_000_000;
    m
}

#[test]
fn entries_have_the_bytes_of_the_specification() {
    let mut m = machine();
    let m = &mut m;
    let (action, from, to) =
        (m.string("token_transfer").unwrap(), m.string("alice").unwrap(), m.string("bob").unwrap());
    let amount = Value::int(100);
    let v = m.record(&[("action", action), ("from", from), ("to", to), ("amount", amount)]).unwrap();
    assert_eq!(append(m, v), Ok(0));
    let price = m.record(&[("eur", Value::int(1))]).unwrap();
    assign(m, &place::variable("price"), "price", price).unwrap();
    let bytes: Vec<Vec<u8>> =
        m.journal.entries().iter().enumerate().map(|(i, e)| entry_bytes(e, i as u64)).collect();
    let expected = [
        "5a584c4501000000000000000000000000000000010000018bcfe568000000000000000000000000000000000000000000000000000000000000000000000008040506616374696f6e050e746f6b656e5f7472616e73666572050466726f6d0505616c6963650502746f0503626f620506616d6f756e74030164",
        "5a584c4501000000000000000100000000000000010000018bcfe5680000000000000000000000000000000000000000000000000000000000000000000002080305046e616d6505057072696365050776657273696f6e030101050576616c756508010503657572030101",
    ];
    assert_eq!(bytes.iter().map(|b| hex::encode(b)).collect::<Vec<_>>(), expected);
    let leaves: Vec<[u8; 32]> = bytes.iter().map(|b| merkle::leaf(b)).collect();
    let head = next_head(&[0; 32], &leaves[0]);
    assert_eq!(hex::encode(&head), "80035b8e3b75751ff991c7a16c07fd24ffb28e4de159067212ba21ce566e1a5b");
    let head = next_head(&head, &leaves[1]);
    assert_eq!(hex::encode(&head), "98db794b65bb203f8af97ddda20a20bb077e0ecf149c52b23cf54f99d8a5b775");
    let root = merkle::root(&leaves).unwrap();
    assert_eq!(hex::encode(&root), "753a39d4ca54f3b16d53676f3573bf025efbad1939bb4dc2961b003744408caa");
}

#[test]
fn a_ledger_variable_keeps_its_versions() {
    let mut m = machine();
    let place = place::variable("n");
    for i in 1..=3 {
        assign(&mut m, &place, "n", Value::int(i)).unwrap();
    }
    let t = m.journal.begin(&mut m.heap).unwrap();
    assign(&mut m, &place, "n", Value::int(9)).unwrap();
    assert_eq!(m.journal.entry_count(), 4);
    m.journal.revert(&mut m.heap, t);
    assert_eq!(crate::state::read(&mut m, &place).unwrap().as_int(), Some(3));
    let history = history(&mut m, &place).unwrap();
    let shown = crate::display::display(&mut m, history).unwrap();
    let zeros = "0".repeat(64);
    let version = |n: i32| format!("{{value: {n}, version: {n}, timestamp: 1700000000, tx: {zeros}}}");
    assert_eq!(shown, format!("[{}, {}, {}]", version(1), version(2), version(3)));
    let all = entries(&mut m, Some(EntryKind::Version)).unwrap();
    let shown = crate::display::display(&mut m, all).unwrap();
    assert!(shown.starts_with("[{index: 0, kind: ledger, name: n, version: 1, value: 1}, "), "{shown}");
}

#[test]
fn entries_end_at_their_limit() {
    let mut m = machine();
    m.limits.ledger_entries = 2;
    append(&mut m, Value::NULL).unwrap();
    append(&mut m, Value::NULL).unwrap();
    assert_eq!(append(&mut m, Value::NULL), Err(Trap::MemoryLimit));
    let place = place::variable("n");
    assert_eq!(assign(&mut m, &place, "n", Value::int(1)), Err(Trap::MemoryLimit));
    assert!(crate::state::read(&mut m, &place).unwrap().is_null());
}
