//! Laws of tonal tension.

use cantus_score::notation::parse;

use super::{centroid, spiral};
use crate::{Window, find};

#[test]
fn the_tonic_chord_is_less_tense_than_a_chord_far_away() {
    let score =
        parse("meter=4/4 | E5/1 D5/1 C#5/1 E5/1 | C5/1 B4/1 A#4/1 C5/1 | G4/1 G4/1 F#4/1 G4/1 | C3/1 G3/1 F#3/1 C3/1").unwrap();
    let strain: Vec<f64> =
        Window::of_bars(&score).iter().map(|bar| find("tension").unwrap().measure(bar).unwrap()).collect();
    assert!(strain[0] < strain[1] && strain[1] < strain[2], "{strain:?}");
    assert_eq!(strain[0].to_bits(), strain[3].to_bits());
}

#[test]
fn the_spiral_has_the_distances_of_its_model() {
    // Chew's choice: a major third is as far as a fifth is, relative to her rise: sqrt(2 + 2/15) and 4 * rise.
    let mut weights = [0.0; 12];
    weights[0] = 1.0;
    let one = spiral::diameter(&weights, cantus_score::Key::C_MAJOR).unwrap();
    weights[7] = 1.0;
    let fifth = spiral::diameter(&weights, cantus_score::Key::C_MAJOR).unwrap();
    weights[7] = 0.0;
    weights[4] = 1.0;
    let third = spiral::diameter(&weights, cantus_score::Key::C_MAJOR).unwrap();
    assert_eq!(one.to_bits(), 0.0_f64.to_bits());
    assert!((fifth * fifth - (2.0 + 2.0 / 15.0)).abs() < 1e-12);
    assert!((third * third - 16.0 * 2.0 / 15.0).abs() < 1e-12);
}

#[test]
fn a_chord_that_stays_changes_nothing_and_fifths_are_near() {
    let of = |classes: &[usize]| {
        let mut weights = [0.0; 12];
        for &class in classes {
            weights[class] = 1.0;
        }
        centroid::of(&weights).unwrap()
    };
    let (c, g, f_sharp) = (of(&[0, 4, 7]), of(&[7, 11, 2]), of(&[6, 10, 1]));
    assert!(centroid::distance(&c, &c) < 1e-12);
    assert!(centroid::distance(&c, &g) < centroid::distance(&c, &f_sharp));
    // All twelve classes lie about the middle.
    assert!(centroid::of(&[1.0; 12]).unwrap().iter().all(|axis| axis.abs() < 1e-12));
}
