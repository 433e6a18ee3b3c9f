//! The beats of a sound.

use cantus_audio::SampleRate;
use cantus_audio::stft::Framing;

use super::onset::{self, Pool};
use super::{mel, tempo};

/// How strictly beats keep their distance.
const TIGHTNESS: f64 = 100.0;

/// The pulse of a sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulse {
    /// Beats a minute.
    pub tempo: f64,
    /// The frames on which beats fall, ascending.
    pub beats: Vec<usize>,
}

/// The tempo and the beats of a sound; no beats at tempo 0 where nothing begins in it.
pub fn track(samples: &[f32], rate: SampleRate, framing: Framing) -> Pulse {
    let levels = mel::level(samples, rate, framing);
    of_strength(&onset::of_levels(&levels, framing, Pool::Median), framing.rate(rate))
}

/// The tempo and the beats of an onset strength.
///
/// # Shapes
/// `[frames]`
pub fn of_strength(strength: &[f32], frames_a_second: f64) -> Pulse {
    let nothing = Pulse { tempo: 0.0, beats: Vec::new() };
    if strength.iter().all(|value| *value == 0.0) {
        return nothing;
    }
    match tempo::estimate(strength, tempo::TempoOptions::default(), frames_a_second) {
        Some(tempo) => Pulse { tempo, beats: at_tempo(strength, tempo, frames_a_second) },
        None => nothing,
    }
}

/// The beats of an onset strength at a tempo: of all sequences the one that lies on the strongest onsets and in which
/// distances are most alike, by dynamic programming (Ellis 2007). Beats at which nothing sounds are left out at both ends.
///
/// # Shapes
/// `[frames]`
pub fn at_tempo(strength: &[f32], tempo: f64, frames_a_second: f64) -> Vec<usize> {
    let period = (frames_a_second * 60.0 / tempo).round_ties_even();
    if strength.len() < 2 || !period.is_finite() || period < 1.0 {
        return Vec::new();
    }
    let local = smoothed(&to_unit_deviation(strength), period as usize);
    let (links, scores) = chain(&local, period as usize);
    let mut beats = Vec::new();
    let mut next = Some(last_beat(&scores));
    while let Some(beat) = next {
        beats.push(beat);
        next = links[beat];
    }
    beats.reverse();
    trimmed(&beats, &local)
}

/// Divided by the standard deviation.
fn to_unit_deviation(strength: &[f32]) -> Vec<f64> {
    let count = strength.len() as f64;
    let mean = strength.iter().map(|value| f64::from(*value)).sum::<f64>() / count;
    let squares: f64 = strength.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum();
    let deviation = (squares / (count - 1.0)).sqrt() + f64::MIN_POSITIVE;
    strength.iter().map(|value| f64::from(*value) / deviation).collect()
}

/// Smoothed by a Gaussian of a thirty-second of the period.
fn smoothed(strength: &[f64], period: usize) -> Vec<f64> {
    let weight = |away: usize| (-0.5 * (away as f64 * 32.0 / period as f64).powi(2)).exp();
    // Farther away the weight is below the last bit of a sum.
    let weights: Vec<f64> = (0..=period).map(weight).take_while(|weight| *weight > 1e-20).collect();
    let at = |frame: usize| {
        let below = weights.iter().skip(1).zip(strength[..frame].iter().rev());
        let from = weights.iter().zip(&strength[frame..]);
        below.chain(from).map(|(weight, value)| weight * value).sum()
    };
    (0..strength.len()).map(at).collect()
}

/// For each frame, the best beat before it, and the score of the best sequence that ends with it.
fn chain(local: &[f64], period: usize) -> (Vec<Option<usize>>, Vec<f64>) {
    let nearest = (period as f64 / 2.0).round_ties_even() as usize;
    let farthest = 2 * period;
    let penalty = |away: usize| TIGHTNESS * ((away as f64).ln() - (period as f64).ln()).powi(2);
    let penalties: Vec<f64> =
        (0..=farthest).map(|away| if away == 0 { f64::INFINITY } else { penalty(away) }).collect();
    let least = 0.01 * local.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (mut links, mut scores) = (vec![None; local.len()], vec![0.0; local.len()]);
    let mut begun = false;
    for (frame, here) in local.iter().enumerate() {
        let mut best: Option<(usize, f64)> = None;
        for away in nearest.max(1)..=farthest.min(frame) {
            let score = scores[frame - away] - penalties[away];
            if best.is_none_or(|(_, other)| score > other) {
                best = Some((frame - away, score));
            }
        }
        scores[frame] = here + best.map_or(0.0, |(_, score)| score);
        // Before the first sound there are no beats.
        begun |= *here >= least;
        links[frame] = best.filter(|_| begun).map(|(beat, _)| beat);
    }
    (links, scores)
}

/// The last peak of the scores that reaches half their median.
fn last_beat(scores: &[f64]) -> usize {
    let is_peak = |frame: &usize| {
        let after = scores.get(frame + 1);
        *frame > 0 && scores[*frame] > scores[frame - 1] && after.is_none_or(|after| scores[*frame] >= *after)
    };
    let peaks: Vec<usize> = (0..scores.len()).filter(is_peak).collect();
    let mut heights: Vec<f64> = peaks.iter().map(|&peak| scores[peak]).collect();
    heights.sort_by(f64::total_cmp);
    let middle = heights.len() / 2;
    let median = match heights.len() {
        0 => return scores.len() - 1,
        count if count % 2 == 1 => heights[middle],
        _ => f64::midpoint(heights[middle - 1], heights[middle]),
    };
    peaks.into_iter().rev().find(|&peak| scores[peak] >= 0.5 * median).unwrap_or(scores.len() - 1)
}

/// Without the beats at both ends up to the first frame, and from the last, whose strength exceeds half of that of beats.
fn trimmed(beats: &[usize], local: &[f64]) -> Vec<usize> {
    // The strength of beats is smoothed over three of them, and fades in and out.
    let at = |index: usize| {
        index.checked_sub(1).and_then(|index| beats.get(index)).map_or(0.0, |&beat| local[beat])
    };
    let count = (beats.len() + 2).min(local.len());
    let smooth = |index: usize| 0.5 * at(index) + at(index + 1) + 0.5 * at(index + 2);
    let mean_square = (0..count).map(|index| smooth(index).powi(2)).sum::<f64>() / count as f64;
    let least = 0.5 * mean_square.sqrt();
    let first = local.iter().position(|value| *value > least);
    let last = local.iter().rposition(|value| *value > least);
    match (first, last) {
        (Some(first), Some(last)) => {
            beats.iter().copied().filter(|beat| (first..=last).contains(beat)).collect()
        }
        _ => Vec::new(),
    }
}
