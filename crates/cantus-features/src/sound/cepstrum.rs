//! The shape of a spectrum's envelope: the cosine transform of its mel bands.

use std::f64::consts::PI;

use cantus_audio::SampleRate;
use cantus_audio::stft::Framing;

use super::{lanes, mel};

/// Coefficients that are kept.
pub const COEFFICIENTS: usize = 20;

/// Coefficients of one parity that are summed side by side.
const LANES: usize = 16;

/// The first coefficients of the cosine transform (DCT-II, orthonormal) of `[bands]`.
///
/// Waves of even order are the same from both ends, those of odd order with the other sign: so bands are taken in pairs, the
/// first with the last, and each half of the coefficients sees half as many numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Cepstrum {
    bands: usize,
    /// Of each group of orders, of each pair of bands: waves of even orders, waves of odd orders.
    waves: Vec<[[f32; LANES]; 2]>, // [groups, pairs]
}

impl Cepstrum {
    /// The transform of so many bands to so many coefficients.
    pub fn new(bands: usize, coefficients: usize) -> Self {
        let wave = |order: usize, band: usize| {
            let scale = if order == 0 { 1.0 } else { 2.0 } / bands as f64;
            // A band in the middle is a pair by itself, and its sum counts it twice.
            let share = if 2 * band + 1 == bands { 0.5 } else { 1.0 };
            (share * scale.sqrt() * (PI * order as f64 * (band as f64 + 0.5) / bands as f64).cos()) as f32
        };
        let pairs = bands.div_ceil(2);
        let groups = coefficients.div_ceil(2 * LANES);
        let pair = |index: usize| {
            let (group, band) = (index / pairs, index % pairs);
            let order = |parity: usize, lane: usize| 2 * (group * LANES + lane) + parity;
            [0, 1].map(|parity| std::array::from_fn(|lane| wave(order(parity, lane), band)))
        };
        Self { bands, waves: (0..groups * pairs).map(pair).collect() }
    }

    /// Transforms the levels of one frame.
    ///
    /// # Shapes
    /// `[bands]` → `[coefficients]`
    #[expect(clippy::inline_always, reason = "it is compiled anew for the widest vectors where it is used")]
    #[inline(always)]
    pub fn apply(&self, levels: &[f32], out: &mut [f32]) {
        let pairs = self.bands.div_ceil(2);
        for (out, waves) in out.chunks_mut(2 * LANES).zip(self.waves.chunks_exact(pairs)) {
            let mut sums = [[0.0_f32; LANES]; 2];
            for ((wave, first), last) in waves.iter().zip(levels).zip(levels.iter().rev()) {
                for (sums, (wave, x)) in sums.iter_mut().zip(wave.iter().zip([first + last, first - last])) {
                    sums.iter_mut().zip(wave).for_each(|(sum, wave)| *sum += x * wave);
                }
            }
            for (index, out) in out.iter_mut().enumerate() {
                *out = sums[index % 2][index / 2];
            }
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
