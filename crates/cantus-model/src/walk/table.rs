//! Rows of embedding tables: each group of features has its own stretch of rows.

use cantus_score::{Key, Mode, Pitch, PitchClass};

use crate::encoding::{LENGTH_CLASSES, Length};

/// A stretch of rows in an embedding table, one a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    base: u32,
    size: u32,
}

impl Group {
    /// The row of a value; values beyond the group share its last row.
    pub(crate) fn row(self, value: u32) -> u32 {
        self.base + value.min(self.size - 1)
    }

    /// Its first row, and the row after its last.
    pub(crate) fn bounds(self) -> (usize, usize) {
        (self.base as usize, (self.base + self.size) as usize)
    }

    /// The row of a pair, the second of `inner` values.
    pub(crate) fn pair(self, outer: u32, inner: u32, value: u32) -> u32 {
        self.row(outer * inner + value.min(inner - 1))
    }
}

/// Hands out stretches of rows.
#[derive(Debug, Default)]
pub(crate) struct Rows(u32);

impl Rows {
    pub(crate) fn group(&mut self, size: u32) -> Group {
        let base = self.0;
        self.0 += size;
        Group { base, size }
    }

    /// Rows handed out.
    pub(crate) fn total(&self) -> usize {
        self.0 as usize
    }
}

/// Values of [`pitch`].
pub(crate) const PITCHES: u32 = 129;
/// Values of [`interval`].
pub(crate) const INTERVALS: u32 = 52;
/// Values of [`span`].
pub(crate) const SPANS: u32 = LENGTH_CLASSES as u32 + 2;
/// Values of [`degree`].
pub(crate) const DEGREES: u32 = 25;
/// Values of [`direction`].
pub(crate) const DIRECTIONS: u32 = 3;

/// A pitch, or none.
pub(crate) fn pitch(pitch: Option<Pitch>) -> u32 {
    pitch.map_or(PITCHES - 1, |pitch| u32::from(pitch.get()))
}

/// Semitones from one pitch to another, drawn to two octaves and a semitone; or none.
pub(crate) fn interval(from: Option<Pitch>, to: Option<Pitch>) -> u32 {
    match (from, to) {
        (Some(from), Some(to)) => (semitones(from, to).clamp(-25, 25) + 25) as u32,
        _ => INTERVALS - 1,
    }
}

/// Semitones from one pitch up to another.
pub(crate) fn semitones(from: Pitch, to: Pitch) -> i32 {
    i32::from(to.get()) - i32::from(from.get())
}

/// A span of grid steps by its length class; zero and none are told apart.
pub(crate) fn span(steps: Option<u32>) -> u32 {
    match steps {
        None => SPANS - 1,
        Some(0) => SPANS - 2,
        Some(steps) => Length::saturating(steps).class(),
    }
}

/// Values of [`brief`].
pub(crate) const BRIEFS: u32 = 18;

/// A span of grid steps in few buckets, for where its exact length says little.
pub(crate) fn brief(steps: Option<u32>) -> u32 {
    const BOUNDS: [u32; 16] = [0, 3, 6, 8, 9, 12, 18, 24, 36, 48, 60, 72, 96, 144, 192, 384];
    steps.map_or(BRIEFS - 1, |steps| BOUNDS.iter().filter(|&&bound| steps > bound).count() as u32)
}

/// A pitch as semitones above a key's tonic, by mode; or none.
pub(crate) fn degree(key: Option<Key>, pitch: Option<Pitch>) -> u32 {
    pitch.map_or(DEGREES - 1, |pitch| degree_of_class(key, pitch.class()))
}

/// A pitch class as semitones above a key's tonic, by mode; or none.
pub(crate) fn degree_of_class(key: Option<Key>, class: PitchClass) -> u32 {
    key.map_or(DEGREES - 1, |key| u32::from((12 + class.get() - key.tonic().get()) % 12) + 12 * mode(key))
}

/// A key as a number below 24, or 24 for none.
pub(crate) fn key(key: Option<Key>) -> u32 {
    key.map_or(24, |key| u32::from(key.tonic().get()) + 12 * mode(key))
}

fn mode(key: Key) -> u32 {
    u32::from(key.mode() == Mode::Minor)
}

/// Whether one pitch is below, at or above another, as 0, 1 or 2; unknown counts as level.
pub(crate) fn direction(from: Option<Pitch>, to: Option<Pitch>) -> u32 {
    match (from, to) {
        (Some(from), Some(to)) => (semitones(from, to).signum() + 1) as u32,
        _ => 1,
    }
}
