//! Laws of chords.

use cantus_score::notation::parse;
use cantus_score::{PitchClass, edit};

use super::{Quality, of_beats, of_score, of_window};
use crate::Window;

/// The chords of the pieces, by name, with their lengths in beats.
fn check(music: &str, expected: &str) {
    let score = parse(music).unwrap();
    let found: Vec<String> = of_score(&score)
        .iter()
        .map(|span| {
            let beats = score.resolution.beats(span.end.saturating_sub(span.begin)).0;
            span.chord.map_or_else(|| format!("N {beats}"), |chord| format!("{chord} {beats}"))
        })
        .collect();
    assert_eq!(found.join(", "), expected);
}

#[test]
fn every_chord_is_told_from_its_own_notes_on_every_root() {
    for quality in Quality::ALL {
        for root in 0..12 {
            let notes: Vec<String> = quality
                .intervals()
                .iter()
                .map(|interval| {
                    format!("{}/1", cantus_score::Pitch::saturating((48 + root + interval) as i64))
                })
                .collect();
            let score = parse(&notes.join(" | ")).unwrap();
            let chord = of_window(&Window::of_piece(&score)).unwrap();
            assert_eq!(
                (chord.root, chord.quality),
                (PitchClass::saturating(root as i64), quality),
                "{chord}"
            );
        }
    }
}

#[test]
fn chords_last_and_are_named_with_their_bass() {
    check(
        "meter=4/4 | E5/1 D5/1 E5/1 | C5/1 B4/1 C5/1 | G4/1 F4/1 G4/1 | C3/1 G3/1 E3/1",
        "C:maj 4, G:7 4, C:maj/E 4",
    );
    check("meter=4/4 | r/1 A4/1 | r/1 C5/1 | r/1 E5/1", "N 4, A:min 4");
}

#[test]
fn a_passing_note_is_no_chord() {
    check("meter=4/4 | C5/4 D5/4 E5/2 | G4/1 | C3/1 | E4/1", "C:maj 4");
}

#[test]
fn transposed_music_has_transposed_chords() {
    let score = parse("meter=3/4 | C5/4 D5/4 E5/4 B4/2. C5/2. | C3/2. G3/2. A3/2.").unwrap();
    let plain = of_beats(&score);
    for semitones in -11..=11 {
        let moved = of_beats(&edit::transposed(&score, semitones).unwrap());
        for (one, other) in plain.iter().zip(&moved) {
            let (one, other) = (one.chord.unwrap(), other.chord.unwrap());
            assert_eq!(one.root.transposed(semitones), other.root);
            assert_eq!((one.quality, one.bass.transposed(semitones)), (other.quality, other.bass));
        }
    }
}
