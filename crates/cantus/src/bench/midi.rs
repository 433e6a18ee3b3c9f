//! Works midi-read and midi-encode: a folder of MIDI files, on one thread.

use std::fs;
use std::path::{Path, PathBuf};

use cantus_model::encoding::Sliced;
use cantus_score::{Score, Strictness, midi};

use super::{Report, measure};
use crate::error::{Error, Kind};

/// Runs over the folder that count; a first one, that finds what is refused, does not.
const RUNS: usize = 5;

/// Reads every MIDI file under a folder into notes, in milliseconds a file. Files that are refused are counted and left
/// out of the time.
pub fn midi_read(folder: &Path) -> Result<Report, Error> {
    time_files("midi-read", folder, |score| score.note_count())
}

/// Reads every MIDI file under a folder and cuts it into slices, as a network reads it, in milliseconds a file.
pub fn midi_encode(folder: &Path) -> Result<Report, Error> {
    time_files("midi-encode", folder, |score| Sliced::of_score(&score).note_count())
}

/// Times the reading of files and what is done with each score, which tells how many notes it holds.
fn time_files(work: &'static str, folder: &Path, notes: impl Fn(Score) -> usize) -> Result<Report, Error> {
    let mut files = Vec::new();
    list(folder, &mut files).map_err(|error| unlistable(error, folder))?;
    files.sort();
    let (mut bytes, mut count) = (0, 0);
    let mut good = Vec::new();
    for file in &files {
        bytes += fs::metadata(file).map_or(0, |metadata| metadata.len());
        if let Some(score) = read(file) {
            count += notes(score);
            good.push(file);
        }
    }
    if good.is_empty() {
        return Err(Error::new(
            Kind::Input,
            "a folder with MIDI files is wanted, but none can be read in it",
        )
        .at(folder)
        .with_hint("name a folder with .mid or .midi files below it; archives are not looked into"));
    }
    let measured = measure(RUNS, 0, || {
        let again: usize = good.iter().filter_map(|file| read(file)).map(&notes).sum();
        std::hint::black_box(again);
    });
    Ok(Report::new(work, "ms/file", measured, 1e3 / good.len() as f64)
        .with_fact("files", files.len())
        .with_fact("refused", files.len() - good.len())
        .with_fact("bytes", bytes)
        .with_fact("count", count))
}

fn read(file: &Path) -> Option<Score> {
    let bytes = fs::read(file).ok()?;
    midi::read(&bytes, Strictness::Tolerant).ok().map(|read| read.value)
}

/// Adds the MIDI files under a folder, by the ending of their names.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        if path.is_dir() {
            list(&path, files)?;
        } else if ending == "mid" || ending == "midi" {
            files.push(path);
        }
    }
    Ok(())
}

fn unlistable(error: std::io::Error, folder: &Path) -> Error {
    let kind = if error.kind() == std::io::ErrorKind::NotFound { Kind::Missing } else { Kind::Input };
    Error::because(kind, format!("the folder cannot be listed ({error})"), error)
        .at(folder)
        .with_hint("name a folder with .mid or .midi files below it")
}
