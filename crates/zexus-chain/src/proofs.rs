//! Proofs from the hashes of complete subtrees (chain.md 3.3; table `nodes` of 10.1).
//!
//! The functions take the hash of the complete subtree of a level and number from `node`, and about log² n of them.

use zexus_verify::Hash;
use zexus_verify::merkle;

/// The levels and numbers of the complete subtrees over the leaves from `start` to `end`, from the left.
///
/// `start` must be a multiple of the largest power of two below the length, or the length be one.
pub fn peaks(start: u64, end: u64) -> impl Iterator<Item = (u8, u64)> {
    let mut at = start;
    std::iter::from_fn(move || {
        let level = end.checked_sub(at).filter(|left| *left > 0)?.ilog2();
        let number = at >> level;
        at += 1 << level;
        Some((level as u8, number))
    })
}

/// The root of the leaves from `start` to `end`, which are not none.
fn root<E>(start: u64, end: u64, node: &mut impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    let mut hashes =
        peaks(start, end).map(|(level, number)| node(level, number)).collect::<Result<Vec<_>, E>>()?;
    let mut root = hashes.pop().unwrap_or_default();
    while let Some(left) = hashes.pop() {
        root = merkle::node(&left, &root);
    }
    Ok(root)
}

/// Where a tree of `len` > 1 leaves splits: the largest power of two below.
fn half(len: u64) -> u64 {
    1 << (len - 1).ilog2()
}

/// The siblings from leaf `index` up in the tree of the first `size` leaves; `None` if there is no such leaf.
///
/// # Errors
/// Those of `node`.
pub fn inclusion<E>(
    index: u64,
    size: u64,
    mut node: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if index >= size {
        return Ok(None);
    }
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + half(end - start);
        if index < middle {
            proof.push(root(middle, end, &mut node)?);
            end = middle;
        } else {
            proof.push(root(start, middle, &mut node)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(Some(proof))
}

/// What shows that the tree of `old` leaves is a beginning of that of `new`; `None` if `old` is more.
///
/// # Errors
/// Those of `node`.
pub fn consistency<E>(
    old: u64,
    new: u64,
    mut node: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if old > new {
        return Ok(None);
    }
    let mut proof = Vec::new();
    let (mut start, mut end, mut is_old_root) = (0, new, true);
    while start < old && old < end {
        let middle = start + half(end - start);
        if old <= middle {
            proof.push(root(middle, end, &mut node)?);
            end = middle;
        } else {
            proof.push(root(start, middle, &mut node)?);
            start = middle;
            is_old_root = false;
        }
    }
    if !is_old_root {
        proof.push(root(start, end, &mut node)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

#[cfg(test)]
mod tests;
