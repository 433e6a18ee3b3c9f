//! Tunes in ABC notation (version 2.1, and the customs of older tune books).
//!
//! What is read: the fields `X T C O R M L Q K V`, the same inline (`[M:3/4]`), keys in all modes, accidentals that
//! last to the end of the bar, octave marks, lengths, broken rhythm, ties, tuplets, chords, rests, overlays, words (`w:`), and
//! repeats with variant endings, unrolled into the order in which they are played. Chord symbols such as `"Am"`
//! become texts of the part ([`TextKind::Text`](crate::TextKind::Text)); nothing plays them.
//!
//! Decisions that a caller may want to know:
//! - **Modes.** A [`Key`](crate::Key) is major or minor. A mode keeps its signature: mixolydian and lydian count as major,
//!   dorian, phrygian and locrian as minor. So D dorian has no sharps and reads as A minor; [`Tune::tonic`] says D.
//! - **Grace notes** are left out, so that the written rhythm stays whole.
//! - **Pickups.** An incomplete first bar becomes a shorter first metre. When a repeat joins an incomplete last bar to
//!   a pickup, the two make one bar; a bar that stays too short or too long gets a metre of its own, so that the bar lines
//!   after it stay right.
//! - **Bar lines.** A line of music that ends where its bar is full ends the bar, written or not. Without a metre
//!   (`M:none`) every bar has a metre of its own length.
//! - **Tempo.** Without a `Q:` field the score states no tempo.
//! - **Ties** between different pitches are slurs, as older books write them.
//! - **Accidentals** hold for their letter in every octave, as version 2.1 says.
//! - **Words.** The second pass of a repeat sings the second line below the notes, or the first where there is none.
//! - **Keyboards.** Voices that `%%score` joins by a brace, such as `{1 2}`, are the staves of one part.
//! - `P:` (the order of the parts), `I:` and macros are passed over.

mod assemble;
mod fields;
mod repeats;
mod scan;
#[cfg(test)]
mod tests;
mod tune;
mod voice;
mod words;
mod write;

pub use write::write;

use crate::lines::{Log, decode};
use crate::{PitchClass, Read, Score, Strictness, Warning};

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
    /// The music in the order in which it is played.
    pub score: Score,
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
