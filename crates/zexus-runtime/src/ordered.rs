//! A hash map that keeps the order of insertion, with removal in constant time.
//!
//! `indexmap` alone shifts all later entries on an ordered removal. Here a removed entry stays as a grave under a key that no
//! program can make, and the table is rebuilt when half of it is graves.

use std::hash::{Hash, Hasher};

use indexmap::{Equivalent, IndexMap};

type Hashing = foldhash::fast::RandomState;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Slot<K> {
    Live(K),
    Grave(u64),
}

impl<K: Hash> Hash for Slot<K> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Slot::Live(k) => k.hash(state),
            Slot::Grave(n) => state.write_u64(*n),
        }
    }
}

#[derive(Hash)]
#[repr(transparent)]
struct Probe<'a, Q: ?Sized>(&'a Q);

impl<K, Q: Equivalent<K> + ?Sized> Equivalent<Slot<K>> for Probe<'_, Q> {
    #[inline]
    fn equivalent(&self, key: &Slot<K>) -> bool {
        match key {
            Slot::Live(k) => self.0.equivalent(k),
            Slot::Grave(_) => false,
        }
    }
}

/// A map in order of insertion.
#[derive(Clone, Debug)]
pub struct OrderedMap<K, V> {
    entries: IndexMap<Slot<K>, V, Hashing>,
    graves: usize,
    dug: u64,
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        OrderedMap { entries: IndexMap::with_hasher(Hashing::default()), graves: 0, dug: 0 }
    }
}

impl<K: Hash + Eq, V> OrderedMap<K, V> {
    /// An empty map with room for `n` entries.
    pub fn with_capacity(n: usize) -> Self {
        OrderedMap { entries: IndexMap::with_capacity_and_hasher(n, Hashing::default()), graves: 0, dug: 0 }
    }

    /// The number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len() - self.graves
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    #[inline]
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<&V> {
        self.entries.get(&Probe(key))
    }

    /// The value of a key, to be changed.
    #[inline]
    pub fn get_mut<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&mut V> {
        self.entries.get_mut(&Probe(key))
    }

    /// Whether the key is there.
    #[inline]
    pub fn contains_key<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        self.entries.contains_key(&Probe(key))
    }

    /// Inserts or replaces; the old value. A new key goes to the end, an old one keeps its place.
    #[inline]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.entries.insert(Slot::Live(key), value)
    }

    /// Removes a key; the order of the others stays.
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        V: Default,
    {
        let index = self.entries.get_index_of(&Probe(key))?;
        if index + 1 == self.entries.len() {
            return self.entries.pop().map(|(_, v)| v);
        }
        self.dug += 1;
        if self.entries.replace_index(index, Slot::Grave(self.dug)).is_err() {
            return None;
        }
        let old = self.entries.get_index_mut(index).map(|(_, v)| std::mem::take(v));
        self.graves += 1;
        if self.graves > 32 && self.graves * 2 > self.entries.len() {
            self.entries.retain(|k, _| matches!(k, Slot::Live(_)));
            self.graves = 0;
        }
        old
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.graves = 0;
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().filter_map(|(k, v)| match k {
            Slot::Live(k) => Some((k, v)),
            Slot::Grave(_) => None,
        })
    }

    /// The entries in order, values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().filter_map(|(k, v)| match k {
            Slot::Live(k) => Some((k, v)),
            Slot::Grave(_) => None,
        })
    }

    /// The first entry at or after a cursor, and the cursor behind it; a cursor starts at 0 and lasts until the map changes.
    pub fn entry_from(&self, cursor: usize) -> Option<(usize, &K, &V)> {
        let mut cursor = cursor;
        while let Some((slot, v)) = self.entries.get_index(cursor) {
            cursor += 1;
            if let Slot::Live(k) = slot {
                return Some((cursor, k, v));
            }
        }
        None
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(k, _)| k)
    }

    /// The values in order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, v)| v)
    }
}

#[cfg(test)]
mod tests {
    use super::OrderedMap;
    use crate::key::{Key, KeyRef};
    use proptest::prelude::*;

    #[test]
    fn a_removed_key_comes_back_at_the_end() {
        let mut m = OrderedMap::default();
        for i in 0..4 {
            m.insert(Key::Int(i), i);
        }
        assert_eq!(m.remove(&KeyRef::Int(1)), Some(1));
        assert_eq!(m.remove(&KeyRef::Int(1)), None);
        m.insert(Key::Int(1), 9);
        m.insert(Key::Int(0), 8);
        let all: Vec<_> = m.iter().map(|(k, v)| (k.clone(), *v)).collect();
        assert_eq!(all, [(Key::Int(0), 8), (Key::Int(2), 2), (Key::Int(3), 3), (Key::Int(1), 9)]);
    }

    proptest! {
        #[test]
        fn behaves_like_a_vector_of_pairs(ops in prop::collection::vec((0..3u8, 0..40i64), 0..300)) {
            let mut m: OrderedMap<Key, i64> = OrderedMap::default();
            let mut model: Vec<(i64, i64)> = Vec::new();
            for (n, (op, k)) in ops.into_iter().enumerate() {
                let n = n as i64;
                match op {
                    0 | 1 => {
                        m.insert(Key::Int(k), n);
                        match model.iter_mut().find(|e| e.0 == k) { Some(e) => e.1 = n, None => model.push((k, n)) }
                    }
                    _ => {
                        let old = model.iter().position(|e| e.0 == k).map(|i| model.remove(i).1);
                        prop_assert_eq!(m.remove(&KeyRef::Int(k)), old);
                    }
                }
                prop_assert_eq!(m.len(), model.len());
            }
            let all: Vec<_> = m.iter().map(|(k, v)| (k.clone(), *v)).collect();
            let expected: Vec<_> = model.into_iter().map(|(k, v)| (Key::Int(k), v)).collect();
            prop_assert_eq!(all, expected);
        }
    }
}
