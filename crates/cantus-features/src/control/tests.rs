//! Laws of the controls.

use cantus_score::{Key, Pitch, PitchClass};

use super::*;

const HOME: Option<Key> = Some(Key::C_MAJOR);

fn note(begin: u32, length: u32, pitch: i64) -> Note {
    Note { begin, end: begin + length, pitch: Some(Pitch::saturating(pitch)), velocity: None }
}

fn bars(count: u32) -> Vec<Bar> {
    (0..count).map(|bar| Bar { begin: 96 * bar, end: 96 * bar + 96, beat: 24, quarter: 24 }).collect()
}

#[test]
fn a_bar_has_the_values_of_its_notes() {
    let mut notes =
        vec![note(0, 96, 48), note(0, 24, 60), note(24, 24, 64), note(60, 12, 67), note(72, 48, 72)];
    notes[1].velocity = Some(80.0);
    notes[2].velocity = Some(100.0);
    let values = of_bars(&notes, &bars(3), HOME);
    let value = |bar: usize, control: Control| values[bar][control.index()];
    assert_eq!(value(0, Control::Density), Some(5.0 / 4.0));
    assert_eq!(value(0, Control::Polyphony), Some((96.0 + 24.0 + 24.0 + 12.0 + 24.0) / 96.0));
    let pitches = 96.0 * 48.0 + 24.0 * 60.0 + 24.0 * 64.0 + 12.0 * 67.0 + 24.0 * 72.0;
    assert_eq!(value(0, Control::Register), Some(pitches / 180.0));
    assert_eq!(value(0, Control::Rhythm), Some(1.0 / 4.0));
    assert_eq!(value(0, Control::Dynamics), Some(90.0));
    // The last note sounds on, but begins nothing.
    assert_eq!(value(1, Control::Density), Some(0.0));
    assert_eq!(value(1, Control::Register), Some(72.0));
    assert_eq!(value(1, Control::Rhythm), None);
    assert_eq!(values[2], [Some(0.0), None, None, None, None, None]);
}

#[test]
fn the_tonic_chord_is_less_tense_than_one_far_away() {
    let chord = |bar: u32, root: i64| [0, 4, 7].map(|above| note(96 * bar, 96, root + above));
    let notes: Vec<Note> =
        [60, 67, 66].into_iter().enumerate().flat_map(|(bar, root)| chord(bar as u32, root)).collect();
    let tension = |values: &Values| values[Control::Tension.index()].unwrap();
    let values = of_bars(&notes, &bars(3), HOME);
    assert!(tension(&values[0]) < tension(&values[1]));
    assert!(tension(&values[1]) < tension(&values[2]));
    let mean = (tension(&values[0]) + tension(&values[1]) + tension(&values[2])) / 3.0;
    assert!((tension(&of_piece(&notes, &bars(3), HOME)) - mean).abs() < 1e-12);
}

#[test]
fn every_chord_is_heard_as_itself_and_moves_with_the_music() {
    for quality in Quality::ALL {
        for root in 0..12 {
            let notes: Vec<Note> =
                quality.tones().iter().map(|tone| note(0, 96, 48 + root + *tone as i64)).collect();
            let heard = chords(&notes, &bars(1))[0];
            let chord = Chord { root: PitchClass::saturating(root), quality };
            assert_eq!(heard, Some(chord), "{chord}");
        }
    }
    assert_eq!(chords(&[], &bars(1)), [None]);
}

#[test]
fn transposed_music_has_the_same_bits_but_for_the_register() {
    let notes: Vec<Note> =
        (0..40_u32).map(|index| note(index * 12, 6 + index % 30, 50 + i64::from(index * 7 % 23))).collect();
    for by in 1..12 {
        let moved: Vec<Note> = notes
            .iter()
            .map(|note| Note { pitch: note.pitch.and_then(|pitch| pitch.transposed(by)), ..*note })
            .collect();
        let home = HOME.map(|home| home.transposed(by));
        let (one, other) = (of_bars(&notes, &bars(5), HOME), of_bars(&moved, &bars(5), home));
        for (one, other) in one.iter().zip(&other) {
            for control in Control::ALL {
                let by = if control == Control::Register { f64::from(by) } else { 0.0 };
                let (one, other) = (one[control.index()], other[control.index()]);
                assert!(one.is_some() == other.is_some());
                assert!((one.unwrap_or(0.0) + by - other.unwrap_or(by)).abs() < 1e-9 || one.is_none());
                if by == 0.0 {
                    assert_eq!(one.map(f64::to_bits), other.map(f64::to_bits));
                }
            }
        }
        let transposed: Vec<_> =
            chords(&notes, &bars(5)).iter().map(|chord| chord.map(|chord| chord.transposed(by))).collect();
        assert_eq!(transposed, chords(&moved, &bars(5)));
    }
}
