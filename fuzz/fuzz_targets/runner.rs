//! Whatever compiles runs inside its limits and ends without a defect.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    zexus_testing::oracles::runs(&String::from_utf8_lossy(data));
    zexus_testing::oracles::runs(&zexus_testing::soup::text(data));
});
