//! Corpus runner and generators for the tests of Zexus.
