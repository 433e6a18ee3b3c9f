//! Laws of rhythm.

use cantus_score::notation::parse;

use crate::{Window, find};

#[track_caller]
fn check(name: &str, music: &str, expected: Option<f64>) {
    let score = parse(music).unwrap();
    let measured = find(name).unwrap().measure(&Window::of_piece(&score));
    assert!(
        match (measured, expected) {
            (Some(measured), Some(expected)) => (measured - expected).abs() < 1e-12,
            (measured, expected) => measured == expected,
        },
        "{name}: {measured:?}"
    );
}

#[test]
fn notes_on_stronger_places_than_those_they_are_held_over_are_no_syncopation() {
    check("syncopation", "meter=4/4 | C4/4 C4/4 C4/4 C4/4", Some(0.0));
    check("syncopation", "meter=4/4 | C4/1", Some(0.0));
    check("syncopation", "meter=3/4 | C4/2 C4/4", Some(0.0));
}

#[test]
fn a_note_counts_by_the_levels_that_it_is_held_over() {
    // From the fourth quarter of a bar over the next bar line: two levels. From the second over the third: one.
    check("syncopation", "meter=4/4 | r/2. C4/1 r/4", Some(2.0));
    check("syncopation", "meter=4/4 | C4/4 C4/2 C4/4", Some(1.0));
    // Off the beat by an eighth: from depth 3 over depth 2, then over depth 1, then over depth 2.
    check("syncopation", "meter=4/4 | C4/8 C4/4 C4/4 C4/4 C4/8", Some(1.0 + 2.0 + 1.0));
}

#[test]
fn even_eighths_do_not_swing_and_triplets_swing_two_to_one() {
    check("swing", "meter=2/4 | C4/8 D4/8 E4/8 F4/8", Some(1.0));
    check("swing", "meter=2/4 | C4/4 D4/4", None);
    let mut score = parse("meter=2/4 | C4/8 D4/8 E4/8 F4/8").unwrap();
    score.tracks[0].notes[1].start.0 += 80;
    score.tracks[0].notes[3].start.0 += 80;
    let swing = find("swing").unwrap().measure(&Window::of_piece(&score)).unwrap();
    assert!((swing - 2.0).abs() < 1e-9);
}

#[test]
fn chords_are_one_moment_and_beats_are_told_from_what_lies_between() {
    check("onset_rate", "meter=2/4 | C4/4 D4/4 | E4/4 F4/4", Some(1.0));
    check("on_beat", "meter=2/4 | C4/8 D4/8 E4/4", Some(2.0 / 3.0));
    let score = parse("meter=2/4 | C4/8 D4/8 E4/4").unwrap();
    let profile = super::profile(&Window::of_piece(&score)).unwrap();
    assert!((profile[0] - 2.0 / 3.0).abs() < 1e-12 && (profile[6] - 1.0 / 3.0).abs() < 1e-12);
}
