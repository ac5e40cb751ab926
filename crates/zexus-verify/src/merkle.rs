//! Merkle trees and their proofs (RFC 6962; chain.md 3.2, 3.3).

use alloc::vec::Vec;

use crate::hash::{Hash, sha256};

/// The hash of an entry.
pub fn leaf(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry])
}

/// The hash of an inner node.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// A tree that grows: the roots of its complete subtrees, from the largest on, at most one of each height.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    len: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree that another one's length and [`peaks`](Frontier::peaks) describe; `None` if their numbers do not fit.
    pub fn from_parts(len: u64, peaks: Vec<Hash>) -> Option<Frontier> {
        (peaks.len() as u64 == u64::from(len.count_ones())).then_some(Frontier { len, peaks })
    }

    /// The number of leaves.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no leaf.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The roots of the complete subtrees, from the largest on.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends the hash of a leaf, and calls `made` with level, number and hash of each complete subtree that this makes.
    pub fn push_with(&mut self, leaf: Hash, mut made: impl FnMut(u8, u64, Hash)) {
        let mut top = leaf;
        made(0, self.len, top);
        for level in 1..=self.len.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            top = node(&left, &top);
            made(level as u8, self.len >> level, top);
        }
        self.peaks.push(top);
        self.len += 1;
    }

    /// Appends the hash of a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_with(leaf, |_, _, _| {});
    }

    /// The root, or `None` if there is no leaf.
    pub fn root(&self) -> Option<Hash> {
        self.peaks.iter().rev().copied().reduce(|right, left| node(&left, &right))
    }
}

/// Whether `proof` shows that the leaf hash `leaf` is at `index` in the tree of `size` leaves with this root.
///
/// Proofs that are too short or too long, and an index that is not below the size, are refused (RFC 9162 2.1.3.2).
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(sibling, &hash);
            // A last node without a right neighbour moves up alone until it has a left one.
            let up = at.trailing_zeros();
            (at, last) = (at >> up, last >> up);
        } else {
            hash = node(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `old_size` leaves with root `old` is a beginning of that of `new_size` leaves
/// with root `new`.
///
/// Proofs that are too short or too long, and an old size above the new one, are refused; for equal sizes the roots must
/// be equal and the proof empty, for an old size of 0 the proof must be empty (RFC 9162 2.1.4.2).
pub fn verify_consistency(old_size: u64, new_size: u64, old: &Hash, new: &Hash, proof: &[Hash]) -> bool {
    if old_size > new_size {
        return false;
    }
    if old_size == new_size {
        return proof.is_empty() && old == new;
    }
    if old_size == 0 {
        return proof.is_empty();
    }
    // The old tree's last complete subtree; it is the old root itself, and then not in the proof, if it is the only one.
    let up = (old_size - 1).trailing_ones();
    let (mut at, mut last) = ((old_size - 1) >> up, (new_size - 1) >> up);
    let mut rest = proof.iter();
    let start = if old_size.is_power_of_two() { Some(old) } else { rest.next() };
    let Some(start) = start else { return false };
    let (mut old_hash, mut new_hash) = (*start, *start);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_hash = node(sibling, &old_hash);
            new_hash = node(sibling, &new_hash);
            let up = at.trailing_zeros();
            (at, last) = (at >> up, last >> up);
        } else {
            new_hash = node(&new_hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old_hash == *old && new_hash == *new
}
