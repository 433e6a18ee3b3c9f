//! What always holds for a sheet that was read from a damaged file: it is written in every format, and read back from those
//! that are read.

use cantus::score::sheet::Sheet;
use cantus::score::{Strictness, kern, lilypond, musicxml};

/// Writes a sheet in every format; the error tells what does not hold.
pub(super) fn check(sheet: &Sheet) -> Result<(), String> {
    let written = musicxml::write(sheet);
    let back = musicxml::read(written.as_bytes(), Strictness::Strict)
        .map_err(|error| format!("MusicXML is not read back: {error}"))?;
    let bars = (sheet.bars.len(), back.value.bars.len());
    if bars.0 != bars.1 {
        return Err(format!("MusicXML came back with {} bars of {}", bars.1, bars.0));
    }
    let written = kern::write(sheet);
    kern::read(written.as_bytes(), Strictness::Tolerant)
        .map_err(|error| format!("kern is not read back: {error}"))?;
    drop(lilypond::write(sheet));
    Ok(())
}
