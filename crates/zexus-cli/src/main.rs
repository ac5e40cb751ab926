//! The `zexus` command.
fn main() {}
