//! How pitches follow each other: the melody's steps and leaps, and how voices move against each other.

mod line;
#[cfg(test)]
mod tests;
mod voices;

use crate::Window;
use crate::touch::mean;

pub(crate) use voices::{crossings, parallel_fifths, parallel_octaves};

/// The intervals of the histogram in semitones; the last holds all wider ones.
pub(crate) const INTERVALS: &[&str] =
    &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "wider"];
/// The names of the pitch classes, as columns.
pub(crate) const CLASSES: &[&str] =
    &["c", "c_sharp", "d", "e_flat", "e", "f", "f_sharp", "g", "a_flat", "a", "b_flat", "b"];

/// The share of sounding time of each pitch class.
pub(crate) fn pitch_classes(window: &Window) -> Option<Vec<f64>> {
    let ticks = crate::key::pitch_classes(window);
    let all: f64 = ticks.iter().sum();
    (all > 0.0).then(|| ticks.iter().map(|ticks| ticks / all).collect())
}

/// The share of each size of interval in the melody.
pub(crate) fn intervals(window: &Window) -> Option<Vec<f64>> {
    let moves = line::moves(window);
    let mut counts = vec![0_u32; INTERVALS.len()];
    for semitones in &moves {
        counts[(semitones.unsigned_abs() as usize).min(INTERVALS.len() - 1)] += 1;
    }
    let share = |count: u32| f64::from(count) / moves.len() as f64;
    (!moves.is_empty()).then(|| counts.into_iter().map(share).collect())
}

/// The mean size of the melody's intervals.
pub(crate) fn mean_interval(window: &Window) -> Option<f64> {
    mean(line::moves(window).iter().map(|semitones| f64::from(semitones.unsigned_abs())))
}

/// The share of the melody's intervals that are leaps.
pub(crate) fn leaps(window: &Window) -> Option<f64> {
    mean(line::moves(window).iter().map(|semitones| f64::from(u8::from(semitones.unsigned_abs() > 2))))
}

/// The share of the melody's intervals that repeat a pitch.
pub(crate) fn repeats(window: &Window) -> Option<f64> {
    mean(line::moves(window).iter().map(|semitones| f64::from(u8::from(*semitones == 0))))
}

/// Rising intervals less falling ones, by all.
pub(crate) fn contour(window: &Window) -> Option<f64> {
    mean(line::moves(window).iter().map(|semitones| f64::from(semitones.signum())))
}
