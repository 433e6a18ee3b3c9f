//! What every maker of sound shares: a sampled tone, loops that close without a seam, and seeded chance.

use std::f64::consts::TAU;

/// Samples a second of everything in the bank and of the sound that leaves it.
pub(crate) const RATE: u32 = 44_100;
/// The same as a number to calculate with.
pub(super) const RATE_F: f64 = RATE as f64;

/// One sampled sound at one pitch.
#[derive(Debug, Clone, Default)]
pub(super) struct Tone {
    /// The samples, nominally within -1 and 1 once levelled.
    pub(super) samples: Vec<f32>,
    /// Where the loop begins; it ends with the samples. Nothing for a sound that dies by itself.
    pub(super) loop_start: Option<usize>,
    /// How the player lets the loop die, where the sound is one that rings.
    pub(super) fade: Option<Fade>,
}

/// A loop that dies: the player holds the level for a while and then lets it fall.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fade {
    /// Seconds before the fall, during which the samples themselves fall.
    pub(super) hold: f32,
    /// Seconds that a fall by 60 dB takes.
    pub(super) t60: f32,
}

/// The frequency of a key in hertz; key 69 is 440 Hz.
pub(super) fn frequency(key: f64) -> f64 {
    440.0 * ((key - 69.0) / 12.0).exp2()
}

/// A length that holds whole periods of a pitch, so that it repeats without a seam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cycle {
    /// Samples.
    pub(super) len: usize,
    /// Periods of the fundamental in them.
    pub(super) periods: usize,
}

impl Cycle {
    /// A loop of about so many seconds; its pitch is within half a sample of the loop's length, about 0.1 cents.
    pub(super) fn near(hertz: f64, seconds: f64) -> Self {
        let periods = (hertz * seconds).round().max(2.0);
        Self { len: (periods * RATE_F / hertz).round() as usize, periods: periods as usize }
    }

    /// A loop of about so many seconds whose length has only small prime factors, as the Fourier transform likes.
    /// Of all such lengths it takes the one whose whole periods are best in tune.
    pub(super) fn smooth_near(hertz: f64, seconds: f64) -> Self {
        let step = 16;
        let middle = seconds * RATE_F / step as f64;
        let mut best = (f64::INFINITY, Self::near(hertz, seconds));
        for len in ((middle * 0.8) as usize..(middle * 1.25) as usize).filter(|&n| is_smooth(n)) {
            let len = len * step;
            let exact = hertz * len as f64 / RATE_F;
            let error = (exact.round().max(1.0) / exact).ln().abs();
            if error < best.0 {
                best = (error, Self { len, periods: exact.round().max(1.0) as usize });
            }
        }
        best.1
    }

    /// The whole number of periods in the loop nearest to a multiple of the fundamental.
    pub(super) fn line(self, ratio: f64) -> usize {
        (ratio * self.periods as f64).round() as usize
    }

    /// The phase that a line advances in one sample, in radians.
    pub(super) fn step(self, line: usize) -> f64 {
        TAU * line as f64 / self.len as f64
    }
}

fn is_smooth(mut n: usize) -> bool {
    for prime in [2, 3, 5, 7] {
        while n > 1 && n.is_multiple_of(prime) {
            n /= prime;
        }
    }
    n == 1
}

/// Chance with a seed: `SplitMix64`, which gives the same numbers everywhere.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Chance for one purpose; different purposes give unrelated numbers.
    pub(crate) fn new(purpose: u64) -> Self {
        let mut chance = Self(purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D);
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to 1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// A number from -1 up to 1.
    pub(crate) fn signed(&mut self) -> f32 {
        self.unit() * 2.0 - 1.0
    }
}

/// Rises smoothly from 0 to 1 while `x` goes from 0 to 1.
pub(super) fn smooth_step(x: f32) -> f32 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// Lets the last samples fall to nothing, so that a sound that ends by itself ends without a click.
pub(super) fn fade_out(samples: &mut [f32], seconds: f64) {
    let count = ((seconds * RATE_F) as usize).min(samples.len());
    let start = samples.len() - count;
    for (i, sample) in samples.iter_mut().skip(start).enumerate() {
        *sample *= smooth_step(1.0 - i as f32 / count as f32);
    }
}

/// A resonance of a body, a room or a throat: its middle and its width in hertz, and what it adds at its middle, as a
/// factor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peak(pub(super) f32, pub(super) f32, pub(super) f32);

/// What a set of resonances passes at a frequency, over a floor.
pub(super) fn resonance(peaks: &[Peak], floor: f32, hertz: f32) -> f32 {
    let rise = |&Peak(middle, width, gain): &Peak| {
        let x = (hertz - middle) / width;
        gain / (1.0 + x * x)
    };
    floor + peaks.iter().map(rise).sum::<f32>()
}
