//! From the command line to compiled programs.

use std::io::Read;
use std::path::Path;

use zexus::files::MAX_FILE_BYTES;
use zexus::{Engine, Error, Program};

/// The name of standard input in reports.
pub const STDIN: &str = "<stdin>";

/// Compiles a file, or standard input for `-`.
///
/// # Errors
/// As [`Engine::compile_file`].
pub fn compile(engine: &Engine, file: &Path) -> Result<Program, Error> {
    if file != Path::new("-") {
        return engine.compile_file(file);
    }
    let mut bytes = Vec::new();
    let cannot = |reason: String| Error::File { path: "standard input".into(), reason };
    std::io::stdin()
        .lock()
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| cannot(e.to_string()))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(cannot("it is larger than 1 GiB".into()));
    }
    engine.compile_bytes(STDIN, &bytes)
}
