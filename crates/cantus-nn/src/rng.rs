//! A seeded generator that gives the same numbers on every machine.

use crate::math;

/// A stream of random numbers (xoshiro256++, seeded by `SplitMix64`; Blackman and Vigna, 2019).
///
/// Its state is four words, so a checkpoint can hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// A generator that depends on the seed alone.
    pub fn new(seed: u64) -> Self {
        let mut word = seed;
        Self { state: std::array::from_fn(|_| split_mix(&mut word)) }
    }

    /// The four words of its state.
    pub fn state(&self) -> [u64; 4] {
        self.state
    }

    /// Goes on where [`Rng::state`] was taken. Four zeros, which no generator reaches, mean seed 0.
    pub fn from_state(state: [u64; 4]) -> Self {
        if state == [0; 4] { Self::new(0) } else { Self { state } }
    }

    /// An independent generator for one of many streams; this one is not advanced.
    #[must_use]
    pub fn fork(&self, stream: u64) -> Self {
        let mut word = stream ^ 0xa076_1d64_78bd_642f;
        for part in self.state {
            word = split_mix(&mut word) ^ part;
        }
        Self::new(split_mix(&mut word))
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let carried = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= carried;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number in `[0, 1)`, a multiple of 2⁻²⁴.
    pub fn uniform(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 * (1.0 / 16_777_216.0)
    }

    /// A number of the standard normal distribution (Marsaglia's polar method).
    pub fn normal(&mut self) -> f32 {
        loop {
            let x = 2.0 * self.uniform() - 1.0;
            let y = 2.0 * self.uniform() - 1.0;
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * math::ln(square) / square).sqrt();
            }
        }
    }

    /// A whole number below `n`, all equally likely (Lemire's method).
    ///
    /// # Panics
    /// If `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "a number below 0 does not exist");
        let n = n as u64;
        // Products whose low word falls short of 2⁶⁴ mod n would favour some results.
        let unfair = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            if product as u64 >= unfair {
                return (product >> 64) as usize;
            }
        }
    }

    /// Puts the items into a random order, every order equally likely.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// One step of `SplitMix64`.
fn split_mix(word: &mut u64) -> u64 {
    *word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *word;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
