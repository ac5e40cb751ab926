//! Hashes, signatures and Merkle trees of Zexus: pure functions.
