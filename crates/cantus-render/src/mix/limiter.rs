//! A limiter that looks ahead: it turns the level down before a peak comes, so that nothing is bent or cut.

use crate::bank::RATE;
use crate::synth::StereoBuffer;

/// Samples that it looks ahead, about 3 ms.
const AHEAD: usize = 128;
/// Seconds in which the level comes back by two thirds.
const RECOVERY: f32 = 0.12;

/// Keeps all samples within `lid`; both channels are turned down together, so that nothing moves on the stage.
pub(super) fn limit(sound: &mut StereoBuffer, lid: f32) {
    let gains = gains(sound, lid);
    for channel in [&mut sound.left, &mut sound.right] {
        for (sample, gain) in channel.iter_mut().zip(&gains) {
            *sample *= gain;
        }
    }
}

/// The gain at each sample: the least that any sample ahead wants, smoothed over the way there.
fn gains(sound: &StereoBuffer, lid: f32) -> Vec<f32> {
    let peaks = sound.left.iter().zip(&sound.right).map(|(l, r)| l.abs().max(r.abs()));
    let wanted: Vec<f32> = peaks.map(|peak| if peak > lid { lid / peak } else { 1.0 }).collect();
    let least = least_ahead(&wanted);
    let back = 1.0 - (-1.0 / (RECOVERY * RATE as f32)).exp();
    let mut level = 1.0_f32;
    let recovering = least.iter().map(|&least| {
        level = least.min(level + (1.0 - level) * back);
        level
    });
    smooth(&recovering.collect::<Vec<f32>>())
}

/// The least value from each place to [`AHEAD`] places on.
fn least_ahead(wanted: &[f32]) -> Vec<f32> {
    let mut least = wanted.to_vec();
    let mut candidates = std::collections::VecDeque::new();
    for i in (0..wanted.len()).rev() {
        while candidates.back().is_some_and(|&j: &usize| wanted[j] >= wanted[i]) {
            candidates.pop_back();
        }
        candidates.push_back(i);
        while candidates.front().is_some_and(|&j| j > i + AHEAD) {
            candidates.pop_front();
        }
        least[i] = candidates.front().map_or(1.0, |&j| wanted[j]);
    }
    least
}

/// The mean of the last [`AHEAD`] + 1 values; because each was the least ahead, the mean at a peak is no higher than
/// what the peak wants.
fn smooth(gains: &[f32]) -> Vec<f32> {
    let width = AHEAD + 1;
    let mut sum = width as f64 * f64::from(gains.first().copied().unwrap_or(1.0));
    let mut out = Vec::with_capacity(gains.len());
    for (i, &gain) in gains.iter().enumerate() {
        let leaving = gains[i.saturating_sub(width)];
        sum += f64::from(gain) - f64::from(if i < width { gains[0] } else { leaving });
        out.push((sum / width as f64) as f32);
    }
    out
}
