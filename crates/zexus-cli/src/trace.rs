//! `--trace` of `zexus run`: where its lines go.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use zexus::{Error, Instance, TraceFilter, files};

use crate::output::{Output, note};

/// The file of a trace, and what went wrong with it first.
#[derive(Clone, Default)]
pub struct Trace(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    file: Option<BufWriter<File>>,
    failure: Option<io::Error>,
}

impl State {
    fn write(&mut self, action: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) {
        if let (Some(file), None) = (&mut self.file, &self.failure) {
            self.failure = action(file).err();
        }
    }
}

impl Trace {
    /// Traces the runs of an instance to a file, or to standard error.
    ///
    /// # Errors
    /// [`Error::File`] for a file that cannot be made; [`Error::Compile`].
    pub fn start(
        instance: &mut Instance,
        file: Option<&Path>,
        filter: TraceFilter,
        output: &Output,
    ) -> Result<Trace, Error> {
        let trace = Trace::default();
        let Some(path) = file else {
            let output = output.clone();
            instance.trace(filter, move |line| {
                // So that both streams show things in the order in which they happened. A failure shows at the next print.
                let _ = output.flush();
                note(line);
            })?;
            return Ok(trace);
        };
        let file = File::create(path).map_err(|e| Error::File {
            path: path.to_string_lossy().into_owned(),
            reason: files::reason(&e),
        })?;
        trace.with(|state| state.file = Some(BufWriter::new(file)));
        let lines = trace.clone();
        instance
            .trace(filter, move |line| lines.with(|state| state.write(|file| writeln!(file, "{line}"))))?;
        Ok(trace)
    }

    fn with<R>(&self, action: impl FnOnce(&mut State) -> R) -> R {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes what is kept.
    ///
    /// # Errors
    /// The first failure of the file.
    pub fn finish(&self) -> io::Result<()> {
        self.with(|state| {
            state.write(|file| file.flush());
            state.failure.take().map_or(Ok(()), Err)
        })
    }
}
