//! Music as it is written: bars, voices, spelled notes, repeats; before anybody plays it.
//!
//! Readers of notation make a [`Sheet`], writers of notation take one. A [`Score`](crate::Score) is what sounds; the
//! two turn into each other:
//!
//! ```text
//!  MusicXML, kern ─► Sheet ─► Sheet::performed / Sheet::as_written ─► Score
//!           Score ─► Sheet::of_score ─► Sheet ─► MusicXML, kern, ABC, LilyPond
//! ```
//!
//! Time in a sheet is written time: each bar stands once, whatever repeats. Rests are not kept, since they are where a
//! voice has no note; nor are note values, since they follow from lengths and bars: a note may be longer than its bar, or
//! be several that are tied. A chord is notes of one voice that begin together.

mod bar;
mod chord;
pub(crate) mod dynamics;
mod finer;
mod graces;
mod hands;
pub(crate) mod lanes;
pub(crate) mod limits;
mod meters;
mod of_score;
pub(crate) mod order;
mod part;
mod runs;
mod sound;
mod spell;
mod spelling;
#[cfg(test)]
mod tests;
mod thirds;
pub(crate) mod ties;
mod unrolled;
pub(crate) mod values;
mod voices;
mod weight;

pub use bar::{Bar, Jump, Repeats};
pub use order::{PlayedBar, PlayingOrder};
pub use part::{Articulation, ChordSymbol, Clef, Grace, Part, Syllable, Transposition, Written};
pub use spell::spelled;
pub(crate) use spelling::Sound;
pub use spelling::{Spelled, Step, Tone};

use std::ops::Range;

use crate::{Resolution, Tempo, Text, Timed};

/// A piece as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Ticks of a quarter note.
    pub resolution: Resolution,
    /// What the piece is called and whose it is.
    pub credits: Credits,
    /// The bars, which all parts share, in the order in which they are written.
    pub bars: Vec<Bar>,
    /// Stretches of bars, by index, in the order in which they are played, where the source lists an order that the signs
    /// of repetition cannot say; it holds before the signs.
    pub order: Option<Vec<Range<usize>>>,
    /// Tempo marks, sorted, in written time.
    pub tempos: Vec<Timed<Tempo>>,
    /// Rehearsal marks and other texts of the whole piece, sorted, in written time.
    pub texts: Vec<Timed<Text>>,
    /// The parts, from the top of the page down.
    pub parts: Vec<Part>,
}

/// What a piece is called and whose it is; empty where the source does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credits {
    /// The title.
    pub title: String,
    /// Who wrote the music.
    pub composer: String,
    /// Who wrote the words.
    pub lyricist: String,
    /// Who owns it, or under which licence it may be used.
    pub rights: String,
}

impl Sheet {
    /// A sheet without music.
    pub fn new(resolution: Resolution) -> Self {
        Self {
            resolution,
            credits: Credits::default(),
            bars: Vec::new(),
            order: None,
            tempos: Vec::new(),
            texts: Vec::new(),
            parts: Vec::new(),
        }
    }
}
