//! Arbitrary bytes: the tokens with their trivia give the text back.
#![no_main]

use zexus_syntax::FileId;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    zexus_testing::oracles::tokens_give_the_text_back(FileId(0), &text);
});
