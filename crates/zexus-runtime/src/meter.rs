//! The meter: what a run has used of gas, and the limit in force (chain.md 6.1 to 6.3, bytecode.md 5.3).
//!
//! 1. A charge is made before the work it pays for. One that cannot be paid is [`Trap::OutOfGas`]; nothing remains then.
//! 2. `GAS_CHARGE` always charges ([`Machine::charge`]). Sizes are charged only in metered runs, by [`Machine::charge_units`] and its
//!    relatives: without a meter these cost one branch.
//! 3. A run is metered if its tier says so with [`Machine::start_metering`], because it then also charges base prices. In a metered
//!    run nothing is collected.
//! 4. Calls lower the limit until they end. Calls of several tasks may do so at the same time; the lowest limit is in force.

use std::sync::Arc;

use zexus_bytecode::schedule::Rate;

use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// A limit that a call put on the gas used until it ends.
#[derive(Clone, Copy, Debug)]
struct Lowered {
    task: u64,
    depth: u32,
    limit: u64,
}

/// Bytes after which the price of text that grows is paid, and again (bytecode.md 5.3).
pub const STEP: usize = 1024;

/// Gas of a run.
#[derive(Clone, Debug)]
pub struct Meter {
    used: u64,
    /// The limit in force; `u64::MAX` if there is none.
    limit: u64,
    metered: bool,
    /// The limit of the run.
    outermost: u64,
    /// Limits of calls that have not ended, each at most as high as those before it.
    lowered: Vec<Lowered>,
    /// What was used with the charge that could not be paid, and the limit that was too low.
    refused: Option<(u64, u64)>,
}

/// Where the gas used lies in a [`Meter`], in bytes.
pub const METER_USED: usize = std::mem::offset_of!(Meter, used);
/// Where the limit in force lies in a [`Meter`], in bytes.
pub const METER_LIMIT: usize = std::mem::offset_of!(Meter, limit);

impl Meter {
    /// A meter that has counted nothing; `None` for no limit.
    pub fn new(limit: Option<u64>) -> Meter {
        let limit = limit.unwrap_or(u64::MAX);
        Meter { used: 0, limit, metered: false, outermost: limit, lowered: Vec::new(), refused: None }
    }

    /// Whether sizes are charged.
    #[inline]
    pub fn is_metered(&self) -> bool {
        self.metered
    }

    /// Pays `n` gas.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`].
    #[inline]
    pub fn charge(&mut self, n: u64) -> Result<(), Trap> {
        let used = self.used.saturating_add(n);
        if used > self.limit {
            return Err(self.refuse(used));
        }
        self.used = used;
        Ok(())
    }

    /// Pays `n` gas if it can be paid; whether it was.
    #[inline]
    pub fn pay(&mut self, n: u64) -> bool {
        match self.used.checked_add(n) {
            Some(used) if used <= self.limit => {
                self.used = used;
                true
            }
            _ => false,
        }
    }

    /// Pays `n` gas in a metered run, nothing in another.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`].
    #[inline]
    pub fn charge_metered(&mut self, n: u64) -> Result<(), Trap> {
        if self.metered { self.charge(n) } else { Ok(()) }
    }

    /// Pays for a size in a metered run, nothing in another.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`].
    #[inline]
    pub fn charge_units(&mut self, rate: Rate, size: usize) -> Result<(), Trap> {
        if self.metered { self.charge(rate.cost(size as u64)) } else { Ok(()) }
    }

    /// Pays, in a metered run, for the steps that text of `len` bytes has passed since `paid` bytes were paid for.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`].
    #[inline]
    pub fn charge_steps(&mut self, rate: Rate, paid: &mut usize, len: usize) -> Result<(), Trap> {
        while self.metered && len.saturating_sub(*paid) >= STEP {
            self.charge(rate.cost(STEP as u64))?;
            *paid += STEP;
        }
        Ok(())
    }

    #[cold]
    fn refuse(&mut self, used: u64) -> Trap {
        self.refused = Some((used, self.limit));
        self.used = self.limit;
        Trap::OutOfGas
    }

    /// Gas used so far.
    #[inline]
    pub fn used(&self) -> u64 {
        self.used
    }

    /// The limit in force.
    pub fn limit(&self) -> Option<u64> {
        Some(self.limit).filter(|limit| *limit != u64::MAX)
    }

    /// What remains under the limit in force.
    pub fn remaining(&self) -> Option<u64> {
        self.limit().map(|limit| limit.saturating_sub(self.used))
    }

    /// Lowers the limit to what is used and `n` more, if that is lower than the limit in force, until [`Meter::leave`] is called for
    /// this call: the task and its active calls, this one included.
    pub fn lower(&mut self, n: u64, task: u64, depth: u32) {
        let limit = self.used.saturating_add(n);
        if limit < self.limit {
            self.limit = limit;
            match self.lowered.last_mut() {
                Some(last) if (last.task, last.depth) == (task, depth) => last.limit = limit,
                _ => self.lowered.push(Lowered { task, depth, limit }),
            }
        }
    }

    /// Whether a call lowered the limit: only then its end must be told by [`Meter::leave`].
    #[inline]
    pub fn is_lowered(&self) -> bool {
        !self.lowered.is_empty()
    }

    /// The end of the call at this depth of a task, and of those inside it: their limits are no longer in force.
    #[cold]
    pub fn leave(&mut self, task: u64, depth: u32) {
        let ended = |l: &Lowered| l.task == task && l.depth >= depth;
        // Nearly always only the last ones have ended; then this looks at nothing else.
        while self.lowered.last().is_some_and(ended) {
            self.lowered.pop();
        }
        if self.lowered.last().is_some_and(|l| l.task != task) {
            self.lowered.retain(|l| !ended(l));
        }
        self.limit = self.lowered.last().map_or(self.outermost, |l| l.limit);
    }

    /// The message of E0504.
    pub(crate) fn message(&self) -> Arc<str> {
        let (used, limit) = self.refused.unwrap_or((self.used, self.limit));
        format!("Out of gas: used {used}/{limit}").into()
    }
}

impl Default for Meter {
    fn default() -> Meter {
        Meter::new(None)
    }
}

impl Machine {
    /// From here on the run is metered: sizes are charged, and nothing is collected (chain.md 12). Called before the run by the tier.
    pub fn start_metering(&mut self) {
        self.meter.metered = true;
        self.heap.stop_collecting();
    }

    /// Does something that is no part of the run, such as a report of how it ended, and so costs no gas.
    pub fn uncharged<T>(&mut self, work: impl FnOnce(&mut Machine) -> T) -> T {
        let metered = std::mem::take(&mut self.meter.metered);
        let result = work(self);
        self.meter.metered = metered;
        result
    }

    /// Pays `n` gas, as `GAS_CHARGE` does.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`].
    #[inline]
    pub fn charge(&mut self, n: u64) -> Result<(), Trap> {
        self.meter.charge(n)
    }

    /// Pays `n` gas in a metered run, nothing in another.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`].
    #[inline]
    pub fn charge_metered(&mut self, n: u64) -> Result<(), Trap> {
        self.meter.charge_metered(n)
    }

    /// Pays for a size in a metered run, nothing in another.
    ///
    /// # Errors
    /// [`Trap::OutOfGas`].
    #[inline]
    pub fn charge_units(&mut self, rate: Rate, size: usize) -> Result<(), Trap> {
        self.meter.charge_units(rate, size)
    }

    /// Runs what is paid for as a whole: sizes inside it cost nothing.
    pub(crate) fn unmetered<T>(&mut self, work: impl FnOnce(&mut Machine) -> T) -> T {
        let metered = std::mem::replace(&mut self.meter.metered, false);
        let result = work(self);
        self.meter.metered = metered;
        result
    }

    /// `limit(n)` and its relatives: lowers the limit for the rest of the call of the running task that is at this depth.
    ///
    /// # Errors
    /// E0505 unless `n` is an integer that is not negative.
    pub fn lower_gas(&mut self, n: Value, depth: u32) -> Result<(), Trap> {
        let n = match n.kind() {
            Kind::Int(n) if n >= 0 => n as u64,
            Kind::BigInt(b) => match u64::try_from(&self.heap.bigint(b).0) {
                Ok(n) => n,
                Err(_) if self.heap.bigint(b).0.sign() == num_bigint::Sign::Plus => u64::MAX,
                Err(_) => return Err(self.bad_gas()),
            },
            _ => return Err(self.bad_gas()),
        };
        self.meter.lower(n, self.sched.current, depth);
        Ok(())
    }

    #[cold]
    fn bad_gas(&mut self) -> Trap {
        self.error(505, "a gas limit is a non-negative integer")
    }

    /// The message of a fatal error, for reports.
    pub fn fatal_message(&self, trap: Trap) -> Arc<str> {
        match trap {
            Trap::StackOverflow => "Stack overflow".into(),
            Trap::MemoryLimit => "memory limit reached".into(),
            Trap::OutputLimit => "output limit reached".into(),
            Trap::OutOfGas => self.meter.message(),
            Trap::HostFailed => self.journal.failure().unwrap_or("the host failed").into(),
            _ => "interrupted".into(),
        }
    }
}

#[cfg(test)]
#[path = "meter/tests.rs"]
mod tests;

#[cfg(test)]
#[path = "meter/operations.rs"]
mod operations;
