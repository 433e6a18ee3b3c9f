//! Damaged files are read or refused, and what was rescued is used like any piece, within time and memory.
//!
//! `cargo xtask fuzz` does the same with many more copies.
#![allow(unsafe_code, reason = "an allocator that counts can only be installed by unsafe code")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk like tests")]

#[path = "../examples/fuzz/fuzzing/mod.rs"]
mod fuzzing;

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
