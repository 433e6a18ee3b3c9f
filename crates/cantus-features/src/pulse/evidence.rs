//! What in each beat speaks for a bar line before it.

use super::onsets::{FEATURES, Onset, Played};
use super::track::{PARTS, Place};

/// How many features a beat has: those of its onset, then of its harmony.
pub const BEAT_FEATURES: usize = FEATURES + 6;

/// A note counts in so many beats at most.
const LONGEST: usize = 16;

/// What each beat is like. Beats without an onset have the features of none.
pub(crate) fn of_beats(
    played: &[Played],
    onsets: &[Onset],
    places: &[Place],
    times: &[f64],
) -> Vec<[f64; BEAT_FEATURES]> {
    let mut all = vec![[0.0; BEAT_FEATURES]; times.len()];
    let first = places.first().map_or(0, |place| place.parts / PARTS);
    for features in &mut all {
        features[FEATURES] = 1.0;
    }
    for place in places.iter().filter(|place| place.parts.is_multiple_of(PARTS)) {
        let beat = (place.parts / PARTS - first) as usize;
        if let (Some(features), Some(onset)) = (all.get_mut(beat), onsets.get(place.index)) {
            features[..FEATURES].copy_from_slice(&onset.features);
            features[FEATURES] = 0.0;
        }
    }
    let harmonies = harmonies(played, times);
    for (beat, features) in all.iter_mut().enumerate() {
        let at = |offset: isize| {
            beat.checked_add_signed(offset).and_then(|beat| harmonies.get(beat)).copied().unwrap_or_default()
        };
        features[FEATURES + 1] = at(-1).distance(&at(0)) - 0.4;
        features[FEATURES + 2] = at(-2).and(&at(-1)).distance(&at(0).and(&at(1))) - 0.3;
        features[FEATURES + 3] = at(-4)
            .and(&at(-3))
            .and(&at(-2).and(&at(-1)))
            .distance(&at(0).and(&at(1)).and(&at(2).and(&at(3))))
            - 0.2;
        let (bass, last) = (at(0).bass, at(-1).bass);
        features[FEATURES + 4] = f64::from(u8::from(bass != last)) - 0.5;
        // How much begins here against the beats on either side.
        features[FEATURES + 5] =
            (at(0).begun - f64::midpoint(at(-1).begun, at(1).begun)).clamp(-4.0, 4.0) / 3.0;
    }
    all
}

/// What sounds in a beat.
#[derive(Debug, Clone, Copy, Default)]
struct Harmony {
    /// How long each pitch class sounds.
    classes: [f64; 12],
    bass: Option<u8>,
    begun: f64,
}

impl Harmony {
    fn and(&self, other: &Self) -> Self {
        let classes = std::array::from_fn(|class| self.classes[class] + other.classes[class]);
        Self { classes, ..*self }
    }

    /// 0 for the same harmony, 1 for nothing in common.
    fn distance(&self, other: &Self) -> f64 {
        let dot = |a: &Self, b: &Self| a.classes.iter().zip(&b.classes).map(|(a, b)| a * b).sum::<f64>();
        let scale = (dot(self, self) * dot(other, other)).sqrt();
        if scale > 0.0 { 1.0 - dot(self, other) / scale } else { 0.4 }
    }
}

fn harmonies(played: &[Played], times: &[f64]) -> Vec<Harmony> {
    const LOW: u8 = 57;
    let mut all = vec![Harmony::default(); times.len()];
    for note in played.iter().filter(|note| !note.drum) {
        let first = times.partition_point(|&time| time <= note.begin + 0.06).saturating_sub(1);
        for beat in first..(first + LONGEST).min(times.len()) {
            let begin = times[beat];
            let end = times.get(beat + 1).copied().unwrap_or(begin + 1.0);
            if beat > first && note.end <= begin + 0.06 {
                break;
            }
            let harmony = &mut all[beat];
            let sounding = note.end.min(end) - note.begin.max(begin);
            let share = (sounding / (end - begin).max(1e-3)).clamp(0.1, 1.0);
            harmony.classes[usize::from(note.key % 12)] += share;
            harmony.begun += f64::from(u8::from(beat == first));
            if note.key < LOW && harmony.bass.is_none_or(|bass| note.key < bass) {
                harmony.bass = Some(note.key);
            }
        }
    }
    all
}
