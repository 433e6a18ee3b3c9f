//! Chords: what harmony sounds in a bar, and from beat to beat of a piece.
//!
//! ```text
//!  Score ─► beats ─► evidence (pitch classes, bass) ─► fit to each chord ─► course (Viterbi) ─► chords with begin and end
//! ```

mod course;
mod evidence;
mod fit;
mod quality;
#[cfg(test)]
mod tests;

use std::fmt;

use cantus_score::{PitchClass, Score, Ticks};

use crate::Window;
use evidence::Evidence;

pub use fit::Taste;
pub use quality::Quality;

/// A chord.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The pitch class on which it is built.
    pub root: PitchClass,
    /// What is built on it.
    pub quality: Quality,
    /// The pitch class of its lowest note; the root's, unless it is inverted.
    pub bass: PitchClass,
}

/// A chord and the time through which it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// When it begins.
    pub begin: Ticks,
    /// When it ends.
    pub end: Ticks,
    /// The chord; none where no chord sounds.
    pub chord: Option<Chord>,
}

/// The name of a pitch class, as a root: the spelling that is commonest in signatures.
pub(crate) fn name(class: PitchClass) -> &'static str {
    const NAMES: [&str; 12] = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
    NAMES[usize::from(class.get())]
}

/// As `C:maj7/E`: root, quality, and the bass where it is not the root.
impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", name(self.root), self.quality.name())?;
        if self.bass == self.root { Ok(()) } else { write!(f, "/{}", name(self.bass)) }
    }
}

/// The chord of a stretch by itself: the one that fits best what sounds in it; none of silence and of drums alone.
pub fn of_window(window: &Window) -> Option<Chord> {
    let evidence = Evidence::of(window)?;
    let fits = fit::all(&evidence, &Taste::DEFAULT);
    let best = (0..fits.len()).reduce(|best, next| if fits[next] > fits[best] { next } else { best })?;
    Some(evidence.chord(best))
}

/// What speaks for the chords of a piece, beat by beat.
#[derive(Debug, Clone, PartialEq)]
pub struct Hearing {
    beats: Vec<evidence::Beat>,
    spans: Vec<(Ticks, Ticks)>,
    heard: Vec<Option<Evidence>>,
}

impl Hearing {
    /// Listens to the beats of a score: those of its bars, or, where it was played without a click, those that are heard.
    pub fn of(score: &Score) -> Self {
        let beats = evidence::beats(score);
        let windows = Window::between(score, &beats.iter().map(|beat| beat.at).collect::<Vec<_>>());
        Self {
            beats,
            spans: windows.iter().map(|window| (window.begin, window.end)).collect(),
            heard: windows.iter().map(Evidence::of).collect(),
        }
    }

    /// The likeliest chord of each beat, by what sounds in it and around it.
    pub fn chords(&self, taste: &Taste) -> Vec<Span> {
        let states = course::through(&self.heard, &self.beats, taste);
        let chords = course::chords(&self.heard, &states);
        let span = |(&(begin, end), chord)| Span { begin, end, chord };
        self.spans.iter().zip(chords).map(span).collect()
    }
}

/// The chord of each beat of a score.
pub fn of_beats(score: &Score) -> Vec<Span> {
    Hearing::of(score).chords(&Taste::DEFAULT)
}

impl Span {
    /// Root, quality and bass as numbers; -1 each where no chord sounds.
    pub fn numbers(&self) -> [f64; 3] {
        self.chord.map_or([-1.0; 3], |chord| {
            let Chord { root, quality, bass } = chord;
            [f64::from(root.get()), f64::from(quality.number()), f64::from(bass.get())]
        })
    }

    /// Neighbours of the same chord in one.
    pub fn joined(beats: &[Self]) -> Vec<Self> {
        let mut spans: Vec<Self> = Vec::new();
        for beat in beats {
            match spans.last_mut() {
                Some(last) if last.chord == beat.chord => last.end = beat.end,
                _ => spans.push(*beat),
            }
        }
        spans
    }
}

/// The chords of a score: neighbouring beats of the same chord in one.
pub fn of_score(score: &Score) -> Vec<Span> {
    Span::joined(&of_beats(score))
}

/// The columns of a chord in tables.
pub(crate) const PARTS: &[&str] = &["root", "quality", "bass"];

/// A chord of each beat as numbers.
pub(crate) fn table(score: &Score) -> Vec<Vec<f64>> {
    of_beats(score).iter().map(|beat| beat.numbers().to_vec()).collect()
}
