use std::sync::Arc;

use zexus_bytecode::flags::FnFlags;

use super::*;
use crate::fake::Fake;
use crate::object::RangeObj;

const NONE: FnFlags = FnFlags(0);

#[test]
fn named_arguments_find_their_places() {
    let mut fake = Fake::new();
    let f = fake.function("f", &["a", "b"], NONE, |_, _, _| Ok(Value::NULL));
    let info = fake.m.heap.function(f.as_function().unwrap()).info.clone();
    let (one, two) = (Value::int(1), Value::int(2));
    let named = |names: &[&str]| names.iter().map(|n| ((*n).into(), two)).collect::<Vec<(Arc<str>, Value)>>();
    let arranged = arrange(&mut fake.m, &info, &[one], &named(&["b"])).unwrap();
    assert_eq!(arranged.iter().map(|v| v.as_int().unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert!(arrange(&mut fake.m, &info, &[], &named(&["b", "a"])).is_ok());
    for (args, names) in [(1, vec!["a"]), (1, vec!["c"]), (1, vec!["b", "b"]), (0, vec!["b"]), (3, vec![])] {
        assert!(arrange(&mut fake.m, &info, &vec![one; args], &named(&names)).is_err());
        assert_eq!(fake.code(), 404);
    }
}

#[test]
fn lists_and_ranges_are_spread() {
    let mut fake = Fake::new();
    let items = vec![Value::int(3), Value::NULL];
    let list = fake.m.list(items.clone()).unwrap();
    assert_eq!(spread(&mut fake.m, list).unwrap().len(), 2);
    let mut range = |start, end| {
        let r = Value::range(fake.m.heap.alloc_range(RangeObj { start, end }).unwrap());
        spread(&mut fake.m, r).map(|items| items.iter().filter_map(|v| v.as_int()).collect::<Vec<_>>())
    };
    assert_eq!(range(1, 4), Ok(vec![1, 2, 3]));
    assert_eq!(range(0, i64::MAX), Err(Trap::MemoryLimit));
    assert_eq!(spread(&mut fake.m, Value::NULL).unwrap_err(), Trap::Raised);
    assert_eq!(fake.code(), 402);
}
