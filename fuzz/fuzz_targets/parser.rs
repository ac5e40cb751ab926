//! Arbitrary token streams: the parser always ends and every span lies in the text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    zexus_testing::oracles::parses(&zexus_testing::soup::text(data));
});
