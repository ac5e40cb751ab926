//! The generator behind `random`, seeded by the host: xoshiro256++ (Blackman and Vigna). Not for secrets, which the host gives.

use crate::machine::Machine;

/// A small deterministic generator.
#[derive(Debug, Clone)]
pub struct Rng {
    /// Its state; not all zero.
    pub state: [u64; 4],
}

impl Rng {
    /// From 32 bytes; all zeros are replaced, because the generator cannot leave them.
    pub fn from_seed(seed: [u8; 32]) -> Rng {
        let mut state = [0; 4];
        for (word, bytes) in state.iter_mut().zip(seed.chunks_exact(8)) {
            *word = bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b));
        }
        if state == [0; 4] {
            state = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 1];
        }
        Rng { state }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A float in [0, 1).
    pub fn float(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// An integer below `n`, each equally likely; 0 for 0. By multiplication with rejection (Lemire).
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let threshold = n.wrapping_neg() % n;
        loop {
            let wide = u128::from(self.bits()) * u128::from(n);
            if wide as u64 >= threshold {
                return (wide >> 64) as u64;
            }
        }
    }
}

/// The generator of a machine, seeded by the host at first use.
pub fn generator(m: &mut Machine) -> &mut Rng {
    let host = &mut m.host;
    m.rng.get_or_insert_with(|| {
        let mut seed = [0; 32];
        host.random(&mut seed);
        Rng::from_seed(seed)
    })
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        let mut rng = Rng { state: [1, 2, 3, 4] };
        let first: Vec<u64> = (0..3).map(|_| rng.bits()).collect();
        assert_eq!(first, [41943041, 58720359, 3588806011781223]);
    }

    #[test]
    fn draws_stay_below_their_bound() {
        let mut rng = Rng::from_seed([0; 32]);
        assert!((0..1000).all(|_| rng.below(7) < 7 && (0.0..1.0).contains(&rng.float())));
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.below(1), 0);
    }
}
