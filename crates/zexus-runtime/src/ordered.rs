//! A hash map that keeps the order of insertion, with removal in constant time.
//!
//! Up to eight entries stand in a row and are found by looking at each: that needs no table and no hash. More entries are found by a
//! table. The entry that was used last is tried first, because a program that reads a key often writes it next.

use std::hash::Hash;

use indexmap::Equivalent;

use table::Table;

mod table;

/// Entries that need no table.
const SMALL: usize = 8;

/// A map in order of insertion.
#[derive(Clone, Debug)]
pub struct OrderedMap<K, V>(Entries<K, V>);

#[derive(Clone, Debug)]
enum Entries<K, V> {
    Row(Vec<(K, V)>),
    Table(Box<Table<K, V>>),
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        OrderedMap(Entries::Row(Vec::new()))
    }
}

impl<K: Hash + Eq, V> OrderedMap<K, V> {
    /// An empty map with room for `n` entries.
    pub fn with_capacity(n: usize) -> Self {
        OrderedMap(match n {
            0..=SMALL => Entries::Row(Vec::with_capacity(n)),
            _ => Entries::Table(Box::new(Table::with_capacity(n))),
        })
    }

    /// The number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.0 {
            Entries::Row(row) => row.len(),
            Entries::Table(t) => t.len(),
        }
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    #[inline]
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<&V> {
        match &self.0 {
            Entries::Row(row) => row.iter().find(|(k, _)| key.equivalent(k)).map(|(_, v)| v),
            Entries::Table(t) => t.get(key),
        }
    }

    /// The value of a key, to be changed.
    #[inline]
    pub fn get_mut<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&mut V> {
        match &mut self.0 {
            Entries::Row(row) => row.iter_mut().find(|(k, _)| key.equivalent(k)).map(|(_, v)| v),
            Entries::Table(t) => t.get_mut(key),
        }
    }

    /// Whether the key is there.
    #[inline]
    pub fn contains_key<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        self.get(key).is_some()
    }

    /// Inserts or replaces; the old value. A new key goes to the end, an old one keeps its place.
    #[inline]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match &mut self.0 {
            Entries::Row(row) => {
                if let Some((_, v)) = row.iter_mut().find(|(k, _)| *k == key) {
                    return Some(std::mem::replace(v, value));
                }
                if row.len() < SMALL {
                    if row.capacity() == 0 {
                        row.reserve_exact(SMALL / 4);
                    }
                    row.push((key, value));
                    return None;
                }
                let mut table = Table::with_capacity(SMALL * 2);
                for (k, v) in row.drain(..) {
                    table.insert(k, v);
                }
                table.insert(key, value);
                self.0 = Entries::Table(Box::new(table));
                None
            }
            Entries::Table(t) => t.insert(key, value),
        }
    }

    /// Removes a key; the order of the others stays.
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        V: Default,
    {
        match &mut self.0 {
            Entries::Row(row) => {
                let place = row.iter().position(|(k, _)| key.equivalent(k))?;
                Some(row.remove(place).1)
            }
            Entries::Table(t) => t.remove(key),
        }
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        *self = OrderedMap::default();
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let (row, table) = match &self.0 {
            Entries::Row(row) => (Some(row), None),
            Entries::Table(t) => (None, Some(t.iter())),
        };
        row.into_iter().flatten().map(|(k, v)| (k, v)).chain(table.into_iter().flatten())
    }

    /// The entries in order, values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        let (row, table) = match &mut self.0 {
            Entries::Row(row) => (Some(row), None),
            Entries::Table(t) => (None, Some(t.iter_mut())),
        };
        row.into_iter().flatten().map(|(k, v)| (&*k, v)).chain(table.into_iter().flatten())
    }

    /// The first entry at or after a cursor, and the cursor behind it; a cursor starts at 0 and lasts until the map changes.
    pub fn entry_from(&self, cursor: usize) -> Option<(usize, &K, &V)> {
        match &self.0 {
            Entries::Row(row) => row.get(cursor).map(|(k, v)| (cursor + 1, k, v)),
            Entries::Table(t) => t.entry_from(cursor),
        }
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

    #[test]
    fn a_key_at_the_end_comes_and_goes() {
        let mut m = OrderedMap::default();
        for i in 0..20 {
            m.insert(Key::Int(i), i);
        }
        for round in 0..1000 {
            assert_eq!(m.insert(Key::Int(99), round), None);
            assert_eq!(m.remove(&KeyRef::Int(99)), Some(round));
            assert_eq!(m.get(&KeyRef::Int(99)), None);
        }
        assert_eq!((m.len(), m.get(&KeyRef::Int(7))), (20, Some(&7)));
    }

    #[test]
    fn many_keys_of_every_kind_are_found() {
        let key = |i: i64| match i % 3 {
            0 => Key::Int(i << 32),
            1 => Key::Str(i.to_string().into()),
            _ => Key::Big(std::sync::Arc::new(num_bigint::BigInt::from(i) << 70)),
        };
        let mut m = OrderedMap::default();
        for i in 0..10_000 {
            assert_eq!(m.insert(key(i), i), None);
        }
        for i in 0..10_000 {
            assert_eq!(m.get(&key(i).as_ref()), Some(&i));
            assert_eq!(m.get(&key(i + 10_000).as_ref()), None);
        }
        assert!(m.values().copied().eq(0..10_000));
    }

    #[test]
    fn a_map_takes_three_words() {
        assert_eq!(size_of::<OrderedMap<Key, crate::Value>>(), 24);
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
                prop_assert_eq!(m.get(&KeyRef::Int(k)).copied(), model.iter().find(|e| e.0 == k).map(|e| e.1));
            }
            let all: Vec<_> = m.iter().map(|(k, v)| (k.clone(), *v)).collect();
            let expected: Vec<_> = model.into_iter().map(|(k, v)| (Key::Int(k), v)).collect();
            prop_assert_eq!(all, expected);
        }
    }
}
