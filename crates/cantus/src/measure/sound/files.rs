//! What was measured of sound, as JSON, tables, arrays and pictures.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use cantus_features::{Descriptor, Measure};
use cantus_score::npy::{self, Array, Element, NpyError};
use serde_json::{Map, Value, json};

use super::{HeardChord, KeptFrames, MeasuredSound, Spread};
use crate::error::{Error, Kind};
use crate::measure::Selection;
use crate::measure::arrays::quoted;
use crate::measure::picture::write_drawing;
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
    let bytes = match (ending.as_str(), kept.as_slice()) {
        ("csv", _) => Ok(csv(sounds, selection).into_bytes()),
        ("npy", [kept]) => npy(kept, selection),
        ("npy", _) => {
            let message = format!("a .npy holds the frames of one sound, but there are {}", sounds.len());
            return Err(Error::new(Kind::Request, message)
                .at(path)
                .with_hint("end the name in .npz or .csv"));
        }
        ("npz", kept) => npz(sounds, kept, selection),
        _ => {
            let message =
                "what is measured of sound is written as .csv, .npy or .npz, pictures as .svg or .png";
            return Err(Error::new(Kind::Request, message).at(path));
        }
    };
    let bytes = bytes.map_err(|error| Error::of(Kind::Output, error).at(path))?;
    write_file(path, &bytes)
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

impl KeptFrames {
    /// The numbers of each descriptor of frames, frame after frame, and of how many columns they are.
    fn columns<'a>(
        &'a self,
        selection: &'a Selection,
    ) -> impl Iterator<Item = (&'static Descriptor, Cow<'a, [f32]>)> {
        let spread = selection.of_frames().enumerate().map(|(index, descriptor)| {
            let values: &[f32] = match descriptor.measure {
                Measure::Frames(columns) => (columns.of)(&self.table),
                _ => &self.streams[index],
            };
            (descriptor, Cow::Borrowed(values))
        });
        let named = selection.of_labels().filter_map(|descriptor| match descriptor.measure {
            Measure::Names(of) => Some((descriptor, Cow::Owned(of(&self.table)))),
            _ => None,
        });
        spread.chain(named)
    }
}

fn npy(kept: &KeptFrames, selection: &Selection) -> Result<Vec<u8>, NpyError> {
    let parts: Vec<(Cow<'_, [f32]>, usize)> =
        kept.columns(selection).map(|(descriptor, values)| (values, descriptor.columns().len())).collect();
    let columns: usize = parts.iter().map(|(_, columns)| columns).sum();
    let mut bytes = Vec::with_capacity(4 * columns * kept.count);
    for frame in 0..kept.count {
        for (values, columns) in &parts {
            let row = values.iter().skip(frame * columns).take(*columns);
            row.for_each(|value| bytes.extend(value.to_le_bytes()));
        }
    }
    Ok(npy::write(&Array::new(&[kept.count, columns], Element::F32, bytes)?))
}

fn npz(sounds: &[MeasuredSound], kept: &[&KeptFrames], selection: &Selection) -> Result<Vec<u8>, NpyError> {
    let mut arrays: Vec<(&str, Array)> = Vec::new();
    for (index, descriptor) in selection.of_sounds().enumerate() {
        let whole: Vec<f64> = sounds.iter().map(|sound| sound.whole[index].unwrap_or(f64::NAN)).collect();
        arrays.push((descriptor.name, Array::from_values(&[whole.len()], Element::F64, &whole)?));
    }
    let frames: usize = kept.iter().map(|kept| kept.count).sum();
    for wanted in selection.of_frames().chain(selection.of_labels()) {
        let mut bytes = Vec::new();
        for kept in kept {
            let own = kept.columns(selection).find(|(descriptor, _)| descriptor.name == wanted.name);
            let values = own.map(|(_, values)| values).unwrap_or_default();
            values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
        }
        let columns = wanted.columns().len();
        let shape = if columns == 1 { vec![frames] } else { vec![frames, columns] };
        arrays.push((wanted.name, Array::new(&shape, Element::F32, bytes)?));
    }
    let seconds = |kept: &&KeptFrames| {
        let (rate, framing) = (kept.table.rate, kept.table.framing);
        (0..kept.count).map(move |frame| framing.seconds(frame, rate))
    };
    let seconds: Vec<f64> = kept.iter().flat_map(seconds).collect();
    arrays.push(("seconds", Array::from_values(&[frames], Element::F64, &seconds)?));
    let owner = |(number, kept): (usize, &&KeptFrames)| std::iter::repeat_n(number as f64, kept.count);
    let owners: Vec<f64> = kept.iter().enumerate().flat_map(owner).collect();
    arrays.push(("sound", Array::from_values(&[frames], Element::I64, &owners)?));
    let named: Vec<(&str, &Array)> = arrays.iter().map(|(name, array)| (*name, array)).collect();
    npy::write_archive(&named)
}
