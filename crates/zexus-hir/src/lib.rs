//! The small core language of Zexus that all tiers agree on.
