//! The state root and proofs that a place holds a record, or none (chain.md 4.4).

use alloc::vec::Vec;

use crate::hash::{Hash, ZERO, sha256};
use crate::merkle::node;

/// A place with its record, as the root knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Hash of the key: the path from the root, its highest bit first.
    pub key: Hash,
    /// Hash of the record.
    pub record: Hash,
}

impl Place {
    /// The place of this key with this record.
    pub fn new(key: &[u8], record: &[u8]) -> Place {
        Place { key: sha256(&[key]), record: sha256(&[record]) }
    }

    /// The root of the tree that holds only this place.
    pub fn hash(&self) -> Hash {
        sha256(&[&[0], &self.key, &self.record])
    }
}

/// Bit `depth` of a path, from the highest; false beyond its end.
pub fn bit(path: &Hash, depth: usize) -> bool {
    path.get(depth / 8).is_some_and(|byte| byte >> (7 - depth % 8) & 1 == 1)
}

/// The hash of the tree of these two.
pub fn branch(left: &Hash, right: &Hash) -> Hash {
    node(left, right)
}

/// The root of the tree of these places, which must be sorted by `key`, each key once; `None` if they are not.
pub fn root(places: &[Place]) -> Option<Hash> {
    let sorted = places.windows(2).all(|pair| matches!(pair, [a, b] if a.key < b.key));
    sorted.then(|| subtree(places, 0))
}

/// Recursion ends after 256 levels, where two keys would be equal.
fn subtree(places: &[Place], depth: usize) -> Hash {
    match places {
        [] => ZERO,
        [place] => place.hash(),
        _ => {
            let (left, right) = places.split_at(places.partition_point(|p| !bit(&p.key, depth)));
            branch(&subtree(left, depth + 1), &subtree(right, depth + 1))
        }
    }
}

/// What the path of a key leads to, and the way there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateProof {
    /// The place at its end: that of the key, another one, or none.
    pub end: Option<Place>,
    /// The hashes beside the way, from the end up.
    pub siblings: Vec<Hash>,
}

impl StateProof {
    /// Whether this shows that in the state with this root the key has the record, or none.
    pub fn verify(&self, root: &Hash, key: &[u8], record: Option<&[u8]>) -> bool {
        let path = sha256(&[key]);
        let depth = self.siblings.len();
        if depth > 256 {
            return false;
        }
        let mut hash = match (&self.end, record) {
            (Some(place), Some(record)) if *place == (Place { key: path, record: sha256(&[record]) }) => {
                place.hash()
            }
            (Some(other), None) if other.key != path && shares(&other.key, &path, depth) => other.hash(),
            (None, None) => ZERO,
            _ => return false,
        };
        // Nothing stands alone beside an empty place: it would be its parent.
        if self.end.is_some() && self.siblings.first() == Some(&ZERO) {
            return false;
        }
        for (depth, sibling) in (0..depth).rev().zip(&self.siblings) {
            hash = if bit(&path, depth) { branch(sibling, &hash) } else { branch(&hash, sibling) };
        }
        hash == *root
    }
}

/// Whether two paths have their first `bits` bits in common.
fn shares(a: &Hash, b: &Hash, bits: usize) -> bool {
    (0..bits).all(|depth| bit(a, depth) == bit(b, depth))
}
