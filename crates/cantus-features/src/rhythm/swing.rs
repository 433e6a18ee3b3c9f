//! Swing: how much longer the first half of a divided beat is than the second.

use super::moments;
use crate::Window;

/// Where the second onset of a beat in two parts may lie: from as far before the middle as swing is after it.
const SECOND: std::ops::RangeInclusive<f64> = 0.4..=0.8;
/// How near a beat an onset must be to be on it, in quarter notes.
const ON_BEAT: f64 = 0.06;

/// The mean ratio of the first part to the second in quarter notes that two onsets divide.
pub(crate) fn swing(window: &Window) -> Option<f64> {
    let quarter = f64::from(window.resolution.ticks_per_quarter());
    let bars = if window.bars.is_empty() { std::slice::from_ref(window) } else { &window.bars };
    let (mut sum, mut count) = (0.0, 0_u32);
    for bar in bars {
        let places: Vec<f64> =
            moments(bar).iter().map(|at| f64::from(at.0 - bar.begin.0) / quarter).collect();
        for divided in beats(&places) {
            if let [first, second] = *divided
                && SECOND.contains(&(second - first))
            {
                let until_next = 1.0 - (second - first);
                sum += (second - first) / until_next;
                count += 1;
            }
        }
    }
    (count > 0).then(|| sum / f64::from(count))
}

/// The onsets of each quarter note that begins with one.
fn beats(places: &[f64]) -> impl Iterator<Item = &[f64]> {
    let beat = |place: f64| (place + ON_BEAT).floor() as u32;
    places
        .chunk_by(move |one, other| beat(*one) == beat(*other))
        .filter(move |chunk| (chunk[0] - f64::from(beat(chunk[0]))).abs() <= ON_BEAT)
}
