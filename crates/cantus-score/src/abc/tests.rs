//! Small tunes through one door, and laws over whole books.

use std::fmt::Write;

use super::read_book;
use crate::{Score, Strictness};

/// The first track as text: `pitch@quarter+length`, bar lines as `|`.
fn shown(score: &Score) -> String {
    let quarter = f64::from(score.resolution.ticks_per_quarter());
    let lines = score.bar_lines();
    let mut text = String::new();
    let mut bar = 1;
    for note in &score.tracks[0].notes {
        while lines.get(bar).is_some_and(|line| *line <= note.start) {
            text.push_str("| ");
            bar += 1;
        }
        write!(text, "{}:{} ", note.pitch, f64::from(note.length.0) / quarter).unwrap();
    }
    text.trim_end().to_owned()
}

#[track_caller]
fn check(tune: &str, expected: &str) {
    let read = read_book(tune.as_bytes(), Strictness::Strict).unwrap();
    assert_eq!(shown(&read.value[0].score), expected);
}

#[test]
fn notes_have_the_unit_and_the_key() {
    check("X:1\nM:4/4\nL:1/4\nK:G\nG F/ ^c2 =F|", "G4:1 F#4:0.5 C#5:2 F4:1");
}
