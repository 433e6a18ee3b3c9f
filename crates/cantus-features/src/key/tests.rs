//! Laws of the key estimate.

use cantus_score::{Key, Mode};

use super::{Profile, estimate};

#[test]
fn a_profile_is_in_its_own_key() {
    for profile in [Profile::KRUMHANSL_KESSLER, Profile::ALBRECHT_SHANAHAN, Profile::TEMPERLEY] {
        let found = super::estimate_with(&profile.major, &profile);
        assert_eq!(found.key, Key::C_MAJOR);
        assert!((found.correlation - 1.0).abs() < 1e-12);
        let found = super::estimate_with(&profile.minor, &profile);
        assert_eq!((found.key.tonic().get(), found.key.mode()), (0, Mode::Minor));
    }
}

#[test]
fn transposed_weights_have_the_transposed_key() {
    let weights = [3.0, 0.0, 2.0, 0.5, 2.5, 1.0, 0.0, 4.0, 0.0, 1.0, 0.5, 1.0];
    let plain = estimate(&weights);
    for semitones in 0..12 {
        let turned = std::array::from_fn(|class| weights[(class + 12 - semitones) % 12]);
        let moved = estimate(&turned);
        assert_eq!(moved.key, plain.key.transposed(semitones as i32));
        assert_eq!(moved.key.tonic(), plain.key.tonic().transposed(semitones as i32));
        assert!((moved.margin - plain.margin).abs() < 1e-9);
    }
}

#[test]
fn every_key_has_a_number_of_its_own() {
    for number in 0..24 {
        let number = f64::from(number);
        assert_eq!(super::number(super::of_number(number)).to_bits(), number.to_bits());
    }
}

#[test]
fn silence_is_in_no_key() {
    let found = estimate(&[0.0; 12]);
    assert_eq!((found.key, found.correlation, found.margin), (Key::C_MAJOR, 0.0, 0.0));
}

#[test]
fn the_end_of_a_piece_decides_between_keys_that_share_their_notes() {
    let of = |music: &str| super::of_score(&cantus_score::notation::parse(music).unwrap()).key.to_string();
    // The same notes, in the order of C major and of A minor.
    assert_eq!(of("meter=4/4 | C4/4 E4/4 G4/4 A4/4 F4/4 A4/4 D4/4 B4/4 C4/1"), "C major");
    assert_eq!(of("meter=4/4 | A4/4 E4/4 C4/4 E4/4 F4/4 D4/4 G4/4 B4/4 A4/1"), "A minor");
}

#[test]
fn a_transposed_piece_has_the_transposed_key() {
    let score =
        cantus_score::notation::parse("meter=3/4 | G4/4 A4/4 B4/4 C5/4 A4/4 F#4/4 G4/2. | G3/2. D3/2. G3/2.")
            .unwrap();
    let plain = super::of_score(&score);
    for semitones in -12..=12 {
        let moved = super::of_score(&cantus_score::edit::transposed(&score, semitones).unwrap());
        assert_eq!(moved.key.tonic(), plain.key.tonic().transposed(semitones));
        assert_eq!(moved.key.mode(), plain.key.mode());
        assert!((moved.margin - plain.margin).abs() < 1e-9);
    }
}
