//! The state tree (chain.md 4.4), kept up to date with what was written.
//!
//! 1. A tree is a value: cloning takes no time, and a clone is not touched by later writes. Nodes that nobody else holds are
//!    changed in place.
//! 2. Writes that are applied together share the nodes above them, each of which is hashed once.
//! 3. There is one tree for a set of places: a subtree with one place is a leaf, wherever it hangs.
//! 4. Recursion ends after 256 levels, where two keys would have the same hash.

use std::sync::Arc;

use zexus_verify::state::{bit, branch};
use zexus_verify::{Hash, Place, StateProof, ZERO, sha256};

/// A place that gets a record, or loses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Hash of the key.
    pub key: Hash,
    /// Hash of the record, or `None` to remove it.
    pub record: Option<Hash>,
}

impl Change {
    /// The change that writes or removes a record.
    pub fn new(key: &[u8], record: Option<&[u8]>) -> Change {
        Change { key: sha256(&[key]), record: record.map(|record| sha256(&[record])) }
    }
}

/// The tree over the places of a state.
#[derive(Clone, Debug, Default)]
pub struct StateTree {
    top: Subtree,
    len: usize,
}

type Subtree = Option<Arc<Node>>;

#[derive(Clone, Debug)]
enum Node {
    Leaf { place: Place, hash: Hash },
    Inner { hash: Hash, left: Subtree, right: Subtree },
}

impl Node {
    fn leaf(place: Place) -> Node {
        Node::Leaf { place, hash: place.hash() }
    }

    fn hash(&self) -> &Hash {
        match self {
            Node::Leaf { hash, .. } | Node::Inner { hash, .. } => hash,
        }
    }
}

fn hash_of(subtree: &Subtree) -> Hash {
    subtree.as_ref().map_or(ZERO, |node| *node.hash())
}

impl StateTree {
    /// The tree without places.
    pub fn new() -> StateTree {
        StateTree::default()
    }

    /// The tree of these places; of several with the same key the last.
    pub fn of(places: impl IntoIterator<Item = Place>) -> StateTree {
        let mut tree = StateTree::new();
        tree.apply(places.into_iter().map(|p| Change { key: p.key, record: Some(p.record) }).collect());
        tree
    }

    /// The number of places.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no place.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The state root; zeros if there is no place.
    pub fn root(&self) -> Hash {
        hash_of(&self.top)
    }

    /// Makes the changes; of several of the same key the last counts.
    pub fn apply(&mut self, mut changes: Vec<Change>) {
        // Stable, so that the last of a key stays last; reversed, because the first of a run is kept.
        changes.reverse();
        changes.sort_by_key(|change| change.key);
        changes.dedup_by_key(|change| change.key);
        change(&mut self.top, &changes, 0, &mut self.len);
    }

    /// What shows that the place of this key holds its record, or that there is none.
    pub fn prove(&self, key: &[u8]) -> StateProof {
        let path = sha256(&[key]);
        let mut siblings = Vec::new();
        let mut at = &self.top;
        let end = loop {
            match at.as_deref() {
                None => break None,
                Some(Node::Leaf { place, .. }) => break Some(*place),
                Some(Node::Inner { left, right, .. }) => {
                    let (next, beside) =
                        if bit(&path, siblings.len()) { (right, left) } else { (left, right) };
                    siblings.push(hash_of(beside));
                    at = next;
                }
            }
        };
        siblings.reverse();
        StateProof { end, siblings }
    }
}

/// Makes the sorted changes in the subtree whose path has `depth` bits.
fn change(subtree: &mut Subtree, changes: &[Change], depth: usize, len: &mut usize) {
    if changes.is_empty() {
        return;
    }
    let Some(node) = subtree else {
        *subtree = build(&places_of(changes), depth, len);
        return;
    };
    if let Node::Leaf { place, .. } = &**node {
        let place = *place;
        *len -= 1;
        let mut places = places_of(changes);
        if let Err(at) = changes.binary_search_by_key(&place.key, |change| change.key) {
            let before = changes.get(..at).unwrap_or_default();
            places.insert(before.iter().filter(|change| change.record.is_some()).count(), place);
        }
        *subtree = build(&places, depth, len);
        return;
    }
    if let Node::Inner { hash, left, right } = Arc::make_mut(node) {
        let (low, high) = split(changes, |change| &change.key, depth);
        change(left, low, depth + 1, len);
        change(right, high, depth + 1, len);
        let alone = match (&*left, &*right) {
            (None, other) | (other, None) => other.as_deref().is_none_or(|n| matches!(n, Node::Leaf { .. })),
            _ => false,
        };
        if alone {
            *subtree = left.take().or_else(|| right.take());
        } else {
            *hash = branch(&hash_of(left), &hash_of(right));
        }
    }
}

fn places_of(changes: &[Change]) -> Vec<Place> {
    changes.iter().filter_map(|c| Some(Place { key: c.key, record: c.record? })).collect()
}

fn build(places: &[Place], depth: usize, len: &mut usize) -> Subtree {
    match places {
        [] => None,
        [place] => {
            *len += 1;
            Some(Arc::new(Node::leaf(*place)))
        }
        _ => {
            let (low, high) = split(places, |place| &place.key, depth);
            let (left, right) = (build(low, depth + 1, len), build(high, depth + 1, len));
            let hash = branch(&hash_of(&left), &hash_of(&right));
            Some(Arc::new(Node::Inner { hash, left, right }))
        }
    }
}

/// Those whose bit at `depth` is 0, and the others.
fn split<T>(sorted: &[T], key: impl Fn(&T) -> &Hash, depth: usize) -> (&[T], &[T]) {
    sorted.split_at(sorted.partition_point(|item| !bit(key(item), depth)))
}

#[cfg(test)]
mod tests;
