//! What the built-in model is asked for is heard in what it composes.

use cantus::composing::{Composer, Control, Course, Request, Steer as _};
use cantus::model::controls::{MeasuredControls, scale_of};
use cantus::model::encoding::Sliced;

/// Where a composed tune lies among the style's own, by a control asked for at a place.
fn heard(composer: &Composer, control: Control, asked: f64, seed: u64) -> f64 {
    let request = Request::new(seed).style("folk").bars(8).expect("a usual length");
    let request = request.control(control, Course::value(asked).expect("a place"));
    let composition = composer.compose(&request).expect("a usual request");
    let measured = MeasuredControls::of_piece(&Sliced::of_score(&composition.score), composition.key);
    let style = composer.styles().iter().find(|style| style.name == "folk").expect("a style of the model");
    let scale = scale_of(&style.controls, control).expect("a control that tunes vary in");
    scale.pieces.place(measured.piece[control.index()].expect("a tune that sounds"))
}

#[test]
fn controls_are_followed() {
    let composer = Composer::new(&cantus::model_or_default(None).expect("the built-in model"));
    for control in [Control::Density, Control::Register, Control::Rhythm] {
        for (seed, asked) in [(1, 0.15), (2, 0.5), (3, 0.85)] {
            let place = heard(&composer, control, asked, seed);
            assert!((place - asked).abs() < 0.15, "{}: {asked} was asked, {place} is heard", control.name());
        }
    }
}
