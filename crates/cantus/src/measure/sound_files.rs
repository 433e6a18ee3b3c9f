//! What was measured of sound, as JSON, tables and arrays.

use std::fmt::Write as _;
use std::path::Path;

use cantus_features::Descriptor;
use cantus_features::sound::FrameTable;
use cantus_score::npy::{self, Array, Element, NpyError};
use serde_json::{Map, Value, json};

use super::arrays::quoted;
use super::sound::{frame_descriptors, sound_descriptors, values};
use super::{MeasuredSound, Spread};
use crate::error::{Error, Kind};
use crate::write_file;

/// A sound in one object: its path, its length in `seconds`, its loudness in `lufs`, its `features` by name, and of the
/// features of `frames` the `mean` and the `deviation`, each a number or a list of as many as there are columns.
pub fn sound_as_json(sound: &MeasuredSound) -> Value {
    let whole = sound_descriptors().zip(&sound.whole);
    let features: Map<String, Value> =
        whole.map(|(descriptor, value)| (descriptor.name.to_owned(), json!(value))).collect();
    let told = |spreads: &[Spread], of: fn(&Spread) -> f64| match spreads {
        [one] => json!(of(one)),
        several => json!(several.iter().map(of).collect::<Vec<_>>()),
    };
    let frames = frame_descriptors().zip(&sound.spreads).map(|(descriptor, spreads)| {
        let (mean, deviation) = (told(spreads, |of| of.mean), told(spreads, |of| of.deviation));
        (descriptor.name.to_owned(), json!({ "mean": mean, "deviation": deviation }))
    });
    let frames: Map<String, Value> = frames.collect();
    json!({
        "path": sound.name,
        "seconds": sound.seconds,
        "lufs": lufs(sound),
        "features": features,
        "frames": frames,
    })
}

fn lufs(sound: &MeasuredSound) -> Option<f64> {
    sound.loudness.and_then(|loudness| loudness.integrated).map(|lufs| lufs.0)
}

/// Writes what was measured of sounds, by the ending of the file. Frames must have been kept for `.npy` and `.npz`.
///
/// - `.csv`: a line a sound, with path, seconds, lufs, every descriptor of whole sounds and the mean of every column of those
///   of frames.
/// - `.npy`: every column of the descriptors of frames of the one sound. Shape `[frames, columns]`.
/// - `.npz`: an array for each descriptor of whole sounds, `[sounds]`, and for each of frames, `[frames]` or
///   `[frames, columns]`, the frames of all sounds one after the other; with `seconds`, where the middle of each frame lies,
///   and `sound`, the number of its sound.
pub fn write_sounds(path: &Path, sounds: &[MeasuredSound]) -> Result<(), Error> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let tables: Vec<&FrameTable> = sounds.iter().filter_map(|sound| sound.frames.as_ref()).collect();
    let bytes = match (ending.as_str(), tables.as_slice()) {
        ("csv", _) => Ok(csv(sounds).into_bytes()),
        ("npy", [table]) => npy(table),
        ("npy", _) => {
            let message = format!("a .npy holds the frames of one sound, but there are {}", sounds.len());
            return Err(Error::new(Kind::Request, message)
                .at(path)
                .with_hint("end the name in .npz or .csv"));
        }
        ("npz", tables) => npz(sounds, tables),
        _ => {
            let message = "what is measured of sound is written as .csv, .npy or .npz";
            return Err(Error::new(Kind::Request, message).at(path));
        }
    };
    let bytes = bytes.map_err(|error| Error::of(Kind::Output, error).at(path))?;
    write_file(path, &bytes)
}

fn csv(sounds: &[MeasuredSound]) -> String {
    let mut names = vec!["path".to_owned(), "seconds".to_owned(), "lufs".to_owned()];
    names.extend(sound_descriptors().map(|descriptor| descriptor.name.to_owned()));
    names.extend(frame_descriptors().flat_map(Descriptor::columns).map(|column| format!("{column}_mean")));
    let mut text = format!("{}\n", names.join(","));
    for sound in sounds {
        let own = [Some(sound.seconds), lufs(sound)];
        let means = sound.spreads.iter().flatten().map(|spread| Some(spread.mean));
        let all = own.into_iter().chain(sound.whole.iter().copied()).chain(means);
        let cells: Vec<String> = all.map(|value| value.map_or_else(String::new, |v| v.to_string())).collect();
        let _ = writeln!(text, "{},{}", quoted(&sound.name), cells.join(","));
    }
    text
}

fn npy(table: &FrameTable) -> Result<Vec<u8>, NpyError> {
    let parts: Vec<(Vec<f32>, usize)> = frame_descriptors()
        .map(|descriptor| (values(descriptor, table), descriptor.columns().len()))
        .collect();
    let columns: usize = parts.iter().map(|(_, columns)| columns).sum();
    let mut all = Vec::with_capacity(columns * table.frames());
    for frame in 0..table.frames() {
        for (values, columns) in &parts {
            let row = values.iter().skip(frame * columns).take(*columns);
            all.extend(row.map(|value| f64::from(*value)));
        }
    }
    Ok(npy::write(&Array::from_values(&[table.frames(), columns], Element::F32, &all)?))
}

fn npz(sounds: &[MeasuredSound], tables: &[&FrameTable]) -> Result<Vec<u8>, NpyError> {
    let mut arrays: Vec<(&str, Array)> = Vec::new();
    for (index, descriptor) in sound_descriptors().enumerate() {
        let whole: Vec<f64> = sounds.iter().map(|sound| sound.whole[index].unwrap_or(f64::NAN)).collect();
        arrays.push((descriptor.name, Array::from_values(&[whole.len()], Element::F64, &whole)?));
    }
    let frames: usize = tables.iter().map(|table| table.frames()).sum();
    for descriptor in frame_descriptors() {
        let all = tables.iter().flat_map(|table| values(descriptor, table)).map(f64::from);
        let all: Vec<f64> = all.collect();
        let columns = descriptor.columns().len();
        let shape = if columns == 1 { vec![frames] } else { vec![frames, columns] };
        arrays.push((descriptor.name, Array::from_values(&shape, Element::F32, &all)?));
    }
    let seconds = |table: &&FrameTable| {
        let (rate, framing) = (table.rate, table.framing);
        (0..table.frames()).map(move |frame| framing.seconds(frame, rate))
    };
    let seconds: Vec<f64> = tables.iter().flat_map(seconds).collect();
    arrays.push(("seconds", Array::from_values(&[frames], Element::F64, &seconds)?));
    let owner = |(number, table): (usize, &&FrameTable)| std::iter::repeat_n(number as f64, table.frames());
    let owners: Vec<f64> = tables.iter().enumerate().flat_map(owner).collect();
    arrays.push(("sound", Array::from_values(&[frames], Element::I64, &owners)?));
    let named: Vec<(&str, &Array)> = arrays.iter().map(|(name, array)| (*name, array)).collect();
    npy::write_archive(&named)
}
