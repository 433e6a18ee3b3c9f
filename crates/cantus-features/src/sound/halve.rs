//! Half the sample rate.

use std::f64::consts::PI;

use super::lanes;

/// Samples of odd distance on each side that count.
const REACH: usize = 32;
/// Kaiser's window of this steepness keeps what would fold back 100 dB down.
const STEEPNESS: f64 = 10.0;

/// Halves the sample rate of a stream by a half-band filter without delay: `y[m] = sum over k of h[k] x[2 m + k]`. Nine
/// tenths of what the lower rate holds pass unchanged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Halver {
    taps: [f32; 2 * REACH],
    even: Vec<f32>, // from the next sample that is to come out
    odd: Vec<f32>,  // from REACH before it
    pending: Option<f32>,
}

impl Halver {
    pub(super) fn new() -> Self {
        let taps = std::array::from_fn(|index| tap(2.0 * (index as f64 - REACH as f64) + 1.0) as f32);
        Self { taps, even: Vec::new(), odd: vec![0.0; REACH], pending: None }
    }

    /// Takes the next samples and adds those that they complete to `out`.
    pub(super) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        for &sample in samples {
            match self.pending.take() {
                None => self.pending = Some(sample),
                Some(first) => {
                    self.even.push(first);
                    self.odd.push(sample);
                }
            }
        }
        self.emit(self.odd.len().saturating_sub(2 * REACH - 1).min(self.even.len()), out);
    }

    /// Ends the sound: `(samples + 1) / 2` have come out in all.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        if let Some(last) = self.pending.take() {
            self.even.push(last);
        }
        self.odd.resize(self.even.len() + 2 * REACH, 0.0);
        self.emit(self.even.len(), out);
    }

    fn emit(&mut self, count: usize, out: &mut Vec<f32>) {
        let filtered = |m: usize| 0.5 * self.even[m] + lanes::dot(&self.odd[m..m + 2 * REACH], &self.taps);
        let ready = count.min((self.odd.len() + 1).saturating_sub(2 * REACH));
        out.extend((0..ready).map(filtered));
        self.even.drain(..ready);
        self.odd.drain(..ready);
    }
}

/// The weight of a sample at an odd distance.
fn tap(distance: f64) -> f64 {
    let part = distance / (2 * REACH) as f64;
    let window = bessel(STEEPNESS * (1.0 - part * part).sqrt()) / bessel(STEEPNESS);
    (PI * distance / 2.0).sin() / (PI * distance) * window
}

/// The modified Bessel function of order 0, by its series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * 1e-17 {
        term *= (x / (2.0 * k)).powi(2);
        sum += term;
        k += 1.0;
    }
    sum
}
