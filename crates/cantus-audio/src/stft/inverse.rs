//! From spectra back to sound.

use std::fmt;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner};

use super::Framing;

/// Where the windows of all frames together weigh less than this, nothing can be known of the sound.
const UNSEEN: f32 = 1e-8;

/// The inverse of [`Stft`](super::Stft): frames go in, sound comes out.
///
/// Each frame is transformed back and weighed by the window once more; what overlaps is added and divided by the sum of the
/// squared windows. That is the sound of which these are the spectra, exactly for a hop of a third of a frame at most (at
/// half a frame, what follows the last frame's centre hangs on the edge of one window), and the nearest sound in least
/// squares where the spectra are those of no sound (Griffin and Lim 1984).
pub struct InverseStft {
    framing: Framing,
    window: Vec<f32>, // [size], divided by the size: the transform does not scale
    squares: Vec<f32>,
    transform: Arc<dyn ComplexToReal<f32>>,
    sum: Vec<f32>,    // [size]: what overlaps, from the next sample on that is to come out
    weight: Vec<f32>, // [size]
    hidden: usize,    // samples that still lie before the beginning of the sound
    spectrum: Vec<Complex<f32>>,
    frame: Vec<f32>, // [size]
    out: Vec<f32>,   // [size]
    scratch: Vec<Complex<f32>>,
}

impl fmt::Debug for InverseStft {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("InverseStft").field("framing", &self.framing).finish_non_exhaustive()
    }
}

impl InverseStft {
    /// An inverse to which no frame was given yet.
    pub fn new(framing: Framing) -> Self {
        let size = framing.size();
        let transform = RealFftPlanner::new().plan_fft_inverse(size);
        let window = framing.window().weights(size);
        Self {
            framing,
            squares: window.iter().map(|weight| weight * weight).collect(),
            window: window.iter().map(|weight| weight / size as f32).collect(),
            sum: vec![0.0; size],
            weight: vec![0.0; size],
            hidden: size / 2,
            spectrum: transform.make_input_vec(),
            frame: transform.make_output_vec(),
            out: Vec::with_capacity(size),
            scratch: transform.make_scratch_vec(),
            transform,
        }
    }

    /// Takes the next frame and hands out the samples that it completes. A spectrum of too few bins is filled up with
    /// zeros.
    ///
    /// # Shapes
    /// `[bins]`
    pub fn push(&mut self, spectrum: &[Complex<f32>], each: impl FnMut(&[f32])) {
        let bins = spectrum.len().min(self.spectrum.len());
        self.spectrum[..bins].copy_from_slice(&spectrum[..bins]);
        self.spectrum[bins..].fill(Complex::default());
        // Both are real in the spectrum of any sound.
        self.spectrum[0].im = 0.0;
        self.spectrum[self.framing.size() / 2].im = 0.0;
        let done =
            self.transform.process_with_scratch(&mut self.spectrum, &mut self.frame, &mut self.scratch);
        debug_assert!(done.is_ok(), "the transform made these buffers itself");
        for ((sum, sample), weight) in self.sum.iter_mut().zip(&self.frame).zip(&self.window) {
            *sum += sample * weight;
        }
        for (weight, square) in self.weight.iter_mut().zip(&self.squares) {
            *weight += square;
        }
        self.give(self.framing.hop(), each);
    }

    /// Hands out what is left: the last frame's second half. The sound may end before.
    pub fn finish(mut self, each: impl FnMut(&[f32])) {
        self.give(self.framing.size(), each);
    }

    /// Hands out the next samples and moves on by so many.
    fn give(&mut self, count: usize, mut each: impl FnMut(&[f32])) {
        let size = self.framing.size();
        let ready = count.min(size);
        let whole = |(sum, weight): (&f32, &f32)| if *weight > UNSEEN { sum / weight } else { 0.0 };
        self.out.clear();
        self.out.extend(self.sum[..ready].iter().zip(&self.weight).map(whole));
        let hidden = self.hidden.min(ready);
        self.hidden -= hidden;
        each(&self.out[hidden..]);
        for lane in [&mut self.sum, &mut self.weight] {
            lane.copy_within(ready.., 0);
            lane[size - ready..].fill(0.0);
        }
        for _ in ready..count {
            each(&[0.0]);
        }
    }
}
