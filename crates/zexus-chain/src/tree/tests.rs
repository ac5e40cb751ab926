use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn naive(model: &BTreeMap<Hash, Hash>) -> Hash {
    let places: Vec<Place> = model.iter().map(|(key, record)| Place { key: *key, record: *record }).collect();
    zexus_verify::state::root(&places).unwrap()
}

/// Paths that often have many bits in common.
fn path() -> impl Strategy<Value = Hash> {
    (0u8..4, 0usize..32, any::<u8>()).prop_map(|(first, at, byte)| {
        let mut path = [0; 32];
        path[0] = first << 6;
        path[at] ^= byte;
        path
    })
}

proptest! {
    #[test]
    fn roots_are_those_of_the_naive_tree(
        batches in prop::collection::vec(prop::collection::vec((path(), prop::option::of(any::<u8>())), 0..8), 0..24),
    ) {
        let (mut tree, mut model) = (StateTree::new(), BTreeMap::new());
        for batch in batches {
            let (before, root) = (tree.clone(), tree.root());
            for (key, record) in &batch {
                match record {
                    Some(record) => model.insert(*key, [*record; 32]),
                    None => model.remove(key),
                };
            }
            tree.apply(batch.iter().map(|(key, r)| Change { key: *key, record: r.map(|r| [r; 32]) }).collect());
            prop_assert_eq!(tree.root(), naive(&model));
            prop_assert_eq!(tree.len(), model.len());
            prop_assert_eq!(before.root(), root);
        }
    }

    #[test]
    fn proofs_hold_for_what_is_there_and_for_nothing_else(
        keys in prop::collection::btree_set(0u16..200, 0..60), forged in any::<prop::sample::Index>(), bit in 0usize..256,
    ) {
        let key = |n: u16| n.to_be_bytes();
        let record = |n: u16| [n as u8, 7];
        let tree = StateTree::of(keys.iter().map(|n| Place::new(&key(*n), &record(*n))));
        let root = tree.root();
        for n in 0..200 {
            let proof = tree.prove(&key(n));
            let there = record(n);
            let there = keys.contains(&n).then_some(&there[..]);
            prop_assert!(proof.verify(&root, &key(n), there));
            prop_assert!(!proof.verify(&root, &key(n), there.map_or(Some(&[1][..]), |_| None)));
            prop_assert!(!proof.verify(&root, &key(n), Some(b"other")));
            if !proof.siblings.is_empty() {
                let at = forged.index(proof.siblings.len());
                let mut other = proof.clone();
                other.siblings[at][bit / 8] ^= 1 << (bit % 8);
                prop_assert!(!other.verify(&root, &key(n), there));
                let mut other = proof.clone();
                other.siblings.remove(at);
                prop_assert!(!other.verify(&root, &key(n), there));
                let mut other = proof.clone();
                other.siblings.insert(at, proof.siblings[at]);
                prop_assert!(!other.verify(&root, &key(n), there));
                let mut other = proof.clone();
                other.siblings.reverse();
                prop_assert!(other == proof || !other.verify(&root, &key(n), there));
            }
        }
    }
}

#[test]
fn the_order_of_writes_does_not_matter() {
    let places: Vec<Place> = (0u32..300).map(|n| Place::new(&n.to_be_bytes(), b"r")).collect();
    let together = StateTree::of(places.iter().copied());
    let mut apart = StateTree::new();
    for place in places.iter().rev() {
        apart.apply(vec![Change { key: place.key, record: Some(place.record) }]);
    }
    assert_eq!(apart.root(), together.root());
    for place in &places[1..] {
        apart.apply(vec![Change { key: place.key, record: None }]);
    }
    assert_eq!((apart.root(), apart.len()), (places[0].hash(), 1));
    apart.apply(vec![Change { key: places[0].key, record: None }]);
    assert_eq!((apart.root(), apart.is_empty()), (ZERO, true));
}

#[test]
fn keys_that_share_255_bits_make_a_tree_of_256_levels() {
    let (low, mut high) = ([0; 32], [0; 32]);
    high[31] = 1;
    let places = [Place { key: low, record: [1; 32] }, Place { key: high, record: [2; 32] }];
    let mut expected = branch(&places[0].hash(), &places[1].hash());
    for _ in 0..255 {
        expected = branch(&expected, &ZERO);
    }
    assert_eq!(StateTree::of(places).root(), expected);
}
