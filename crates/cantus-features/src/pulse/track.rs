//! Follows the beat through onsets: where in its beat each onset lies, and how fast the beats go.
//!
//! This part knows nothing of notes: an onset is a time and how much it sounds like a beat. The course of places and
//! tempi that explains all onsets best is found by dynamic programming, as with a hidden Markov model whose states are
//! (place in the beat, tempo). Other than in trackers on frames of sound, time goes from onset to onset.

mod course;
mod weights;

pub use course::track;
pub use weights::Weights;

/// A moment at which something begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pulse {
    /// When, in seconds.
    pub seconds: f64,
    /// How much it sounds like a beat: the logarithm of the odds, 0 where nothing is known.
    pub strength: f64,
}

/// Where an onset lies in the beats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which onset it is.
    pub index: usize,
    /// In [`PARTS`] of a beat, from the first beat that was heard.
    pub parts: u64,
    /// Which tempo holds: the index of a [`period`].
    pub tempo: usize,
}

/// The parts of a beat that are told apart.
pub const PARTS: u64 = 24;
/// How many tempi are told apart.
pub const TEMPI: usize = 60;
/// The shortest period of a beat in seconds.
const FASTEST: f64 = 0.2;
/// From one period to the next.
const RATIO: f64 = 1.04;

/// The period of a tempo in seconds, where periods are not stretched.
pub fn period(tempo: usize) -> f64 {
    (0..tempo).fold(FASTEST, |period, _| period * RATIO)
}

/// How much the periods are stretched for music that is slower than any: 1 where half of the onsets follow each other
/// within 1.5 seconds.
pub fn scale(pulses: &[Pulse]) -> f64 {
    const SLOW: f64 = 1.5;
    let mut gaps: Vec<f64> = pulses.windows(2).map(|pair| pair[1].seconds - pair[0].seconds).collect();
    let middle = gaps.len() / 2;
    if gaps.is_empty() {
        return 1.0;
    }
    let median = *gaps.select_nth_unstable_by(middle, f64::total_cmp).1;
    if median > SLOW { median / 0.5 } else { 1.0 }
}

/// When each beat is, from the beat at or before the first onset to that at or before the last.
pub fn beat_times(pulses: &[Pulse], places: &[Place], scale: f64) -> Vec<f64> {
    let (Some(first), Some(last)) = (places.first(), places.last()) else { return Vec::new() };
    let mut after = 0;
    let beats = first.parts / PARTS..=last.parts / PARTS;
    let time = |beat: u64| {
        let part = beat * PARTS;
        while places.get(after).is_some_and(|place| place.parts < part) {
            after += 1;
        }
        let before = after.checked_sub(1).and_then(|index| places.get(index));
        between(pulses, before, places.get(after), part, scale)
    };
    beats.map(time).collect()
}

/// The time of a part between two places, by the tempo of one where there is no other.
fn between(pulses: &[Pulse], before: Option<&Place>, next: Option<&Place>, part: u64, scale: f64) -> f64 {
    let time = |place: &Place| pulses.get(place.index).map_or(0.0, |pulse| pulse.seconds);
    let step = |place: &Place| period(place.tempo) * scale / PARTS as f64;
    match (before, next) {
        (Some(before), Some(next)) => {
            let share = (part - before.parts) as f64 / (next.parts - before.parts) as f64;
            time(before) + share * (time(next) - time(before))
        }
        (None, Some(next)) => time(next) - (next.parts - part) as f64 * step(next),
        (Some(before), None) => time(before) + (part - before.parts) as f64 * step(before),
        (None, None) => 0.0,
    }
}
