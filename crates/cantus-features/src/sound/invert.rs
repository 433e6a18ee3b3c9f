//! From mel bands back to spectra and to sound.

use cantus_audio::SampleRate;
use cantus_audio::stft::{Framing, PhaseSearch};

use super::{FilterBank, mel};

/// Turns after which spectra hardly change any more.
const TURNS: usize = 60;

/// Spectra without negative values that a bank of filters turns into given bands, as nearly as some turns bring it: a bank
/// has fewer bands than a spectrum has bins, so that there are many. Each turn multiplies every bin by what is wanted of the bands
/// around it by what is there (Lee and Seung 2001, for least squares).
///
/// # Shapes
/// `[frames, bands]` → `[frames, bins]`
pub fn spectra(bands: &[f32], bank: &FilterBank) -> Vec<f32> {
    let count = bank.bands().max(1);
    let mut all = Vec::with_capacity(bands.len() / count * bank.bins());
    let mut now = vec![0.0; bank.bands()];
    let (mut wanted, mut there) = (vec![0.0; bank.bins()], vec![0.0; bank.bins()]);
    for bands in bands.chunks_exact(count) {
        spread(bands, bank, &mut wanted);
        let mut spectrum = wanted.clone();
        for _ in 0..TURNS {
            bank.apply(&spectrum, &mut now);
            spread(&now, bank, &mut there);
            for ((bin, wanted), there) in spectrum.iter_mut().zip(&wanted).zip(&there) {
                *bin *= wanted / (there + f32::MIN_POSITIVE);
            }
        }
        all.extend_from_slice(&spectrum);
    }
    all
}

/// What each band gives to its bins, by the weights of its filter.
fn spread(bands: &[f32], bank: &FilterBank, out: &mut [f32]) {
    out.fill(0.0);
    for (band, value) in bands.iter().enumerate() {
        let (first, weights) = bank.row(band);
        for (out, weight) in out[first..].iter_mut().zip(weights) {
            *out += value * weight;
        }
    }
}

/// How sound is made from mel levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rebuilding {
    /// Samples a second.
    pub rate: SampleRate,
    /// How the levels were measured.
    pub framing: Framing,
    /// How phases are found.
    pub search: PhaseSearch,
}

impl Rebuilding {
    /// The sound of mel levels in decibels ([`mel::level`]): powers by [`spectra`], phases by a search.
    ///
    /// # Shapes
    /// `[frames, 128]` → `[samples]`
    pub fn sound(&self, levels: &[f32], samples: usize) -> Vec<f32> {
        let powers: Vec<f32> = levels.iter().map(|level| 10_f32.powf(level / 10.0)).collect();
        let bank = mel::bank(mel::MelOptions::default(), self.rate, self.framing);
        let mut magnitudes = spectra(&powers, &bank);
        for magnitude in &mut magnitudes {
            *magnitude = magnitude.sqrt();
        }
        self.search.find(&magnitudes, samples, self.framing)
    }
}
