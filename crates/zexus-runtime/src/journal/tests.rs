use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn bytes(b: &[u8]) -> Bytes {
    b.into()
}

fn heap() -> Heap {
    Heap::new(1 << 30, false)
}

#[derive(Clone, Debug)]
enum Step {
    Begin,
    Commit,
    Revert,
    CommitOuter,
    RevertOuter,
    Write(u8, Option<u8>),
    Append(u8),
    Emit(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Begin),
        1 => Just(Step::Commit),
        1 => Just(Step::Revert),
        1 => Just(Step::CommitOuter),
        1 => Just(Step::RevertOuter),
        6 => (0..12u8, prop::option::weighted(0.8, any::<u8>())).prop_map(|(k, v)| Step::Write(k, v)),
        1 => any::<u8>().prop_map(Step::Append),
        1 => any::<u8>().prop_map(Step::Emit),
    ]
}

/// The obvious model: everything is copied at each begin.
#[derive(Clone, Default, PartialEq, Debug)]
struct Model {
    records: BTreeMap<u8, u8>,
    entries: Vec<u8>,
    events: Vec<u8>,
}

fn entry(n: u8) -> Entry {
    let kind = EntryKind::Entry;
    Entry { origin: None, kind, payload: bytes(&[n]), height: 0, time: 0, id: [0; 32] }
}

fn event(n: u8) -> Event {
    Event { name: "e".into(), args: bytes(&[n]), names: None, origin: None }
}

fn seen(j: &Journal) -> Model {
    Model {
        records: (0..12).filter_map(|k| j.read(&[k]).map(|r| (k, r[0]))).collect(),
        entries: j.entries().iter().map(|e| e.payload[0]).collect(),
        events: j.events().iter().map(|e| e.args[0]).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn behaves_like_a_map_that_is_copied(steps in prop::collection::vec(step(), 0..80)) {
        let (mut j, mut h) = (Journal::new(), heap());
        let mut now = Model::default();
        let mut saved: Vec<(u64, Model)> = Vec::new();
        for step in steps {
            match step {
                Step::Begin => saved.push((j.begin(&mut h).unwrap(), now.clone())),
                Step::Commit => if let Some((serial, _)) = saved.pop() { j.commit(&mut h, serial) },
                Step::Revert => if let Some((serial, old)) = saved.pop() {
                    j.revert(&mut h, serial);
                    now = old;
                },
                Step::CommitOuter => if let Some((serial, _)) = saved.first().cloned() {
                    j.commit(&mut h, serial);
                    if saved.len() > 1 { now = saved[1].1.clone(); }
                    saved.clear();
                },
                Step::RevertOuter => if let Some((_, old)) = saved.first().cloned() {
                    j.revert_all(&mut h);
                    now = old;
                    saved.clear();
                },
                Step::Write(k, v) => {
                    j.write(&mut h, bytes(&[k]), v.map(|v| bytes(&[v]))).unwrap();
                    match v { Some(v) => now.records.insert(k, v), None => now.records.remove(&k) };
                }
                Step::Append(n) => {
                    prop_assert_eq!(j.append(&mut h, entry(n)).unwrap(), now.entries.len() as u64);
                    now.entries.push(n);
                }
                Step::Emit(n) => {
                    j.emit(&mut h, event(n)).unwrap();
                    now.events.push(n);
                }
            }
            prop_assert_eq!(seen(&j), now.clone());
            prop_assert_eq!(j.depth(), saved.len());
            prop_assert_eq!(h.bytes(), j.bytes());
        }
        j.revert_all(&mut h);
        prop_assert!(j.undo.is_empty() && j.overlay.is_empty());
        let kept = (j.entries.len() + j.events.len() + j.ordered.len()) * 33 + j.store.len() * 34;
        prop_assert_eq!(h.bytes(), kept as u64);
    }
}

#[test]
fn memory_is_counted_by_the_formulas() {
    let (mut j, mut h) = (Journal::new(), heap());
    let t = j.begin(&mut h).unwrap();
    assert_eq!(h.bytes(), 32);
    j.write(&mut h, bytes(b"key"), Some(bytes(b"12345"))).unwrap();
    assert_eq!(h.bytes(), 32 + (64 + 3) + (32 + 3 + 5));
    j.write(&mut h, bytes(b"key"), None).unwrap();
    assert_eq!(h.bytes(), 32 + (64 + 3) + (64 + 3 + 5) + (32 + 3));
    j.commit(&mut h, t);
    assert_eq!(h.bytes(), 0);
    j.write(&mut h, bytes(b"key"), Some(bytes(b"12345"))).unwrap();
    assert_eq!(h.bytes(), 32 + 3 + 5);
    let t = j.begin(&mut h).unwrap();
    j.write(&mut h, bytes(b"key"), Some(bytes(b"1"))).unwrap();
    j.commit(&mut h, t);
    assert_eq!(h.bytes(), 32 + 3 + 1);
}

#[test]
fn records_count_after_their_transaction() {
    let (mut j, mut h) = (Journal::new(), Heap::new(10_000, false));
    let result = (0..1000u32).try_for_each(|i| {
        let t = j.begin(&mut h)?;
        j.write(&mut h, bytes(&i.to_be_bytes()), Some(bytes(&[0; 64])))?;
        j.commit(&mut h, t);
        h.collect(j.bytes(), &mut |_| ())
    });
    assert_eq!(result, Err(Trap::MemoryLimit));
}

#[test]
fn a_transaction_that_is_not_open_is_left_alone() {
    let (mut j, mut h) = (Journal::new(), heap());
    j.commit(&mut h, 1);
    j.revert(&mut h, 1);
    j.write(&mut h, bytes(b"x"), Some(bytes(b"5"))).unwrap();
    let t = j.begin(&mut h).unwrap();
    j.commit(&mut h, t);
    let u = j.begin(&mut h).unwrap();
    j.commit(&mut h, t);
    j.revert(&mut h, t);
    assert!(j.is_open(u) && !j.is_open(t));
    assert_eq!(j.read(b"x"), Some(&bytes(b"5")));
}
