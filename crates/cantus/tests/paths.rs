//! The same music comes of every path through the processor.

use cantus::composing::{Composer, Control, Request, Steer as _};
use cantus::model::controls::scale_of;
use cantus::model::styles::Style;
use cantus::{OutputFormat, SoundOptions};
use cantus_nn::Path;

/// A request in a style; every other one with a control where the model and the style know it.
fn request(composer: &Composer, style: &Style) -> Request {
    let request = Request::new(7).style(&style.name).bars(4).expect("a usual length");
    let varies =
        |control: &Control| scale_of(&style.controls, *control).is_some_and(|scale| !scale.bars.is_flat());
    let place = composer.styles().iter().position(|own| own.name == style.name).unwrap_or(0);
    let is_steered = composer.knows_controls() && place % 2 == 1;
    let Some(control) = Control::ALL.into_iter().find(varies).filter(|_| is_steered) else {
        return request;
    };
    request.control(control, "0.2 0.9".parse().expect("a curve"))
}

/// A piece as a MIDI file and as JSON, in which every decision stands with its probabilities.
fn piece(composer: &Composer, style: &Style) -> (Vec<u8>, String) {
    let request = request(composer, style);
    let composition = cantus::compose(composer, &request, true, &mut |_| {}).expect("a usual request");
    let midi = cantus::encode(&composition.score, OutputFormat::Midi, &SoundOptions::default());
    let json = serde_json::to_string(&composition.record()).expect("plain numbers");
    (midi.expect("a score that can be written"), json)
}

#[test]
fn a_composition_is_the_same_bytes_on_every_path() {
    let model = cantus::model_or_default(None).expect("the built-in model");
    let choir = cantus::built_in_choir().expect("the built-in choir");
    let drummers = cantus::built_in_drummers().expect("the built-in drummers");
    let composer =
        |path| Composer::on(path, &model).with_drummers(&drummers).with_choir(&choir).expect("it sings");
    let expected = composer(Path::Portable);
    for style in &model.styles {
        let (midi, json) = piece(&expected, style);
        for path in Path::supported() {
            let (own_midi, own_json) = piece(&composer(path), style);
            assert!(own_midi == midi, "{}: other notes on {path:?}", style.name);
            assert!(own_json == json, "{}: other probabilities on {path:?}", style.name);
        }
    }
}
