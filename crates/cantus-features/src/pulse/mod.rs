//! The pulse of played music: beats, bars and metre, and from them its notation.
//!
//! ```text
//!  Score as played ─► onsets ─► track (places in the beat) ─► level ─► bars ─► Beats ─► notate ─► Score on a grid
//! ```

pub mod bars;
mod frame;
mod grid;
mod lengths;
mod notate;
mod onsets;
mod pedal;
mod quantise;
mod salience;
pub mod track;
mod warp;

use cantus_score::{Score, Seconds};

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
    beats_of(&onsets_of(score), weights)
}

/// Hears the beats of onsets.
fn beats_of(onsets: &[Onset], weights: &track::Weights) -> Beats {
    let pulses = pulses(onsets);
    let places = track::track(&pulses, 1.0, weights);
    let times = beat_times(&pulses, &places);
    let mut evidence = vec![bars::BeatEvidence { downbeat: -1.0 }; times.len()];
    let first = places.first().map_or(0, |place| place.parts / track::PARTS);
    for place in places.iter().filter(|place| place.parts % track::PARTS == 0) {
        if let Some(slot) = evidence.get_mut((place.parts / track::PARTS - first) as usize) {
            slot.downbeat = salience::downbeat(&onsets[place.index]);
        }
    }
    let placed = bars::bars(&evidence);
    let beats = times
        .into_iter()
        .zip(placed)
        .map(|(seconds, (place, of))| Beat { seconds: Seconds(seconds), place, of })
        .collect();
    Beats { beats }
}

/// When each beat is, from the beat at or before the first onset to the last onset.
pub fn beat_times(pulses: &[track::Pulse], places: &[track::Place]) -> Vec<f64> {
    let parts = track::PARTS;
    let mut times = Vec::new();
    let (Some(first), Some(last)) = (places.first(), places.last()) else { return times };
    let mut after = 0;
    for beat in first.parts / parts..=last.parts / parts {
        let part = beat * parts;
        while places.get(after).is_some_and(|place| place.parts < part) {
            after += 1;
        }
        let next = places.get(after);
        let before = after.checked_sub(1).and_then(|index| places.get(index));
        let time = |place: &track::Place| pulses[place.index].seconds;
        let seconds = match (before, next) {
            (_, Some(next)) if next.parts == part => time(next),
            (Some(before), Some(next)) => {
                let share = (part - before.parts) as f64 / (next.parts - before.parts) as f64;
                time(before) + share * (time(next) - time(before))
            }
            (None, Some(next)) => {
                time(next) - (next.parts - part) as f64 / parts as f64 * track::period(next.tempo)
            }
            (Some(before), None) => {
                time(before) + (part - before.parts) as f64 / parts as f64 * track::period(before.tempo)
            }
            (None, None) => continue,
        };
        times.push(seconds);
    }
    times
}
