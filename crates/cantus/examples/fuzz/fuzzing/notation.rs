//! What always holds for a sheet that was read from a damaged file: it is written in every format, and read back from those
//! that are read.

use cantus::score::sheet::Sheet;
use cantus::score::{Score, Strictness, kern, lilypond, musicxml};

/// How many notes a score has, but for those of no length, which some formats cannot say.
fn notes(score: &Score) -> usize {
    score.tracks.iter().flat_map(|track| &track.notes).filter(|note| note.length.0 > 0).count()
}

/// Writes a sheet in every format; the error tells what does not hold.
pub(super) fn check(sheet: &Sheet) -> Result<(), String> {
    let written = musicxml::write(sheet);
    let back = musicxml::read(written.as_bytes(), Strictness::Strict)
        .map_err(|error| format!("MusicXML is not read back: {error}"))?;
    // Bars in a listed order are written out as they are played.
    let out = sheet.unrolled();
    let bars = (out.bars.len(), back.value.bars.len());
    let (count, again) = (notes(&out.as_written()), notes(&back.value.as_written()));
    if bars.0 != bars.1 || again != count {
        return Err(format!(
            "MusicXML came back with {again} notes of {count} and {} bars of {}",
            bars.1, bars.0
        ));
    }
    let written = kern::write(sheet);
    kern::read(written.as_bytes(), Strictness::Tolerant)
        .map_err(|error| format!("kern is not read back: {error}"))?;
    drop(lilypond::write(sheet));
    Ok(())
}
