//! What is under way on other threads, so that a test which hangs can be named.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The numbers of the tests that run, and since when.
#[derive(Debug, Default)]
pub struct Running(Mutex<BTreeMap<u64, Instant>>);

impl Running {
    /// Notes that a test begins.
    pub fn begin(&self, number: u64) {
        self.lock().insert(number, Instant::now());
    }

    /// Notes that a test has ended.
    pub fn end(&self, number: u64) {
        self.lock().remove(&number);
    }

    /// The test that has been running for the longest time, if that is at least `patience`.
    pub fn stuck(&self, patience: Duration) -> Option<u64> {
        let running = self.lock();
        let (number, since) = running.iter().min_by_key(|(_, since)| **since)?;
        (since.elapsed() >= patience).then_some(*number)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_is_not_stuck() {
        let running = Running::default();
        running.begin(7);
        running.begin(8);
        assert_eq!(running.stuck(Duration::from_secs(60)), None);
        assert_eq!(running.stuck(Duration::ZERO), Some(7));
        running.end(7);
        running.end(8);
        assert_eq!(running.stuck(Duration::ZERO), None);
    }
}
