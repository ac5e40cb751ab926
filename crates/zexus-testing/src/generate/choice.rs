//! Where the generator's decisions come from: a seed, or bytes that a fuzzer mutates.

/// A source of decisions. The same seed or the same bytes give the same decisions.
#[derive(Clone, Debug)]
pub struct Choices<'b> {
    source: Source<'b>,
}

#[derive(Clone, Debug)]
enum Source<'b> {
    Seed(u64),
    Bytes(&'b [u8]),
}

impl<'b> Choices<'b> {
    /// Decisions from a seed.
    pub fn seeded(seed: u64) -> Choices<'b> {
        Choices { source: Source::Seed(seed) }
    }

    /// Decisions from bytes. After the last byte every decision is the first of its kind, which is always the simplest one.
    pub fn from_bytes(bytes: &'b [u8]) -> Choices<'b> {
        Choices { source: Source::Bytes(bytes) }
    }

    /// A number below `n`; 0 for `n` of 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n < 2 {
            return 0;
        }
        match &mut self.source {
            Source::Seed(state) => (split_mix(state) % n as u64) as usize,
            Source::Bytes(bytes) => {
                let mut number = 0;
                for _ in 0..if n > 256 { 2 } else { 1 } {
                    let Some((first, rest)) = bytes.split_first() else { break };
                    number = number << 8 | usize::from(*first);
                    *bytes = rest;
                }
                number % n
            }
        }
    }

    /// True in about `percent` of 100 cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        // The simplest decision is no.
        self.below(100) >= 100 - percent.min(100)
    }

    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// One of some texts; empty if there are none.
    pub fn text(&mut self, items: &[&'static str]) -> &'static str {
        self.pick(items).copied().unwrap_or_default()
    }

    /// The index of one of the weights, each as likely as its share.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total: u32 = weights.clone().sum();
        let mut at = self.below(total as usize) as u32;
        for (i, weight) in weights.enumerate() {
            if at < weight {
                return i;
            }
            at -= weight;
        }
        0
    }
}

/// One step of SplitMix64.
pub fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_decisions() {
        let draw = |seed| {
            let mut c = Choices::seeded(seed);
            (0..8).map(|_| c.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn bytes_are_used_in_order_and_then_the_first_choice_is_taken() {
        let mut c = Choices::from_bytes(&[5, 1, 2]);
        assert_eq!((c.below(10), c.below(1000), c.below(10), c.chance(99)), (5, 258, 0, false));
    }

    #[test]
    fn weights_say_how_likely_an_index_is() {
        let mut c = Choices::from_bytes(&[0, 1, 2, 3]);
        let drawn: Vec<usize> = (0..4).map(|_| c.weighted([1, 0, 3].into_iter())).collect();
        assert_eq!(drawn, [0, 2, 2, 2]);
    }
}
