//! A spectrum whose bins are notes: the constant-Q transform.

use std::f64::consts::TAU;

use cantus_audio::SampleRate;
use cantus_audio::stft::{Complex, Frame, Framing, FramingError, Stft, Window};
use realfft::RealFftPlanner;

use super::chroma::{self, CLASSES};
use super::halve::Halver;
use super::tuning::{self, TuningSearch};
use super::{Spectrum, lanes};

/// C1, in hertz.
const C1: f64 = 440.0 * 0.074_325_444_687_670_06;
/// The part of a filter's weights, by their sum, that may be left out.
const LEFT_OUT: f64 = 0.01;

/// Which bins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConstantQOptions {
    /// The lowest, in hertz.
    pub lowest: f64,
    /// How many.
    pub bins: usize,
    /// How many of an octave.
    pub an_octave: usize,
}

impl Default for ConstantQOptions {
    fn default() -> Self {
        Self { lowest: C1, bins: 84, an_octave: 12 }
    }
}

/// Bins that a sound does not hold.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ConstantQError {
    /// There must be bins.
    #[error("a constant-Q transform has 1 to 1200 bins, 1 to 120 an octave, from a frequency above 0 Hz")]
    Bins,
    /// A filter would need what lies beyond half the sample rate.
    #[error("the highest bin of a constant-Q transform must end below half the sample rate ({half} Hz), but ends at {0} Hz", half = .1)]
    Highest(f64, f64),
    /// A filter would be too long.
    #[error("a bin's filter cannot be cut out: {0}")]
    Frame(#[from] FramingError),
}

/// The constant-Q transform of a stream: the magnitude of each bin in each frame. Bin `b` listens to `lowest 2^(b / an_octave)`
/// through Hann's window of as many samples as hold `Q` periods, where `Q` is the same for all bins: neighbours meet.
///
/// Octave after octave is taken at half the rate of the one above (Schörkhuber and Klapuri 2010), so that all are measured with
/// the same short filters.
#[derive(Debug)]
pub struct ConstantQ {
    octaves: Vec<Octave>, // from the highest
    rows: Rows,
}

/// Frames of which some octaves are measured.
#[derive(Debug)]
struct Rows {
    bins: usize,
    first: usize,
    values: Vec<f32>, // [frames from first on, bins]
}

#[derive(Debug)]
struct Octave {
    stft: Option<Stft>,
    filters: Vec<Filter>,
    lowest_bin: usize,
    below: Option<Halver>,
    samples: Vec<f32>,
    done: usize, // frames that are measured
}

/// The bins of a frame's spectrum that a filter weighs.
#[derive(Debug, Clone, PartialEq)]
struct Filter {
    first: usize,
    weights: Vec<Complex<f32>>,
}

impl Filter {
    fn apply(&self, spectrum: &[Complex<f32>]) -> f32 {
        let mut sum = Complex::new(0.0, 0.0);
        for (bin, weight) in spectrum[self.first..].iter().zip(&self.weights) {
            sum += bin * weight;
        }
        sum.norm()
    }
}

impl Rows {
    fn set(&mut self, frame: usize, bin: usize, value: f32) {
        let row = frame - self.first;
        if self.values.len() < (row + 1) * self.bins {
            self.values.resize((row + 1) * self.bins, 0.0);
        }
        self.values[row * self.bins + bin] = value;
    }

    /// Hands out the frames before `end`.
    fn give(&mut self, end: usize, each: &mut impl FnMut(usize, &[f32])) {
        let ready = end.saturating_sub(self.first).min(self.values.len() / self.bins);
        for (row, values) in self.values.chunks_exact(self.bins).take(ready).enumerate() {
            each(self.first + row, values);
        }
        self.values.drain(..ready * self.bins);
        self.first += ready;
    }
}

impl ConstantQ {
    /// A transform that has heard nothing, with a frame each `hop` samples.
    pub fn new(rate: SampleRate, hop: usize, options: ConstantQOptions) -> Result<Self, ConstantQError> {
        let ConstantQOptions { lowest, bins, an_octave } = options;
        let in_range = (1..=1200).contains(&bins) && (1..=120).contains(&an_octave) && lowest > 0.0;
        if !in_range {
            return Err(ConstantQError::Bins);
        }
        let (mut hertz, mut hop) = (f64::from(rate.hertz()), hop);
        let frequency = |bin: usize| lowest * 2_f64.powf(bin as f64 / an_octave as f64);
        let alpha = alpha(an_octave);
        // Hann's window is one and a half bins wide.
        let end = frequency(bins - 1) * (1.0 + 0.75 * alpha);
        if end > hertz / 2.0 {
            return Err(ConstantQError::Highest(end, hertz / 2.0));
        }
        let mut octaves = Vec::new();
        let mut top = bins;
        while top > 0 {
            let bottom = top.saturating_sub(an_octave);
            let frequencies: Vec<f64> = (bottom..top).map(frequency).collect();
            let (size, filters) = filters(&frequencies, alpha, hertz, f64::from(rate.hertz()));
            let framing = Framing::new(size, hop)?.with_window(Window::Rectangular);
            let halves = bottom > 0 && hop.is_multiple_of(2);
            octaves.push(Octave {
                stft: Some(Stft::new(framing)),
                filters,
                lowest_bin: bottom,
                below: halves.then(Halver::new),
                samples: Vec::new(),
                done: 0,
            });
            if halves {
                (hertz, hop) = (hertz / 2.0, hop / 2);
            }
            top = bottom;
        }
        Ok(Self { octaves, rows: Rows { bins, first: 0, values: Vec::new() } })
    }

    /// Takes the next samples and hands out each frame that they complete, by its index.
    pub fn push(&mut self, samples: &[f32], mut each: impl FnMut(usize, &[f32])) {
        let Self { octaves, rows } = self;
        let mut input = samples.to_vec();
        let mut done = rows.first;
        for octave in octaves {
            done = octave.push(&input, rows);
            octave.hand_down(&mut input);
        }
        rows.give(done, &mut each);
    }

    /// Ends the sound and hands out its last frames.
    pub fn finish(self, mut each: impl FnMut(usize, &[f32])) {
        let Self { octaves, mut rows } = self;
        let (mut input, mut frames) = (Vec::new(), None);
        for mut octave in octaves {
            octave.push(&input, &mut rows);
            let counted = octave.finish(&mut rows);
            // Rounding up at each halving may bring another frame below: the highest octave counts.
            frames.get_or_insert(counted);
            octave.hand_down(&mut input);
            if let Some(below) = &mut octave.below {
                below.finish(&mut input);
            }
        }
        rows.give(frames.unwrap_or(0), &mut each);
    }
}

impl Octave {
    /// Measures the frames that these samples complete, and tells how many are done in all.
    fn push(&mut self, samples: &[f32], rows: &mut Rows) -> usize {
        self.samples.clear();
        self.samples.extend_from_slice(samples);
        if let Some(stft) = &mut self.stft {
            let (filters, lowest, done) = (&self.filters, self.lowest_bin, &mut self.done);
            stft.push(samples, |frame| *done = measure(filters, lowest, frame, rows));
        }
        self.done
    }

    /// Measures the last frames, and tells how many there are in all.
    fn finish(&mut self, rows: &mut Rows) -> usize {
        if let Some(stft) = self.stft.take() {
            stft.finish(|frame| self.done = measure(&self.filters, self.lowest_bin, frame, rows));
        }
        self.done
    }

    /// What the octave below hears of the samples that were pushed last.
    fn hand_down(&mut self, input: &mut Vec<f32>) {
        let Some(below) = &mut self.below else { return };
        input.clear();
        below.push(&self.samples, input);
    }
}

/// Measures the bins of an octave in a frame, and tells how many frames are done with it.
fn measure(filters: &[Filter], lowest: usize, frame: Frame<'_>, rows: &mut Rows) -> usize {
    for (index, filter) in filters.iter().enumerate() {
        rows.set(frame.index, lowest + index, filter.apply(frame.spectrum));
    }
    frame.index + 1
}

/// The bandwidth of a bin by its frequency: half of what lies between its neighbours, by their mean.
fn alpha(an_octave: usize) -> f64 {
    let square = 2_f64.powf(2.0 / an_octave as f64);
    (square - 1.0) / (square + 1.0)
}

/// The length of a frame that holds all filters of an octave at a rate, and the filters; magnitudes come out as at `full` rate.
fn filters(frequencies: &[f64], alpha: f64, rate: f64, full: f64) -> (usize, Vec<Filter>) {
    let length = |frequency: f64| rate / (alpha * frequency);
    let longest = frequencies.iter().map(|&frequency| length(frequency)).fold(2.0, f64::max);
    let size = (longest.ceil() as usize).next_power_of_two();
    let filters = frequencies
        .iter()
        .map(|&frequency| {
            let length = length(frequency);
            // Samples are halved in number octave by octave: their weight grows so that energy stays.
            let scale = (full / rate) * length / size as f64 / (length * full / rate).sqrt();
            cut(&transformed(&wavelet(frequency / rate, length), size), scale)
        })
        .collect();
    (size, filters)
}

/// Turns of a circle, so many a sample, by Hann's window; magnitudes sum to 1.
fn wavelet(turns: f64, length: f64) -> Vec<Complex<f64>> {
    let first = (-length / 2.0).floor();
    let count = ((length / 2.0).floor() - first) as usize;
    let hann = |n: usize| 0.5 - 0.5 * (TAU * n as f64 / count as f64).cos();
    let sum: f64 = (0..count).map(hann).sum();
    (0..count).map(|n| Complex::from_polar(hann(n) / sum, TAU * turns * (first + n as f64))).collect()
}

/// The spectrum of a wavelet in the middle of a frame, up to half the rate.
fn transformed(wavelet: &[Complex<f64>], size: usize) -> Vec<Complex<f64>> {
    let transform = RealFftPlanner::<f64>::new().plan_fft_forward(size);
    let begin = (size - wavelet.len().min(size)) / 2;
    let half = |part: fn(&Complex<f64>) -> f64| {
        let mut samples = transform.make_input_vec();
        for (sample, value) in samples[begin..].iter_mut().zip(wavelet) {
            *sample = part(value);
        }
        let mut bins = transform.make_output_vec();
        let done = transform.process(&mut samples, &mut bins);
        debug_assert!(done.is_ok(), "the transform made these buffers itself");
        bins
    };
    let (real, imaginary) = (half(|value| value.re), half(|value| value.im));
    real.into_iter().zip(imaginary).map(|(real, imaginary)| real + imaginary * Complex::i()).collect()
}

/// The bins that make up all but a hundredth of a filter.
fn cut(bins: &[Complex<f64>], scale: f64) -> Filter {
    let mut sizes: Vec<f64> = bins.iter().map(|bin| bin.norm()).collect();
    let all: f64 = sizes.iter().sum();
    sizes.sort_by(f64::total_cmp);
    let mut sum = 0.0;
    let least = sizes.into_iter().find(|size| {
        sum += size / all;
        sum >= LEFT_OUT
    });
    let counts = |bin: &Complex<f64>| least.is_none_or(|least| bin.norm() >= least);
    let first = bins.iter().position(counts).unwrap_or(0);
    let end = bins.iter().rposition(counts).map_or(0, |last| last + 1);
    let weight = |bin: &Complex<f64>| {
        let bin = if counts(bin) { bin * scale } else { Complex::default() };
        Complex::new(bin.re as f32, bin.im as f32)
    };
    Filter { first, weights: bins[first..end].iter().map(weight).collect() }
}

/// The magnitude of each bin in each frame.
///
/// # Shapes
/// `[samples]` → `[frames, bins]`
pub fn magnitudes(
    samples: &[f32],
    rate: SampleRate,
    hop: usize,
    options: ConstantQOptions,
) -> Result<Vec<f32>, ConstantQError> {
    let mut transform = ConstantQ::new(rate, hop, options)?;
    let mut all = Vec::new();
    for block in samples.chunks(1 << 14) {
        transform.push(block, |_, row| all.extend_from_slice(row));
    }
    transform.finish(|_, row| all.extend_from_slice(row));
    Ok(all)
}

/// Bins of a semitone from which chroma is made.
const A_SEMITONE: usize = 3;
const CHROMA_OCTAVES: usize = 7;
/// Bins of an octave from which chroma is made.
pub const CHROMA_AN_OCTAVE: usize = A_SEMITONE * CLASSES;

/// The bins from which chroma is made, of a sound that is tuned so many thirds of a semitone above A4 = 440 Hz.
pub(super) fn chroma_options(thirds: f64) -> ConstantQOptions {
    let an_octave = CHROMA_AN_OCTAVE;
    let lowest = C1 * 2_f64.powf(thirds / an_octave as f64);
    ConstantQOptions { lowest, bins: CHROMA_OCTAVES * an_octave, an_octave }
}

/// The strength of each pitch class in each frame, C first, the strongest being 1, from seven octaves of three bins a semitone
/// from C1 up, tuned as the sound is.
///
/// # Shapes
/// `[samples]` → `[frames, 12]`
pub fn chroma(samples: &[f32], rate: SampleRate, framing: Framing) -> Result<Vec<f32>, ConstantQError> {
    let search = TuningSearch::new(rate, framing, CHROMA_AN_OCTAVE);
    let thirds = tuning::search(samples, search, framing, Spectrum::magnitude);
    let mut transform = ConstantQ::new(rate, framing.hop(), chroma_options(thirds))?;
    let mut all = Vec::new();
    for block in samples.chunks(1 << 14) {
        transform.push(block, |_, row| all.extend_from_slice(&folded(row)));
    }
    transform.finish(|_, row| all.extend_from_slice(&folded(row)));
    Ok(all)
}

/// All octaves in one, each class with its neighbours a third of a semitone away.
pub(super) fn folded(bins: &[f32]) -> [f32; CLASSES] {
    let mut classes = [0.0; CLASSES];
    for (bin, value) in bins.iter().enumerate() {
        classes[(bin + A_SEMITONE / 2) / A_SEMITONE % CLASSES] += value;
    }
    chroma::to_strongest(&mut classes);
    classes
}

/// The loudest bin of a row; 0 where all are silent.
pub fn loudest(row: &[f32]) -> usize {
    let most = lanes::greatest(row);
    row.iter().position(|value| *value >= most).unwrap_or(0)
}
