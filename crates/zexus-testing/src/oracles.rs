//! What must hold for every text, for fuzz targets and property tests. Each function panics if it does not.

use zexus::{Caps, Engine, Error, Limits};
use zexus_syntax::FileId;

/// The tokens with their trivia give the text back.
pub fn tokens_give_the_text_back(file: FileId, text: &str) {
    let parsed = zexus_syntax::parse(file, text);
    let again: String = parsed.tokens.iter().map(|token| token.span.text(text)).collect();
    assert_eq!(again, text);
}

/// The parser ends, and every place it reports lies in the text.
pub fn parses(text: &str) {
    let parsed = zexus_syntax::parse(FileId(0), text);
    for (_, span) in parsed.errors.iter().filter_map(zexus_syntax::Diagnostic::primary) {
        assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?}");
    }
}

/// Checking ends with a program or with at least one error, never neither.
pub fn checks(text: &str) {
    match Engine::new().compile(text) {
        Ok(program) => assert!(program.warnings().iter().all(|d| !d.is_error())),
        Err(Error::Compile(list)) => assert!(list.iter().any(zexus::Diagnostic::is_error)),
        Err(other) => assert!(other.diagnostics().is_empty(), "{other}"),
    }
}

/// What compiles runs inside its limits and ends without a defect. Programs that only loop are stopped after a while.
pub fn runs(text: &str) {
    let limits = Limits { memory: 16 << 20, depth: 200, output: Some(1 << 16), ..Limits::default() };
    let engine = Engine::new().limits(limits).grant(Caps::NONE);
    let Ok(program) = engine.compile(text) else { return };
    let mut instance = engine.instance(&program);
    let handle = instance.interrupt_handle();
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        if waiting.recv_timeout(std::time::Duration::from_millis(500)).is_err() {
            handle.interrupt();
        }
    });
    let ended = instance.execute();
    drop(done);
    assert!(watch.join().is_ok());
    assert_ne!(ended.exit_code, 101, "{:?}", ended.diagnostics);
}
