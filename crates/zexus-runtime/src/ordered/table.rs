//! The table of a large map: entries in order of insertion, and slots that say where the entry of a hash stands.
//!
//! A slot is 32 bits: as many low bits as the number of slots needs hold the place of the entry, from 1, and the others bits of the hash, so that
//! looking for a key seldom touches an entry that is not its own. A slot of zeros ends a search. Slots are searched in a row; hashes are
//! seeded at random, so a program cannot make rows long, and nothing that a program sees depends on hashes.
//!
//! A removed entry leaves its place empty, and its slot a [grave](Table::grave) that points to no entry. When slots run out, entries
//! close up and the slots are made anew.

use std::cell::Cell;
use std::hash::{BuildHasher, Hash};

use indexmap::Equivalent;

#[derive(Clone, Debug)]
pub(super) struct Table<K, V> {
    entries: Vec<(Option<K>, V)>,
    /// A power of two of them, of which at most [`room`] are in use.
    slots: Box<[u32]>,
    hashing: foldhash::fast::RandomState,
    /// Slots that are not zero.
    occupied: usize,
    /// Entries that were removed.
    empty: usize,
    /// The place of the entry that was used last.
    recent: Cell<usize>,
}

/// How many of so many slots may be in use.
fn room(slots: usize) -> usize {
    slots / 16 * 13
}

/// Slots for so many entries.
fn slots_for(entries: usize) -> Box<[u32]> {
    let mut slots = entries.next_power_of_two().max(16);
    if room(slots) < entries {
        slots *= 2;
    }
    vec![0; slots].into()
}

impl<K: Hash + Eq, V> Table<K, V> {
    pub fn with_capacity(n: usize) -> Self {
        Table {
            entries: Vec::with_capacity(n),
            slots: slots_for(n),
            hashing: Default::default(),
            occupied: 0,
            empty: 0,
            recent: Cell::new(0),
        }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len() - self.empty
    }

    #[inline]
    fn mask(&self) -> u32 {
        (self.slots.len() as u32).wrapping_sub(1)
    }

    /// A slot whose place no entry has, because [`room`] is less.
    fn grave(&self) -> u32 {
        self.mask()
    }

    #[inline]
    fn slot(&self, at: u32) -> u32 {
        self.slots.get(at as usize).copied().unwrap_or_default()
    }

    fn set_slot(&mut self, at: u32, slot: u32) {
        if let Some(place) = self.slots.get_mut(at as usize) {
            *place = slot;
        }
    }

    #[inline]
    fn holds<Q: Equivalent<K> + ?Sized>(&self, place: usize, key: &Q) -> bool {
        matches!(self.entries.get(place), Some((Some(k), _)) if key.equivalent(k))
    }

    /// The slot of a key and the place of its entry, or the slot where the search ended.
    #[inline]
    fn search<Q: Equivalent<K> + ?Sized>(&self, hash: u64, key: &Q) -> Result<(u32, usize), u32> {
        let mask = self.mask();
        let (mut at, tag) = (hash as u32 & mask, (hash >> 32) as u32);
        loop {
            let slot = self.slot(at);
            if slot == 0 {
                return Err(at);
            }
            if (slot ^ tag) & !mask == 0 {
                let place = (slot & mask) as usize - 1;
                if self.holds(place, key) {
                    return Ok((at, place));
                }
            }
            at = (at + 1) & mask;
        }
    }

    #[inline]
    fn find<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<usize> {
        let recent = self.recent.get();
        if self.holds(recent, key) {
            return Some(recent);
        }
        let (_, place) = self.search(self.hashing.hash_one(key), key).ok()?;
        self.recent.set(place);
        Some(place)
    }

    #[inline]
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<&V> {
        self.entries.get(self.find(key)?).map(|(_, v)| v)
    }

    #[inline]
    pub fn get_mut<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&mut V> {
        let place = self.find(key)?;
        self.entries.get_mut(place).map(|(_, v)| v)
    }

    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.hashing.hash_one(&key);
        let mut at = match self.search(hash, &Same(&key)) {
            Ok((_, place)) => {
                self.recent.set(place);
                return self.entries.get_mut(place).map(|(_, v)| std::mem::replace(v, value));
            }
            Err(at) => at,
        };
        if self.occupied >= room(self.slots.len()) {
            self.rebuild();
            at = self.free_slot(hash);
        }
        self.entries.push((Some(key), value));
        self.occupy(at, hash, self.entries.len());
        self.recent.set(self.entries.len() - 1);
        None
    }

    fn occupy(&mut self, at: u32, hash: u64, place: usize) {
        let mask = self.mask();
        self.set_slot(at, (hash >> 32) as u32 & !mask | place as u32);
        self.occupied += 1;
    }

    /// The slot where the search for a hash ends.
    fn free_slot(&self, hash: u64) -> u32 {
        let mask = self.mask();
        let mut at = hash as u32 & mask;
        while self.slot(at) != 0 {
            at = (at + 1) & mask;
        }
        at
    }

    /// Closes up the entries and makes the slots anew, with room for as many again.
    #[cold]
    fn rebuild(&mut self) {
        self.entries.retain(|(key, _)| key.is_some());
        self.empty = 0;
        self.recent.set(0);
        // Where most slots are graves, as many slots are enough.
        self.slots = slots_for(self.entries.len() + self.entries.len() / 2 + 1);
        self.occupied = 0;
        for i in 0..self.entries.len() {
            let Some((Some(key), _)) = self.entries.get(i) else { continue };
            let hash = self.hashing.hash_one(key);
            self.occupy(self.free_slot(hash), hash, i + 1);
        }
    }

    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        V: Default,
    {
        let (at, place) = self.search(self.hashing.hash_one(key), key).ok()?;
        self.set_slot(at, self.grave());
        if place + 1 == self.entries.len() {
            return self.entries.pop().map(|(_, v)| v);
        }
        let (key, v) = self.entries.get_mut(place)?;
        *key = None;
        let old = std::mem::take(v);
        self.empty += 1;
        if self.empty > 32 && self.empty * 2 > self.entries.len() {
            self.rebuild();
        }
        Some(old)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().filter_map(|(k, v)| Some((k.as_ref()?, v)))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().filter_map(|(k, v)| Some((k.as_ref()?, v)))
    }

    pub fn entry_from(&self, cursor: usize) -> Option<(usize, &K, &V)> {
        let rest = self.entries.get(cursor..)?.iter().zip(cursor + 1..);
        rest.filter_map(|((k, v), next)| Some((next, k.as_ref()?, v))).next()
    }
}

/// A key that is looked for as it is.
struct Same<'a, K>(&'a K);

impl<K: Eq> Equivalent<K> for Same<'_, K> {
    #[inline]
    fn equivalent(&self, key: &K) -> bool {
        *self.0 == *key
    }
}
