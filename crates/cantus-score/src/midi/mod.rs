//! Standard MIDI files: a tolerant reader, and a writer.
//!
//! [`read()`] rescues what can be rescued and tells what it forgave; [`write()`] makes a Type 1 file. What one
//! writes the other reads back unchanged, up to [`canonical`].
//!
//! # What becomes of a file
//! - A chunk of events becomes one [`Track`](crate::Track) for each channel that it uses, in the order in which
//!   they appear; all of them take the chunk's name, the first of them its lyrics, texts and system messages.
//! - Tempo, metre, key, copyright, markers and cues belong to the [`Score`], whichever chunk holds them; so
//!   does every text of a first chunk that plays nothing. Where two tempos (metres, keys) share a tick, the
//!   last in the file holds.
//! - The title is the name of the first chunk where that plays nothing or is alone in playing.
//! - The system messages of a chunk without channels go to the first part that follows.
//! - Notes of one key that overlap are ended in the order in which they began. A note that is never
//!   released ends with its chunk.
//! - Format 2 (independent sequences) is laid out one sequence after another, each with a marker of its name.
//! - SMPTE time becomes ticks of the same length under one fixed tempo; what tempos the file has are ignored.
//! - Text is UTF-8 where it can be, else Shift-JIS or Latin-1, decided over the whole file.
//! - Sequence numbers, SMPTE offsets, program and device names and sequencers' private events are dropped.
//! - Within one tick releases come first, then controls in their order, then presses: MIDI's finer order is not
//!   kept.
//!
//! ```
//! use cantus_score::{Channel, Note, Pitch, Program, Resolution, Score, Strictness, Ticks, Track, midi};
//!
//! let mut score = Score::new(Resolution::STANDARD);
//! let mut violin = Track::new("Violin", Channel::MIN, Program::saturating(40));
//! violin.notes.push(Note::new(Ticks::ZERO, Ticks(480), Pitch::C4));
//! score.tracks.push(violin);
//! let bytes = midi::write(&score)?;
//! let back = midi::read(&bytes, Strictness::Tolerant)?;
//! assert_eq!(back.value, midi::canonical(&score));
//! assert!(back.warnings.is_empty());
//! # Ok::<(), midi::MidiError>(())
//! ```

mod canonical;
mod chunks;
pub mod damage;
mod event;
mod faults;
mod keys;
mod meta;
mod part;
mod piece;
mod recover;
#[cfg(test)]
mod tests;
mod text;
mod track;
mod write;

pub use canonical::{DEFAULT_VELOCITY, canonical};
pub use piece::read;
pub use write::write;

#[cfg(doc)]
use crate::Score;
use crate::Warning;

/// Why a file cannot be read as MIDI, or a score not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MidiError {
    /// There are no bytes.
    #[error("a MIDI file begins with \"MThd\", but this file is empty")]
    Empty,
    /// The bytes are of another, known kind of file.
    #[error("a MIDI file begins with \"MThd\", but this is {0}")]
    OtherFormat(&'static str),
    /// Neither a header nor a track is anywhere in the bytes.
    #[error("a MIDI file begins with \"MThd\", but this file has neither a MIDI header nor a MIDI track")]
    NotMidi,
    /// The first fault of a file that was to be read strictly.
    #[error("{0}")]
    Fault(Warning),
    /// More parts than a MIDI file can count.
    #[error("a MIDI file holds at most 65,534 parts, but the score has {0}")]
    TooManyParts(usize),
    /// A text or system message longer than its length field can say.
    #[error("a text or system message in a MIDI file has at most 268,435,455 bytes, but one has {0}")]
    MessageTooLong(usize),
    /// A part whose events take more room than a MIDI track has.
    #[error("the events of a MIDI track take at most 4,294,967,295 bytes, but a part needs more")]
    PartTooLong,
}
