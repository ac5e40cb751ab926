//! `zexus replay`, and bars that show how far long work is.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use zexus::Engine;
use zexus_chain::{How, ReplayError, replay};

use super::{Failure, finish, line, number_of, snapshot};
use crate::args::chain::Replay;
use crate::output::print;

/// Work shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows on standard error, if that is a terminal, how far work is that takes longer than a second.
pub struct Progress {
    bar: ProgressBar,
    begun: Instant,
}

impl Progress {
    /// For work of `count` steps.
    pub fn of(count: u64) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress { bar, begun: Instant::now() }
    }

    /// For work whose length is not known.
    pub fn spinner(what: &str) -> Progress {
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        // The first picture comes after a tick.
        bar.enable_steady_tick(PATIENCE);
        Progress { bar, begun: Instant::now() }
    }

    /// So many steps are done.
    pub fn at(&self, done: u64) {
        if self.bar.is_hidden() && self.begun.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(done);
    }

    /// Takes the picture away.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}

/// Runs the command; gives the exit code.
pub fn run(args: &Replay, color: bool) -> u8 {
    finish(args.store.json, color, again(args))
}

fn again(args: &Replay) -> Result<u8, Failure> {
    let snapshot = snapshot(&args.store)?;
    let count = match args.receipt.as_str() {
        "all" => snapshot.head().receipts,
        receipt => number_of(&snapshot, receipt)? + 1,
    };
    let how = if args.tier == 0 {
        let texts = args.source.iter().map(std::fs::read_to_string).collect::<Result<Vec<_>, _>>()?;
        How::Evaluator(texts)
    } else {
        How::Vm
    };
    let progress = Progress::of(count);
    let done = replay(&snapshot, Engine::new(), &how, count, &mut |done| progress.at(done));
    progress.finish();
    match done {
        Ok(done) if args.store.json => Ok(line(&json!({
            "same": true, "receipts": done.receipts, "taken": done.taken, "tier": args.tier
        }))),
        Ok(done) => {
            let taken = match done.taken {
                0 => String::new(),
                n => format!("; {n} of them ran out of gas and were not executed on tier 0"),
            };
            Ok(print(&format!("{} receipts came out as recorded{taken}\n", done.receipts)))
        }
        Err(error @ ReplayError::Differs { .. }) => {
            finish(args.store.json, false, Err(error.into()));
            Ok(1)
        }
        Err(error) => Err(error.into()),
    }
}
