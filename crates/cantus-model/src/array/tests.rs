//! What holds of the array engine.
#![allow(clippy::float_cmp, reason = "what is kept is kept to the bit")]

use cantus_audio::{AudioBuffer, SampleRate};
use cantus_nn::Path;
use cantus_score::npy::{Array, Element};

use super::*;
use crate::run::Place;

/// Pieces of a beat with a melody that follows from it: [8 pieces, 24 frames, 5 features], the last one silent.
fn beat() -> Array {
    let value = |place: usize| {
        let (piece, frame, feature) = (place / 120, place / 5 % 24, place % 5);
        let is_on = match feature {
            4 => false,
            0 => (frame + piece).is_multiple_of(4),
            _ => (frame + piece) % 4 == feature,
        };
        f64::from(u8::from(is_on))
    };
    Array::from_values(&[8, 24, 5], Element::U8, &(0..960).map(value).collect::<Vec<_>>()).unwrap()
}

/// Sines of two periods with an offset: [10 pieces, 40 frames, 2 features].
fn sines() -> Array {
    let value = |place: usize| {
        let (piece, frame, feature) = (place / 80, place / 2 % 40, place % 2);
        let phase = frame as f64 / if feature == 0 { 3.0 } else { 5.0 } + piece as f64;
        1000.0 + 20.0 * phase.sin()
    };
    Array::from_values(&[10, 40, 2], Element::F32, &(0..800).map(value).collect::<Vec<_>>()).unwrap()
}

fn tiny() -> Recipe {
    Recipe {
        layers: 2,
        units: 16,
        dropout: 0.1,
        epochs: 60,
        batch: 3,
        learning_rate: 0.02,
        ..Recipe::default()
    }
}

fn begin(array: Array, recipe: &Recipe) -> Training {
    Training::new(recipe.clone(), Lessons::new(array, recipe).unwrap()).unwrap()
}

fn trained(array: Array, recipe: &Recipe) -> (Training, Evaluation) {
    let mut training = begin(array, recipe);
    while training.place().epoch < recipe.epochs {
        training.step();
    }
    let evaluation = training.validate();
    (training, evaluation)
}

fn model(training: &Training, evaluation: &Evaluation) -> Model {
    Model {
        network: training.network.clone(),
        params: training.weights().clone(),
        scale: training.lessons.scale.clone(),
        frames: training.lessons.frames(),
        errors: evaluation.errors.clone(),
        telling: None,
        recipe: training.recipe.clone(),
        card: crate::model::Card::default(),
        digest: String::new(),
    }
}

fn wish(frames: usize, seed: u64) -> Wish {
    Wish { frames, seed, temperature: 1.0, primer: Vec::new() }
}

fn bits(training: &Training) -> Vec<u8> {
    training.state().save(cantus_nn::Precision::F32)
}

#[test]
fn binary_music_is_learnt_and_composed_within_its_own_numbers() {
    let (training, evaluation) = trained(beat(), &tiny());
    let blind = training.lessons.baseline();
    // What cannot be known is the phase, ln 4 nats in all, so near .06 a frame.
    assert!(evaluation.per_frame() < 0.2 * blind, "{} against {blind}", evaluation.per_frame());
    let music = Composer::new(&model(&training, &evaluation)).unwrap().compose(&wish(64, 1)).unwrap();
    assert_eq!(music.len(), 64 * 5);
    assert!(music.iter().all(|value| [0.0, 1.0].contains(value)));
    assert!(music.chunks(5).all(|frame| frame[4] == 0.0), "what was always silent stays so");
    let alone = music.chunks(5).filter(|frame| frame.iter().sum::<f64>() == 1.0).count();
    assert!(alone > 50, "one voice sounds in every frame learned from, here in {alone} of 64");
}

#[test]
fn real_music_is_learnt_in_its_own_scale_and_does_not_die_to_the_mean() {
    let (training, evaluation) = trained(sines(), &Recipe { units: 24, epochs: 150, dropout: 0.0, ..tiny() });
    assert!(evaluation.per_frame() < 0.2 * training.lessons.baseline(), "{}", evaluation.per_frame());
    let model = model(&training, &evaluation);
    let music = Composer::new(&model).unwrap().compose(&wish(300, 1)).unwrap();
    let late: Vec<f64> = music.chunks(2).skip(200).map(|frame| frame[0]).collect();
    let mean = late.iter().sum::<f64>() / late.len() as f64;
    let deviation = (late.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / late.len() as f64).sqrt();
    assert!((mean - 1000.0).abs() < 8.0 && deviation > 6.0, "{mean} ± {deviation}, learned 1000 ± 14");
}

#[test]
fn what_is_told_of_a_frame_depends_on_those_before_it_alone() {
    let lessons = |array| Lessons::new(array, &tiny()).unwrap();
    let one = beat();
    let mut changed = one.bytes().to_vec();
    let valid = lessons(one.clone()).valid[0];
    changed[valid * 120 + 100] ^= 1;
    let other = Array::new(&[8, 24, 5], Element::U8, changed).unwrap();
    let training = begin(one.clone(), &tiny());
    let losses = |array: Array| {
        let lessons = lessons(array);
        let mut tape = cantus_nn::Tape::new(1);
        let mut batch = network::Batch::default();
        batch.fill(&lessons, &[(valid, 0)], 24, Target::Next);
        tape.begin(cantus_nn::Mode::Eval);
        let (_, told) = training.network.losses(
            &mut tape,
            training.weights(),
            &batch,
            (super::network::Tells::Chances, 0.0),
        );
        tape.value(told).to_vec()
    };
    let (one, other) = (losses(one), losses(other));
    assert_eq!(one[..105], other[..105]);
    assert_ne!(one[105..], other[105..]);
}

#[test]
fn a_primer_is_kept_and_every_path_composes_the_same() {
    let recipe = Recipe { epochs: 2, cell: "gru".to_owned(), ..tiny() };
    for array in [beat(), sines()] {
        let (training, evaluation) = trained(array, &recipe);
        let model = model(&training, &evaluation);
        let wish = Wish { primer: training.lessons.beginning(1, 6), ..wish(40, 7) };
        let music = Composer::new(&model).unwrap().compose(&wish).unwrap();
        assert_eq!(music[..wish.primer.len()], wish.primer);
        for path in Path::supported() {
            let other = Composer::on(path, &model).unwrap().compose(&wish).unwrap();
            assert!(
                other.iter().zip(&music).all(|(one, other)| one.to_bits() == other.to_bits()),
                "{path:?}"
            );
        }
        assert_ne!(Composer::new(&model).unwrap().compose(&Wish { seed: 8, ..wish }).unwrap(), music);
    }
}

#[test]
fn a_training_on_an_array_goes_on_from_its_state_to_the_same_bits_on_any_number_of_threads() {
    for recipe in [
        Recipe { epochs: 3, ..tiny() },
        Recipe { epochs: 3, longest: 10, ..Recipe::preset("careful").unwrap() },
    ] {
        let recipe = Recipe { units: 8, batch: 3, ..recipe };
        let mut whole = begin(beat(), &recipe);
        let mut states = Vec::new();
        while whole.place().epoch < recipe.epochs {
            states.push((whole.place(), whole.state()));
            whole.step();
        }
        for (place, state) in states {
            let mut resumed = begin(beat(), &recipe);
            resumed.use_threads(2);
            resumed.step();
            resumed.validate();
            resumed.restore(&state, place).unwrap();
            while resumed.place().epoch < recipe.epochs {
                resumed.step();
            }
            assert!(bits(&resumed) == bits(&whole), "from step {}", place.step);
        }
        let far = Place { step: 1, epoch: 0, step_in_epoch: 99 };
        assert!(whole.restore(&whole.state(), far).is_err());
    }
}

#[test]
fn a_model_is_a_file_that_comes_back_or_is_refused() {
    let (training, evaluation) = trained(sines(), &Recipe { epochs: 1, ..tiny() });
    let bytes = model(&training, &evaluation).to_bytes();
    let back = Model::from_bytes(&bytes).unwrap();
    assert!(back.to_bytes() == bytes);
    assert!(Model::is_model(&bytes));
    assert!(matches!(crate::model::Model::from_bytes(&bytes), Err(crate::model::ModelError::OtherEngine(_))));
    for end in (0..bytes.len()).step_by(97) {
        assert!(Model::from_bytes(&bytes[..end]).is_err());
    }
    let text = String::from_utf8_lossy(&bytes[..400]).into_owned();
    assert!(text.contains("\"cantus.engine\":\"array\""), "{text}");
}

#[test]
fn arrays_that_cannot_be_learnt_say_why() {
    let refuse = |shape: &[usize], values: &[f64]| {
        let array = Array::from_values(shape, Element::F64, values).unwrap();
        Lessons::new(array, &tiny()).unwrap_err().to_string()
    };
    let rising: Vec<f64> = (0..24).map(f64::from).collect();
    let mut broken = rising.clone();
    (broken[13], broken[20]) = (f64::NAN, f64::INFINITY);
    for (message, words) in [
        (refuse(&[4, 6], &rising), "[pieces, time, features], but this one has the shape [4, 6]"),
        (refuse(&[4, 0, 6], &[]), "at least one piece, frame and feature"),
        (refuse(&[1, 6, 4], &rising), "at least two pieces"),
        (
            refuse(&[2, 3, 4], &broken),
            "piece 1, frame 0, feature 1 (counted from 0) is NaN, and 1 more are not",
        ),
        (refuse(&[2, 3, 4], &[5.0; 24]), "every number of this array is 5"),
        (refuse(&[4, 2, 3], &[&rising[..6]; 4].concat()), "all 4 pieces are equal"),
    ] {
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn pieces_held_out_are_not_learnt_and_copies_of_them_neither() {
    // Pieces 0 and 4, 1 and 5 … are equal: the beat begins anew after four frames.
    let lessons =
        Lessons::new(beat(), &Recipe { division: Division::Last, held_out: 0.25, ..tiny() }).unwrap();
    assert_eq!((&lessons.valid[..], &lessons.train[..]), (&[6, 7][..], &[0, 1, 4, 5][..]));
    assert_eq!(lessons.copies, 2);
    let one = Lessons::new(sines(), &Recipe { seed: 1, ..tiny() }).unwrap();
    let other = Lessons::new(sines(), &Recipe { seed: 2, ..tiny() }).unwrap();
    assert_eq!((one.valid.len(), &one.valid), (2, &other.valid), "runs of different seeds can be compared");
}

#[test]
fn changes_are_told_better_than_by_repeating_and_steps_are_the_unrolled_sequence() {
    // A slow wave, with a period of fifty frames.
    let wave = |place: usize| f64::sin((place / 40) as f64 + (place % 40) as f64 / 8.0);
    let values: Vec<f64> = (0..400).map(wave).collect();
    let slow = || Array::from_values(&[10, 40, 1], Element::F32, &values).unwrap();
    let (training, evaluation) = trained(slow(), &Recipe { changes: true, dropout: 0.0, ..tiny() });
    let repeating = training.lessons.repeating().unwrap();
    let cost = evaluation.per_frame();
    assert!(cost < 0.9 * repeating, "{cost} of {repeating}");

    // A composer steps as the tape unrolls: at temperature 0 it plays what the network tells.
    let model = model(&training, &evaluation);
    let composer = Composer::new(&model).unwrap();
    let primer = training.lessons.beginning(0, 10);
    let music = composer.compose(&Wish { primer, temperature: 0.0, ..wish(1, 1) }).unwrap();
    let lessons =
        Lessons::of_model(Array::from_values(&[1, 11, 1], Element::F32, &music).unwrap(), &model.scale)
            .unwrap();
    let mut tape = cantus_nn::Tape::new(1);
    let told = evaluate(&mut tape, &model.network, &model.params, &lessons, &model.recipe);
    assert!(told.errors[10].abs() < 1e-4, "{}", told.errors[10]);
}

#[test]
fn what_belongs_together_is_held_out_together() {
    let groups = [0, 0, 0, 1, 1, 2, 3, 3];
    let lessons =
        Lessons::of_groups(beat(), &groups, &Recipe { division: Division::Last, ..tiny() }).unwrap();
    assert_eq!(lessons.valid, [6, 7]);
    assert!(lessons.train.iter().all(|piece| groups[*piece] < 3));
    assert_eq!(Lessons::of_groups(beat(), &[0; 8], &tiny()).unwrap_err(), ArrayError::OneClip);
}

#[test]
fn clips_become_pieces_of_one_length_and_sound_again() {
    let folder = tempfile::tempdir().unwrap();
    let tone = |seconds: f64, hertz: f64| {
        let wave =
            |index: usize| (0.3 * (hertz * std::f64::consts::TAU * index as f64 / 22_050.0).sin()) as f32;
        let samples = (0..(seconds * 22_050.0) as usize).map(wave).collect();
        AudioBuffer::of_mono(SampleRate::ANALYSIS, samples)
    };
    let keep = |name: &str, sound: &AudioBuffer| {
        let bytes = cantus_audio::encode_wav(sound, cantus_audio::Depth::Bits16).unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
    };
    keep("a.wav", &tone(2.0, 440.0));
    keep("b.wav", &tone(5.0, 330.0));
    keep("c.wav", &tone(0.2, 330.0));
    std::fs::write(folder.path().join("d.wav"), b"RIFF, but no more").unwrap();
    let telling = Telling::of(Told::Mel);
    let clips = Clips { paths: vec![folder.path().to_owned()], telling };
    let read = clips.read(&|_| ()).unwrap();
    // Two seconds are 87 frames; five are 216, two pieces and a rest.
    assert_eq!((read.array.shape(), &read.groups[..]), (&[3, 87, 128][..], &[0, 1, 1][..]));
    let skipped: Vec<_> = read.skipped.iter().map(|skipped| skipped.path.file_name().unwrap()).collect();
    assert_eq!(skipped, ["c.wav", "d.wav"]);

    let sound = telling.sound(&read.array.values(0..87 * 128)).unwrap();
    assert!((sound.seconds() - 2.0).abs() < 0.03);
    let loudest = |sound: &AudioBuffer| {
        let (frames, bands) = telling.tell(sound).unwrap();
        let middle = &frames[40 * bands..41 * bands];
        (0..bands).max_by(|one, other| middle[*one].total_cmp(&middle[*other])).unwrap()
    };
    assert_eq!(loudest(&sound), loudest(&tone(2.0, 440.0)), "the tone is the same one");
    let chroma = Telling::of(Told::Chroma);
    assert!(matches!(chroma.sound(&[0.0; 24]), Err(ArrayError::NotInvertible(_))));
}

#[test]
fn numbers_are_taken_for_what_they_are() {
    let scale = |element, values: &[f64], recipe: Recipe| {
        let array = Array::from_values(&[2, values.len() / 2, 1], element, values).unwrap();
        let recipe = Recipe { division: Division::Last, held_out: 0.5, ..recipe };
        Lessons::new(array, &recipe).unwrap().scale
    };
    let plain = scale(Element::I8, &[-1.0, 1.0, 1.0, -1.0], tiny());
    assert_eq!(plain.kind, Kind::Binary { off: -1.0, on: 1.0 });
    assert_eq!(plain.decode(&plain.features[0], 1.0), 1.0);
    let loud = scale(Element::U8, &[0.0, 100.0, 90.0, 0.0], tiny());
    assert_eq!(loud.kind, Kind::Real);
    let held = scale(Element::U8, &[0.0, 100.0, 90.0, 0.0], Recipe { values: Values::Binary, ..tiny() });
    assert_eq!(held.kind, Kind::Binary { off: 0.0, on: 95.0 });
    let real = scale(Element::U8, &[0.0, 100.0, 90.0, 0.0], Recipe { values: Values::Real, ..tiny() });
    let feature = real.features[0];
    assert_eq!((real.encode(&feature, 100.0), real.decode(&feature, 0.99)), (1.0, 100.0));
    assert_eq!(real.decode(&feature, 1e9), 100.0, "nothing beyond what was learned from");
    let raw = scale(Element::F32, &[0.0, 2.5, 5.0, 0.0], Recipe { standardise: false, ..tiny() });
    assert_eq!(raw.encode(&raw.features[0], 2.5), 2.5);
}

#[test]
fn every_preset_can_be_read_and_a_recipe_comes_back() {
    for name in Recipe::presets() {
        let recipe = Recipe::preset(name).unwrap();
        assert_eq!(Recipe::read(&recipe.write()).unwrap(), recipe, "{name}");
    }
    assert_eq!(Recipe::preset("article").unwrap(), Recipe::default());
    assert!(Recipe::read("units = 0").is_err() && Recipe::read("epoch = 3").is_err());
    assert!(Recipe::preset("standard").unwrap_err().to_string().contains("article, careful"));
}

#[test]
fn a_new_layer_s_state_keeps_its_length() {
    let shape = Shape { cell: cantus_nn::Cell::Lstm, features: 3, layers: 1, units: 6 };
    let (network, params) = Network::new(shape, &mut cantus_nn::Rng::new(1));
    let rows: Vec<&[f32]> = params.get(network.layers[0].hidden).data().chunks(24).collect();
    for (index, one) in rows.iter().enumerate() {
        for (other_index, other) in rows.iter().enumerate() {
            let product: f32 = one.iter().zip(*other).map(|(x, y)| x * y).sum();
            let expected = f32::from(u8::from(index == other_index));
            assert!((product - expected).abs() < 1e-5, "{index}, {other_index}: {product}");
        }
    }
}
