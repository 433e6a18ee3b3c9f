//! How loud a tone is to the ear, so that all keys of an instrument come out even.
//!
//! The weighting is that of ITU-R BS.1770 (K): a shelf that lifts the treble by 4 dB and a high-pass at 38 Hz.

use std::f64::consts::TAU;

use super::tone::RATE_F;

/// A filter of the second order in the direct form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    state: [f64; 2],
}

impl Biquad {
    /// A low-pass with the flattest pass band, as the player's own filter is.
    pub(super) fn low_pass(hertz: f64) -> Self {
        let w = TAU * (hertz / RATE_F).min(0.49);
        let alpha = w.sin() / std::f64::consts::SQRT_2;
        let b = 1.0 - w.cos();
        Self::scaled([b / 2.0, b, b / 2.0], [1.0 + alpha, -2.0 * w.cos(), 1.0 - alpha])
    }

    /// A band-pass whose middle passes unchanged; `q` is the middle divided by the width.
    pub(super) fn band_pass(hertz: f64, q: f64) -> Self {
        let w = TAU * (hertz / RATE_F).min(0.49);
        let alpha = w.sin() / (2.0 * q);
        Self::scaled([alpha, 0.0, -alpha], [1.0 + alpha, -2.0 * w.cos(), 1.0 - alpha])
    }

    /// A high-pass of the second order.
    pub(super) fn high_pass(hertz: f64) -> Self {
        let w = TAU * (hertz / RATE_F).min(0.49);
        let alpha = w.sin() / std::f64::consts::SQRT_2;
        let b = 1.0 + w.cos();
        Self::scaled([b / 2.0, -b, b / 2.0], [1.0 + alpha, -2.0 * w.cos(), 1.0 - alpha])
    }

    /// The shelf of BS.1770, by the formulas from which its table at 48 kHz was made.
    fn shelf() -> Self {
        let (gain, q) = (10_f64.powf(3.999_843_853_973_347 / 20.0), 0.707_175_236_955_419_6);
        let k = (std::f64::consts::PI * 1_681.974_450_955_533 / RATE_F).tan();
        let middle = gain.powf(0.499_666_774_154_541_6);
        let a0 = 1.0 + k / q + k * k;
        let b = [gain + middle * k / q + k * k, 2.0 * (k * k - gain), gain - middle * k / q + k * k];
        Self::scaled(b, [a0, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k])
    }

    fn scaled(b: [f64; 3], a: [f64; 3]) -> Self {
        Self { b: b.map(|x| x / a[0]), a: [a[1] / a[0], a[2] / a[0]], state: [0.0; 2] }
    }

    /// Filters one sample.
    pub(super) fn next(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

/// The K-weighted root mean square of the first samples, as they sound behind the player's low-pass at `cutoff` hertz.
pub(super) fn heard(samples: impl Iterator<Item = f32>, cutoff: f64) -> f64 {
    let mut chain = [Biquad::low_pass(cutoff), Biquad::shelf(), Biquad::high_pass(38.135)];
    let (mut sum, mut count) = (0.0, 0_u32);
    for sample in samples {
        let y = chain.iter_mut().fold(f64::from(sample), |x, filter| filter.next(x));
        sum += y * y;
        count += 1;
    }
    (sum / f64::from(count.max(1))).sqrt()
}
