//! `cantus features` on sound.

use std::fmt::Write as _;
use std::path::Path;

use cantus::{MeasuredFiles, MeasuredSound, frame_descriptors, sound_descriptors};

use crate::exit::Failure;
use crate::printer::Printer;

/// Descriptors of more columns than this have no line.
const MOST_COLUMNS: usize = 1;

/// Writes the numbers of sounds.
pub(super) fn write(measured: &MeasuredFiles, output: &Path, printer: &Printer) -> Result<(), Failure> {
    if !measured.pieces.is_empty() {
        let (pieces, sounds) = (measured.pieces.len(), measured.sounds.len());
        let message = format!(
            "scores and sounds are written to files of their own, but there are {pieces} pieces and {sounds} sounds"
        );
        return Err(Failure::Wish { message, command: "features" });
    }
    cantus::write_sounds(output, &measured.sounds)?;
    let count = measured.sounds.len();
    let sounds = if count == 1 { "1 sound".to_owned() } else { format!("{count} sounds") };
    printer.say(&format!("wrote {}: {sounds}", output.display()));
    Ok(())
}

/// Length and loudness, then a line for each descriptor of the whole, then mean and deviation of those of frames.
pub(super) fn as_table(sound: &MeasuredSound) -> String {
    let loudness = sound.loudness.and_then(|loudness| loudness.integrated);
    let loudness =
        loudness.map_or("too short or too quiet to be measured".to_owned(), |lufs| lufs.to_string());
    let mut text = format!("{}\n  length {:.1} s, loudness {loudness}\n", sound.name, sound.seconds);
    let whole = sound_descriptors().zip(&sound.whole);
    for (descriptor, value) in whole {
        let told = value.map_or("-".into(), |value| format!("{value:.3}"));
        let meaning = match (descriptor.name, value) {
            ("sound_key", Some(key)) => cantus::features::key::of_number(*key).to_string(),
            _ => descriptor.unit.to_owned(),
        };
        let _ = writeln!(text, "  {:18}  {told:>10}  {meaning}", descriptor.name);
    }
    let frames = frame_descriptors().zip(&sound.spreads).filter(|(_, spreads)| spreads.len() <= MOST_COLUMNS);
    for (descriptor, spread) in
        frames.flat_map(|(descriptor, all)| all.iter().map(move |one| (descriptor, one)))
    {
        let name = descriptor.name;
        let _ = writeln!(
            text,
            "  {name:18}  {:>10.3} ± {:.3}  {}",
            spread.mean, spread.deviation, descriptor.unit
        );
    }
    text
}
