use cantus_features::{Window, find};

use super::*;
use crate::walk::tests::random_piece;

#[test]
fn a_value_stands_at_its_place_and_a_place_has_its_value() {
    let scale = Scale::of_values((0..=100).map(|value| f64::from(value) / 4.0).collect()).unwrap();
    for hundredth in 0..=100 {
        let place = f64::from(hundredth) / 100.0;
        assert!((scale.place(scale.value(place)) - place).abs() < 1e-9);
    }
    assert_eq!((scale.place(-1.0), scale.place(30.0)), (0.0, 1.0));
    assert_eq!((scale.level(0.0), scale.level(12.6), scale.level(25.0)), (0, 5, 9));
    assert_eq!(Scale::of_values(Vec::new()), None);
}

#[test]
fn a_value_that_many_have_stands_in_the_middle_of_them() {
    // Half of all are 4, and the rest is spread above.
    let values = (0..100).map(|index| if index < 50 { 4.0 } else { f64::from(index) });
    let scale = Scale::of_values(values.collect()).unwrap();
    assert_eq!(scale.level(4.0), 2);
    assert!(scale.level(80.0) > 6);
    let flat = Scale::of_values(vec![1.0; 5]).unwrap();
    assert!(flat.is_flat());
    assert_eq!((flat.place(1.0), flat.place(0.5), flat.place(2.0)), (0.5, 0.0, 1.0));
}

#[test]
fn greater_values_never_have_lower_levels() {
    let scale = Scale::of_values(vec![0.0, 0.0, 0.0, 1.0, 1.5, 1.5, 1.5, 1.5, 2.0, 9.0]).unwrap();
    let levels: Vec<u8> = (-10..120).map(|tenth| scale.level(f64::from(tenth) / 10.0)).collect();
    assert!(levels.is_sorted());
}

#[test]
fn the_walk_and_the_measure_count_the_same_bars() {
    for seed in 0..40 {
        let piece = random_piece(seed);
        let measured = MeasuredControls::of_piece(&piece, None);
        let whole: u32 = (piece.end() - piece.pickup).div_ceil(bar_steps(piece.meters[0].meter));
        assert_eq!(measured.bars.len(), whole as usize);
        assert!(measured.chords.windows(2).all(|pair| pair[0].from < pair[1].from));
        assert_eq!(bars_before(&piece.meters), [0]);
    }
}

/// One catalogue: what a network is told of a bar is what `cantus features` measures.
#[test]
fn the_controls_are_the_descriptors_of_the_catalogue() {
    let mut compared = 0;
    for seed in 0..40 {
        let piece = random_piece(seed);
        let windows = Window::of_bars(&piece.to_score());
        let measured = MeasuredControls::of_piece(&piece, windows[0].home);
        for (values, window) in measured.bars.iter().zip(&windows[usize::from(piece.pickup > 0)..]) {
            for control in Control::ALL {
                let expected = find(control.descriptor()).unwrap().measure(window);
                let expected =
                    if control == Control::Rhythm { expected.map(|on| 1.0 - on) } else { expected };
                let own = values[control.index()];
                assert_eq!(own.is_some(), expected.is_some(), "{} of {seed}", control.name());
                let (own, expected) = (own.unwrap_or(0.0), expected.unwrap_or(0.0));
                assert!((own - expected).abs() < 1e-9, "{} of {seed}: {own}, {expected}", control.name());
                compared += 1;
            }
        }
    }
    assert!(compared > 1000);
}
