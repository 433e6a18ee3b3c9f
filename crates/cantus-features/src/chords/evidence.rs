//! What speaks for a chord: how long each pitch class sounds, and how long each is the lowest.

use cantus_score::{Meter, PitchClass, Score, Ticks};

use super::{Chord, Quality};
use crate::{Window, key, pulse};

/// What sounds in a stretch, as shares that sum to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    /// By pitch class, C first, its share of all sounding time.
    pub(super) classes: [f64; 12],
    /// By pitch class, the share of time through which it is the lowest.
    pub(super) bass: [f64; 12],
}

impl Evidence {
    /// What sounds in a window; none where nothing does.
    pub(super) fn of(window: &Window) -> Option<Self> {
        let classes = shares(key::pitch_classes(window))?;
        Some(Self { classes, bass: shares(lowest(window))? })
    }

    /// The chord of a state of [`fit::all`](super::fit::all), with the bass that sounds longest where it belongs to the
    /// chord.
    pub(super) fn chord(&self, state: usize) -> Chord {
        let (root, quality) = (state % 12, Quality::ALL[state / 12]);
        let from_root = (0..12).map(|degree| (root + degree) % 12);
        let longest =
            from_root.fold(root, |best, class| if self.bass[class] > self.bass[best] { class } else { best });
        let belongs = quality.intervals().iter().any(|interval| (root + interval) % 12 == longest);
        let class = |class: usize| PitchClass::saturating(class as i64);
        Chord { root: class(root), quality, bass: class(if belongs { longest } else { root }) }
    }

    /// Both together: what sounds in several beats of one chord.
    pub(super) fn with(&self, other: &Self) -> Self {
        Self {
            classes: std::array::from_fn(|class| self.classes[class] + other.classes[class]),
            bass: std::array::from_fn(|class| self.bass[class] + other.bass[class]),
        }
    }
}

fn shares(weights: [f64; 12]) -> Option<[f64; 12]> {
    let all: f64 = weights.iter().sum();
    (all > 0.0).then(|| weights.map(|weight| weight / all))
}

/// How long each pitch class is the lowest that sounds, in ticks.
fn lowest(window: &Window) -> [f64; 12] {
    let mut turns: Vec<(Ticks, bool, usize)> = Vec::with_capacity(2 * window.sounding.len());
    for note in &window.sounding {
        let pitch = usize::from(note.pitch.get());
        turns.extend([(note.begin, true, pitch), (note.end, false, pitch)]);
    }
    turns.sort_unstable();
    let (mut sounding, mut ticks, mut reached) = ([0_u32; 128], [0_u64; 12], Ticks::ZERO);
    for (at, begins, pitch) in turns {
        if at > reached
            && let Some(lowest) = sounding.iter().position(|&count| count > 0)
        {
            ticks[lowest % 12] += u64::from(at.0 - reached.0);
        }
        reached = at;
        sounding[pitch] = if begins { sounding[pitch] + 1 } else { sounding[pitch].saturating_sub(1) };
    }
    ticks.map(|ticks| ticks as f64)
}

/// A beat, and how strong it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beat {
    /// When it begins.
    pub(super) at: Ticks,
    /// What begins with it.
    pub(super) strength: Strength,
}

/// What begins with a beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// A bar.
    Bar,
    /// The second half of a bar of an even number of beats.
    Half,
    /// Nothing else.
    Weak,
}

/// The felt beats of a score, at most [`Score::MOST_BARS`] of them: those of its bars, or, where it was played without a
/// click, those that are heard.
pub(super) fn beats(score: &Score) -> Vec<Beat> {
    if pulse::written(score) == pulse::Written::Free { heard(score) } else { of_bars(score) }
}

fn heard(score: &Score) -> Vec<Beat> {
    let map = score.tempo_map();
    let beat = |beat: &pulse::Beat| {
        let strength = match beat.place {
            0 => Strength::Bar,
            place if 2 * place == beat.of => Strength::Half,
            _ => Strength::Weak,
        };
        Beat { at: map.ticks(beat.seconds), strength }
    };
    let mut beats: Vec<Beat> = pulse::beats(score).beats.iter().map(beat).take(Score::MOST_BARS).collect();
    // What is played before the first beat is heard with it.
    if let Some(first) = beats.first_mut() {
        first.at = Ticks::ZERO;
    }
    beats.dedup_by_key(|beat| beat.at);
    beats
}

fn of_bars(score: &Score) -> Vec<Beat> {
    let lines = score.bar_lines();
    let ends = lines.iter().skip(1).copied().chain([score.end()]);
    let of_bar = |(begin, end): (Ticks, Ticks)| {
        let meter: Meter = score.meter_at(begin);
        let (beat, bar) = (meter.beat(score.resolution).0, meter.bar(score.resolution).0);
        let count = (end.0 - begin.0).div_ceil(beat);
        (0..count).map(move |number| {
            let from = number * beat;
            let strength = match number {
                0 => Strength::Bar,
                _ if 2 * from == bar => Strength::Half,
                _ => Strength::Weak,
            };
            Beat { at: Ticks(begin.0 + from), strength }
        })
    };
    lines.iter().copied().zip(ends).flat_map(of_bar).take(Score::MOST_BARS).collect()
}
