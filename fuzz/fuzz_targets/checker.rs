//! Arbitrary bytes and token streams: checking ends with a program or with errors, never neither.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    zexus_testing::oracles::checks(&String::from_utf8_lossy(data));
    zexus_testing::oracles::checks(&zexus_testing::soup::text(data));
});
