//! How likely each period of a frame is.

use std::fmt;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::PitchOptions;

/// Thresholds of depth that are tried, evenly from 0 to 1.
const THRESHOLDS: usize = 100;
/// How likely each threshold is: by a beta distribution of 2 and 18, whose mean is 0.1.
const BETA: f64 = 18.0;
/// How fast later troughs are less likely than the first.
const STEEPNESS: f64 = 2.0;
/// How likely the deepest trough is the period where none is below the threshold.
const NO_TROUGH: f64 = 0.01;

/// Finds the periods of frames.
pub(super) struct Periods {
    rate: f64,
    shortest: usize,
    longest: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    samples: Vec<f64>,
    bins: Vec<Complex<f64>>,
    scratch: [Vec<Complex<f64>>; 2],
    difference: Vec<f64>, // [longest + 1]
    depth: Vec<f64>,      // [longest - shortest + 1]
    thresholds: [f64; THRESHOLDS],
    found: Vec<(f64, f64)>,
    troughs: Vec<usize>,
}

impl fmt::Debug for Periods {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Periods").field("shortest", &self.shortest).finish_non_exhaustive()
    }
}

impl Periods {
    pub(super) fn new(rate: f64, size: usize, options: PitchOptions) -> Self {
        let shortest = ((rate / options.highest).floor() as usize).max(1);
        let longest = ((rate / options.lowest).ceil() as usize).min(size - 1).max(shortest + 2);
        let mut planner = RealFftPlanner::<f64>::new();
        // As long as this, no lag that counts meets the frame's other end.
        let length = (size + longest + 1).next_power_of_two();
        let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        let below = |x: f64| 1.0 - (1.0 - x).powf(BETA) * (1.0 + BETA * x);
        let at = |index: usize| index as f64 / THRESHOLDS as f64;
        Self {
            rate,
            shortest,
            longest,
            samples: forward.make_input_vec(),
            bins: forward.make_output_vec(),
            scratch: [forward.make_scratch_vec(), inverse.make_scratch_vec()],
            forward,
            inverse,
            difference: vec![0.0; longest + 1],
            depth: vec![0.0; longest - shortest + 1],
            thresholds: std::array::from_fn(|index| below(at(index + 1)) - below(at(index))),
            found: Vec::new(),
            troughs: Vec::new(),
        }
    }

    /// The frequencies that a frame may have, from the highest, and how likely each is.
    pub(super) fn of(&mut self, frame: &[f32]) -> &[(f64, f64)] {
        self.measure(frame);
        self.find_troughs();
        self.weigh();
        &self.found
    }

    /// Fills `depth`: the difference of the frame from itself at each lag, by its mean at shorter lags.
    fn measure(&mut self, frame: &[f32]) {
        let energy = self.correlate(frame);
        let mut before = 0.0;
        let mut sum = 0.0;
        self.difference[0] = 0.0;
        for lag in 1..=self.longest {
            before += f64::from(frame[lag - 1]).powi(2);
            let difference = 2.0 * (energy - self.samples[lag]) - before;
            self.difference[lag] = difference;
            sum += difference;
            if lag >= self.shortest {
                self.depth[lag - self.shortest] = difference / (sum / lag as f64 + f64::MIN_POSITIVE);
            }
        }
    }

    /// Fills `samples` with the autocorrelation of a frame, and tells its energy.
    fn correlate(&mut self, frame: &[f32]) -> f64 {
        let (inside, outside) = self.samples.split_at_mut(frame.len());
        for (sample, value) in inside.iter_mut().zip(frame) {
            *sample = f64::from(*value);
        }
        outside.fill(0.0);
        let [forward, inverse] = &mut self.scratch;
        let scale = 1.0 / self.samples.len() as f64;
        let there = self.forward.process_with_scratch(&mut self.samples, &mut self.bins, forward);
        for bin in &mut self.bins {
            *bin = Complex::new(bin.norm_sqr() * scale, 0.0);
        }
        let back = self.inverse.process_with_scratch(&mut self.bins, &mut self.samples, inverse);
        debug_assert!(there.is_ok() && back.is_ok(), "the transforms made these buffers themselves");
        self.samples[0]
    }

    fn find_troughs(&mut self) {
        let depth = &self.depth;
        let last = depth.len() - 1;
        self.troughs.clear();
        for at in 0..=last {
            let falls = at == 0 || depth[at] < depth[at - 1];
            let rises = if at == 0 { depth[0] < depth[1] } else { at == last || depth[at] <= depth[at + 1] };
            if falls && rises {
                self.troughs.push(at);
            }
        }
    }

    /// Weighs each trough by all thresholds above it.
    fn weigh(&mut self) {
        self.found.clear();
        let depth = &self.depth;
        let Some(&deepest) = self.troughs.iter().min_by(|a, b| depth[**a].total_cmp(&depth[**b])) else {
            return;
        };
        let mut weights = vec![0.0; self.troughs.len()];
        for (index, likely) in self.thresholds.iter().enumerate() {
            let threshold = (index + 1) as f64 / THRESHOLDS as f64;
            let below = self.troughs.iter().filter(|&&trough| depth[trough] < threshold).count();
            if below == 0 {
                let at = self.troughs.iter().position(|&trough| trough == deepest).unwrap_or(0);
                weights[at] += NO_TROUGH * likely;
                continue;
            }
            let mut part = likely * (1.0 - (-STEEPNESS).exp()) / (1.0 - (-STEEPNESS * below as f64).exp());
            for (weight, &trough) in weights.iter_mut().zip(&self.troughs) {
                if depth[trough] < threshold {
                    *weight += part;
                    part *= (-STEEPNESS).exp();
                }
            }
        }
        for (&trough, weight) in self.troughs.iter().zip(weights) {
            if weight > 0.0 {
                let period = (self.shortest + trough) as f64 + bottom(depth, trough);
                self.found.push((self.rate / period, weight));
            }
        }
    }
}

/// How far the bottom of the parabola through a value and its neighbours lies from it.
fn bottom(values: &[f64], at: usize) -> f64 {
    if at == 0 || at + 1 == values.len() {
        return 0.0;
    }
    let bend = values[at + 1] + values[at - 1] - 2.0 * values[at];
    let slope = (values[at + 1] - values[at - 1]) / 2.0;
    if slope.abs() >= bend.abs() { 0.0 } else { -slope / bend }
}
