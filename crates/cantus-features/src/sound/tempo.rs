//! How fast a sound's pulse goes.

use std::f64::consts::TAU;

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// What tempo is expected, and how long the stretches are in which it is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TempoOptions {
    /// The tempo thought likeliest before hearing anything, in beats a minute.
    pub expected: f64,
    /// How many octaves from it a tempo is one standard deviation less likely.
    pub octaves: f64,
    /// Tempi from here on are not considered, in beats a minute.
    pub highest: f64,
    /// How long a stretch is that is held against itself, in seconds.
    pub stretch: f64,
}

impl Default for TempoOptions {
    fn default() -> Self {
        Self { expected: 120.0, octaves: 1.0, highest: 320.0, stretch: 8.0 }
    }
}

/// The tempo in beats a minute: the lag at which the onset strength is most like itself, averaged over stretches around each
/// frame, and at which a beat is expected (log-normal about 120). None where the sound is too short for any lag.
///
/// # Shapes
/// `[frames]`
pub fn estimate(strength: &[f32], options: TempoOptions, frames_a_second: f64) -> Option<f64> {
    let stretch = (options.stretch * frames_a_second).floor() as usize;
    let likeness = self_likeness(strength, stretch);
    let tempo = |lag: usize| 60.0 * frames_a_second / lag as f64;
    let score = |lag: usize| {
        let away = (tempo(lag) / options.expected).log2() / options.octaves;
        (1e6 * likeness[lag]).ln_1p() - 0.5 * away * away
    };
    let lags = (1..likeness.len()).filter(|&lag| tempo(lag) < options.highest);
    let mut best: Option<(usize, f64)> = None;
    for lag in lags {
        let score = score(lag);
        if best.is_none_or(|(_, other)| score > other) {
            best = Some((lag, score));
        }
    }
    best.map(|(lag, _)| tempo(lag))
}

/// The autocorrelation of the stretch around each frame, by Hann's window, divided by its power and averaged over frames.
/// Before the first frame and after the last the strength goes to zero along a line.
///
/// # Shapes
/// `[frames]` → `[lags]`
pub fn self_likeness(strength: &[f32], stretch: usize) -> Vec<f64> {
    if strength.is_empty() || stretch < 2 {
        return Vec::new();
    }
    let padded = with_ramps(strength, stretch / 2);
    let window: Vec<f32> =
        (0..stretch).map(|n| (0.5 - 0.5 * (TAU * n as f64 / stretch as f64).cos()) as f32).collect();
    let size = fast_length(2 * stretch - 1);
    let mut planner = RealFftPlanner::<f32>::new();
    let forward = planner.plan_fft_forward(size);
    let (mut weighed, mut bins) = (forward.make_input_vec(), forward.make_output_vec());
    let mut scratch = forward.make_scratch_vec();
    // The transform back is linear: one for the sum of all frames' spectra does.
    let mut sum = vec![0.0_f64; bins.len()];
    for around in padded.windows(stretch).take(strength.len()) {
        let mut power = 0.0_f32;
        for ((out, value), weight) in weighed.iter_mut().zip(around).zip(&window) {
            *out = value * weight;
            power += *out * *out;
        }
        weighed[stretch..].fill(0.0);
        if power > 0.0 && forward.process_with_scratch(&mut weighed, &mut bins, &mut scratch).is_ok() {
            let share = 1.0 / f64::from(power);
            for (sum, bin) in sum.iter_mut().zip(&bins) {
                *sum += f64::from(bin.norm_sqr()) * share;
            }
        }
    }
    autocorrelation(&sum, size, stretch, strength.len())
}

/// From a power spectrum, summed over so many frames, to lags.
fn autocorrelation(power: &[f64], size: usize, lags: usize, frames: usize) -> Vec<f64> {
    let inverse = RealFftPlanner::<f64>::new().plan_fft_inverse(size);
    let mut bins: Vec<Complex<f64>> = power.iter().map(|power| Complex::new(*power, 0.0)).collect();
    let mut out = inverse.make_output_vec();
    if inverse.process(&mut bins, &mut out).is_err() {
        out.fill(0.0);
    }
    out.iter().take(lags).map(|value| value / (size * frames) as f64).collect()
}

/// The strength with a line from zero before it and one to zero after it.
fn with_ramps(strength: &[f32], length: usize) -> Vec<f32> {
    let (first, last) = (strength[0], strength[strength.len() - 1]);
    let part = |index: usize| index as f32 / length as f32;
    let before = (0..length).map(|index| first * part(index));
    let after = (0..length).map(|index| last * part(length - 1 - index));
    before.chain(strength.iter().copied()).chain(after).collect()
}

/// The least even length from `least` on that has no prime factor above 5: transforms of such lengths are fast.
fn fast_length(least: usize) -> usize {
    let smooth = |length: &usize| {
        let mut rest: usize = *length;
        for prime in [2, 3, 5] {
            while rest.is_multiple_of(prime) {
                rest /= prime;
            }
        }
        rest == 1 && length.is_multiple_of(2)
    };
    (least..=2 * least).find(smooth).unwrap_or(least)
}
