//! MusicXML: a tolerant reader, and a writer.
//!
//! [`read()`] takes partwise and timewise scores, plain and packed (`.mxl`), in any encoding that files are found in; it
//! rescues what can be rescued and tells what it forgave. The format is described at
//! <https://www.w3.org/2021/06/musicxml40/>.
//!
//! # What becomes of a file
//! - Each bar stands once; repeats, endings and jumps are kept as signs. A measure that a repeat or a new metre divides
//!   becomes two bars.
//! - A bar is as long as its longest part; one in which nothing stands is as long as its metre says.
//! - Pitches and keys are as they sound, also where parts are written transposed. Quarter tones go to the nearest key of
//!   the keyboard. Where parts differ in key, the one of most parts holds.
//! - 3+2/8 becomes 5/8. A signature of single accidentals becomes the usual one with as many.
//! - A level of dynamics becomes a velocity; signs of one note (sf) change no level. Notes that are marked as cues are silent
//!   and left out.
//! - A part most of whose notes have no pitch is a part of drums; its keys are those of its MIDI instruments, else told from
//!   their names, else from their place on the staff.
//! - Slurs, hairpins, beams, lines, fingerings, fret diagrams, figured bass and all layout are not kept.

mod assemble;
mod attributes;
mod barline;
mod bars;
mod decode;
mod direction;
mod document;
mod error;
mod faults;
mod harmony;
mod header;
mod measures;
mod moment;
mod names;
mod note;
mod part;
#[cfg(test)]
mod tests;
mod write;
mod xml;
mod zipped;

pub use error::MusicXmlError;

use crate::sheet::Sheet;
use crate::{Read, Strictness};

/// Reads a score, plain or packed as `.mxl`.
pub fn read(bytes: &[u8], strictness: Strictness) -> Result<Read<Sheet>, MusicXmlError> {
    if bytes.is_empty() {
        return Err(MusicXmlError::Empty);
    }
    if zipped::is_archive(bytes) {
        let (score, forgiven) = zipped::extract(bytes)?;
        return document::read(&decode::decode(&score), (bytes.len(), forgiven), strictness);
    }
    document::read(&decode::decode(bytes), (bytes.len(), None), strictness)
}

/// A score as MusicXML 4.0, in parts.
///
/// Notes that last over a bar line are cut there and tied, as are lengths that no note value with up to two dots says;
/// what lies beyond the last bar is cut off. Accidentals are printed as key and bar ask for them; beams and stems are left to the
/// program that draws the score. What [`read()`] makes of it is the sheet again, but for such cuts, for texts other than
/// markers, which come back as plain texts, and for the spelling of drums.
pub fn write(sheet: &Sheet) -> String {
    write::write(sheet)
}

/// A score packed as `.mxl`. Equal sheets give equal bytes.
pub fn write_mxl(sheet: &Sheet) -> Result<Vec<u8>, MusicXmlError> {
    zipped::write(&write::write(sheet))
}
