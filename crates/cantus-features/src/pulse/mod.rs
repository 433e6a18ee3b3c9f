//! The pulse of played music: beats, bars and metre, and from them its notation.
//!
//! ```text
//!  Score as played ─► onsets ─► track (places in the beat) ─► level ─► bars ─► Beats ─► notate ─► Score on a grid
//! ```

pub mod bars;
mod drums;
mod evidence;
mod frame;
mod grid;
mod lengths;
mod notate;
mod onsets;
mod pedal;
mod quantise;
mod salience;
#[cfg(test)]
mod tests;
pub mod track;
mod warp;

use cantus_score::{Score, Seconds};

pub use drums::drums_on_beats;
pub use evidence::BEAT_FEATURES;
pub use grid::{Written, is_on_grid, written};
pub use notate::{Heard, Listen, Notation, notate};
pub use onsets::{FEATURES, Onset};

/// A beat that was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beat {
    /// When.
    pub seconds: Seconds,
    /// Its place in the bar, 0 for the first.
    pub place: u8,
    /// The beats of its bar.
    pub of: u8,
}

/// The beats of a performance.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beats {
    /// All beats, in order.
    pub beats: Vec<Beat>,
}

/// The onsets of a score and their features.
pub fn onsets_of(score: &Score) -> Vec<Onset> {
    onsets::onsets(&onsets::played(score))
}

/// The onsets of a score as times and strengths.
pub fn pulses_of(score: &Score) -> Vec<track::Pulse> {
    pulses(&onsets_of(score))
}

fn pulses(onsets: &[Onset]) -> Vec<track::Pulse> {
    onsets
        .iter()
        .map(|onset| track::Pulse { seconds: onset.seconds.0, strength: salience::beat(onset) })
        .collect()
}

/// Hears the beats of a performance.
pub fn beats(score: &Score) -> Beats {
    beats_with(score, &track::Weights::DEFAULT)
}

/// Hears the beats by other weights.
pub fn beats_with(score: &Score, weights: &track::Weights) -> Beats {
    let played = onsets::played(score);
    let onsets = onsets::onsets(&played);
    beats_of(&played, &onsets, weights)
}

/// Hears the beats of onsets.
fn beats_of(played: &[onsets::Played], onsets: &[Onset], weights: &track::Weights) -> Beats {
    let (times, evidence) = features_of(played, onsets, weights);
    let heard: Vec<f64> = evidence.iter().map(salience::downbeat).collect();
    let placed = bars::bars(&heard);
    let beats = times
        .into_iter()
        .zip(placed)
        .map(|(seconds, (place, of))| Beat { seconds: Seconds(seconds), place, of })
        .collect();
    Beats { beats }
}

/// The beats and their features.
fn features_of(
    played: &[onsets::Played],
    onsets: &[Onset],
    weights: &track::Weights,
) -> (Vec<f64>, Vec<[f64; BEAT_FEATURES]>) {
    let pulses = pulses(onsets);
    let scale = track::scale(&pulses);
    let places = track::track(&pulses, scale, weights);
    let times = track::beat_times(&pulses, &places, scale);
    let evidence = evidence::of_beats(played, onsets, &places, &times);
    (times, evidence)
}

/// When each beat is heard, and what it is like.
pub fn beat_features(score: &Score) -> (Vec<f64>, Vec<[f64; BEAT_FEATURES]>) {
    let played = onsets::played(score);
    let onsets = onsets::onsets(&played);
    features_of(&played, &onsets, &track::Weights::DEFAULT)
}
