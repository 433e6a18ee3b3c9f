//! Half the sample rate.

use std::f64::consts::PI;

use super::lanes;

/// Samples of each side that count.
const REACH: usize = 182;
/// What passes unchanged, as a part of what the lower rate holds; what would fold back is 120 dB down.
const PASSES: f64 = 0.913;
/// The steepness of the Kaiser window that goes with it.
const STEEPNESS: f64 = 12.3;

/// Halves the sample rate of a stream without delay: `y[m] = sum over k of h[k] x[2 m + k]`.
///
/// The filter is as steep as those of resamplers of high quality: where a sound begins or ends abruptly, how steep it is tells
/// in what is left of its ringing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Halver {
    of_even: [f32; REACH + 1], // h[-REACH], h[-REACH + 2] …
    of_odd: [f32; REACH],      // h[-REACH + 1] …
    even: Vec<f32>,            // from REACH / 2 pairs before the next sample that is to come out
    odd: Vec<f32>,
    pending: Option<f32>,
}

impl Halver {
    pub(super) fn new() -> Self {
        let at = |index: usize| tap(index as f64 - REACH as f64) as f32;
        Self {
            of_even: std::array::from_fn(|index| at(2 * index)),
            of_odd: std::array::from_fn(|index| at(2 * index + 1)),
            even: vec![0.0; REACH / 2],
            odd: vec![0.0; REACH / 2],
            pending: None,
        }
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
        self.emit(out);
    }

    /// Ends the sound: `(samples + 1) / 2` have come out in all.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        if let Some(last) = self.pending.take() {
            self.even.push(last);
            self.odd.push(0.0);
        }
        for lane in [&mut self.even, &mut self.odd] {
            lane.resize(lane.len() + REACH / 2, 0.0);
        }
        self.emit(out);
    }

    fn emit(&mut self, out: &mut Vec<f32>) {
        let ready = self.even.len().saturating_sub(REACH);
        let filtered = |m: usize| {
            let even = lanes::dot(&self.even[m..=m + REACH], &self.of_even);
            even + lanes::dot(&self.odd[m..m + REACH], &self.of_odd)
        };
        out.extend((0..ready).map(filtered));
        self.even.drain(..ready);
        self.odd.drain(..ready);
    }
}

/// The weight of a sample at a distance: a sinc by Kaiser's window.
fn tap(distance: f64) -> f64 {
    let cutoff = f64::midpoint(PASSES, 1.0) / 2.0;
    let part = distance / (REACH + 1) as f64;
    let window = bessel(STEEPNESS * (1.0 - part * part).sqrt()) / bessel(STEEPNESS);
    let turn = PI * distance * cutoff;
    cutoff * if turn == 0.0 { 1.0 } else { turn.sin() / turn } * window
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
