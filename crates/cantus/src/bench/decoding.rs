//! Work decode: files of sound into samples, on one thread.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use cantus_audio::{Decoder, SoundFormat, Strictness};
use cantus_model::array::Clips;

use super::Report;
use super::report::{clock, summary};
use crate::error::{Error, Kind};

/// How often each file is decoded.
const RUNS: usize = 5;

/// Decodes files of sound, and those in folders by their names, block by block, in milliseconds for all of a format: a report a
/// format, with the seconds of sound and the megabytes of file that are decoded in a second. The bytes are in memory beforehand;
/// files that are refused are left out.
pub fn decode(paths: &[PathBuf]) -> Result<Vec<Report>, Error> {
    let below = |path: &PathBuf| if path.is_dir() { Clips::below(path) } else { vec![path.clone()] };
    let mut formats: BTreeMap<&'static str, Vec<Vec<u8>>> = BTreeMap::new();
    for path in paths.iter().flat_map(below) {
        let bytes = read(&path)?;
        if let Some((format, _)) = decoded(&bytes) {
            formats.entry(work(format)).or_default().push(bytes);
        }
    }
    if formats.is_empty() {
        let message = "files of sound are wanted, but none can be decoded below the paths given";
        return Err(Error::new(Kind::Input, message).with_hint("name WAV, AIFF, FLAC, MP3, Ogg or M4A files"));
    }
    Ok(formats.into_iter().map(|(work, files)| report(work, &files)).collect())
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| {
        let kind = if error.kind() == io::ErrorKind::NotFound { Kind::Missing } else { Kind::Input };
        Error::because(kind, format!("it cannot be read ({error})"), error)
            .at(path)
            .with_hint("check the path")
    })
}

const fn work(format: SoundFormat) -> &'static str {
    match format {
        SoundFormat::Wav => "decode-wav",
        SoundFormat::Aiff => "decode-aiff",
        SoundFormat::Flac => "decode-flac",
        SoundFormat::Mp3 => "decode-mp3",
        SoundFormat::Ogg => "decode-ogg",
        SoundFormat::M4a => "decode-m4a",
        SoundFormat::Aac => "decode-aac",
    }
}

/// The format of a file and how many seconds it sounds; nothing where it is refused.
fn decoded(bytes: &[u8]) -> Option<(SoundFormat, f64)> {
    let mut decoder = Decoder::of_bytes(bytes, Strictness::Tolerant).ok()?;
    let mut frames = 0;
    while let Some(block) = decoder.next_block().ok()? {
        frames += std::hint::black_box(block).first().map_or(0, Vec::len);
    }
    Some((decoder.format(), frames as f64 / f64::from(decoder.rate().hertz())))
}

fn report(work: &'static str, files: &[Vec<u8>]) -> Report {
    let mut seconds = 0.0;
    let pass = |_| {
        let begin = clock();
        seconds = files.iter().filter_map(|bytes| decoded(bytes)).map(|(_, seconds)| seconds).sum();
        clock() - begin
    };
    let measured = summary((0..RUNS).map(pass).collect());
    let megabytes = files.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
    Report::new(work, "ms", measured, 1e3)
        .with_fact("files", files.len())
        .with_fact("seconds", seconds)
        .with_fact("megabytes", megabytes)
        .with_fact("megabytes_per_second", megabytes / measured.median)
        .with_fact("times_real_time", seconds / measured.median)
}
