//! Stopping a program from outside: Ctrl-C and `--timeout`.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use zexus::InterruptHandle;

/// How long a program that does not come to a safe point may go on after its time is over.
const GRACE: Duration = Duration::from_secs(3);

/// The exit code after Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// Why a run is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nobody asked for it.
    None,
    /// Ctrl-C, or the system asks the process to end.
    Signal,
    /// The time is over.
    Timeout,
}

static CAUSE: AtomicU8 = AtomicU8::new(0);
static RUNNING: AtomicBool = AtomicBool::new(false);

/// Why the run is stopped.
pub fn cause() -> Cause {
    match CAUSE.load(Ordering::Relaxed) {
        0 => Cause::None,
        1 => Cause::Signal,
        _ => Cause::Timeout,
    }
}

/// Forgets the last stop, for the next entry of the REPL.
pub fn forget(handle: &InterruptHandle) {
    handle.clear();
    CAUSE.store(0, Ordering::Relaxed);
}

/// Says whether a program runs: while none does, Ctrl-C ends the process at once.
pub fn set_running(running: bool) {
    RUNNING.store(running, Ordering::Relaxed);
}

/// Makes Ctrl-C stop the run at its next step, and a second Ctrl-C end the process.
pub fn on_ctrl_c(handle: &InterruptHandle) {
    let handle = handle.clone();
    // If the system refuses a handler, Ctrl-C ends the process, which is good enough.
    let _ = ctrlc::set_handler(move || {
        if handle.is_interrupted() || !RUNNING.load(Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        CAUSE.store(1, Ordering::Relaxed);
        handle.interrupt();
    });
}

/// Stops the run after a time. A run that does not stop then is ended with the process.
pub fn after(time: Duration, handle: &InterruptHandle) {
    let handle = handle.clone();
    // Without a thread there is no watchdog: then the run is not bounded, so it must not start.
    let watchdog = std::thread::Builder::new().name("timeout".into()).spawn(move || {
        std::thread::sleep(time);
        let _ = CAUSE.compare_exchange(0, 2, Ordering::Relaxed, Ordering::Relaxed);
        handle.interrupt();
        std::thread::sleep(GRACE);
        crate::output::note(&format!("error: {}", timeout_message(time)));
        std::process::exit(1);
    });
    if let Err(e) = watchdog {
        crate::output::note(&format!("error: cannot watch the time: {e}"));
        std::process::exit(2);
    }
}

/// What is said when the time is over.
pub fn timeout_message(time: Duration) -> String {
    format!("stopped: the program ran longer than --timeout {} s", time.as_secs_f64())
}
