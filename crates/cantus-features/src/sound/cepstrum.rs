//! The shape of a spectrum's envelope: the cosine transform of its mel bands.

use std::f64::consts::PI;

use cantus_audio::SampleRate;
use cantus_audio::stft::Framing;

use super::{lanes, mel};

/// Coefficients that are kept.
pub const COEFFICIENTS: usize = 20;

/// The first coefficients of the cosine transform (DCT-II, orthonormal) of `[bands]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cepstrum {
    bands: usize,
    waves: Vec<f32>, // [coefficients, bands]
}

impl Cepstrum {
    /// The transform of so many bands to so many coefficients.
    pub fn new(bands: usize, coefficients: usize) -> Self {
        let wave = |index: usize| {
            let (order, band) = (index / bands, index % bands);
            let scale = if order == 0 { 1.0 } else { 2.0 } / bands as f64;
            (scale.sqrt() * (PI * order as f64 * (band as f64 + 0.5) / bands as f64).cos()) as f32
        };
        Self { bands, waves: (0..coefficients * bands).map(wave).collect() }
    }

    /// Transforms the levels of one frame.
    ///
    /// # Shapes
    /// `[bands]` → `[coefficients]`
    #[expect(clippy::inline_always, reason = "it is compiled anew for the widest vectors where it is used")]
    #[inline(always)]
    pub fn apply(&self, levels: &[f32], out: &mut [f32]) {
        for (out, wave) in out.iter_mut().zip(self.waves.chunks_exact(self.bands)) {
            *out = lanes::dot(levels, wave);
        }
    }
}

/// Mel-frequency cepstral coefficients of each frame: the cosine transform of [`mel::level`].
///
/// # Shapes
/// `[samples]` → `[frames, 20]`
pub fn mfcc(samples: &[f32], rate: SampleRate, framing: Framing) -> Vec<f32> {
    of_levels(&mel::level(samples, rate, framing))
}

/// The coefficients of levels that are there already.
///
/// # Shapes
/// `[frames, 128]` → `[frames, 20]`
pub fn of_levels(levels: &[f32]) -> Vec<f32> {
    let cepstrum = Cepstrum::new(mel::BANDS, COEFFICIENTS);
    let mut coefficients = vec![0.0; levels.len() / mel::BANDS * COEFFICIENTS];
    let frames = levels.chunks_exact(mel::BANDS).zip(coefficients.chunks_exact_mut(COEFFICIENTS));
    lanes::widest(|| frames.for_each(|(levels, out)| cepstrum.apply(levels, out)));
    coefficients
}
