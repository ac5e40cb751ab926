//! Standard input, line by line, without holding up Ctrl-C.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use zexus::InterruptHandle;

/// Bytes that a line may have: 64 MiB.
const MAX_LINE: u64 = 64 << 20;

type Line = io::Result<Option<String>>;

/// Reads lines in a thread of its own, one when asked, so that who waits can be interrupted. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Input(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    reader: Option<(Sender<()>, Receiver<Line>)>,
    /// A line was asked for and nobody has taken it: whoever asked was interrupted.
    pending: bool,
}

impl Input {
    /// Whether the next line that is typed goes to a reader that was interrupted, and from it to whoever asks next.
    pub fn is_pending(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pending
    }

    /// The next line without its end; `None` at the end, and when the run is interrupted.
    ///
    /// # Errors
    /// A message: the system's, text that is not UTF-8, or a line that is too long.
    pub fn line(&self, interrupt: &InterruptHandle) -> Result<Option<String>, String> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let (asks, lines) = state.reader.get_or_insert_with(start);
        if !state.pending {
            // If the reader is gone the wait below says so.
            let _ = asks.send(());
            state.pending = true;
        }
        loop {
            match lines.recv_timeout(super::TICK) {
                Ok(line) => {
                    state.pending = false;
                    return line.map_err(|e| format!("cannot read standard input: {e}"));
                }
                Err(RecvTimeoutError::Timeout) if interrupt.is_interrupted() => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err("cannot read standard input".into()),
            }
        }
    }
}

fn start() -> (Sender<()>, Receiver<Line>) {
    let (asks, asked) = channel::<()>();
    let (give, lines) = channel();
    // If no thread starts, its end of the channels is dropped, and reading reports that.
    let _ = std::thread::Builder::new()
        .name("input".into())
        .spawn(move || while asked.recv().is_ok() && give.send(read(&mut io::stdin().lock())).is_ok() {});
    (asks, lines)
}

fn read(from: &mut impl BufRead) -> Line {
    let mut bytes = Vec::new();
    from.take(MAX_LINE + 1).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.len() as u64 > MAX_LINE {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than 64 MiB"));
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not valid UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_any_way() {
        let mut from = io::Cursor::new("one\r\n\ntwo\nlast");
        let mut all = Vec::new();
        while let Some(line) = read(&mut from).unwrap() {
            all.push(line);
        }
        assert_eq!(all, ["one", "", "two", "last"]);
    }

    #[test]
    fn input_must_be_utf8() {
        assert!(read(&mut io::Cursor::new(b"\xff\n")).is_err());
    }
}
