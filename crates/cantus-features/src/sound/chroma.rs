//! How strongly each pitch class sounds.

use cantus_audio::SampleRate;
use cantus_audio::stft::{Framing, Stft};

use super::{Spectrum, lanes, tuning};

/// Pitch classes, C first.
pub const CLASSES: usize = 12;

/// The octave, counted from that of A0 (27.5 Hz), around which bins count most, and how fast they count less.
const CENTRE_OCTAVE: f64 = 5.0;
const OCTAVES: f64 = 2.0;

/// From the bins of a spectrum to pitch classes: each bin is shared by the classes near it, by a Gaussian of the distance in
/// semitones, and bins count by a Gaussian around the octave of A5 (Ellis 2007).
#[derive(Debug, Clone, PartialEq)]
pub struct ChromaBank {
    weights: Vec<[f32; CLASSES]>, // [bins, classes]
}

impl ChromaBank {
    /// The filters for a tuning, in semitones above A4 = 440 Hz.
    pub fn new(rate: SampleRate, framing: Framing, tuning: f64) -> Self {
        let semitone = |bin: usize| semitones_above_a0(framing.frequency(bin, rate), tuning);
        let weights = (0..framing.bins())
            .map(|bin| {
                // 0 Hz has no pitch: it is taken to lie an octave and a half below the first bin.
                let here = if bin == 0 { semitone(1) - 18.0 } else { semitone(bin) };
                row(here, (semitone(bin + 1) - here).max(1.0))
            })
            .collect();
        Self { weights }
    }

    /// The strength of each pitch class in a power spectrum, C first, divided by that of the strongest.
    ///
    /// # Shapes
    /// `[bins]` → `[12]`
    #[expect(clippy::inline_always, reason = "it is compiled anew for the widest vectors where it is used")]
    #[inline(always)]
    pub fn apply(&self, power: &[f32]) -> [f32; CLASSES] {
        let (bins, last_bins) = power.as_chunks::<4>();
        let (weights, last_weights) = self.weights.as_chunks::<4>();
        let mut sums = [[0.0_f32; CLASSES]; 4];
        for (bins, weights) in bins.iter().zip(weights) {
            for ((sum, bin), weights) in sums.iter_mut().zip(bins).zip(weights) {
                add(sum, *bin, weights);
            }
        }
        let [mut sum, others @ ..] = sums;
        for (bin, weights) in last_bins.iter().zip(last_weights) {
            add(&mut sum, *bin, weights);
        }
        for other in &others {
            add(&mut sum, 1.0, other);
        }
        to_strongest(&mut sum);
        sum
    }
}

#[expect(clippy::inline_always, reason = "it is compiled anew for the widest vectors where it is used")]
#[inline(always)]
fn add(sum: &mut [f32; CLASSES], bin: f32, weights: &[f32; CLASSES]) {
    for (sum, weight) in sum.iter_mut().zip(weights) {
        *sum += bin * weight;
    }
}

/// Divides by the strongest class; silence stays silence.
pub(super) fn to_strongest(classes: &mut [f32]) {
    let strongest = lanes::peak(classes);
    if strongest >= f32::MIN_POSITIVE {
        for class in classes {
            *class /= strongest;
        }
    }
}

fn semitones_above_a0(hertz: f64, tuning: f64) -> f64 {
    12.0 * (hertz / (440.0 / 16.0)).log2() - tuning
}

/// How a bin is shared out: its pitch in semitones above A0, its width in semitones.
fn row(pitch: f64, width: f64) -> [f32; CLASSES] {
    let share: [f64; CLASSES] = std::array::from_fn(|class| {
        // Classes count from C, pitches from A: nine semitones above C.
        let away = (pitch + 9.0 - class as f64 + 6.0).rem_euclid(12.0) - 6.0;
        (-0.5 * (2.0 * away / width).powi(2)).exp()
    });
    let length = share.iter().map(|share| share * share).sum::<f64>().sqrt();
    let octave = (-0.5 * ((pitch / 12.0 - CENTRE_OCTAVE) / OCTAVES).powi(2)).exp();
    share.map(|share| (share / length * octave) as f32)
}

/// The strength of each pitch class in each frame, C first, the strongest being 1. The tuning is that of the sound
/// ([`tuning::TuningSearch`] on powers). All spectra are in memory meanwhile; [`super::FrameFeatures`] keeps none.
///
/// # Shapes
/// `[samples]` → `[frames, 12]`
pub fn of_sound(samples: &[f32], rate: SampleRate, framing: Framing) -> Vec<f32> {
    let mut search = tuning::TuningSearch::new(rate, framing, CLASSES);
    let mut spectrum = Spectrum::new(framing.bins());
    let mut powers = Vec::with_capacity(framing.frames(samples.len()) * framing.bins());
    Stft::over(samples, framing, |frame| {
        lanes::widest(|| {
            spectrum.set_power(frame.spectrum);
            search.push(spectrum.power());
        });
        powers.extend_from_slice(spectrum.power());
    });
    let bank = ChromaBank::new(rate, framing, search.finish());
    let frames = powers.chunks_exact(framing.bins());
    lanes::widest(|| frames.flat_map(|power| bank.apply(power)).collect())
}
