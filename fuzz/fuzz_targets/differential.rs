//! Configurations agree on the program that the bytes choose.
#![no_main]

use zexus_testing::differential::{MATRIX, Verdict};
use zexus_testing::generate::Program;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Verdict::Diverged(divergence) = Verdict::of(&Program::from_bytes(data).tree, MATRIX) {
        panic!("{divergence}");
    }
});
