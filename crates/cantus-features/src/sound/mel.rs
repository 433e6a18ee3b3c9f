//! Bands that are as wide as hearing takes them to be.

use cantus_audio::SampleRate;
use cantus_audio::stft::{Framing, Stft};

use super::{FilterBank, Spectrum, lanes};

/// Bands of descriptors that do not say otherwise.
pub const BANDS: usize = 128;

/// Powers below this are taken for it where a logarithm is made.
const LEAST_POWER: f32 = 1e-10;
/// What is so many decibels below the loudest band of a sound is taken to be so loud: nothing is heard of it.
const RANGE_DB: f32 = 80.0;

/// Up to here mels go in proportion to hertz, from here on to their logarithm (Slaney 1998).
const BEND_HZ: f64 = 1_000.0;
const HZ_OF_MEL: f64 = 200.0 / 3.0;
/// Above the bend, 27 mels lie between a frequency and its 6.4-fold.
const OVER_BEND: (f64, f64) = (6.4, 27.0);

/// The place of a frequency on the mel scale (Slaney 1998, Auditory Toolbox).
pub fn of_hertz(hertz: f64) -> f64 {
    let (factor, mels) = OVER_BEND;
    if hertz < BEND_HZ {
        hertz / HZ_OF_MEL
    } else {
        BEND_HZ / HZ_OF_MEL + (hertz / BEND_HZ).ln() * mels / factor.ln()
    }
}

/// The frequency of a place on the mel scale, in hertz.
pub fn to_hertz(mel: f64) -> f64 {
    let ((factor, mels), bend) = (OVER_BEND, BEND_HZ / HZ_OF_MEL);
    if mel < bend { mel * HZ_OF_MEL } else { BEND_HZ * ((mel - bend) * factor.ln() / mels).exp() }
}

/// Which bands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MelOptions {
    /// How many.
    pub bands: usize,
    /// Where the lowest begins, in hertz.
    pub lowest: f64,
    /// Where the highest ends, in hertz; half the sample rate where none is stated.
    pub highest: Option<f64>,
}

impl Default for MelOptions {
    fn default() -> Self {
        Self { bands: BANDS, lowest: 0.0, highest: None }
    }
}

/// Triangular filters, evenly spaced in mels, each of area 1 in hertz: a band rises from the centre of the one below and falls
/// to the centre of the one above.
pub fn bank(options: MelOptions, rate: SampleRate, framing: Framing) -> FilterBank {
    let highest = options.highest.unwrap_or(f64::from(rate.hertz()) / 2.0);
    let (low, high) = (of_hertz(options.lowest), of_hertz(highest));
    let corner = |index: usize| to_hertz(low + (high - low) * index as f64 / (options.bands + 1) as f64);
    let rows: Vec<Vec<f32>> = (0..options.bands)
        .map(|band| {
            let [from, centre, to] = [corner(band), corner(band + 1), corner(band + 2)];
            let weight = |bin: usize| {
                let hertz = framing.frequency(bin, rate);
                let height = ((hertz - from) / (centre - from)).min((to - hertz) / (to - centre));
                (height.max(0.0) * 2.0 / (to - from)) as f32
            };
            (0..framing.bins()).map(weight).collect()
        })
        .collect();
    FilterBank::of_rows(framing.bins(), rows.iter().map(Vec::as_slice))
}

/// The power in each of [`BANDS`] bands of each frame.
///
/// # Shapes
/// `[samples]` → `[frames, 128]`
pub fn power(samples: &[f32], rate: SampleRate, framing: Framing) -> Vec<f32> {
    let bank = bank(MelOptions::default(), rate, framing);
    let mut spectrum = Spectrum::new(framing.bins());
    let mut bands = vec![0.0; framing.frames(samples.len()) * BANDS];
    Stft::over(samples, framing, |frame| {
        let bands = &mut bands[frame.index * BANDS..][..BANDS];
        lanes::widest(|| {
            spectrum.set_power(frame.spectrum);
            bank.apply(spectrum.power(), bands);
        });
    });
    bands
}

/// The level of each of [`BANDS`] bands of each frame, in decibels: `10 log10(power)`, at most 80 below the loudest.
///
/// # Shapes
/// `[samples]` → `[frames, 128]`
pub fn level(samples: &[f32], rate: SampleRate, framing: Framing) -> Vec<f32> {
    let mut bands = power(samples, rate, framing);
    to_decibels(&mut bands);
    limit_range(&mut bands);
    bands
}

/// Turns powers into decibels, `10 log10(max(power, 1e-10))`.
pub fn to_decibels(powers: &mut [f32]) {
    lanes::widest(|| powers.iter_mut().for_each(|power| *power = decibels(*power)));
}

/// A power in decibels, to a few units in the last place: the logarithm is written out so that a processor takes many at once.
#[inline]
pub(super) fn decibels(power: f32) -> f32 {
    const ROOT_HALF: u32 = 0x3F35_04F3; // the bits of the least mantissa, the root of a half
    const OCTAVE_DB: f32 = 10.0 * std::f32::consts::LOG10_2;
    const NEPER_DB: f32 = 10.0 * std::f32::consts::LOG10_E;
    let bits = power.max(LEAST_POWER).to_bits();
    let octaves = (bits.wrapping_sub(ROOT_HALF) as i32) >> 23;
    let mantissa = f32::from_bits(bits.wrapping_sub((octaves << 23) as u32));
    // ln m = 2 artanh s, of which the series ends after s^9 for |s| <= 0.172.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = square * (1.0 / 3.0 + square * (1.0 / 5.0 + square * (1.0 / 7.0 + square / 9.0)));
    octaves as f32 * OCTAVE_DB + 2.0 * (s + s * series) * NEPER_DB
}

/// Raises what is more than 80 decibels below the loudest to 80 below it.
pub fn limit_range(levels: &mut [f32]) {
    lanes::widest(|| {
        let floor = lanes::greatest(levels) - RANGE_DB;
        for level in levels {
            *level = if *level < floor { floor } else { *level };
        }
    });
}
