//! Phases for magnitudes that have lost theirs.

use realfft::num_complex::Complex;

use super::{Framing, Spectrogram, Stft};

/// With which phases the search begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// All zero.
    Zero,
    /// At random, from a seed.
    Random(u64),
}

/// The search for a sound whose magnitudes are given (Griffin and Lim 1984), hastened by a momentum (Perraudin, Balazs and
/// Søndergaard 2013).
///
/// Each turn goes from the spectra to the nearest sound and back, keeps the phases found there and restores the magnitudes.
/// The momentum carries each turn on in the direction of the last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhaseSearch {
    /// How many turns.
    pub turns: usize,
    /// How far each turn is carried on, from 0 (as in 1984) to 1.
    pub momentum: f32,
    /// Where it begins.
    pub start: Start,
}

impl Default for PhaseSearch {
    fn default() -> Self {
        Self { turns: 32, momentum: 0.99, start: Start::Random(0) }
    }
}

impl PhaseSearch {
    /// A sound of so many samples whose spectra have these magnitudes, as nearly as the turns allow. Missing magnitudes
    /// count as zero.
    ///
    /// # Shapes
    /// `[frames, bins]` → `[samples]`
    pub fn find(&self, magnitudes: &[f32], samples: usize, framing: Framing) -> Vec<f32> {
        let mut spectra = Spectrogram::zeros(samples, framing);
        let mut wanted = magnitudes.to_vec();
        wanted.resize(spectra.values().len(), 0.0);
        self.begin(&wanted, spectra.values_mut());
        let mut last: Option<Spectrogram> = None;
        // What librosa and torchaudio do as well: the step back to the last turn is weighed by m / (1 + m).
        let weight = self.momentum / (1.0 + self.momentum);
        for _ in 0..self.turns {
            let found = Spectrogram::of(&spectra.invert(), framing);
            let before = last.as_ref().map(Spectrogram::values);
            for (index, value) in spectra.values_mut().iter_mut().enumerate() {
                let step = before.map_or(Complex::default(), |before| before[index] * weight);
                *value = with_magnitude(found.values()[index] - step, wanted[index]);
            }
            last = Some(found);
        }
        spectra.invert()
    }

    fn begin(&self, wanted: &[f32], values: &mut [Complex<f32>]) {
        let Start::Random(mut state) = self.start else {
            for (value, &magnitude) in values.iter_mut().zip(wanted) {
                *value = Complex::new(magnitude, 0.0);
            }
            return;
        };
        for (value, &magnitude) in values.iter_mut().zip(wanted) {
            let turn = (split_mix(&mut state) >> 40) as f32 / (1_u64 << 24) as f32;
            *value = Complex::from_polar(magnitude, turn * std::f32::consts::TAU);
        }
    }
}

/// A number of the same phase and another magnitude; zero has none and stays at it.
fn with_magnitude(value: Complex<f32>, magnitude: f32) -> Complex<f32> {
    let norm = value.norm_sqr().sqrt();
    if norm > f32::MIN_POSITIVE { value * (magnitude / norm) } else { Complex::default() }
}

/// `SplitMix64` (Steele, Lea and Flood 2014): a seed is all that it needs.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// How far the magnitudes of a sound are from those wanted (spectral convergence): the norm of their difference by the norm
/// of those wanted. 0 where they agree.
///
/// # Shapes
/// `[samples]`, `[frames, bins]`
pub fn inconsistency(sound: &[f32], wanted: &[f32], framing: Framing) -> f64 {
    let (mut off, mut all) = (0.0, 0.0);
    let bins = framing.bins();
    let compare = |frame: super::Frame<'_>| {
        let Some(wanted) = wanted.get(frame.index * bins..(frame.index + 1) * bins) else { return };
        for (value, wanted) in frame.spectrum.iter().zip(wanted) {
            off += f64::from(value.norm() - wanted).powi(2);
            all += f64::from(*wanted).powi(2);
        }
    };
    Stft::over(sound, framing, compare);
    if all > 0.0 { (off / all).sqrt() } else { off.sqrt() }
}
