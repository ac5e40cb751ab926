//! Standard output and standard error.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes kept before they are written, when standard output is no terminal.
const BUFFER: usize = 64 << 10;

/// Standard output of a program: written at once on a terminal, else in large pieces. Clones write to the same place.
#[derive(Clone, Debug)]
pub struct Output(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    buffer: Vec<u8>,
    direct: bool,
    closed: bool,
}

impl Output {
    /// Standard output.
    pub fn new() -> Output {
        let direct = io::stdout().is_terminal();
        Output(Arc::new(Mutex::new(State { buffer: Vec::new(), direct, closed: false })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes text.
    ///
    /// # Errors
    /// What the system says; a reader that is gone is remembered, see [`Output::is_closed`].
    pub fn write(&self, text: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.buffer.extend_from_slice(text.as_bytes());
        if state.direct || state.buffer.len() >= BUFFER { state.flush() } else { Ok(()) }
    }

    /// Writes what is kept.
    ///
    /// # Errors
    /// As [`Output::write`].
    pub fn flush(&self) -> io::Result<()> {
        self.lock().flush()
    }

    /// Whether the reader of standard output is gone.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }
}

impl State {
    fn flush(&mut self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let result = out.write_all(&self.buffer).and_then(|()| out.flush());
        self.buffer.clear();
        if let Err(e) = &result
            && e.kind() == io::ErrorKind::BrokenPipe
        {
            self.closed = true;
        }
        result
    }
}

/// Writes a line to standard error. If that fails there is nobody left to tell.
pub fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a text of a command to standard output and gives the exit code: 0 also if the reader has seen enough.
pub fn print(text: &str) -> u8 {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => 0,
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(e) => {
            note(&format!("error: cannot write to standard output: {e}"));
            1
        }
    }
}
