//! Merkle trees, inclusion and consistency proofs (RFC 6962, chain.md 3.2 and 3.3).
//!
//! The functions on trees take the hashes of leaves, so that an entry is hashed once. Positions and sizes are `u64`, since
//! verifying needs no tree. Nothing is recursive and every function is linear in what it is given.

use crate::Hash;
use crate::hash::sha256_of;

/// The hash of an entry: `H(00 ‖ entry)`.
pub fn leaf(entry: &[u8]) -> Hash {
    sha256_of(&[&[0], entry])
}

/// The hash of an inner node: `H(01 ‖ left ‖ right)`.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    sha256_of(&[&[1], left, right])
}

/// A tree that grows: the roots of the complete subtrees of its leaves, at most one of each height.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    len: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree without leaves.
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// The tree that another one's [`len`](Frontier::len) and [`peaks`](Frontier::peaks) describe.
    ///
    /// `None` if there are not as many peaks as `len` has bits set.
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

    /// Appends the hash of a leaf; amortised one more hash each.
    pub fn push(&mut self, leaf: Hash) {
        let mut top = leaf;
        for _ in 0..self.len.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                top = node(&left, &top);
            }
        }
        self.peaks.push(top);
        self.len += 1;
    }

    /// The root, or `None` if there is no leaf.
    pub fn root(&self) -> Option<Hash> {
        self.peaks.iter().rev().copied().reduce(|right, left| node(&left, &right))
    }
}

/// The root of the tree of these leaf hashes, or `None` if there are none.
pub fn root(leaves: &[Hash]) -> Option<Hash> {
    let mut tree = Frontier::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

/// The root of the tree of these entries, or `None` if there are none.
pub fn root_of_entries<T: AsRef<[u8]>>(entries: impl IntoIterator<Item = T>) -> Option<Hash> {
    let mut tree = Frontier::new();
    entries.into_iter().for_each(|entry| tree.push(leaf(entry.as_ref())));
    tree.root()
}

/// The siblings from leaf `index` up to the root, or `None` if there is no such leaf (RFC 6962 2.1.1).
pub fn prove_inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    let mut level = leaves.to_vec();
    let mut at = index;
    // Pairing level by level, with a last one alone moving up, gives the tree that splits at powers of two.
    while level.len() > 1 {
        proof.extend(level.get(at ^ 1));
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node(left, right),
                [alone, ..] => *alone,
                [] => Hash::default(),
            })
            .collect();
        at /= 2;
    }
    Some(proof)
}

/// The proof that the tree of the first `size` leaves is a beginning of the whole tree (RFC 6962 2.1.2).
///
/// It is empty if `size` is 0 or all leaves; `None` if there are not as many leaves.
pub fn prove_consistency(leaves: &[Hash], size: usize) -> Option<Vec<Hash>> {
    if size > leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    let (mut subtree, mut old, mut is_old_root) = (leaves, size, true);
    while old > 0 && old < subtree.len() {
        let (left, right) = subtree.split_at(subtree.len().next_power_of_two() / 2);
        if old <= left.len() {
            proof.extend(root(right));
            subtree = left;
        } else {
            proof.extend(root(left));
            subtree = right;
            old -= left.len();
            is_old_root = false;
        }
    }
    if !is_old_root {
        proof.extend(root(subtree));
    }
    proof.reverse();
    Some(proof)
}

/// Whether `proof` shows that the leaf hash `leaf` is at `index` in the tree of `size` leaves with this root.
///
/// Proofs that are too short or too long, and an index that is not below the size, are refused (RFC 9162 2.1.3.2).
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
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
