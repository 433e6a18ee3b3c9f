//! Tunes in ABC notation (version 2.1, and the customs of older tune books).
//!
//! A tune is read as it is written, into a [`Sheet`]: repeats and variant endings, spelled notes, grace notes, ties, tuplets,
//! chords, overlays, voices, verses (`w:`), chord symbols, decorations, dynamics, tempos, metres and keys, in fields and inline.
//! [`Sheet::performed`] plays it.
//!
//! Decisions that a caller may want to know:
//! - **Modes.** A [`Key`](crate::Key) is major or minor. A mode keeps its signature: mixolydian and lydian count as major,
//!   dorian, phrygian and locrian as minor. So D dorian has no sharps and reads as A minor; [`Tune::tonic`] says D.
//! - **Bar lines.** A line of music that ends where its bar is full ends the bar, written or not. Voices that divide the same
//!   time differently share all their bar lines; where a voice's bar is too short or too long, the others wait for it.
//! - **Repeats** are those of the first voice that has some. A `:|` without its `|:` goes back to the last double bar or repeat.
//! - **Parts.** `P:` in the header is the order in which the sections below are played. Where repeats do not say it, the sections
//!   are written out. Without an order, labels are markers.
//! - **Tempo.** Without a `Q:` field the sheet states no tempo.
//! - **Ties** between different pitches are slurs, as older books write them.
//! - **Accidentals** hold for their letter in every octave, as version 2.1 says; `I:propagate-accidentals` may say otherwise.
//! - **Words.** The second pass of a repeat sings the second line below the notes, or the first where there is none; a chord's
//!   highest note has them.
//! - **Keyboards.** Voices that `%%score` joins by a brace, such as `{1 2}`, are the staves of one part.
//! - **Macros** (`m:`), rests of many bars and orders of parts unfold in proportion to the book; what goes beyond is left out.
//! - `W:`, subtitles, slurs, beams and what cannot sound are passed over.

mod align;
mod assemble;
mod decoration;
mod fields;
mod macros;
mod order;
mod player;
mod repeats;
mod scan;
#[cfg(test)]
mod tests;
mod text;
mod tune;
mod voice;
mod words;
mod write;

pub use write::write;

use crate::lines::{Log, decode};
use crate::sheet::Sheet;
use crate::{PitchClass, Read, Strictness, Warning};

/// One tune of a book.
#[derive(Debug, Clone, PartialEq)]
pub struct Tune {
    /// The number in the book (`X:`); 0 where it cannot be read.
    pub number: u32,
    /// All titles (`T:`), the main one first.
    pub titles: Vec<String>,
    /// The kind of dance (`R:`), such as "reel".
    pub rhythm: Option<String>,
    /// The composer (`C:`).
    pub composer: Option<String>,
    /// Where the tune is from (`O:`).
    pub origin: Option<String>,
    /// The tonic of the first key as its field names it, which for a mode such as dorian is not the tonic of the score's
    /// [`Key`](crate::Key); none where the field names none.
    pub tonic: Option<PitchClass>,
    /// The music as it is written.
    pub sheet: Sheet,
}

/// Why a book of tunes could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AbcError {
    /// No line begins a tune.
    #[error("an ABC book must hold a tune, which begins with a line `X:` and a number, but it holds none")]
    NoTune,
    /// A fault, where none is forgiven.
    #[error("{0}")]
    Fault(Warning),
}

/// Reads all tunes of a book, in UTF-8 or Latin-1.
///
/// Fails where there is no tune at all; under [`Strictness::Strict`], also at the first fault.
pub fn read_book(text: &[u8], strictness: Strictness) -> Result<Read<Vec<Tune>>, AbcError> {
    let text = decode(text);
    let mut log = Log::default();
    let tunes = tune::read_all(&text, &mut log);
    if let (Strictness::Strict, Some(fault)) = (strictness, log.warnings.first()) {
        return Err(AbcError::Fault(fault.clone()));
    }
    if tunes.is_empty() {
        return Err(AbcError::NoTune);
    }
    Ok(Read { value: tunes, warnings: log.warnings })
}
