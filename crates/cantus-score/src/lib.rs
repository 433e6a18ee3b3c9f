//! Notes, time, tracks and scores, and the readers and writers of music files.
//!
//! A [`Score`] keeps the resolution of its source; time is typed ([`Ticks`], [`Beats`], [`Seconds`]) and
//! ranges are types ([`Pitch`], [`Velocity`] …), so that a score that exists can be written.

pub mod abc;
pub mod edit;
mod exact;
mod instrument;
pub mod kern;
pub mod lilypond;
mod lines;
mod meter;
pub mod midi;
pub mod musicxml;
pub mod notation;
pub mod npy;
mod range;
mod read;
pub mod roll;
mod score;
pub mod sheet;
mod time;

pub use instrument::Instrument;
pub use meter::{Key, Meter, Mode};
pub use range::{Bend, Channel, Data, Pitch, PitchClass, Program, RangeError, Velocity};
pub use read::{MOST_WARNINGS, Place, Read, Strictness, Warning};
pub use score::{Control, Note, Score, Text, TextKind, Track};
pub use time::{Beats, Resolution, Seconds, Tempo, TempoMap, Ticks, Timed};
