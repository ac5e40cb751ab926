//! Containers of the state against a plain value that is copied at each begin.

use proptest::prelude::*;

use super::*;
use crate::host::Quiet;
use crate::limits::Limits;
use crate::object::{ListObj, MapObj};
use crate::value::Tag;

#[derive(Clone, Debug, PartialEq)]
enum Plain {
    Int(i64),
    List(Vec<Plain>),
    Map(Vec<(i64, Plain)>),
}

#[derive(Clone, Debug)]
enum Op {
    Begin,
    Commit,
    Revert,
    /// What follows acts on the container that these steps lead to.
    At(Vec<usize>, Act),
}

#[derive(Clone, Debug)]
enum Act {
    Assign(Plain),
    Push(Plain),
    Pop,
    Set(i64, Plain),
    Delete(i64),
    /// Stores the variable itself below the container.
    Nest(i64),
}

fn plain() -> impl Strategy<Value = Plain> {
    (0..9i64).prop_map(Plain::Int).prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Plain::List),
            prop::collection::btree_map(0..4i64, inner, 0..4)
                .prop_map(|m| Plain::Map(m.into_iter().collect())),
        ]
    })
}

fn op() -> impl Strategy<Value = Op> {
    let act = prop_oneof![
        1 => plain().prop_map(Act::Assign),
        3 => plain().prop_map(Act::Push),
        2 => Just(Act::Pop),
        4 => (0..4i64, plain()).prop_map(|(k, v)| Act::Set(k, v)),
        2 => (0..4i64).prop_map(Act::Delete),
        1 => (0..4i64).prop_map(Act::Nest),
    ];
    prop_oneof![
        1 => Just(Op::Begin),
        1 => Just(Op::Commit),
        1 => Just(Op::Revert),
        9 => (prop::collection::vec(0..4usize, 0..4), act).prop_map(|(path, act)| Op::At(path, act)),
    ]
}

fn value(m: &mut Machine, p: &Plain) -> Value {
    match p {
        Plain::Int(i) => Value::int(*i),
        Plain::List(items) => {
            let items = items.iter().map(|p| value(m, p)).collect();
            Value::list(m.heap.alloc_list(ListObj { items, sealed: false }).unwrap())
        }
        Plain::Map(entries) => {
            let mut o = MapObj::default();
            for (k, p) in entries {
                let v = value(m, p);
                o.map.insert(Key::Int(*k), v);
            }
            Value::map(m.heap.alloc_map(o).unwrap())
        }
    }
}

fn shown(p: &Plain) -> String {
    match p {
        Plain::Int(i) => i.to_string(),
        Plain::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Plain::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|(k, p)| format!("{k}: {}", shown(p))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Records that a value takes.
fn records(p: &Plain) -> usize {
    1 + match p {
        Plain::Int(_) => 0,
        Plain::List(items) => items.iter().map(records).sum(),
        Plain::Map(entries) => entries.iter().map(|(_, p)| 1 + records(p)).sum(),
    }
}

/// Follows the steps as far as containers go; both sides take the same way.
fn walk<'a>(m: &mut Machine, mut p: &'a mut Plain, path: &[usize]) -> (&'a mut Plain, Value) {
    let mut v = read(m, &variable()).unwrap();
    for step in path {
        let (Plain::List(_) | Plain::Map(_)) = p else { break };
        if matches!(p, Plain::List(items) if items.is_empty()) || matches!(p, Plain::Map(e) if e.is_empty()) {
            break;
        }
        let (key, next) = match p {
            Plain::List(items) => {
                let i = step % items.len();
                (i as i64, &mut items[i])
            }
            Plain::Map(entries) => {
                let i = step % entries.len();
                (entries[i].0, &mut entries[i].1)
            }
            Plain::Int(_) => unreachable!("checked above"),
        };
        v = index(m, v.as_live().unwrap(), Value::int(key)).unwrap();
        p = next;
    }
    (p, v)
}

fn variable() -> Vec<u8> {
    place::variable("v")
}

fn act(m: &mut Machine, now: &mut Plain, path: &[usize], act: &Act) {
    let whole = now.clone();
    if let Act::Assign(new) = act {
        let v = value(m, new);
        write(m, &variable(), v).unwrap();
        *now = new.clone();
        return;
    }
    let (p, v) = walk(m, now, path);
    let Some(live) = v.as_live() else { return };
    match (p, act) {
        (Plain::List(items), Act::Push(new)) => {
            let v = value(m, new);
            push(m, live, v).unwrap();
            items.push(new.clone());
        }
        (Plain::List(items), Act::Pop) => {
            let got = pop(m, live).unwrap();
            let expected = items.pop().map_or("null".into(), |p| shown(&p));
            assert_eq!(crate::display::display(m, got).unwrap(), expected);
        }
        (Plain::Map(entries), Act::Set(k, new)) => {
            let v = value(m, new);
            set(m, live, &Key::Int(*k), v).unwrap();
            put(entries, *k, new.clone());
        }
        (Plain::Map(entries), Act::Delete(k)) => {
            let found = entries.iter().position(|e| e.0 == *k);
            assert_eq!(delete(m, live, &Key::Int(*k)).unwrap(), found.is_some());
            found.map(|i| entries.remove(i));
        }
        (Plain::Map(entries), Act::Nest(k)) if records(&whole) < 200 && depth(&whole) < 20 => {
            let v = read(m, &variable()).unwrap();
            assert_eq!(v.tag(), Tag::Live);
            set(m, live, &Key::Int(*k), v).unwrap();
            put(entries, *k, whole);
        }
        _ => {}
    }
}

fn depth(p: &Plain) -> usize {
    1 + match p {
        Plain::Int(_) => 0,
        Plain::List(items) => items.iter().map(depth).max().unwrap_or(0),
        Plain::Map(entries) => entries.iter().map(|(_, p)| depth(p)).max().unwrap_or(0),
    }
}

fn put(entries: &mut Vec<(i64, Plain)>, k: i64, p: Plain) {
    match entries.iter_mut().find(|e| e.0 == k) {
        Some(e) => e.1 = p,
        None => entries.push((k, p)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::default())]
    #[test]
    fn containers_behave_like_values_that_are_copied(start in plain(), ops in prop::collection::vec(op(), 0..60)) {
        let mut m = Machine::new(Box::new(Quiet::default()), Limits::default());
        let mut now = start;
        let v = value(&mut m, &now);
        write(&mut m, &variable(), v).unwrap();
        let mut saved: Vec<(u64, Plain)> = Vec::new();
        for op in &ops {
            match op {
                Op::Begin => saved.push((m.journal.begin(&mut m.heap).unwrap(), now.clone())),
                Op::Commit => if let Some((t, _)) = saved.pop() { m.journal.commit(&mut m.heap, t) },
                Op::Revert => if let Some((t, old)) = saved.pop() {
                    m.journal.revert(&mut m.heap, t);
                    now = old;
                },
                Op::At(path, a) => act(&mut m, &mut now, path, a),
            }
            let v = read(&mut m, &variable()).unwrap();
            prop_assert_eq!(crate::display::display(&mut m, v).unwrap(), shown(&now));
        }
        for (t, _) in saved.into_iter().rev() {
            m.journal.commit(&mut m.heap, t);
        }
        // Nothing is left behind by what was replaced or removed.
        prop_assert_eq!(m.journal.records().count(), records(&now));
        let standing: usize = m.journal.records().map(|(k, r)| 32 + k.len() + r.len()).sum();
        prop_assert_eq!(m.journal.bytes(), standing as u64);
    }
}
