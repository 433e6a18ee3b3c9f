//! The shape of a spectrum: where it lies, how wide it is, how much it is like noise.

use cantus_audio::SampleRate;
use cantus_audio::stft::{Framing, Stft};

use super::{Spectrum, lanes, mel};

/// Bands of [`Shapes::contrast`]: one below 200 Hz, and octaves from there.
pub const CONTRAST_BANDS: usize = 7;
const LOWEST_OCTAVE: f64 = 200.0;
/// The part of a band's bins that counts as its peak and as its valley.
const EXTREME: f64 = 0.02;
/// Bins that a peak or valley may have: more than 2 % of the longest band of frames up to 32768 samples.
const MOST_EXTREMES: usize = 256;
/// The part of all magnitude that lies below the roll-off.
const ROLL_OFF: f32 = 0.85;
/// Powers below this are taken for it by the flatness.
const LEAST_POWER: f32 = 1e-10;

/// Measures the shape of spectra, one at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Shapes {
    hertz: Vec<f32>,    // [bins]
    bands: Vec<Octave>, // [CONTRAST_BANDS]
}

/// The bins of a band of contrast, and how many of them are its peak.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Octave {
    first: usize,
    end: usize,
    extremes: usize,
}

/// The mean magnitude of a band's greatest and of its least bins, in decibels as if they were powers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relief {
    /// Of the greatest.
    pub peak: f32,
    /// Of the least.
    pub valley: f32,
}

impl Shapes {
    /// Measures of spectra of frames cut so.
    pub fn new(rate: SampleRate, framing: Framing) -> Self {
        let hertz = (0..framing.bins()).map(|bin| framing.frequency(bin, rate) as f32).collect();
        let bands = (0..CONTRAST_BANDS).map(|band| octave(band, rate, framing)).collect();
        Self { hertz, bands }
    }

    /// The centroid in hertz: the mean frequency, bins weighed by magnitude; 0 in silence.
    pub fn centroid(&self, spectrum: &Spectrum) -> f32 {
        let all = lanes::sum(spectrum.magnitude());
        if all > 0.0 { lanes::dot(&self.hertz, spectrum.magnitude()) / all } else { 0.0 }
    }

    /// The bandwidth in hertz: the standard deviation of frequency about a centroid, bins weighed by magnitude.
    pub fn bandwidth(&self, spectrum: &Spectrum, centroid: f32) -> f32 {
        let all = lanes::sum(spectrum.magnitude());
        if all > 0.0 {
            (lanes::spread(spectrum.magnitude(), &self.hertz, centroid) / all).sqrt()
        } else {
            0.0
        }
    }

    /// The roll-off in hertz: the lowest frequency up to which 85 % of all magnitude lies.
    pub fn roll_off(&self, spectrum: &Spectrum) -> f32 {
        const BLOCK: usize = 64;
        let magnitude = spectrum.magnitude();
        let wanted = ROLL_OFF * lanes::sum(magnitude);
        let (mut below, mut bin) = (0.0, 0);
        for block in magnitude.chunks(BLOCK) {
            let sum = lanes::sum(block);
            if below + sum >= wanted {
                break;
            }
            below += sum;
            bin += block.len();
        }
        for value in &magnitude[bin..] {
            below += value;
            if below >= wanted {
                return self.hertz[bin];
            }
            bin += 1;
        }
        self.hertz.last().copied().unwrap_or(0.0)
    }

    /// The flatness: the geometric by the arithmetic mean of power, from 0 (a tone) to 1 (all bins alike, silence too).
    pub fn flatness(spectrum: &Spectrum) -> f32 {
        let bins = spectrum.power().len().max(1) as f64;
        let (mut logarithms, mut sum) = (0.0_f64, 0.0_f64);
        // The logarithm of a product is the sum of the logarithms; eight factors cannot overflow.
        for block in spectrum.power().chunks(8) {
            let mut product = 1.0_f64;
            for power in block {
                let power = f64::from(power.max(LEAST_POWER));
                product *= power;
                sum += power;
            }
            logarithms += product.ln();
        }
        ((logarithms / bins).exp() / (sum / bins)).min(1.0) as f32
    }

    /// How much the peaks of each octave stand out from its valleys (Jiang and others 2002): levels whose difference is the
    /// contrast, after both are limited to 80 dB below the loudest of the sound.
    pub fn contrast(&self, spectrum: &Spectrum) -> [Relief; CONTRAST_BANDS] {
        std::array::from_fn(|band| {
            let Octave { first, end, extremes } = self.bands[band];
            let (peak, valley) = extremes_of(&spectrum.magnitude()[first..end], extremes);
            Relief { peak: mel::decibels(peak), valley: mel::decibels(valley) }
        })
    }
}

/// A band's bins: both edges belong to it, the bin below as well, and the highest goes to the next band.
fn octave(band: usize, rate: SampleRate, framing: Framing) -> Octave {
    let edge = |index: usize| if index == 0 { 0.0 } else { LOWEST_OCTAVE * 2_f64.powi(index as i32 - 1) };
    let hertz_a_bin = framing.frequency(1, rate);
    let from = ((edge(band) / hertz_a_bin).ceil() as usize).min(framing.bins());
    let to = ((edge(band + 1) / hertz_a_bin).floor() as usize + 1).min(framing.bins());
    let first = if band > 0 { from.saturating_sub(1) } else { from };
    let last_band = band == CONTRAST_BANDS - 1;
    let end = if last_band { framing.bins() } else { to };
    let count = end.saturating_sub(first);
    let extremes = ((EXTREME * count as f64).round_ties_even() as usize).clamp(1, MOST_EXTREMES);
    Octave { first, end: if last_band { end } else { end.saturating_sub(1).max(first) }, extremes }
}

/// The mean of the greatest `count` values and of the least; zero where there are no values.
fn extremes_of(values: &[f32], count: usize) -> (f32, f32) {
    let count = count.min(values.len());
    if count == 0 {
        return (0.0, 0.0);
    }
    // Both stay sorted by insertion, the outermost first: few values get past the innermost.
    let (mut high, mut low) = ([f32::NEG_INFINITY; MOST_EXTREMES], [f32::INFINITY; MOST_EXTREMES]);
    for &value in values {
        if value > high[count - 1] {
            insert(&mut high[..count], value, |new, old| new > old);
        }
        if value < low[count - 1] {
            insert(&mut low[..count], value, |new, old| new < old);
        }
    }
    (lanes::sum(&high[..count]) / count as f32, lanes::sum(&low[..count]) / count as f32)
}

/// Puts a value into its place; the last falls out.
fn insert(sorted: &mut [f32], value: f32, before: impl Fn(f32, f32) -> bool) {
    let mut at = sorted.len() - 1;
    while at > 0 && before(value, sorted[at - 1]) {
        sorted[at] = sorted[at - 1];
        at -= 1;
    }
    sorted[at] = value;
}

/// The contrast of each frame in decibels, from the reliefs of all frames.
///
/// # Shapes
/// `[frames, 7]` → `[frames, 7]`
pub(super) fn contrast_of(reliefs: &[Relief]) -> Vec<f32> {
    const RANGE_DB: f32 = 80.0;
    let loudest =
        |of: fn(&Relief) -> f32| reliefs.iter().map(of).fold(f32::NEG_INFINITY, f32::max) - RANGE_DB;
    let (peak, valley) = (loudest(|relief| relief.peak), loudest(|relief| relief.valley));
    reliefs.iter().map(|relief| relief.peak.max(peak) - relief.valley.max(valley)).collect()
}

/// The centroid of each frame, in hertz.
///
/// # Shapes
/// `[samples]` → `[frames]`
pub fn centroid(samples: &[f32], rate: SampleRate, framing: Framing) -> Vec<f32> {
    let shapes = Shapes::new(rate, framing);
    let mut spectrum = Spectrum::new(framing.bins());
    let mut centroids = Vec::with_capacity(framing.frames(samples.len()));
    Stft::over(samples, framing, |frame| {
        spectrum.set(frame.spectrum);
        centroids.push(shapes.centroid(&spectrum));
    });
    centroids
}
