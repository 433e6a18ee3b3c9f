//! What ffmpeg and libsndfile decode is what we decode: exactly where samples are kept exactly, closely where they are not.
//!
//! The numbers are in `fixtures/golden/audio/decoded.json`, with the script that made them.

use std::fs;
use std::path::{Path, PathBuf};

use cantus_audio::{AudioBuffer, Strictness, decode};
use serde_json::Value;

/// Files that are read otherwise, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("opus.opus", "refused: Opus is not decoded"),
    ("02_-_increasing_number_of_channels.flac", "frames of another number of channels are passed over"),
    ("03_-_decreasing_number_of_channels.flac", "frames of another number of channels are passed over"),
    ("04_-_changing_bitdepth.flac", "frames of another depth are passed over"),
    (
        "pcmwaveformat-24bit-4byte-48kHz-stereo.wav",
        "its 24 bits lie in the lower bytes of four; a unit test knows them",
    ),
    ("waveformatextensible-24bit-4byte-48kHz-stereo.wav", "the same"),
    ("data_size_zero.wav", "libsndfile believes the zero; the samples are there"),
    ("crash-e5471f5b58397287b509db7d026e95f1724454f5.wav", "refused: floats of 0 bits"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn place(name: &str) -> PathBuf {
    match name.split_once('/') {
        Some(("formats", below)) => root().join("../shared/data/formats/audio").join(below),
        _ => root().join("fixtures/audio").join(name.trim_start_matches("fixtures/")),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().map(number).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn compare(name: &str, sound: &AudioBuffer, expected: &Value) {
    assert_eq!(u64::from(sound.rate().hertz()), expected["rate"], "{name}: rate");
    assert_eq!(sound.channels().len() as u64, expected["channels"], "{name}: channels");
    assert_eq!(sound.frames() as u64, expected["frames"], "{name}: frames");
    let is_lossy = [".mp3", ".ogg", ".aac", "aac.m4a"].iter().any(|ending| name.ends_with(ending))
        && !name.contains("flac");
    let (sample, energy) = if is_lossy { (1e-5, 1e-4) } else { (0.0, 1e-9) };
    let at = numbers(&expected["at"]);
    for (index, channel) in sound.channels().iter().enumerate() {
        for (at, expected) in at.iter().zip(numbers(&expected["samples"][index])) {
            let found = f64::from(channel[*at as usize]);
            assert!(
                (found - expected).abs() <= sample,
                "{name}: sample {at} of channel {index}: {found}, {expected}"
            );
        }
        let expected = number(&expected["energy"][index]);
        let found: f64 = channel.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        assert!(
            (found - expected).abs() <= energy * expected.max(1e-9),
            "{name}: energy {found}, {expected}"
        );
    }
}

#[test]
fn sound_is_decoded_as_ffmpeg_and_libsndfile_do() {
    let golden: Value =
        serde_json::from_slice(&fs::read(root().join("fixtures/golden/audio/decoded.json")).unwrap())
            .unwrap();
    let (mut compared, mut absent) = (0, 0);
    for (name, expected) in golden["files"].as_object().unwrap() {
        if OTHERWISE.iter().any(|(other, _)| name.ends_with(other)) {
            continue;
        }
        let Ok(bytes) = fs::read(place(name)) else {
            assert!(name.starts_with("formats/"), "{name} is missing");
            absent += 1;
            continue;
        };
        let read = decode(&bytes, Strictness::Tolerant).unwrap_or_else(|error| panic!("{name}: {error}"));
        compare(name, &read.value, expected);
        compared += 1;
    }
    if absent > 0 {
        println!("skipped {absent} files: the shared data is not here");
    }
    assert!(compared >= 29, "{compared}");
}

#[test]
fn every_sound_of_the_collection_is_read_or_refused_by_its_class() {
    let folder = root().join("../shared/data/formats");
    let Ok(manifest) = fs::read_to_string(folder.join("manifest.tsv")) else {
        println!("skipped: the shared data is not here");
        return;
    };
    let mut count = 0;
    for line in manifest.lines().filter(|line| line.starts_with("audio/")) {
        let columns: Vec<&str> = line.split('\t').collect();
        let bytes = fs::read(folder.join(columns[0])).unwrap();
        let read = decode(&bytes, Strictness::Tolerant);
        // What is broken is read in part or refused, but comes back.
        if columns[4] != "broken" {
            let read = read.unwrap_or_else(|error| panic!("{}: {error}", columns[0]));
            assert!(read.value.frames() > 0, "{}", columns[0]);
            assert!(columns[4] == "odd" || read.warnings.is_empty(), "{}: {:?}", columns[0], read.warnings);
        }
        count += 1;
    }
    assert!(count >= 60, "{count}");
}
