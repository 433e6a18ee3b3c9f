//! Where something begins to sound.

use cantus_audio::SampleRate;
use cantus_audio::stft::Framing;

use super::{lanes, mel};

/// How the rises of all bands become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// Their mean.
    Mean,
    /// Their median: what rises in half of all bands at least, which beats do.
    Median,
}

/// How much begins to sound in each frame: what the levels of the mel bands rise by in decibels, on average, since the frame
/// before; falls count as 0. Frames are shifted to where the sound begins, half a frame's length later.
///
/// # Shapes
/// `[samples]` → `[frames]`
pub fn strength(samples: &[f32], rate: SampleRate, framing: Framing) -> Vec<f32> {
    of_levels(&mel::level(samples, rate, framing), framing, Pool::Mean)
}

/// The same from levels that are there already.
///
/// # Shapes
/// `[frames, 128]` → `[frames]`
pub fn of_levels(levels: &[f32], framing: Framing, pool: Pool) -> Vec<f32> {
    let frames = levels.len() / mel::BANDS;
    let late = 1 + framing.size() / (2 * framing.hop());
    let mut strength = vec![0.0; frames];
    let mut rises = [0.0_f32; mel::BANDS];
    let pairs = levels.chunks_exact(mel::BANDS).zip(levels.chunks_exact(mel::BANDS).skip(1));
    let mut measure = |(out, (before, now)): (&mut f32, (&[f32], &[f32]))| {
        for ((rise, now), before) in rises.iter_mut().zip(now).zip(before) {
            let by = now - before;
            *rise = if by > 0.0 { by } else { 0.0 };
        }
        *out = match pool {
            Pool::Mean => lanes::sum(&rises) / mel::BANDS as f32,
            Pool::Median => median(&mut rises),
        };
    };
    lanes::widest(|| strength.iter_mut().skip(late).zip(pairs).for_each(&mut measure));
    strength
}

/// The median of an even number of values: half way between the two in the middle.
fn median(values: &mut [f32; mel::BANDS]) -> f32 {
    // Most bands fall or stay in most frames: then nothing need be sorted.
    let none = values.iter().filter(|value| **value == 0.0).count();
    if none > mel::BANDS / 2 {
        return 0.0;
    }
    let (below, high, _) = values.select_nth_unstable_by(mel::BANDS / 2, f32::total_cmp);
    f32::midpoint(lanes::greatest(below), *high)
}

/// How peaks of the strength are picked (Böck, Krebs and Schedl 2012). Spans are in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeakOptions {
    /// How long before it no frame may be stronger.
    pub summit: f64,
    /// How long before and after it frames are averaged.
    pub average: f64,
    /// By how much it must exceed that average, the strongest frame being 1 and the weakest 0.
    pub least: f32,
    /// How long after an onset none follows.
    pub wait: f64,
}

impl Default for PeakOptions {
    fn default() -> Self {
        Self { summit: 0.03, average: 0.1, least: 0.07, wait: 0.03 }
    }
}

/// The frames at which something begins: peaks of the strength.
pub fn pick(strength: &[f32], options: PeakOptions, frames_a_second: f64) -> Vec<usize> {
    let scaled = from_0_to_1(strength);
    if scaled.iter().all(|value| *value == 0.0) || scaled.iter().any(|value| !value.is_finite()) {
        return Vec::new();
    }
    let frames = |seconds: f64| (seconds * frames_a_second).floor() as usize;
    let (summit, average, wait) = (frames(options.summit), frames(options.average), frames(options.wait));
    let mut onsets = Vec::new();
    let mut frame = 0;
    while frame < scaled.len() {
        let around = &scaled[frame.saturating_sub(average)..(frame + average + 1).min(scaled.len())];
        let mean = lanes::sum(around) / around.len() as f32;
        let highest = lanes::greatest(&scaled[frame.saturating_sub(summit)..=frame]);
        if scaled[frame] >= highest && scaled[frame] >= mean + options.least {
            onsets.push(frame);
            frame += wait;
        }
        frame += 1;
    }
    onsets
}

/// The same values, of which the least is 0 and the greatest 1.
fn from_0_to_1(values: &[f32]) -> Vec<f32> {
    let least = values.iter().copied().fold(f32::INFINITY, f32::min);
    let span = lanes::greatest(values) - least;
    values.iter().map(|value| (value - least) / (span + f32::MIN_POSITIVE)).collect()
}

/// The frames at which something begins in a sound.
pub fn of_sound(samples: &[f32], rate: SampleRate, framing: Framing) -> Vec<usize> {
    pick(&strength(samples, rate, framing), PeakOptions::default(), framing.rate(rate))
}
