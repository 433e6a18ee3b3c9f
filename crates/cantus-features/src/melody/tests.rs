//! Laws of melody and voice leading.

use cantus_score::notation::parse;

use crate::{Window, find};

#[track_caller]
fn check(name: &str, music: &str, expected: Option<f64>) {
    let measured = find(name).unwrap().measure(&Window::of_piece(&parse(music).unwrap()));
    assert!(
        match (measured, expected) {
            (Some(measured), Some(expected)) => (measured - expected).abs() < 1e-12,
            (measured, expected) => measured == expected,
        },
        "{name}: {measured:?}"
    );
}

#[test]
fn a_melody_is_what_lies_on_top() {
    let music = "meter=4/4 | C5/4 D5/4 D5/4 G5/4 | E4/4 C4/4 E4/4 C4/4";
    check("mean_interval", music, Some((2.0 + 0.0 + 5.0) / 3.0));
    check("leaps", music, Some(1.0 / 3.0));
    check("repeated_notes", music, Some(1.0 / 3.0));
    check("contour", music, Some(2.0 / 3.0));
    check("contour", "C5/1", None);
    let score = parse(music).unwrap();
    let shares = super::intervals(&Window::of_piece(&score)).unwrap();
    assert!((shares[5] - 1.0 / 3.0).abs() < 1e-12 && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn parallels_are_found_where_both_voices_move_and_only_there() {
    check("parallel_fifths", "G4/4 A4/4 B4/4 | C4/4 D4/4 E4/4", Some(100.0));
    check("parallel_octaves", "G4/4 A4/4 B4/4 | C4/4 D4/4 E4/4", Some(0.0));
    check("parallel_octaves", "C5/4 D5/4 D5/4 | C4/4 D4/4 E4/4", Some(50.0));
    // A fifth that is repeated, one into which a voice steps, and a twelfth left in contrary motion.
    check("parallel_fifths", "G4/4 G4/4 A4/4 | C4/4 C4/4 D4/4", Some(100.0));
    check("parallel_fifths", "F4/4 G4/4 G4/4 | C4/4 C4/4 E4/4", Some(0.0));
    check("parallel_fifths", "G4/4 A4/4", None);
}

#[test]
fn a_lower_voice_above_a_higher_one_has_crossed_it() {
    check("voice_crossings", "C5/4 D5/4 C5/4 | C4/4 E5/4 C4/4", Some(50.0));
    check("voice_crossings", "C4/4 D4/4 C4/4 | C5/4 E5/4 C5/4", Some(0.0));
}
