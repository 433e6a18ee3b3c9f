//! Laws of the short notation.

use proptest::prelude::*;

use super::{parse, print};
use crate::{Channel, Note, Pitch, Resolution, Score, Ticks, Track};

/// Parses and prints again.
#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(print(&parse(text).unwrap()), expected);
}

#[track_caller]
fn check_error(text: &str, expected: &str) {
    assert_eq!(parse(text).unwrap_err().to_string(), expected);
}

#[test]
fn what_is_left_out_is_filled_in() {
    check(
        "key=C meter=4/4 | S: G4/4 B4 r D5/8. | A: E4/2.",
        "key=C meter=4/4 | S: G4/4 B4/4 r/4 D5/8. | A: E4/2.",
    );
    check("C4 [E4 G4]/2 A4/12 B4", "| C4/4 [E4 G4]/2 A4/12 B4/12");
    check("[C4/2 E4/4]@/4 D#4/4", "| [C4/2 E4/4]@/4 Eb4/4");
    check("key=F#m tempo=90 meter=3/4 pickup=1/4 | A4", "key=F#m meter=3/4 tempo=90 pickup=1/4 | A4/4");
}

#[test]
fn a_wrong_word_is_named() {
    check_error("H4/4", "a note must be like C4, F#5 or Bb3, but was `H4/4`");
    check_error(
        "mode=C | C4",
        "a setting must be key=, meter=, tempo=, pickup=, resolution= or title= and a value, but was `mode=C`",
    );
    check_error(
        "C4/7",
        "a length must be like /4, /8. or *5/8, more than nothing and a whole number of ticks, but was `/7`",
    );
}

fn scores() -> impl Strategy<Value = Score> {
    let note = (0_u32..4000, 1_u32..4000, 0_i64..128);
    let part = prop::collection::btree_set(note, 0..20);
    (1_i64..2000, prop::collection::vec(part, 1..4)).prop_map(|(resolution, parts)| {
        let mut score = Score::new(Resolution::new(resolution).unwrap());
        for (index, notes) in parts.into_iter().enumerate() {
            let note =
                |(start, length, pitch)| Note::new(Ticks(start), Ticks(length), Pitch::saturating(pitch));
            let mut notes: Vec<Note> = notes.into_iter().map(note).collect();
            notes.sort_unstable();
            let (name, channel) = (format!("P{index}"), Channel::saturating(index as i64));
            score.tracks.push(Track { name, channel, notes, controls: Vec::new(), texts: Vec::new() });
        }
        score
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(score in scores()) {
        let text = print(&score);
        prop_assert_eq!(parse(&text).unwrap(), score);
        prop_assert_eq!(print(&parse(&text).unwrap()), text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[A-Gr0-9/*@.#b \\[\\]|:=keymtr]{0,60}") {
        let _ = parse(&text).map(|score| print(&score));
    }
}
