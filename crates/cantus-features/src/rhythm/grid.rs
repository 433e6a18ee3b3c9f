//! Twelfths of a quarter note: the coarsest grid on which sixteenths and triplets both lie.

use cantus_score::Resolution;

use super::moments;
use crate::Window;

/// The twelfths of a quarter note, by number.
pub(crate) const TWELFTHS: &[&str] = &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"];

/// The nearest twelfth of a quarter note.
pub(super) fn nearest(ticks: u32, resolution: Resolution) -> u64 {
    let quarter = u64::from(resolution.ticks_per_quarter());
    (u64::from(ticks) * 24 + quarter) / (2 * quarter)
}

/// The share of moments at which notes begin on each twelfth of the quarter notes, counted from the beginning of the bar.
pub(crate) fn profile(window: &Window) -> Option<Vec<f64>> {
    let bars = if window.bars.is_empty() { std::slice::from_ref(window) } else { &window.bars };
    let mut counts = [0_u32; 12];
    for bar in bars {
        for at in moments(bar) {
            counts[(nearest(at.0 - bar.begin.0, bar.resolution) % 12) as usize] += 1;
        }
    }
    let all: u32 = counts.iter().sum();
    (all > 0).then(|| counts.iter().map(|&count| f64::from(count) / f64::from(all)).collect())
}
