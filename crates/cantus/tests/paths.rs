//! The same music comes of every path through the processor.

use cantus::composing::{Composer, Request};
use cantus::{OutputFormat, SoundOptions};
use cantus_nn::Path;

/// A piece as a MIDI file and as JSON, in which every decision stands with its probabilities.
fn piece(composer: &Composer, style: &str) -> (Vec<u8>, String) {
    let request = Request::new(7).style(style).bars(4).expect("a usual length");
    let composition = cantus::compose(composer, &request, true).expect("a usual request");
    let midi = cantus::encode(&composition.score, OutputFormat::Midi, &SoundOptions::default());
    let json = serde_json::to_string(&composition.record()).expect("plain numbers");
    (midi.expect("a score that can be written"), json)
}

#[test]
fn a_composition_is_the_same_bytes_on_every_path() {
    let model = cantus::model_or_default(None).expect("the built-in model");
    let expected = Composer::on(Path::Portable, &model);
    for style in &model.styles {
        let (midi, json) = piece(&expected, &style.name);
        for path in Path::supported() {
            let (own_midi, own_json) = piece(&Composer::on(path, &model), &style.name);
            assert!(own_midi == midi, "{}: other notes on {path:?}", style.name);
            assert!(own_json == json, "{}: other probabilities on {path:?}", style.name);
        }
    }
}
