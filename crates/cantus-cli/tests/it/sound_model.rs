//! Sound as training data: `cantus train --engine array` on clips, and sound composed from what was learnt.

use cantus::audio::{AudioBuffer, SampleRate};

use crate::Desk;

/// A desk with clips of tones that step up a scale, each from another tone.
fn desk() -> Desk {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("clips")).unwrap();
    for clip in 0..5 {
        let rate = SampleRate::ANALYSIS;
        let wave = |index: usize| {
            let seconds = index as f64 / f64::from(rate.hertz());
            let step = (seconds * 4.0).floor() + f64::from(clip);
            let hertz = 220.0 * 2_f64.powf(step / 12.0);
            (0.3 * (std::f64::consts::TAU * hertz * seconds).sin()) as f32
        };
        let sound = AudioBuffer::of_mono(rate, (0..3 * rate.hertz() as usize).map(wave).collect());
        cantus::write_sound(&sound, &desk.path(&format!("clips/{clip}.wav"))).unwrap();
    }
    desk
}

#[test]
fn clips_are_learnt_and_sound_is_composed() {
    let desk = desk();
    let train = "train --engine array clips/0.wav clips/1.wav clips/2.wav clips/3.wav clips/4.wav -o run \
                 --units 24 --epochs 4";
    let run = desk.cantus(train).well();
    for words in ["4 pieces to learn from, 1 held out", "128 features", "repeating the frame before costs"] {
        assert!(run.err.contains(words), "{words:?} is not in\n{}", run.err);
    }
    desk.cantus("compose --model run -o new.wav new.npy --seconds 2 --seed 1").well();
    let shown = desk.cantus("show new.wav --json").well().out;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert!((shown["seconds"].as_f64().unwrap() - 2.0).abs() < 0.05, "{shown}");
    desk.cantus("compose --model run -o again.wav --seconds 2 --seed 1").well();
    assert_eq!(std::fs::read(desk.path("new.wav")).unwrap(), std::fs::read(desk.path("again.wav")).unwrap());
    let told = desk.cantus("eval run clips --json").well().out;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert!(
        told["repeating"].as_f64().unwrap() > 0.0 && told["unlikeness"]["composed"].as_f64().unwrap() > 0.0,
        "{told}"
    );
    assert!(desk.cantus("card run").well().out.contains("repeating the frame before"));
}

#[test]
fn what_cannot_be_sound_says_why() {
    let desk = desk();
    desk.cantus("train --engine array clips -o run --feature chroma --units 8 --epochs 1").well();
    let run = desk.cantus("compose --model run -o new.wav");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("sound is made of mel levels, but this model tells chroma"), "{}", run.err);
    desk.cantus("compose --model run -o new.npy --frames 4").well();
    let run = desk.cantus("train clips/0.wav -o other");
    assert!(run.code == 2 && run.err.contains("at least two clips"), "{}", run.err);
    let run = desk.cantus("train clips/none.wav clips/0.wav -o other");
    assert!(run.code == 2 && run.err.contains("none.wav"), "{}", run.err);
}
