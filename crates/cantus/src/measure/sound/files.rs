//! What was measured of sound, as JSON, tables, arrays and pictures.

use std::fmt::Write as _;
use std::io::{self, Seek, Write};
use std::path::Path;

use cantus_audio::SampleRate;
use cantus_audio::stft::Framing;
use cantus_features::Descriptor;
use cantus_score::npy::{self, ArchiveWriter, Element};
use serde_json::{Map, Value, json};

use super::kept::{Kept, KeptFrames, Rows};
use super::{HeardChord, MeasuredSound, Spread};
use crate::error::{Error, Kind};
use crate::measure::Selection;
use crate::measure::arrays::quoted;
use crate::measure::picture::write_drawing;
use crate::output::write_file_with;
use crate::write_file;

/// A sound in one object: its path, its length in `seconds`, its `features` by name, of the features of `frames` the `mean` and
/// the `deviation`, each a number or a list of as many as there are columns, and the `chords` that are heard one after the other.
pub fn sound_as_json(sound: &MeasuredSound) -> Value {
    let whole = sound.selection.of_sounds().zip(&sound.whole);
    let features: Map<String, Value> =
        whole.map(|(descriptor, value)| (descriptor.name.to_owned(), json!(value))).collect();
    let told = |spreads: &[Spread], of: fn(&Spread) -> f64| match spreads {
        [one] => json!(of(one)),
        several => json!(several.iter().map(of).collect::<Vec<_>>()),
    };
    let frames = sound.selection.of_frames().zip(&sound.spreads).map(|(descriptor, spreads)| {
        let (mean, deviation) = (told(spreads, |of| of.mean), told(spreads, |of| of.deviation));
        (descriptor.name.to_owned(), json!({ "mean": mean, "deviation": deviation }))
    });
    let frames: Map<String, Value> = frames.collect();
    let chord = |chord: &HeardChord| {
        let name = chord.triad.map(|triad| triad.to_string());
        json!({ "begin": chord.begin, "end": chord.end, "name": name })
    };
    json!({
        "path": sound.name,
        "seconds": sound.seconds,
        "features": features,
        "frames": frames,
        "chords": sound.chords.iter().map(chord).collect::<Vec<_>>(),
    })
}

/// Writes the picture of a sound that was asked for when it was measured, by the ending of the file: `.svg` or `.png`.
pub fn write_sound_picture(path: &Path, sound: &MeasuredSound) -> Result<(), Error> {
    match &sound.picture {
        Some(drawing) => write_drawing(path, drawing),
        None => Err(Error::new(Kind::Request, "no picture was made when this sound was measured").at(path)),
    }
}

/// Writes what was measured of sounds, by the ending of the file. Frames must have been kept for `.npy` and `.npz`.
///
/// - `.csv`: a line a sound, with path, seconds, every descriptor of whole sounds and the mean of every column of those of frames.
/// - `.npy`: every column of the descriptors of frames of the one sound, those that name what sounds last. Shape
///   `[frames, columns]`.
/// - `.npz`: an array for each descriptor of whole sounds, `[sounds]`, and for each of frames, `[frames]` or
///   `[frames, columns]`, the frames of all sounds one after the other; with `seconds`, where the middle of each frame lies,
///   and `sound`, the number of its sound.
pub fn write_sounds(path: &Path, sounds: &[MeasuredSound], selection: &Selection) -> Result<(), Error> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let kept: Vec<&KeptFrames> = sounds.iter().filter_map(|sound| sound.frames.as_ref()).collect();
    match (ending.as_str(), kept.as_slice()) {
        ("csv", _) => write_file(path, csv(sounds, selection).as_bytes()),
        ("npy", [kept]) => write_file_with(path, |file| npy(kept, file)),
        ("npy", _) => {
            let message = format!("a .npy holds the frames of one sound, but there are {}", sounds.len());
            Err(Error::new(Kind::Request, message).at(path).with_hint("end the name in .npz or .csv"))
        }
        ("npz", kept) => write_file_with(path, |file| npz((sounds, kept), selection, file)),
        _ => {
            let message =
                "what is measured of sound is written as .csv, .npy or .npz, pictures as .svg or .png";
            Err(Error::new(Kind::Request, message).at(path))
        }
    }
}

fn csv(sounds: &[MeasuredSound], selection: &Selection) -> String {
    let mut names = vec!["path".to_owned(), "seconds".to_owned()];
    names.extend(selection.of_sounds().map(|descriptor| descriptor.name.to_owned()));
    names.extend(selection.of_frames().flat_map(Descriptor::columns).map(|column| format!("{column}_mean")));
    let mut text = format!("{}\n", names.join(","));
    for sound in sounds {
        let means = sound.spreads.iter().flatten().map(|spread| Some(spread.mean));
        let all = std::iter::once(Some(sound.seconds)).chain(sound.whole.iter().copied()).chain(means);
        let cells: Vec<String> = all.map(|value| value.map_or_else(String::new, |v| v.to_string())).collect();
        let _ = writeln!(text, "{},{}", quoted(&sound.name), cells.join(","));
    }
    text
}

/// Writes all numbers of a frame beside each other, frame after frame.
fn npy(kept: &KeptFrames, file: &mut impl Write) -> io::Result<()> {
    let columns = kept.columns.iter().map(|column| column.descriptor.columns().len()).sum();
    file.write_all(&npy::head(&[kept.count, columns], Element::F32))?;
    let mut columns: Vec<Rows> = kept.columns.iter().map(Kept::rows).collect::<io::Result<_>>()?;
    for _ in 0..kept.count {
        columns.iter_mut().try_for_each(|rows| rows.copy(1, file))?;
    }
    Ok(())
}

fn npz(
    (sounds, kept): (&[MeasuredSound], &[&KeptFrames]),
    selection: &Selection,
    file: impl Write + Seek,
) -> io::Result<()> {
    let mut archive = ArchiveWriter::new(file);
    for (index, descriptor) in selection.of_sounds().enumerate() {
        archive.begin(descriptor.name, &[sounds.len()], Element::F64)?;
        let mut whole = sounds.iter().map(|sound| sound.whole[index].unwrap_or(f64::NAN));
        whole.try_for_each(|value| archive.write_all(&value.to_le_bytes()))?;
    }
    let frames: usize = kept.iter().map(|kept| kept.count).sum();
    for (index, descriptor) in selection.of_frames().chain(selection.of_labels()).enumerate() {
        let columns = descriptor.columns().len();
        let shape = if columns == 1 { vec![frames] } else { vec![frames, columns] };
        archive.begin(descriptor.name, &shape, Element::F32)?;
        kept.iter().try_for_each(|kept| kept.columns[index].rows()?.copy(kept.count, &mut archive))?;
    }
    archive.begin("seconds", &[frames], Element::F64)?;
    for frame in kept.iter().flat_map(|kept| 0..kept.count) {
        archive.write_all(&Framing::DEFAULT.seconds(frame, SampleRate::ANALYSIS).to_le_bytes())?;
    }
    archive.begin("sound", &[frames], Element::I64)?;
    for (number, kept) in kept.iter().enumerate() {
        (0..kept.count).try_for_each(|_| archive.write_all(&(number as i64).to_le_bytes()))?;
    }
    archive.finish()?.flush()
}
