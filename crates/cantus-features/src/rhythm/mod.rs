//! When notes begin: how often, where in the beat, against the metre, and how evenly.

mod grid;
mod swing;
mod syncopation;
#[cfg(test)]
mod tests;

use cantus_score::Ticks;

use crate::Window;

pub(crate) use grid::{TWELFTHS, profile};
pub(crate) use swing::swing;
pub(crate) use syncopation::syncopation;

/// The moments at which notes begin, each once, in order.
pub(crate) fn moments(window: &Window) -> Vec<Ticks> {
    let mut moments: Vec<Ticks> = window.begun.iter().map(|note| note.at).collect();
    moments.sort_unstable();
    moments.dedup();
    moments
}

/// Moments at which notes begin in a quarter note.
pub(crate) fn rate(window: &Window) -> Option<f64> {
    (window.beats.0 > 0.0).then(|| moments(window).len() as f64 / window.beats.0)
}

/// The share of moments on a beat of the metre among all moments.
pub(crate) fn on_beat(window: &Window) -> Option<f64> {
    let bars = if window.bars.is_empty() { std::slice::from_ref(window) } else { &window.bars };
    let (mut on, mut all) = (0_usize, 0_usize);
    for bar in bars {
        let beat = bar.meter.unwrap_or(cantus_score::Meter::FOUR_FOUR).beat(bar.resolution).0;
        let moments = moments(bar);
        on += moments
            .iter()
            .filter(|at| {
                grid::nearest(at.0 - bar.begin.0, bar.resolution)
                    .is_multiple_of(grid::nearest(beat, bar.resolution).max(1))
            })
            .count();
        all += moments.len();
    }
    (all > 0).then(|| on as f64 / all as f64)
}
