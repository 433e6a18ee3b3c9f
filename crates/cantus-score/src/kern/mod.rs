//! Scores in Humdrum's `**kern`.
//!
//! What is read: spines of notes (`**kern`), of syllables (`**text`, `**silbe`) and of dynamics (`**dynam`), as they
//! split, join, change places, begin and end; lengths with dots, breves and parts of any number; chords, ties, grace notes,
//! spelled pitches; bar lines with numbers and repeats; metre, key, tempo, clefs, instruments, transpositions; sections
//! and the order in which they are played; title, composer, lyricist and rights of the reference records.
//!
//! Decisions that a caller may want to know:
//! - **Parts.** Spines of one `*part` are one part; without such marks, neighbours of one `*staff` or one keyboard
//!   instrument are. The rightmost spine stands at the top of the page.
//! - **Time.** A line sounds when the notes before it have ended, in most spines where they disagree; the others get a warning.
//! - **Bars.** Every bar line begins a bar; those without music between them are one. A file without bar lines gets the
//!   bars of its metre. A metre or a key that is written within a bar holds from the next.
//! - **Sections.** The order `*>[A,A,B]` is turned into repeats and endings, and kept as a list where these cannot say it;
//!   music before the first label is played once, and first. Orders with names, such as `*>norep[A,B]`, are passed over.
//! - **Pitches** sound as they are written in the file; `*ITr` says what the player reads.
//! - **Chords** have the length of their first note. Rests are not kept.

mod assemble;
mod bars;
mod chords;
mod columns;
mod instruments;
mod interpretation;
mod names;
mod parts;
mod reader;
mod recip;
mod sections;
mod signs;
mod spine;
#[cfg(test)]
mod tests;
mod ties;
mod token;
mod write;

pub use write::write;

use crate::lines::decode;
use crate::sheet::Sheet;
use crate::{Read, Strictness, Warning};

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KernError {
    /// No spine of notes begins.
    #[error("a Humdrum file must hold a spine `**kern`, but holds none")]
    NoSpine,
    /// A fault, where none is forgiven.
    #[error("{0}")]
    Fault(Warning),
}

/// Reads a file, in UTF-8 or Latin-1.
///
/// Fails where no spine holds notes; under [`Strictness::Strict`], also at the first fault.
pub fn read(bytes: &[u8], strictness: Strictness) -> Result<Read<Sheet>, KernError> {
    let text = decode(bytes);
    let mut reader = reader::Reader::default();
    for (number, line) in crate::lines::numbered(&text) {
        reader.line(line, number);
    }
    let read = assemble::sheet(reader.finish(), bytes.len()).ok_or(KernError::NoSpine)?;
    match (strictness, read.warnings.first()) {
        (Strictness::Strict, Some(fault)) => Err(KernError::Fault(fault.clone())),
        _ => Ok(read),
    }
}
