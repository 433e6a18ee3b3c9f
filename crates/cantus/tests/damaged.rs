//! Damaged files are read or refused, and what was rescued is used like any piece, within time and memory.
//!
//! `cargo xtask fuzz` does the same with many more copies.
#![allow(unsafe_code, reason = "an allocator that counts can only be installed by unsafe code")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk like tests")]

#[path = "../examples/fuzz/fuzzing/mod.rs"]
mod fuzzing;

use cantus::model::corpus::ScanOptions;
use cantus::score::midi::damage::Damage;
use fuzzing::{Format, files, fuzz};

fn check(format: Format, count: u64, seed: u64) {
    let files = files(format, None, |line| println!("{line}"));
    if let Err(finding) = fuzz(format, &files, (count, seed), |_, _| {}) {
        let path = std::env::temp_dir().join(format!("found-{}.{}", finding.seed, format.extension()));
        std::fs::write(&path, &finding.bytes).unwrap();
        let again = format!("try them again with `cargo xtask fuzz --replay {}`", path.display());
        panic!("seed {}: {}; the bytes were kept: {again}", finding.seed, finding.why);
    }
}

#[test]
fn damaged_midi_files_are_rescued_or_refused_and_can_be_used() {
    check(Format::Midi, 500, 1);
}

#[test]
fn damaged_books_of_tunes_are_rescued_or_refused_and_can_be_used() {
    check(Format::Abc, 150, 1);
}

#[test]
fn damaged_notation_is_read_or_refused_and_can_be_used() {
    check(Format::Notation, 300, 1);
}

#[test]
fn damaged_written_music_is_rescued_or_refused_and_can_be_used() {
    check(Format::MusicXml, 120, 1);
    check(Format::Mxl, 60, 1);
    check(Format::Kern, 120, 1);
}

#[test]
fn damaged_sound_is_decoded_or_refused_and_can_be_measured() {
    check(Format::Sound, 300, 1);
}

#[test]
fn a_folder_of_damaged_files_is_scanned_file_by_file() {
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Midi, Format::Abc] {
        let files = files(format, None, |line| println!("{line}"));
        for (seed, file) in (0..60).zip(files.iter().cycle()) {
            // What a file is, its content tells and not its name.
            let name = if seed % 3 == 0 { "mid" } else { format.extension() };
            let path = folder.path().join(format!("{}-{seed}.{name}", format.extension()));
            std::fs::write(path, Damage::new(seed).copy(file, &files[0])).unwrap();
        }
    }
    let corpus = cantus::scan(&[folder.path().into()], &ScanOptions::default(), &|_| {}).unwrap();
    assert!(corpus.pieces.len() > 60 && corpus.pieces.iter().all(|piece| piece.score.note_count() > 0));
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        // An error says why; a panic would end the test.
        let _ = cantus::read(&entry.unwrap().path());
    }
}
