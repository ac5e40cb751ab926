//! The embedding API of Zexus: engine, program, instance.
