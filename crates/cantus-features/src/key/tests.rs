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
fn silence_is_in_no_key() {
    let found = estimate(&[0.0; 12]);
    assert_eq!((found.key, found.correlation, found.margin), (Key::C_MAJOR, 0.0, 0.0));
}
