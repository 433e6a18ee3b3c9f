//! The Fourier transform of one frame.

use std::f64::consts::TAU;
use std::fmt;
use std::sync::Arc;

use realfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

/// Bins that are unfolded at once: a processor takes them as vectors.
const LANES: usize = 16;

/// The transform of `2 n` real samples as one of `n` complex numbers, whose spectrum is then unfolded into that of the samples
/// (Sorensen, Jones, Heideman and Burrus 1987). A general library's spends half of its time on the last step.
pub(super) struct RealTransform {
    inner: Arc<dyn Fft<f32>>,
    folded: Vec<Complex<f32>>, // [n]: samples in pairs, then their spectrum
    scratch: Vec<Complex<f32>>,
    /// `e^(-2 pi i k / 2 n)` for `k` from 1 to `n / 2`, real and imaginary parts.
    turns: (Vec<f32>, Vec<f32>),
}

impl fmt::Debug for RealTransform {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("RealTransform").field("size", &(2 * self.folded.len())).finish_non_exhaustive()
    }
}

impl RealTransform {
    /// The transform of an even number of samples, at least 2.
    pub(super) fn new(size: usize) -> Self {
        let half = size / 2;
        let inner = FftPlanner::new().plan_fft_forward(half);
        let turn = |k: usize| -TAU * k as f64 / size as f64;
        let turns = (1..=half / 2).map(|k| (turn(k).cos() as f32, turn(k).sin() as f32)).unzip();
        Self {
            folded: vec![Complex::default(); half],
            scratch: vec![Complex::default(); inner.get_inplace_scratch_len()],
            turns,
            inner,
        }
    }

    /// The spectrum of samples by their weights.
    ///
    /// # Shapes
    /// `[size]`, `[size]` → `[size / 2 + 1]`
    pub(super) fn forward(&mut self, samples: &[f32], weights: &[f32], spectrum: &mut [Complex<f32>]) {
        let (samples, weights) = (samples.as_chunks::<2>().0, weights.as_chunks::<2>().0);
        for ((pair, samples), weights) in self.folded.iter_mut().zip(samples).zip(weights) {
            *pair = Complex::new(samples[0] * weights[0], samples[1] * weights[1]);
        }
        self.inner.process_with_scratch(&mut self.folded, &mut self.scratch);
        self.unfold(spectrum);
    }

    fn unfold(&self, spectrum: &mut [Complex<f32>]) {
        let half = self.folded.len();
        let first = self.folded[0];
        spectrum[0] = Complex::new(first.re + first.im, 0.0);
        spectrum[half] = Complex::new(first.re - first.im, 0.0);
        let mut bin = 1;
        while bin + LANES <= half / 2 + 1 {
            self.unfold_bins::<LANES>(bin, spectrum);
            bin += LANES;
        }
        while bin <= half / 2 {
            self.unfold_bins::<1>(bin, spectrum);
            bin += 1;
        }
    }

    /// Unfolds so many bins from one on, and those that mirror them: of the sums of both and their differences the one makes the
    /// spectrum of even samples, the other that of odd ones.
    fn unfold_bins<const N: usize>(&self, bin: usize, spectrum: &mut [Complex<f32>]) {
        let mirror = self.folded.len() + 1 - bin - N;
        let (a, b) = (&self.folded[bin..][..N], &self.folded[mirror..][..N]);
        let turns = (&self.turns.0[bin - 1..][..N], &self.turns.1[bin - 1..][..N]);
        let (mut even, mut odd) = (([0.0; N], [0.0; N]), ([0.0; N], [0.0; N]));
        let own: ([f32; N], [f32; N]) =
            (std::array::from_fn(|lane| a[lane].re), std::array::from_fn(|lane| a[lane].im));
        let other: ([f32; N], [f32; N]) =
            (std::array::from_fn(|lane| b[N - 1 - lane].re), std::array::from_fn(|lane| b[N - 1 - lane].im));
        for lane in 0..N {
            even.0[lane] = (own.0[lane] + other.0[lane]) * 0.5;
            even.1[lane] = (own.1[lane] - other.1[lane]) * 0.5;
            let (re, im) = ((own.1[lane] + other.1[lane]) * 0.5, (other.0[lane] - own.0[lane]) * 0.5);
            odd.0[lane] = turns.0[lane] * re - turns.1[lane] * im;
            odd.1[lane] = turns.0[lane] * im + turns.1[lane] * re;
        }
        for (lane, out) in spectrum[mirror..][..N].iter_mut().rev().enumerate() {
            *out = Complex::new(even.0[lane] - odd.0[lane], odd.1[lane] - even.1[lane]);
        }
        for (lane, out) in spectrum[bin..][..N].iter_mut().enumerate() {
            *out = Complex::new(even.0[lane] + odd.0[lane], even.1[lane] + odd.1[lane]);
        }
    }
}
