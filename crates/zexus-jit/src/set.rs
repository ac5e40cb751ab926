//! Sets of registers.

/// A set of registers of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set([u64; 4]);

impl Set {
    /// All registers.
    pub const ALL: Set = Set([u64::MAX; 4]);

    /// The set of some registers.
    pub fn of(registers: impl IntoIterator<Item = usize>) -> Set {
        let mut set = Set::default();
        registers.into_iter().for_each(|r| set.add(r));
        set
    }

    /// Adds a register; numbers that no window has are left out.
    pub fn add(&mut self, r: usize) {
        if let Some(word) = self.0.get_mut(r / 64) {
            *word |= 1 << (r % 64);
        }
    }

    /// Whether a register is in it.
    pub fn has(&self, r: usize) -> bool {
        self.0.get(r / 64).is_some_and(|word| word >> (r % 64) & 1 != 0)
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Set) -> Set {
        Set(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// What is here and not there.
    #[must_use]
    pub fn without(self, other: Set) -> Set {
        Set(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }
}
