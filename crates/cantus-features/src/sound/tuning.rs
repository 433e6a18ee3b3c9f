//! How far a sound is tuned from A4 = 440 Hz.

use cantus_audio::SampleRate;
use cantus_audio::stft::{Framing, Stft};

use super::{Spectrum, lanes};

/// Where pitches are looked for, in hertz.
const LOWEST: f64 = 150.0;
const HIGHEST: f64 = 4_000.0;
/// A peak counts from this part of its frame's highest on.
const LEAST_PEAK: f32 = 0.1;
/// Steps of a tuning within one interval.
const STEPS: usize = 100;
/// Peaks that are kept. Beyond, every second frame is left out, so that memory is bounded whatever the sound's length.
const KEPT: usize = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Peak {
    frame: u32,
    step: u8,
    height: f32,
}

/// Gathers the peaks of spectra, frame by frame, and tells how far the louder half of them lies from the notes of equal
/// temperament (`pitch_tuning` over `piptrack` of librosa).
#[derive(Debug, Clone, PartialEq)]
pub struct TuningSearch {
    hertz_a_bin: f64,
    bins: (usize, usize),
    notes_an_octave: f64,
    peaks: Vec<Peak>,
    frame: u32,
    stride: u32,
}

impl TuningSearch {
    /// A search that has seen nothing, among so many notes an octave.
    pub fn new(rate: SampleRate, framing: Framing, notes_an_octave: usize) -> Self {
        let hertz_a_bin = framing.frequency(1, rate);
        let highest = HIGHEST.min(f64::from(rate.hertz()) / 2.0);
        let first = (LOWEST / hertz_a_bin).ceil() as usize;
        let end = (highest / hertz_a_bin).ceil() as usize;
        Self {
            hertz_a_bin,
            bins: (first.max(1), end.min(framing.bins() - 1)),
            notes_an_octave: notes_an_octave as f64,
            peaks: Vec::new(),
            frame: 0,
            stride: 1,
        }
    }

    /// Takes the next frame's spectrum (magnitudes or powers).
    ///
    /// # Shapes
    /// `[bins]`
    pub fn push(&mut self, spectrum: &[f32]) {
        let frame = self.frame;
        self.frame += 1;
        if !frame.is_multiple_of(self.stride) {
            return;
        }
        let least = LEAST_PEAK * lanes::greatest(spectrum);
        let (first, end) = self.bins;
        for bin in first..end.min(spectrum.len().saturating_sub(1)) {
            let [below, here, above] = [spectrum[bin - 1], spectrum[bin], spectrum[bin + 1]];
            if here > least && here > below && here >= above {
                self.keep(frame, bin, [below, here, above]);
            }
        }
        if self.peaks.len() > KEPT {
            self.stride *= 2;
            let stride = self.stride;
            self.peaks.retain(|peak| peak.frame.is_multiple_of(stride));
        }
    }

    /// Keeps a peak, at the top of the parabola through its three bins. A neighbour below the threshold counts as it is.
    fn keep(&mut self, frame: u32, bin: usize, [below, here, above]: [f32; 3]) {
        let (bend, slope) = (above + below - 2.0 * here, (above - below) / 2.0);
        let shift = if slope.abs() >= bend.abs() { 0.0 } else { -slope / bend };
        let hertz = (bin as f64 + f64::from(shift)) * self.hertz_a_bin;
        let notes = self.notes_an_octave * (hertz / (440.0 / 16.0)).log2();
        let away = notes - (notes + 0.5).floor(); // from -0.5 up to but not including 0.5
        let step = ((away + 0.5) * STEPS as f64).floor().clamp(0.0, STEPS as f64 - 1.0) as u8;
        self.peaks.push(Peak { frame, step, height: here + 0.5 * slope * shift });
    }

    /// How far the sound is tuned from equal temperament at A4 = 440 Hz, in parts of a note's interval, from -0.5 to 0.49 in
    /// steps of 0.01; 0 where nothing has a pitch.
    pub fn finish(mut self) -> f64 {
        if self.peaks.is_empty() {
            return 0.0;
        }
        let least = median_height(&mut self.peaks);
        let mut counts = [0_u32; STEPS];
        for peak in self.peaks.iter().filter(|peak| peak.height >= least) {
            counts[usize::from(peak.step)] += 1;
        }
        let most = counts.iter().max().copied().unwrap_or(0);
        let step = counts.iter().position(|&count| count == most).unwrap_or(STEPS / 2);
        step as f64 / STEPS as f64 - 0.5
    }
}

/// The median, which is between two where there is an even number.
fn median_height(peaks: &mut [Peak]) -> f32 {
    let middle = peaks.len() / 2;
    let even = peaks.len().is_multiple_of(2);
    let (below, high, _) = peaks.select_nth_unstable_by(middle, |a, b| a.height.total_cmp(&b.height));
    let low = below.iter().map(|peak| peak.height).fold(f32::NEG_INFINITY, f32::max);
    if even { f32::midpoint(low, high.height) } else { high.height }
}

/// How far a sound is tuned from A4 = 440 Hz, in semitones, from -0.5 to 0.49.
pub fn of_sound(samples: &[f32], rate: SampleRate, framing: Framing) -> f64 {
    search(samples, TuningSearch::new(rate, framing, 12), framing, Spectrum::magnitude)
}

/// The tuning that chroma takes: as [`of_sound`], from powers, among which louder peaks count more.
pub(super) fn of_powers(samples: &[f32], rate: SampleRate, framing: Framing) -> f64 {
    search(samples, TuningSearch::new(rate, framing, 12), framing, Spectrum::power)
}

/// Searches a whole sound by magnitudes or by powers.
pub(super) fn search(
    samples: &[f32],
    mut search: TuningSearch,
    framing: Framing,
    of: fn(&Spectrum) -> &[f32],
) -> f64 {
    let mut spectrum = Spectrum::new(framing.bins());
    Stft::over(samples, framing, |frame| {
        lanes::widest(|| {
            spectrum.set(frame.spectrum);
            search.push(of(&spectrum));
        });
    });
    search.finish()
}
