//! A hash map that keeps the order of insertion, with removal in constant time.
//!
//! Up to eight entries stand in a row and are found by looking at each: that needs no table and no hash. More entries are in an
//! `indexmap`, which alone shifts all later entries on an ordered removal: here a removed entry stays as a grave under a key that no
//! program can make, and the table is rebuilt when half of it is graves. The entry that was used last is tried first, because a program
//! that reads a key often writes it next.

use std::cell::Cell;
use std::hash::{Hash, Hasher};

use indexmap::{Equivalent, IndexMap};

/// Entries that need no table.
const SMALL: usize = 8;

type Hashing = foldhash::fast::RandomState;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Slot<K> {
    Live(K),
    Grave(u64),
}

impl<K> Slot<K> {
    fn live(&self) -> Option<&K> {
        match self {
            Slot::Live(k) => Some(k),
            Slot::Grave(_) => None,
        }
    }
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
pub struct OrderedMap<K, V>(Entries<K, V>);

#[derive(Clone, Debug)]
enum Entries<K, V> {
    Row(Vec<(K, V)>),
    Table(Table<K, V>),
}

#[derive(Clone, Debug)]
struct Table<K, V> {
    entries: IndexMap<Slot<K>, V, Hashing>,
    graves: usize,
    dug: u64,
    /// The place of the entry that was used last.
    recent: Cell<usize>,
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        OrderedMap(Entries::Row(Vec::new()))
    }
}

impl<K: Hash + Eq, V> Table<K, V> {
    fn with_capacity(n: usize) -> Self {
        let entries = IndexMap::with_capacity_and_hasher(n, Hashing::default());
        Table { entries, graves: 0, dug: 0, recent: Cell::new(0) }
    }

    /// The place of a key.
    #[inline]
    fn find<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<usize> {
        let recent = self.recent.get();
        if let Some((Slot::Live(k), _)) = self.entries.get_index(recent)
            && key.equivalent(k)
        {
            return Some(recent);
        }
        let found = self.entries.get_index_of(&Probe(key))?;
        self.recent.set(found);
        Some(found)
    }

    #[inline]
    fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some((Slot::Live(k), v)) = self.entries.get_index_mut(self.recent.get())
            && *k == key
        {
            return Some(std::mem::replace(v, value));
        }
        let (place, old) = self.entries.insert_full(Slot::Live(key), value);
        self.recent.set(place);
        old
    }

    fn remove<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        V: Default,
    {
        let index = self.find(key)?;
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
}

impl<K: Hash + Eq, V> OrderedMap<K, V> {
    /// An empty map with room for `n` entries.
    pub fn with_capacity(n: usize) -> Self {
        OrderedMap(match n {
            0..=SMALL => Entries::Row(Vec::with_capacity(n)),
            _ => Entries::Table(Table::with_capacity(n)),
        })
    }

    /// The number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.0 {
            Entries::Row(row) => row.len(),
            Entries::Table(t) => t.entries.len() - t.graves,
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
            Entries::Table(t) => t.entries.get_index(t.find(key)?).map(|(_, v)| v),
        }
    }

    /// The value of a key, to be changed.
    #[inline]
    pub fn get_mut<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&mut V> {
        match &mut self.0 {
            Entries::Row(row) => row.iter_mut().find(|(k, _)| key.equivalent(k)).map(|(_, v)| v),
            Entries::Table(t) => {
                let place = t.find(key)?;
                t.entries.get_index_mut(place).map(|(_, v)| v)
            }
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
                        row.reserve_exact(SMALL / 2);
                    }
                    row.push((key, value));
                    return None;
                }
                self.grow().insert(key, value)
            }
            Entries::Table(t) => t.insert(key, value),
        }
    }

    /// Puts the entries of a row into a table.
    #[cold]
    fn grow(&mut self) -> &mut Table<K, V> {
        if let Entries::Row(row) = &mut self.0 {
            let mut table = Table::with_capacity(SMALL * 2);
            table.entries.extend(row.drain(..).map(|(k, v)| (Slot::Live(k), v)));
            self.0 = Entries::Table(table);
        }
        match &mut self.0 {
            Entries::Table(t) => t,
            Entries::Row(_) => unreachable!("it was replaced above"),
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
        match &mut self.0 {
            Entries::Row(row) => row.clear(),
            Entries::Table(t) => {
                t.entries.clear();
                t.graves = 0;
            }
        }
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let (row, table) = match &self.0 {
            Entries::Row(row) => (Some(row), None),
            Entries::Table(t) => (None, Some(&t.entries)),
        };
        let row = row.into_iter().flatten().map(|(k, v)| (k, v));
        row.chain(table.into_iter().flatten().filter_map(|(k, v)| Some((k.live()?, v))))
    }

    /// The entries in order, values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        let (row, table) = match &mut self.0 {
            Entries::Row(row) => (Some(row), None),
            Entries::Table(t) => (None, Some(&mut t.entries)),
        };
        let row = row.into_iter().flatten().map(|(k, v)| (&*k, v));
        row.chain(table.into_iter().flatten().filter_map(|(k, v)| Some((k.live()?, v))))
    }

    /// The first entry at or after a cursor, and the cursor behind it; a cursor starts at 0 and lasts until the map changes.
    pub fn entry_from(&self, cursor: usize) -> Option<(usize, &K, &V)> {
        match &self.0 {
            Entries::Row(row) => row.get(cursor).map(|(k, v)| (cursor + 1, k, v)),
            Entries::Table(t) => {
                let mut cursor = cursor;
                while let Some((slot, v)) = t.entries.get_index(cursor) {
                    cursor += 1;
                    if let Slot::Live(k) = slot {
                        return Some((cursor, k, v));
                    }
                }
                None
            }
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
