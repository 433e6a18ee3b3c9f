//! Laws of the catalogue.

use cantus_score::notation::parse;
use cantus_score::{Key, Mode, edit};

use crate::{CATALOGUE, Measure, Window, ends_on_tonic, final_chord, find, numbers, of_bars, of_piece};

/// Measures one descriptor on a piece in the short notation and on each of its bars.
#[track_caller]
fn check(name: &str, music: &str, piece: Option<f64>, bars: &[Option<f64>]) {
    let (score, descriptor) = (parse(music).unwrap(), find(name).unwrap());
    assert_eq!(descriptor.measure(&Window::of_piece(&score)), piece);
    let measured: Vec<Option<f64>> =
        Window::of_bars(&score).iter().map(|bar| descriptor.measure(bar)).collect();
    assert_eq!(measured, bars);
}

const TWO_BARS: &str = "key=C meter=2/4 tempo=90 | S: C5/4 E5/4 G5/2 | A: C4/2 r/4 D4/4";

#[test]
fn texture_is_measured_on_pieces_and_bars() {
    check("density", TWO_BARS, Some(1.25), &[Some(1.5), Some(1.0)]);
    check("polyphony", TWO_BARS, Some(7.0 / 4.0), &[Some(2.0), Some(1.5)]);
    check("lowest", TWO_BARS, Some(60.0), &[Some(60.0), Some(62.0)]);
    check("range", TWO_BARS, Some(19.0), &[Some(16.0), Some(17.0)]);
}

#[test]
fn a_note_that_is_held_counts_in_every_bar_but_begins_in_one() {
    check("density", "meter=2/4 | C4/1 D4/2", Some(2.0 / 6.0), &[Some(0.5), Some(0.0), Some(0.5)]);
    check("highest", "meter=2/4 | C4/1 D4/2", Some(62.0), &[Some(60.0), Some(60.0), Some(62.0)]);
}

#[test]
fn a_note_that_is_never_released_sounds_in_many_bars_but_not_in_all() {
    let mut score = parse("meter=1/4 | C4/1").unwrap();
    score.tracks[0].notes[0].length = cantus_score::Ticks(480 * 1000);
    let sounding: Vec<usize> = Window::of_bars(&score).iter().map(|bar| bar.sounding.len()).collect();
    assert_eq!(sounding, [[1; 256].as_slice(), &[0; 744]].concat());
}

#[test]
fn what_the_score_does_not_say_is_unknown() {
    check("tempo", "C4/1", None, &[None]);
    check("meter_beats", "C4/1", None, &[None]);
    check("meter_beats", "meter=3/4 pickup=1/4 | C4/4 D4/2.", Some(3.0), &[Some(1.0), Some(3.0)]);
    check("range", "meter=2/4 | r/2 C4/2", Some(0.0), &[None, Some(0.0)]);
    assert!(of_piece(&parse("").unwrap()).iter().all(Option::is_none));
    assert!(
        (find("tempo").unwrap().measure(&Window::of_piece(&parse(TWO_BARS).unwrap())).unwrap() - 90.0).abs()
            < 1e-3
    );
}

#[test]
fn the_catalogue_is_sound() {
    let names: std::collections::BTreeSet<&str> =
        CATALOGUE.iter().map(|descriptor| descriptor.name).collect();
    assert_eq!(names.len(), CATALOGUE.len(), "every name stands once");
    let score = parse(TWO_BARS).unwrap();
    for row in of_bars(&score).into_iter().chain([of_piece(&score)]) {
        for (descriptor, value) in numbers().zip(row) {
            let (low, high) = descriptor.range;
            let value = value.unwrap_or(low);
            assert!(low <= value && value <= high, "{}: {value}", descriptor.name);
            assert_eq!(descriptor.columns(), [descriptor.name]);
        }
    }
    for descriptor in CATALOGUE.iter().filter(|descriptor| !descriptor.is_number()) {
        // Those of sound are measured in `sound::tests`.
        let (low, high) = descriptor.range;
        let rows = match descriptor.measure {
            Measure::Numbers(numbers) => vec![(numbers.of)(&Window::of_piece(&score)).unwrap()],
            Measure::Rows(numbers) => (numbers.of)(&score),
            Measure::Number(_) => unreachable!(),
            _ => Vec::new(),
        };
        for row in rows {
            assert_eq!(row.len(), descriptor.columns().len(), "{}", descriptor.name);
            assert!(row.iter().all(|value| (low..=high).contains(value)), "{}: {row:?}", descriptor.name);
        }
    }
}

#[test]
fn transposed_music_has_transposed_features() {
    let score = parse(TWO_BARS).unwrap();
    for semitones in -12..=12 {
        let moved = edit::transposed(&score, semitones).unwrap();
        let rows = of_bars(&score).into_iter().chain([of_piece(&score)]);
        let moved = of_bars(&moved).into_iter().chain([of_piece(&moved)]);
        for ((descriptor, before), after) in
            rows.zip(moved).flat_map(|(one, other)| numbers().zip(one).zip(other))
        {
            let (Some(before), Some(after)) = (before, after) else {
                assert_eq!(before, after, "{}", descriptor.name);
                continue;
            };
            let expected = match descriptor.name {
                "key" => (before + f64::from(semitones)).rem_euclid(12.0) + 12.0 * (before / 12.0).floor(),
                "chord_root" | "chord_bass" => (before + f64::from(semitones)).rem_euclid(12.0),
                "lowest" | "highest" | "mean_pitch" => before + f64::from(semitones),
                _ => before,
            };
            assert!((expected - after).abs() < 1e-9, "{}: {expected} {after}", descriptor.name);
        }
    }
}

#[test]
fn the_final_chord_is_what_sounds_at_the_last_onset() {
    let minor = Key::new(0, Mode::Minor).unwrap();
    let tonic = |music: &str, key| ends_on_tonic(&parse(music).unwrap(), key);
    assert!(tonic("B4/4 C5/4", Key::C_MAJOR), "a single voice ends on its last note");
    assert!(tonic("D5/4 E5/2 | G3/4 C3/2", Key::C_MAJOR));
    assert!(!tonic("D5/4 C5/2 | G3/4 E3/2", Key::C_MAJOR), "an inversion does not end a piece");
    assert!(tonic("D5/4 C5/2 | G3/4 A3/2", minor));
    assert!(!tonic("", minor));
    let held = final_chord(&parse("E5/4 G5/4 | C4/2").unwrap()).unwrap();
    assert_eq!((held.bass.get(), held.classes.len()), (60, 2));
}
