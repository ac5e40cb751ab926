//! Tier 0: the readable reference evaluator of Zexus.
